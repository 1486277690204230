import type { AnnotationDraft, AnnotationView } from '../../../contracts/scene/annotation-schema';
import { fromAnnotation, knownDistance, toDraft } from '../../../web/measure/saved';
import { createMarkSync, type AnnotationClient } from '../../../web/measure/sync';

const note = (text: string): AnnotationDraft => ({
  kind: 'note',
  vertices: [[0, 0, 0]],
  text,
  view: null,
  value: null,
});
const viewOf = (annotationId: string, draft: AnnotationDraft, etag = '"1"'): AnnotationView => ({
  ...(draft as unknown as AnnotationView),
  annotationId,
  etag,
  shareId: null,
  createdAt: '2026-11-26T00:00:00.000Z',
  updatedAt: '2026-11-26T00:00:00.000Z',
});

function fakeClient() {
  const calls: string[] = [];
  let made = 0;
  const client: AnnotationClient = {
    list: async () => [],
    async create(draft) {
      calls.push(`create ${draft.text}`);
      if (draft.text === 'bad') throw new Error('refused');
      return viewOf(`s${(made += 1)}`, draft);
    },
    async replace(id, draft, etag) {
      calls.push(`replace ${id} ${etag} ${draft.text}`);
      return viewOf(id, draft, '"2"');
    },
    async remove(id, etag) {
      calls.push(`remove ${id} ${etag}`);
    },
  };
  return { client, calls };
}

test('only what differs is told to the server, in the order of changes', async () => {
  const { client, calls } = fakeClient();
  const sync = createMarkSync(client);
  sync.adopt([viewOf('old', note('old'))]);
  await sync.bring(
    new Map([
      ['old', note('old')],
      ['a', note('A')],
    ]),
  );
  await sync.bring(
    new Map([
      ['old', note('new')],
      ['a', note('A')],
    ]),
  );
  await sync.bring(new Map([['old', note('new')]]));
  // What was undone comes back under another id.
  await sync.bring(
    new Map([
      ['old', note('newer')],
      ['a', note('A')],
    ]),
  );
  expect(calls).toEqual(['create A', 'replace old "1" new', 'remove s1 "1"', 'replace old "2" newer', 'create A']);
  expect(sync.state()).toEqual({ busy: false, error: null });
});

test('changes that come while one is on its way are told together after it', async () => {
  const { client, calls } = fakeClient();
  const sync = createMarkSync(client);
  const all = ['A', 'AB', 'ABC'].map((text) => sync.bring(new Map([['a', note(text)]])));
  await Promise.all(all);
  expect(calls).toEqual(['create A', 'replace s1 "1" ABC']);
});

test('a refusal is kept in the state until the next change succeeds', async () => {
  const { client } = fakeClient();
  const sync = createMarkSync(client);
  const seen: boolean[] = [];
  sync.subscribe(() => seen.push(sync.state().busy));
  await sync.bring(new Map([['a', note('bad')]]));
  expect(sync.state().error).toEqual(new Error('refused'));
  await sync.bring(new Map([['a', note('good')]]));
  expect(sync.state().error).toBeNull();
  expect(seen).toEqual([true, false, true, false]);
});

test('marks are kept with the value that they show, and known distances with theirs', () => {
  const frame = {
    metric: false,
    scale: { source: 'none', relativeSigma: null },
    enuFromScene: null,
    origin: null,
  } as const;
  const scale = { source: 'none', relativeSigma: null, factor: 1 } as const;
  const vertices = [
    { point: [0, 0, 0], spread: 0.1 },
    { point: [3, 0, 4], spread: 0.1 },
  ] as const;
  const distance = toDraft({ id: 'd', kind: 'distance', vertices, text: '', view: null }, frame, scale);
  expect(distance.value).toEqual({ amount: 5, sigma: expect.closeTo(Math.hypot(0.1, 0.1)), unit: 'unit' });
  const known = { metres: 12, sigma: 0.02 };
  const draft = toDraft({ id: 's', kind: 'scale', vertices, text: '', view: null, known }, frame, scale);
  expect(draft.value).toEqual({ amount: 12, sigma: 0.02, unit: 'm' });
  const read = fromAnnotation(viewOf('x', draft));
  expect(knownDistance([read])).toEqual({
    vertices: [
      [0, 0, 0],
      [3, 0, 4],
    ],
    metres: 12,
    sigma: 0.02,
  });
  expect(knownDistance([{ ...read, known: null }])).toBeNull();
});
