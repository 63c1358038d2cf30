/** What a look that no event has asked for found, written with the twin: a worker that dies loses neither without the other. */
import type { DriftThing } from '../../shared/model/drift.ts';
import type { Blocked } from '../../shared/model/plan.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { REPORT_DAYS } from '../../shared/retention/catalogue.ts';
import { driftOf, mergeDrift } from '../../shared/sync/drift.ts';
import type { Code } from '../../shared/verdict.ts';
import type { Sync } from './context.ts';
import type { Look } from './look.ts';
import type { Hold } from './take.ts';

const DAY_MS = 86_400_000;
/** Things of one pair that are told one by one; an issue has some hundred fields and thousands of comments. */
const MAX_THINGS = 500;
/** Codes that say nothing about the pair: the look comes again by itself. */
const PASSING: ReadonlySet<Code> = new Set<Code>([
  ...(['jira-rate-limited', 'jira-unavailable', 'out-of-time', 'lease-lost'] as const),
  'connection-restored',
]);

/** What was found by the run that asked for this look; nothing when an event did. */
export interface Found {
  readonly run: string | undefined;
  readonly at: number;
  readonly things: readonly DriftThing[];
}

/** What a look has found, with what could not be done about it. */
export function foundIn(sync: Sync, hold: Hold, look: Look, blocked: readonly Blocked[]): Found {
  const { run, settledAt, error, creatingAt } = hold.row();
  const at = sync.clock.now();
  if (run === undefined) return { run, at, things: [] };
  const things = driftOf({
    ...{ input: look.input, plan: look.plan, blocked, now: at },
    ...(settledAt === undefined ? {} : { settledAt }),
    rulesAt: Math.max(look.halves.a.rulesAt, look.halves.b.rulesAt),
    wasParked: error !== undefined && PASSING.has(error.code),
    // Of one that was sought nobody knows whether a create was ever begun.
    wasCreating: creatingAt !== undefined && creatingAt > 0,
  });
  return { run, at, things };
}

/** A look that did not come to its end: which trouble the sites had. */
export function unseen(sync: Sync, hold: Hold, code: Code): Found {
  const { run, originSide } = hold.row();
  const isTold = run !== undefined && !PASSING.has(code);
  const thing: DriftThing = { side: originSide, what: 'issue', why: 'permission', code };
  return { run, at: sync.clock.now(), things: isTold ? [thing] : [] };
}

/** What is known of the pair in this run, before anything is written. */
export interface Drift {
  readonly found: Found;
  readonly before: RecordOf<'drift'> | undefined;
}

/** Reads what the run knows of the pair already; a transaction reads before it writes. */
export async function readDrift(transaction: Transaction, hold: Hold, found: Found): Promise<Drift> {
  if (found.run === undefined) return { found, before: undefined };
  const stored = await transaction.read('drift', { ...hold.place, run: found.run });
  return { found, before: stored?.row };
}

/** Writes what the run knows now. `settledAt`: the look has come to its end. */
export function putDrift(
  transaction: Transaction,
  hold: Hold,
  { found, before }: Drift,
  settledAt: number | undefined,
): void {
  const { run, at } = found;
  if (run === undefined || (before === undefined && found.things.length === 0)) return;
  const things = mergeDrift(before?.things ?? [], found.things).slice(0, MAX_THINGS);
  const isRepaired = settledAt !== undefined && things.every(({ code }) => code === undefined);
  const { owners, twin, a, b } = hold.row();
  transaction.put(
    'drift',
    { ...hold.place, run },
    {
      ...{ owners, twin, things, foundAt: before?.foundAt ?? at, removeAt: at + REPORT_DAYS * DAY_MS },
      ...(a === undefined ? {} : { a }),
      ...(b === undefined ? {} : { b }),
      ...(isRepaired ? { repairedAt: settledAt } : {}),
    },
  );
}
