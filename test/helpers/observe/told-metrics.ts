/** One line of what Prometheus reads. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Samples of Prometheus' text format; comments are left out. */
export const samplesOf = (text: string): Sample[] =>
  text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) return [];
    return [
      {
        name,
        labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key, of]) => [key, of])),
        value: Number(value),
      },
    ];
  });

/** The metrics that are told at an address at this moment. */
export class ToldMetrics {
  private constructor(private readonly samples: readonly Sample[]) {}

  static of = (text: string): ToldMetrics => new ToldMetrics(samplesOf(text));

  static async at(address: string): Promise<ToldMetrics> {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`metrics: status ${response.status}`);
    return ToldMetrics.of(await response.text());
  }

  /** All samples of a metric with these labels, added up; undefined where there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.samples.filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, of]) => sample.labels[key] === of),
    );
    return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
  }
}
