import { readFile } from 'node:fs/promises';
import type { Panel } from './panels';
import type { Series } from './prometheus';

/** A panel with what its queries have come to. */
export interface DrawnPanel extends Panel {
  readonly lines: readonly { readonly legend: string; readonly values: Series['values'] }[];
}

/** The legend of a line: `{{label}}` stands for the label's value. */
export const legendOf = (legend: string, metric: Series['metric']): string =>
  legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '') || '–';

/** uPlot's data: all times of the lines once, and null where a line has no value at one of them. */
export function columnsOf(lines: DrawnPanel['lines']): (number | null)[][] {
  const times = [...new Set(lines.flatMap(({ values }) => values.map(([seconds]) => seconds)))].sort((a, b) => a - b);
  const columns = lines.map(({ values }) => {
    const known = new Map(values.map(([seconds, value]) => [seconds, Number(value)]));
    return times.map((seconds) => {
      const value = known.get(seconds);
      return value === undefined || Number.isNaN(value) ? null : value;
    });
  });
  return [times, ...columns];
}

/** One HTML file that draws all panels, with everything that it needs. */
export async function pageOf(panels: readonly DrawnPanel[]): Promise<string> {
  const [script, style] = await Promise.all(
    ['uPlot.iife.min.js', 'uPlot.min.css'].map((file) => readFile(require.resolve(`uplot/dist/${file}`), 'utf8')),
  );
  const drawn = panels.map(({ lines, ...panel }) => ({
    ...panel,
    legends: lines.map(({ legend }) => legend),
    columns: columnsOf(lines),
  }));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Panels of Spaceport's dashboards</title>
<style>${style ?? ''}
body { font: 14px system-ui, sans-serif; margin: 16px; color: #222 }
main { display: grid; grid-template-columns: repeat(3, 1fr); gap: 12px }
h2 { grid-column: 1 / -1; margin: 12px 0 0 }
h3 { font-size: 14px; margin: 0 }
section { border: 1px solid #ccc; border-radius: 6px; padding: 8px; min-width: 0 }
.empty { color: #b00020 }
.u-legend { font-size: 11px; text-align: left }
</style>
<main></main>
<script>${script ?? ''}</script>
<script>
const panels = ${JSON.stringify(drawn).replaceAll('<', '\\u003c')};
const colours = ['#1f77b4', '#d62728', '#2ca02c', '#ff7f0e', '#9467bd', '#8c564b', '#e377c2', '#7f7f7f', '#bcbd22', '#17becf'];
const main = document.querySelector('main');
let board = '';
for (const { board: of, title, unit, legends, columns } of panels) {
  const add = (parent, tag, text) => { const made = document.createElement(tag); made.textContent = text; return parent.appendChild(made); };
  if (of !== board) add(main, 'h2', board = of);
  const section = add(main, 'section', '');
  add(section, 'h3', title + ' (' + unit + ')');
  if (legends.length === 0) { add(section, 'p', 'no data').className = 'empty'; continue; }
  const series = legends.map((label, index) => ({ label, stroke: colours[index % colours.length], spanGaps: false, points: { show: columns[0].length < 3 } }));
  new uPlot({ width: section.clientWidth - 16, height: 180, legend: { live: false }, axes: [{}, { size: 80 }], series: [{}, ...series] }, columns, section);
}
</script>
`;
}
