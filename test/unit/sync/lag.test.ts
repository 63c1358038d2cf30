import { describe, expect, test } from 'vitest';
import { LAG_ERROR, lagAt, lagFigures, mergedLags, noLag, withLag } from '../../../shared/model/lag.ts';
import { carriedBy } from '../../../shared/sync/lag.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { doc, rulesWith } from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

/** Lags from a millisecond to a month, spread as lags are: most short, few long. */
const LAGS = Array.from({ length: 2_000 }, (_, n) => Math.round(1.0107 ** n) + (n % 7));

describe('the sketch of lags', () => {
  test('S79 tells percentiles within its error, and keeps bounded size', () => {
    const sketch = LAGS.reduce(withLag, noLag);
    const sorted = LAGS.toSorted((one, other) => one - other);
    for (const share of [0.01, 0.5, 0.9, 0.95, 0.99, 1]) {
      const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
      expect(Math.abs(lagAt(sketch, share) - exact), String(share)).toBeLessThanOrEqual(exact * LAG_ERROR + 1);
    }
    expect(sketch.buckets.length).toBeLessThanOrEqual(230);
    expect(lagFigures(noLag)).toEqual({ count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  });

  test('S79 adds up: parts together are the whole', () => {
    const parts = [0, 1, 2].map((part) => LAGS.filter((_, n) => n % 3 === part).reduce(withLag, noLag));
    expect(parts.reduce(mergedLags, noLag)).toEqual(LAGS.reduce(withLag, noLag));
  });
});

describe('the change that a step carries', () => {
  function carried(change: (world: World) => void, since = 0) {
    const world = new World({ rules: { a: rulesWith(), b: rulesWith() } });
    world.quiesce();
    change(world);
    const input = world.input();
    const plan = planSync(input);
    return plan.steps.flatMap((step) => carriedBy(input, plan, step, since)).map((one) => ({ ...one, now: world.now }));
  }

  test('S80 has its own time: a field’s from the changelog, a comment’s from itself', () => {
    const field = carried((world) => world.set('a', { summary: 'Another' }));
    expect(field).toMatchObject([{ kind: 'field', changedAt: field[0]?.now }]);
    const comment = carried((world) => void world.comment('b', doc('Seen')));
    expect(comment).toMatchObject([{ kind: 'comment', changedAt: comment[0]?.now }]);
    const moved = carried((world) => world.set('b', { status: 'Done' }));
    expect(moved).toMatchObject([{ kind: 'status', changedAt: moved[0]?.now }]);
  });

  test('S80 is none for what is older than the connection, what an app did, and what a birth brings along', () => {
    expect(carried((world) => world.set('a', { summary: 'Another' }), Number.MAX_SAFE_INTEGER)).toEqual([]);
    const byApp = carried((world) => {
      world.set('a', { summary: 'Another' });
      world.sites.a.issue = { ...world.issue('a'), changedByApp: ['summary'] };
    });
    expect(byApp).toEqual([]);
    const born = new World({ rules: { a: rulesWith(), b: rulesWith() } });
    born.comment('a', doc('Before'));
    const plan = planSync(born.input());
    const kinds = plan.steps.flatMap((step) => carriedBy(born.input(), plan, step, 0)).map(({ kind }) => kind);
    expect(kinds).toEqual(['issue']);
  });
});
