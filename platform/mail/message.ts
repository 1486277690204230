import { inOneLine } from '../../contracts/job/words';
import { html, type Markup } from '../html';

export interface MailMessage {
  /** One line without control characters. */
  readonly subject: string;
  readonly text: string;
  /** A whole document: no outside images, styles in place. */
  readonly html: string;
}

/** A message before it is text or HTML. */
export interface Content {
  readonly subject: string;
  readonly heading: string;
  /** Each under a word or two of its own, so that a person finds it. */
  readonly paragraphs: readonly (readonly [label: string, text: string])[];
  /** Files, and a sentence about each. */
  readonly list: { readonly label: string; readonly text: string; readonly items: readonly string[] } | null;
  /** The same from a terminal. */
  readonly commands: readonly (readonly [label: string, command: string])[];
  readonly linkLabel: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

const MAX_SUBJECT_LENGTH = 120;

/** The message of this content, which links `page`. */
export const composed = (content: Content, page: string): MailMessage => ({
  subject: subjectLine(content.subject),
  text: asText(content, page),
  html: asHtml(content, page).toString(),
});

/** Control characters would end the header, and marks of direction hide what it says; very long subjects are cut. */
function subjectLine(subject: string): string {
  const line = inOneLine(subject);
  return line.length <= MAX_SUBJECT_LENGTH ? line : `${line.slice(0, MAX_SUBJECT_LENGTH - 1)}…`;
}

function asText({ heading, paragraphs, list, commands, linkLabel, facts }: Content, page: string): string {
  const lines = (pairs: readonly (readonly [string, string])[]): string =>
    pairs.map(([name, value]) => `${name}: ${value}`).join('\n');
  const terminal = commands.length === 0 ? [] : [`From a terminal\n${lines(commands)}`];
  const listed =
    list === null ? [] : [[lines([[list.label, list.text]]), ...list.items.map((item) => `- ${item}`)].join('\n')];
  const said = [...paragraphs.map((paragraph) => lines([paragraph])), ...listed];
  const blocks = [heading, ...said, `${linkLabel}: ${page}`, lines(facts)];
  return `${[...blocks, ...terminal].join('\n\n')}\n`;
}

const BUTTON =
  'display:inline-block;padding:10px 20px;border-radius:8px;background:#2456c7;color:#fff;text-decoration:none';
const NAME_CELL = 'padding:2px 16px 2px 0;opacity:.7;vertical-align:top';
const VALUE_CELL = 'padding:2px 0;vertical-align:top;overflow-wrap:anywhere';
const CODE = 'font-family:ui-monospace,monospace;overflow-wrap:anywhere';

const asHtml = (
  { heading, paragraphs, list, commands, linkLabel, facts }: Content,
  page: string,
): Markup => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${heading}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif"><div style="max-width:36em;margin:0 auto">
<h1 style="font-size:22px;line-height:1.3;margin:0 0 16px">${heading}</h1>
${paragraphs.map(
  ([label, text]) => html`<p style="margin:0 0 12px"><strong>${label}</strong><br>${text}</p>
`,
)}
${
  list !== null &&
  html`<p style="margin:0"><strong>${list.label}</strong><br>${list.text}</p>
<ul style="margin:4px 0 12px;padding-left:20px;overflow-wrap:anywhere">${list.items.map(
    (item) => html`<li>${item}</li>
`,
  )}</ul>`
}
<p style="margin:24px 0"><a href="${page}" style="${BUTTON}">${linkLabel}</a></p>
<p style="font-size:13px;overflow-wrap:anywhere">If the button does not work: ${page}</p>
<table style="border-collapse:collapse;font-size:14px;margin:24px 0">${facts.map(
  ([name, value]) => html`<tr><td style="${NAME_CELL}">${name}</td><td style="${VALUE_CELL}">${value}</td></tr>
`,
)}</table>
${
  commands.length > 0 &&
  html`<p style="font-size:13px;margin:0 0 4px;opacity:.7">From a terminal</p>
<table style="border-collapse:collapse;font-size:13px">${commands.map(
    ([
      label,
      command,
    ]) => html`<tr><td style="${NAME_CELL}">${label}</td><td style="padding:2px 0"><code style="${CODE}">${command}</code></td></tr>
`,
  )}</table>`
}
</div></body></html>
`;
