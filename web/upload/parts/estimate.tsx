import type { ReactNode } from 'react';
import { upload as words } from '../../i18n/en/upload';
import { problemWords } from '../../api/problem';
import { durationRange, usd } from '../../ui/format';
import { useEstimate, type EstimateInput, type JobForm } from '../form/use-job-form';

/** What the job would take and cost, as the form stands. */
export function Estimate({
  input,
  isUnseen,
  form,
}: {
  readonly input: EstimateInput | null;
  /** Photos are chosen, and nobody knows yet how many they are. */
  readonly isUnseen: boolean;
  readonly form: JobForm;
}): ReactNode {
  const { data, error, isPlaceholderData } = useEstimate(input, form);
  const text = words.estimate;
  return (
    <section className="card estimate" aria-labelledby="estimate-heading" aria-live="polite">
      <h2 id="estimate-heading">{text.heading}</h2>
      {input === null && <p className="hint">{isUnseen ? text.later : text.none}</p>}
      {input !== null && data === undefined && error === null && <p className="hint">{text.working}</p>}
      {error !== null && <p className="problem">{problemWords(error)}</p>}
      {input !== null && data !== undefined && error === null && (
        <div className={isPlaceholderData ? 'old' : ''}>
          <dl className="big-figures">
            <div>
              <dt>{text.time}</dt>
              <dd>{durationRange(data.seconds.low, data.seconds.high)}</dd>
            </div>
            <div>
              <dt>{text.cost}</dt>
              <dd>{money(data.usd)}</dd>
            </div>
          </dl>
          <p className="hint">
            {data.basis === 'ledger'
              ? text.ledger(Math.min(...data.stages.map(({ attempts }) => attempts)))
              : text.model}{' '}
            {text.own}
          </p>
          {data.stages.some(({ exceedsLimit }) => exceedsLimit) && <p className="problem">{text.exceeds}</p>}
        </div>
      )}
    </section>
  );
}

const money = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  usd(low) === usd(high) ? usd(high) : `${usd(low)} – ${usd(high)}`;
