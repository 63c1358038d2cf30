import type { Side } from './connection.ts';
import type { Code } from '../verdict.ts';

/**
 * How a reconcile run came about and what it looks at: what changed lately, everything, what changed since a given instant, or the
 * pairs that were settled under other rules than those that count now.
 */
export const runHows = ['light', 'full', 'asked', 'rules'] as const;
export type RunHow = (typeof runHows)[number];

/** Where a run stands: the issues of either side, then every twin, then nothing more. A run for new rules counts its twins first. */
export const runStages = ['count', 'a', 'b', 'twins', 'done'] as const;
export type RunStage = (typeof runStages)[number];

/**
 * Why two issues were not in step although no event asked for a sync:
 *
 * - `webhook-lost`: the change is of a kind that is announced, and was not.
 * - `webhook-late`: the same, but so young that its announcement may still be on its way.
 * - `no-webhook`: the site announces no change of this kind to us.
 * - `create-lost`: the other issue was made, and the worker died before it could record it.
 * - `parked`: the twin was waiting after trouble with a site.
 * - `rules-changed`: the rules are younger than the last settle.
 * - `permission`: an issue, its comments or the site are not visible any more.
 * - `conflict`: both sides changed it, and a person has still to choose.
 * - `blocked`: the other site cannot hold it.
 * - `orphan`: the issue carries our marker, and no twin knows it.
 */
export const driftWhys = [
  ...(['webhook-lost', 'webhook-late', 'no-webhook', 'create-lost', 'parked'] as const),
  ...(['rules-changed', 'permission', 'conflict', 'blocked', 'orphan'] as const),
] as const;
export type DriftWhy = (typeof driftWhys)[number];

/** One thing that had drifted. Names and ids only. */
export interface DriftThing {
  /** The side that lacked it. */
  readonly side: Side;
  /** A field's name, or what kind of thing it is: `issue`, `comment`, … */
  readonly what: string;
  /** The comment or other part that it is about. */
  readonly part?: string;
  readonly why: DriftWhy;
  /** Why it was not repaired; absent: it was. */
  readonly code?: Code;
}

/** Later than any instant that a run can have: 13 digits of milliseconds. */
const LAST_INSTANT = 9_999_999_999_999;

/** The id of a run: a listing by id gives the newest first. */
export function runId(askedAt: number, how: RunHow): string {
  return `${String(LAST_INSTANT - askedAt).padStart(13, '0')}-${how}`;
}

/** How often a connection is looked at unless its admins say otherwise. @see the issue: hourly light, daily full */
export const LIGHT_EVERY_MS = 3_600_000;
export const FULL_EVERY_MS = 86_400_000;

/** When a connection's runs are due and how often they come. Instants are epoch milliseconds. */
export interface RunTimes {
  readonly reconcileAt?: number;
  readonly fullAt?: number;
  readonly lightEveryMs?: number;
  readonly fullEveryMs?: number;
  /** When other rules began to count of which not every pair has heard. */
  readonly rulesDueAt?: number;
}

/** The runs that are due and the next times; `rulesDueAt` absent: every pair has heard of the rules, or will in a run of these. */
export interface DueRuns {
  readonly hows: readonly RunHow[];
  readonly reconcileAt: number;
  readonly fullAt: number;
  readonly rulesDueAt?: number;
}

/**
 * The runs that are due now and the next times. A full run contains all others, so those that come at the same time are left out. What
 * was missed while nobody ticked is not made up for: the next times are counted from now.
 */
export function dueRuns(times: RunTimes, now: number): DueRuns {
  const { reconcileAt = now, fullAt = now + FULL_EVERY_MS, rulesDueAt } = times;
  const light = now + (times.lightEveryMs ?? LIGHT_EVERY_MS);
  if (fullAt <= now) return { hows: ['full'], reconcileAt: light, fullAt: now + (times.fullEveryMs ?? FULL_EVERY_MS) };
  const isRulesDue = rulesDueAt !== undefined && rulesDueAt <= now;
  const isLightDue = reconcileAt <= now;
  return {
    hows: [...(isLightDue ? (['light'] as const) : []), ...(isRulesDue ? (['rules'] as const) : [])],
    reconcileAt: isLightDue ? light : reconcileAt,
    fullAt,
    ...(rulesDueAt === undefined || isRulesDue ? {} : { rulesDueAt }),
  };
}
