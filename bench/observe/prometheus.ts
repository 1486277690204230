import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoints } from '../../local/stack/endpoints';
import { freePort } from '../../local/stack/ports';

/** A line of a graph: times in seconds since 1970 with their values. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

const READY_WITHIN_MS = 30_000;

/** The program `prometheus` on PATH with the configuration of compose, at addresses of its own, looking every second. */
export class Prometheus {
  private constructor(
    private readonly program: ChildProcess,
    readonly url: string,
  ) {}

  /** @param observe the folder `docker/observe`; @param folder where configuration, data and log go */
  static async start(
    observe: string,
    folder: string,
    endpoints: Pick<Endpoints, 'serverMetrics' | 'workerMetrics'>,
  ): Promise<Prometheus> {
    await mkdir(folder, { recursive: true });
    const configured = (await readFile(path.join(observe, 'prometheus.yml'), 'utf8'))
      .replaceAll('15s', '1s')
      .replaceAll('/etc/prometheus', observe)
      .replace(/^alerting:\n(?: .*\n)+/m, '')
      .replace('server:9464', new URL(endpoints.serverMetrics).host)
      .replace('worker:9465', new URL(endpoints.workerMetrics).host);
    const config = path.join(folder, 'prometheus.yml');
    await writeFile(config, configured);
    const url = `http://127.0.0.1:${await freePort()}`;
    const log = openSync(path.join(folder, 'prometheus.log'), 'a');
    const program = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${path.join(folder, 'data')}`,
        `--web.listen-address=${new URL(url).host}`,
      ],
      { stdio: ['ignore', 'ignore', log] },
    );
    closeSync(log);
    const failed = once(program, 'exit').then(() => {
      throw new Error(`prometheus has ended; see ${path.join(folder, 'prometheus.log')}`);
    });
    const started = new Prometheus(program, url);
    await Promise.race([started.ready(), failed]);
    failed.catch(() => undefined);
    return started;
  }

  async stop(): Promise<void> {
    if (this.program.exitCode !== null || this.program.signalCode !== null) return;
    this.program.kill('SIGTERM');
    await once(this.program, 'exit');
  }

  /** What a query has come to from one time to another, in at most 200 steps. Throws where Prometheus refuses it. */
  async range(query: string, fromMs: number, toMs: number): Promise<Series[]> {
    const step = Math.max(1, Math.ceil((toMs - fromMs) / 200_000));
    const asked = { query, start: String(fromMs / 1000), end: String(toMs / 1000), step: String(step) };
    return ((await this.ask(`query_range?${new URLSearchParams(asked).toString()}`)) as { result: Series[] }).result;
  }

  /** Rules that cannot be judged, with why; and alerts that fire or soon will. */
  async rules(): Promise<{ readonly broken: string[]; readonly active: string[] }> {
    const { groups } = (await this.ask('rules')) as {
      groups: { rules: { name: string; lastError?: string; state?: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    return {
      broken: rules.flatMap(({ name, lastError = '' }) => (lastError === '' ? [] : [`${name}: ${lastError}`])),
      active: rules.flatMap(({ name, state = 'inactive' }) => (state === 'inactive' ? [] : [`${name} ${state}`])),
    };
  }

  private async ask(what: string): Promise<unknown> {
    const answer = (await (await fetch(`${this.url}/api/v1/${what}`)).json()) as { data: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(`${what}: ${answer.error}`);
    return answer.data;
  }

  private async ready(): Promise<void> {
    const untilMs = Date.now() + READY_WITHIN_MS;
    while ((await fetch(`${this.url}/-/ready`).catch(() => null))?.ok !== true) {
      if (Date.now() > untilMs) throw new Error('prometheus does not become ready');
      await sleep(100);
    }
  }
}
