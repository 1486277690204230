import { LOCAL_TENANT } from '../../contracts/job/record';
import type { TenantView } from '../../contracts/access/view-schema';
import { iso } from '../../contracts/job/view';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { Tenant, Tenants } from '../storage/tenants';
import { unknownTenant } from './keys';

/** What an administrator may set of a tenant. */
export interface TenantSettings {
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

export function createTenantAdministration(tenants: Tenants, now: () => number): TenantAdministration {
  const change = async (tenantId: string, changes: Parameters<Tenants['update']>[1]): Promise<TenantView> => {
    const changed = await reached('The database', tenants.update(tenantId, changes));
    if (changed === null) throw unknownTenant(tenantId);
    return tenantView(changed);
  };
  return {
    async create(caller, tenantId, { name, monthlyBudgetUsd }) {
      onlyOperators(caller);
      const tenant = { id: tenantId, name, limits: {}, monthlyBudgetUsd, createdAtMs: now(), closedAtMs: null };
      if (tenantId === LOCAL_TENANT || !(await reached('The database', tenants.create(tenant))))
        throw new Problem('TENANT_EXISTS', `there is a tenant ${tenantId} already`);
      return tenantView(tenant);
    },
    async list(caller) {
      onlyOperators(caller);
      return (await reached('The database', tenants.list())).map(tenantView);
    },
    async update(caller, tenantId, changes) {
      onlyOperators(caller);
      return change(tenantId, changes);
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

const tenantView = ({ id, name, monthlyBudgetUsd, createdAtMs, closedAtMs }: Tenant): TenantView => ({
  tenantId: id,
  name,
  monthlyBudgetUsd,
  createdAt: iso(createdAtMs),
  closedAt: closedAtMs === null ? null : iso(closedAtMs),
});
