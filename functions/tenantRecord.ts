/** The tenancy inside a tenant's record. */
import { tenantId } from '../shared/model/ids.ts';
import type { Tenancy } from '../shared/model/tenant.ts';
import type { Stored } from '../shared/ports.ts';
import type { RecordOf } from '../shared/retention/catalogue.ts';
import { restAfter } from '../shared/retention/rest.ts';
import type { Standing } from '../shared/retention/rest.ts';

export type TenantRow = RecordOf<'tenant'>;

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

/** What a change of life writes, and when it was made. */
export interface Entered {
  readonly tenancy: Tenancy;
  /** The number of the ledger's entry that the record then shows. */
  readonly number: number;
  readonly at: number;
}

/**
 * The record with this tenancy in place of its own, as the ledger's entry `number` has it. Who left by an uninstall keeps
 * no secret: nobody may speak for a site that left. A change that others have to hear of is noted in the record.
 */
export function withTenancy(before: TenantRow, { tenancy, number, at }: Entered): TenantRow {
  const { markedAt: _markedAt, evidence: _evidence, dueAt: _dueAt, ...bare } = before;
  const { tenant: _tenant, ...said } = tenancy;
  const isGone = tenancy.state !== 'active' && tenancy.evidence === 'uninstalled';
  return withRest(before, { ...(isGone ? withoutSecrets(bare) : bare), ...said, ledgerNumber: number }, at);
}

/** The record with other flags. */
export function withFlags(
  before: TenantRow,
  flags: Partial<Pick<Standing, 'enabled' | 'licensed'>>,
  at: number,
): TenantRow {
  return withRest(before, { ...before, ...flags }, at);
}

function withRest(before: TenantRow, after: TenantRow, at: number): TenantRow {
  const { restsSince: _since, untold: _untold, untoldSince: _untoldSince, ...rest } = after;
  return { ...rest, ...restAfter(before, after, at) };
}

/** The record without what a site's calls are signed with. */
export function withoutSecrets(row: TenantRow): TenantRow {
  const { sharedSecret: _secret, previousSecret: _previous, previousSecretUntil: _until, ...rest } = row;
  return rest;
}
