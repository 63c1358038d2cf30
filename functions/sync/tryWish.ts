/** What an issue without a twin has waited for, tried again. */
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Stored } from '../../shared/ports.ts';
import { isGranted } from '../../shared/sync/wishes.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { bringUnderSync } from './bringUnderSync.ts';
import type { BringAsk } from './bringUnderSync.ts';
import type { ConnectionRow, Sync } from './context.ts';
import { connectionFence } from './fence.ts';
import { keepWish, noteWaiting, orTrouble, replaceWish, waiting } from './keepWish.ts';
import type { WishPlace, WishRow } from './keepWish.ts';
import { routeWish } from './routeChange.ts';
import { syncTwin } from './syncTwin.ts';

/** A side that is disabled or without licence is asked for again after this; its return brings what was new meanwhile, too. */
const CLOSED_MS = 600_000;

/** Brings an issue under sync that somebody has named. While its site cannot be asked, the wish is kept. */
export async function bringOrWait(sync: Sync, ask: BringAsk): Promise<Verdict> {
  const told = await orTrouble(() => bringUnderSync(sync, ask));
  if (!(told instanceof Fault)) return told;
  const { tenant, connection, issue, eventAt } = ask;
  const by = eventAt === undefined ? ({ asked: 'job' } as const) : ({ asked: 'person', eventAt } as const);
  const wish = { isNew: false, isChanged: false, ...by };
  const kept = await keepWish(sync, { tenant, connection, issue, wish, fault: told });
  return 'code' in kept ? kept : syncTwin(sync, kept, eventAt === undefined ? {} : { eventAt });
}

/**
 * Tries what an issue waits for. The wish goes when that has ended: the issue has a twin, or its site has said that nothing wants it. A
 * stop anywhere before leaves it to the tick, and trying twice makes one twin.
 */
export async function tryWish(sync: Sync, place: WishPlace): Promise<Verdict> {
  const stored = await sync.store.read('wish', place);
  if (stored === undefined) return verdict('already-done');
  const fence = await connectionFence(sync.store, place.connection);
  if (typeof fence === 'string') {
    await replaceWish(sync, stored, { ...stored.row, wakeAt: sync.clock.now() + CLOSED_MS });
    return verdict(fence);
  }
  const told = await orTrouble(() => carryOut(sync, fence, stored.row));
  if (told instanceof Fault) return tryAgainLater(sync, stored, told);
  await letGo(sync, place, stored.row);
  return told;
}

async function carryOut(sync: Sync, fence: ConnectionRow, row: WishRow): Promise<Verdict> {
  const { connection, side, issue, eventAt, asked, isNew, isChanged } = row;
  const tenant: TenantRef = fence[side];
  const since = eventAt === undefined ? {} : { eventAt };
  const link = await sync.store.read('link', { tenant: tenant.tenant, issue, connection });
  if (link !== undefined) return syncTwin(sync, { connection, twin: link.row.twin }, since);
  let told = verdict('not-under-sync', { issue });
  if (asked !== undefined)
    told = await bringUnderSync(sync, { tenant, connection, issue, ...(asked === 'person' ? since : {}) });
  // What a job leaves out, a trigger may want.
  const isLeftOut = told.code === 'not-under-sync' || told.code === 'unlinked-before';
  if (!isLeftOut || !(isNew || isChanged)) return told;
  return routeWish(sync, { tenant, issue, isNew, isChanged, ...since }, connection);
}

/** The next try, as far away as the site asks or the tries before say; an issue that has waited too long is given up, and told of. */
async function tryAgainLater(sync: Sync, stored: Stored<'wish'>, fault: Fault): Promise<Verdict> {
  const { row } = stored;
  const { connection, issue, attempts, removeAt } = row;
  const tries = attempts + 1;
  const next: WishRow = { ...row, ...waiting(fault, tries, row, sync.clock.now()), attempts: tries };
  if (next.wakeAt >= removeAt) {
    sync.log.fault('sync-wish', fault.code, { ...fault.facts, connection, issue, tries }, fault);
    await letGo(sync, { connection, wish: stored.place.wish }, row);
    return verdict(fault.code, { issue });
  }
  noteWaiting(sync, row, fault);
  await replaceWish(sync, stored, next);
  return verdict('issue-waits', { issue, code: fault.code });
}

/** Removes the wish, unless more was wanted meanwhile, or nobody may write: then what ended may not have been what was wanted. */
async function letGo(
  sync: Sync,
  place: { readonly connection: WishPlace['connection']; readonly wish: string },
  done: WishRow,
): Promise<void> {
  await sync.store.transact(async (transaction) => {
    const fence = await connectionFence(transaction, place.connection);
    const now = (await transaction.read('wish', place))?.row;
    if (typeof fence === 'string' || now === undefined || !isGranted(now, done)) return;
    transaction.remove('wish', place);
  });
}
