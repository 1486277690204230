import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const OXLINT = path.join(ROOT, 'node_modules', '.bin', 'oxlint');
const RULES = ['.oxlintrc.json', 'scripts/room-borders.mjs'];

const REPORTED = [
  ['contracts/stages.ts', "import { readConfig } from '../platform/config';", 'contracts/ may not import platform/'],
  [
    'workflows/index.ts',
    "import { createMailActivities } from '../activities/mail';",
    'may import only types of activities/',
  ],
  ['server/app.ts', "import { startStack } from '../local/stack/stack';", 'server/ may not import local/'],
  ['server/index.ts', "export { pipeline } from '../workflows/job/pipeline';", 'may import only types of workflows/'],
  ['local/s3/server.ts', "void import('../../platform/config');", 'local/ may not import platform/'],
  ['cli/server.ts', "type App = import('../server/app').AppDeps;", 'cli/ may not import server/'],
  ['activities/mail.ts', "const stack = require('../local/stack/stack');", 'activities/ may not import local/'],
  ['workflows/files.ts', "import fs from 'node:fs';", 'Workflows decide'],
  ['server/home.ts', 'export const home = process.env.HOME;', 'Read the environment in a config module'],
  ['web/app/main.tsx', "import { createApp } from '../../server/http/app';", 'web/ may not import server/'],
  ['web/api/client.ts', "import { JOB_VIEW } from '../../contracts/job/view-schema';", 'may import only types of'],
  ['web/jobs/scene.tsx', "void import('playcanvas');", 'only web/scene/ draws'],
  ['web/scene/state.ts', "import { useState } from 'react';", 'scene and picker know nothing of React'],
  ['web/upload/exif.ts', "import { z } from 'zod';", 'browsers get no code for it'],
] as const;

const ALLOWED = [
  ['workflows/mail.ts', "import type { MailActivities } from '../activities/mail';"],
  ['workflows/mails.ts', "import { type MailActivities } from '../activities/mail';"],
  ['local/mail/main.ts', "import { loggerOnStderr } from '../../platform/logger';"],
  ['server/input.ts', "import type { PipelineInput } from '../workflows/job/input';"],
  ['cli/up.ts', "import { startStack } from '../local/stack/stack';"],
  ['cli/main.ts', 'export const home = process.env.HOME;'],
  ['web/api/events.ts', "import type { JobView } from '../../contracts/job/view-schema';"],
  ['web/jobs/jobs-page.tsx', "import { STATE_WORD } from '../../contracts/job/words';"],
  ['web/scene/scene.ts', "import { AppBase } from 'playcanvas';"],
  ['test/e2e/demo.test.ts', "import { startStack } from '../../local/stack/stack';"],
] as const;

interface Diagnostic {
  filename: string;
  code: string;
  message: string;
  help?: string;
}

/** File -> what the linter says about it. */
type Answers = ReadonlyMap<string, string>;

/** What the project's own rules, but those for types, say about texts, each as if it were the file of that name in a checkout. */
async function lint(texts: Readonly<Record<string, string>>): Promise<Answers> {
  const checkout = await mkdtemp(path.join(tmpdir(), 'room-borders-'));
  try {
    for (const [file, text] of Object.entries(texts)) {
      await mkdir(path.dirname(path.join(checkout, file)), { recursive: true });
      await writeFile(path.join(checkout, file), text);
    }
    // The folders that rules apply to count from the configuration.
    for (const file of RULES) await cp(path.join(ROOT, file), path.join(checkout, file));
    // It ends with a status of its own where it has something to report.
    const { stdout } = spawnSync(OXLINT, ['--allow', 'no-unused-vars', '--format', 'json'], {
      cwd: checkout,
      encoding: 'utf8',
    });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    const messages = (file: string) =>
      diagnostics
        .filter(({ filename, code }) => filename === file && !code.startsWith('typescript('))
        .map(({ message, help }) => `${message} ${help ?? ''}`);
    return new Map(Object.keys(texts).map((file) => [file, messages(file).join('\n')]));
  } finally {
    await rm(checkout, { recursive: true });
  }
}

describe('borders between the rooms', () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = await lint(Object.fromEntries([...REPORTED, ...ALLOWED].map(([file, text]) => [file, text])));
  });

  test.each(REPORTED)('in %s: %s is reported', (file, _text, message) => {
    expect(answers.get(file)).toContain(message);
  });

  test.each(ALLOWED)('in %s: %s is allowed', (file) => {
    expect(answers.get(file)).toBe('');
  });
});
