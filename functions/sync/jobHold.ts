import type { Side } from '../../shared/model/connection.ts';
import type { ConnectionId, ProjectKey, TwinId, IssueId } from '../../shared/model/ids.ts';
import type { JobKind } from '../../shared/model/job.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import { contextOf, parseJobAsk } from '../../shared/wire/stored.ts';
import type { JobAsk } from '../../shared/wire/stored.ts';
import type { ConnectionRow, Sync } from './context.ts';
import { contentKey } from './copies.ts';
import { connectionFence } from './fence.ts';
import { readHalves } from './halves.ts';

export type JobRow = RecordOf<'job'>;

/** Where a job is stored: one of each kind in a connection, the last one. */
export interface JobPlace {
  readonly connection: ConnectionId;
  readonly job: JobKind;
}

/** One thing that a job does: an issue, a pair, or a line of a list. */
export interface JobItem {
  readonly issue?: IssueId;
  readonly twin?: TwinId;
  /** Of a list that was handed in: its part, and the line of the text. */
  readonly part?: number;
  readonly line?: number;
  readonly a?: IssueId;
  readonly b?: IssueId;
  readonly originSide?: Side;
}

/** The right to work on one job, and all that its slices need. */
export interface JobHold {
  readonly place: JobPlace;
  readonly fence: ConnectionRow;
  readonly ask: JobAsk;
  readonly projects: Readonly<Record<Side, ProjectKey>>;
  readonly scope: string;
  /** The record as it was last written by us. */
  row(): JobRow;
  /** Changes the record; what people did to it meanwhile (pause, cancel) is in what `change` gets. @throws Fault `lease-lost` */
  write(change: (row: JobRow, transaction: Transaction) => JobRow | Promise<JobRow>): Promise<void>;
}

/** Longer than a function can live, so that no two work at once. @see topology.ts, timeoutSeconds of the sync function */
const LEASE_MS = 70_000;
/** A job of a connection that rests is looked at again after this. */
const REST_MS = 900_000;
/** The end of what ended for itself: shows how it went while people still ask. */
export const KEPT_MS = 30 * 86_400_000;

/** Takes a job, unless another worker has it, it waits, or there is nothing to do for this run of it. */
export async function takeJob(sync: Sync, place: JobPlace, run: string): Promise<JobHold | Code> {
  const stored = await sync.store.read('job', place);
  if (stored?.row.run !== run) return 'already-done';
  const { row, version } = stored;
  const now = sync.clock.now();
  if (row.state !== 'counting' && row.state !== 'running') return 'nothing-to-do';
  if (row.lease !== undefined && row.lease.until > now) return 'job-taken';
  if (row.waits !== undefined && row.waits.until > now) return 'job-waits';
  const fence = await connectionFence(sync.store, place.connection);
  if (typeof fence === 'string') return rest(sync, place, fence);
  const token = sync.ids.next();
  const { waits: _over, ...going } = row;
  const taken: JobRow = { ...going, lease: { token, until: now + LEASE_MS }, wakeAt: now + LEASE_MS };
  try {
    await sync.store.replace('job', place, taken, version);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'store-changed') return 'job-taken';
    throw thrown;
  }
  return holdOf(sync, place, fence, taken, token);
}

/** A connection that rests lets its jobs rest; one that has ended ends them. */
async function rest(sync: Sync, place: JobPlace, code: Code): Promise<Code> {
  const connection = (await sync.store.read('connection', { connection: place.connection }))?.row.state;
  const now = sync.clock.now();
  await sync.store.transact(async (transaction) => {
    const row = (await transaction.read('job', place))?.row;
    if (row === undefined || (row.state !== 'counting' && row.state !== 'running')) return;
    const isOver = connection === undefined || connection === 'ended';
    const until = now + REST_MS;
    const next: JobRow = isOver ? ended(row, 'cancelled', now) : { ...row, wakeAt: until, waits: { code, until } };
    transaction.put('job', place, next);
  });
  return code;
}

/** The record of a job that is over. */
export function ended(row: JobRow, state: 'done' | 'cancelled', now: number): JobRow {
  const { lease: _lease, wakeAt: _wakeAt, waits: _waits, chunk: _chunk, etaAt: _etaAt, ...rest } = row;
  return { ...rest, state, endedAt: now, removeAt: now + KEPT_MS };
}

async function holdOf(
  sync: Sync,
  place: JobPlace,
  fence: ConnectionRow,
  taken: JobRow,
  token: string,
): Promise<JobHold> {
  let latest = taken;
  const { connection } = place;
  const { a, b } = await readHalves(sync, connection, fence);
  const context = contextOf('job.ask', connection, place.job, taken.run);
  const ask =
    taken.ask === undefined
      ? {}
      : parseJobAsk(await sync.keys.open(contentKey({ connection }, fence), context, taken.ask));
  return {
    ...{ place, fence, ask },
    projects: { a: a.settings.projectKey, b: b.settings.projectKey },
    scope: (taken.side === 'a' ? a : b).settings.scope,
    row: () => latest,
    write: async (change) => {
      latest = await sync.store.transact(async (transaction) => {
        const row = (await transaction.read('job', place))?.row;
        const now = sync.clock.now();
        if (row?.lease?.token !== token || row.lease.until <= now) throw new Fault('lease-lost');
        const next = await change(row, transaction);
        transaction.put('job', place, next);
        return next;
      });
    },
  };
}
