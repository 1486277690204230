/** A policy of AWS as it stands in a template whose intrinsic functions are resolved. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** One call that somebody makes. */
export interface Call {
  /** ARN of a role or user, or the name of a service. */
  readonly principal: string;
  /** Such as `s3:GetObject`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the call carries; those of a secure connection are there by themselves. */
  readonly context?: Readonly<Record<string, string>>;
}

/** A policy at a thing: who may do what with it. */
export interface ResourcePolicy {
  readonly kind: 'bucket' | 'key' | 'other';
  /** The thing's own ARN. */
  readonly arn: string;
  readonly statements: readonly Statement[];
}

export interface Policies {
  readonly account: string;
  /** Statements of each role and user, by its ARN. */
  readonly identities: ReadonlyMap<string, readonly Statement[]>;
  readonly resources: readonly ResourcePolicy[];
}

export const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
