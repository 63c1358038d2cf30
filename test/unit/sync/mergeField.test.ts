import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '../../../shared/adf/text.ts';
import type { Side } from '../../../shared/model/connection.ts';
import type { Policy } from '../../../shared/model/rules.ts';
import { needsBase } from '../../../shared/sync/mergeField.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { World, type Round } from '../../kit/twoSites.ts';

/** A settled pair with a text of three paragraphs. */
function written(policy: Policy = 'newest'): World {
  const rules = kit.rulesWith({}, policy);
  const world = new World({ rules: { a: rules, b: rules }, fields: { description: kit.doc('one', 'two', 'three') } });
  world.quiesce();
  world.round();
  world.done.length = 0;
  return world;
}

const textOn = (world: World, side: Side): string => {
  const { description } = world.issue(side).fields;
  return description === undefined || description === null ? '' : plainText(description);
};

/** A edits the first paragraph, B the last one. */
function edited(policy?: Policy): World {
  const world = written(policy);
  world.set('a', { description: kit.doc('ONE', 'two', 'three') });
  world.set('b', { description: kit.doc('one', 'two', 'three', 'four') });
  return world;
}

describe('a text that both sides changed', () => {
  it('A11c S38 loses no edit of a paragraph that the other side did not touch, whoever edits what between two looks', () => {
    const texts = fc.array(
      fc.record({ side: fc.constantFrom<Side>('a', 'b'), at: fc.nat(3), isLooked: fc.boolean() }),
      {
        minLength: 2,
        maxLength: 14,
      },
    );
    fc.assert(
      fc.property(texts, fc.constantFrom<Policy>('newest', 'a', 'b'), (edits, policy) => {
        // Every second paragraph is nobody's: edits beside each other are edits of one place.
        const start = Array.from({ length: 7 }, (_, at) => `paragraph ${at}`);
        const rules = kit.rulesWith({}, policy);
        const world = new World({ rules: { a: rules, b: rules }, fields: { description: kit.doc(...start) } });
        world.quiesce();
        world.round();
        const touched = new Map<number, Side>();
        const wanted = [...start];
        const look = (): void => {
          world.quiesce();
          touched.clear();
        };
        edits.forEach(({ side, at, isLooked }, number) => {
          if (isLooked) look();
          const paragraph = at * 2;
          // What both sides touch between two looks is a double change, and not the business of this test.
          if ((touched.get(paragraph) ?? side) !== side) return;
          touched.set(paragraph, side);
          wanted[paragraph] = `edit ${number}`;
          const lines = textOn(world, side).split('\n');
          lines[paragraph] = `edit ${number}`;
          world.set(side, { description: kit.doc(...lines) });
        });
        look();
        for (const side of ['a', 'b'] as const) expect(textOn(world, side)).toBe(wanted.join('\n'));
      }),
      { numRuns: 300 },
    );
  });

  it.each(['newest', 'a', 'b', 'hold'] as const)('S38 keeps both edits, whatever the policy: %s', (policy) => {
    const world = edited(policy);
    expect(needsBase(world.input())).toBe(true);
    world.quiesce();
    for (const side of ['a', 'b'] as const) expect(textOn(world, side)).toBe('ONE\ntwo\nthree\nfour');
    expect(world.done).toHaveLength(2);
    expect(world.plan().blocked).toEqual([]);
  });

  it.each<Round>([
    { stop: 'soft', after: 0 },
    { stop: 'soft', after: 1 },
    { stop: 'hard', after: 0 },
    { stop: 'hard', after: 1 },
    { stop: 'hard', after: 2 },
    { stop: 'blind', after: 1 },
  ])('S38 loses nothing when the act breaks off: $stop after $after', (round) => {
    const world = edited();
    world.round(round);
    world.quiesce();
    for (const side of ['a', 'b'] as const) expect(textOn(world, side)).toBe('ONE\ntwo\nthree\nfour');
  });

  it('S38 keeps the pictures of both sides where nothing around them was edited', () => {
    const world = new World({
      fields: { description: kit.docOf(...kit.doc('one', 'two').content, kit.picture('map')) },
    });
    world.quiesce();
    world.round();
    world.set('a', { description: kit.docOf(...kit.doc('ONE', 'two').content, kit.picture('map')) });
    world.set('b', { description: kit.doc('one', 'TWO', '[media: map]') });
    world.quiesce();
    expect(textOn(world, 'b')).toBe('ONE\nTWO\n[media: map]');
    expect(world.issue('a').fields.description?.content.map(({ type }) => type)).toEqual([
      'paragraph',
      'paragraph',
      'mediaSingle',
    ]);
  });

  it('S38 is a conflict of the policy when the edits overlap', () => {
    const world = written('hold');
    world.set('a', { description: kit.doc('from a', 'two', 'three') });
    world.set('b', { description: kit.doc('from b', 'two', 'three') });
    world.quiesce();
    expect(world.plan().blocked).toMatchObject([{ field: 'description', code: 'conflict-held' }]);
    expect([textOn(world, 'a'), textOn(world, 'b')]).toEqual(['from a\ntwo\nthree', 'from b\ntwo\nthree']);
  });

  it('S38 is not merged on a copy of another moment', () => {
    const world = edited('hold');
    world.base = { a: { description: kit.doc('something else') }, b: {} };
    expect(world.plan()).toMatchObject({ steps: [], blocked: [{ code: 'conflict-held' }] });
  });
});

describe('a person’s answer to a conflict', () => {
  function held(): World {
    const world = written('hold');
    world.set('a', { description: kit.doc('from a') });
    world.set('b', { description: kit.doc('from b') });
    world.quiesce();
    return world;
  }

  function answer(world: World, pick: Side | 'both'): void {
    const trace = world.memory.fields.description;
    const [a, b] = [world.hash('a', 'description'), world.hash('b', 'description')];
    world.memory = {
      ...world.memory,
      fields: { ...world.memory.fields, description: { ...trace, resolved: { pick, a, b } } },
    };
  }

  it.each([
    ['a', 'from a'],
    ['b', 'from b'],
    ['both', 'from a\n\nfrom b'],
  ] as const)('S39 lets the chosen text stand on both sides: %s', (pick, text) => {
    const world = held();
    answer(world, pick);
    world.quiesce();
    for (const side of ['a', 'b'] as const) expect(textOn(world, side)).toBe(text);
    expect(world.plan().blocked).toEqual([]);
  });

  it('S39 does not count for values that came after it', () => {
    const world = held();
    answer(world, 'a');
    world.set('b', { description: kit.doc('changed meanwhile') });
    expect(world.plan()).toMatchObject({ steps: [], blocked: [{ code: 'conflict-held' }] });
  });
});
