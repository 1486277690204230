import { useQuery } from '@tanstack/react-query';
import { exhaustion } from '../../../contracts/usage/budget';
import { answer, api } from '../../api/client';

/** Why the server would refuse a start this month, asked before anything is sent; null where it would not. */
export function useExhaustedBudget(): string | null {
  const { data } = useQuery({
    queryKey: ['budget'],
    queryFn: async ({ signal }) => {
      const { budget } = (await answer(
        api.GET('/v1/usage', { params: { query: { format: 'json' } }, signal }),
      )) as Usage;
      return budget;
    },
    staleTime: 30_000,
  });
  return data === undefined || data === null ? null : exhaustion(data);
}

type Usage = { readonly budget: Parameters<typeof exhaustion>[0] | null };
