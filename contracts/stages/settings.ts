import type { CompressionSettings, SfmSettings, TrainingSettings } from '../generated/settings';

/** What the three programs read from `settings.json`. Every key is written out. */
export interface StageSettings {
  readonly sfm: SfmSettings;
  readonly training: TrainingSettings;
  readonly compression: CompressionSettings;
}
