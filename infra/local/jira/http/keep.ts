import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Random, seeded } from '../model/random.ts';
import { exportWorld, importWorld } from '../model/state.ts';
import type { World } from '../model/types.ts';
import { type SiteSpec, makeWorld, nextNumber } from '../model/world.ts';

/** A world and the source of randomness of this run. */
export interface Opened {
  readonly world: World;
  readonly random: Random;
}

/**
 * Makes a world, or reads the one that was kept. Each run has a source of randomness of its own: webhook identifiers
 * and secrets of an earlier run do not come again.
 */
export function openWorld(options: {
  readonly seed: number;
  readonly sites: readonly SiteSpec[];
  readonly indexLagMs: number;
  readonly statePath?: string;
}): Opened {
  const { statePath, seed } = options;
  if (statePath === undefined || !existsSync(statePath)) {
    const random = seeded(seed);
    return { world: makeWorld(options.sites, random, options.indexLagMs), random };
  }
  const world = importWorld(readFileSync(statePath, 'utf8'));
  const [first] = world.sites.values();
  const runs = first === undefined ? 1 : nextNumber(first, 'runs');
  // Written at once, so that a run that ends in a crash counts as well.
  saveWorld(world, statePath);
  return { world, random: seeded(seed + runs * RUN_STRIDE) };
}

/** Parts the seeds of two runs; any odd number would do. */
const RUN_STRIDE = 7_919;

/** Writes a world beside its file and moves it into place: a crash leaves the old file or the new one. */
export function saveWorld(world: World, path: string | undefined): void {
  if (path === undefined) return;
  writeFileSync(`${path}.new`, exportWorld(world), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
