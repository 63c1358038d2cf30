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

/**
 * The record with this tenancy in place of its own, as the ledger's entry `number` has it. Who left by an uninstall keeps
 * no secret: nobody may speak for a site that left. A change that others have to hear of is noted in the record.
 */
export function withTenancy(stored: Stored<'tenant'>, tenancy: Tenancy, number: number): RecordOf<'tenant'> {
  const { markedAt, evidence: _evidence, dueAt: _dueAt, ...bare } = stored.row;
  const { sharedSecret: _secret, previousSecret: _previous, previousSecretUntil: _until, ...spoken } = bare;
  const { tenant: _tenant, ...said } = tenancy;
  const rest = tenancy.state !== 'active' && tenancy.evidence === 'uninstalled' ? spoken : bare;
  return { ...rest, ...said, ledgerNumber: number, ...noteOf(stored.row, tenancy, markedAt) };
}

type Note = Pick<RecordOf<'tenant'>, 'untold' | 'untoldSince'>;

function noteOf(row: RecordOf<'tenant'>, { state }: Tenancy, markedAt: number | undefined): Note {
  if (row.state === state) return {};
  if (state === 'marked') return { untold: 'marked' };
  if (state === 'active') return { untold: 'returned', untoldSince: row.untoldSince ?? markedAt ?? row.installedAt };
  return {};
}
