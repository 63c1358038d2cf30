import type { Settled } from '../../shared/model/plan.ts';
import { nextLookAt } from '../../shared/model/trouble.ts';
import type { Awaited, TwinMemory } from '../../shared/model/twin.ts';
import { isVerified } from '../../shared/sync/drift.ts';
import { awaitedOf, shownBy, stillAwaited } from '../../shared/sync/lagging.ts';
import { troublesAfter } from '../../shared/sync/troubles.ts';
import { waitMs } from '../../shared/sync/wishes.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import type { Stop } from './act.ts';
import type { Sync, TwinRow } from './context.ts';
import { putCopies, sealCopies } from './copies.ts';
import type { Copies } from './copies.ts';
import { putDecision, sealDecision } from './decisions.ts';
import type { Decided } from './decisions.ts';
import { foundIn, putDrift, readDrift } from './drift.ts';
import type { Look } from './look.ts';
import type { Hold } from './take.ts';
import type { ReadBack } from './readBack.ts';
import { putTraces } from './traces.ts';
import type { Shards } from './traces.ts';
import { leased, memoryParts, withParts } from './twinRow.ts';
import type { TwinParts } from './twinRow.ts';

/** How a round ended: the twin is in step; another round under the same lease; the next message; later. */
export type RoundEnd = 'settled' | 'again' | 'next' | 'parked';

/** What this turn of work has written, and whether all of it was read since: by a later round, or read back. */
export interface Written {
  readonly hasWritten: boolean;
  readonly isKnown: boolean;
  readonly back?: ReadBack;
  /** What the last round leaves to be seen. */
  readonly awaits?: Awaited | undefined;
}

/** What a round has to store. */
export interface Keeping {
  readonly look: Look;
  readonly settled: Settled;
  /** The traces as they are stored now. */
  readonly shards: Shards;
  readonly stop: Stop | undefined;
  readonly written: Written;
  readonly hasRounds: boolean;
  readonly hasTime: boolean;
}

/** After these a call that was not answered may have had its effect. */
const OPEN_ENDS: ReadonlySet<Code> = new Set<Code>([
  ...(['jira-unavailable', 'jira-answer-odd', 'outside-unavailable', 'outside-answer-odd', 'out-of-time'] as const),
]);

/**
 * Stores what a round has led to, and frees the lease unless there is more to do now: one transaction over the twin, its changed
 * traces and its copies. A dirty flag that somebody set meanwhile is seen here or breaks the transaction.
 * @throws Fault `lease-lost`
 */
export async function keep(sync: Sync, hold: Hold, keeping: Keeping): Promise<RoundEnd> {
  const [copies, decided] = await Promise.all([sealCopies(sync, hold, keeping), sealDecision(sync, hold, keeping)]);
  try {
    return await store(sync, hold, keeping, { copies, decided });
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'row-too-large' || (copies ?? decided) === undefined)
      throw thrown;
    // Copies and decisions serve people who look back; the sync itself does not need them.
    sync.log.fault('sync-keep', thrown.code, { twin: hold.place.twin }, thrown);
    return store(sync, hold, keeping, {});
  }
}

interface Memoirs {
  readonly copies?: Copies | undefined;
  readonly decided?: Decided | undefined;
}

async function store(sync: Sync, hold: Hold, keeping: Keeping, { copies, decided }: Memoirs): Promise<RoundEnd> {
  const { shards, settled } = keeping;
  let end: RoundEnd = 'settled';
  await hold.write(async (transaction, row) => {
    // Of what was announced and does not show as it was written, no second announcement comes.
    end = endOf(keeping, row.dirty || (row.isEchoed === true && !keeping.written.isKnown));
    const drift = await readDrift(transaction, hold, foundIn(sync, hold, keeping.look, settled.blocked));
    if (copies !== undefined) await putCopies(transaction, hold.place, row.owners, copies);
    putTraces(transaction, hold.place, row.owners, shards, settled.memory);
    putDrift(transaction, hold, drift, end === 'settled' ? sync.clock.now() : undefined);
    const known = decided === undefined ? {} : { decided: putDecision(transaction, hold, row, decided) };
    const parts = { ...memoryParts(mergedIds(settled.memory, row)), ...known };
    // A wish that came meanwhile is another one and waits for the next round.
    const heard = row.retryAt === keeping.look.retryAt ? { retryAt: undefined } : {};
    return nextRow(sync, hold, withParts(row, { ...parts, ...heard }), keeping, end);
  });
  return end;
}

