import type { CellSettings, StageSettings } from '../../infra/lib/settings';
import { settings } from '../../infra/settings';
import type { SynthesisedCell } from './synthesis';

/** What the repository's settings say of the stage that a cell belongs to. */
export const stageSettings = ({ deployment }: SynthesisedCell): StageSettings =>
  found(settings.stages.find(({ name }) => settings.prefix + name === deployment));

/** What they say of the cell. */
export const cellSettings = (cell: SynthesisedCell): CellSettings =>
  found(stageSettings(cell).cells.find(({ region }) => region === cell.region));

function found<T>(of: T | undefined): T {
  if (of === undefined) throw new Error('a cell that was synthesised has no settings');
  return of;
}
