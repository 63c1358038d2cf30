import type { Side } from '../../shared/model/connection.ts';
import type { IssueId } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Stored, Transaction } from '../../shared/ports.ts';
import type { ConnectionRow, Sync, TwinPlace, TwinRow } from './context.ts';

/** Connections that one issue may be part of. */
const MAX_LINKS = 20;

/** A create that was begun before anybody can remember: its issue is looked for by its mark before one is made. */
export const LONG_AGO = 0;

/** Writes the link that leads from an issue to its twin. */
export function putLink(
  transaction: Transaction,
  connection: ConnectionRow,
  { owners, twin, connection: id }: Pick<TwinRow, 'owners' | 'twin' | 'connection'>,
  side: Side,
  issue: IssueId,
): void {
  const place = { tenant: connection[side].tenant, issue, connection: id };
  transaction.put('link', place, { owners, twin, connection: id, issue });
}

/** The twins that an issue is part of. */
export async function linksOf(sync: Sync, { tenant }: TenantRef, issue: IssueId): Promise<readonly Stored<'link'>[]> {
  return (await sync.store.list('link', { tenant, issue }, { limit: MAX_LINKS })).items;
}

/** Asks for a look at the pairs that these issues have in a connection. */
export async function wakePairs(
  sync: Sync,
  connection: ConnectionRow,
  { connection: id }: TwinPlace,
  wakes: readonly { readonly side: Side; readonly issue: IssueId }[],
): Promise<void> {
  for (const { side, issue } of wakes) {
    const place = { tenant: connection[side].tenant, issue, connection: id };
    const link = await sync.store.read('link', place);
    if (link === undefined) continue;
    const { twin } = link.row;
    await sync.bus.publish('sync-jobs', { kind: 'sync-twin', connection: id, twin, askedAt: sync.clock.now() });
  }
}
