/** Pause, resume and end: what a side may do with a connection after it was agreed. */
import { otherSide } from '../../shared/model/connection.ts';
import type { ConnectionState } from '../../shared/model/connection.ts';
import { connectionStateOf, halfLife } from '../../shared/model/connectionLife.ts';
import type { HalfEvent } from '../../shared/model/connectionLife.ts';
import { halfOf } from '../../shared/model/ids.ts';
import type { Stored, Transaction } from '../../shared/ports.ts';
import type { Place, RecordOf } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';
import type { LifeAnswer } from '../../shared/wire/console.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { findHalf } from './halves.ts';
import type { OwnHalf } from './halves.ts';
import { invitationsOf } from './invite.ts';

/** Events that an admin asks for by hand. */
export type LifeEvent = Exclude<HalfEvent, 'accept'>;

/** Changes just before a pause may still have been on their way: the reconcile looks back this much further. */
const OVERLAP_MS = 300_000;

interface LifeStep {
  readonly state: ConnectionState;
  readonly pausedAt?: number;
}

/**
 * Applies an event to the asker's half and to the connection. May be repeated. Nothing of an ended connection syncs
 * again; its twins, traces and copies stay until one of the owners is purged.
 *
 * A resume asks for a reconcile since the last pause, each time it is asked: if the publish fails, the caller repeats
 * the resume and loses nothing.
 */
export async function changeLife(ask: Ask, event: LifeEvent): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { store, bus, clock } = ask.ports;
  const { connection } = own;
  const listed = own.row.state === 'pending' ? await invitationsOf(ask) : [];
  const invitations = listed.filter(({ row }) => row.connection === connection).map(({ place }) => place);
  const step = await store.transact((transaction) => applyEvent(transaction, ask, { own, event, invitations }));
  if (event === 'resume' && step.state === 'active' && step.pausedAt !== undefined) {
    const since = Math.max(0, step.pausedAt - OVERLAP_MS);
    await bus.publish('sync-jobs', { kind: 'reconcile', connection, since, askedAt: clock.now() });
  }
  return answer({ connection, state: step.state } satisfies LifeAnswer);
}

interface Applied {
  readonly own: OwnHalf;
  readonly event: LifeEvent;
  readonly invitations: readonly Place<'invitation'>[];
}

async function applyEvent(transaction: Transaction, ask: Ask, { own, event, invitations }: Applied): Promise<LifeStep> {
  await fence(transaction, ask.tenant);
  const place = { tenant: ask.tenant.tenant, half: own.half };
  const half = await transaction.read('half', place);
  if (half === undefined) throw new Fault('not-found');
  const agreed = await transaction.read('connection', { connection: own.connection });
  const other = agreed === undefined ? undefined : await readOther(transaction, own, agreed.row);
  const next = allowed(half.row.state, event);
  if (agreed !== undefined) allowed(agreed.row.state, event);
  if (next !== half.row.state) transaction.put('half', place, { ...half.row, state: next });
  if (event === 'end') {
    for (const invitation of invitations) transaction.remove('invitation', invitation);
    if (other !== undefined) transaction.put('half', other.place, { ...other.row, state: 'ended' });
  }
  if (agreed === undefined) return { state: next };
  // The record was read here, so it cannot come back to life: a purge that removes it meanwhile makes this run again.
  const row = withState(agreed.row, connectionStateOf(next, other?.row.state ?? 'partner-left'), ask.ports.clock.now());
  transaction.put('connection', { connection: own.connection }, row);
  return { state: row.state, ...(row.pausedAt === undefined ? {} : { pausedAt: row.pausedAt }) };
}

function allowed(state: ConnectionState, event: LifeEvent): ConnectionState {
  const next = halfLife[state][event];
  if (next === 'refused') throw new Fault('state-refused', { state });
  return next;
}

async function readOther(
  transaction: Transaction,
  own: OwnHalf,
  agreed: RecordOf<'connection'>,
): Promise<Stored<'half'> | undefined> {
  const side = otherSide(own.row.side);
  return transaction.read('half', { tenant: agreed[side].tenant, half: halfOf(own.connection, side) });
}

function withState(row: RecordOf<'connection'>, state: ConnectionState, now: number): RecordOf<'connection'> {
  const isNewPause = row.state === 'active' && state === 'paused';
  return { ...row, state, ...(isNewPause ? { pausedAt: now } : {}) };
}
