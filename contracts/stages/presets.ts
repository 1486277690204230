export const PRESETS = ['preview', 'laptop', 'standard', 'high', 'survey'] as const;
export type PresetName = (typeof PRESETS)[number];

/** Quality against speed. What it means for a stage stands in the stage's definition. */
export interface Preset {
  readonly title: string;
  readonly maxPhotos: number;
}

export const PRESET: Readonly<Record<PresetName, Preset>> = {
  preview: { title: 'Preview: minutes on a laptop without a GPU', maxPhotos: 300 },
  laptop: { title: 'Laptop: sharp full screen, some minutes more without a GPU', maxPhotos: 300 },
  standard: { title: 'Standard: under 2 USD and 3 hours', maxPhotos: 1000 },
  high: { title: 'High: more Gaussians and iterations, longer training', maxPhotos: 1000 },
  survey: { title: 'Survey: the survey parameters of COLMAP, unchanged', maxPhotos: 1000 },
};

export const DEFAULT_PRESET: PresetName = 'standard';
