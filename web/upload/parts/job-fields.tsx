import { useId, type ReactNode } from 'react';
import { LIMIT_RULES } from '../../../contracts/job/budget';
import { options } from '../../i18n/en/options';
import { upload as words } from '../../i18n/en/upload';
import type { JobForm } from '../form/use-job-form';
import { chosenOptions, type OptionField } from '../form/options-form';
import { isTolerable } from '../../../contracts/estimates/tolerable';
import type { Estimate } from '../form/proposal';
import { durationRange, usdRange } from '../../ui/format';

/** What a job is asked for, beside its photos. Problems are shown once a person has tried to start. */
export function JobFields({
  form,
  suggestedName,
  photos,
  isTypical,
  disabled,
  showProblems,
}: {
  readonly form: JobForm;
  readonly suggestedName: string;
  readonly photos: number | null;
  /** Nothing is chosen yet: times are those of a small flight. */
  readonly isTypical: boolean;
  readonly disabled: boolean;
  readonly showProblems: boolean;
}): ReactNode {
  const { texts, problems, fields, change } = form;
  const text = words.job;
  const changed = Object.keys(chosenOptions(fields, texts.options)).length;
  const { minimum, maximum } = LIMIT_RULES.budgetUsd;
  const isWrongOption = Object.keys(problems.options).length > 0;
  return (
    <fieldset className="card job-fields" disabled={disabled}>
      <legend>{text.heading}</legend>
      <Field label={text.name} hint={text.nameHint} problem={null}>
        {(props) => (
          <input
            {...props}
            name="name"
            maxLength={100}
            autoComplete="off"
            value={texts.name ?? suggestedName}
            onChange={({ target }) => change({ name: target.value })}
          />
        )}
      </Field>
      <Field
        label={text.email}
        hint={text.emailHint}
        problem={problems.email && (showProblems || texts.email.length > 5) ? text.emailProblem : null}
      >
        {(props) => (
          <input
            {...props}
            type="email"
            name="email"
            autoComplete="email"
            required
            value={texts.email}
            onChange={({ target }) => change({ email: target.value })}
          />
        )}
      </Field>
      <Presets form={form} photos={photos} isTypical={isTypical} />
      <Field
        label={text.budget}
        hint={text.budgetHint}
        problem={problems.budgetUsd ? text.budgetProblem(minimum, maximum) : null}
      >
        {(props) => (
          <input
            {...props}
            name="budgetUsd"
            inputMode="decimal"
            autoComplete="off"
            value={texts.budgetUsd}
            onChange={({ target }) => change({ budgetUsd: target.value })}
          />
        )}
      </Field>
      <details className="options" {...(isWrongOption && { open: true })}>
        <summary>{changed === 0 ? text.options : text.optionsChanged(changed)}</summary>
        {fields.map((field) => (
          <Option key={field.name} field={field} form={form} />
        ))}
        <label className="choice">
          <input
            type="checkbox"
            name="spot"
            checked={texts.isSpot}
            onChange={({ target }) => change({ isSpot: target.checked })}
          />
          {text.spot}
        </label>
      </details>
    </fieldset>
  );
}

function Presets({
  form,
  photos,
  isTypical,
}: {
  readonly form: JobForm;
  readonly photos: number | null;
  readonly isTypical: boolean;
}): ReactNode {
  const { presets, preset, proposed, estimates, loadError, change } = form;
  const text = words.job;
  return (
    <fieldset className="presets">
      <legend>{text.preset}</legend>
      {loadError !== null && <p className="problem">{`${text.notLoaded} ${loadError.message}`}</p>}
      {isTypical && presets.length > 0 && <p className="hint">{text.typical}</p>}
      {presets.map(({ name, title, maxPhotos }) => {
        const [short = title, long = ''] = title.split(/: (.*)/);
        const estimate = estimates.get(name)?.estimate;
        return (
          <label key={name} className="preset" data-chosen={name === preset?.name}>
            <input
              type="radio"
              name="preset"
              value={name}
              checked={name === preset?.name}
              onChange={() => change({ preset: name })}
            />
            <span>
              <span className="preset-name">
                {short} {name === proposed && <em className="proposed">{text.proposed}</em>}
              </span>
              <span className="hint">{long.charAt(0).toUpperCase() + long.slice(1)}</span>
              {photos !== null && photos > maxPhotos ? (
                <span className="problem">{text.tooMany(photos, maxPhotos)}</span>
              ) : (
                estimate !== undefined && <Comes estimate={estimate} />
              )}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

/** Time and cost of a quality, and that it takes long on this deployment's machines. */
function Comes({ estimate }: { readonly estimate: Estimate }): ReactNode {
  const { low, high } = estimate.seconds;
  const range = durationRange(low, high);
  return (
    <span className="preset-comes" data-tolerable={isTolerable(estimate)}>
      {isTolerable(estimate) ? range : words.job.long(range)} · {usdRange(estimate.usd)}
    </span>
  );
}

function Option({ field, form }: { readonly field: OptionField; readonly form: JobForm }): ReactNode {
  const { texts, problems, change } = form;
  const { name, label, hint, isYesNo, preset } = field;
  const value = texts.options[name] ?? '';
  const set = (text: string): void => change({ options: { ...texts.options, [name]: text } });
  const asPreset =
    preset === null
      ? ''
      : words.job.asPreset(isYesNo ? (preset === 1 ? options.yes : options.no) : preset.toLocaleString('en'));
  return (
    <Field label={label} hint={hint} problem={problems.options[name] ?? null}>
      {(props) =>
        isYesNo ? (
          <select {...props} name={name} value={value} onChange={({ target }) => set(target.value)}>
            <option value="">{asPreset}</option>
            <option value="1">{options.yes}</option>
            <option value="0">{options.no}</option>
          </select>
        ) : (
          <input
            {...props}
            name={name}
            inputMode="decimal"
            autoComplete="off"
            placeholder={asPreset}
            value={value}
            onChange={({ target }) => set(target.value)}
          />
        )
      }
    </Field>
  );
}

/** A field with its name, what it means, and what is wrong with it. */
function Field({
  label,
  hint,
  problem,
  children,
}: {
  readonly label: string;
  readonly hint: string;
  readonly problem: string | null;
  children(props: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }): ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-about`, 'aria-invalid': problem !== null })}
      <p id={`${id}-about`} className={problem === null ? 'hint' : 'problem'}>
        {problem === null ? hint : `${label} ${problem}.`}
      </p>
    </div>
  );
}
