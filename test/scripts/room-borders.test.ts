import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(__dirname, '../..');

const REPORTED = [
  ['contracts/stages.ts', "import { readConfig } from '../platform/config';", 'contracts/ may not import platform/'],
  [
    'workflows/index.ts',
    "import { createMailActivities } from '../activities/mail';",
    'may import only types of activities/',
  ],
  ['server/app.ts', "import { startStack } from '../local/stack/stack';", 'server/ may not import local/'],
  ['server/app.ts', "export { pipeline } from '../workflows/job/pipeline';", 'may import only types of workflows/'],
  ['local/s3/server.ts', "void import('../../platform/config');", 'local/ may not import platform/'],
  ['cli/main.ts', "type App = import('../server/app').AppDeps;", 'cli/ may not import server/'],
  ['activities/mail.ts', "const stack = require('../local/stack/stack');", 'activities/ may not import local/'],
  ['workflows/index.ts', "import fs from 'node:fs';", 'Workflows decide'],
  ['server/app.ts', 'export const home = process.env.HOME;', 'Read the environment in a config module'],
  ['web/app/main.tsx', "import { createApp } from '../../server/http/app';", 'web/ may not import server/'],
  ['web/api/client.ts', "import { JOB_VIEW } from '../../contracts/job/view-schema';", 'may import only types of'],
  ['web/jobs/jobs-page.tsx', "void import('playcanvas');", 'only web/scene/ draws'],
  ['web/scene/scene.ts', "import { useState } from 'react';", 'scene and picker know nothing of React'],
  ['web/upload/exif.ts', "import { z } from 'zod';", 'browsers get no code for it'],
] as const;

const ALLOWED = [
  ['workflows/index.ts', "import type { MailActivities } from '../activities/mail';"],
  ['workflows/index.ts', "import { type MailActivities } from '../activities/mail';"],
  ['local/mail/main.ts', "import { loggerOnStderr } from '../../platform/logger';"],
  ['server/app.ts', "import type { PipelineInput } from '../workflows/job/input';"],
  ['cli/main.ts', "import { startStack } from '../local/stack/stack';"],
  ['cli/main.ts', 'export const home = process.env.HOME;'],
  ['web/api/events.ts', "import type { JobView } from '../../contracts/job/view-schema';"],
  ['web/jobs/jobs-page.tsx', "import { STATE_WORD } from '../../contracts/job/words';"],
  ['web/scene/scene.ts', "import { AppBase } from 'playcanvas';"],
  ['test/e2e/demo.test.ts', "import { startStack } from '../../local/stack/stack';"],
] as const;

// ESLint and its configuration are ES modules, which Jest cannot load into its own realm. Types are not needed here.
const SCRIPT = `
  import { ESLint } from 'eslint';
  import tseslint from 'typescript-eslint';
  const eslint = new ESLint({ overrideConfig: tseslint.configs.disableTypeChecked });
  const answers = [];
  for (const [filePath, text] of JSON.parse(process.argv[1])) {
    const [{ messages }] = await eslint.lintText(text, { filePath });
    answers.push(messages.filter(({ ruleId }) => !ruleId?.startsWith('@typescript-eslint/')).map(({ message }) => message));
  }
  console.log(JSON.stringify(answers));`;

/** What the project's own ESLint configuration says about texts, each as if it were the file named before it. */
async function lint(texts: readonly (readonly [string, string, ...string[]])[]): Promise<string[][]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', SCRIPT, JSON.stringify(texts)],
    { cwd: ROOT },
  );
  return JSON.parse(stdout) as string[][];
}

describe('borders between the rooms', () => {
  let answers: string[][];
  beforeAll(async () => {
    answers = await lint([...REPORTED, ...ALLOWED]);
  });

  test.each(REPORTED.map((entry, index) => [...entry, index] as const))(
    'in %s: %s is reported',
    (_file, _text, message, index) => {
      expect(answers[index]!.join('\n')).toContain(message);
    },
  );

  test.each(ALLOWED.map((entry, index) => [...entry, index] as const))(
    'in %s: %s is allowed',
    (_file, _text, index) => {
      expect(answers[REPORTED.length + index]).toEqual([]);
    },
  );
});
