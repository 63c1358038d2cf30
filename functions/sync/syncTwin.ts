import type { Side } from '../../shared/model/connection.ts';
import type { StepResult } from '../../shared/model/plan.ts';
import { afresh } from '../../shared/sync/afresh.ts';
import { awaitedOf, laggingSide, leftBy } from '../../shared/sync/lagging.ts';
import { settleTwin } from '../../shared/sync/settle.ts';
import { Fault, meaningOf, toFault, verdict } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import { act } from './act.ts';
import type { Stop } from './act.ts';
import { endPair, isOverdue } from './apart.ts';
import { noteArchived } from './archived.ts';
import type { Sync, TwinPlace, TwinRow } from './context.ts';
import { foundIn, putDrift, readDrift, unseen } from './drift.ts';
import { keep, parked } from './keep.ts';
import type { RoundEnd } from './keep.ts';
import { followScope, hasMoved } from './leaving.ts';
import { wakePairs } from './link.ts';
import { look } from './look.ts';
import type { Look } from './look.ts';
import { readBack } from './readBack.ts';
import { refuseRestored } from './restored.ts';
import { take } from './take.ts';
import type { Ahead, Hold, TakeHint } from './take.ts';
import { areStored, putTraces, readAllTraces, tracesIn } from './traces.ts';
import type { Shards } from './traces.ts';
import { leased, memoryOf, memoryParts, withParts } from './twinRow.ts';

/** Rounds under one lease: a create, what could only be planned after it, and one for changes meanwhile. */
const MAX_ROUNDS = 4;
/** A third of the function's 60 s: the last call may still take its own deadline. */
const BUDGET_MS = 20_000;
/** Faults of the store: nothing can be written now, and the lease that stays leads the tick back here. */
const STORE_TROUBLE: ReadonlySet<Code> = new Set<Code>(['store-unavailable', 'store-changed', 'key-unavailable']);

/**
 * Brings one twin in step: takes it, reads both sides, plans, acts, settles; again while there is more to do. State-based: it does
 * not matter which change asked for it, how often, or in which order.
 *
 * A site's trouble parks this twin and is acknowledged, because the queue's back-off is shared by all tenants.
 */
export async function syncTwin(sync: Sync, place: TwinPlace, hint: TakeHint = {}): Promise<Verdict> {
  const hold = await take(sync, place, hint);
  if (typeof hold === 'string') return verdict(hold);
  const done = await guarded(sync, hold, async () => {
    if (isOverdue(hold.row(), sync.clock.now())) return endPair(sync, hold);
    if (hint.isAfresh === true) await forgetRefusals(sync, hold);
    return rounds(sync, hold);
  });
  const { ending, lease } = hold.row();
  const isInStep = done.code === 'synced' || done.code === 'nothing-to-do';
  if (ending === undefined || lease !== undefined || !isInStep) return done;
  const again = await take(sync, place, {});
  return typeof again === 'string' ? verdict(again) : guarded(sync, again, () => endPair(sync, again));
}

async function guarded(sync: Sync, hold: Hold, work: () => Promise<Verdict>): Promise<Verdict> {
  try {
    const ended = await work();
    await sync.lags.write();
    return ended;
  } catch (thrown) {
    return await afterFault(sync, hold, toFault(thrown));
  }
}

/** What sites refused is tried again, because a person asks for it. */
async function forgetRefusals(sync: Sync, hold: Hold): Promise<void> {
  const shards = await readAllTraces(sync, hold.place);
  const before = memoryOf(hold.row(), tracesIn(shards));
  const memory = afresh(before);
  if (memory === before) return;
  await hold.write((transaction, row) => {
    putTraces(transaction, hold.place, row.owners, shards, memory);
    return withParts(row, memoryParts(memory));
  });
}

async function rounds(sync: Sync, hold: Hold): Promise<Verdict> {
  const deadlineAt = sync.clock.now() + BUDGET_MS;
  let steps = 0;
  for (let number = 1; number <= MAX_ROUNDS; number += 1) {
    const done = await round(sync, hold, { number, deadlineAt, hasWritten: steps > 0 });
    steps += done.steps;
    if (done.end === 'again') continue;
    if (done.end === 'left') return endPair(sync, hold);
    return await ended(sync, hold, done.end, steps);
  }
  throw new Fault('bug', { what: 'rounds' });
}

interface RoundAsk {
  readonly number: number;
  /** Earlier rounds of this turn have written. */
  readonly hasWritten: boolean;
  readonly deadlineAt: number;
}

async function round(
  sync: Sync,
  hold: Hold,
  ask: RoundAsk,
): Promise<{ readonly end: RoundEnd | 'left'; readonly steps: number }> {
  const { clock, log } = sync;
  const { twin } = hold.place;
  const startedAt = clock.now();
  const seen = await lookUntilFresh(sync, hold, ask.number === 1 ? hold.ahead : undefined);
  if (hasMoved(seen)) {
    // Nothing of another project travels any more, not even what was open.
    await hold.write((_, row) => withParts(row, { ending: { at: clock.now(), isForced: true } }));
    return { end: 'left', steps: 0 };
  }
  await followScope(sync, hold, seen);
  const plannedAt = clock.now();
  const { steps, blocked } = seen.plan;
  log.note('sync-plan', {
    twin,
    round: ask.number,
    readMs: plannedAt - startedAt,
    steps: steps.length,
    blocked: blocked.length,
  });
  const shards = steps.length > 0 ? await storeIntent(sync, hold, seen) : seen.shards;
  const acted = await act({ sync, hold, look: seen, deadlineAt: ask.deadlineAt });
  if (hasWrittenTo(hold.row().originSide, seen, acted.results)) await followScope(sync, hold, seen, true);
  const settled = settleTwin(seen.input, seen.plan, acted.results);
  const settlingAt = clock.now();
  const left = { hasRounds: ask.number < MAX_ROUNDS, hasTime: settlingAt < ask.deadlineAt };
  const isWritten = acted.results.length > 0;
  const isOver = settled.isComplete && acted.stop === undefined && left.hasTime;
  const back = isWritten && isOver ? await readBack(sync, seen, acted.results, settled.memory) : undefined;
  const awaits = leftBy(seen.input, seen.plan, settlingAt, acted.results);
  const wrote = { isKnown: !isWritten || back !== undefined, hasWritten: isWritten || ask.hasWritten, awaits };
  const written = back === undefined ? wrote : { ...wrote, back };
  // Before it is remembered as seen: a worker that dies in between asks again.
  await wakePairs(sync, hold.connection, hold.place, seen.plan.wakes ?? []);
  const end = await keep(sync, hold, { look: seen, settled, shards, stop: acted.stop, written, ...left });
  log.note('sync-settle', { twin, round: ask.number, ms: clock.now() - settlingAt, end, done: acted.results.length });
  return { end, steps: acted.results.length };
}

