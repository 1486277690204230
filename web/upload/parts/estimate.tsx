import type { ReactNode } from 'react';
import { upload as words } from '../../i18n/en/upload';
import { problemWords } from '../../api/problem';
import { durationRange, usdRange } from '../../ui/format';
import type { PresetEstimate } from '../form/estimates';
import { isTolerable } from '../../../contracts/estimates/tolerable';
import type { Estimate as Estimated } from '../form/proposal';
import type { JobForm } from '../form/use-job-form';

const text = words.estimate;

/** What the job would take and cost, as the form stands; before it begins, that it takes long. */
export function Estimate({
  hasInput,
  isUnseen,
  form,
}: {
  readonly hasInput: boolean;
  /** Photos are chosen, and nobody knows yet how many they are. */
  readonly isUnseen: boolean;
  readonly form: JobForm;
}): ReactNode {
  const { preset, estimates } = form;
  const known = preset === undefined ? undefined : estimates.get(preset.name);
  return (
    <section className="card estimate" aria-labelledby="estimate-heading" aria-live="polite">
      <h2 id="estimate-heading">{text.heading}</h2>
      {hasInput ? (
        known !== undefined && <Known known={known} form={form} />
      ) : (
        <p className="hint">{isUnseen ? text.later : text.none}</p>
      )}
    </section>
  );
}

function Known({
  known: { estimate, error, isOld },
  form,
}: {
  readonly known: PresetEstimate;
  readonly form: JobForm;
}): ReactNode {
  if (error !== null) return <p className="problem">{problemWords(error)}</p>;
  if (estimate === undefined) return <p className="hint">{text.working}</p>;
  const { seconds, usd, basis, stages } = estimate;
  return (
    <div className={isOld ? 'old' : ''}>
      <dl className="big-figures">
        <div>
          <dt>{text.time}</dt>
          <dd>{durationRange(seconds.low, seconds.high)}</dd>
        </div>
        <div>
          <dt>{text.cost}</dt>
          <dd>{usdRange(usd)}</dd>
        </div>
      </dl>
      <p className="hint">
        {basis === 'ledger' ? text.ledger(Math.min(...stages.map(({ attempts }) => attempts))) : text.model} {text.own}
      </p>
      {!isTolerable(estimate) && <Long estimate={estimate} form={form} />}
    </div>
  );
}

/** That a job takes long, or longer than its machine may run; and the way to a quality that does not. */
function Long({ estimate, form }: { readonly estimate: Estimated; readonly form: JobForm }): ReactNode {
  const { presets, preset, proposed, estimates, change } = form;
  const better = presets.find(({ name }) => name === proposed && name !== preset?.name);
  const quicker = better === undefined ? undefined : estimates.get(better.name)?.estimate;
  const { seconds, stages } = estimate;
  return (
    <div className="notice warn" role="note">
      <p>
        {text.long(durationRange(seconds.low, seconds.high))}
        {stages.some(({ exceedsLimit }) => exceedsLimit) && ` ${text.exceeds}`}
      </p>
      {better !== undefined && quicker !== undefined && (
        <button type="button" onClick={() => change({ preset: better.name })}>
          {text.take(
            better.title.split(':')[0] ?? better.name,
            durationRange(quicker.seconds.low, quicker.seconds.high),
          )}
        </button>
      )}
    </div>
  );
}
