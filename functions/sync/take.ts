import { isDeepStrictEqual } from 'node:util';
import type { Side } from '../../shared/model/connection.ts';
import type { FieldName } from '../../shared/model/field.ts';
import type { IssueId, TenantId } from '../../shared/model/ids.ts';
import type { Floor } from '../../shared/model/twin.ts';
import type { Stored, Transaction, Version, WholeIssue } from '../../shared/ports.ts';
import { awaitedOf, isShown, toldBy } from '../../shared/sync/lagging.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import type { ConnectionRow, Sync, TwinPlace, TwinRow } from './context.ts';
import { connectionFence } from './fence.ts';
import { putLink } from './link.ts';
import { leased, sidePart, withParts } from './twinRow.ts';

/** The right to work on one twin. Every write of it goes through here and loses when the lease does. */
export interface Hold {
  readonly place: TwinPlace;
  readonly connection: ConnectionRow;
  readonly token: string;
  /** What was read of both issues before, when nobody has written the record since. For the first look alone. */
  readonly ahead?: Ahead;
  /** The record as it was last written by us. */
  row(): TwinRow;
  /**
   * Changes the record, and others with it, in one transaction. `work` reads first, then writes, and returns the record to store.
   * @throws Fault `lease-lost`
   */
  write(work: (transaction: Transaction, row: TwinRow) => TwinRow | Promise<TwinRow>): Promise<void>;
  /** Changes the record alone: without a transaction as long as nobody else has written it. @throws Fault `lease-lost` */
  rewrite(change: (row: TwinRow) => TwinRow): Promise<void>;
  /** Renews the lease when more than half of it is over. @throws Fault `lease-lost` */
  renew(): Promise<void>;
}

/** What a run has read of a pair among many others, to see whether there is anything to do. Nothing is written from it. */
export interface Ahead {
  /** The instant before the reading. */
  readonly at: number;
  /** Of the twin's record, as it was read before `at`. */
  readonly version: Version;
  readonly a: AheadIssue;
  readonly b: AheadIssue;
}

/** An issue and what it was asked for. */
export interface AheadIssue {
  readonly asked: WholeAsk;
  readonly whole: WholeIssue;
}

/** What is read of an issue. */
export interface WholeAsk {
  readonly fields: readonly FieldName[];
  readonly parts: { readonly comments: boolean; readonly worklogs: boolean; readonly attachments: boolean };
}

/** What is known beside the twin's id. */
export interface TakeHint {
  /** When the change happened that asks for the work. */
  readonly eventAt?: number;
  /** When we were told of it. */
  readonly receivedAt?: number;
  /** What an issue shows at least, as its site has told. */
  readonly told?: { readonly tenant: TenantId; readonly issue: IssueId; readonly floor: Floor };
  /** The turn of work on this twin whose write has caused the change, as the site says. */
  readonly echoOf?: string;
  /** An issue that carries this twin's marker. */
  readonly seen?: { readonly side: Side; readonly issue: IssueId };
  /** The reconcile run that asks: no event did. */
  readonly run?: string;
  /** A person wants the pair looked at although nothing changed: what sites refused is tried again. */
  readonly isAfresh?: boolean;
  /** What that run has read of both issues already. */
  readonly ahead?: Ahead;
}

/** A hint with the side that it is about. */
type Heard = Omit<TakeHint, 'told'> & { readonly told?: { readonly side: Side; readonly floor: Floor } };

/** Workers that meet at one twin: one works, the others leave their sign within these tries. */
const MAX_TRIES = 6;
const RETRY_MS = 25;

/**
 * Takes a twin: reads both tenancies, the connection and the twin, and writes the lease on the condition that the twin is still as
 * it was read. When another worker has it, its dirty flag is set, so that the other one works again before it leaves: `twin-taken`.
 *
 * No transaction: many workers read the same two tenants at once, and their locks would queue up (seconds, on the emulator). The
 * fence holds without: a purge changes the tenancy first and then waits longer than any worker that read the old one can live.
 */
export async function take(sync: Sync, place: TwinPlace, { told, ...rest }: TakeHint): Promise<Hold | Code> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    // Looked at outside a transaction first: a burst of changes to one issue would queue up for its locks.
    const stored = await sync.store.read('twin', place);
    if (stored === undefined) return 'not-under-sync';
    const hint = told === undefined ? rest : { ...rest, told: await sideTold(sync, stored.row, told) };
    const now = sync.clock.now();
    const echo = echoIn(stored.row, hint, now);
    if (echo === 'known') return 'already-done';
    if (echo === 'own') {
      if (await markEchoed(sync, stored)) return 'already-done';
    } else if (stored.row.pausedAt !== undefined) {
      if (await markDirty(sync, stored, hint)) return 'twin-paused';
    } else if (mustWait(stored.row, now)) return 'twin-parked';
    else if (isContained(stored.row, hint)) return 'already-done';
    else if (!isHeld(stored.row, now)) {
      const taken = await tryTake(sync, place, stored, hint);
      if (taken !== 'twin-taken') return taken;
    } else if (await markDirty(sync, stored, hint)) return 'twin-taken';
    await sync.clock.sleep(RETRY_MS * attempt);
  }
  throw new Fault('store-changed', { what: 'twin' });
}

