import { failure, type Failure, type FailureCode } from '../job/failures';
import type { StageMachines } from '../machines/choice';
import type { PresetName } from './presets';
import type { StageMetrics } from '../generated/reports';
import type { StageSettings } from '../generated/settings';
import type { MachineJobKind, Stage } from './stage';

/** Everything that is particular to one stage; contracts/stages/stages.ts has the table of them. */
export interface StageDefinition<S extends Stage> {
  /** Words for people: activity summaries, pages, mails. */
  readonly title: string;
  readonly kind: MachineJobKind;
  /** The container program: its folder below containers/, and the last part of its image's name. */
  readonly program: string;
  /** Contents of each input channel beside `config`: the accepted photos, or the artefacts of an earlier stage. */
  readonly inputs: Readonly<Record<string, 'photos' | Stage>>;
  /** Small files of earlier stages that lie beside the settings, as far as there are any, by the names that they get. */
  readonly beside: Readonly<Record<string, { readonly stage: Stage; readonly file: string }>>;
  readonly machines: Readonly<Record<PresetName, StageMachines>>;
  readonly settings: Readonly<Record<PresetName, StageSettings[S]>>;
  /** Settings that a request or a retry may change, in whole numbers. Bounds only narrow the program's own range. */
  readonly options: {
    readonly [K in keyof StageSettings[S]]?: { readonly minimum?: number; readonly maximum?: number };
  };
  /** Settings that depend on those of other stages. `all` are the preset's, with the job's options. */
  readonly fit: (own: StageSettings[S], all: StageSettings) => StageSettings[S];
  /** Metrics that the report of a good result must have, as finite numbers. */
  readonly metrics: readonly (keyof StageMetrics[S])[];
  /** Judges metrics once more that the program itself was content with, because what follows costs money. */
  readonly gate: (metrics: StageMetrics[S], basis: GateBasis<S>) => GateVerdict;
  /** What to do about a result that the gate, or the program itself, does not accept; null = what the code's entry says. */
  readonly advice?: (code: FailureCode, metrics: StageMetrics[S]) => string | null;
  /** Each rung makes settings smaller after an attempt ran out of memory; the cheapest loss of quality comes first. */
  readonly ladder: readonly ((settings: StageSettings[S]) => StageSettings[S])[];
  /** Where the artefacts lie below an attempt's output folder: '' or a folder that ends in a slash. */
  readonly artifactsBelow: (jobName: string) => string;
  /** Artefacts that are copied into the result folder, with their media types. */
  readonly published: Readonly<Record<string, string>>;
  /** The same of artefacts that not every result has. */
  readonly publishedIfThere: Readonly<Record<string, string>>;
  /** Folders of artefacts that are copied whole, where there are any. */
  readonly publishedFolders: Readonly<Record<string, FolderFiles>>;
  /** Whether an attempt may start from the checkpoints of one that was cut short. */
  readonly resumes: boolean;
}

/** The files of a published folder: the ending of a name -> media type. Others are not published. */
export type FolderFiles = Readonly<Record<string, string>>;

/** Facts that a gate compares the metrics with. */
export interface GateBasis<S extends Stage> {
  readonly settings: StageSettings[S];
  /** Metrics of all accepted parts of an earlier stage. */
  readonly earlier: <E extends Stage>(stage: E) => readonly StageMetrics[E][];
}

/** Whether a stage's result may be built on; `undecided` = a person's yes is needed. */
export type GateVerdict =
  | { readonly verdict: 'accepted'; readonly failure: null }
  | { readonly verdict: 'rejected' | 'undecided'; readonly failure: Failure };

export const ACCEPTED: GateVerdict = { verdict: 'accepted', failure: null };
export const rejected = (code: FailureCode, message: string): GateVerdict => ({
  verdict: 'rejected',
  failure: failure(code, message),
});
export const undecided = (code: FailureCode, message: string): GateVerdict => ({
  verdict: 'undecided',
  failure: failure(code, message),
});

export const HOUR_SECONDS = 3600;

/** A setting made smaller by a rung of the memory ladder: pixels and counts stay whole numbers. */
export const smaller = (value: number, factor: number): number => Math.round(value * factor);
