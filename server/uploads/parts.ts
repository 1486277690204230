import type { UploadFile } from '../../contracts/storage/upload-manifest';
import { partBytes, uploadMediaType } from '../../contracts/storage/upload-rules';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import { invalidRequest } from '../http/request-schemas';
import { fileNumbered, keyOf, type UploadLookup } from './lookup';
import { LINK_SECONDS } from './sign';
import type { ArrivedPart, Transfers } from './transfers';

/** A file that is sent in parts: its upload, its number in the manifest, and S3's id. */
export interface FileInParts {
  readonly uploadId: string;
  readonly file: number;
  readonly multipartId: string;
}

/** How a file is cut: `parts` parts of `partBytes`, the last one shorter. */
export interface Cut {
  readonly multipartId: string;
  readonly partBytes: number;
  readonly parts: number;
}

export interface PartLink {
  readonly partNumber: number;
  /** Exactly so many bytes are taken. */
  readonly bytes: number;
  /** For PUT. */
  readonly url: string;
}

/**
 * Files in parts for clients that do not speak S3 themselves: they only PUT each part to its link. All throw the
 * problems of an upload that is not open, UPLOAD_FILE_NOT_FOUND, and the later ones MULTIPART_NOT_FOUND.
 */
export interface FileParts {
  begin(caller: Caller, of: Omit<FileInParts, 'multipartId'>): Promise<Cut>;
  /** What has arrived, in order: the rest is what is to be sent. */
  list(caller: Caller, of: FileInParts): Promise<readonly Omit<ArrivedPart, 'etag'>[]>;
  /** Throws INVALID_REQUEST for a number that the file does not have. */
  sign(caller: Caller, of: FileInParts, partNumbers: readonly number[]): Promise<readonly PartLink[]>;
  /** Joins the parts. Throws PARTS_MISSING, with their numbers, where not all have arrived whole. */
  complete(caller: Caller, of: FileInParts): Promise<void>;
  /** Deletes what has arrived. */
  abort(caller: Caller, of: FileInParts): Promise<void>;
}

export function createFileParts(lookup: UploadLookup, transfers: Transfers): FileParts {
  const fileToSend = async (caller: Caller, { uploadId, file }: Omit<FileInParts, 'multipartId'>) => {
    const upload = await lookup.open(caller, uploadId);
    const found = fileNumbered(upload, file);
    return { file: found, key: keyOf(upload, found) };
  };
  const arrivedParts = async (key: string, multipartId: string): Promise<readonly ArrivedPart[]> =>
    (await reached('The storage', transfers.parts(key, multipartId))) ?? noSuchMultipart();

  return {
    async begin(caller, of) {
      const { file, key } = await fileToSend(caller, of);
      const mediaType = uploadMediaType(file.name) ?? 'application/octet-stream';
      const multipartId = await reached('The storage', transfers.create(key, mediaType));
      return { multipartId, partBytes: partBytes(file.bytes), parts: countOf(file) };
    },

    async list(caller, of) {
      const { key } = await fileToSend(caller, of);
      return (await arrivedParts(key, of.multipartId)).map(({ partNumber, bytes }) => ({ partNumber, bytes }));
    },

    async sign(caller, { multipartId, ...of }, partNumbers) {
      const { file, key } = await fileToSend(caller, of);
      const beyond = partNumbers.findIndex((number) => number > countOf(file));
      if (beyond >= 0)
        throw invalidRequest([
          { field: `partNumbers.${beyond}`, message: `must be at most ${countOf(file)}: the file has no more parts` },
        ]);
      const linkOf = async (partNumber: number): Promise<PartLink> => {
        const bytes = bytesOfPart(file, partNumber);
        const url = await transfers.link({ kind: 'part', key, multipartId, partNumber, bytes }, LINK_SECONDS);
        return { partNumber, bytes, url };
      };
      return reached('The storage', Promise.all(partNumbers.map(linkOf)));
    },

    async complete(caller, { multipartId, ...of }) {
      const { file, key } = await fileToSend(caller, of);
      const arrived = await arrivedParts(key, multipartId);
      const whole = new Map(
        arrived.flatMap((part) => (part.bytes === bytesOfPart(file, part.partNumber) ? [[part.partNumber, part]] : [])),
      );
      const missing = Array.from({ length: countOf(file) }, (_, index) => index + 1).filter((n) => !whole.has(n));
      if (missing.length > 0)
        throw new Problem(
          'PARTS_MISSING',
          `${missing.length} of ${countOf(file)} parts have not arrived whole: ${inShort(missing)}; send them, then complete the file again`,
        );
      const parts = [...whole.values()].sort((left, right) => left.partNumber - right.partNumber);
      if (!(await reached('The storage', transfers.complete(key, multipartId, parts)))) noSuchMultipart();
    },

    async abort(caller, { multipartId, ...of }) {
      const { key } = await fileToSend(caller, of);
      await reached('The storage', transfers.abort(key, multipartId));
    },
  };
}

const countOf = ({ bytes }: Pick<UploadFile, 'bytes'>): number => Math.ceil(bytes / partBytes(bytes));

/** 0 for a number that the file does not have. */
const bytesOfPart = ({ bytes }: Pick<UploadFile, 'bytes'>, partNumber: number): number =>
  Math.max(0, Math.min(partBytes(bytes), bytes - (partNumber - 1) * partBytes(bytes)));

const MAX_SHOWN = 20;
const inShort = (numbers: readonly number[]): string =>
  numbers.slice(0, MAX_SHOWN).join(', ') + (numbers.length > MAX_SHOWN ? ' …' : '');

function noSuchMultipart(): never {
  throw new Problem(
    'MULTIPART_NOT_FOUND',
    'there are no parts under this id: they were completed or aborted; GET the upload to see what has arrived',
  );
}
