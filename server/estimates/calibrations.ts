import { calibrated, MIN_ATTEMPTS, uncalibrated, type Calibration } from '../../contracts/estimates/estimate';
import type { PresetName } from '../../contracts/stages/presets';
import { STAGES, type Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import type { Logger } from '../../platform/logger';
import type { Usage } from '../storage/jobs/usage';

export interface CalibrationDeps {
  readonly usage: Pick<Usage, 'comparable'>;
  /** Cores of the one machine that runs all stages; null where they are rented at AWS. */
  readonly localCores: number | null;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * How long the deployment's machines took for a preset, from its ledger: from the tenant's own attempts where there are
 * ten or more of a stage, else from those of all tenants together. Never throws: an estimate is not worth a start that
 * fails, so that without the database it is the model's.
 */
export type CalibrationOf = (tenant: string, preset: PresetName) => Promise<Calibration>;

/** The newest attempts say most about the programs of today. */
const NEWEST = 200;
/** A ledger grows slowly: many starts at once ask it once. */
const KEPT_MS = 60_000;
const MAX_KEPT = 1000;

export function createCalibrations({ usage, localCores, logger, now }: CalibrationDeps): CalibrationOf {
  const kept = new Map<string, { readonly untilMs: number; readonly calibration: Promise<Calibration> }>();

  const ofStage = async (tenant: string, preset: PresetName, stage: Stage) => {
    const { instanceType } = STAGE[stage].machines[preset];
    const alike = { preset, stage, instanceType };
    const own = await usage.comparable(alike, tenant, NEWEST);
    const attempts = own.length >= MIN_ATTEMPTS ? own : await usage.comparable(alike, null, NEWEST);
    return calibrated(stage, preset, attempts, localCores);
  };

  const read = async (tenant: string, preset: PresetName): Promise<Calibration> => {
    const entries = await Promise.all(
      STAGES.map(async (stage) => [stage, await ofStage(tenant, preset, stage)] as const),
    );
    return { stages: Object.fromEntries(entries) as Calibration['stages'], localCores };
  };

  return (tenant, preset) => {
    const name = `${tenant} ${preset}`;
    const known = kept.get(name);
    if (known !== undefined && now() < known.untilMs) return known.calibration;
    const calibration = read(tenant, preset).catch((error: unknown) => {
      logger.warn({ err: error }, 'the ledger cannot be read: estimates are those of the model');
      return uncalibrated(localCores);
    });
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(name, { untilMs: now() + KEPT_MS, calibration });
    return calibration;
  };
}
