import { useQueries } from '@tanstack/react-query';
import { useDeferredValue, useRef } from 'react';
import type { paths } from '../../../contracts/generated/api';
import { answer, api } from '../../api/client';
import { chosenOptions, optionFields, type Option, type OptionTexts, type Preset } from './options-form';
import type { Estimate } from './proposal';

/** What an estimate is asked for. */
export type EstimateInput =
  { readonly photos: number; readonly megapixels: number | null } | { readonly uploadId: string };

/** A small flight: what qualities are compared by until photos are chosen. */
export const TYPICAL: EstimateInput = { photos: 100, megapixels: null };

/** What is known of the time and cost of one quality. */
export interface PresetEstimate {
  readonly estimate: Estimate | undefined;
  readonly error: Error | null;
  /** It is of what the form said before. */
  readonly isOld: boolean;
  readonly isPending: boolean;
}

type EstimateBody = paths['/v1/estimates']['post']['requestBody']['content']['application/json'];

/** Time and cost of a job of each quality that takes so many photos, as the form stands. */
export function useEstimates(
  input: EstimateInput,
  { presets, options, texts }: { presets: readonly Preset[]; options: readonly Option[]; texts: OptionTexts },
): ReadonlyMap<string, PresetEstimate> {
  const asked = presets.flatMap((preset): EstimateBody[] =>
    'photos' in input && input.photos > preset.maxPhotos
      ? []
      : [{ ...input, preset: preset.name, options: chosenOptions(optionFields(options, preset), texts) }],
  );
  // Not while somebody types.
  const bodies = JSON.parse(useDeferredValue(JSON.stringify(asked))) as readonly EstimateBody[];
  const results = useQueries({
    queries: bodies.map((body) => ({
      queryKey: ['estimate', body],
      queryFn: ({ signal }: { readonly signal: AbortSignal }): Promise<Estimate> =>
        answer(api.POST('/v1/estimates', { body, signal })),
      staleTime: 60_000,
    })),
  });
  // What was known stays until the new is there, so that nothing jumps.
  const earlier = useRef(new Map<string, Estimate>());
  return new Map(
    bodies.map(({ preset = '' }, index) => {
      const { data, error = null } = results[index] ?? {};
      if (data !== undefined) earlier.current.set(preset, data);
      const estimate = data ?? earlier.current.get(preset);
      const isPending = estimate === undefined && error === null;
      return [preset, { estimate, error, isOld: data === undefined, isPending }];
    }),
  );
}
