import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import type { components, paths } from '../../../contracts/generated/api';
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
import { chosenOptions, optionFields, type OptionField, type Preset } from './options-form';

/** The form of a job, with what the API says of presets and options. */
export interface JobForm {
  readonly texts: JobTexts;
  readonly presets: readonly Preset[];
  readonly preset: Preset | undefined;
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

export function useJobForm(store: Store | null, suggestedName: string, photos: number | null): JobForm {
  const [texts, setTexts] = useState(() => rememberedJob(store));
  const presets = useQuery({ queryKey: ['presets'], queryFn: () => answer(api.GET('/v1/presets')), staleTime: DAY_MS });
  const options = useQuery({ queryKey: ['options'], queryFn: () => answer(api.GET('/v1/options')), staleTime: DAY_MS });
  const all = presets.data?.presets ?? [];
  const preset =
    all.find(({ name }) => name === texts.preset) ?? all.find(({ name }) => name === presets.data?.default);
  const fields = useMemo(() => optionFields(options.data?.options ?? [], preset), [options.data, preset]);
  const problems = jobProblems(texts, { fields, preset, budget: LIMIT_RULES.budgetUsd, photos });
  return {
    texts,
    presets: all,
    preset,
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

/** What an estimate is asked for. */
export type EstimateInput =
  { readonly photos: number; readonly megapixels: number | null } | { readonly uploadId: string };

/** Time and cost of the job as the form stands; of nothing while the input is null. */
export function useEstimate(
  input: EstimateInput | null,
  { preset, fields, texts, problems }: JobForm,
): UseQueryResult<components['schemas']['Estimate']> {
  const canAsk = input !== null && preset !== undefined && !problems.tooMany;
  // Not while somebody types; null asks for nothing.
  const asked = useDeferredValue(
    canAsk ? JSON.stringify({ ...input, preset: preset.name, options: chosenOptions(fields, texts.options) }) : null,
  );
  return useQuery({
    queryKey: ['estimate', asked],
    queryFn: ({ signal }) =>
      answer(api.POST('/v1/estimates', { body: JSON.parse(asked ?? '{}') as EstimateBody, signal })),
    enabled: asked !== null,
    placeholderData: (earlier) => earlier,
    staleTime: 60_000,
  });
}

type EstimateBody = paths['/v1/estimates']['post']['requestBody']['content']['application/json'];
