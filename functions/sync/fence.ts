import type { ConnectionId } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import type { ConnectionRow } from './context.ts';

/** Why nothing may be written for a connection or a tenant now. */
export type Closed = 'tenant-not-active' | 'generation-expired' | 'connection-not-active' | 'connection-restored';

type Reader = Pick<Transaction, 'read'>;

/** Why a tenant's work may not go on; `undefined` when it may. */
export function closedBy(row: RecordOf<'tenant'> | undefined, ref: TenantRef): Closed | undefined {
  if (row === undefined || row.generation !== ref.generation) return 'generation-expired';
  return row.state === 'active' && row.enabled && row.licensed ? undefined : 'tenant-not-active';
}

/** The tenant's own part of the fence. */
export async function tenantFence(reader: Reader, ref: TenantRef): Promise<Closed | undefined> {
  return closedBy((await reader.read('tenant', { tenant: ref.tenant }))?.row, ref);
}

/**
 * The connection, when it is active and both its sides are, in the generations that it names. Inside a transaction this is the
 * fence of DESIGN.md §9: a mark that comes in between makes the transaction run again.
 */
export async function connectionFence(reader: Reader, connection: ConnectionId): Promise<ConnectionRow | Closed> {
  const row = (await reader.read('connection', { connection }))?.row;
  if (row?.state !== 'active') return 'connection-not-active';
  if (row.restored !== undefined) return 'connection-restored';
  return (await tenantFence(reader, row.a)) ?? (await tenantFence(reader, row.b)) ?? row;
}
