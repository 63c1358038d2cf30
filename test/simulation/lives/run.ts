/** Worlds of lives by seed, and what they come to. Runs in the main thread or in a worker of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { World } from './world.ts';
import type { WorldAsk } from './world.ts';

/** What some worlds came to. */
export interface LivesTally {
  readonly seeds: number;
  readonly tenants: number;
  readonly lives: number;
  readonly purged: number;
  readonly steps: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<string, number>>;
  readonly failed: readonly number[];
}

/** Sites of one world: neighbours exist, and a sweep over all of them is cheap. */
export const TENANTS_EACH = 5;
export const YEAR_DAYS = 400;

/** A year with whatever fails, without restores: every promise to the day. */
export function yearOf(seed: number): WorldAsk {
  return { seed, tenants: TENANTS_EACH, days: YEAR_DAYS };
}

/** Half a year in which the main database is put back to older copies again and again. */
export function restoresOf(seed: number): WorldAsk {
  return { seed: seed + 5_000_000, tenants: 3, days: 220, restoreDays: 10 };
}

export const NO_LIVES: LivesTally = {
  ...{ seeds: 0, tenants: 0, lives: 0, purged: 0, steps: 0, faults: {}, violations: {}, failed: [] },
};

/** Runs one world. */
export async function runLives(ask: WorldAsk): Promise<LivesTally & { readonly story: readonly string[] }> {
  const world = await new World(ask).run();
  const kinds: Record<string, number> = {};
  for (const { kind } of world.violations) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const lives = [...world.lives.values()];
  return {
    ...{ seeds: 1, tenants: ask.tenants, lives: lives.length, steps: world.house.steps },
    purged: lives.filter(({ purgedAt }) => purgedAt !== undefined).length,
    ...{ faults: world.faults, violations: kinds, failed: world.violations.length === 0 ? [] : [ask.seed] },
    story: world.story,
  };
}

/** Both together. */
export function addLives(one: LivesTally, other: LivesTally): LivesTally {
  return {
    seeds: one.seeds + other.seeds,
    tenants: one.tenants + other.tenants,
    lives: one.lives + other.lives,
    purged: one.purged + other.purged,
    steps: one.steps + other.steps,
    faults: added(one.faults, other.faults),
    violations: added(one.violations, other.violations),
    failed: [...one.failed, ...other.failed],
  };
}

function added(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const counts: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) counts[name] = (counts[name] ?? 0) + count;
  return counts;
}

/** What a worker is told: every `stride`-th seed from `first` to `last`, of years or of restores. */
export interface LivesShare {
  readonly lives: 'year' | 'restores';
  readonly first: number;
  readonly last: number;
  readonly stride: number;
}

/** In a worker: says what each world came to. */
if (parentPort !== null && isShare(workerData)) {
  const askOf = workerData.lives === 'year' ? yearOf : restoresOf;
  for (let seed = workerData.first; seed <= workerData.last; seed += workerData.stride)
    parentPort.postMessage(await runLives(askOf(seed)));
  parentPort.close();
}

function isShare(data: unknown): data is LivesShare {
  return typeof data === 'object' && data !== null && 'lives' in data;
}
