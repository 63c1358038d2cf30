/** What the engine reads from the sites' changelogs beside the values themselves. */
import { describe, expect, it } from 'vitest';
import { plainText } from '../../../shared/adf/text.ts';
import type { AdfDoc } from '../../../shared/model/adf.ts';
import type { FieldName } from '../../../shared/model/field.ts';
import type { Policy } from '../../../shared/model/rules.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

type More = ConstructorParameters<typeof World>[0];

function settled(more: More = {}): World {
  const world = new World(more);
  world.quiesce();
  world.done.length = 0;
  return world;
}

const both = (policy: Policy, without: readonly FieldName[] = []) => {
  const rules = kit.rulesWith({
    fields: kit.coreFields.filter((field) => !without.includes(field)).map((field) => ({ field, policy })),
  });
  return { a: rules, b: rules };
};
const shown = (world: World, field: FieldName) => (['a', 'b'] as const).map((side) => world.issue(side).fields[field]);

/** The intent of the next step is stored, and the step itself never happens. */
function intend(world: World): void {
  const input = world.input();
  world.memory = settleTwin(input, world.plan(), []).memory;
}

describe('a field that new rules begin to send', () => {
  /** A pair that was settled without a field, which people then changed on some sides. */
  function begun(policy: Policy, changed: readonly ('a' | 'b')[]): World {
    const world = settled({ rules: both(policy, ['priority']) });
    for (const side of changed) {
      world.set(side, { priority: side === 'a' ? 'High' : 'Low' });
      world.quiesce();
    }
    world.rules = both(policy);
    return world;
  }

  it.each([
    ['newest', ['a', 'b'], 'Low'],
    ['newest', ['b', 'a'], 'High'],
    ['newest', ['b'], 'Low'],
    ['a', ['a', 'b'], 'High'],
    ['b', ['b', 'a'], 'Low'],
  ] as const)('S96 follows its policy: %s, changed on %j', (policy, changed, wins) => {
    const world = begun(policy, changed);
    world.quiesce();
    expect(shown(world, 'priority')).toEqual([wins, wins]);
  });

  it('S96 is a held conflict under the policy hold, and equal values are the base', () => {
    const world = begun('hold', ['a', 'b']);
    world.quiesce();
    expect(shown(world, 'priority')).toEqual(['High', 'Low']);
    expect(world.plan().blocked).toEqual([{ side: 'b', field: 'priority', code: 'conflict-held' }]);
    world.set('b', { priority: 'High' });
    world.quiesce();
    expect(world.plan().blocked).toEqual([]);
  });
});

describe('an issue that we made', () => {
  it.each(['newest', 'a', 'b', 'hold'] as const)(
    'S103 has nobody’s value in a field that its origin keeps to itself: both stand under the policy %s',
    (policy) => {
      const rules = both(policy);
      const kept = kit.rulesWith({ fields: rules.a.fields.filter(({ field }) => field !== 'description') });
      const text = kit.doc('only here');
      const world = settled({ rules: { a: kept, b: rules.b }, fields: { description: text } });
      expect(shown(world, 'description')).toEqual([text, null]);
      expect(world.plan().steps).toEqual([]);
    },
  );

  it('S103 has nobody’s value after a create that nobody recorded, also when the origin was changed before it was found again', () => {
    const world = new World({ rules: both('b') });
    world.round({ stop: 'hard', after: 1 });
    world.set('a', { description: kit.doc('written meanwhile') });
    intend(world);
    world.quiesce();
    expect(shown(world, 'description').map((text) => plainText(text as AdfDoc))).toEqual([
      'written meanwhile',
      'written meanwhile',
    ]);
  });

  it('S103 gets the origin’s value of a field that new rules begin to send, also under the policy of its own side', () => {
    const world = settled({ rules: both('b', ['priority']), fields: { priority: 'High' } });
    world.rules = both('b');
    world.quiesce();
    expect(shown(world, 'priority')).toEqual(['High', 'High']);
  });
});

describe('an element of a set', () => {
  it('S97 that a person took away and put back between two looks is that person’s and stays', () => {
    const world = settled({ fields: { labels: ['red'] } });
    world.setLabels('b', []);
    world.setLabels('a', []);
    world.setLabels('b', ['red']);
    world.quiesce();
    expect(shown(world, 'labels')).toEqual([[], ['red']]);
  });

  it('S97 that a person put back after our removal, whose end was not known, stays', () => {
    const world = settled({ fields: { labels: ['red'] } });
    world.setLabels('a', []);
    world.round({ stop: 'hard', after: 0 });
    expect(world.issue('b').fields.labels).toEqual([]);
    world.setLabels('b', ['red']);
    world.quiesce();
    expect(world.issue('b').fields.labels).toEqual(['red']);
  });

  it('S97 that the sync put there goes with its original, also when a person had put it there once before', () => {
    const world = settled();
    world.setLabels('b', ['red']);
    world.setLabels('b', []);
    world.quiesce();
    world.setLabels('a', ['red']);
    world.quiesce();
    world.setLabels('a', []);
    world.quiesce();
    expect(shown(world, 'labels')).toEqual([[], []]);
  });
});

describe('a write whose end is not known', () => {
  it('S98 counts as arrived when its value is met, unless the changelog says that a person wrote the same', () => {
    const world = settled();
    world.set('a', { issueType: 'Bug' });
    intend(world);
    world.set('a', { issueType: 'Task' });
    world.set('b', { issueType: 'Bug' });
    world.quiesce();
    expect(shown(world, 'issueType')).toEqual(['Bug', 'Bug']);
  });

  it.each(['a', 'newest'] as const)(
    'S99 did arrive when the changelog tells of an app’s change: what a person made of it there travels, policy %s',
    (policy) => {
      const world = settled({ rules: both(policy) });
      world.set('a', { priority: 'High' });
      world.round({ stop: 'hard', after: 0 });
      world.set('b', { priority: 'Low' });
      world.quiesce();
      expect(shown(world, 'priority')).toEqual(['Low', 'Low']);
    },
  );

  it('S99 did arrive also when a person has set the value back to what it was', () => {
    const world = settled();
    const before = world.issue('b').fields.priority;
    world.set('a', { priority: 'High' });
    world.round({ stop: 'hard', after: 0 });
    world.set('b', { priority: before ?? null });
    world.quiesce();
    expect(shown(world, 'priority')).toEqual([before, before]);
  });

  it('S99 did not arrive when the app’s last change is older than the value: both changed, and the policy decides', () => {
    const world = settled({ rules: both('a') });
    world.set('a', { priority: 'Medium' });
    world.quiesce();
    world.set('a', { priority: 'High' });
    intend(world);
    world.set('b', { priority: 'Low' });
    world.quiesce();
    expect(shown(world, 'priority')).toEqual(['High', 'High']);
  });
});
