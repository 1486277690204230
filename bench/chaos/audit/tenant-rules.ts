import { setTimeout as sleep } from 'node:timers/promises';
import { finding, type Finding } from './evidence';

const LOOK_EVERY_MS = 500;
/** Lists lag 5 s at most (docs/operations.md); a server that was killed sweeps first. */
const LISTED_WITHIN_MS = 60_000;

/** Each tenant's list has all of its own jobs, and no other. */
export async function judgeTenants(
  server: string,
  keys: Readonly<Record<string, string>>,
  jobs: readonly { readonly jobId: string; readonly tenant: string }[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [tenant, key] of Object.entries(keys)) {
    const own = new Set(jobs.filter((job) => job.tenant === tenant).map(({ jobId }) => jobId));
    const deadlineMs = Date.now() + LISTED_WITHIN_MS;
    let listed = await listedTo(server, key);
    while (without(own, listed).length > 0 && Date.now() < deadlineMs) {
      await sleep(LOOK_EVERY_MS);
      listed = await listedTo(server, key);
    }
    for (const jobId of without(own, listed)) findings.push(finding('lost', jobId, `it is in no list of ${tenant}`));
    for (const jobId of without(listed, own))
      findings.push(finding('seenByOthers', jobId, `it is in the list of ${tenant}`));
  }
  return findings;
}

const without = (all: ReadonlySet<string>, others: ReadonlySet<string>): string[] =>
  [...all].filter((each) => !others.has(each));

async function listedTo(server: string, key: string): Promise<Set<string>> {
  const listed = new Set<string>();
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await fetch(`${server}/v1/jobs?limit=100${from}`, { headers: { authorization: `Bearer ${key}` } });
    if (!response.ok) throw new Error(`the list answers ${response.status}`);
    const page = (await response.json()) as { jobs: { jobId: string }[]; nextCursor: string | null };
    for (const { jobId } of page.jobs) listed.add(jobId);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return listed;
}
