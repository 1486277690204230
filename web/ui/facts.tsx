import type { ReactNode } from 'react';

/** Characters that would wrap into many lines in the column of one value. */
const LONG = 32;

/** Names with their values, such as `Cost` and `$0.02`; names differ. */
export function Facts({
  facts,
  className = 'facts',
}: {
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
  readonly className?: string;
}): ReactNode {
  return (
    <dl className={className}>
      {facts.map(([name, value]) => (
        <div key={name} data-long={typeof value === 'string' && value.length > LONG}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
