/** When reconcile runs begin, and how a run that got lost is found again. */
import type { RunHow } from '../../shared/model/drift.ts';
import { connectionId } from '../../shared/model/ids.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { Stored } from '../../shared/ports.ts';
import { dueRuns } from '../../shared/model/drift.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Sync } from './context.ts';
import { saveRun } from './runs.ts';

/** Connections and runs that one tick begins; the tick comes every minute, and the eldest come first. */
const MAX_BEGUN = 100;
/** Changes just before the last run may not have been in the index yet, or carry a stamp of a clock that differs. */
const OVERLAP_MS = 300_000;
/** A run that did not come to its end within this is given up; the next one of its kind looks at the same. */
const LONGEST_RUN_MS = 2 * 86_400_000;

/** Begins the runs that are due, and brings back those that were lost. */
export async function wakeRuns(sync: Sync, now: number): Promise<void> {
  const light = await sync.store.due('connection', 'reconcileAt', now, MAX_BEGUN);
  const full = await sync.store.due('connection', 'fullAt', now, MAX_BEGUN);
  const seen = new Set<ConnectionId>();
  for (const stored of [...full, ...light]) {
    const connection = connectionId(stored.place.connection);
    if (seen.has(connection)) continue;
    seen.add(connection);
    await begin(sync, stored, connection, now);
  }
  for (const stored of await sync.store.due('run', 'wakeAt', now, MAX_BEGUN)) await goOn(sync, stored, now);
}

/** The next time is written first, so that ticks which meet begin one run and not two. A connection that rests only moves on. */
async function begin(sync: Sync, stored: Stored<'connection'>, connection: ConnectionId, now: number): Promise<void> {
  const { row, version } = stored;
  const { how, reconcileAt, fullAt } = dueRuns(row, now);
  try {
    await sync.store.replace('connection', { connection }, { ...row, reconcileAt, fullAt }, version);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'store-changed') return;
    throw thrown;
  }
  const isStopped = row.restored !== undefined && row.restored.keep === undefined;
  if (row.state !== 'active' || isStopped || how === undefined) return;
  const since = how === 'full' ? row.activatedAt : Math.max(0, row.watermarkAt - OVERLAP_MS);
  await ask(sync, { connection, since, askedAt: now, how });
}

async function goOn(sync: Sync, stored: Stored<'run'>, now: number): Promise<void> {
  const { connection, since, startedAt, how } = stored.row;
  if (now - startedAt > LONGEST_RUN_MS) {
    await saveRun(sync, stored, { stage: 'done', wakeAt: undefined, endedAt: now, code: 'out-of-time' });
    return;
  }
  // Its next time is moved first: a tick that comes before the worker does not ask again.
  if ((await saveRun(sync, stored, {})) !== undefined) await ask(sync, { connection, since, askedAt: startedAt, how });
}

async function ask(
  sync: Sync,
  run: { readonly connection: ConnectionId; readonly since: number; readonly askedAt: number; readonly how: RunHow },
): Promise<void> {
  await sync.bus.publish('sync-jobs', { kind: 'reconcile', ...run });
}
