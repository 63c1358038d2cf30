/** The record of a reconcile run: how far it came, so that any worker goes on where another one stopped. */
import type { RunHow } from '../../shared/model/drift.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { Stored } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { REPORT_DAYS } from '../../shared/retention/catalogue.ts';
import { runId } from '../../shared/model/drift.ts';
import { Fault } from '../../shared/verdict.ts';
import type { ConnectionRow, Sync } from './context.ts';

export type RunRow = RecordOf<'run'>;

/** One ask is one run. */
export interface RunAsk {
  readonly connection: ConnectionId;
  /** Changes since this instant. */
  readonly since: number;
  readonly askedAt: number;
  readonly how?: RunHow;
}

const DAY_MS = 86_400_000;
/** The tick brings a run back whose worker or message was lost, after this: longer than a slice of it takes. */
const LOST_MS = 180_000;

/** The record of a run, made at its first message. */
export async function openRun(sync: Sync, ask: RunAsk, connection: ConnectionRow): Promise<Stored<'run'>> {
  const { how = 'asked' } = ask;
  const run = runId(ask.askedAt, how);
  const place = { connection: ask.connection, run };
  const found = await sync.store.read('run', place);
  if (found !== undefined) return found;
  const now = sync.clock.now();
  const row: RunRow = {
    ...{ owners: connection.owners, connection: ask.connection, run, how, stage: how === 'rules' ? 'count' : 'a' },
    // What changed before the connection was made was never its business.
    ...{ since: Math.max(ask.since, connection.activatedAt), startedAt: ask.askedAt, wakeAt: now + LOST_MS },
    ...{ issues: 0, twins: 0, fresh: 0, aPoints: 0, bPoints: 0, removeAt: now + REPORT_DAYS * DAY_MS },
  };
  try {
    return { category: 'run', place, row, version: await sync.store.create('run', place, row) };
  } catch (thrown) {
    const made = isFaster(thrown, 'store-exists') ? await sync.store.read('run', place) : undefined;
    if (made === undefined) throw thrown;
    return made;
  }
}

/** What changes of a run; `undefined` takes a part away. */
export type RunParts = {
  readonly [N in 'after' | 'wakeAt' | 'code' | 'endedAt' | 'total' | 'etaAt']?: RunRow[N] | undefined;
} & Partial<Pick<RunRow, 'stage' | 'issues' | 'twins' | 'fresh' | 'aPoints' | 'bPoints'>>;

/** Writes how far the run has come. `undefined` when another worker has it. */
export async function saveRun(
  sync: Sync,
  { place, row, version }: Stored<'run'>,
  parts: RunParts,
): Promise<Stored<'run'> | undefined> {
  const { after, wakeAt, code, endedAt, total, etaAt, ...rest } = {
    ...row,
    wakeAt: sync.clock.now() + LOST_MS,
    ...parts,
  };
  const next: RunRow = {
    ...rest,
    ...(after === undefined ? {} : { after }),
    ...(wakeAt === undefined ? {} : { wakeAt }),
    ...(code === undefined ? {} : { code }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(total === undefined ? {} : { total }),
    ...(etaAt === undefined ? {} : { etaAt }),
  };
  try {
    return { category: 'run', place, row: next, version: await sync.store.replace('run', place, next, version) };
  } catch (thrown) {
    if (isFaster(thrown, 'store-changed')) return undefined;
    throw thrown;
  }
}

function isFaster(thrown: unknown, code: 'store-exists' | 'store-changed'): boolean {
  return thrown instanceof Fault && thrown.code === code;
}
