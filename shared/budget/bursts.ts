/** Limits on calls within seconds, and when the next call fits into one. @see ATLASSIAN.md §6.1 */
import type { Priority } from '../model/budget.ts';

/** So many calls in any stretch of this length. */
export interface Window {
  readonly calls: number;
  readonly windowMs: number;
}

const SECOND_MS = 1_000;
/** Calls per second of one tenant to one endpoint, by method; three endpoints have limits of their own. */
const READS = 100;
const WRITES = 50;
const ISSUE_READS = 150;
const CHANGELOG_READS = 200;
const CONTENT_READS = 300;
/** Calls left unused: what leaves here evenly may arrive there in a bunch. */
const SLACK = 3;
/** The part of a window that bulk leaves alone while people are about. */
const PEOPLE_PART = 0.2;

/** Writes to one issue; one below Jira's own numbers, because clocks differ. */
export const ISSUE_WRITES: readonly Window[] = [
  { calls: 19, windowMs: 2_000 },
  { calls: 99, windowMs: 30_000 },
];

/** The window of one endpoint. `endpoint` is a path with `{}` for its ids. */
export function burstOf(method: string, endpoint: string): Window {
  return { calls: callsOf(method, endpoint) - SLACK, windowMs: SECOND_MS };
}

function callsOf(method: string, endpoint: string): number {
  if (method === 'PUT' || method === 'DELETE') return WRITES;
  if (/^\/issue\/\{\}\/changelog$|^\/changelog\/bulkfetch$/.test(endpoint)) return CHANGELOG_READS;
  if (method !== 'GET') return READS;
  if (endpoint === '/issue/{}') return ISSUE_READS;
  return endpoint.startsWith('/attachment/content/') ? CONTENT_READS : READS;
}

/** The endpoint that a path leads to: ids and keys become `{}`. */
export function endpointOf(path: string): string {
  const [plain = ''] = path.split('?');
  return plain.replaceAll(/(?<=\/)(?:\d+|[A-Z][A-Z0-9_]+(?:-\d+)?)(?=\/|$)/g, '{}');
}

/** A lane that has met another process's calls goes at half its speed, at least at this part. */
const LEAST_PART = 0.1;
/** So long until a lane that was halved from its full speed has it again. */
const RECOVER_MS = 1_200_000;
/** Refusals of one moment are one. */
const SAME_MS = 1_000;

/** How much of its windows a lane uses, as of an instant. */
export interface Pace {
  readonly part: number;
  readonly at: number;
}

/** The pace of a lane that has met nobody. */
export const FULL_PACE: Pace = { part: 1, at: Number.NEGATIVE_INFINITY };

/** The part at an instant: a pace recovers slowly, because others are still there. */
export function partAt({ part, at }: Pace, now: number): number {
  return Math.min(1, part + (now - at) / (2 * RECOVER_MS));
}

/** The pace after a refusal: processes that share an endpoint find their parts of it by halving. */
export function slower(pace: Pace, now: number): Pace {
  return now - pace.at < SAME_MS ? pace : { part: Math.max(LEAST_PART, partAt(pace, now) / 2), at: now };
}

/** What bulk may use of a window: nearly all of it while no person is about, and what people leave otherwise. */
export function laneOf(window: Window, priority: Priority, arePeopleAbout: boolean): Window {
  if (priority === 'people' || !arePeopleAbout) return window;
  return { ...window, calls: Math.max(1, Math.floor(window.calls * (1 - PEOPLE_PART))) };
}

/**
 * The first instant from `now` on at which one more call fits: no stretch of the window's length holds more than its calls then.
 * `taken` are the instants of calls made and promised, rising.
 */
export function slotOf(taken: readonly number[], windows: readonly Window[], now: number): number {
  const candidates = taken.flatMap((at) => windows.map(({ windowMs }) => at + windowMs)).filter((at) => at > now);
  for (const at of [now, ...candidates.sort((one, other) => one - other)]) {
    if (windows.every((window) => fits(taken, window, at))) return at;
  }
  return now;
}

function fits(taken: readonly number[], { calls, windowMs }: Window, at: number): boolean {
  const near = taken.filter((other) => other > at - windowMs && other < at + windowMs);
  if (near.length < calls) return true;
  const all = withInstant(near, at);
  return all.every((first, index) => (all[index + calls] ?? Number.POSITIVE_INFINITY) - first >= windowMs);
}

/** The instants with one more, still rising. */
export function withInstant(taken: readonly number[], at: number): readonly number[] {
  const index = taken.findLastIndex((other) => other <= at) + 1;
  return [...taken.slice(0, index), at, ...taken.slice(index)];
}
