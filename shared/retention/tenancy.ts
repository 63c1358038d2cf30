/** A tenant's life as a table: for each state and each event one entry. Pure. @see SPEC.md R1–R9, DESIGN.md §5 */
import type { TenantId } from '../model/ids.ts';
import type { Evidence, Tenancy, TenancyState } from '../model/tenant.ts';

/** What can happen to a tenant. `tenant` is the id to use if the identity was never seen before. */
export type TenancyEvent =
  | { readonly kind: 'install'; readonly tenant: TenantId }
  | { readonly kind: 'leave'; readonly evidence: Evidence }
  /**
   * What marked it is taken back without a new install: paid again, there after all, a request withdrawn. `of`: the
   * evidence that this refutes; absent: any.
   */
  | { readonly kind: 'return'; readonly of?: readonly Evidence[] }
  /**
   * The customer takes its request back. `earlier`: what had marked it before, if anything had; that mark counts again.
   */
  | { readonly kind: 'withdraw'; readonly earlier?: EarlierMark }
  /** The sweep wants to purge. */
  | { readonly kind: 'claim' }
  /** The purge has verified that everything of this generation is gone. */
  | { readonly kind: 'finish' };

/** A mark that a customer's own request has covered. */
export interface EarlierMark {
  readonly evidence: Exclude<Evidence, 'requested'>;
  readonly dueAt: number;
}

/**
 * What an event does. `already-done` and `refused` change nothing: the tenancy is the very same object, and there is
 * none when there was none.
 */
export type TenancyStep =
  | {
      readonly outcome: 'installed' | 'rotated' | 'returned' | 'marked' | 'new-generation' | 'purging' | 'purged';
      readonly tenancy: Tenancy;
    }
  | { readonly outcome: 'already-done' | 'refused'; readonly tenancy: Tenancy | undefined };

export interface TenancyDays {
  /** Days from the mark to the day on which live data must be gone. */
  readonly liveDays: number;
}

const DAY_MS = 86_400_000;
/** A customer that asks is served within 72 hours, whatever the setting for the rest. @see DESIGN.md §5 */
export const REQUEST_DAYS = 3;

/**
 * The next tenancy. `at` is when the event happened, epoch milliseconds; for a `leave` it is day 0.
 * The caller compares generations first: an event of an earlier life is none of this tenancy's business.
 */
export function nextTenancy(now: Tenancy | undefined, event: TenancyEvent, at: number, days: TenancyDays): TenancyStep {
  if (now === undefined) return event.kind === 'install' ? first(event.tenant) : nothing('refused', now);
  const entry: Entry = table[now.state][event.kind];
  return entry(now, event, at, days);
}

type Entry = (now: Tenancy, event: TenancyEvent, at: number, days: TenancyDays) => TenancyStep;

const nothing = (outcome: 'already-done' | 'refused', tenancy: Tenancy | undefined): TenancyStep => ({
  outcome,
  tenancy,
});
const same: Entry = (now) => nothing('already-done', now);
const refuse: Entry = (now) => nothing('refused', now);

/** Marks that a new install lifts. The others end with a `return`: Jira also sends `installed` to rotate a secret. */
const liftedByInstall: Readonly<Record<Evidence, boolean>> = {
  uninstalled: true,
  'probes-failed': true,
  lost: true,
  'licence-ended': false,
  requested: false,
};

const table: Readonly<Record<TenancyState, Readonly<Record<TenancyEvent['kind'], Entry>>>> = {
  active: {
    install: (now) => ({ outcome: 'rotated', tenancy: now }),
    leave: mark,
    return: same,
    withdraw: same,
    claim: refuse,
    finish: refuse,
  },
  marked: {
    install: (now) =>
      now.evidence === undefined || liftedByInstall[now.evidence]
        ? { outcome: 'returned', tenancy: { ...unmarked(now), enabled: true } }
        : { outcome: 'rotated', tenancy: now },
    leave: markEarlier,
    return: (now, event) =>
      refutes(event, now) ? { outcome: 'returned', tenancy: unmarked(now) } : nothing('refused', now),
    withdraw: takeBack,
    claim: (now, _event, at) =>
      now.dueAt !== undefined && at >= now.dueAt
        ? { outcome: 'purging', tenancy: { ...now, state: 'purging' } }
        : nothing('refused', now),
    finish: refuse,
  },
  purging: {
    install: nextGeneration,
    leave: same,
    return: refuse,
    withdraw: refuse,
    claim: same,
    finish: (now) => ({ outcome: 'purged', tenancy: { ...now, state: 'purged' } }),
  },
  purged: {
    install: nextGeneration,
    leave: same,
    return: refuse,
    withdraw: refuse,
    claim: refuse,
    finish: same,
  },
};