/** An id that was stored with its link while the plan was carried out stays, whatever the engine made of a step without result. */
function mergedIds(memory: TwinMemory, row: TwinRow): TwinMemory {
  const a = memory.a ?? row.a;
  const b = memory.b ?? row.b;
  return { ...memory, ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

/** What is not complete after all rounds would not be after more of them at once: it waits like trouble. */
function endOf({ settled, stop, hasRounds, hasTime }: Keeping, isDirty: boolean): RoundEnd {
  if (stop?.why === 'trouble') return 'parked';
  if (stop?.why === 'time') return 'next';
  if (settled.isComplete && !isDirty) return 'settled';
  if (hasRounds && hasTime) return 'again';
  return isDirty || !hasTime ? 'next' : 'parked';
}

function nextRow(
  sync: Sync,
  hold: Hold,
  row: TwinRow,
  { settled, stop, look, written }: Keeping,
  end: RoundEnd,
): TwinRow {
  const now = sync.clock.now();
  const shown = { a: shownBy(look.input.a), b: shownBy(look.input.b), ...written.back?.shown };
  // What the intent has left to be seen counts only where nobody knows its end; what sites have told meanwhile came with the flag.
  const isOpen = row.dirty || (stop?.why === 'trouble' && OPEN_ENDS.has(stop.code));
  const awaits = awaitedOf(isOpen ? row.awaits : undefined, written.awaits, now);
  const free = { lease: undefined, wakeAt: undefined, dirty: false, isEchoed: undefined };
  switch (end) {
    case 'again':
      return leased(row, hold.token, now, sync.settings.leaseMs, { dirty: false, isEchoed: undefined, awaits });
    case 'next':
      // The message that goes on may get lost; the tick does not.
      return withParts(row, { ...free, wakeAt: now, settledAt: now, awaits });
    case 'parked':
      return parked(withParts(row, { awaits }), stop, now);
    case 'settled': {
      const [first] = settled.blocked;
      const error = first === undefined ? undefined : { code: first.code, at: look.readAt };
      // A pair that shall end is in step now; a stop before it has ended leaves that to the tick.
      const wakeAt = row.ending === undefined ? undefined : now;
      return withParts(row, {
        ...{
          ...free,
          wakeAt,
          error,
          attempts: 0,
          eventAt: undefined,
          settledAt: now,
          readAt: look.readAt,
          run: undefined,
        },
        ...(isVerified(look.input, look.plan, settled, written.back !== undefined) ? { verifiedAt: look.readAt } : {}),
        ...(written.hasWritten ? { wroteBy: written.isKnown ? hold.token : undefined } : {}),
        ...troubleParts(row, { settled, look }, now),
        ruledBy: { a: look.input.rules.a.version, b: look.input.rules.b.version },
        ...{ aUpdatedAt: shown.a?.updatedAt, bUpdatedAt: shown.b?.updatedAt },
        ...{ aSaidAt: shown.a?.saidAt, bSaidAt: shown.b?.saidAt, awaits: stillAwaited(awaits, shown, now) },
      });
    }
  }
}

/** What could not be carried over, and when to look whether it can be. */
function troubleParts(row: TwinRow, { settled, look }: Pick<Keeping, 'settled' | 'look'>, now: number): TwinParts {
  const troubles = troublesAfter(look.input.rules, row.troubles ?? [], settled.blocked, look.readAt);
  return { troubles: troubles.length === 0 ? undefined : troubles, lookAt: nextLookAt(troubles, now) };
}

/** The record of a twin that waits for its site. */
export function parked(row: TwinRow, stop: Stop | undefined, now: number): TwinRow {
  const code: Code = stop?.why === 'trouble' ? stop.code : 'out-of-time';
  const asked = stop?.why === 'trouble' ? (stop.retryAfterMs ?? 0) : 0;
  const since = row.error?.code === code ? (row.error.since ?? row.error.at) : now;
  const error = { code, at: now, since };
  return withParts(row, {
    lease: undefined,
    dirty: false,
    isEchoed: undefined,
    wakeAt: now + waitMs(row.attempts, asked),
    attempts: row.attempts + 1,
    error,
  });
}
