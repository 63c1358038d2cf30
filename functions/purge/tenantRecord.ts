/** The tenancy inside a tenant's record. */
import { tenantId } from '../../shared/model/ids.ts';
import type { Tenancy } from '../../shared/model/tenant.ts';
import type { Stored } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';

/** The tenancy that a tenant's record holds. */
export function tenancyOf(stored: Stored<'tenant'>): Tenancy {
  const { generation, state, enabled, licensed, markedAt, evidence, dueAt } = stored.row;
  return {
    tenant: tenantId(stored.place.tenant),
    generation,
    state,
    enabled,
    licensed,
    ...(markedAt === undefined ? {} : { markedAt }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
}

/** The record with this tenancy in place of its own. */
export function withTenancy(stored: Stored<'tenant'>, tenancy: Tenancy): RecordOf<'tenant'> {
  const { markedAt: _markedAt, evidence: _evidence, dueAt: _dueAt, ...rest } = stored.row;
  const { tenant: _tenant, ...said } = tenancy;
  return { ...rest, ...said };
}
