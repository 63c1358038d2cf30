import { etaOf } from '../../shared/budget/eta.ts';
import type { RemainingWork } from '../../shared/budget/eta.ts';
import type { ConnectionRow, Sync } from './context.ts';

/** What looking at one pair and carrying over what is found costs, about: read, ask for abilities, write, read. */
export const COST_OF_PAIR: RemainingWork = { points: 6, calls: 2 };

/** When so many things will be done, as the limits of both sites have it; `undefined` while nobody can say. */
export async function endOfWork(
  sync: Sync,
  { a, b }: Pick<ConnectionRow, 'a' | 'b'>,
  things: number,
  cost: RemainingWork,
): Promise<number | undefined> {
  if (sync.budget === undefined) return undefined;
  const work = { points: things * cost.points, calls: things * cost.calls };
  const ends: number[] = [];
  for (const { tenant } of [a, b]) {
    const eta = etaOf(work, await sync.budget.view(tenant), tenant, sync.clock.now());
    if (eta === 'unknown') return undefined;
    ends.push(eta.endsAt);
  }
  return Math.max(...ends);
}
