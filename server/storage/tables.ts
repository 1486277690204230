/**
 * The tables, as both engines have them (`migrations/`). Times are milliseconds since 1970 in BIGINT, amounts DOUBLE
 * PRECISION, lists and objects JSON in TEXT. Columns that are null say so in their comment.
 */
export interface Tables {
  readonly tenants: TenantsTable;
  readonly keys: KeysTable;
  readonly sessions: SessionsTable;
  readonly signInLinks: SessionsTable;
  readonly shares: SharesTable;
  readonly annotations: AnnotationsTable;
  readonly webhookEndpoints: WebhookEndpointsTable;
  readonly idempotency: IdempotencyTable;
  readonly jobs: JobsTable;
  readonly batches: BatchesTable;
  readonly attempts: AttemptsTable;
  readonly budgetAlerts: BudgetAlertsTable;
  readonly leases: LeasesTable;
  readonly registryChanges: RegistryChangesTable;
}

interface TenantsTable {
  readonly id: string;
  readonly name: string;
  /** JSON: limits by name. */
  readonly limits: string;
  /** Null = no budget. */
  readonly monthlyBudgetUsd: number | null;
  /** Who is told of the budget; null = nobody. */
  readonly alertEmail: string | null;
  readonly createdAtMs: number;
  /** Null while the tenant is open. */
  readonly closedAtMs: number | null;
}

interface KeysTable {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** First characters of the key, by which a person recognises it. */
  readonly prefix: string;
  /** SHA-256 of the key in hexadecimal; the key itself is nowhere. */
  readonly hash: string;
  /** JSON: list of scopes. */
  readonly scopes: string;
  readonly createdAtMs: number;
  /** Null = never. */
  readonly expiresAtMs: number | null;
  /** Null while it is valid. */
  readonly revokedAtMs: number | null;
  /** Null = not used yet. */
  readonly lastUsedAtMs: number | null;
}

/** Sessions, and the links of mails that open one. */
interface SessionsTable {
  /** SHA-256 of the cookie's value, or of the link's token. */
  readonly hash: string;
  readonly keyId: string;
  readonly tenant: string;
  readonly scopes: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

interface SharesTable {
  readonly id: string;
  readonly tenant: string;
  readonly jobId: string;
  /** SHA-256 of the link's token. */
  readonly tokenHash: string;
  /** JSON: list of share scopes. */
  readonly scopes: string;
  /** JSON: list of the details that are switched on. */
  readonly shows: string;
  readonly createdAtMs: number;
  /** Null = never. */
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
}

interface AnnotationsTable {
  readonly tenant: string;
  readonly jobId: string;
  readonly id: string;
  readonly body: string;
  /** 1 for the first; the ETag follows from it. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

interface WebhookEndpointsTable {
  readonly id: string;
  readonly tenant: string;
  readonly url: string;
  /** JSON: list of events. */
  readonly events: string;
  /** Which secret, counted from 1: it derives from the master key, the id and this. */
  readonly secretGeneration: number;
  /** JSON: list of replaced secrets that still sign. */
  readonly formerSecrets: string;
  readonly createdAtMs: number;
  /** Null while it is used. */
  readonly disabledAtMs: number | null;
}

interface IdempotencyTable {
  readonly tenant: string;
  readonly route: string;
  readonly key: string;
  /** Of the request: another body under the same key is refused. */
  readonly digest: string;
  /** HTTP status of the answer; null while it is being made. */
  readonly status: number | null;
  /** JSON of the answer; null while it is being made. */
  readonly body: string | null;
  readonly createdAtMs: number;
}

/** A line of the list; what it says comes from the job's record, which stays the truth. */
interface JobsTable {
  readonly jobId: string;
  readonly tenant: string;
  /** Null of an erased job, as are `input`, `failureMessage` and `searchText`. */
  readonly name: string | null;
  readonly state: string;
  readonly stage: string | null;
  readonly priority: number;
  /** Null = it began at once. */
  readonly startAtMs: number | null;
  readonly preset: string;
  readonly input: string | null;
  readonly photos: number | null;
  readonly costUsd: number;
  /** Low end of the estimate; null where there is none. */
  readonly expectedUsd: number | null;
  readonly billedSeconds: number;
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  /** What it waits for, and since when; null where it does not wait. */
  readonly waitingFor: string | null;
  readonly waitingSinceMs: number | null;
  readonly createdAtMs: number;
  /** Of the record, or of its run where that has told something later: what is older never overwrites. */
  readonly updatedAtMs: number;
  readonly endedAtMs: number | null;
  /** Between an end and a retry, together. */
  readonly restedMs: number;
  /** 1 = a scene of it is published. */
  readonly hasResult: number;
  readonly erasedAtMs: number | null;
  /** The batch that it is one of; null = none. */
  readonly batchId: string | null;
  /** Name, id and input in small letters, as far as an index takes them. */
  readonly searchText: string | null;
  /** Of everything else in the line and its attempts: a repeat writes nothing. */
  readonly digest: string;
}

/** A line of the list of batches: what never changes. How its jobs stand is in their lines. */
interface BatchesTable {
  readonly batchId: string;
  readonly tenant: string;
  /** Null = it was given none. */
  readonly name: string | null;
  /** How many photo sets were asked for. */
  readonly members: number;
  readonly createdAtMs: number;
}

/** A line of a job's ledger, for usage and estimates. */
interface AttemptsTable {
  readonly jobId: string;
  readonly stage: string;
  /** -1 = the whole scene. */
  readonly part: number;
  readonly attempt: number;
  readonly tenant: string;
  readonly preset: string;
  readonly instanceType: string;
  readonly status: string;
  /** Photos that intake took; null where it is not known. */
  readonly photos: number | null;
  /** JSON: the job's options, where the attempt may be compared with; null of others, and of lines of before. */
  readonly options: string | null;
  readonly billedSeconds: number;
  readonly costUsd: number;
  /** Null where there was no failure, and in lines of before. */
  readonly failureCode: string | null;
  readonly startedAtMs: number | null;
  /** Null while it runs. */
  readonly endedAtMs: number | null;
}

/** Mails about budgets, one for each tenant, month and percentage. */
interface BudgetAlertsTable {
  readonly tenant: string;
  /** `2026-11` */
  readonly month: string;
  readonly percent: number;
  readonly createdAtMs: number;
  /** Null until Temporal has it. */
  readonly handedOverAtMs: number | null;
}

/** Work that one server at a time does. */
interface LeasesTable {
  readonly name: string;
  readonly holder: string;
  readonly expiresAtMs: number;
}

/** Changes of registered things that S3 does not have yet (`registry/`). */
interface RegistryChangesTable {
  readonly kind: string;
  readonly tenant: string;
  /** '' where the thing belongs to no job. */
  readonly jobId: string;
  readonly id: string;
  /** Counts the changes, so that one which comes while another is written is not lost. */
  readonly generation: number;
}
