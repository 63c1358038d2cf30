/** When reconcile runs begin, and how a run that got lost is found again. */
import type { RunHow } from '../../shared/model/drift.ts';
import { connectionId } from '../../shared/model/ids.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { Stored } from '../../shared/ports.ts';
import { dueRuns } from '../../shared/model/drift.ts';
import { Fault } from '../../shared/verdict.ts';
import type { ConnectionRow, Sync } from './context.ts';
import { openRun, saveRun } from './runs.ts';

/** Connections and runs that one tick begins; the tick comes every minute, and the eldest come first. */
const MAX_BEGUN = 100;
/** Changes just before the last run may not have been in the index yet, or carry a stamp of a clock that differs. */
const OVERLAP_MS = 300_000;
/** A run that did not come to its end within this is given up; the next one of its kind looks at the same. */
const LONGEST_RUN_MS = 2 * 86_400_000;
/** A connection that rests is asked again after this whether its new rules may be carried to its pairs. */
const REST_MS = 3_600_000;

/** Begins the runs that are due, and brings back those that were lost. */
export async function wakeRuns(sync: Sync, now: number): Promise<void> {
  const light = await sync.store.due('connection', 'reconcileAt', now, MAX_BEGUN);
  const full = await sync.store.due('connection', 'fullAt', now, MAX_BEGUN);
  const ruled = await sync.store.due('connection', 'rulesDueAt', now, MAX_BEGUN);
  const seen = new Set<ConnectionId>();
  for (const stored of [...full, ...ruled, ...light]) {
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
  const isStopped = row.restored !== undefined && row.restored.keep === undefined;
  const mayBegin = row.state === 'active' && !isStopped;
  const { hows, rulesDueAt: later, ...next } = dueRuns(row, now);
  const { rulesDueAt: before, ...rest } = row;
  // A run for new rules is not let go while the connection rests.
  const rulesDueAt = mayBegin || before === undefined ? later : Math.max(before, now + REST_MS);
  const times = { ...next, ...(rulesDueAt === undefined ? {} : { rulesDueAt }) };
  const runs = mayBegin ? hows.map((how) => ({ connection, since: sinceOf(row, how), askedAt: now, how })) : [];
  // Nobody asks again for what new rules need, so the run is there before the wish goes.
  if (before !== undefined && later === undefined)
    for (const run of runs) if (run.how !== 'light') await openRun(sync, run, row);
  try {
    await sync.store.replace('connection', { connection }, { ...rest, ...times }, version);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'store-changed') return;
    throw thrown;
  }
  for (const run of runs) await ask(sync, run);
}

function sinceOf({ watermarkAt, activatedAt }: ConnectionRow, how: RunHow): number {
  return how === 'light' ? Math.max(0, watermarkAt - OVERLAP_MS) : activatedAt;
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
