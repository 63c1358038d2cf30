/** Max-min fairness: what one may take when a limited good is shared by many who want different amounts. */

/**
 * The level at which everybody's want is cut, so that no more than `good` is given out: whoever wants less gets all of it, the others
 * get the same. `Infinity` when all wants fit.
 */
export function fairLevel(good: number, wants: readonly number[]): number {
  const rising = [...wants].sort((one, other) => one - other);
  let left = good;
  for (const [index, want] of rising.entries()) {
    const level = left / (rising.length - index);
    if (want > level) return Math.max(0, level);
    left -= want;
  }
  return Number.POSITIVE_INFINITY;
}
