/** The pure parts of the endpoint against published vectors and slow, obvious models. */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { AwsChunkedDecoder } from '../../../local/s3/protocol/aws-chunked';
import { parseRange } from '../../../local/s3/storage/byte-range';
import { combineChecksums, createDigest } from '../../../local/s3/storage/checksums';
import { combineCrcs, crc32c, crc64nvme, CRC32, CRC32C, CRC64NVME } from '../../../local/s3/storage/crc';
import { compareKeys, KeyIndex } from '../../../local/s3/storage/key-index';
import { KeyedLock } from '../../../local/s3/storage/keyed-lock';
import { listKeys, type ListingPosition } from '../../../local/s3/storage/listing';
import { canonicalRequest, EMPTY_SHA256, sign, signingKey, stringToSign } from '../../../local/aws/sigv4';
import { parseXml, xmlElements } from '../../../local/s3/protocol/xml';

const CHECK = Buffer.from('123456789');

describe('CRCs', () => {
  test('the check values of the standards come out', () => {
    expect(crc32c(CHECK)).toBe(0xe3069283);
    expect(crc64nvme(CHECK)).toBe(0xae8b14860a799888n);
  });

  test('bytes in pieces give the same as at once', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (left, right) => {
        const whole = Buffer.concat([left, right]);
        expect(crc32c(right, crc32c(left))).toBe(crc32c(whole));
        expect(crc64nvme(right, crc64nvme(left))).toBe(crc64nvme(whole));
      }),
    );
  });

  test('the CRC of a whole follows from those of its parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (left, right) => {
        const whole = Buffer.concat([left, right]);
        expect(combineCrcs(CRC32, BigInt(crc32(left)), BigInt(crc32(right)), right.length)).toBe(BigInt(crc32(whole)));
        expect(combineCrcs(CRC32C, BigInt(crc32c(left)), BigInt(crc32c(right)), right.length)).toBe(
          BigInt(crc32c(whole)),
        );
        expect(combineCrcs(CRC64NVME, crc64nvme(left), crc64nvme(right), right.length)).toBe(crc64nvme(whole));
      }),
    );
  });

  test('a composite checksum names its number of parts', () => {
    const part = { value: createDigest('SHA256').digest().toString('base64'), size: 0 };

    expect(combineChecksums('SHA256', 'COMPOSITE', [part, part]).value).toMatch(/=-2$/);
  });
});

/** The examples of the S3 API reference, "Signature Version 4" chapters; their example credentials are public. */
describe('signatures of the S3 API reference', () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const scope = { date: '20130524', region: 'us-east-1', service: 's3' };
  const timestamp = '20130524T000000Z';
  const key = signingKey(secret, scope);

  test('the GET object example', () => {
    const request = canonicalRequest({
      method: 'GET',
      path: '/test.txt',
      query: [],
      payloadHash: EMPTY_SHA256,
      headers: [
        ['host', 'examplebucket.s3.amazonaws.com'],
        ['range', 'bytes=0-9'],
        ['x-amz-content-sha256', EMPTY_SHA256],
        ['x-amz-date', timestamp],
      ],
    });

    expect(sign(key, stringToSign(timestamp, scope, request))).toBe(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  test('the chunked upload example', async () => {
    const framed = [
      '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
      'a'.repeat(65_536),
      '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
      'a'.repeat(1024),
      '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
      '',
      '',
    ].join('\r\n');
    const seedSignature = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';
    const decoder = new AwsChunkedDecoder({ hasTrailer: false, signing: { key, timestamp, scope, seedSignature } });
    let bytes = 0;

    await pipeline(
      [Buffer.from(framed)],
      decoder,
      new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          bytes += chunk.length;
          done();
        },
      }),
    );

    expect(bytes).toBe(66_560);
  });
});

test('an aws-chunked body may be cut anywhere', async () => {
  const framed = Buffer.from('5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n');
  for (let cut = 1; cut < framed.length; cut++) {
    const decoder = new AwsChunkedDecoder({ hasTrailer: true });
    let text = '';
    await pipeline(
      [framed.subarray(0, cut), framed.subarray(cut)],
      decoder,
      new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          text += chunk.toString();
          done();
        },
      }),
    );
    expect([text, decoder.trailers.get('x-amz-checksum-crc32')]).toEqual(['hello world', 'DUoRhQ==']);
  }
});

