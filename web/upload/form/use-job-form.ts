import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { LIMIT_RULES } from '../../../contracts/job/budget';
import { answer, api } from '../../api/client';
import type { Store } from '../sending/memory';
import type { JobRequest } from '../session';
import {
  hasProblems,
  jobProblems,
  jobRequest,
  rememberedJob,
  rememberJob,
  type JobProblems,
  type JobTexts,
} from './job-form';
import { TYPICAL, useEstimates, type EstimateInput, type PresetEstimate } from './estimates';
import { optionFields, type Option, type OptionField, type Preset } from './options-form';
import { optionsQuery } from './options-query';
import { proposedPreset } from './proposal';

/** The form of a job, with what the API says of presets and options. */
export interface JobForm {
  readonly texts: JobTexts;
  readonly presets: readonly Preset[];
  readonly preset: Preset | undefined;
  /** The quality that this deployment does best in a tolerable time; null until that is known. */
  readonly proposed: Preset['name'] | null;
  /** By the name of a preset; of the chosen photos, before that of a small flight. */
  readonly estimates: ReadonlyMap<string, PresetEstimate>;
  readonly fields: readonly OptionField[];
  readonly problems: JobProblems;
  /** Of the catalogue: null, or why it could not be loaded. */
  readonly loadError: Error | null;
  readonly isReady: boolean;
  change(changes: Partial<JobTexts>): void;
  /** What is asked for; null while something is missing or wrong. */
  request(): JobRequest | null;
}

const DAY_MS = 24 * 3600 * 1000;

const NO_OPTIONS: readonly Option[] = [];

/**
 * @param photos how many there are; null where it is not known
 * @param input what estimates are made of; null while nothing is chosen
 */
export function useJobForm(
  store: Store | null,
  suggestedName: string,
  photos: number | null,
  input: EstimateInput | null,
): JobForm {
  const [texts, setTexts] = useState(() => rememberedJob(store));
  const presets = useQuery({ queryKey: ['presets'], queryFn: () => answer(api.GET('/v1/presets')), staleTime: DAY_MS });
  const options = useQuery(optionsQuery);
  const all = presets.data?.presets ?? [];
  const allOptions = options.data ?? NO_OPTIONS;
  const estimates = useEstimates(input ?? TYPICAL, { presets: all, options: allOptions, texts: texts.options });
  const isBeyondAll = photos !== null && all.every(({ maxPhotos }) => photos > maxPhotos);
  const areEstimated =
    (estimates.size > 0 || isBeyondAll) && [...estimates.values()].every(({ isPending }) => !isPending);
  const proposed =
    areEstimated && presets.data !== undefined
      ? proposedPreset(all, presets.data.default, (name) => estimates.get(name)?.estimate)
      : null;
  const named = (name: string | null): Preset | undefined => all.find((preset) => preset.name === name);
  const preset = named(texts.preset) ?? named(proposed);
  const fields = useMemo(() => optionFields(allOptions, preset), [allOptions, preset]);
  const problems = jobProblems(texts, { fields, preset, budget: LIMIT_RULES.budgetUsd, photos });
  return {
    texts,
    presets: all,
    preset,
    proposed,
    estimates,
    fields,
    problems,
    loadError: presets.error ?? options.error,
    isReady: preset !== undefined && options.data !== undefined,
    change(changes) {
      const next = { ...texts, ...changes };
      setTexts(next);
      rememberJob(store, next);
    },
    request: () =>
      preset === undefined || hasProblems(problems) ? null : jobRequest(texts, suggestedName, preset.name, fields),
  };
}
