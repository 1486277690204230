import type { Pick } from './pick';

/**
 * How sure a place is across the ray that found it, one standard deviation: nobody aims better than at half a pixel, and
 * no edge is sharper than the thickness of the spots that it is made of (docs/measuring.md).
 * @param pixel width of one of the screen, at the place
 */
export const sigmaAcross = ({ thickness }: Pick, pixel: number): number => Math.hypot(pixel / 2, thickness);
