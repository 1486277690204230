import { readFileSync } from 'node:fs';
import path from 'node:path';

const ALERTS = readFileSync(path.join(__dirname, '../../docker/observe/alerts.yml'), 'utf8');

/** When an alert of Prometheus fires: above which number, for how many minutes. */
export function prometheusCondition(alert: string): { above: number; minutes: number } {
  const [rule = ''] = new RegExp(`- alert: ${alert}\\n(?:(?!- alert)[^])*`).exec(ALERTS) ?? [];
  const [, above] = / > (\d+)$/m.exec(rule) ?? [];
  const [, minutes = '0'] = /^ +for: (\d+)m$/m.exec(rule) ?? [];
  if (above === undefined) throw new Error(`no number in the alert ${alert}`);
  return { above: Number(above), minutes: Number(minutes) };
}
