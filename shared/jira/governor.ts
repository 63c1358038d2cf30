import type { Clock } from '../ports.ts';
import { Fault } from '../verdict.ts';

/** How many writes one issue takes in how long. @see ATLASSIAN.md §6.1 (per-issue writes); one below, because clocks differ */
const LIMITS = [
  { writes: 19, windowMs: 2_000 },
  { writes: 99, windowMs: 30_000 },
] as const;

/** Longest wait inside a function; a longer one is a parked twin. */
const MAX_WAIT_MS = 2_000;
/** Issues remembered at once; an instance works on far fewer within the longest window. */
const MAX_ISSUES = 2_000;

/** Spaces the writes of this process per issue, so that Jira's per-issue limit is not met. */
export interface Governor {
  /**
   * Returns when one more write to the issue is due, and counts it.
   * @throws Fault `jira-rate-limited` with `retryAfterMs` when the wait would be too long for a function
   */
  admit(issue: string): Promise<void>;
}

/** Makes a governor. `issue` is any name that tells issues of all sites apart. */
export function createGovernor(clock: Clock): Governor {
  const written = new Map<string, readonly number[]>();
  return {
    admit: async (issue) => {
      const waitMs = waitOf(written.get(issue) ?? [], clock.now());
      if (waitMs > MAX_WAIT_MS) throw new Fault('jira-rate-limited', { retryAfterMs: waitMs, reason: 'per-issue' });
      // Counted before the wait, at the instant it will happen: a second caller meanwhile waits behind this one.
      remember(written, issue, clock.now() + waitMs);
      if (waitMs > 0) await clock.sleep(waitMs);
    },
  };
}

function waitOf(instants: readonly number[], now: number): number {
  const waits = LIMITS.map(({ writes, windowMs }) => {
    const recent = instants.filter((at) => at > now - windowMs);
    const oldest = recent[recent.length - writes];
    return oldest === undefined ? 0 : oldest + windowMs - now;
  });
  return Math.max(0, ...waits);
}

function remember(written: Map<string, readonly number[]>, issue: string, at: number): void {
  const longest = Math.max(...LIMITS.map(({ windowMs }) => windowMs));
  const recent = (written.get(issue) ?? []).filter((instant) => instant > at - longest);
  written.delete(issue);
  written.set(issue, [...recent, at]);
  const eldest = written.keys().next().value;
  if (written.size > MAX_ISSUES && eldest !== undefined) written.delete(eldest);
}
