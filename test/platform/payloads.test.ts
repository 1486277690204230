import { ApplicationFailure, type Payload } from '@temporalio/common';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { parseKeyRing, type KeyRing } from '../../platform/payloads/key-ring';
import { payloadOptions } from '../../platform/payloads/data-converter';
import { createPayloadCodec } from '../../platform/payloads/payload-codec';

const FIRST = `first:${'0a'.repeat(32)}`;
const SECOND = `second:${'0b'.repeat(32)}`;
const SECRET = 'pilot@example.com';

const ring = (text: string): KeyRing => {
  const parsed = parseKeyRing(text);
  if (parsed === null || typeof parsed === 'string') throw new Error(parsed ?? 'none');
  return parsed;
};
const codecOf = (text: string) => createPayloadCodec(ring(text));
const plain: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(SECRET)) };
const textOf = (payloads: readonly Payload[]): string =>
  payloads.map(({ metadata, data }) => [...Object.values(metadata ?? {}), data].join()).join();
const bytesOf = ({ metadata, data }: Payload): unknown => [
  Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value)]),
  Buffer.from(data ?? []),
];

test('a payload is unreadable where it lies, different each time, and the same when it is read', async () => {
  const codec = codecOf(FIRST);
  const [once, again] = [await codec.encode([plain]), await codec.encode([plain])];
  expect(textOf(once)).not.toContain(SECRET);
  expect(textOf(once)).not.toEqual(textOf(again));
  for (const [back] of [await codec.decode(once), await codec.decode(again)])
    expect(bytesOf(back as Payload)).toEqual(bytesOf(plain));
});

test('what was written before there were keys, by a key that was replaced, and before they were turned off is read', async () => {
  const byFirst = await codecOf(FIRST).encode([plain]);
  for (const payloads of [[plain], byFirst])
    for (const later of [`${SECOND},${FIRST}`, `off,${FIRST}`])
      expect((await codecOf(later).decode(payloads)).map(bytesOf)).toEqual([bytesOf(plain)]);
  expect((await codecOf(`off,${FIRST}`).encode([plain])).map(bytesOf)).toEqual([bytesOf(plain)]);
});

test('a key that is missing is named, and bytes that were changed are refused', async () => {
  const [payload] = (await codecOf(FIRST).encode([plain])) as [Payload];
  await expect(codecOf(SECOND).decode([payload])).rejects.toThrow('"first"');
  const data = Buffer.from(payload.data ?? []);
  data[20] = (data[20] ?? 0) ^ 1;
  await expect(codecOf(FIRST).decode([{ ...payload, data }])).rejects.toThrow('was changed');
  await expect(codecOf(FIRST).decode([{ ...payload, data: data.subarray(0, 3) }])).rejects.toThrow('was changed');
});

test('message and stack of a failure go into a payload, its code stays, and none of it is lost', () => {
  const { failureConverter, payloadConverter } = loadDataConverter(payloadOptions(ring(FIRST)).dataConverter);
  const cause = ApplicationFailure.create({ type: 'INNER', message: SECRET });
  const error = ApplicationFailure.create({ type: 'NO_PHOTOS', message: `of ${SECRET}`, cause });
  const failure = failureConverter.errorToFailure(error, payloadConverter);
  expect(JSON.stringify([failure.message, failure.stackTrace, failure.cause?.message])).not.toContain(SECRET);
  expect(failure.applicationFailureInfo?.type).toBe('NO_PHOTOS');
  expect(failureConverter.failureToError(failure, payloadConverter)).toMatchObject({
    type: 'NO_PHOTOS',
    message: `of ${SECRET}`,
    cause: { type: 'INNER', message: SECRET },
  });
});

test('without keys, and where they only read, failures are written in plain text', () => {
  expect(payloadOptions(null)).toEqual({});
  expect(payloadOptions(ring(`off,${FIRST}`)).dataConverter).not.toHaveProperty('failureConverterPath');
});

test.each([
  ['first', 'key 1'],
  [`${FIRST},x:12`, 'key 2'],
  [`${FIRST},first:${'0c'.repeat(32)}`, '"first"'],
  ['off', 'still reads'],
  [`${FIRST},off`, 'key 2'],
])('%p is no ring of keys, and what is said of it holds no key', (text, problem) => {
  const said = parseKeyRing(text);
  expect(said).toContain(problem);
  expect(said).not.toMatch(/0a0a|0c0c/);
});
