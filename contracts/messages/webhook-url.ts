/** What this deployment allows webhooks to do; the secret itself stays in the configuration of workers and server. */
export interface WebhookRules {
  /** Key of the signatures; null = this deployment sends no webhooks. */
  readonly secret: string | null;
  /** `host` or `host:port` that may be reached over http and at a private address too. */
  readonly hosts: readonly string[];
}

const MAX_LENGTH = 2000;
const DEFAULT_PORT: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/** `URL` has brought every way of writing an IPv4 address into this form. */
const IP_ADDRESS = /^(\d+\.\d+\.\d+\.\d+|\[.*\])$/;
/** Names that only a private network can give an address to. */
const PRIVATE_NAME = /^[^.]*$|\.(localhost|local|internal|home\.arpa)$/;

/** Whether the operator named the host of `url` as one that webhooks may reach wherever it is. */
export function isAllowedHost({ hostname, protocol, port }: URL, { hosts }: Pick<WebhookRules, 'hosts'>): boolean {
  return hosts.includes(hostname) || hosts.includes(`${hostname}:${port || DEFAULT_PORT[protocol]}`);
}

/** Why a job's webhooks cannot be sent to `url`, as `webhookAddressProblem`, or at all. */
export function webhookProblem(url: string, rules: WebhookRules): string | null {
  if (rules.secret === null)
    return 'this deployment sends no webhooks: its operator has set no SPACEPORT_WEBHOOK_SECRET';
  return webhookAddressProblem(url, rules);
}

/**
 * Why events cannot be sent to `url`, in words for the person who gave it; null when they can. Whether the host's name
 * leads to a public address is known only when it is called, and is checked then.
 */
export function webhookAddressProblem(url: string, rules: Pick<WebhookRules, 'hosts'>): string | null {
  if (url.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  const parsed = URL.parse(url);
  if (parsed === null || DEFAULT_PORT[parsed.protocol] === undefined) return 'must be an https:// address';
  if (parsed.username !== '' || parsed.password !== '')
    return 'must not hold a user name or a password: they would be kept with the job';
  if (isAllowedHost(parsed, rules)) return null;
  if (parsed.protocol !== 'https:') return 'must be an https:// address';
  const host = parsed.hostname.replace(/\.$/, '');
  if (IP_ADDRESS.test(host) || PRIVATE_NAME.test(host))
    return 'must name a public host, not an IP address or a name of a private network';
  return null;
}
