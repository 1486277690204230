import { LOCAL_TENANT } from '../../contracts/job/record';
import type { TenantView } from '../../contracts/access/view-schema';
import { iso } from '../../contracts/job/view';
import type { Budgets } from '../budgets/budgets';
import { reached } from '../http/availability';
import { onlyOperators } from './caller';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { Tenant, Tenants } from '../storage/tenants';
import { invalidRequest } from '../http/request-schemas';
import { unknownTenant } from './keys';
import { tenantLimits, type TenantLimits } from './tenant-limits';

/** What an administrator may set of a tenant. */
export interface TenantSettings extends TenantLimits {
  readonly name: string;
  readonly monthlyBudgetUsd: number | null;
  /** Who is told of the budget; null = nobody. */
  readonly alertEmail: string | null;
}

/** Tenants of the deployment, for administrators of the tenant `local`. All calls throw Problem. */
export interface TenantAdministration {
  create(caller: Caller, tenantId: string, settings: TenantSettings): Promise<TenantView>;
  list(caller: Caller): Promise<readonly TenantView[]>;
  update(caller: Caller, tenantId: string, changes: Partial<TenantSettings>): Promise<TenantView>;
  /** Its keys and sessions are good for nothing from now on; its jobs run to their end, its schedules pause. */
  close(caller: Caller, tenantId: string): Promise<TenantView>;
}

export interface TenantDeps {
  readonly tenants: Tenants;
  /** Buckets that this deployment reads: no tenant is allowed others. */
  readonly deployed: readonly string[];
  readonly budgets: Pick<Budgets, 'standing'>;
  readonly schedules: { pauseAll(tenant: string): Promise<void> };
  readonly now: () => number;
}

export function createTenantAdministration({
  tenants,
  deployed,
  budgets,
  schedules,
  now,
}: TenantDeps): TenantAdministration {
  const view = async (tenant: Tenant): Promise<TenantView> => {
    const { month, spentUsd, committedUsd } = await budgets.standing(tenant.id, tenant.monthlyBudgetUsd);
    return { ...tenantView(tenant), month: { month, spentUsd, committedUsd } };
  };
  const onlyDeployed = (buckets: readonly string[] | null | undefined): void => {
    const errors = (buckets ?? []).flatMap((bucket, index) =>
      deployed.includes(bucket)
        ? []
        : [
            {
              field: `inputBuckets.${index}`,
              message: `is not read by this deployment; it reads ${deployed.join(', ')}`,
            },
          ],
    );
    if (errors.length > 0) throw invalidRequest(errors);
  };
  /** The operators' own tenant is there without a row: it needs one for what is set of it. */
  const ownRow = async (): Promise<void> => {
    const nothing = { limits: {}, monthlyBudgetUsd: null, alertEmail: null, closedAtMs: null };
    const own = { id: LOCAL_TENANT, name: LOCAL_TENANT, createdAtMs: now(), ...nothing };
    await reached('The database', tenants.create(own));
  };
  const change = async (tenantId: string, changes: Parameters<Tenants['update']>[1]): Promise<TenantView> => {
    if (tenantId === LOCAL_TENANT) await ownRow();
    const changed = await reached('The database', tenants.update(tenantId, changes));
    if (changed === null) throw unknownTenant(tenantId);
    return view(changed);
  };
  return {
    async create(caller, tenantId, { name, monthlyBudgetUsd, alertEmail, inputBuckets }) {
      onlyOperators(caller, 'tenants');
      onlyDeployed(inputBuckets);
      const limits = { inputBuckets };
      const money = { monthlyBudgetUsd, alertEmail };
      const tenant = { id: tenantId, name, limits, ...money, createdAtMs: now(), closedAtMs: null };
      if (tenantId === LOCAL_TENANT || !(await reached('The database', tenants.create(tenant))))
        throw new Problem('TENANT_EXISTS', `there is a tenant ${tenantId} already`);
      return view(tenant);
    },
    async list(caller) {
      onlyOperators(caller, 'tenants');
      return Promise.all((await reached('The database', tenants.list())).map(view));
    },
    async update(caller, tenantId, { inputBuckets, ...changes }) {
      onlyOperators(caller, 'tenants');
      onlyDeployed(inputBuckets);
      if (inputBuckets === undefined) return change(tenantId, changes);
      const known = await reached('The database', tenants.find(tenantId));
      return change(tenantId, { ...changes, limits: { ...known?.limits, inputBuckets } });
    },
    async close(caller, tenantId) {
      onlyOperators(caller, 'tenants');
      // Nobody would be left to open anything.
      if (tenantId === LOCAL_TENANT) throw unknownTenant(tenantId);
      const closed = await change(tenantId, { closedAtMs: now() });
      await schedules.pauseAll(tenantId);
      return closed;
    },
  };
}

const tenantView = ({ createdAtMs, closedAtMs, ...tenant }: Tenant): Omit<TenantView, 'month'> => ({
  tenantId: tenant.id,
  name: tenant.name,
  monthlyBudgetUsd: tenant.monthlyBudgetUsd,
  alertEmail: tenant.alertEmail,
  inputBuckets: tenantLimits(tenant.limits).inputBuckets,
  createdAt: iso(createdAtMs),
  closedAt: closedAtMs === null ? null : iso(closedAtMs),
});
