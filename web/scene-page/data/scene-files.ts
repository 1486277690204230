import { posterName } from '../../../contracts/storage/posters';
import type { SceneFrame } from '../../measure/frame';
import type { AnnotationClient } from '../../measure/sync';
import { vectorOf } from '../../measure/vectors';
import type { SceneOptions, SceneSource } from '../../scene/handle';
import type { PhotoPlace } from './photos';

/** All that a scene is shown with, wherever it comes from: a job of one's own, or a shared link. */
export interface SceneData {
  readonly name: string;
  readonly source: SceneSource;
  readonly frame: SceneFrame;
  readonly options: Omit<SceneOptions, 'source'>;
  readonly poster: string | null;
  /** Whose photos they are, by what their cameras wrote into them. */
  readonly credits: readonly string[];
  /** Whether it is known where the photos were taken, and shown. */
  readonly hasPhotos: boolean;
  readonly annotations: AnnotationClient;
  readonly mayMeasure: boolean;
  /** Also marks of others, and the scale; else those marks alone that came through the same link. */
  readonly mayChangeAll: boolean;
}

/** A file that may not be there: null then. Throws where the server cannot be reached. */
export async function jsonOrNull(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { credentials: 'same-origin', signal });
  return response.ok ? ((await response.json()) as unknown) : null;
}

const NO_FRAME: SceneFrame = {
  metric: false,
  scale: { source: 'none', relativeSigma: null },
  enuFromScene: null,
  origin: null,
};

/**
 * Files below an address: of a job, or of a shared link. A streamed scene is shown by its index, and picked in as a
 * whole.
 * @param base such as `/v1/jobs/ID`
 */
export const sceneSource = (base: string, streamed: boolean): SceneSource => {
  const whole = `${base}/scene/scene.sog`;
  return { url: streamed ? `${base}/scene/lod-meta.json` : whole, pickUrl: whole };
};

/** Address of the picture that stands until the scene does; null where there is none. */
export const posterBelow = (base: string, files: ReadonlySet<string>): string | null => {
  const name = posterName(files);
  return name === null ? null : `${base}/scene/${name}`;
};

type Numbers = readonly number[];
/** The part of scene.json that is read here (docs/container-contract.md). */
interface SceneFile extends SceneFrame {
  readonly subject: { readonly min: Numbers; readonly max: Numbers };
  readonly openingView: OpeningView;
  readonly attribution: readonly string[];
}
interface OpeningView {
  readonly position: Numbers;
  readonly target: Numbers;
  readonly fieldOfViewDeg: number;
}

/**
 * What scene.json says. Results of versions that wrote none are not metric.
 * @param chosen by training, for those results; without it they open at a default view
 */
export function readSceneFile(
  json: unknown,
  chosen: OpeningView | null = null,
): Pick<SceneData, 'frame' | 'options' | 'credits'> {
  const file = json as Partial<SceneFile> | null;
  if (file?.subject === undefined || file.openingView === undefined)
    return { frame: NO_FRAME, options: { subject: null, openingView: chosen && vectorsOf(chosen) }, credits: [] };
  const { metric = false, scale = NO_FRAME.scale, enuFromScene = null, origin = null, subject, openingView } = file;
  return {
    frame: { metric, scale, enuFromScene, origin },
    credits: file.attribution ?? [],
    options: {
      subject: { min: vectorOf(subject.min), max: vectorOf(subject.max) },
      openingView: vectorsOf(openingView),
    },
  };
}

const vectorsOf = ({ position, target, fieldOfViewDeg }: OpeningView): SceneOptions['openingView'] => ({
  position: vectorOf(position),
  target: vectorOf(target),
  fieldOfViewDeg,
});

/** How many photos fit their GPS, and within what: the root of the mean square of their misses. Null where none is told. */
export function fitOf(photos: readonly PhotoPlace[]): { readonly photos: number; readonly rmsM: number } | null {
  const misses = photos.flatMap(({ residualM }) => (residualM === null ? [] : [residualM]));
  if (misses.length === 0) return null;
  const total = misses.reduce((so, miss) => so + miss * miss, 0);
  return { photos: misses.length, rmsM: Math.sqrt(total / misses.length) };
}
