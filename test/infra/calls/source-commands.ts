import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../../..');
/** The rooms whose code runs under an identity; what both use counts for both. */
const ROOMS = { worker: ['activities', 'workers', 'platform'], server: ['server', 'platform'] } as const;

const COMMAND = /\bnew (\w+)Command\(/g;
const PAGES = /\bpaginate(\w+)\(/g;
/** lib-storage sends small bodies in one piece, and large ones in parts. */
const UPLOAD = /\bnew Upload\(/;
const OF_UPLOAD = [
  'PutObject',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
];

/** Names of all commands of the AWS SDK that the sources of a program send or sign. */
export function commandsInSources(program: keyof typeof ROOMS): { readonly name: string; readonly file: string }[] {
  const files = ROOMS[program].flatMap((room) =>
    readdirSync(path.join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(room, name)),
  );
  return files.flatMap((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    if (!text.includes('@aws-sdk/')) return [];
    const names = [
      ...[...text.matchAll(COMMAND), ...text.matchAll(PAGES)].map(([, name = '']) => name),
      ...(UPLOAD.test(text) ? OF_UPLOAD : []),
    ];
    return names.map((name) => ({ name, file }));
  });
}
