/** What the three programs read from `settings.json` (docs/container-contract.md). Every key is written out. */

/** COLMAP's parameters, under COLMAP's names in camelCase. */
export interface SfmSettings {
  /** Long side in pixels of the photos that features are extracted from. */
  readonly maxImageSize: number;
  readonly maxNumFeatures: number;
  readonly firstOctave: number;
  readonly numOctaves: number;
  readonly octaveResolution: number;
  readonly defaultFocalLengthFactor: number;
  readonly guidedMatching: boolean;
  readonly maxRatio: number;
  readonly maxDistance: number;
  readonly crossCheck: boolean;
  readonly maxNumMatches: number;
  /** Long side in pixels of the prepared photos that training gets. */
  readonly trainingImageSize: number;
  readonly minPoints: number;
  /** The share of photos, 0 to 1, that must be exceeded. */
  readonly minRegisteredShare: number;
  readonly seed: number;
}

/** One step of progressive resolution: `scale` of the full size for `share` of the iteration budget. */
export interface ResolutionStage {
  readonly scale: number;
  readonly share: number;
}

export interface TrainingSettings {
  readonly maxIterations: number;
  /** Wall-clock limit of the training loop; 0 = none. */
  readonly maxSeconds: number;
  /** Hard cap on the number of Gaussians. */
  readonly maxGaussians: number;
  /** Degree of the spherical harmonics, 0 to 3. */
  readonly shDegree: number;
  /** Weight of 1 - SSIM in the loss, 0 to 1; the rest is L1. */
  readonly dssimWeight: number;
  /** Long side in pixels at full training resolution. */
  readonly imageSize: number;
  /** Shares add up to 1; the last scale is 1 with a share of at least 0.4. */
  readonly resolutionStages: readonly ResolutionStage[];
  /** Early stop after so many evaluations without `plateauMinDeltaDb` of gain; at least 1. */
  readonly plateauPatience: number;
  readonly plateauMinDeltaDb: number;
  /** Every n-th photo by name is held out. */
  readonly evaluationEvery: number;
  readonly minPoints: number;
  readonly checkpointSeconds: number;
  readonly seed: number;
  readonly rasterizer: 'auto' | 'gsplat' | 'cpu' | 'torch';
}

export interface CompressionSettings {
  /** Bands of spherical harmonics kept, 0 to 3; at most what the model has. */
  readonly shBands: number;
  /** Least ratio of 248 bytes a Gaussian (the 62-float PLY) to the .sog. */
  readonly minRatio: number;
  readonly seed: number;
}

export interface StageSettings {
  readonly sfm: SfmSettings;
  readonly training: TrainingSettings;
  readonly compression: CompressionSettings;
}
