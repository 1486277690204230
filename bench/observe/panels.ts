import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A panel of one of Grafana's dashboards, as far as its file says what it shows. */
export interface Panel {
  readonly board: string;
  readonly title: string;
  /** As Grafana names it: `s`, `currencyUSD`, ... */
  readonly unit: string;
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
}

interface DashboardFile {
  readonly title: string;
  readonly panels: readonly {
    readonly title: string;
    readonly fieldConfig: { readonly defaults: { readonly unit: string } };
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
}

/** The panels of all dashboards in a folder. */
export async function readPanels(folder: string): Promise<Panel[]> {
  const files = (await readdir(folder)).sort();
  const boards = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(path.join(folder, file), 'utf8')) as DashboardFile),
  );
  return boards.flatMap(({ title: board, panels }) =>
    panels.map(({ title, fieldConfig, targets }) => ({
      board,
      title,
      unit: fieldConfig.defaults.unit,
      queries: targets.map(({ expr, legendFormat: legend }) => ({ expr, legend })),
    })),
  );
}
