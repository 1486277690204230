/** What a device draws without stalling or running out of memory. */
export interface Budget {
  /** Of a streamed scene. */
  readonly gaussians: number;
  /** Pixels of the picture's shorter side. */
  readonly shortSide: number;
}

/** SuperSplat's own numbers for phones and desks, at its performance setting. */
const PHONE: Budget = { gaussians: 1_000_000, shortSide: 1080 };
const DESK: Budget = { gaussians: 2_000_000, shortSide: 2160 };

export const budgetFor = (coarsePointer: boolean): Budget => (coarsePointer ? PHONE : DESK);

/** After the graphics were lost, which on phones means that there was too little memory. */
export const halved = ({ gaussians, shortSide }: Budget): Budget => ({
  gaussians: gaussians / 2,
  shortSide: Math.max(480, shortSide / 2),
});

/** Pixels of the canvas for each CSS pixel. */
export function pixelRatio(budget: Budget, width: number, height: number, ofScreen: number): number {
  const short = Math.max(1, Math.min(width, height));
  return Math.min(ofScreen, budget.shortSide / short);
}
