import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { S3Error } from '../s3-error';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The namespace of every S3 document. */
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * What an element holds: text, or other elements by name. A list repeats its name; undefined is left out. A name may be
 * followed by attributes.
 */
type XmlContent = string | number | boolean | undefined | XmlFields;

export interface XmlFields {
  readonly [name: string]: XmlContent | readonly XmlContent[];
}

/** The elements, one after the other. */
export function xmlElements(fields: XmlFields): string {
  return Object.entries(fields)
    .flatMap(([name, content]) => [content].flat().map((one) => xmlElement(name, one)))
    .join('');
}

/** A whole S3 document. */
export function xmlDocument(name: string, fields: XmlFields | string): string {
  const content = typeof fields === 'string' ? escapeXml(fields) : xmlElements(fields);
  return `${XML_DECLARATION}<${name} xmlns="${NAMESPACE}">${content}</${name}>`;
}

function xmlElement(name: string, content: XmlContent): string {
  if (content === undefined) return '';
  const inside = typeof content === 'object' ? xmlElements(content) : escapeXml(String(content));
  return `<${name}>${inside}</${name.split(' ', 1)[0]}>`;
}

/** Control characters (tab, CR and LF too) become character references, so that keys come through whole. */
function escapeXml(text: string): string {
  return text.replace(
    /[&<>"\u0000-\u001f]/g,
    (character) => ESCAPES[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

/** A parsed element: its text, or its child elements by name, each in a list (and text between them as `#text`). */
export type XmlElement = string | { readonly [name: string]: readonly XmlElement[] };

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  tagValueProcessor: (_name, text) => decodeEntities(text),
  isArray: () => true,
});

/**
 * Parses one of the small documents that S3 takes.
 *
 * Only the five entities of XML and character references are replaced, in one pass: a document type declaration is
 * refused, so nothing can be defined that expands.
 * @throws {S3Error} MalformedXML when it is not well formed, carries a DOCTYPE, or its root is not `rootName`.
 */
export function parseXml(text: string, rootName: string): XmlElement {
  if (/<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) throw new S3Error('MalformedXML');
  const root = (parser.parse(text) as Record<string, XmlElement[]>)[rootName]?.[0];
  if (root === undefined) throw new S3Error('MalformedXML', `Expected a document <${rootName}>.`);
  return root;
}

export function childElements(parent: XmlElement, name: string): readonly XmlElement[] {
  return typeof parent === 'string' ? [] : (parent[name] ?? []);
}

/** The text of the first child with that name, or undefined. */
export function childText(parent: XmlElement, name: string): string | undefined {
  const [child] = childElements(parent, name);
  return typeof child === 'object' ? ((child as { '#text'?: string })['#text'] ?? '') : child;
}

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#([0-9]+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const codePoint = hex !== undefined ? parseInt(hex, 16) : parseInt(decimal ?? '', 10);
      if (codePoint > 0x10ffff) throw new S3Error('MalformedXML');
      return String.fromCodePoint(codePoint);
    },
  );
}
