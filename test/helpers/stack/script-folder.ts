import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FailureCode } from '../../../contracts/job/failures';
import { partSuffix } from '../../../contracts/machines/names';
import type { Part, Stage } from '../../../contracts/stages/stage';
import { IMAGES } from '../../../local/stack/container-programs';

/** What a scripted program does; scripted-container.mjs says what each word means. */
export type Script =
  | 'complete'
  | 'hang'
  | 'fail'
  | 'crash'
  | 'be-killed'
  | 'say-nothing'
  | { readonly do: 'complete'; readonly metrics: object }
  | { readonly do: 'reject'; readonly code: FailureCode; readonly message: string }
  | { readonly do: 'fail'; readonly text: string }
  | { readonly do: 'hang'; readonly checkpoint: true };

/** One script for every attempt, or a list with one for each. */
export type Scripts = Script | readonly Script[];

/** The SageMaker jobs of a stage's attempts, newest last. */
export interface ProgramRun {
  readonly jobName: string;
  /** The program and its child. */
  readonly pids: readonly number[];
}

/** Files of the folder that the stack's processes read. */
export const IMAGES_FILE = 'images.json';
export const SAGEMAKER_FAULTS = 'faults.json';
export const S3_FAULTS = 's3-faults.json';
/** Runs and does nothing. */
export const IMAGE_OF_OTHERS = 'someone/else';

/** The folder by which a test tells scripted programs and endpoints what to do, and hears what they did. */
export class ScriptFolder {
  private constructor(private readonly folder: string) {}

  /** @param parent the folder that it is made in */
  static async make(parent: string): Promise<ScriptFolder> {
    return new ScriptFolder(await mkdtemp(path.join(parent, 'spaceport-scripted-')));
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  place(name: string): string {
    return path.join(this.folder, name);
  }

  /** Scripts of a stage's programs: those of one job, of one part of its scene, or of all others. */
  script(stage: Stage, scripts: Scripts, jobId: string | undefined, part: Part): Promise<void> {
    const asObject = (script: Script): object => (typeof script === 'string' ? { do: script } : script);
    const content = Array.isArray(scripts) ? scripts.map(asObject) : asObject(scripts as Script);
    return this.write(jobId === undefined ? `${stage}.json` : `${jobId}-${stage}${partSuffix(part)}.json`, content);
  }

  /** The image manifest of local/sagemaker. */
  writeImages(stages: readonly Stage[]): Promise<void> {
    const program = path.resolve(__dirname, 'scripted-container.mjs');
    const manifest = Object.fromEntries(
      stages.map((stage) => [
        IMAGES[stage],
        { argv: [process.execPath, program, stage], env: { SCRIPT_FOLDER: this.folder } },
      ]),
    );
    return this.write(IMAGES_FILE, { ...manifest, [IMAGE_OF_OTHERS]: { argv: ['sleep', '600'] } });
  }

  /** The faults of local/s3 that have befallen something so far. */
  async firedS3Faults(): Promise<{ kind: string; key: string }[]> {
    const text = await readFile(this.place('state/s3/faults-fired.jsonl'), 'utf8');
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; key: string });
  }

  /** Each start of a program whose machine job is called so, newest last. */
  async runs(partOfName: string): Promise<ProgramRun[]> {
    const files = (await readdir(this.folder))
      .filter((name) => name.includes(partOfName) && name.endsWith('.runs'))
      .sort();
    const runs = await Promise.all(
      files.map(async (file) => {
        // The last line may be half written.
        const lines = (await readFile(path.join(this.folder, file), 'utf8')).split('\n').slice(0, -1);
        return lines.map((line) => ({ jobName: file.replace('.runs', ''), pids: line.split(' ').map(Number) }));
      }),
    );
    return runs.flat();
  }

  /** In one step, since it may be read at any moment. */
  async write(name: string, content: object): Promise<void> {
    const file = this.place(name);
    await writeFile(`${file}.part`, JSON.stringify(content));
    await rename(`${file}.part`, file);
  }
}
