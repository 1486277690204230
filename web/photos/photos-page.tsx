import { lazy, Suspense, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { JobView } from '../../contracts/job/view';
import type { PageProps } from '../app/page-props';
import { app } from '../i18n/en/app';
import { result } from '../i18n/en/result';
import { JobFrame } from '../job/job-frame';
import { MiniMap } from '../map/mini-map';
import { shownFile } from '../ui/address';
import { bringIntoView } from '../ui/bring-into-view';
import { count, decimal } from '../ui/format';
import { lengthWords, useUnits } from '../ui/units';
import { Problem } from '../ui/problem';
import { flightPath, type ListedPhoto } from './photo-list';
import { hasPhotoList, useCoverageLegend, useMapPicture, usePhotoList } from './query';
import './photos-page.css';

const words = result.photos;
const FlightMap = lazy(() => import('../map/flight-map'));

/** All photos of a job: where they were taken, which are in the scene, how well they fit, and why others do not. */
export default function PhotosPage({ params: { id = '' } }: PageProps): ReactNode {
  return (
    <JobFrame jobId={id} page="photos">
      {(job) => <Photos job={job} />}
    </JobFrame>
  );
}

const FILTERS = {
  all: () => true,
  placed: ({ isPlaced }: ListedPhoto) => isPlaced,
  lost: ({ isPlaced }: ListedPhoto) => !isPlaced,
} as const;
type Filter = keyof typeof FILTERS;

function Photos({ job }: { readonly job: JobView }): ReactNode {
  const { jobId, result: published } = job;
  const has = (file: string): boolean => published?.files.some(({ name }) => name === file) ?? false;
  const [filter, setFilter] = useState<Filter>('all');
  const [chosen, setChosen] = useState<string | null>(null);
  const { data, error, refetch } = usePhotoList(job);
  const picture = useMapPicture(job);
  const legend = useCoverageLegend(job);
  const places = useMemo(
    () => (data ?? []).flatMap(({ name, isPlaced, gps }) => (gps === null ? [] : [{ name, isPlaced, ...gps }])),
    [data],
  );
  useEffect(() => {
    if (chosen !== null) bringIntoView(document.querySelector('.photo-grid [data-chosen="true"]'));
  }, [chosen, filter]);
  if (!hasPhotoList(job)) return <p className="notice">{words.none}</p>;
  if (error !== null) return <Problem error={error} again={() => void refetch()} />;
  if (data === undefined) return <p className="loading">{app.loading}</p>;
  const path = flightPath(data);
  const drawn = <MiniMap points={path} label={words.map} />;
  return (
    <>
      <div className="photo-maps">
        {path.length > 1 && (
          <figure className="card">
            <figcaption>{words.pathTitle}</figcaption>
            <Suspense fallback={drawn}>
              {picture !== undefined && (
                <FlightMap
                  places={places}
                  picture={picture}
                  fallback={drawn}
                  onChoose={(name) => {
                    setFilter('all');
                    setChosen(name);
                  }}
                />
              )}
            </Suspense>
          </figure>
        )}
        {has('coverage.png') && (
          <figure className="card">
            <figcaption>{words.coverageTitle}</figcaption>
            <img src={shownFile(jobId, 'coverage.png')} alt={words.coverage} />
            {legend.length > 0 && (
              <p className="map-legend">
                {words.coverageLegend}
                {legend.map(({ photos, colour }) => (
                  <span key={photos}>
                    <i style={{ background: colour }} /> {photos}
                  </span>
                ))}
              </p>
            )}
          </figure>
        )}
      </div>
      <nav className="photo-filters" aria-label={words.show}>
        {(Object.keys(FILTERS) as Filter[]).map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={each === filter}
            onClick={() => setFilter(each)}
          >
            {words[each](count(data.filter(FILTERS[each]).length))}
          </button>
        ))}
      </nav>
      <ul className="photo-grid">
        {data.filter(FILTERS[filter]).map((photo) => (
          <Photo key={photo.name} jobId={jobId} photo={photo} isChosen={photo.name === chosen} />
        ))}
      </ul>
    </>
  );
}

function Photo(props: {
  readonly jobId: string;
  readonly photo: ListedPhoto;
  /** On the map. */
  readonly isChosen: boolean;
}): ReactNode {
  const { jobId, photo, isChosen } = props;
  const units = useUnits();
  const { name, thumbnail, isPlaced, gps, residualM, errorPx, whyNot } = photo;
  const facts = [
    gps === null
      ? words.noGps
      : residualM === null
        ? words.gps
        : `${words.gps}, ${words.off(lengthWords(residualM, 1, units))}`,
    ...(errorPx === null ? [] : [words.error(decimal(errorPx, 2))]),
  ];
  return (
    <li className={isPlaced ? '' : 'lost'} data-chosen={isChosen}>
      {thumbnail === null ? (
        <span className="no-picture" />
      ) : (
        <img src={shownFile(jobId, thumbnail)} alt="" loading="lazy" />
      )}
      <div>
        <strong>{name}</strong>
        {isPlaced ? (
          <span className="visually-hidden">{words.inScene}</span>
        ) : (
          <span className="badge bad">{words.notInScene}</span>
        )}
        <p>{isPlaced ? facts.join(' · ') : (whyNot ?? words.unknown)}</p>
      </div>
    </li>
  );
}
