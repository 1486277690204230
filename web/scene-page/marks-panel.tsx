import { useState, type ReactNode, type SubmitEvent } from 'react';
import { inUnitsOf, metresOf } from '../../contracts/scene/units';
import { share as percent } from '../ui/format';
import { lengthWords, useUnits } from '../ui/units';
import { problemWords } from '../api/problem';
import { scene as words } from '../i18n/en/scene';
import { toCsv, toDxf, toGeoJson } from '../measure/export';
import { placeOf, readings, type Mark } from '../measure/mark';
import type { Session, SessionState } from '../measure/session';
import type { SyncState } from '../measure/sync';
import { placeWords, valueWords } from '../measure/words';
import type { SceneHandle } from '../scene/handle';
import { labelOf } from './labels';
import { saveFile } from './save-file';
import type { PhotoPlace } from './data/photos';
import { fitOf, type SceneData } from './data/scene-files';

/** Everything that is marked, as a list: values do not live in the picture alone. */
export function MarksPanel(props: {
  readonly data: SceneData;
  readonly photos: readonly PhotoPlace[];
  readonly session: Session;
  readonly state: SessionState;
  readonly handle: SceneHandle;
  readonly sync: SyncState;
  readonly onPhotos: (mark: Mark) => void;
  readonly onScene: () => void;
}): ReactNode {
  const { data, session, state, sync } = props;
  const { marks } = state;
  const units = useUnits();
  return (
    <>
      <h2>{words.marks.heading}</h2>
      {marks.length === 0 && <p className="quiet">{data.mayMeasure ? words.marks.none : words.marks.noneToSee}</p>}
      <ul className="marks">
        {marks.map((mark) => (
          <li key={mark.id}>
            <button
              type="button"
              className="mark"
              aria-expanded={mark.id === state.selected}
              onClick={() => session.select(mark.id === state.selected ? null : mark.id)}
            >
              <span>{mark.text || (mark.kind === 'scale' ? words.figures.known : words.tools[mark.kind])}</span>
              <strong>
                {mark.kind === 'note' || mark.kind === 'point' ? '' : labelOf(mark, data.frame, state.scale, units)}
              </strong>
            </button>
            {mark.id === state.selected && <Details {...props} mark={mark} />}
          </li>
        ))}
      </ul>
      {data.mayMeasure && <SyncWords sync={sync} />}
      <ScaleWords {...props} />
      {marks.length > 0 && <Exports {...props} />}
    </>
  );
}

function SyncWords({ sync }: { readonly sync: SyncState }): ReactNode {
  const { saving, notSaved } = words.marks;
  return (
    <p className={sync.error === null ? 'sync quiet' : 'sync bad'} role="status">
      {sync.error !== null ? notSaved(problemWords(sync.error)) : sync.busy ? saving : ''}
    </p>
  );
}

function Details(props: Parameters<typeof MarksPanel>[0] & { readonly mark: Mark }): ReactNode {
  const { data, photos, session, state, handle, mark, onPhotos, onScene } = props;
  const place = mark.kind === 'point' ? placeOf(data.frame, state.scale, mark.vertices[0]?.point ?? [0, 0, 0]) : null;
  const mayChange = data.mayMeasure && mark.locked !== true;
  const seen = mark.volume?.seen ?? 1;
  const units = useUnits();
  return (
    <div className="mark-details">
      {mark.kind === 'scale' && mayChange && <KnownLength key={mark.id} mark={mark} session={session} />}
      <dl>
        {mark.kind !== 'scale' &&
          readings(mark, data.frame, state.scale).map(({ figure, value, dimension }) => (
            <div key={figure}>
              <dt>{words.figures[figure]}</dt>
              <dd>{valueWords(value, dimension, state.scale, units)}</dd>
            </div>
          ))}
        {place !== null && (
          <div>
            <dt>{words.place}</dt>
            <dd>{placeWords(place)}</dd>
          </div>
        )}
        {place !== null && place.height !== null && (
          <div>
            <dt>{words.placeHeight}</dt>
            <dd>{lengthWords(place.height, 2, units)}</dd>
          </div>
        )}
      </dl>
      {mark.kind === 'volume' && state.busy > 0 && <p className="quiet">{words.marks.measuring}</p>}
      {seen < 0.995 && <p className="quiet">{words.marks.unseen(percent(1 - seen))}</p>}
      {mayChange ? (
        <label>
          {words.marks.text}
          <textarea
            key={mark.id}
            rows={2}
            maxLength={2000}
            defaultValue={mark.text}
            autoFocus={mark.kind === 'note' && mark.text === ''}
            onBlur={(event) => session.setText(mark.id, event.currentTarget.value.trim())}
          />
        </label>
      ) : (
        mark.text !== '' && <p>{mark.text}</p>
      )}
      <div className="mark-actions">
        {mark.view !== null && (
          <button
            type="button"
            onClick={() => {
              if (mark.view !== null) handle.camera.flyTo(mark.view);
              onScene();
            }}
          >
            {words.actions.goTo}
          </button>
        )}
        {photos.length > 0 && (
          <button type="button" onClick={() => onPhotos(mark)}>
            {words.actions.photos}
          </button>
        )}
        {mayChange &&
          mark.vertices.length <= 4 &&
          mark.vertices.map((_, i) => (
            <button
              key={i}
              type="button"
              aria-pressed={state.moving === i}
              onClick={() => {
                session.move(state.moving === i ? null : i);
                if (state.moving !== i) onScene();
              }}
            >
              {words.actions.movePoint(i + 1)}
            </button>
          ))}
        {mayChange && (
          <button type="button" className="danger" onClick={() => session.remove(mark.id)}>
            {words.actions.delete}
          </button>
        )}
      </div>
    </div>
  );
}

