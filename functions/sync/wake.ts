import { wishOf } from '../../shared/model/ids.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import { nextLookAt } from '../../shared/model/trouble.ts';
import type { Stored, Version } from '../../shared/ports.ts';
import type { Place } from '../../shared/retention/catalogue.ts';
import { inTurns } from '../../shared/sync/wishes.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import type { Sync, TwinRow } from './context.ts';
import { replaceWish } from './keepWish.ts';
import { wakeRuns } from './schedule.ts';
import { withParts } from './twinRow.ts';

/** Twins that one tick wakes; the tick comes every minute, and the eldest come first. */
const MAX_WOKEN = 500;
/** A twin of a connection that rests is looked at again after this; a reconcile comes first when the connection goes on. */
const REST_MS = 6 * 3_600_000;

/** A twin that was woken is woken again after this when nobody took it: its message may have been lost. */
const AGAIN_MS = 30_000;

/**
 * Requests a sync for each twin whose time has come: parked ones, and those whose worker died. Its next time is written first, so
 * that ticks which come faster than workers do not pile up messages.
 */
export async function wake(sync: Sync): Promise<Verdict> {
  const now = sync.clock.now();
  await sync.lags.write('all');
  await wakeRuns(sync, now);
  const waiting = await sync.store.due('twin', 'wakeAt', now, MAX_WOKEN);
  // Unfinished work first; whether a cause is gone may be asked a minute later.
  const rest = MAX_WOKEN - waiting.length;
  const blocked = rest === 0 ? [] : await sync.store.due('twin', 'lookAt', now, rest);
  const known = new Set(waiting.map(({ row }) => row.twin));
  const due = [...waiting, ...blocked.filter(({ row }) => !known.has(row.twin))];
  const isActive = new Map<ConnectionId, boolean>();
  let woken = 0;
  for (const stored of due) {
    const { connection, twin, pausedAt } = stored.row;
    if (pausedAt !== undefined) {
      await laidDown(sync, stored);
      continue;
    }
    const active = isActive.get(connection) ?? (await isConnectionActive(sync, connection));
    isActive.set(connection, active);
    const isOurs = await wakeAgainAt(sync, stored, now + (active ? AGAIN_MS : REST_MS));
    if (!active || !isOurs) continue;
    await sync.bus.publish('sync-jobs', { kind: 'sync-twin', connection, twin, askedAt: now });
    woken += 1;
  }
  const jobs = await wakeJobs(sync, now);
  const wishes = await wakeWishes(sync, now);
  const isIdle = due.length + jobs + wishes === 0;
  return verdict(isIdle ? 'nothing-to-do' : 'done', { due: due.length, woken, jobs, wishes });
}

/** Wishes that one tick looks at, and those that it wakes: sides take turns, so that one with many does not keep others waiting. */
const MAX_WISHES = 1_000;
const MAX_GRANTED = 250;

/** Issues without a twin whose site may be asked again. Their next time is written first, as that of twins. */
async function wakeWishes(sync: Sync, now: number): Promise<number> {
  const due = await sync.store.due('wish', 'wakeAt', now, MAX_WISHES);
  const turns = inTurns(due, ({ row: { connection, side } }) => `${connection} ${side}`, MAX_GRANTED);
  const isActive = new Map<ConnectionId, boolean>();
  for (const stored of turns) {
    const { connection, side, issue } = stored.row;
    const active = isActive.get(connection) ?? (await isConnectionActive(sync, connection));
    isActive.set(connection, active);
    const isOurs = await replaceWish(sync, stored, { ...stored.row, wakeAt: now + (active ? AGAIN_MS : REST_MS) });
    if (!active || !isOurs) continue;
    await sync.bus.publish('sync-jobs', { kind: 'try-wish', connection, wish: wishOf(side, issue), askedAt: now });
  }
  return due.length;
}

/** Jobs that one tick wakes: one of a kind and connection. */
const MAX_JOBS = 100;

/** Jobs whose time has come, or whose message or worker got lost. Those of a connection that rests see that by themselves. */
async function wakeJobs(sync: Sync, now: number): Promise<number> {
  const due = await sync.store.due('job', 'wakeAt', now, MAX_JOBS);
  for (const { place, row, version } of due) {
    try {
      await sync.store.replace('job', place, { ...row, wakeAt: now + AGAIN_MS }, version);
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'store-changed') continue;
      throw thrown;
    }
    const { connection, kind: job, run } = row;
    await sync.bus.publish('sync-jobs', { kind: 'run-job', connection, job, run, askedAt: now });
  }
  return due.length;
}

async function isConnectionActive(sync: Sync, connection: ConnectionId): Promise<boolean> {
  const row = (await sync.store.read('connection', { connection }))?.row;
  return row?.state === 'active' && row.restored === undefined;
}

/** A paused twin is not woken; whoever lets it go on asks for a sync. */
async function laidDown(sync: Sync, { place, row, version }: Stored<'twin'>): Promise<void> {
  await replaceIfSame(sync, place, withParts(row, { wakeAt: undefined, lookAt: undefined }), version);
}

/** False when somebody has the twin meanwhile, or a purge has removed it. A site's wish to be left alone is over when its time is. */
async function wakeAgainAt(sync: Sync, { place, row, version }: Stored<'twin'>, at: number): Promise<boolean> {
  const error = row.error?.code === 'jira-rate-limited' ? undefined : row.error;
  const lookAt = row.lookAt !== undefined && row.lookAt < at ? Math.max(at, nextLook(sync, row)) : row.lookAt;
  const wakeAt = row.wakeAt === undefined ? undefined : at;
  return replaceIfSame(sync, place, withParts(row, { wakeAt, lookAt, error }), version);
}

function nextLook(sync: Sync, { troubles = [] }: TwinRow): number {
  return nextLookAt(troubles, sync.clock.now()) ?? 0;
}

async function replaceIfSame(sync: Sync, place: Place<'twin'>, row: TwinRow, version: Version): Promise<boolean> {
  try {
    await sync.store.replace('twin', place, row, version);
    return true;
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'store-changed') return false;
    throw thrown;
  }
}
