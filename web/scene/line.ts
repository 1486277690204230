import type { Vector } from '../measure/vectors';

/** A line over the picture. */
export interface Line {
  readonly points: readonly Vector[];
  readonly closed?: boolean;
  /** A CSS custom property with the colour. */
  readonly colour: string;
  readonly width?: number;
  readonly dashed?: boolean;
}
