import type { ConnectionId } from '../../shared/model/ids.ts';
import type { Stored } from '../../shared/ports.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import type { Sync } from './context.ts';
import { withParts } from './twinRow.ts';

/** Twins that one tick wakes; the tick comes every minute, and the eldest come first. */
const MAX_WOKEN = 500;
/** A twin of a connection that rests is looked at again after this; a reconcile comes first when the connection goes on. */
const REST_MS = 6 * 3_600_000;

/** Requests a sync for each twin whose time has come: parked ones, and those whose worker died. */
export async function wake(sync: Sync): Promise<Verdict> {
  const now = sync.clock.now();
  const due = await sync.store.due('twin', 'wakeAt', now, MAX_WOKEN);
  const isActive = new Map<ConnectionId, boolean>();
  let woken = 0;
  for (const stored of due) {
    const { connection, twin } = stored.row;
    const active = isActive.get(connection) ?? (await isConnectionActive(sync, connection));
    isActive.set(connection, active);
    if (active) {
      await sync.bus.publish('sync-jobs', { kind: 'sync-twin', connection, twin, askedAt: now });
      woken += 1;
    } else await rest(sync, stored, now + REST_MS);
  }
  return verdict(due.length === 0 ? 'nothing-to-do' : 'done', { due: due.length, woken });
}

async function isConnectionActive(sync: Sync, connection: ConnectionId): Promise<boolean> {
  return (await sync.store.read('connection', { connection }))?.row.state === 'active';
}

/** Moves a resting twin out of the way of the others. Replacing writes nothing when a purge has removed the record. */
async function rest(sync: Sync, { place, row, version }: Stored<'twin'>, until: number): Promise<void> {
  try {
    await sync.store.replace('twin', place, withParts(row, { wakeAt: until }), version);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'store-changed') throw thrown;
  }
}
