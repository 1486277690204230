import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { jobs as words } from '../i18n/en/jobs';
import { count, usd } from '../ui/format';
import { useNewestBatches } from './queries';

interface Props {
  /** Whose jobs are listed. */
  readonly chosen: string | null;
  readonly choose: (batchId: string | null) => void;
}

/** The newest batches: pressing one lists its jobs, pressing it again lists all. */
export function Batches({ chosen, choose }: Props): ReactNode {
  const { data } = useNewestBatches();
  const batches = data?.batches ?? [];
  if (batches.length === 0) return null;
  return (
    <section className="batches" aria-label={words.batches}>
      {batches.map(({ batchId, name, jobs, counts, costUsd }) => (
        <button
          key={batchId}
          type="button"
          aria-pressed={batchId === chosen}
          onClick={() => choose(batchId === chosen ? null : batchId)}
        >
          <strong>{name ?? words.unnamedBatch}</strong>
          <span>
            {words.batchDone(count(counts.succeeded), count(jobs))} · {usd(costUsd)}
          </span>
          {batchId === chosen && <X aria-hidden="true" size={16} />}
        </button>
      ))}
    </section>
  );
}