/** Whose issue was told of. Ids are a site's own: the same one may be on both sides. */
async function sideTold(
  sync: Sync,
  { connection, a, b }: TwinRow,
  { tenant, issue, floor }: NonNullable<TakeHint['told']>,
): Promise<{ readonly side: Side; readonly floor: Floor }> {
  if (a !== b) return { side: issue === a ? 'a' : 'b', floor };
  const row = (await sync.store.read('connection', { connection }))?.row;
  return { side: row?.a.tenant === tenant ? 'a' : 'b', floor };
}

function isHeld(row: TwinRow, now: number): boolean {
  return row.lease !== undefined && row.lease.until > now;
}

/** A site that asked us to wait is left alone until its time; all other trouble may have gone with the new change. */
function mustWait(row: TwinRow, now: number): boolean {
  return row.error?.code === 'jira-rate-limited' && row.lease === undefined && (row.wakeAt ?? 0) > now;
}

/** Clocks of two instances differ by less. (Ours; Google's own are within milliseconds.) */
const SKEW_MS = 500;

/**
 * True when the issues were read, and settled without trouble, after we had been told of this change: a burst of events about one
 * issue, our own echoes above all, costs one look. What is blocked was looked at, too; a twin with trouble has a time to wake. An
 * issue that showed less than was told was read from a replica that lags.
 */
function isContained(row: TwinRow, { receivedAt, seen, told }: Heard): boolean {
  const { readAt, lease, dirty, wakeAt } = row;
  if (receivedAt === undefined || readAt === undefined || seen !== undefined) return false;
  if (told !== undefined && !isShown(told.floor, settledAs(row, told.side))) return false;
  return lease === undefined && !dirty && wakeAt === undefined && readAt > receivedAt + SKEW_MS;
}

/**
 * What an announcement of our own write is worth. `known`: that turn's writes were read back, or somebody will look anyway, so it
 * says nothing new; whatever people do beside it announces itself. `own`: the turn still goes on and will read back what it writes.
 */
function echoIn({ lease, wroteBy, wakeAt }: TwinRow, { echoOf }: Heard, now: number): 'known' | 'own' | 'no' {
  if (echoOf === undefined) return 'no';
  if (wroteBy === echoOf) return 'known';
  const isLive = lease !== undefined && lease.until > now;
  if (isLive && lease.token === echoOf) return 'own';
  return lease === undefined && wakeAt !== undefined ? 'known' : 'no';
}

/** Tells the holder, once: when its writes turn out not to be as it left them, it has to look again. */
async function markEchoed(sync: Sync, stored: Stored<'twin'>): Promise<boolean> {
  if (stored.row.isEchoed === true || stored.row.dirty) return true;
  return (await replaceIfSame(sync, stored, withParts(stored.row, { isEchoed: true }))) !== undefined;
}

async function markDirty(sync: Sync, stored: Stored<'twin'>, hint: Heard): Promise<boolean> {
  const { row } = stored;
  const awaits = awaitsAfter(sync, row, hint);
  const isAwaited = awaits === undefined || isDeepStrictEqual(awaits, row.awaits);
  if (row.dirty && (hint.run === undefined || row.run !== undefined) && isAwaited) return true;
  const marked = withParts(row, {
    dirty: true,
    eventAt: row.eventAt ?? hint.eventAt,
    run: hint.run ?? row.run,
    awaits,
  });
  return (await replaceIfSame(sync, stored, marked)) !== undefined;
}

/** What a side showed when the pair was last settled. */
function settledAs({ aUpdatedAt, bUpdatedAt, aSaidAt, bSaidAt }: TwinRow, side: Side): Floor {
  const [updatedAt, saidAt] = side === 'a' ? [aUpdatedAt, aSaidAt] : [bUpdatedAt, bSaidAt];
  return { ...(updatedAt === undefined ? {} : { updatedAt }), ...(saidAt === undefined ? {} : { saidAt }) };
}

/** What is to be seen with this hint, besides what was to be seen before. A pair that has it already has nothing more to see. */
function awaitsAfter(sync: Sync, row: TwinRow, { told }: Heard): TwinRow['awaits'] {
  const now = sync.clock.now();
  const isNew = told !== undefined && !isShown(told.floor, settledAs(row, told.side));
  if (!isNew) return row.awaits;
  const known = row.awaits?.[told.side];
  // Told twice, it is believed no longer for it.
  if (known !== undefined && isShown(told.floor, known)) return row.awaits;
  return awaitedOf(row.awaits, toldBy(told.side, told.floor, now), now);
}

