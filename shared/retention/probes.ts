/**
 * What the answers of a customer's own site say of its life with us. Pure. @see SPEC.md R27–R33, THREATS.md T25 and T26
 *
 * ```
 *                 licence inactive            12 h, a second answer
 *   at work ───────────────────────▶ rests ─────────────────────────▶ marked, day 0: the first answer
 *      │  nobody there      14 days, 10 probes, nobody each time
 *      └──────────────────────────────────────────────────────────▶ marked, day 0: the first probe
 *   any answer to the contrary begins all over, and lifts the mark that the probes set
 * ```
 */
import { createHash } from 'node:crypto';
import type { TenantId } from '../model/ids.ts';
import type { AddonFacts, Evidence, Tenancy } from '../model/tenant.ts';
import type { Code } from '../verdict.ts';
import type { TenancyEvent } from './tenancy.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Every site is asked at least once in this time. With a sweep each hour and the second look below, an ended licence is
 * marked within 20 + 1 + 12 + 1 of the 48 hours of promise E-37, and a vanished site within 15 days of it (G16).
 */
export const PROBE_EVERY_MS = 20 * HOUR_MS;
/** Sites that came in the same hour are asked at other hours soon: their periods differ by up to this. (Ours.) */
const SPREAD_MS = 4 * HOUR_MS;
/** An inactive licence is looked at again after this before it counts as ended: half a day outlives a payment that is late by hours. (Ours.) */
export const CONFIRM_MS = 12 * HOUR_MS;
/** For so long nobody must have been there. @see DESIGN.md §5 */
export const VANISHED_MS = 14 * DAY_MS;
/** And so many probes in a row must have found nobody: half of those that are due in that time, should our own have been lost. (Ours.) */
export const VANISHED_PROBES = 10;
/** After an answer that says nothing: the next sweep asks again. */
const UNCLEAR_MS = HOUR_MS;
/** So long after the mark a purge still waits for a clear answer; then what marked the tenant counts. @see DESIGN.md §5: the alarm's day */
export const UNCLEAR_DAYS = 150;

/** How a probe ended. */
export type ProbeAnswer =
  | { readonly kind: 'answered'; readonly addon: AddonFacts }
  /** The site knows us, and the app is switched off there. */
  | { readonly kind: 'off' }
  /** No site, or one that does not know us. */
  | { readonly kind: 'gone' }
  /** Neither for nor against: limits, an answer that cannot be read, trouble of ours. */
  | { readonly kind: 'unclear' };

/** What a failed call says. Whatever may be our own trouble says nothing. */
export function answerOfFault(code: Code): ProbeAnswer {
  switch (code) {
    case 'jira-unauthorised':
    case 'jira-not-found':
    case 'jira-unavailable':
      return { kind: 'gone' };
    case 'jira-forbidden':
      return { kind: 'off' };
    default:
      return { kind: 'unclear' };
  }
}

/** What is remembered of the answers so far; only evidence under one and the same entry of the ledger counts together. */
export interface Watch {
  readonly entry: number;
  readonly lapsed: number;
  readonly lapsedSince?: number;
  readonly failed: number;
  readonly failingSince?: number;
}

/** The end or the return that the answers amount to; `at` is day 0 of a `leave`. */
export interface Conclusion {
  readonly event: Extract<TenancyEvent, { readonly kind: 'leave' | 'return' }>;
  readonly at: number;
}

/** What follows from an answer. Flags that it says nothing of are absent. */
export interface Probed {
  readonly watch: Watch;
  readonly nextAt: number;
  readonly flags: { readonly licensed?: boolean; readonly enabled?: boolean };
  readonly conclusion?: Conclusion;
}

/** A probe of one tenant at one time. */
export interface ProbeAsk {
  readonly tenant: TenantId;
  /** The newest entry that the tenant's record shows. */
  readonly entry: number;
  readonly at: number;
}

/** Nothing seen yet. */
export function freshWatch(entry: number): Watch {
  return { entry, lapsed: 0, failed: 0 };
}

/** Takes an answer in. What was seen before a return or an install is no evidence against the life after it. */
export function afterProbe(seen: Watch, answer: ProbeAnswer, ask: ProbeAsk): Probed {
  const before = seen.entry === ask.entry ? seen : freshWatch(ask.entry);
  const { at } = ask;
  switch (answer.kind) {
    case 'unclear':
      return { watch: before, nextAt: at + UNCLEAR_MS, flags: {} };
    case 'off':
      return {
        watch: withoutFailures(before),
        nextAt: at + periodOf(ask.tenant),
        flags: { enabled: false },
        conclusion: { event: { kind: 'return', of: ['probes-failed'] }, at },
      };
    case 'gone':
      return afterSilence(before, ask);
    case 'answered':
      return afterWord(before, answer.addon, ask);
  }
}

