import { Gauge, type Registry } from 'prom-client';
import type { Logger } from '../../platform/logger';
import type { TemporalFigures } from './temporal-figures';

/**
 * What waits in Temporal for workers, and when upkeep was done last. Returned is what reads the figures anew; it never
 * rejects.
 */
export function createTemporalGauges(
  registers: Registry[],
  { temporal, logger }: { readonly temporal: TemporalFigures; readonly logger: Logger },
): () => Promise<void> {
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
    new Gauge({ name, help, labelNames, registers });
  const up = gauge('spaceport_temporal_up', '1 where Temporal answers; else figures of queues and upkeep are missing');
  const backlog = gauge('spaceport_task_queue_backlog_tasks', 'Tasks that no worker has taken yet', 'queue', 'kind');
  const age = gauge('spaceport_task_queue_backlog_age_seconds', 'Age of the oldest of them', 'queue', 'kind');
  const pollers = gauge('spaceport_task_queue_pollers', 'Pollers that were there in the last minutes', 'queue', 'kind');
  const upkeep = gauge('spaceport_upkeep_last_success_timestamp_seconds', 'When the last round of upkeep was done');

  return async () => {
    for (const each of [backlog, age, pollers]) each.reset();
    upkeep.remove();
    try {
      const [queues, upkeepEndedAtMs] = await Promise.all([temporal.queues(), temporal.upkeepEndedAtMs()]);
      for (const { queue, kind, ...figures } of queues) {
        backlog.set({ queue, kind }, figures.backlogTasks);
        age.set({ queue, kind }, figures.backlogAgeSeconds);
        pollers.set({ queue, kind }, figures.pollers);
      }
      if (upkeepEndedAtMs !== null) upkeep.set(upkeepEndedAtMs / 1000);
      up.set(1);
    } catch (error) {
      logger.warn({ err: error }, 'Temporal cannot be asked for metrics');
      up.set(0);
    }
  };
}
