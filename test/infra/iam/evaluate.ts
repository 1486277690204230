import { listOf, type Call, type Policies, type ResourcePolicy, type Statement } from './policy';

/** What every call of ours carries: the SDK speaks TLS 1.3. */
const SECURE: Readonly<Record<string, string>> = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };

/**
 * Whether AWS would allow a call within one account, after "Policy evaluation logic" of the IAM user guide: a Deny
 * anywhere counts first; then an Allow of the identity or of the thing is enough. A key is different: its own policy has
 * to allow the caller, or the account, and then the identity. Throws Error at what it does not know (NotAction,
 * NotResource, NotPrincipal, other operators), so that no policy is judged by half.
 */
export function isAllowed(call: Call, policies: Policies): boolean {
  const identity = policies.identities.get(call.principal) ?? [];
  const things = policies.resources.filter((policy) => covers(policy, call.resource));
  const matches = (statement: Statement): boolean => isAbout(statement, call);
  const atThing = (effect: 'Allow' | 'Deny', principal: (statement: Statement) => boolean): boolean =>
    things.some(({ statements }) =>
      statements.some((statement) => statement.Effect === effect && principal(statement) && matches(statement)),
    );
  const forCaller = (statement: Statement): boolean => names(statement, call.principal);
  const forAccount = (statement: Statement): boolean => names(statement, `arn:aws:iam::${policies.account}:root`);

  if (atThing('Deny', forCaller) || identity.some((statement) => statement.Effect === 'Deny' && matches(statement)))
    return false;
  const byIdentity = identity.some((statement) => statement.Effect === 'Allow' && matches(statement));
  if (call.action.startsWith('kms:'))
    return atThing('Allow', forCaller) || (byIdentity && atThing('Allow', forAccount));
  return byIdentity || atThing('Allow', forCaller);
}

const covers = ({ kind, arn }: ResourcePolicy, resource: string): boolean =>
  resource === arn || (kind === 'bucket' && resource.startsWith(`${arn}/`));

function names({ Principal }: Statement, principal: string): boolean {
  if (Principal === undefined) throw new Error('a policy of a thing without Principal');
  if (Principal === '*') return true;
  return Object.values(Principal)
    .flatMap((value) => listOf(value))
    .some((name) => name === '*' || name === principal);
}

/** Whether a statement speaks of this call: its action, its resource and its conditions. */
export function isAbout(statement: Statement, call: Call): boolean {
  for (const unknown of ['NotAction', 'NotResource', 'NotPrincipal'])
    if (unknown in statement) throw new Error(`the evaluator does not know ${unknown}`);
  return (
    listOf(statement.Action).some((action) => isLike(action.toLowerCase(), call.action.toLowerCase())) &&
    listOf(statement.Resource).some((resource) => isLike(resource, call.resource)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, listOf(values), contextOf(call)[key])),
    )
  );
}

const contextOf = ({ context = {} }: Call): Readonly<Record<string, string | undefined>> => ({ ...SECURE, ...context });

/** A key that the call does not carry makes every one of these false. */
function holds(operator: string, wanted: readonly string[], given: string | undefined): boolean {
  const test = OPERATORS[operator];
  if (test === undefined) throw new Error(`the evaluator does not know ${operator}`);
  return given !== undefined && wanted.some((value) => test(value, given));
}

const equal = (wanted: string, given: string): boolean => wanted === given;
const OPERATORS: Readonly<Record<string, (wanted: string, given: string) => boolean>> = {
  StringEquals: equal,
  ArnEquals: isLike,
  StringLike: isLike,
  ArnLike: isLike,
  Bool: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
  NumericLessThan: (wanted, given) => Number(given) < Number(wanted),
};

/** Matches `*` (any characters, slashes too) and `?` (one). */
export function isLike(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
