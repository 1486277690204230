/** From chosen files to a started job, over an API in memory. */
import { ApiProblem, NoAnswer } from '../../../web/api/problem';
import type { Found } from '../../../web/upload/checks/photo-checks';
import type { SortedFiles } from '../../../web/upload/files/chosen-files';
import type { Manifest } from '../../../web/upload/files/manifest';
import { uploadMemory, type Store } from '../../../web/upload/sending/memory';
import type { Upload, UploadApi } from '../../../web/upload/sending/upload-api';
import {
  createUploadSession,
  type JobRequest,
  type SessionDeps,
  type UploadSession,
} from '../../../web/upload/session';
import { waitFor } from '../../helpers/wait-for';
import { chosen } from './chosen';

const ID = 'a'.repeat(32);
const JOB: JobRequest = { name: 'Quarry', email: 'pilot@example.com', preset: 'preview' };
const FLIGHT = Array.from({ length: 6 }, (_, index) => chosen(`flight/${index}.jpg`, 10 + index));

const problem = (code: string, status: number) => new ApiProblem(code, status, code, code);

/** The server and its storage. */
class World {
  readonly values = new Map<string, string>();
  readonly keys: string[] = [];
  readonly sent: string[] = [];
  readonly starts: (readonly [unknown, string])[] = [];
  manifest: Manifest | null = null;
  readonly arrived = new Set<string>();
  /** Thrown by the next calls of a method, one each. */
  readonly failures: Partial<Record<keyof UploadApi | 'transfer', unknown[]>> = {};
  /** Files that the storage loses. */
  lost = new Set<string>();

  readonly api: UploadApi = {
    create: async (manifest, key) => {
      this.keys.push(key);
      this.manifest ??= manifest;
      this.fail('create');
      return this.upload();
    },
    get: async () => {
      this.fail('get');
      return this.upload();
    },
    sign: async () => ({ url: '', key: '' }),
    parts: async () => new Map(),
    complete: async () => {
      this.fail('complete');
      if (this.upload().missing.length > 0) throw problem('UPLOAD_INCOMPLETE', 409);
      return this.upload();
    },
    remove: async () => {
      this.fail('remove');
      this.manifest = null;
    },
    start: async (request, key) => {
      this.starts.push([request, key]);
      this.fail('start');
      return 'job123456';
    },
  };

  upload(): Upload {
    const files = (this.manifest?.files ?? []).map(({ name, bytes }, file) => ({ file, name, bytes, key: name }));
    const missing = files.filter(({ name }) => !this.arrived.has(name));
    const sum = (some: typeof files) => ({
      files: some.length,
      bytes: some.reduce((all, { bytes }) => all + bytes, 0),
    });
    return {
      uploadId: ID,
      name: this.manifest?.name ?? null,
      state: 'open',
      input: '',
      createdAt: '',
      expiresAt: null,
      completedAt: null,
      announced: sum(files),
      arrived: sum(files.filter(({ name }) => this.arrived.has(name))),
      missing,
      differing: [],
      inParts: [],
    };
  }

  session(changes: Partial<SessionDeps> = {}): UploadSession {
    const { values } = this;
    const store: Store = {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    };
    let key = 0;
    return createUploadSession({
      api: this.api,
      memory: uploadMemory(store),
      examine: async (sorted: SortedFiles): Promise<Found> => ({
        photos: sorted.photos.map(({ name, content }) => ({ name, bytes: content.size, facts: null, copyOf: null })),
        positionFiles: [],
        leftOut: sorted.leftOut,
        archive: null,
        setProblem: null,
      }),
      transfer: async (files) => {
        const work = async (): Promise<void> => {
          for (const { name } of files) {
            this.fail('transfer');
            this.sent.push(name);
            if (!this.lost.has(name)) this.arrived.add(name);
          }
        };
        return { done: work(), pause: () => undefined, resume: () => undefined };
      },
      wait: async () => undefined,
      randomKey: () => `key-${(key += 1)}`,
      now: () => 0,
      ...changes,
    });
  }

  private fail(what: keyof World['failures']): void {
    const failure = this.failures[what]?.shift();
    if (failure !== undefined && failure !== null) throw failure as Error;
  }
}