function afterSilence(before: Watch, { tenant, at }: ProbeAsk): Probed {
  const { failingSince = at } = before;
  const watch = { ...before, failed: before.failed + 1, failingSince };
  const nextAt = at + periodOf(tenant);
  const vanishedAt = failingSince + VANISHED_MS;
  if (at < vanishedAt || watch.failed < VANISHED_PROBES)
    // On the very day, not up to a period later.
    return { watch, nextAt: at < vanishedAt ? Math.min(nextAt, vanishedAt) : nextAt, flags: {} };
  // A licence that was inactive before the site fell silent is the earlier evidence.
  const since = Math.min(failingSince, before.lapsedSince ?? failingSince);
  return { watch, nextAt, flags: {}, conclusion: { event: { kind: 'leave', evidence: 'probes-failed' }, at: since } };
}

function afterWord(before: Watch, { isEnabled, licence }: AddonFacts, { tenant, at }: ProbeAsk): Probed {
  const nextAt = at + periodOf(tenant);
  const seen = withoutFailures(before);
  const there: Conclusion = { event: { kind: 'return', of: ['probes-failed'] }, at };
  if (licence === undefined) return { watch: seen, nextAt, flags: { enabled: isEnabled }, conclusion: there };
  const flags = { enabled: isEnabled, licensed: licence.isActive };
  if (licence.isActive) {
    const back: Conclusion = { event: { kind: 'return', of: ['probes-failed', 'licence-ended'] }, at };
    return { watch: freshWatch(before.entry), nextAt, flags, conclusion: back };
  }
  const { lapsedSince = at } = before;
  const watch = { ...seen, lapsed: before.lapsed + 1, lapsedSince };
  const confirmedAt = lapsedSince + CONFIRM_MS;
  if (at < confirmedAt) return { watch, nextAt: Math.min(nextAt, confirmedAt), flags, conclusion: there };
  return { watch, nextAt, flags, conclusion: { event: { kind: 'leave', evidence: 'licence-ended' }, at: lapsedSince } };
}

/** Between 16 and 20 hours, always the same for a tenant. */
function periodOf(tenant: TenantId): number {
  return PROBE_EVERY_MS - (createHash('sha256').update(tenant).digest().readUInt32BE(0) % SPREAD_MS);
}

function withoutFailures({ failingSince: _since, ...watch }: Watch): Watch {
  return { ...watch, failed: 0 };
}

/** Marks that the site's own word can refute: it is asked again just before the purge. */
export function isRefutable(evidence: Evidence | undefined): evidence is 'licence-ended' | 'probes-failed' {
  return evidence === 'licence-ended' || evidence === 'probes-failed';
}

/** Whose site is asked: that of a tenant that is here, or that was marked by its answers. */
export function isProbed({ state, evidence }: Pick<Tenancy, 'state' | 'evidence'>): boolean {
  return state === 'active' || (state === 'marked' && isRefutable(evidence));
}

/**
 * What an answer just before the purge says of the evidence: it holds, it is refuted, or nothing is clear. In doubt for
 * the customer, until the last day on which a purge can still be done in time.
 */
export function recheckOf(
  evidence: 'licence-ended' | 'probes-failed',
  answer: ProbeAnswer,
  { markedAt, now }: { readonly markedAt: number; readonly now: number },
): 'holds' | 'refuted' | 'unclear' {
  const says = wordOn(evidence, answer);
  return says === 'unclear' && now >= markedAt + UNCLEAR_DAYS * DAY_MS ? 'holds' : says;
}

function wordOn(evidence: 'licence-ended' | 'probes-failed', answer: ProbeAnswer): 'holds' | 'refuted' | 'unclear' {
  if (answer.kind === 'gone') return 'holds';
  if (answer.kind === 'unclear') return 'unclear';
  if (evidence === 'probes-failed') return 'refuted';
  const licence = answer.kind === 'answered' ? answer.addon.licence : undefined;
  if (licence === undefined) return 'unclear';
  return licence.isActive ? 'refuted' : 'holds';
}
