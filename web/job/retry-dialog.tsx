import { useQuery, type UseMutationResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { LIMIT_RULES, type BudgetLimits } from '../../contracts/job/budget';
import { CAPACITIES, isCapacity } from '../../contracts/machines/capacity';
import type { AcceptedMessage, JobView } from '../../contracts/job/view';
import { STAGES, type Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import { job as words } from '../i18n/en/job';
import { options as optionWords } from '../i18n/en/options';
import { Dialog } from '../ui/dialog';
import { count } from '../ui/format';
import { Problem } from '../ui/problem';
import { optionFields } from '../upload/form/options-form';
import { optionsQuery } from '../upload/form/options-query';
import type { Message } from './tell';

const LIMITS: readonly (keyof BudgetLimits)[] = ['budgetUsd', 'maxHours'];

interface Props {
  readonly job: JobView;
  readonly tell: UseMutationResult<AcceptedMessage, Error, Message>;
  readonly onClose: () => void;
}

/** Where to continue, and with which other options and limits; of a finished job, which other files to make. */
export function RetryDialog({ job, tell, onClose }: Props): ReactNode {
  const { failure, budget, capacity, filesDeleted, stages } = job;
  const { retry } = words;
  const isDone = job.state === 'succeeded';
  const [from, setFrom] = useState<Stage | ''>(isDone ? (STAGES.at(-1) ?? '') : '');
  const { data: options = [] } = useQuery(optionsQuery);
  const isDeleted = (filesDeleted?.intermediates ?? null) !== null;
  // A later step needs the results of those before it.
  const reachable = STAGES.slice(0, STAGES.filter((stage) => stages[stage] !== undefined).length + 1);
  const first = from === '' ? (reachable.at(-1) ?? 'sfm') : from;
  const changeable = options.filter(({ stage }) => STAGES.indexOf(stage) >= STAGES.indexOf(first));
  const submit = (values: FormData): void => {
    const numbers = (names: readonly string[]): Record<string, number> =>
      Object.fromEntries(
        names.flatMap((name) => {
          const value = values.get(name);
          return typeof value === 'string' && value.trim() !== '' ? [[name, Number(value)]] : [];
        }),
      );
    const rented = values.get('capacity');
    const changed = numbers(changeable.map(({ name }) => name));
    tell.mutate(
      {
        kind: 'retry',
        ...(from !== '' && { fromStage: from }),
        ...(Object.keys(changed).length > 0 && { options: changed }),
        ...numbers(LIMITS),
        ...(isCapacity(rented) && rented !== capacity && { capacity: rented }),
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog
      title={isDone ? retry.otherFiles.title : retry.title}
      action={isDone ? retry.otherFiles.go : retry.go}
      isBusy={tell.isPending}
      error={tell.isError && <Problem error={tell.error} />}
      onClose={onClose}
      onSubmit={submit}
    >
      <p>
        {isDone
          ? retry.otherFiles.text
          : failure?.code === 'BUDGET_EXCEEDED'
            ? retry.budgetText
            : isDeleted
              ? retry.deleted
              : retry.text}
      </p>
      {LIMITS.filter((name) => budget[name] !== null).map((name) => (
        <label key={name} className="field">
          {retry[name]}
          <input
            name={name}
            type="number"
            step="any"
            min={LIMIT_RULES[name].minimum}
            max={LIMIT_RULES[name].maximum}
            defaultValue={budget[name] ?? ''}
          />
        </label>
      ))}
      {capacity === 'spot' && !isDone && (
        <label className="field">
          {retry.capacity}
          <select name="capacity" defaultValue={failure?.code === 'NO_SPOT_IN_TIME' ? 'on-demand' : capacity}>
            {CAPACITIES.map((name) => (
              <option key={name} value={name}>
                {retry.capacities[name]}
              </option>
            ))}
          </select>
        </label>
      )}
      {!isDeleted && !isDone && (
        <label className="field">
          {retry.from}
          <select value={from} onChange={({ target }) => setFrom(target.value as Stage | '')}>
            <option value="">{retry.first}</option>
            {reachable.map((stage) => (
              <option key={stage} value={stage}>
                {STAGE[stage].title}
              </option>
            ))}
          </select>
        </label>
      )}
      <details open={isDone}>
        <summary>{retry.options}</summary>
        {optionFields(changeable, undefined).map(({ name, label, hint, minimum, maximum, step, isYesNo }) => (
          <label key={name} className="field">
            {label}
            {isYesNo ? (
              <select name={name} defaultValue="">
                <option value="">{retry.asBefore}</option>
                <option value="1">{optionWords.yes}</option>
                <option value="0">{optionWords.no}</option>
              </select>
            ) : (
              <input name={name} type="number" step={step} min={minimum} max={maximum} placeholder={retry.asBefore} />
            )}
            <small>
              {hint}
              {!isYesNo && ` (${retry.range(count(minimum), count(maximum))})`}
            </small>
          </label>
        ))}
      </details>
    </Dialog>
  );
}
