import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Mail } from './evidence';

/** Every mail that the sink has taken: one .eml file each. Its HTTP side lists the newest 500 only. */
export async function mailsIn(folder: string): Promise<Mail[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.eml')).sort();
  return Promise.all(
    files.map(async (file) => ({ file, ...headersOf(await readFile(path.join(folder, file), 'utf8')) })),
  );
}

function headersOf(message: string): Omit<Mail, 'file'> {
  // A folded header continues in lines that begin with a blank (RFC 5322 section 2.2.3).
  const head = (message.split('\r\n\r\n')[0] ?? '').replace(/\r\n[ \t]+/g, ' ');
  const header = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  return { messageId: header('Message-ID').replace(/^<|>$/g, ''), to: header('Delivered-To').replace(/^<|>$/g, '') };
}
