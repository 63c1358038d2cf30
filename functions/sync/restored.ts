/** A site, or our own store, was restored from a backup: the connection stops, and begins anew when an admin has said which side counts. */
import type { Side } from '../../shared/model/connection.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { Restored } from '../../shared/model/twin.ts';
import { afterRestore, restoredSide } from '../../shared/sync/restored.ts';
import { Fault } from '../../shared/verdict.ts';
import type { ConnectionRow, Sync } from './context.ts';
import type { Look } from './look.ts';
import { LONG_AGO } from './link.ts';
import type { Hold } from './take.ts';
import { putTraces, readAllTraces, tracesIn } from './traces.ts';
import { withParts } from './twinRow.ts';

const TWIN_PAGE = 100;
/** Twins begin anew without a call of any site. */
const SLICE_MS = 20_000;

/**
 * Stops the connection when the look shows that a site was restored. Nothing was written before.
 * @throws Fault `connection-restored`
 */
export async function refuseRestored(sync: Sync, hold: Hold, { input }: Look): Promise<void> {
  const now = sync.clock.now();
  const side = restoredSide(hold.row(), input, now);
  if (side === undefined) return;
  const { connection } = hold.place;
  await sync.store.transact(async (transaction) => {
    const row = (await transaction.read('connection', { connection }))?.row;
    if (row === undefined || row.restored !== undefined) return;
    transaction.put('connection', { connection }, { ...row, restored: { side, at: now } });
  });
  throw new Fault('connection-restored', { side });
}

/**
 * Lets every pair of the connection begin anew as the admin chose. May be repeated: a pair that has begun anew stays as it is. Answers
 * whether all have; then the connection is open again.
 */
export async function beginAnew(sync: Sync, connection: ConnectionId, row: ConnectionRow): Promise<boolean> {
  const { restored } = row;
  if (restored?.keep === undefined) return true;
  const deadlineAt = sync.clock.now() + SLICE_MS;
  let after: string | undefined;
  do {
    const from = after === undefined ? {} : { after };
    const page = await sync.store.list('twin', { connection }, { limit: TWIN_PAGE, ...from });
    for (const { row: twin } of page.items)
      await restart(sync, { connection, twin: twin.twin }, restored.side, restored.keep);
    after = page.next;
  } while (after !== undefined && sync.clock.now() < deadlineAt);
  if (after !== undefined) return false;
  await sync.store.transact(async (transaction) => {
    const found = (await transaction.read('connection', { connection }))?.row;
    if (found === undefined) return;
    const { restored: _over, ...rest } = found;
    transaction.put('connection', { connection }, rest);
  });
  return true;
}

/** One pair: what was last seen of it is forgotten, and with the lease any worker that still holds it. */
async function restart(
  sync: Sync,
  place: { readonly connection: ConnectionId; readonly twin: Hold['place']['twin'] },
  restored: Restored,
  keep: Side | 'newest' | 'hold',
): Promise<void> {
  const shards = await readAllTraces(sync, place);
  await sync.store.transact(async (transaction) => {
    const twin = (await transaction.read('twin', place))?.row;
    if (twin === undefined || (twin.start === keep && twin.readAt === undefined && twin.lease === undefined)) return;
    const unsaid = { aSaidAt: undefined, bSaidAt: undefined, awaits: undefined };
    const unseen = {
      readAt: undefined,
      aUpdatedAt: undefined,
      bUpdatedAt: undefined,
      verifiedAt: undefined,
      ...unsaid,
    };
    const free = { lease: undefined, wakeAt: undefined, error: undefined, dirty: false, attempts: 0, fields: {} };
    // An older store may not know yet of an issue that it has made: where that is found, the two meet for the first time.
    const isAlone = twin.a === undefined || twin.b === undefined;
    const begun = restored === 'store' && isAlone ? { creatingAt: LONG_AGO } : { start: keep };
    transaction.put('twin', place, withParts(twin, { ...unseen, ...free, ...begun }));
    putTraces(transaction, place, twin.owners, shards, afterRestore(tracesIn(shards), restored));
  });
}
