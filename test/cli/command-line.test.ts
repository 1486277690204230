import { parseCommandLine } from '../../cli/command-line';
import { UsageError } from '../../cli/usage-error';
import { exitStatus } from '../../cli/text/job-summary';
import { signalCommand } from '../../cli/commands/demo';

describe('the command line', () => {
  test('demo without options renders its own photos and asks for the preview', () => {
    expect(parseCommandLine(['demo'])).toEqual({
      name: 'demo',
      photos: null,
      preset: 'preview',
      email: 'pilot@example.com',
      terms: {},
      yes: false,
      exit: false,
      json: false,
    });
  });

  test('demo takes photos, preset, address and how to end', () => {
    const command = parseCommandLine([
      'demo',
      '--photos',
      'flight.zip',
      '--preset',
      'high',
      '--email',
      'a@b.c',
      '--exit',
      '--json',
    ]);
    expect(command).toEqual({
      name: 'demo',
      photos: 'flight.zip',
      preset: 'high',
      email: 'a@b.c',
      terms: {},
      yes: false,
      exit: true,
      json: true,
    });
  });

  test('reindex may answer as a program reads it', () => {
    expect(parseCommandLine(['reindex'])).toEqual({ name: 'reindex', json: false });
    expect(parseCommandLine(['reindex', '--json'])).toEqual({ name: 'reindex', json: true });
    expect(() => parseCommandLine(['reindex', 'job'])).toThrow(UsageError);
  });

  test('retry may name the stage to start from', () => {
    expect(parseCommandLine(['retry', 'abc', '--from', 'training'])).toMatchObject({ name: 'request' });
    expect(() => parseCommandLine(['retry', 'abc', '--from', 'landing'])).toThrow(UsageError);
  });

  test('demo takes limits', () => {
    const limits = ['--budget-usd', '2.5', '--max-hours', '1'];
    expect(parseCommandLine(['demo', ...limits])).toMatchObject({ terms: { budgetUsd: 2.5, maxHours: 1 } });
  });

  test.each(['accept', 'pause', 'resume', 'delete', 'cancel', 'change', 'retry'])(
    '%s names a job, may name a server, and may answer as a program reads it',
    (name) => {
      expect(parseCommandLine([name, 'abc', '--server', 'https://spaceport.example/', '--json'])).toMatchObject({
        name: 'request',
        server: 'https://spaceport.example',
        profile: null,
        json: true,
      });
    },
  );

  test('job names a job, and may name a server', () => {
    expect(parseCommandLine(['job', 'abc', '--server', 'https://spaceport.example/'])).toEqual({
      name: 'job',
      jobId: 'abc',
      server: 'https://spaceport.example',
      profile: null,
      json: false,
      follow: false,
    });
  });

  test('run takes what a job gets, and what happens after its start', () => {
    const given = ['--email', 'a@b.c', '--options', 'maxIterations=500,imageSize=800', '--name', 'Quarry', '--no-save'];
    expect(parseCommandLine(['run', '123', ...given])).toEqual({
      name: 'run',
      source: '123',
      jobName: 'Quarry',
      preset: 'standard',
      email: 'a@b.c',
      terms: {},
      options: { maxIterations: 500, imageSize: 800 },
      follow: true,
      priority: null,
      startAt: null,
      output: null,
      json: false,
      server: null,
      profile: null,
    });
  });

  test('a list that is given again takes all; of another option the last one counts', () => {
    const again = ['--options', 'maxIterations=500', '--options=imageSize=800,maxIterations=500', '--output', 'b'];
    expect(
      parseCommandLine(['run', '123', '--preset', 'high', '--preset', 'preview', '--output', 'a', ...again]),
    ).toMatchObject({
      preset: 'preview',
      output: 'b',
      options: { maxIterations: 500, imageSize: 800 },
    });
  });

  test('without a command for it, help is what it says', () => {
    expect(parseCommandLine(['--help'])).toMatchObject({
      name: 'help',
      text: expect.stringContaining('spaceport run') as string,
    });
    expect(parseCommandLine(['run', '--help'])).toMatchObject({ name: 'help' });
  });

  test.each([
    [[], 'a command is needed'],
    [['fly'], 'there is no command, option or argument "fly" here'],
    [
      ['demo', '--preset', 'best'],
      '--preset is "best", and must be one of "preview", "laptop", "standard", "high", "survey"',
    ],
    [['demo', '--photo', 'x'], 'there is no command, option or argument "photo" here'],
    [['demo', 'x'], 'there is no command, option or argument "x" here'],
    [['demo', '--photos'], '--photos needs a value'],
    [['demo', '--budget-usd', 'much'], '--budget-usd must be a number from 0.01 to 10000'],
    [['retry', 'abc', '--max-hours', '0'], '--max-hours must be a number from 0.01 to 1000'],
    [['delete'], 'an argument is missing; --help names it'],
    [['jobs', '--limit', 'few'], '--limit must be a number'],
    [['cancel'], 'an argument is missing'],
    [['keys', 'create', 'ci', '--scopes', 'read,fly'], '--scopes must be some of read,write,admin'],
    [['run', 'flight', '--options', 'maxIterations'], '--options must be NAME=NUMBER'],
    [['run', 'flight', '--options', 'spz=1', '--options', 'spz=0'], '--options gives spz both 1 and 0'],
    [['keys', 'create', 'ci', '--scopes', 'read', '--scopes', 'fly'], '--scopes must be some of read,write,admin'],
    [['jobs', '--state', '--json'], '--state needs a value'],
    [['jobs', '--limit', '5', '--limit', 'few'], '--limit must be a number'],
    [['retry', 'abc', '--from', 'landing'], '--from is "landing", and must be one of "sfm", "training", "compression"'],
  ])('%j is refused with a reason', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

test('the exit status tells how a job ended', () => {
  expect(['succeeded', 'failed', 'parked', 'cancelled', 'running'].map((state) => exitStatus(state as never))).toEqual([
    0, 2, 2, 3, 1,
  ]);
});

test('the command to cancel a job can be pasted, also from a folder with a space', () => {
  expect(signalCommand('temporal', '127.0.0.1:7233', 'job-abc')).toBe(
    'temporal workflow signal --address 127.0.0.1:7233 --workflow-id job-abc --name cancel',
  );
  expect(signalCommand("/home/o'neill/my space/temporal", '127.0.0.1:7233', 'job-abc')).toMatch(
    /^'\/home\/o'\\''neill\/my space\/temporal' workflow/,
  );
});
