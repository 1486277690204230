import { LOCAL_TENANT } from '../../contracts/job/record';
import type { TenantView } from '../../contracts/access/view-schema';
import { iso } from '../../contracts/job/view';
import { reached } from '../http/availability';
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
}

/** Tenants of the deployment, for administrators of the tenant `local`. All calls throw Problem. */
export interface TenantAdministration {
  create(caller: Caller, tenantId: string, settings: TenantSettings): Promise<TenantView>;
  list(caller: Caller): Promise<readonly TenantView[]>;
  update(caller: Caller, tenantId: string, changes: Partial<TenantSettings>): Promise<TenantView>;
  /** Its keys and sessions are good for nothing from now on; its jobs run to their end. */
  close(caller: Caller, tenantId: string): Promise<TenantView>;
}

/** @param deployed buckets that this deployment reads: no tenant is allowed others */
export function createTenantAdministration(
  tenants: Tenants,
  deployed: readonly string[],
  now: () => number,
): TenantAdministration {
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
  const change = async (tenantId: string, changes: Parameters<Tenants['update']>[1]): Promise<TenantView> => {
    const changed = await reached('The database', tenants.update(tenantId, changes));
    if (changed === null) throw unknownTenant(tenantId);
    return tenantView(changed);
  };
  return {
    async create(caller, tenantId, { name, monthlyBudgetUsd, inputBuckets }) {
      onlyOperators(caller);
      onlyDeployed(inputBuckets);
      const limits = { inputBuckets };
      const tenant = { id: tenantId, name, limits, monthlyBudgetUsd, createdAtMs: now(), closedAtMs: null };
      if (tenantId === LOCAL_TENANT || !(await reached('The database', tenants.create(tenant))))
        throw new Problem('TENANT_EXISTS', `there is a tenant ${tenantId} already`);
      return tenantView(tenant);
    },
    async list(caller) {
      onlyOperators(caller);
      return (await reached('The database', tenants.list())).map(tenantView);
    },
    async update(caller, tenantId, { inputBuckets, ...changes }) {
      onlyOperators(caller);
      onlyDeployed(inputBuckets);
      if (inputBuckets === undefined) return change(tenantId, changes);
      const known = await reached('The database', tenants.find(tenantId));
      return change(tenantId, { ...changes, limits: { ...known?.limits, inputBuckets } });
    },
    async close(caller, tenantId) {
      onlyOperators(caller);
      return change(tenantId, { closedAtMs: now() });
    },
  };
}

function onlyOperators({ tenant }: Caller): void {
  if (tenant !== LOCAL_TENANT)
    throw new Problem('FORBIDDEN', `only administrators of the tenant "${LOCAL_TENANT}" see tenants`);
}

const tenantView = ({ id, name, limits, monthlyBudgetUsd, createdAtMs, closedAtMs }: Tenant): TenantView => ({
  tenantId: id,
  name,
  monthlyBudgetUsd,
  inputBuckets: tenantLimits(limits).inputBuckets,
  createdAt: iso(createdAtMs),
  closedAt: closedAtMs === null ? null : iso(closedAtMs),
});
