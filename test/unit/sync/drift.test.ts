import { describe, expect, test } from 'vitest';
import { dueRuns, FULL_EVERY_MS, LIGHT_EVERY_MS, runId } from '../../../shared/model/drift.ts';
import { driftOf, isVerified, mergeDrift } from '../../../shared/sync/drift.ts';
import type { DriftFacts } from '../../../shared/sync/drift.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import { rulesWith, doc } from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

/** A settled pair, a change of alpha's summary that nobody told of, and what a look finds. */
function look(change: (world: World) => void, more: Partial<DriftFacts> = {}): ReturnType<typeof driftOf> {
  const world = settled();
  change(world);
  const input = world.input();
  const plan = planSync(input);
  const known = { now: world.now + 120_000, settledAt: 0, rulesAt: 0, wasParked: false, wasCreating: false };
  return driftOf({ input, plan, blocked: plan.blocked, ...known, ...more });
}

function settled(rules = { a: rulesWith(), b: rulesWith() }): World {
  const world = new World({ rules });
  world.quiesce();
  return world;
}

describe('what a look finds', () => {
  test('S75 lists each field and comment on the side that lacked it, and nothing for a pair that is equal', () => {
    expect(look(() => undefined)).toEqual([]);
    const found = look((world) => {
      world.set('a', { summary: 'Another', priority: 'High' });
      world.comment('b', doc('Seen'));
    });
    expect(found.map(({ side, what }) => `${side} ${what}`).sort()).toEqual(['a comment', 'b priority', 'b summary']);
    expect(found.every(({ code }) => code === undefined)).toBe(true);
  });

  test('S75 says with its code what cannot be done, and leaves out what the rules want so', () => {
    const held = settled({ a: rulesWith({}, 'hold'), b: rulesWith({}, 'hold') });
    held.set('a', { summary: 'of a' });
    held.set('b', { summary: 'of b' });
    held.comment('a', doc('for few'), { isRestricted: true });
    const input = held.input();
    const plan = planSync(input);
    expect(plan.blocked.length).toBe(2);
    const known = { now: held.now, rulesAt: 0, wasParked: false, wasCreating: false };
    expect(driftOf({ input, plan, blocked: plan.blocked, ...known })).toEqual([
      { side: 'b', what: 'summary', why: 'conflict', code: 'conflict-held' },
    ]);
  });

  test.each([
    ['webhook-lost', {}],
    ['webhook-late', { now: 100_000 }],
    ['parked', { wasParked: true }],
    ['rules-changed', { rulesAt: 1 }],
  ] as const)('S77 a changed field is %s', (why, more) => {
    expect(look((world) => world.set('a', { summary: 'Another' }), more).map((thing) => thing.why)).toEqual([why]);
  });

  test('S77 what cannot be seen is a matter of permission, and the first reason stays', () => {
    const gone = { side: 'b', what: 'issue', why: 'permission', code: 'issue-gone' } as const;
    const found = look((world) => {
      world.sites.b.issue = 'gone';
    });
    expect(found).toEqual([gone]);
    const lost = { side: 'b', what: 'summary', why: 'webhook-lost' } as const;
    const late = { ...lost, why: 'parked', code: 'field-refused' } as const;
    expect(mergeDrift([lost], [late])).toEqual([{ ...late, why: 'webhook-lost' }]);
    expect(mergeDrift([lost], [gone])).toEqual([lost, gone]);
  });
});

describe('a pair', () => {
  test('S76 is verified when nothing is to do, also with a comment that may not leave, and else not', () => {
    const world = settled();
    world.comment('a', doc('for few'), { isRestricted: true });
    world.quiesce();
    const verified = (): boolean => {
      const input = world.input();
      const plan = planSync(input);
      return isVerified(input, plan, settleTwin(input, plan, []));
    };
    expect(verified()).toBe(true);
    world.set('a', { summary: 'Another' });
    expect(verified()).toBe(false);
    const input = world.input();
    const plan = planSync(input);
    const done = settleTwin(
      input,
      plan,
      plan.steps.map(({ key }) => ({ key, ok: true })),
    );
    expect([isVerified(input, plan, done), isVerified(input, plan, done, true)]).toEqual([false, true]);
    expect(isVerified(input, plan, settleTwin(input, plan, []), true)).toBe(false);
    world.quiesce();
    world.sites.b.issue = 'gone';
    expect(verified()).toBe(false);
  });
});

describe('the schedule', () => {
  const now = 10 * FULL_EVERY_MS;
  test.each([
    ['nothing', { reconcileAt: now + 1, fullAt: now + 2 }, [], now + 1, now + 2],
    ['a light run', { reconcileAt: now, fullAt: now + 2 }, ['light'], now + LIGHT_EVERY_MS, now + 2],
    [
      'one full run for both',
      { reconcileAt: now - 9, fullAt: now - 9 },
      ['full'],
      now + LIGHT_EVERY_MS,
      now + FULL_EVERY_MS,
    ],
    ['its own periods', { reconcileAt: 0, fullAt: 0, lightEveryMs: 5, fullEveryMs: 7 }, ['full'], now + 5, now + 7],
  ] as const)('S78 begins %s', (_title, times, hows, reconcileAt, fullAt) => {
    expect(dueRuns(times, now)).toEqual({ hows, reconcileAt, fullAt });
  });

  test.each([
    ['a run of their own', { reconcileAt: now + 1, fullAt: now + 2, rulesDueAt: now }, ['rules'], undefined],
    ['beside a light one', { reconcileAt: now, fullAt: now + 2, rulesDueAt: now }, ['light', 'rules'], undefined],
    ['in a full one', { reconcileAt: now, fullAt: now, rulesDueAt: now }, ['full'], undefined],
    ['not before their time', { reconcileAt: now + 1, fullAt: now + 2, rulesDueAt: now + 1 }, [], now + 1],
  ] as const)('S111 new rules get %s', (_title, times, hows, later) => {
    const { hows: due, rulesDueAt } = dueRuns(times, now);
    expect([due, rulesDueAt]).toEqual([hows, later]);
  });

  test('S78 names runs so that the newest comes first', () => {
    expect([runId(2, 'full'), runId(1, 'light')].toSorted()).toEqual([runId(2, 'full'), runId(1, 'light')]);
  });
});
