import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportsOf, policiesOf, resolved, type Json, type Template } from './iam/template';
import type { Policies } from './iam/policy';

const ROOT = path.resolve(__dirname, '../..');
export const ACCOUNT = '111122223333';

/** A cell as AWS would build it: the resolved templates of its stacks, and what everybody in it may do. */
export interface SynthesisedCell {
  readonly deployment: string;
  readonly region: string;
  readonly foundation: Template;
  readonly service: Template;
  /** Of a Temporal server of its own, where it has one. */
  readonly temporal: Template | null;
  readonly policies: Policies;
}

export interface Synthesised {
  readonly account: Template;
  readonly cells: readonly SynthesisedCell[];
  /** Templates as they were written, by the name of their stack. */
  readonly written: ReadonlyMap<string, Template>;
}

/**
 * Runs the synthesis with the settings of the repository, as a person would: without an account, credentials or network.
 * Throws Error with what it said where it fails, and so where cdk-nag finds something.
 */
export function synthesise(): Synthesised {
  const folder = mkdtempSync(path.join(tmpdir(), 'spaceport-infra-'));
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['-r', path.join(ROOT, 'test/helpers/register-typescript.js'), 'bin/synth.ts', folder],
      { cwd: path.join(ROOT, 'infra'), encoding: 'utf8', env: { PATH: process.env.PATH, HOME: folder } },
    );
    if (status !== 0) throw new Error(`the synthesis ended with ${status}:\n${stdout}\n${stderr}`);
    const written = new Map(
      readdirSync(folder)
        .filter((name) => name.endsWith('.template.json'))
        .map((name) => [
          name.slice(0, -'.template.json'.length),
          JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Template,
        ]),
    );
    return { account: templateOf(written, 'spaceport-account'), cells: cellsOf(written), written };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function templateOf(templates: ReadonlyMap<string, Template>, name: string): Template {
  const found = templates.get(name);
  if (found === undefined) throw new Error(`there is no stack ${name}, only ${[...templates.keys()].join(', ')}`);
  return found;
}

const cellsOf = (written: ReadonlyMap<string, Template>): SynthesisedCell[] =>
  [...written.keys()].flatMap((name) => {
    const [, deployment = '', region = ''] = /^([a-z0-9]+)-(.+)-foundation$/.exec(name) ?? [];
    if (deployment === '') return [];
    const place = { region, account: ACCOUNT };
    const foundation = resolved(templateOf(written, name), place);
    const imports = exportsOf(foundation);
    const writtenTemporal = written.get(`${deployment}-${region}-temporal`);
    const temporal = writtenTemporal === undefined ? null : resolved(writtenTemporal, { ...place, imports });
    const service = resolved(templateOf(written, `${deployment}-${region}-service`), {
      ...place,
      imports: { ...imports, ...(temporal !== null && exportsOf(temporal)) },
    });
    const own = policiesOf(foundation, place);
    const others = [service, ...(temporal === null ? [] : [temporal])].map((template) => policiesOf(template, place));
    if (others.some(({ identities }) => identities.size > 0))
      throw new Error(`${deployment}: a stack beside the foundation gives rights`);
    const policies = { ...own, resources: [...own.resources, ...others.flatMap(({ resources }) => resources)] };
    return [{ deployment, region, foundation, service, temporal, policies }];
  });

/** The only resource of a type, and of a name where one is given. */
export function resourceOf(template: Template, type: string, name?: string): Record<string, Json> {
  const found = Object.values(template.Resources).filter(
    ({ Type, Properties = {} }) =>
      Type === type && (name === undefined || Object.values(Properties).some((value) => value === name)),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} of ${type} ${name ?? ''}`);
  return only.Properties ?? {};
}

export const resourcesOf = (template: Template, type: string): Record<string, Json>[] =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties = {} }) => Properties);
