/** What a person does with one pair: another try, a pause, its end. Acts on the record and asks the sync to look. */
import { twinId } from '../../shared/model/ids.ts';
import type { TwinId } from '../../shared/model/ids.ts';
import type { Stored, Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';
import type { TwinActAnswer } from '../../shared/wire/inbox.ts';
import { idSchema } from '../../shared/wire/message.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf } from './halves.ts';
import type { OwnHalf } from './halves.ts';

export type TwinRow = RecordOf<'twin'>;

/** A pair of one of the asker's connections. */
export interface OwnTwin {
  readonly own: OwnHalf;
  readonly twin: TwinId;
  readonly row: TwinRow;
}

/** What is written down of an act, beside who and when. */
export type Act = Pick<RecordOf<'intervention'>, 'act' | 'field'>;

const DAY_MS = 86_400_000;
/** Thirteen months: the year before can still be asked about. @see shared/retention/catalogue.ts, `intervention` */
const KEPT_DAYS = 396;

/** The pair that the path names. @throws Fault `not-found` */
export async function findTwin(ask: Ask): Promise<OwnTwin> {
  const own = await findHalf(ask);
  const named = idSchema(twinId).safeParse(ask.request.params['twin']);
  if (!named.success || (await connectionOf(ask, own)) === undefined) throw new Fault('not-found');
  const stored = await ask.ports.store.read('twin', { connection: own.connection, twin: named.data });
  if (stored === undefined) throw new Fault('not-found');
  return { own, twin: named.data, row: stored.row };
}

/**
 * Changes the record of a pair and writes down who did it, together; then asks for a sync. `change` may throw. The record's own time
 * to wake stands for a message that gets lost.
 * @throws Fault `not-found`, `site-not-ready`, `state-refused` for a connection that has ended
 */
export async function changeTwin(
  ask: Ask,
  { own, twin }: Pick<OwnTwin, 'own' | 'twin'>,
  { act, field }: Act,
  change: (row: TwinRow, now: number) => TwinRow,
): Promise<TwinRow> {
  const { store, clock, ids, bus } = ask.ports;
  const { connection, half } = own;
  const intervention = ids.next();
  const changed = await store.transact(async (transaction) => {
    const now = clock.now();
    await fence(transaction, ask.tenant);
    const { row } = await readTwin(transaction, ask, own, twin);
    const after = change(row, now);
    transaction.put('twin', { connection, twin }, after);
    transaction.put(
      'intervention',
      { tenant: ask.tenant.tenant, half, intervention },
      {
        ...{ owners: [ask.owner], twin, act, at: now, by: ask.account, removeAt: now + KEPT_DAYS * DAY_MS },
        ...(field === undefined ? {} : { field }),
      },
    );
    return after;
  });
  if (changed.pausedAt === undefined)
    await bus.publish('sync-jobs', { kind: 'sync-twin', connection, twin, askedAt: clock.now() });
  return changed;
}

async function readTwin(
  transaction: Transaction,
  ask: Ask,
  { connection }: OwnHalf,
  twin: TwinId,
): Promise<Stored<'twin'>> {
  const agreed = await transaction.read('connection', { connection });
  const stored = await transaction.read('twin', { connection, twin });
  if (agreed === undefined || stored === undefined || !agreed.row.owners.includes(ask.owner))
    throw new Fault('not-found');
  const { state } = agreed.row;
  if (state === 'ended' || state === 'partner-left') throw new Fault('state-refused', { state });
  return stored;
}

/** POST …/twins/{twin}/retry: refused attempts are made again. May be repeated. */
export async function retryTwin(ask: Ask): Promise<EdgeAnswer> {
  const found = await findTwin(ask);
  return told(found, await changeTwin(ask, found, { act: 'retry' }, retried));
}

/** The record of a pair that shall try again: a worker that is at it sees the wish before it leaves. */
export function retried(row: TwinRow, now: number): TwinRow {
  const wish = { ...row, retryAt: now };
  return row.pausedAt === undefined ? woken(wish, now) : wish;
}

/** The record of a pair that is to be looked at now. */
export function woken(row: TwinRow, now: number): TwinRow {
  return row.lease === undefined ? { ...row, wakeAt: now } : { ...row, dirty: true };
}

/** POST …/twins/{twin}/pause: nothing of the pair is synced until it goes on. May be repeated. */
export async function pauseTwin(ask: Ask): Promise<EdgeAnswer> {
  const found = await findTwin(ask);
  const pause = (row: TwinRow, now: number): TwinRow => ({ ...row, pausedAt: row.pausedAt ?? now });
  return told(found, await changeTwin(ask, found, { act: 'pause' }, pause));
}

/** POST …/twins/{twin}/resume: the pair goes on, with everything that was changed meanwhile. May be repeated. */
export async function resumeTwin(ask: Ask): Promise<EdgeAnswer> {
  const found = await findTwin(ask);
  const resume = ({ pausedAt: _pausedAt, ...row }: TwinRow, now: number): TwinRow => woken(row, now);
  return told(found, await changeTwin(ask, found, { act: 'resume' }, resume));
}

function told({ twin }: OwnTwin, { pausedAt }: TwinRow): EdgeAnswer {
  return answer({ twin, isPaused: pausedAt !== undefined } satisfies TwinActAnswer, 'accepted', 202);
}