async function tryTake(sync: Sync, place: TwinPlace, stored: Stored<'twin'>, hint: Heard): Promise<Hold | Code> {
  const token = sync.ids.next();
  const connection = await connectionFence(sync.store, place.connection);
  if (typeof connection === 'string') return connection;
  const eventAt = hint.eventAt ?? stored.row.eventAt;
  const lease = (row: TwinRow): TwinRow =>
    leased(row, token, sync.clock.now(), sync.settings.leaseMs, {
      ...{ dirty: false, isEchoed: undefined, eventAt, run: hint.run ?? row.run, awaits: awaitsAfter(sync, row, hint) },
    });
  const taken = isOrphanOf(stored.row, hint)
    ? await adopt(sync, place, hint, lease)
    : await replaceIfSame(sync, stored, lease(stored.row));
  if (taken === undefined) return 'twin-taken';
  const hold = holdOf(sync, place, token, { connection, ...taken });
  // Whoever has written the record since may have written to the issues, too.
  const isSame = hint.ahead !== undefined && hint.ahead.version === stored.version;
  return isSame ? { ...hold, ahead: hint.ahead } : hold;
}

/** A record that we have written, and its version when that is known. */
interface Written {
  readonly row: TwinRow;
  readonly version?: Version;
}

/** The new record, or nothing when somebody was faster. */
async function replaceIfSame(
  sync: Sync,
  { place, version }: Stored<'twin'>,
  row: TwinRow,
): Promise<Written | undefined> {
  try {
    return { row, version: await sync.store.replace('twin', place, row, version) };
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'store-changed') return undefined;
    throw thrown;
  }
}

/**
 * True when the hint names an issue that was created by a worker which died before it could record the id, and which now reports
 * itself by its marker. Without an open intent of ours a marker proves nothing: people copy issues.
 */
function isOrphanOf(row: TwinRow, { seen }: Heard): boolean {
  return seen !== undefined && row.creatingAt !== undefined && row[seen.side] === undefined;
}

/** Takes the twin and records the orphan with its link, together. */
async function adopt(
  sync: Sync,
  place: TwinPlace,
  hint: Heard,
  lease: (row: TwinRow) => TwinRow,
): Promise<Written | undefined> {
  return sync.store.transact(async (transaction) => {
    const connection = await connectionFence(transaction, place.connection);
    const row = (await transaction.read('twin', place))?.row;
    if (typeof connection === 'string' || row === undefined || hint.seen === undefined) return undefined;
    if (isHeld(row, sync.clock.now()) || !isOrphanOf(row, hint)) return undefined;
    const { side, issue } = hint.seen;
    putLink(transaction, connection, row, side, issue);
    const taken = lease(withParts(row, { ...sidePart(side, issue), creatingAt: undefined }));
    transaction.put('twin', place, taken);
    return { row: taken };
  });
}

function holdOf(
  sync: Sync,
  place: TwinPlace,
  token: string,
  { connection, ...taken }: Written & { readonly connection: ConnectionRow },
): Hold {
  let latest: Written = taken;
  const write: Hold['write'] = async (work) => {
    const row = await sync.store.transact(async (transaction) => {
      const stored = await transaction.read('twin', place);
      const lease = stored?.row.lease;
      // A lease that has run out may be taken at any moment, and the purge counts on workers that stop in time.
      if (stored === undefined || lease?.token !== token || lease.until <= sync.clock.now())
        throw new Fault('lease-lost');
      const next = await work(transaction, stored.row);
      transaction.put('twin', place, next);
      return next;
    });
    latest = { row };
  };
  const rewrite: Hold['rewrite'] = async (change) => {
    const { row, version } = latest;
    // Unchanged since we wrote it, the record has our lease: only its time has to be looked at.
    const isOurs = version !== undefined && (row.lease?.until ?? 0) > sync.clock.now();
    const stored = isOurs ? { category: 'twin' as const, place, row, version } : undefined;
    const written = stored === undefined ? undefined : await replaceIfSame(sync, stored, change(row));
    if (written === undefined) await write((_, current) => change(current));
    else latest = written;
  };
  const renew = async (): Promise<void> => {
    const now = sync.clock.now();
    if ((latest.row.lease?.until ?? 0) - now > sync.settings.leaseMs / 2) return;
    await rewrite((current) => leased(current, token, now, sync.settings.leaseMs));
  };
  return { place, connection, token, row: () => latest.row, write, rewrite, renew };
}
