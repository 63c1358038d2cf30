import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameText } from '../../../shared/adf/canonical.ts';
import { plainText } from '../../../shared/adf/text.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { happening, live, type Diary, type Happening } from '../../kit/histories.ts';
import { rulesWith } from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

/** Histories per property: enough to meet every pair of happenings, few enough for the everyday run. */
const runs = 400;

function after(history: readonly Happening[]): { world: World; diary: Diary } {
  const world = new World();
  const diary: Diary = { count: 0, hasRemovedLabels: false };
  world.comment('a', null);
  for (const what of history) live(world, what, diary);
  world.quiesce();
  return { world, diary };
}

const anyStop = fc.array(happening(['soft', 'hard', 'blind']), { maxLength: 40 });
const knownStop = fc.array(happening(['soft', 'hard']), { maxLength: 40 });

describe('any history of two sites', () => {
  it('S2 comes to rest: the plan over a settled pair is empty, and its memory does not change any more', () => {
    fc.assert(
      fc.property(anyStop, (history) => {
        const { world } = after(history);
        const { memory } = world;
        expect(world.plan().steps).toEqual([]);
        world.round();
        expect(world.memory).toBe(memory);
      }),
      { numRuns: runs },
    );
  });

  it('S3 ends with both sides equal in every field that is not blocked', () => {
    fc.assert(
      fc.property(anyStop, (history) => {
        const { world } = after(history);
        const blocked = new Set(world.plan().blocked.map(({ field }) => field));
        const { a, b } = { a: world.issue('a').fields, b: world.issue('b').fields };
        for (const field of ['summary', 'priority', 'status', 'issueType', 'assignee'] as const) {
          if (!blocked.has(field)) expect(a[field]).toEqual(b[field]);
        }
        if (a.description && b.description && !blocked.has('description')) {
          expect(plainText(a.description).split('\n')[0]).toBe(plainText(b.description).split('\n')[0]);
        }
      }),
      { numRuns: runs },
    );
  });

  it('S6 keeps the last word of people where it was written', () => {
    fc.assert(
      fc.property(knownStop, (history) => {
        const { world, diary } = after(history);
        if (diary.summary) expect(world.issue(diary.summary.side).fields.summary).toBe(diary.summary.value);
        const text = diary.text && world.issue(diary.text.side).fields.description;
        if (text) expect(plainText(text).split('\n')[0]).toBe(diary.text?.value);
      }),
      { numRuns: runs },
    );
  });

  it('S12 removes no label of a person, and without removals both sides have all labels', () => {
    fc.assert(
      fc.property(anyStop, (history) => {
        const { world, diary } = after(history);
        if (diary.hasRemovedLabels) return;
        expect(world.issue('a').fields.labels).toEqual(world.issue('b').fields.labels);
      }),
      { numRuns: runs },
    );
  });

  it('S21 makes no comment twice and deletes none of a person', () => {
    fc.assert(
      fc.property(anyStop, (history) => {
        const { world } = after(history);
        for (const side of ['a', 'b'] as const) {
          for (const { comment, marker } of world.sites[side].comments) {
            if (marker !== undefined) continue;
            const copies = world.copiesOf(side, comment.id);
            expect(copies.length).toBeLessThanOrEqual(1);
            if (comment.isRestricted) expect(copies).toEqual([]);
            const [copy] = copies;
            if (copy !== undefined && !copy.isRestricted && copy.body && comment.body) {
              expect(isSameText(copy.body, comment.body)).toBe(true);
            }
          }
        }
      }),
      { numRuns: runs },
    );
  });

  it('S1 gives the same plan for the same readings, in whatever order the site lists them', () => {
    fc.assert(
      fc.property(anyStop, (history) => {
        const world = new World();
        const diary: Diary = { count: 0, hasRemovedLabels: false };
        for (const what of history) live(world, what, diary);
        const input = world.input();
        const turned = {
          ...input,
          a: { ...input.a, comments: [...input.a.comments].reverse() },
          b: { ...input.b, comments: [...input.b.comments].reverse() },
        };
        expect(planSync(input)).toEqual(world.plan());
        expect(planSync(turned).steps).toEqual(planSync(input).steps);
      }),
      { numRuns: runs },
    );
  });

  it('S7 writes nothing to a side whose partner sends nothing', () => {
    fc.assert(
      fc.property(anyStop, (history) => {
        const world = new World({ rules: { a: rulesWith(), b: rulesWith({ fields: [], comments: false }) } });
        const diary: Diary = { count: 0, hasRemovedLabels: false };
        for (const what of history) live(world, what, diary);
        world.quiesce();
        expect(world.done.filter(({ side }) => side === 'a')).toEqual([]);
      }),
      { numRuns: runs },
    );
  });
});
