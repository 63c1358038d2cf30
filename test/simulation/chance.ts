/** Chance that is the same for the same seed, everywhere. */
import { seeded } from '../../infra/local/jira/model/random.ts';

/** A source of numbers in [0, 1). */
export type Chance = () => number;

/** As the stand-in draws its own. */
export const chanceOf: (seed: number) => Chance = seeded;

/** A number that follows from two others: the choice of one step does not depend on how many choices came before. */
export function mix(seed: number, step: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(step + 0x7f4a7c15, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** One of a list. */
export function pick<T>(chance: Chance, among: readonly T[]): T {
  const item = among[Math.floor(chance() * among.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** A whole number from `low` to `high`, both included. */
export function between(chance: Chance, low: number, high: number): number {
  return low + Math.floor(chance() * (high - low + 1));
}

/** One of a table of weights. */
export function weighted<K extends string>(chance: Chance, weights: Readonly<Partial<Record<K, number>>>): K {
  const names = Object.keys(weights) as K[];
  let left = chance() * names.reduce((sum, name) => sum + (weights[name] ?? 0), 0);
  for (const name of names) {
    left -= weights[name] ?? 0;
    if (left < 0) return name;
  }
  return pick(chance, names);
}