function takeBack(now: Tenancy, event: TenancyEvent): TenancyStep {
  if (event.kind !== 'withdraw' || now.evidence !== 'requested') return nothing('already-done', now);
  const { earlier } = event;
  if (earlier === undefined) return { outcome: 'returned', tenancy: unmarked(now) };
  return { outcome: 'marked', tenancy: { ...now, ...earlier } };
}

function refutes(event: TenancyEvent, { evidence }: Tenancy): boolean {
  if (event.kind !== 'return') return false;
  return event.of === undefined || (evidence !== undefined && event.of.includes(evidence));
}

function first(tenant: TenantId): TenancyStep {
  return { outcome: 'installed', tenancy: { tenant, generation: 1, state: 'active', enabled: true, licensed: true } };
}

function nextGeneration(now: Tenancy): TenancyStep {
  const generation = now.generation + 1;
  return {
    outcome: 'new-generation',
    tenancy: { tenant: now.tenant, generation, state: 'active', enabled: true, licensed: true },
  };
}

function dueAtOf(evidence: Evidence, at: number, days: TenancyDays): number {
  return at + DAY_MS * (evidence === 'requested' ? Math.min(REQUEST_DAYS, days.liveDays) : days.liveDays);
}

function mark(now: Tenancy, event: TenancyEvent, at: number, days: TenancyDays): TenancyStep {
  if (event.kind !== 'leave') return nothing('refused', now);
  const { evidence } = event;
  const tenancy = { ...now, state: 'marked', markedAt: at, evidence, dueAt: dueAtOf(evidence, at, days) } as const;
  return { outcome: 'marked', tenancy };
}

/** A second reason to leave never moves the day back; it may bring it forward. */
function markEarlier(now: Tenancy, event: TenancyEvent, at: number, days: TenancyDays): TenancyStep {
  const next = mark(now, event, at, days).tenancy;
  if (next?.dueAt === undefined || next.dueAt >= (now.dueAt ?? Infinity)) return nothing('already-done', now);
  return { outcome: 'marked', tenancy: { ...next, markedAt: Math.min(at, now.markedAt ?? at) } };
}

function unmarked(now: Tenancy): Tenancy {
  const { tenant, generation, enabled, licensed } = now;
  return { tenant, generation, state: 'active', enabled, licensed };
}

/** What the replay reads of a ledger entry. */
export interface LifeEntry {
  readonly tenant: TenantId;
  readonly generation: number;
  readonly kind: 'installed' | 'marked' | 'returned' | 'purging' | 'purged' | 'restored';
  readonly at: number;
  readonly evidence?: Evidence | undefined;
  readonly dueAt?: number | undefined;
}

/**
 * The tenancy that the ledger tells, oldest entry first; none without entries. The ledger knows no flags: they come out
 * true, and the tenant's record has the last word on them.
 */
export function replayLife(entries: readonly LifeEntry[]): Tenancy | undefined {
  let now: Tenancy | undefined;
  for (const entry of entries) now = afterEntry(now, entry);
  return now;
}

/** The mark that a customer's request has covered, since the life last began or came back; none when nothing else marked it. */
export function earlierMark(entries: readonly LifeEntry[], generation: number): EarlierMark | undefined {
  const own = entries.filter((entry) => entry.generation === generation);
  const since = own.findLastIndex(({ kind }) => kind === 'installed' || kind === 'returned');
  for (const { kind, evidence, dueAt } of own.slice(since + 1).toReversed())
    if (kind === 'marked' && evidence !== undefined && evidence !== 'requested' && dueAt !== undefined)
      return { evidence, dueAt };
  return undefined;
}

function afterEntry(before: Tenancy | undefined, entry: LifeEntry): Tenancy | undefined {
  const { tenant, generation, kind, at, evidence, dueAt } = entry;
  // The purge of a life may end when the next one has begun; its entries say nothing of that one.
  if (before !== undefined && generation < before.generation) return before;
  const now = before ?? { tenant, generation, state: 'active', enabled: true, licensed: true };
  switch (kind) {
    case 'installed':
    case 'returned':
      return { tenant, generation, state: 'active', enabled: true, licensed: true };
    case 'marked':
      return {
        ...now,
        state: 'marked',
        markedAt: Math.min(at, now.markedAt ?? at),
        ...(evidence === undefined ? {} : { evidence }),
        ...(dueAt === undefined ? {} : { dueAt }),
      };
    case 'purging':
    case 'purged':
      return { ...now, state: kind };
    case 'restored':
      return before;
  }
}
