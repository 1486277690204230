import type { ReactNode } from 'react';
import { failureTitle } from '../../contracts/job/failures';
import { STEP_TITLE } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import { FILES_STAY, parkedWords, undecidedWords, WAITING_WORDS } from '../../contracts/job/words';
import { warningsOf } from '../../contracts/stages/reports';
import { job as words } from '../i18n/en/job';
import { duration, time, usd } from '../ui/format';

const { situation: say } = words;

/** What a job waits for or why it has stopped, and what a person can do; nothing where the rest of the page says it. */
export function Situation({ job }: { readonly job: JobView }): ReactNode {
  switch (job.state) {
    case 'queued':
      return <p className="notice">{say.queued}</p>;
    case 'running':
      return (
        <>
          {job.pauseRequested && <Notice title={say.pausing.title}>{say.pausing.text}</Notice>}
          {job.result !== null && <p className="notice">{say.otherFiles}</p>}
        </>
      );
    case 'waiting':
      return <Waiting job={job} />;
    case 'parked':
    case 'failed':
      return <Failed job={job} />;
    case 'cancelling':
    case 'cancelled':
      return <Cancelled job={job} />;
    case 'succeeded':
      return null;
  }
}

function Notice({ title, tone = '', children }: { title: string; tone?: string; children: ReactNode }): ReactNode {
  return (
    <section className={`notice ${tone}`}>
      <h2>{title}</h2>
      {typeof children === 'string' ? <p>{children}</p> : children}
    </section>
  );
}

function Waiting({ job }: { readonly job: JobView }): ReactNode {
  const { waiting: wait, step, costUsd, pauseRequested } = job;
  if (wait === null) return null;
  const title = WAITING_WORDS[wait.for].heading;
  switch (wait.for) {
    case 'start':
      return <Notice title={title}>{say.start(time(wait.until))}</Notice>;
    case 'capacity':
      return (
        <Notice title={title}>
          <p>{say.capacity(step === null ? '' : STEP_TITLE[step])}</p>
          {wait.until !== null && <p>{say.capacityUntil(time(wait.until))}</p>}
          {pauseRequested && <p>{say.pauseAfter}</p>}
          <p className="quiet">{wait.message}</p>
        </Notice>
      );
    case 'decision':
      return (
        <Notice title={title} tone="warn">
          <p>{sentence(wait.message)}</p>
          <ul>
            <li>
              <strong>{say.accept[0]}</strong>: {say.accept[1]}
            </li>
            <li>
              <strong>{say.stop[0]}</strong>: {say.stop[1](usd(costUsd))}
            </li>
          </ul>
          {wait.until !== null && <p>{undecidedWords(wait.until)}</p>}
        </Notice>
      );
    case 'resume':
      return (
        <Notice title={title}>
          {sentence(wait.message)} {say.paused}
        </Notice>
      );
  }
}

function Failed({ job }: { readonly job: JobView }): ReactNode {
  const { step, failure, parkedUntil, stages, result } = job;
  if (failure === null) return null;
  const keeps = Object.keys(stages).length > 0;
  return (
    <Notice title={failureTitle(failure.code)} tone="bad">
      <p>
        <strong>{say.happened}:</strong> {step === null ? say.stoppedAnywhere : say.stopped(STEP_TITLE[step])}:{' '}
        {withStop(failure.message)}
      </p>
      <p>
        <strong>{say.todo}:</strong> {failure.advice}
      </p>
      <p>
        <strong>{say.spent}:</strong> {spent(job)}.{keeps && ` ${say.kept}`}
      </p>
      {parkedUntil !== null && <p>{parkedWords(parkedUntil)}</p>}
      {result !== null && <p>{FILES_STAY}</p>}
      <p className="small">
        {say.code} <code>{failure.code}</code>
      </p>
    </Notice>
  );
}

function Cancelled({ job }: { readonly job: JobView }): ReactNode {
  const { state, cancelled: cancel, result } = job;
  const isOver = state === 'cancelled';
  return (
    <Notice title={isOver ? say.cancelled : say.stopping}>
      {cancel !== null && <p>{say.by(cancel.by, time(cancel.at), cancel.reason)}</p>}
      <p>{isOver ? say.off(spent(job)) : say.told}</p>
      {result !== null && <p>{FILES_STAY}</p>}
    </Notice>
  );
}

const NOT_DELIVERED = { rejected: say.refused, expired: say.late, returned: say.returned, delivered: '' } as const;

/** What a person should know beside the state: mails that did not arrive, messages that were not followed, warnings. */
export function Notes({ job }: { readonly job: JobView }): ReactNode {
  const { deliveries, notice, stages } = job;
  return (
    <>
      {deliveries
        .filter(({ status }) => status !== 'delivered')
        .map(({ eventId, channel, status, detail, at }) => (
          <p key={`${eventId} ${channel}`} className="notice bad">
            {channel === 'mail' ? say.mail : say.webhook} {NOT_DELIVERED[status]}
            {detail !== null && `: ${detail}`} <span className="small">({time(at)})</span>
          </p>
        ))}
      {notice !== null && <p className="notice">{notice}</p>}
      {warningsOf(stages).map((warning) => (
        <p key={warning} className="notice warn">
          {warning}
        </p>
      ))}
    </>
  );
}

/** `$1.20 for 35 min of machines; the budget is $5.00 and 3 hr of machines` */
function spent({ costUsd, attempts, budget }: JobView): string {
  const seconds = attempts.reduce((sum, attempt) => sum + attempt.seconds, 0);
  const limits = [
    ...(budget.budgetUsd === null ? [] : [usd(budget.budgetUsd)]),
    ...(budget.maxHours === null ? [] : [say.hours(duration(budget.maxHours * 3600))]),
  ];
  return (
    usd(costUsd) +
    (seconds > 0 ? say.machines(duration(seconds)) : '') +
    (limits.length === 0 ? '' : say.budget(limits.join(say.and)))
  );
}

/** With the full stop that a sentence may lack. */
const withStop = (text: string): string => text + (/[.!?]$/.test(text) ? '' : '.');
const sentence = (text: string): string => withStop(text.charAt(0).toUpperCase() + text.slice(1));
