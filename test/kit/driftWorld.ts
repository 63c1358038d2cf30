/** What the tests of the reconcile runs share: a schedule, events that get lost, and what was told. */
import { FULL_EVERY_MS, LIGHT_EVERY_MS } from '../../shared/model/drift.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { CONNECTION } from './syncWorld.ts';
import type { SyncWorld } from './syncWorld.ts';

/** Sets the connection's first runs, as accepting an invitation does. */
export async function scheduleRuns(world: SyncWorld): Promise<void> {
  const stored = await world.store.read('connection', { connection: CONNECTION });
  if (stored === undefined) throw new Error('no connection');
  const times = { reconcileAt: world.clock.at + LIGHT_EVERY_MS, fullAt: world.clock.at + FULL_EVERY_MS };
  await world.store.replace('connection', { connection: CONNECTION }, { ...stored.row, ...times }, stored.version);
}

/** Loses events of sites that wait in the queue. */
export function dropEvents(world: SyncWorld, isLost: () => boolean): void {
  const kept = world.queue.filter((message) => message.kind !== 'issue-change' || !isLost());
  world.queue.splice(0, world.queue.length, ...kept);
}

/** The runs so far, the newest first. */
export async function runsOf(world: SyncWorld): Promise<readonly RecordOf<'run'>[]> {
  return (await world.store.list('run', { connection: CONNECTION }, { limit: 100 })).items.map(({ row }) => row);
}

/** What all runs have found. */
export async function driftsOf(world: SyncWorld): Promise<readonly RecordOf<'drift'>[]> {
  const found: RecordOf<'drift'>[] = [];
  for (const { run } of await runsOf(world)) {
    const { items } = await world.store.list('drift', { connection: CONNECTION, run }, { limit: 500 });
    found.push(...items.map(({ row }) => row));
  }
  return found;
}
