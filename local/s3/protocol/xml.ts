import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { S3Error } from '../s3-error';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The namespace of every S3 document. */
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Escapes markup, and control characters (tab, CR and LF too) as character references, so that keys come through whole.
 */
export function escapeXml(text: string): string {
  return text.replace(
    /[&<>"\u0000-\u001f]/g,
    (character) => ESCAPES[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

/** One element holding text. */
export function textElement(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

/** One element holding elements that are already written. */
export function element(name: string, ...children: string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

/** A whole S3 document. */
export function xmlDocument(name: string, ...children: string[]): string {
  return `${XML_DECLARATION}<${name} xmlns="${NAMESPACE}">${children.join('')}</${name}>`;
}

/** A parsed element: its child elements by name, each a list; `text` is what stands directly in it. */
export interface XmlElement {
  text: string;
  children: Record<string, XmlElement[]>;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
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
  const nodes = parser.parse(text) as OrderedNode[];
  const root = nodes.find((node) => rootName in node);
  if (!root) throw new S3Error('MalformedXML', `Expected a document <${rootName}>.`);
  return toElement(root[rootName] as OrderedNode[]);
}

/** The text of the first child with that name, or undefined. */
export function childText(parent: XmlElement, name: string): string | undefined {
  return parent.children[name]?.[0]?.text;
}

/** What fast-xml-parser yields with preserveOrder: `{name: children}` or `{'#text': text}`. */
type OrderedNode = Record<string, OrderedNode[] | string>;

function toElement(nodes: OrderedNode[]): XmlElement {
  const result: XmlElement = { text: '', children: Object.create(null) as Record<string, XmlElement[]> };
  for (const node of nodes) {
    for (const [name, content] of Object.entries(node)) {
      if (typeof content === 'string') result.text += decodeEntities(content);
      else (result.children[name] ??= []).push(toElement(content));
    }
  }
  return result;
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
