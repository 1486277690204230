import { GetObjectCommand } from '@aws-sdk/client-s3';
import { STAGES } from '../../../contracts/stages/stage';
import { layout } from '../../../contracts/storage/layout';
import type { LogView } from '../../../contracts/messages/log-view-schema';
import { ScriptedStack } from '../../helpers/stack/scripted-stack';
import { waitFor } from '../../helpers/wait-for';
import { Listener } from '../../server/events/listening';

/** What people hear of a job while it runs, over the whole local product. */
jest.setTimeout(180_000);

let product: ScriptedStack;
beforeAll(async () => {
  product = await ScriptedStack.start();
}, 120_000);
afterAll(() => product?.stop(), 60_000);

test("a job's stream shows training's fraction moving, and its end; the stream of all jobs the same", async () => {
  const { server } = product.stack.endpoints;
  const all = await Listener.open(`${server}/v1/events`);
  const jobId = await product.startJob({ scripts: { training: 'hang' } });
  const one = await Listener.open(`${server}/v1/jobs/${jobId}/events`);
  const fractions = (listener: Listener): number[] =>
    listener.events.flatMap(({ data: { stageProgress } }) =>
      stageProgress?.stage === 'training' && stageProgress.fraction !== null ? [stageProgress.fraction] : [],
    );
  for (const listener of [one, all]) {
    const seen = await waitFor('training to move', () => {
      const distinct = [...new Set(fractions(listener))];
      return distinct.length >= 3 && distinct;
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  }
  await product.script('training', 'complete', jobId);
  await waitFor('the stream to end', () => one.hasEnded, 60_000);
  expect(one.last?.data).toMatchObject({ jobId, state: 'succeeded', stageProgress: null });
  await all.heard('the end', ({ state }) => state === 'succeeded');
  // Another job is heard of by whoever listens to all.
  const next = await product.startJob();
  await waitFor('the next job', () => all.events.some(({ data }) => data.jobId === next));
  all.leave();
});

test("the log of a running program is heard as it is written, and stored at the attempt's end", async () => {
  const { server } = product.stack.endpoints;
  const jobId = await product.startJob({ scripts: { training: 'hang' } });
  await product.running(jobId, 'training');
  const logs = `${server}/v1/jobs/${jobId}/logs`;
  const listener = await Listener.open<Pick<LogView, 'lines'>>(`${logs}/stream`);
  const heard = (): string[] => listener.events.flatMap(({ data }) => data.lines.map(({ text }) => text));
  const soFar = await waitFor('some lines', () => heard().length > 0 && heard().length);
  await waitFor('more lines', () => heard().length > soFar);
  await product.script('training', 'complete', jobId);
  await waitFor('the end of the log', () => listener.hasEnded, 60_000);
  expect(heard().at(-1)).toContain('"done":10000');
  await product.end(jobId);
  for (const stage of STAGES) {
    const key = layout.attemptLog(jobId, stage, 1);
    const { Body } = await product.s3.send(new GetObjectCommand({ Bucket: product.stack.bucket, Key: key }));
    const stored = (await Body?.transformToString()) ?? '';
    expect(stored).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \{"spaceport":"progress"/);
    expect(await (await fetch(`${logs}/download?stage=${stage}`)).text()).toBe(stored);
  }
  const page = (await (await fetch(`${logs}?stage=training&limit=5000`)).json()) as LogView;
  expect(page.next).toBeNull();
  expect(page.lines.map(({ text }) => text).slice(-heard().length)).toEqual(heard());
});

test('listeners notice no more of a new start of the server than that they come again', async () => {
  const jobId = await product.startJob({ scripts: { training: 'hang' } });
  await product.running(jobId, 'training');
  const path = `/v1/jobs/${jobId}/events`;
  const before = await Listener.open(product.stack.endpoints.server + path);
  const heard = await before.heard('progress', ({ stageProgress }) => stageProgress?.phase === 'scripted');
  await product.stack.kill('server');
  await waitFor('the stream to end', () => before.hasEnded);
  await product.stack.restart('server');
  const after = await Listener.open(product.stack.endpoints.server + path, { 'last-event-id': heard.id });
  await after.heard('progress', ({ stageProgress }) => stageProgress?.stage === 'training');
  await product.script('training', 'complete', jobId);
  await after.heard('the end', ({ state }) => state === 'succeeded');
});
