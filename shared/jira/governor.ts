import {
  FULL_PACE,
  ISSUE_WRITES,
  burstOf,
  endpointOf,
  laneOf,
  partAt,
  slotOf,
  slower,
  withInstant,
} from '../budget/bursts.ts';
import type { Pace, Window } from '../budget/bursts.ts';
import { leastPoints, pointsOf } from '../budget/cost.ts';
import type { HttpAnswer } from '../http.ts';
import type { Priority, SpendAsk } from '../model/budget.ts';
import type { TenantId } from '../model/ids.ts';
import type { Budget, Clock } from '../ports.ts';
import { Fault } from '../verdict.ts';
import { readRateSigns } from '../wire/rateLimit.ts';
import type { RateSigns } from '../wire/rateLimit.ts';

/** A call as the governor sees it. */
export interface Governed {
  readonly tenant: TenantId;
  readonly priority: Priority;
  readonly method: string;
  /** Path and query below `/rest/api/3`. */
  readonly path: string;
  readonly isWrite: boolean;
  /** The issue that it writes to. */
  readonly issue?: string | undefined;
}

/** Lets calls go when Jira's limits allow, and learns from the answers. */
export interface Governor {
  /**
   * Returns when the call is due, and counts it: the points of the hour, the burst of its endpoint, the writes of its issue.
   * @throws Fault `jira-rate-limited` with `retryAfterMs` when the wait would be too long for a function
   */
  admit(call: Governed): Promise<void>;
  /** Reads the price and the limits from an answer. Says how long it asks us to rest: what a 429 has stopped, or a failing site. */
  learn(call: Governed, answer: HttpAnswer): Promise<number>;
}

/** Longest wait inside a function; a longer one is a parked twin. */
const MAX_WAIT_MS = 2_000;
/** What a 429 without `Retry-After` asks for. @see ATLASSIAN.md §6.1: the gateway sends such ones */
const DEFAULT_RETRY_MS = 30_000;
/** Endpoints and issues remembered at once; an instance works on far fewer within the longest window. */
const MAX_LANES = 4_000;
/** People who called an endpoint within this time are about, and bulk leaves room for them. */
const ABOUT_MS = 10_000;

/** Calls made and promised of one endpoint or one issue. */
interface Lane {
  taken: readonly number[];
  pausedUntil: number;
  peopleAt: number;
  /** How much of its windows this process leaves to itself: others call the same endpoint. */
  pace: Pace;
}

/** Makes the governor of one process. */
export function createGovernor(clock: Clock, budget: Budget): Governor {
  const lanes = new Map<string, Lane>();
  const laneFor = (name: string): Lane => {
    const lane = lanes.get(name) ?? newLane();
    lanes.delete(name);
    lanes.set(name, lane);
    const eldest = lanes.keys().next().value;
    if (lanes.size > MAX_LANES && eldest !== undefined) lanes.delete(eldest);
    return lane;
  };
  return {
    admit: async (call) => {
      const now = clock.now();
      const ways = waysOf(call).map(({ name, windows }) => ({ lane: laneFor(name), windows }));
      const dueAt = Math.max(...ways.map(({ lane, windows }) => dueIn(lane, windows, call.priority, now)));
      if (dueAt - now > MAX_WAIT_MS)
        throw new Fault('jira-rate-limited', { retryAfterMs: Math.ceil(dueAt - now), reason: 'spacing' });
      // Counted before the wait, at the instant it will happen: a second caller meanwhile waits behind this one.
      for (const { lane, windows } of ways) count(lane, windows, call.priority, dueAt);
      await budget.spend(spendOf(call));
      const waitMs = dueAt - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs);
    },
    learn: async (call, answer) => {
      const now = clock.now();
      const signs = readRateSigns(answer.status, answer.headers, now);
      if (signs.quota !== undefined) budget.hear(call.tenant, { ...signs.quota, at: now });
      else if (signs.isNear) await budget.hearNear(call.tenant, now);
      if (signs.reason === undefined) {
        budget.correct(spendOf(call), pointsOf(call, answer.body) - leastPoints(call));
        return answer.status >= 500 ? (signs.retryAfterMs ?? 0) : 0;
      }
      const until = now + waitOf(signs, now);
      if (signs.reason === 'app-quota') await budget.pause(call.tenant, 'app', until);
      else if (signs.reason === 'tenant-quota') await budget.pause(call.tenant, 'tenant', until);
      else {
        const lane = laneFor(stoppedBy(signs, call));
        pause(lane, until);
        if (signs.reason === 'burst') lane.pace = slower(lane.pace, now);
      }
      return until - now;
    },
  };
}

function newLane(): Lane {
  return { taken: [], pausedUntil: 0, peopleAt: Number.NEGATIVE_INFINITY, pace: FULL_PACE };
}

function spendOf(call: Governed): SpendAsk {
  return { tenant: call.tenant, priority: call.priority, points: leastPoints(call) };
}

interface Way {
  readonly name: string;
  readonly windows: readonly Window[];
}

/** What a call has to pass: its endpoint's window, and its issue's. */
function waysOf(call: Governed): readonly Way[] {
  const endpoint = endpointOf(call.path);
  const burst = { name: endpointName(call), windows: [burstOf(call.method, endpoint)] };
  return call.issue === undefined ? [burst] : [burst, { name: issueName(call), windows: ISSUE_WRITES }];
}

function endpointName(call: Governed): string {
  return `${call.tenant} ${call.method} ${endpointOf(call.path)}`;
}

function issueName({ tenant, issue }: Governed): string {
  return `${tenant} issue ${issue}`;
}

function dueIn(lane: Lane, windows: readonly Window[], priority: Priority, now: number): number {
  const arePeopleAbout = lane.peopleAt > now - ABOUT_MS;
  const part = partAt(lane.pace, now);
  const mine = windows
    .map((window) => ({ ...window, calls: Math.max(1, Math.floor(window.calls * part)) }))
    .map((window) => laneOf(window, priority, arePeopleAbout));
  return slotOf(lane.taken, mine, Math.max(now, lane.pausedUntil));
}

function count(lane: Lane, windows: readonly Window[], priority: Priority, at: number): void {
  const longest = Math.max(...windows.map(({ windowMs }) => windowMs));
  lane.taken = withInstant(lane.taken, at).filter((instant) => instant > at - longest - MAX_WAIT_MS);
  if (priority === 'people') lane.peopleAt = Math.max(lane.peopleAt, at);
}

function pause(lane: Lane, until: number): void {
  lane.pausedUntil = Math.max(lane.pausedUntil, until);
}

/** An issue's own limit stops that issue; everything else that is no quota stops the tenant's endpoint. */
function stoppedBy({ reason }: RateSigns, call: Governed): string {
  return reason === 'issue' && call.issue !== undefined ? issueName(call) : endpointName(call);
}

/** `Retry-After` rules; a quota without it rests until its reset. */
function waitOf({ reason, retryAfterMs, resetAt }: RateSigns, now: number): number {
  const isQuota = reason === 'app-quota' || reason === 'tenant-quota';
  const toReset = isQuota && resetAt !== undefined ? resetAt - now : DEFAULT_RETRY_MS;
  return Math.max(1, retryAfterMs ?? toReset);
}
