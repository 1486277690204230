import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PayloadForm } from './authentication';
import type { ObjectStore } from '../storage/object-store';
import type { S3Request } from './request';
import { xmlDocument, type XmlFields } from './xml';

/** One authenticated request on its way to an answer: all that an operation gets. */
export interface Exchange {
  request: S3Request;
  payload: PayloadForm;
  incoming: IncomingMessage;
  response: ServerResponse;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean;
  store: ObjectStore;
  region: string;
  /** What the bytes of an object pass on their way out, in this order. */
  bodyFilters: BodyFilter[];
}

/** `length` is the number of bytes that the headers have announced. */
export type BodyFilter = (body: AsyncIterable<Buffer>, length: number) => AsyncIterable<Buffer>;

export type Operation = (exchange: Exchange) => Promise<void>;

export type ResponseHeaders = Record<string, string | number>;

/** Answers with an S3 document. */
export function sendXml(
  { response }: Pick<Exchange, 'response'>,
  rootName: string,
  fields: XmlFields | string,
  headers: ResponseHeaders = {},
): void {
  const xml = xmlDocument(rootName, fields);
  response.writeHead(200, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(xml), ...headers });
  response.end(xml);
}

export function sendEmpty(
  { response }: Pick<Exchange, 'response'>,
  status: number,
  headers: ResponseHeaders = {},
): void {
  response.writeHead(status, status === 204 || status === 304 ? headers : { 'content-length': 0, ...headers });
  response.end();
}
