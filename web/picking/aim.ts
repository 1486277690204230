import type { Pick } from './pick';

/** One standard deviation, in thicknesses of the spots, by which an edge of a model lies beside that of the thing. */
const THICKNESSES = 1.5;

/**
 * How sure a place is across the ray that found it, one standard deviation: nobody aims better than at half a pixel, and
 * no edge is sharper than what it is made of (docs/measuring.md).
 * @param pixel width of one of the screen, at the place
 */
export const sigmaAcross = ({ thickness }: Pick, pixel: number): number =>
  Math.hypot(pixel / 2, THICKNESSES * thickness);
