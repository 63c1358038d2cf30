import type { TenantChange } from '../../shared/model/message.ts';
import { connectionStateOf } from '../../shared/model/connectionLife.ts';
import { halfOf } from '../../shared/model/ids.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { Transaction } from '../../shared/ports.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import type { ConnectionRow, Sync } from './context.ts';
import { tenantFence } from './fence.ts';

/** Connections of one tenant. */
const MAX_HALVES = 500;
/** Changes just before the mark may still have been on their way. */
const OVERLAP_MS = 300_000;

/**
 * A tenant was marked or has come back: its connections rest, or go on. Only the connection's record tells; the halves keep what
 * each side wanted, so that a return restores exactly that, a pause included. Idempotent.
 */
export async function partnerChanged(sync: Sync, change: TenantChange): Promise<Verdict> {
  if (change.what === 'installed') return verdict('nothing-to-do');
  const { items } = await sync.store.list('half', { tenant: change.tenant }, { limit: MAX_HALVES });
  const connections = [...new Set(items.map(({ row }) => row.connection))];
  for (const connection of connections) {
    const state = await sync.store.transact((transaction) => restate(transaction, connection));
    if (change.what === 'returned' && state === 'active') await catchUp(sync, change, connection);
  }
  return verdict('done', { connections: connections.length });
}

/**
 * The state that tenancies and halves amount to now, whatever the message says: messages may come late, twice or in disorder.
 * A licence that has ended for a while or a disabled app is no mark: the fence alone holds the sync then.
 */
async function restate(
  transaction: Transaction,
  connection: ConnectionId,
): Promise<ConnectionRow['state'] | undefined> {
  const row = (await transaction.read('connection', { connection }))?.row;
  if (row === undefined || row.state === 'ended') return row?.state;
  const isHere = { a: await isPresent(transaction, row, 'a'), b: await isPresent(transaction, row, 'b') };
  const a = await transaction.read('half', { tenant: row.a.tenant, half: halfOf(connection, 'a') });
  const b = await transaction.read('half', { tenant: row.b.tenant, half: halfOf(connection, 'b') });
  const wanted = connectionStateOf(a?.row.state ?? 'partner-left', b?.row.state ?? 'partner-left');
  const state = isHere.a && isHere.b ? wanted : 'partner-left';
  // The record was read here, so a purge that removes it meanwhile makes this run again.
  if (state !== row.state) transaction.put('connection', { connection }, { ...row, state });
  return state;
}

async function isPresent(transaction: Transaction, row: ConnectionRow, side: 'a' | 'b'): Promise<boolean> {
  const { tenant, generation } = row[side];
  const found = (await transaction.read('tenant', { tenant }))?.row;
  return found?.state === 'active' && found.generation === generation;
}

/** Changes since the mark were refused at the door or ignored behind it. */
async function catchUp(sync: Sync, change: TenantChange, connection: ConnectionId): Promise<void> {
  if ((await tenantFence(sync.store, change)) !== undefined) return;
  const since = Math.max(0, (change.since ?? change.at) - OVERLAP_MS);
  await sync.bus.publish('sync-jobs', { kind: 'reconcile', connection, since, askedAt: sync.clock.now() });
}
