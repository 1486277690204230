import { CLOUDWATCH_DIMENSION, CLOUDWATCH_METRICS, type CloudWatchMetric } from '../../contracts/deployment/cloudwatch';

/** Where a line belongs in CloudWatch. */
export interface EmfPlace {
  readonly namespace: string;
  readonly deployment: string;
}

/**
 * One line of CloudWatch's embedded metric format (specification: CloudWatch_Embedded_Metric_Format_Specification), out of
 * which CloudWatch Logs makes metrics by itself. A figure that is not known is left out of it.
 * @param atMs milliseconds since 1970
 */
export function emfLine(
  { namespace, deployment }: EmfPlace,
  figures: Readonly<Record<CloudWatchMetric, number | null>>,
  atMs: number,
): string {
  const known = (Object.keys(CLOUDWATCH_METRICS) as CloudWatchMetric[]).filter((name) => figures[name] !== null);
  return JSON.stringify({
    _aws: {
      Timestamp: atMs,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [[CLOUDWATCH_DIMENSION]],
          Metrics: known.map((Name) => ({ Name, Unit: CLOUDWATCH_METRICS[Name] })),
        },
      ],
    },
    [CLOUDWATCH_DIMENSION]: deployment,
    ...Object.fromEntries(known.map((name) => [name, figures[name]])),
  });
}
