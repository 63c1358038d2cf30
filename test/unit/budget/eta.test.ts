import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { etaOf } from '../../../shared/budget/eta.ts';
import {
  HOUR_MS,
  freshHour,
  grantSlice,
  settleReport,
  viewOf,
  withSlice,
  withWait,
} from '../../../shared/budget/pool.ts';
import type { PoolHour } from '../../../shared/model/budget.ts';
import { tenantId } from '../../../shared/model/ids.ts';

const START = 500_000 * HOUR_MS;
const [ONE, TWO] = [tenantId('t-00000001'), tenantId('t-00000002')];
const view = (hour: PoolHour = freshHour(65_000, START), now = START) =>
  viewOf(settleReport(hour, { spent: {}, ended: [] }, now), now);

/** The truth: bulk takes what it gets, and waits as it is told, hour by hour. */
function simulated(points: number, now: number): number {
  let [at, left, hour] = [now, points, freshHour(65_000, now)];
  for (let n = 0; left > 0; n += 1) {
    if (at >= hour.removeAt - 48 * HOUR_MS) hour = freshHour(65_000, at);
    const ask = { tenant: ONE, priority: 'bulk', points: 1, wants: left } as const;
    const settled = settleReport(hour, { spent: {}, ended: [] }, at);
    const grant = grantSlice(settled, ask, at);
    if (grant.kind === 'wait') {
      at += grant.waitMs;
      continue;
    }
    hour = settleReport(
      withSlice(settled, `s${n}`, ask, grant),
      { spent: { [`s${n}`]: grant.points }, ended: [`s${n}`] },
      at,
    );
    left -= grant.points;
  }
  return at;
}

describe('the estimated end of a job', () => {
  test('G14 work that fits is limited by calls alone', () => {
    expect(etaOf({ points: 10_000, calls: 7_700 }, view(), ONE, START)).toEqual({ endsAt: START + 100_000, resets: 0 });
    expect(etaOf({ points: 0, calls: 0 }, view(), ONE, START)).toEqual({ endsAt: START, resets: 0 });
  });

  test('G14 it is close to what the pool really gives, from any moment of the hour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 600_000 }),
        fc.integer({ min: 0, max: HOUR_MS - 120_000 }),
        (points, into) => {
          const now = START + into;
          const eta = etaOf({ points, calls: 0 }, view(freshHour(65_000, now), now), ONE, now);
          if (eta === 'unknown') throw new Error('unknown');
          const truth = simulated(points, now);
          // A wait is cut into pieces of at least ten seconds, and a share is asked for again after five minutes.
          expect(Math.abs(eta.endsAt - truth)).toBeLessThan(0.02 * (truth - now) + 360_000);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('G14 a paused pool, and others who wait, make it later', () => {
    const paused = { ...freshHour(65_000, START), pausedUntil: START + HOUR_MS };
    expect(etaOf({ points: 100, calls: 0 }, view(paused), ONE, START)).toEqual({ endsAt: START + HOUR_MS, resets: 1 });
    const shared = withWait(
      freshHour(65_000, START),
      { tenant: TWO, priority: 'bulk', points: 2 },
      { waitMs: HOUR_MS / 2, why: 'share' },
      START,
    );
    const [alone, halved] = [freshHour(65_000, START), shared].map((hour) =>
      etaOf({ points: 300_000, calls: 1 }, view(hour), ONE, START),
    );
    if (alone === undefined || halved === undefined || alone === 'unknown' || halved === 'unknown')
      throw new Error('unknown');
    expect(halved.resets).toBeGreaterThanOrEqual(2 * alone.resets);
  });

  test('G14 what will never end has no end', () => {
    expect(etaOf({ points: 1e9, calls: 1 }, view(), ONE, START)).toBe('unknown');
  });
});
