import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Dialog } from '../ui/dialog';
import { Problem } from '../ui/problem';

interface RemoveDialogProps {
  /** What is done, for heading and button. */
  readonly action: string;
  readonly question: string;
  readonly remove: () => Promise<unknown>;
  /** What shows the thing, and is asked for anew. */
  readonly shownIn: QueryKey;
  readonly onClose: () => void;
}

/** Asks before something is removed for good. */
export function RemoveDialog({ action, question, remove, shownIn, onClose }: RemoveDialogProps): ReactNode {
  const cache = useQueryClient();
  const removal = useMutation({
    mutationFn: remove,
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: shownIn });
      onClose();
    },
  });
  return (
    <Dialog
      title={action}
      action={action}
      isDanger
      isBusy={removal.isPending}
      error={removal.isError && <Problem error={removal.error} />}
      onClose={onClose}
      onSubmit={() => removal.mutate()}
    >
      <p>{question}</p>
    </Dialog>
  );
}
