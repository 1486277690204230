/** HTML that may be sent as it is: only `html` makes it, and `html` escapes. */
export class Markup {
  constructor(private readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

export type HtmlValue = Markup | string | number | null | undefined | false | readonly HtmlValue[];

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPED[character] ?? character);

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Markup) return value.toString();
  return typeof value === 'object' ? value.map(render).join('') : escapeHtml(String(value));
}

/**
 * A template whose every value is escaped, for text and for quoted attributes. Markup is taken as it is, lists are
 * joined; null, undefined and false leave nothing.
 */
export const html = (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup =>
  new Markup(parts.reduce((text, part, index) => text + render(values[index - 1]) + part));
