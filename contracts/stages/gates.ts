import { failure, type Failure } from '../job/failures';
import { PRESET, type PresetName } from './presets';
import type { StageReport } from './reports';
import type { Stage } from './stage';

/** A model of this size or less is a dummy, whatever its program says. */
export const MIN_MODEL_BYTES = 100 * 1024;

/** At this share of registered photos or less, down to the preset's `minRegisteredShare`, a person decides. */
export const DECISION_SHARE = 0.5;

/** Whether a stage's result may be built on; `undecided` = a person's yes is needed. */
export type GateVerdict =
  | { readonly verdict: 'accepted'; readonly failure: null }
  | { readonly verdict: 'rejected' | 'undecided'; readonly failure: Failure };

/**
 * What a gate says of a report. The program's own verdict comes first; the numbers are then checked again here,
 * because what follows costs money.
 */
export function gate(
  report: StageReport,
  preset: PresetName,
  previous: { readonly gaussians?: number | undefined },
): GateVerdict {
  const why = rejection(report, preset, previous);
  if (why !== null) return { verdict: 'rejected', failure: why };
  if (report.stage === 'sfm') {
    const { registered, photos } = (report as StageReport<'sfm'>).metrics;
    if (registered <= photos * DECISION_SHARE)
      return {
        verdict: 'undecided',
        failure: failure(
          'TOO_FEW_REGISTERED',
          `only ${registered} of ${photos} photos fit together: the scene will show a part of the place`,
        ),
      };
  }
  return { verdict: 'accepted', failure: null };
}

function rejection(
  report: StageReport,
  preset: PresetName,
  previous: { readonly gaussians?: number | undefined },
): Failure | null {
  const { ok, code, message } = report.verdict;
  if (!ok) return failure(code ?? 'INTERNAL_ERROR', message ?? 'the program rejected its own result');
  const rules: { readonly [S in Stage]: (report: StageReport<S>) => Failure | null } = {
    sfm({ metrics }) {
      const { minPoints, minRegisteredShare } = PRESET[preset].settings.sfm;
      if (metrics.points < minPoints)
        return failure(
          'TOO_FEW_POINTS',
          `only ${metrics.points} points could be reconstructed, ${minPoints} are needed`,
        );
      if (metrics.registered <= metrics.photos * minRegisteredShare)
        return failure('TOO_FEW_REGISTERED', `only ${metrics.registered} of ${metrics.photos} photos fit together`);
      return null;
    },
    training({ metrics }) {
      if (metrics.modelBytes <= MIN_MODEL_BYTES)
        return failure(
          'MODEL_TOO_SMALL',
          `the model has ${metrics.modelBytes} bytes, more than ${MIN_MODEL_BYTES} are needed`,
        );
      if (metrics.iterations < 1) return failure('NOT_TRAINED', 'training ended without an iteration');
      return null;
    },
    compression({ metrics }) {
      if (previous.gaussians !== undefined && metrics.gaussians !== previous.gaussians)
        return failure(
          'SOG_INCOMPLETE',
          `the compressed scene has ${metrics.gaussians} Gaussians, the model has ${previous.gaussians}`,
        );
      return null;
    },
  };
  return (rules[report.stage] as (report: StageReport) => Failure | null)(report);
}
