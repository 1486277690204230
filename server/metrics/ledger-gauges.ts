import { Gauge, type Registry } from 'prom-client';
import { JOB_STATES, WAITS_FOR } from '../../contracts/job/state';
import type { Logger } from '../../platform/logger';
import type { LedgerTotals } from '../storage/jobs/ledger-totals';

const HOUR_MS = 3600_000;

/**
 * Figures of jobs and machines: all tenants together, as the database has them at that moment. Every server tells the
 * same, and a restart changes nothing. Returned is what reads them anew; it never rejects.
 */
export function createLedgerGauges(
  registers: Registry[],
  { ledger, logger, now }: { readonly ledger: LedgerTotals; readonly logger: Logger; readonly now: () => number },
): () => Promise<void> {
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
    new Gauge({ name, help, labelNames, registers });
  const byMachine = ['stage', 'preset', 'status', 'failure_code'] as const;

  const databaseUp = gauge('spaceport_database_up', '1 where the database answers; else figures of jobs are missing');
  const jobs = gauge(
    'spaceport_jobs',
    'Jobs by state, stage and preset, erased ones left out',
    'state',
    'stage',
    'preset',
  );
  const failures = gauge('spaceport_job_failures', 'Jobs that are failed or parked, by why', 'state', 'failure_code');
  const recentFailures = gauge('spaceport_recent_job_failures', 'Those of them that are so for an hour at most');
  const waiting = gauge('spaceport_jobs_waiting', 'Jobs that wait, by what for', 'waits_for');
  const oldest = gauge('spaceport_job_wait_age_seconds', 'For how long the first of them has waited', 'waits_for');
  const attempts = gauge('spaceport_machine_attempts', 'Machine jobs in the ledger', ...byMachine);
  const seconds = gauge('spaceport_machine_billed_seconds', 'Billed seconds of machines in the ledger', ...byMachine);
  const cost = gauge('spaceport_machine_cost_usd', 'What machines have cost, in the ledger', ...byMachine);
  const recentCost = gauge('spaceport_recent_machine_cost_usd', 'What those cost that ended within the last 24 hours');
  const read = [jobs, failures, waiting, oldest, attempts, seconds, cost];

  return async () => {
    for (const each of read) each.reset();
    // A gauge without labels is 0 after a reset, and not missing.
    for (const each of [recentFailures, recentCost]) each.remove();
    try {
      const [counts, waits, machines, failuresOfHour, costOfDay] = await Promise.all([
        ledger.jobs(),
        ledger.waits(),
        ledger.machines(),
        ledger.failuresSince(now() - HOUR_MS),
        ledger.costUsdSince(now() - 24 * HOUR_MS),
      ]);
      // A state without jobs is 0, and not missing: an alarm can tell the two apart.
      for (const preset of new Set(counts.map((count) => count.preset)))
        for (const state of JOB_STATES) jobs.set({ state, stage: '', preset }, 0);
      for (const { state, stage, preset, failureCode, jobs: count } of counts) {
        jobs.inc({ state, stage: stage ?? '', preset }, count);
        if (failureCode !== null) failures.inc({ state, failure_code: failureCode }, count);
      }
      for (const waitsFor of WAITS_FOR) {
        const found = waits.find((each) => each.waitingFor === waitsFor);
        waiting.set({ waits_for: waitsFor }, found?.jobs ?? 0);
        oldest.set({ waits_for: waitsFor }, found === undefined ? 0 : (now() - found.sinceMs) / 1000);
      }
      for (const { stage, preset, status, failureCode, ...total } of machines) {
        const labels = { stage, preset, status, failure_code: failureCode ?? '' };
        attempts.set(labels, total.attempts);
        seconds.set(labels, total.billedSeconds);
        cost.set(labels, total.costUsd);
      }
      recentFailures.set(failuresOfHour);
      recentCost.set(costOfDay);
      databaseUp.set(1);
    } catch (error) {
      logger.warn({ err: error }, 'the ledger cannot be counted for metrics');
      databaseUp.set(0);
    }
  };
}
