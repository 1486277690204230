import type { View } from '../measure/mark';
import type { Across } from '../measure/measurement';
import type { Vector } from '../measure/vectors';
import type { ColumnGrid, Columns } from '../picking/columns';
import type { Pick } from '../picking/pick';
import type { Line } from './line';
import type { Box, Projected, Size } from './pose';

/** What pages know of a scene that is shown; nothing here depends on how it is drawn. */

export type Phase = 'loading' | 'ready' | 'failed' | 'lost';

/** Why a scene does not appear. */
export type SceneProblem = 'no webgl' | 'not loaded' | 'not readable';

export interface SceneState {
  readonly phase: Phase;
  readonly problem: SceneProblem | null;
  /** Of the file, 0 to 1; null where its size is not known. */
  readonly progress: number | null;
  /** A picture's graphics were lost and came back: fewer Gaussians are drawn since. */
  readonly reduced: boolean;
}

/** A press that was no drag, CSS pixels from the left and the top of the picture. */
export interface Tap {
  readonly x: number;
  readonly y: number;
  readonly touch: boolean;
}

/** Whoever takes a press instead of the camera. Each returns true where it has dealt with it. */
export interface Tool {
  /** A press begins: true where the camera shall not move with it. */
  readonly down?: (at: Tap) => boolean;
  /** A finger has rested: true where it shall move a point instead of the camera. */
  readonly hold?: (at: Tap) => boolean;
  /** The pointer moves, pressed or not. */
  readonly move?: (at: Tap, pressed: boolean) => void;
  readonly up?: (at: Tap) => void;
  readonly tap?: (at: Tap) => void;
  readonly doubleTap?: (at: Tap) => void;
}

/** A pick, with how sure its place is across the ray. */
export type Aimed = Pick & { readonly across: Across };

export interface SceneHandle {
  /** When the first complete picture is drawn; rejects never: what fails is in the state. */
  readonly ready: Promise<void>;
  readonly state: {
    get(): SceneState;
    /** Calls back after each change; returns what ends that. */
    subscribe(changed: () => void): () => void;
  };
  readonly camera: {
    get(): View;
    set(view: View): void;
    /** Goes there in half a second, or at once where the person wants no motion. */
    flyTo(view: View): void;
    /** To the view that the scene opened with. */
    home(): void;
    /** From where it looks, the box whole. */
    fit(box: Box): void;
    /** Looks at a point from nearer. */
    focus(point: Vector): void;
    subscribe(moved: () => void): () => void;
  };
  /** Keys of the camera, as the canvas gets them; true where it is one. */
  key(event: KeyboardEvent, pressed: boolean): boolean;
  size(): Size;
  project(point: Vector): Projected;
  /** The surface at a place of the picture; null where there is none. Nobody aims better than at half a pixel. */
  pick(x: number, y: number): Promise<Aimed | null>;
  /** Likewise, from anywhere towards a point. */
  pickFrom(eye: Vector, towards: Vector): Promise<Aimed | null>;
  /** Many rays, for volumes. */
  pickColumns(grid: ColumnGrid): Promise<Columns>;
  /** Replaces all lines over the picture. */
  draw(lines: readonly Line[]): void;
  use(tool: Tool | null): void;
  /**
   * Shows another scene right of a divider, 0 to 1 from the left; null ends that.
   * @param shift where the other's origin lies in this scene
   */
  compare(source: SceneSource | null, split: number, shift?: Vector): Promise<void>;
  split(at: number): void;
  /** The picture with its lines, as PNG. */
  capture(): Promise<Blob>;
  /** Draws a square of the next picture, magnified, into another canvas. */
  magnify(into: HTMLCanvasElement, at: { readonly x: number; readonly y: number }): void;
  /** How many pictures were drawn so far. */
  frames(): number;
  destroy(): void;
}

export interface SceneSource {
  /** Of scene.sog, or lod-meta.json of a streamed scene. */
  readonly url: string;
  /** Of scene.sog, which picking reads; null where nothing can be picked. */
  readonly pickUrl: string | null;
}

export interface SceneOptions {
  readonly source: SceneSource;
  /** What the first picture shows whole. */
  readonly subject: Box | null;
  readonly openingView: { readonly position: Vector; readonly target: Vector; readonly fieldOfViewDeg: number } | null;
}