const phase = (session: UploadSession, name: string): Promise<boolean> =>
  waitFor(`the phase ${name}`, () => session.state().phase.name === name, 5_000);

async function ready(world: World): Promise<UploadSession> {
  const session = world.session();
  session.add(FLIGHT);
  await phase(session, 'ready');
  return session;
}
const names = FLIGHT.map(({ name }) => name);

test('a double click makes one upload and starts one job, and nothing is remembered after it', async () => {
  const world = new World();
  const session = await ready(world);
  session.send(JOB);
  session.send(JOB);
  await phase(session, 'started');
  expect([world.keys, world.sent]).toEqual([['key-1'], names]);
  expect(world.starts).toEqual([[{ ...JOB, uploadId: ID }, `upload-${ID}`]]);
  expect([...world.values]).toEqual([]);
});

test('answers that are lost are asked for again under the same keys', async () => {
  const world = new World();
  world.failures.create = [new NoAnswer(), problem('UNAVAILABLE', 503)];
  world.failures.start = [new NoAnswer(), problem('RATE_LIMITED', 429)];
  const session = await ready(world);
  session.send(JOB);
  await phase(session, 'started');
  expect(world.keys).toEqual(['key-1', 'key-1', 'key-1']);
  expect(world.starts.map(([, key]) => key)).toEqual(Array<string>(3).fill(`upload-${ID}`));
});

test('after a failure the same button sends what is missing, in the same upload', async () => {
  const world = new World();
  world.failures.transfer = [null, null, problem('UNAUTHENTICATED', 401)];
  const session = await ready(world);
  session.send(JOB);
  await phase(session, 'failed');
  expect(session.state().unfinished).toMatchObject({ found: 4, absent: [] });
  session.send(JOB);
  await phase(session, 'started');
  expect([world.keys, world.sent]).toEqual([['key-1'], names]);
});

test('a job is not started before the server has found every file', async () => {
  const world = new World();
  world.lost.add(names[3]!);
  const session = await ready(world);
  session.send(JOB);
  await phase(session, 'failed');
  expect([world.starts, session.state().unfinished?.upload.missing.map(({ name }) => name)]).toEqual([[], [names[3]]]);
  world.lost.clear();
  session.send(JOB);
  await phase(session, 'started');
  expect(world.sent).toEqual([...names, names[3]]);
});

test('another page recalls what was begun, and sends only what is missing of the files that are chosen again', async () => {
  const world = new World();
  world.failures.transfer = [null, null, new Error('the page was closed')];
  const first = await ready(world);
  first.send(JOB);
  await phase(first, 'failed');

  const session = world.session();
  await session.recall();
  expect(session.state().unfinished).toMatchObject({ found: 0, absent: names.slice(2) });
  session.add(FLIGHT.slice(3));
  await phase(session, 'ready');
  expect(session.state().unfinished).toMatchObject({ found: 3, absent: [names[2]] });
  session.add(FLIGHT);
  await phase(session, 'ready');
  session.send(JOB);
  await phase(session, 'started');
  expect(world.sent).toEqual(names);
});

test('an upload that is gone is forgotten, one that cannot be asked for is not', async () => {
  const world = new World();
  const memory = JSON.stringify({ uploadId: ID, name: 'Quarry', files: 6, begunAt: '' });
  world.values.set('spaceport.upload', memory);
  world.failures.get = [new NoAnswer(), problem('UPLOAD_NOT_FOUND', 404)];
  const session = world.session();
  await session.recall();
  expect(world.values.get('spaceport.upload')).toBe(memory);
  await session.recall();
  expect([session.state().unfinished, world.values.size]).toEqual([null, 0]);
});

test('an unfinished upload can be removed, and the same files begin anew', async () => {
  const world = new World();
  world.failures.transfer = [null, new Error('cut')];
  const session = await ready(world);
  session.send(JOB);
  await phase(session, 'failed');
  await session.discard();
  world.arrived.clear();
  expect([session.state().phase.name, session.state().unfinished, world.values.size]).toEqual(['ready', null, 0]);
  session.send(JOB);
  await phase(session, 'started');
  expect(world.keys).toEqual(['key-1', 'key-2']);
});
