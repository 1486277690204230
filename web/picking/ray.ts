/** In the coordinates of a scene. */
export type Vector = readonly [number, number, number];

/** A half line. */
export interface Ray {
  readonly origin: Vector;
  /** Of length 1. */
  readonly direction: Vector;
}
