import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, FlipHorizontal2, House } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { components } from '../../contracts/generated/api';
import { answer, api } from '../api/client';
import { problemWords } from '../api/problem';
import type { PageProps } from '../app/page-props';
import { scene as words } from '../i18n/en/scene';
import { shiftTo } from '../measure/frame';
import type { Vector } from '../measure/vectors';
import { bytes, count, decimal, duration, usd } from '../ui/format';
import { jobPage } from '../ui/address';
import { useTitle } from '../ui/title';
import { readJobScene } from './data/job-scene';
import type { SceneData } from './data/scene-files';
import { Stage } from './stage';
import { Tool } from './toolbar';
import { useScene } from './use-scene';

type Job = components['schemas']['Job'];
interface Side {
  readonly job: Job;
  readonly data: SceneData;
}

async function readSide(jobId: string, signal: AbortSignal): Promise<Side | null> {
  const job = await answer(api.GET('/v1/jobs/{jobId}', { params: { path: { jobId } }, signal }));
  const data = await readJobScene(jobId, signal);
  return data && { job, data };
}

/** Two scenes in one picture, seen from one place, with a divider; their figures side by side. */
export default function ComparePage({ params: { a = '', b = '' } }: PageProps): ReactNode {
  useTitle(words.compare.title);
  const { data, error, isPending } = useQuery({
    queryKey: ['compare', a, b],
    queryFn: ({ signal }) => Promise.all([readSide(a, signal), readSide(b, signal)]),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  if (isPending) return <p className="loading">{words.starting}</p>;
  const [left, right] = data ?? [null, null];
  if (left === null || right === null)
    return (
      <div className="message-page">
        <h1>{words.compare.title}</h1>
        <p>{error === null ? words.compare.missing : problemWords(error)}</p>
      </div>
    );
  return <Compared left={left} right={right} />;
}

function Compared({ left, right }: { readonly left: Side; readonly right: Side }): ReactNode {
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const options = useMemo(() => ({ ...left.data.options, source: left.data.source }), [left]);
  const handle = useScene(element, options);
  const [split, setSplit] = useState(0.5);
  const latest = useRef(split);
  latest.current = split;
  const [failed, setFailed] = useState<unknown>(null);
  useEffect(() => {
    if (handle === null) return;
    const shift = shiftOf(betweenOrigins(left.data, right.data));
    void handle.ready
      .then(() => handle.compare(right.data.source, 0.5, shift))
      .then(() => handle.split(latest.current)) // it may have been moved while the other came
      .catch(setFailed);
  }, [handle, left, right]);
  const divide = (at: number): void => {
    setSplit(at);
    handle?.split(at);
  };
  const mismatched = mismatch(betweenOrigins(left.data, right.data));
  return (
    <div className="scene-page compare-page">
      <h1 className="scene-hidden">{words.compare.title}</h1>
      <div className="scene-stage">
        <Stage handle={handle} poster={left.data.poster} onElement={setElement} />
        <i className="compare-line" style={{ insetInlineStart: `${String(split * 100)}%` }} />
        <label className="compare-divider">
          <span className="scene-hidden">{words.compare.divider}</span>
          <input
            type="range"
            min="0"
            max="1"
            step="0.01"
            value={split}
            onChange={(event) => divide(Number(event.target.value))}
          />
        </label>
        <div className="scene-bar of-picture" role="toolbar" aria-label={words.tools.picture}>
          <Tool icon={House} name={words.actions.home} onPress={() => handle?.camera.home()} />
          <Tool icon={FlipHorizontal2} name={words.compare.flip} onPress={() => divide(split < 0.5 ? 1 : 0)} />
        </div>
        <aside className="scene-panel" aria-label={words.compare.title}>
          {failed !== null && <p className="bad">{problemWords(failed)}</p>}
          {mismatched !== null && <p className="quiet">{mismatched}</p>}
          <Figures left={left.job} right={right.job} />
        </aside>
      </div>
      <a className="scene-back" href={jobPage(left.job.jobId, 'scene')}>
        <ArrowLeft size={18} aria-hidden /> {left.job.name}
      </a>
    </div>
  );
}

/** Origins lie within what a flight shows: farther apart no two flights show one place. */
const FARTHEST_M = 5000;

const onMap = ({ frame }: SceneData): boolean => frame.enuFromScene !== null && frame.origin !== null;

/** Where the origin of the second scene lies from the first, in metres east, north and up; null where one is on no map. */
function betweenOrigins(left: SceneData, right: SceneData): Vector | null {
  const [from, to] = [left.frame.origin, right.frame.origin];
  return from === null || to === null || !onMap(left) || !onMap(right) ? null : shiftTo(from, to);
}

/** Why places of the two do not match; null where they do. */
function mismatch(between: Vector | null): string | null {
  if (between === null) return words.compare.apart;
  const metres = Math.hypot(between[0], between[1]);
  return metres <= FARTHEST_M ? null : words.compare.elsewhere(`${count(Math.round(metres / 1000))} km`);
}

/** The same along the first scene's own axes, east, down and north; scenes of two places lie over each other. */
function shiftOf(between: Vector | null): Vector {
  if (between === null || mismatch(between) !== null) return [0, 0, 0];
  const [east, north, up] = between;
  return [east, -up, north];
}

function Figures({ left, right }: { readonly left: Job; readonly right: Job }): ReactNode {
  const { figures } = words.compare;
  const rows: readonly [string, (job: Job) => string][] = [
    [figures.photos, ({ photos }) => count(photos?.accepted)],
    [figures.gaussians, ({ stages }) => count(stages.training?.gaussians)],
    [figures.psnr, ({ stages }) => (stages.training ? `${decimal(stages.training.psnr, 2)} dB` : decimal(null, 2))],
    [figures.bytes, ({ result }) => bytes(result?.files.find(({ name }) => name === 'scene.sog')?.bytes)],
    [figures.cost, ({ costUsd }) => usd(costUsd)],
    [figures.seconds, ({ attempts }) => duration(attempts.reduce((total, { seconds }) => total + seconds, 0))],
  ];
  return (
    <table>
      <thead>
        <tr>
          <td />
          <th scope="col">{left.name}</th>
          <th scope="col">{right.name}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, of]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{of(left)}</td>
            <td>{of(right)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
