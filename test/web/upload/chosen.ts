import type { ChosenFile } from '../../../web/upload/files/chosen-files';

/** A chosen file of so many bytes, or with this content. */
export function chosen(name: string, content: number | Uint8Array = 10, type = '', lastModified = 1_000): ChosenFile {
  const bytes = typeof content === 'number' ? new Uint8Array(content) : new Uint8Array(content);
  return { name, content: new File([bytes], name.split('/').at(-1)!, { type, lastModified }) };
}
