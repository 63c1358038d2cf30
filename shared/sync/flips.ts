import type { Side } from '../model/connection.ts';

/** How often in a row a value came back from the other side without a person in between, and from where last. */
export interface Flips {
  readonly flips?: number;
  readonly lastFrom?: Side;
}

/**
 * Automatic flips of one field after which it is quarantined: two automations then answer each other for ever.
 * @see RIVALS.md §5.2 (the threshold of the one product that documents such a counter) and anchor A3
 */
export const FLIP_LIMIT = 10;

/**
 * The count after a value travels. A person's change starts anew; an automation that goes on from one side only is no
 * flip, until the field rests: then no automation moves it.
 */
export function flipsAfter({ flips = 0, lastFrom }: Flips, from: Side, isAutomatic: boolean): Flips {
  if (!isAutomatic) return { lastFrom: from };
  const isFlip = flips >= FLIP_LIMIT || (lastFrom !== undefined && lastFrom !== from);
  return { flips: isFlip ? flips + 1 : flips, lastFrom: from };
}

/** True when the field may not travel any more until a person changes it. */
export function isFlipping({ flips = 0 }: Flips): boolean {
  return flips > FLIP_LIMIT;
}
