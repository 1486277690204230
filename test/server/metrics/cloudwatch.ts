import pino from 'pino';
import {
  createCloudWatchPublisher,
  type CloudWatchPublisher,
  type CloudWatchPublisherDeps,
} from '../../../server/metrics/cloudwatch-publisher';
import { createMetrics, type MetricsDeps } from '../../../server/metrics/metrics';
import { ledger, NOW_MS, temporal } from './known-figures';

export interface EmfMetric {
  readonly namespace: string;
  readonly name: string;
  /** What is measured, by dimension. */
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly unit: string;
  readonly value: unknown;
}

/**
 * The metrics that CloudWatch makes of a line, by its specification. Throws Error where it would make none, since a
 * dimension or value that is named is not there.
 */
export function emfMetricsOf(line: string): EmfMetric[] {
  const members = JSON.parse(line) as Record<string, unknown>;
  const _aws = members._aws as {
    Timestamp: number;
    CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
  };
  if (!Number.isInteger(_aws.Timestamp)) throw new Error(`no time: ${line}`);
  const member = (name: string): unknown => {
    if (members[name] === undefined) throw new Error(`${name} is named, and not there: ${line}`);
    return members[name];
  };
  return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name, Unit }) => ({
        namespace: Namespace,
        name: Name,
        dimensions: Object.fromEntries(names.map((name) => [name, member(name)])),
        unit: Unit,
        value: member(Name),
      })),
    ),
  );
}

/** A publisher over figures that are known, and the lines that it writes. */
export function publisherOf(
  place: CloudWatchPublisherDeps['place'],
  changes: Partial<MetricsDeps> & Partial<Pick<CloudWatchPublisherDeps, 'isLeader'>> = {},
): { readonly publisher: CloudWatchPublisher; readonly lines: string[] } {
  const lines: string[] = [];
  const logger = pino({ level: 'silent' });
  const now = (): number => NOW_MS;
  const { isLeader = () => true, ...others } = changes;
  const metrics = createMetrics({ ledger, temporal, indexedAtMs: () => NOW_MS - 2500, logger, now, ...others });
  const write = (line: string): void => void lines.push(line);
  return { publisher: createCloudWatchPublisher({ place, metrics, isLeader, write, logger, now }), lines };
}
