import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import type { AcceptedMessage } from '../../contracts/job/view';
import type { BudgetLimits } from '../../contracts/job/budget';
import type { JobOptions } from '../../contracts/stages/options';
import type { Stage } from '../../contracts/stages/stage';
import { answer, api } from '../api/client';
import { keys } from '../api/keys';
import { job as words } from '../i18n/en/job';

/** What a person tells a job. */
export type Message =
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'accept' | 'pause' | 'resume' }
  | ({ readonly kind: 'retry'; readonly fromStage?: Stage; readonly options?: JobOptions } & BudgetLimits);

const { by } = words.actions;

function send(jobId: string, message: Message): Promise<AcceptedMessage> {
  const params = { path: { jobId } };
  switch (message.kind) {
    case 'cancel': {
      const { reason } = message;
      return answer(api.POST('/v1/jobs/{jobId}/cancel', { params, body: { by, ...(reason !== '' && { reason }) } }));
    }
    case 'accept':
      return answer(api.POST('/v1/jobs/{jobId}/accept', { params, body: { by } }));
    case 'pause':
      return answer(api.POST('/v1/jobs/{jobId}/pause', { params }));
    case 'resume':
      return answer(api.POST('/v1/jobs/{jobId}/resume', { params }));
    case 'retry': {
      const { kind: _, ...body } = message;
      return answer(api.POST('/v1/jobs/{jobId}/retry', { params, body: body as Record<string, never> }));
    }
  }
}

/** Tells a job something; what it does then is asked for at once, and comes by events after that. */
export function useTell(jobId: string): UseMutationResult<AcceptedMessage, Error, Message> {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (message: Message) => send(jobId, message),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.job(jobId) }),
  });
}