function KnownLength({ mark, session }: { readonly mark: Mark; readonly session: Session }): ReactNode {
  const units = useUnits();
  const written = (metres: number): string => String(Number(inUnitsOf(units, metres).toPrecision(6)));
  const [length, setLength] = useState(mark.known ? written(mark.known.metres) : '');
  const [sigma, setSigma] = useState(written(mark.known?.sigma ?? 0.01));
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    session.setKnown(mark.id, metresOf(units, Number(length)), metresOf(units, Number(sigma)));
  };
  return (
    <form className="known-length" onSubmit={submit}>
      <p>{words.scale.ask}</p>
      <label>
        {words.scale.length[units]}
        <input
          type="number"
          required
          min="0.001"
          max="100000"
          step="any"
          value={length}
          autoFocus
          onChange={(e) => setLength(e.target.value)}
        />
      </label>
      <label>
        {words.scale.sigma[units]}
        <input
          type="number"
          required
          min="0"
          max="1000"
          step="any"
          value={sigma}
          onChange={(e) => setSigma(e.target.value)}
        />
      </label>
      <button type="submit" className="primary">
        {words.scale.set}
      </button>
    </form>
  );
}

function ScaleWords({ photos, state }: Parameters<typeof MarksPanel>[0]): ReactNode {
  const units = useUnits();
  const { source, relativeSigma } = state.scale;
  const sure =
    source === 'none'
      ? ''
      : relativeSigma === null
        ? words.scale.unsure
        : words.scale.sure(smallPercent(relativeSigma));
  const fit = source === 'gps' ? fitOf(photos) : null;
  return (
    <section className="scale">
      <h3>{words.scale.heading}</h3>
      <p>
        {words.scale.source[source]}
        {sure !== '' && `: ${sure}`}
        {sure !== '' && '. '}
        {fit !== null && words.scale.photos(String(fit.photos), lengthWords(fit.rmsM, 2, units))}
      </p>
    </section>
  );
}

const smallPercent = (fraction: number): string =>
  fraction.toLocaleString('en', { style: 'percent', maximumSignificantDigits: 2 });

function Exports({ data, state }: Parameters<typeof MarksPanel>[0]): ReactNode {
  const { marks, scale } = state;
  const { frame, name } = data;
  const written = { frame, scale, units: useUnits() };
  const geoJson = frame.origin !== null && frame.enuFromScene !== null;
  const save = (ending: string, type: string, text: string | null): void => {
    if (text !== null) saveFile(new Blob([text], { type }), `${name}-measurements.${ending}`);
  };
  return (
    <section>
      <h3>{words.exports.heading}</h3>
      <div className="mark-actions">
        {geoJson && (
          <button type="button" onClick={() => save('geojson', 'application/geo+json', toGeoJson(marks, written))}>
            {words.exports.geojson}
          </button>
        )}
        <button type="button" onClick={() => save('csv', 'text/csv', toCsv(marks, written))}>
          {words.exports.csv}
        </button>
        <button type="button" onClick={() => save('dxf', 'image/vnd.dxf', toDxf(marks, written))}>
          {words.exports.dxf}
        </button>
      </div>
    </section>
  );
}
