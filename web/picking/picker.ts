import type { ColumnGrid, Columns } from './columns';
import type { Pick } from './pick';
import type { Ray } from './ray';
import type { PickerAnswer, PickerRequest } from './picker.worker';

/** Rays into a scene, answered by a worker. All calls reject where the scene cannot be read. */
export interface Picker {
  pick(ray: Ray): Promise<Pick | null>;
  columns(grid: ColumnGrid): Promise<Columns>;
  destroy(): void;
}

type Question = PickerRequest extends infer R ? (R extends { readonly id: number } ? Omit<R, 'id'> : never) : never;

/** The scene is read at the first ray: a page on which nobody measures does without. */
export function createPicker(scene: () => Promise<{ readonly file: Blob } | { readonly url: string }>): Picker {
  let worker: Worker | null = null;
  let reading: Promise<unknown> | null = null;
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let next = 0;

  const ask = (target: Worker, question: Question): Promise<unknown> =>
    new Promise((resolve, reject) => {
      next += 1;
      waiting.set(next, { resolve, reject });
      target.postMessage({ id: next, ...question });
    });

  const start = (): Worker => {
    const made = new Worker(new URL('./picker.worker.ts', import.meta.url), { type: 'module' });
    made.addEventListener('message', ({ data }: MessageEvent<PickerAnswer>) => {
      const asked = waiting.get(data.id);
      waiting.delete(data.id);
      if ('error' in data) asked?.reject(new Error(data.error));
      else asked?.resolve(data.result);
    });
    made.addEventListener('error', () => fail(new Error('the picker has stopped')));
    return made;
  };

  const fail = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };

  const about = async (question: Question): Promise<unknown> => {
    const target = (worker ??= start());
    reading ??= scene().then((found) => ask(target, found));
    await reading;
    return ask(target, question);
  };

  return {
    pick: (ray) => about({ ray }) as Promise<Pick | null>,
    columns: (grid) => about({ grid }) as Promise<Columns>,
    destroy() {
      worker?.terminate();
      fail(new Error('the scene was closed'));
    },
  };
}
