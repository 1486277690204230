import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';

/** The options that a job may replace, as the API describes them; they change with the server alone. */
export const optionsQuery = queryOptions({
  queryKey: ['options'],
  queryFn: async ({ signal }) => (await answer(api.GET('/v1/options', { signal }))).options,
  staleTime: Infinity,
});
