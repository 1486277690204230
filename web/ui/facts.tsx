import type { ReactNode } from 'react';

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
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
