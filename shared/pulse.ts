/** The heartbeat of the sweep: everything that is promised about deletion hangs on it, so others listen to it. @see shared/retention/SPEC.md R98 */
import type { Clock, Log, Store, Stored, Version } from './ports.ts';
import type { RecordOf } from './retention/catalogue.ts';
import { overdueHours } from './retention/pulse.ts';
import { toFault } from './verdict.ts';

type PulseRow = RecordOf<'pulse'>;

const PLACE = { pulse: 'sweep' } as const;

/** What is known of the sweep. */
export interface Pulse {
  readonly row: PulseRow;
  /** Absent: it was never written. */
  readonly version?: Version;
}

/** The record as it is now. */
export async function readPulse(store: Store): Promise<Pulse> {
  const stored: Stored<'pulse'> | undefined = await store.read('pulse', PLACE);
  return stored === undefined ? { row: {} } : { row: stored.row, version: stored.version };
}

/** Writes it anew. Whoever is slower lets it be: another sweep's word is as good. */
export async function writePulse(store: Store, { version }: Pulse, row: PulseRow): Promise<void> {
  try {
    if (version === undefined) await store.create('pulse', PLACE, row);
    else await store.replace('pulse', PLACE, row, version);
  } catch (thrown) {
    const { code } = toFault(thrown);
    if (code !== 'store-exists' && code !== 'store-changed') throw thrown;
  }
}

/** A sweep has come to its end. */
export async function stampSweep(store: Store, now: number): Promise<void> {
  const pulse = await readPulse(store);
  await writePulse(store, pulse, { ...pulse.row, sweptAt: now });
}

/**
 * Wakes somebody when no sweep has come to its end for too long: for the ticks of other functions, because a sweep that does
 * not run cannot tell. The first who asks in a new house begins the watch.
 */
export async function watchSweep({ store, clock, log }: { store: Store; clock: Clock; log: Log }): Promise<void> {
  const pulse = await readPulse(store);
  const now = clock.now();
  const hours = overdueHours(pulse.row, now);
  if (hours !== undefined) log.fault('pulse', 'sweep-overdue', { hours });
  if (pulse.row.sweptAt === undefined && pulse.row.watchedSince === undefined)
    await writePulse(store, pulse, { ...pulse.row, watchedSince: now });
}
