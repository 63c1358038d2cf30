/** Kills function processes at random, as an evil host would. */
import { functions } from '../topology.ts';
import type { Stack } from './stack.ts';

/** Long enough for a process to come back and do something before the next blow. */
const MIN_GAP_MS = 400;
const MAX_GAP_MS = 1_600;

export interface Killer {
  count(): number;
  /** Resolves when the last blow has fallen. */
  done(): Promise<void>;
}

/** Starts killing: `kills` times, any function, at random moments. */
export function startKiller(stack: Stack, kills: number): Killer {
  let count = 0;
  const work = (async () => {
    while (count < kills) {
      await new Promise((done) => setTimeout(done, MIN_GAP_MS + Math.random() * (MAX_GAP_MS - MIN_GAP_MS)));
      const victim = functions[Math.floor(Math.random() * functions.length)];
      if (victim === undefined) continue;
      stack.kill(victim.name);
      count += 1;
    }
  })();
  return { count: () => count, done: () => work };
}