describe('keys and listings', () => {
  const keys = fc.uniqueArray(
    fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', 'é', '\uffff', '😀'), minLength: 1, maxLength: 6 }),
    { maxLength: 40 },
  );

  test('keys are ordered as their UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (left, right) => {
        expect(Math.sign(compareKeys(left, right))).toBe(
          Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right))),
        );
      }),
    );
    expect(compareKeys('\uffff', '😀')).toBeLessThan(0);
  });

  test('an index built key by key is the one built at once, also after deletions', () => {
    fc.assert(
      fc.property(keys, keys, (added, removed) => {
        const grown = new KeyIndex<string>();
        for (const key of added) grown.set(key, key);
        for (const key of removed) grown.delete(key);
        const left = added.filter((key) => !removed.includes(key));
        const built = KeyIndex.from(left.map((key) => [key, key]));

        const order = (index: KeyIndex<string>): (string | undefined)[] =>
          Array.from({ length: index.size }, (_, position) => index.keyAt(position));
        expect(order(grown)).toEqual(order(built));
      }),
    );
  });

  test('pages of any size together are what a plain filter gives', () => {
    fc.assert(
      fc.property(
        keys,
        fc.constantFrom('', 'a', 'a/', '/'),
        fc.constantFrom('', '/'),
        fc.integer({ min: 1, max: 5 }),
        (all, prefix, delimiter, maxKeys) => {
          const index = KeyIndex.from(all.map((key) => [key, key]));
          const paged: string[] = [];
          let from: ListingPosition | undefined;
          do {
            const page = listKeys(index, { prefix, delimiter, maxKeys, from });
            expect(page.contents.length + page.commonPrefixes.length).toBeLessThanOrEqual(maxKeys);
            paged.push(...page.contents, ...page.commonPrefixes);
            from = page.next;
          } while (from);

          const rollUp = (key: string): string => {
            const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
            return cut < 0 ? key : key.slice(0, cut + delimiter.length);
          };
          const expected = new Set(all.filter((key) => key.startsWith(prefix)).map(rollUp));
          expect([...paged].sort()).toEqual([...expected].sort());
        },
      ),
    );
  });
});

test.each([
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=3-', { start: 3, end: 9 }],
  ['bytes=-20', { start: 0, end: 9 }],
  ['bytes=5-4', undefined],
  ['bytes=-', undefined],
  ['bytes=0-1,3-4', undefined],
  ['chunks=0-1', undefined],
  [undefined, undefined],
])('the range %s of ten bytes is %o', (header, expected) => {
  expect(parseRange(header, 10)).toEqual(expected);
});

describe('XML', () => {
  test('any text goes through writing and parsing unchanged', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', ' ', '\n', '\r', '\t', '&', '<', '>', '"', "'", '&amp;', '&#65;', 'é', '😀'),
        }),
        (text) => {
          expect(parseXml(xmlElements({ Key: text }), 'Key')).toBe(text);
        },
      ),
    );
  });

  test('a document that declares entities is refused', () => {
    expect(() => parseXml('<!DOCTYPE d [<!ENTITY x "y">]><Key>&x;</Key>', 'Key')).toThrow(
      expect.objectContaining({ code: 'MalformedXML' }),
    );
    expect(() => parseXml('<Key><Open></Key>', 'Key')).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
    expect(() => parseXml('<Other>&lt;</Other>', 'Key')).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
  });
});

test('the tasks of one key run in turn, also after one that fails', async () => {
  const lock = new KeyedLock();
  const order: string[] = [];
  const task = (name: string) => async (): Promise<void> => {
    order.push(`${name} begins`);
    await Promise.resolve();
    order.push(`${name} ends`);
    if (name === 'first') throw new Error('expected');
  };
  const first = lock.run('key', task('first'));
  const second = lock.run('key', task('second'));

  await expect(first).rejects.toThrow('expected');
  await second;

  expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});
