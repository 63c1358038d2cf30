/** How long a change takes from its webhook to the write on the other site, from the functions' own log lines. */
import type { Stack } from './stack.ts';

export interface LagFigures {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
}

/** Starts to listen; `figures` tells what was heard so far. */
export function lagOf(stack: Stack): { figures(): LagFigures } {
  const lags: number[] = [];
  stack.timeline.listen((event) => {
    const lag = event.facts['lagMs'];
    if (event.source === 'function' && typeof lag === 'number') lags.push(lag);
  });
  return {
    figures: () => {
      const sorted = lags.toSorted((one, other) => one - other);
      const at = (share: number): number =>
        Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
      return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
    },
  };
}
