/**
 * `npm run record:aws-calls`: runs end-to-end tests with a recorder in every server and worker, and writes what they sent
 * to AWS to recording.json, which the test of permissions judges. Some minutes, without a cloud; to be repeated when a
 * program begins to send something else, which that test finds in the sources.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RECORDING, withoutIds, type RecordedCommand } from './recorded-commands';

const ROOT = path.resolve(__dirname, '../../..');
const SUITES = ['test/e2e/scripted/clauses.test.ts', 'test/e2e/scripted/webhooks.test.ts'];

interface Line {
  readonly program: RecordedCommand['program'];
  readonly name: string;
  readonly input: {
    readonly bucket?: string;
    readonly key?: string;
    readonly from?: string;
    readonly keys?: readonly string[];
    readonly job?: string;
    readonly group?: string;
    readonly stream?: string;
  };
}

/** A line of the recorder as commands of the table: a deletion of many objects is one for each. */
const commandsOf = ({ program, name, input }: Line): RecordedCommand[] => {
  const key = input.from === undefined ? input.key : decodeURIComponent(input.from).replace(/^\/?[^/]+\//, '');
  const to = input.from === undefined ? undefined : input.key;
  return (input.keys ?? [key]).map((subject) =>
    withoutIds({
      program,
      name,
      ...(subject !== undefined && { key: subject }),
      ...(to !== undefined && { to }),
      ...(input.job !== undefined && { job: input.job }),
      ...(input.group !== undefined && { group: input.group, stream: input.stream ?? '' }),
    }),
  );
};

/** The compiled entry points, which the local stack runs with an environment of their own. */
const ENTRIES = ['server', 'workers'].map((room) => path.join(ROOT, 'dist', room, 'main.js'));
const RECORDER = `require(${JSON.stringify(path.join(ROOT, 'test/helpers/aws-call-recorder.js'))});\n`;

const folder = mkdtempSync(path.join(tmpdir(), 'spaceport-calls-'));
const compiled = ENTRIES.map((entry) => readFileSync(entry, 'utf8'));
try {
  const file = path.join(folder, 'calls.jsonl');
  writeFileSync(file, '');
  ENTRIES.forEach((entry, index) => writeFileSync(entry, `${RECORDER}${compiled[index] ?? ''}`));
  const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '--runInBand', ...SUITES], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, RECORDED_CALLS: file },
  });
  if (status !== 0) process.stderr.write('some tests failed; what they sent before that counts\n');
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const texts = lines.flatMap((line) => commandsOf(JSON.parse(line) as Line)).map((command) => JSON.stringify(command));
  const unique = [...new Set(texts)].sort();
  writeFileSync(RECORDING, `[\n  ${unique.join(',\n  ')}\n]\n`);
  process.stdout.write(`${lines.length} calls, ${unique.length} kinds\n`);
} finally {
  ENTRIES.forEach((entry, index) => writeFileSync(entry, compiled[index] ?? ''));
  rmSync(folder, { recursive: true, force: true });
}
