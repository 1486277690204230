import { html, type HtmlValue, type Markup } from '../../platform/html';

interface Page {
  readonly title: string;
  readonly main: Markup;
}

/** The frame of pages that the server writes itself: problems, and the description of the API. */
export const layoutPage = ({ title, main }: Page): Markup => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/site.css">
</head>
<body>
<header><a href="/">Spaceport</a><span>photos to 3D</span></header>
<main>
${main}
</main>
</body>
</html>
`;

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
