import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { MAX_JOB_NAME_LENGTH } from '../../contracts/job/words';
import type { JobView } from '../../contracts/job/view';
import { MAX_REASON_LENGTH } from '../../contracts/messages/signals';
import { answer, api } from '../api/client';
import { keys } from '../api/keys';
import { problemWords } from '../api/problem';
import { job as words } from '../i18n/en/job';
import { Dialog } from '../ui/dialog';
import { Problem } from '../ui/problem';
import { mayErase, possibleActions, type Action } from './possible-actions';
import { RetryDialog } from './retry-dialog';
import { useTell } from './tell';

type Open = { readonly action: Action } | 'rename' | 'erase' | null;

/** Buttons for what a person can do about a job now; what came of the last one is said beside them. */
export function Actions({ job }: { readonly job: JobView }): ReactNode {
  const [open, setOpen] = useState<Open>(null);
  const tell = useTell(job.jobId);
  const close = (): void => setOpen(null);
  const press = (action: Action): void => {
    tell.reset();
    if (action.kind === 'retry' || action.kind === 'cancel') setOpen({ action });
    else tell.mutate({ kind: action.kind });
  };
  const { actions } = words;
  return (
    <section className="job-actions" aria-label={actions.label}>
      <div className="actions">
        {possibleActions(job).map((action) => (
          <button
            key={action.label}
            type="button"
            className={action.isMain === true ? 'primary' : action.isDanger === true ? 'danger' : ''}
            disabled={tell.isPending}
            onClick={() => press(action)}
          >
            {action.label}
          </button>
        ))}
      </div>
      <div className="actions small">
        <button type="button" className="plain" onClick={() => setOpen('rename')}>
          {actions.rename}
        </button>
        {mayErase(job) && (
          <button type="button" className="plain danger" onClick={() => setOpen('erase')}>
            {actions.erase}
          </button>
        )}
      </div>
      <p className="said" role="status">
        {tell.isError && open === null ? problemWords(tell.error) : (tell.data?.note ?? '')}
      </p>
      {typeof open === 'object' && open?.action.kind === 'cancel' && (
        <CancelDialog
          action={open.action}
          isBusy={tell.isPending}
          error={tell.error}
          onClose={close}
          onSubmit={(reason) => tell.mutate({ kind: 'cancel', reason }, { onSuccess: close })}
        />
      )}
      {typeof open === 'object' && open?.action.kind === 'retry' && (
        <RetryDialog job={job} tell={tell} onClose={close} />
      )}
      {open === 'rename' && <RenameDialog job={job} onClose={close} />}
      {open === 'erase' && <EraseDialog job={job} onClose={close} />}
    </section>
  );
}

interface CancelProps {
  readonly action: Action;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onClose: () => void;
  readonly onSubmit: (reason: string) => void;
}

function CancelDialog({ action, isBusy, error, onClose, onSubmit }: CancelProps): ReactNode {
  return (
    <Dialog
      title={action.label}
      action={action.label}
      isDanger
      isBusy={isBusy}
      error={error !== null && <Problem error={error} />}
      onClose={onClose}
      onSubmit={(values) => onSubmit(text(values, 'reason'))}
    >
      <p>{action.ask}</p>
      <label>
        {words.actions.reason}
        <input name="reason" maxLength={MAX_REASON_LENGTH} autoFocus />
      </label>
    </Dialog>
  );
}

interface DialogProps {
  readonly job: JobView;
  readonly onClose: () => void;
}

function RenameDialog({ job: { jobId, name }, onClose }: DialogProps): ReactNode {
  const cache = useQueryClient();
  const rename = useMutation({
    mutationFn: (to: string) =>
      answer(api.PATCH('/v1/jobs/{jobId}', { params: { path: { jobId } }, body: { name: to } })),
    onSuccess: onClose,
    onSettled: () => Promise.all([keys.job(jobId), keys.jobs].map((queryKey) => cache.invalidateQueries({ queryKey }))),
  });
  return (
    <Dialog
      title={words.actions.renameTitle}
      action={words.actions.save}
      isBusy={rename.isPending}
      error={rename.isError && <Problem error={rename.error} />}
      onClose={onClose}
      onSubmit={(values) => rename.mutate(text(values, 'name'))}
    >
      <label>
        {words.actions.name}
        <input name="name" required maxLength={MAX_JOB_NAME_LENGTH} defaultValue={name} autoFocus />
      </label>
    </Dialog>
  );
}

function EraseDialog({ job: { jobId, name }, onClose }: DialogProps): ReactNode {
  const cache = useQueryClient();
  const [, navigate] = useLocation();
  const erase = useMutation({
    mutationFn: () => answer(api.DELETE('/v1/jobs/{jobId}', { params: { path: { jobId } } })),
    onSuccess: () => {
      navigate('/');
      void cache.invalidateQueries({ queryKey: keys.jobs });
    },
  });
  return (
    <Dialog
      title={name}
      action={words.actions.erase.replace('…', '')}
      isDanger
      isBusy={erase.isPending}
      error={erase.isError && <Problem error={erase.error} />}
      onClose={onClose}
      onSubmit={() => erase.mutate()}
    >
      <p>{words.actions.askErase}</p>
    </Dialog>
  );
}

export function text(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
