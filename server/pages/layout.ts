import type { JobState, WaitsFor } from '../../contracts/job/state';
import { STATE_WORD, WAITING_WORDS } from '../../contracts/job/words';
import { html, type HtmlValue, type Markup } from '../../platform/html';

interface Page {
  readonly title: string;
  readonly main: Markup;
  /** Seconds between two looks for news; null when nothing will change. */
  readonly refreshSeconds: number | null;
  /** Address of the events that are news to it. */
  readonly events?: string;
}

/** The frame of every page. The script only renews `main` and sends what buttons say; without it the page reloads. */
export const layoutPage = ({ title, main, refreshSeconds, events = '' }: Page): Markup => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/site.css">
<script src="/assets/job-page.js" type="module"></script>
${refreshSeconds !== null && html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>`}
</head>
<body>
<header><a href="/">Spaceport</a><span>photos to 3D</span></header>
<main data-refresh-seconds="${refreshSeconds ?? ''}" data-events="${events}">
${main}
</main>
</body>
</html>
`;

/** A job's state as a coloured word; of a waiting one, what for, where that is known. */
export const badge = (state: JobState, waitsFor?: WaitsFor): Markup =>
  html`<span class="badge ${state} ${waitsFor ?? ''}">${
    waitsFor === undefined ? STATE_WORD[state] : WAITING_WORDS[waitsFor].label
  }</span>`;

/** A table whose columns of `numbers` follow those of words. */
export function table(
  words: readonly string[],
  numbers: readonly string[],
  rows: readonly (readonly HtmlValue[])[],
): Markup {
  const look = (column: number): HtmlValue => column >= words.length && html` class="number"`;
  return html`<div class="scroll"><table>
<thead><tr>${[...words, ...numbers].map((name, column) => html`<th${look(column)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (cells) => html`<tr>${cells.map((cell, column) => html`<td${look(column)}>${cell}</td>`)}</tr>
`,
  )}</tbody>
</table></div>`;
}