/** Waits before a pair whose reading lags behind what is known is looked at again in the same turn. */
const LAG_WAITS_MS = [1_000, 2_000, 4_000] as const;

/**
 * Looks, and looks again a little later when a site answers with an older state than it is known to have. A doubt that stays is none.
 * @throws Fault `site-lagging` when it certainly does so still, `connection-restored`
 */
async function lookUntilFresh(sync: Sync, hold: Hold, ahead: Ahead | undefined): Promise<Look> {
  let seen = await look(sync, hold, {}, ahead);
  for (let number = 0; ; number += 1) {
    await refuseRestored(sync, hold, seen);
    const row = hold.row();
    const lagging = laggingSide(row, seen.input, row.deletedOn, sync.clock.now());
    if (lagging === undefined) return seen;
    const waitMs = LAG_WAITS_MS[number];
    if (waitMs === undefined && !lagging.isSure) return seen;
    if (waitMs === undefined) throw new Fault('site-lagging', { side: lagging.side });
    sync.log.note('sync-lagging', { twin: hold.place.twin, side: lagging.side, waitMs });
    await sync.clock.sleep(waitMs);
    seen = await look(sync, hold);
  }
}

/** True when a step has changed a side's issue. */
function hasWrittenTo(side: Side, { plan }: Look, results: readonly StepResult[]): boolean {
  const done = new Set(results.flatMap(({ ok, key }) => (ok ? [key] : [])));
  return plan.steps.some((step) => step.side === side && done.has(step.key));
}

/**
 * Stores what is about to be written before it is: a worker that dies in between leaves the next one able to tell our own writes
 * from people's. Returns the traces of comments, worklogs and files as they are stored afterwards.
 */
async function storeIntent(sync: Sync, hold: Hold, seen: Look): Promise<Shards> {
  const { input, plan, shards } = seen;
  const { memory } = settleTwin(input, plan, []);
  if (memory === input.memory) return shards;
  const now = sync.clock.now();
  const intended = (row: TwinRow): TwinRow => {
    const awaits = awaitedOf(row.awaits, leftBy(input, plan, now), now);
    return leased(row, hold.token, now, sync.settings.leaseMs, { ...memoryParts(memory), awaits });
  };
  if (hold.row().run === undefined && areStored(shards, memory)) {
    await hold.rewrite(intended);
    return shards;
  }
  let stored = shards;
  await hold.write(async (transaction, row) => {
    const drift = await readDrift(transaction, hold, foundIn(sync, hold, seen, plan.blocked));
    putDrift(transaction, hold, drift, undefined);
    stored = putTraces(transaction, hold.place, row.owners, shards, memory);
    return intended(row);
  });
  return stored;
}

async function ended(sync: Sync, { place }: Hold, end: Exclude<RoundEnd, 'again'>, steps: number): Promise<Verdict> {
  switch (end) {
    case 'settled':
      return verdict(steps === 0 ? 'nothing-to-do' : 'synced', { twin: place.twin, steps });
    case 'next':
      await sync.bus.publish('sync-jobs', { kind: 'sync-twin', ...place, askedAt: sync.clock.now() });
      return verdict('more-to-do', { twin: place.twin, steps });
    case 'parked':
      return verdict('twin-parked', { twin: place.twin, steps });
  }
}

/** Parks the twin with the fault's code; a lost lease is another worker's now, and trouble with the store is thrown on. */
async function afterFault(sync: Sync, hold: Hold, fault: Fault): Promise<Verdict> {
  const { twin } = hold.place;
  if (fault.code === 'lease-lost') return verdict('twin-taken', { twin });
  if (STORE_TROUBLE.has(fault.code)) throw fault;
  await noteArchived(sync, hold.place, fault);
  if (meaningOf(fault.code).alarm)
    sync.log.fault('sync-twin', fault.code, { ...fault.facts, twin }, fault.cause ?? fault);
  const wait = fault.facts['retryAfterMs'];
  const stop: Stop = { why: 'trouble', code: fault.code, ...(typeof wait === 'number' ? { retryAfterMs: wait } : {}) };
  try {
    await hold.write(async (transaction, row) => {
      const drift = await readDrift(transaction, hold, unseen(sync, hold, fault.code));
      putDrift(transaction, hold, drift, undefined);
      return parked(withParts(row, {}), stop, sync.clock.now());
    });
  } catch (thrown) {
    // The site took longer to fail than the lease lasts: the tick leads back here.
    if (thrown instanceof Fault && thrown.code === 'lease-lost') return verdict('twin-taken', { twin });
    throw thrown;
  }
  return verdict('twin-parked', { twin, code: fault.code });
}
