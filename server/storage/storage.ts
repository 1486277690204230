import { createAnnotations, type Annotations } from './annotations';
import type { Db } from './database';
import { createBudgetAlerts, type BudgetAlerts } from './budget-alerts';
import { createIdempotency, type Idempotency } from './idempotency';
import { createBatchIndex, type BatchIndex } from './jobs/batch-index';
import { createJobIndex, type JobIndex } from './jobs/job-index';
import { createLedgerTotals, type LedgerTotals } from './jobs/ledger-totals';
import { createUsage, type Usage } from './jobs/usage';
import { createKeys, type Keys } from './keys';
import { createLeases, type Leases } from './leases';
import type { ChangeRegistered } from './registry/registered';
import { createSessions, type Sessions } from './sessions';
import { createShares, type Shares } from './shares';
import { createSignInLinks, type SignInLinks } from './sign-in-links';
import { createTenants, type Tenants } from './tenants';
import { createWebhookEndpoints, type WebhookEndpoints } from './webhook-endpoints';

/** What the server keeps in its database, a table or two each. Every call throws where the database does not answer. */
export interface Storage {
  readonly tenants: Tenants;
  readonly keys: Keys;
  readonly sessions: Sessions;
  readonly signInLinks: SignInLinks;
  readonly shares: Shares;
  readonly annotations: Annotations;
  readonly endpoints: WebhookEndpoints;
  readonly idempotency: Idempotency;
  readonly jobs: JobIndex;
  readonly batches: BatchIndex;
  readonly usage: Usage;
  readonly ledger: LedgerTotals;
  readonly budgetAlerts: BudgetAlerts;
  readonly leases: Leases;
}

/** @param change how changes of registered things are made; in the database alone, if not told */
export function createStorage(db: Db, change: ChangeRegistered = inDatabaseOnly(db)): Storage {
  return {
    tenants: createTenants(db, change),
    keys: createKeys(db, change),
    sessions: createSessions(db),
    signInLinks: createSignInLinks(db),
    shares: createShares(db, change),
    annotations: createAnnotations(db, change),
    endpoints: createWebhookEndpoints(db, change),
    idempotency: createIdempotency(db),
    jobs: createJobIndex(db),
    batches: createBatchIndex(db),
    usage: createUsage(db),
    ledger: createLedgerTotals(db),
    budgetAlerts: createBudgetAlerts(db),
    leases: createLeases(db),
  };
}

const inDatabaseOnly =
  (db: Db): ChangeRegistered =>
  (_what, change) =>
    db.transaction().execute(change);
