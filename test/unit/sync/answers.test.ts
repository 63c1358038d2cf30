/** What people may say of something that waits: an answer, another try, or that the change stays where it is. */
import { describe, expect, it } from 'vitest';
import type { FieldName } from '../../../shared/model/field.ts';
import { commentId, valueHash } from '../../../shared/model/ids.ts';
import type { FieldTrace } from '../../../shared/model/twin.ts';
import type { Pick } from '../../../shared/sync/answer.ts';
import { forAnotherTry } from '../../../shared/sync/retry.ts';
import { hashNow } from '../../../shared/sync/view.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { World, type Round } from '../../kit/twoSites.ts';

function settled(policy: 'hold' | 'newest' = 'newest'): World {
  const rules = kit.rulesWith({}, policy);
  const world = new World({ rules: { a: rules, b: rules } });
  world.quiesce();
  world.round();
  world.done.length = 0;
  return world;
}

function answer(world: World, field: FieldName, pick: Pick): void {
  const hashes = (['a', 'b'] as const).flatMap((side) => {
    const hash = hashNow(world.issue(side), field);
    return hash === undefined ? [] : [[side, hash] as const];
  });
  const resolved = { pick, ...Object.fromEntries(hashes) };
  change(world, field, (trace) => ({ ...trace, resolved }));
}

function change(world: World, field: FieldName, to: (trace: FieldTrace) => FieldTrace): void {
  const { fields } = world.memory;
  world.memory = { ...world.memory, fields: { ...fields, [field]: to(fields[field] ?? {}) } };
}

const traceOf = (world: World, field: FieldName): FieldTrace => world.memory.fields[field] ?? {};

describe('an answer to a conflict', () => {
  function held(): World {
    const world = settled('hold');
    world.set('a', { summary: 'from a' });
    world.set('b', { summary: 'from b' });
    world.quiesce();
    answer(world, 'summary', 'a');
    return world;
  }

  it.each<Round>([
    { stop: 'soft', after: 0 },
    { stop: 'hard', after: 0 },
    { stop: 'hard', after: 1 },
    { stop: 'blind', after: 1 },
  ])('S85 is carried out after a stop, too: $stop after $after', (round) => {
    const world = held();
    world.round(round);
    world.quiesce();
    expect([world.issue('a').fields.summary, world.issue('b').fields.summary]).toEqual(['from a', 'from a']);
    expect(traceOf(world, 'summary')).not.toHaveProperty('resolved');
  });

  it('S85 outlives what stands in its way', () => {
    const world = held();
    const { editable } = world.sites.b.abilities;
    world.sites.b.abilities = { ...world.sites.b.abilities, editable: [] };
    world.quiesce();
    expect(world.plan().blocked).toMatchObject([{ field: 'summary', code: 'field-not-on-screen' }]);
    world.sites.b.abilities = { ...world.sites.b.abilities, editable };
    world.quiesce();
    expect(world.issue('b').fields.summary).toBe('from a');
  });

  it('S85 outlives a refusal, whose attempt is not made again', () => {
    const world = held();
    world.sites.b.refuses = { summary: 'field-refused' };
    world.quiesce();
    expect(world.plan()).toMatchObject({ steps: [], blocked: [{ field: 'summary', code: 'field-refused' }] });
    world.sites.b.refuses = {};
    world.memory = forAnotherTry(world.memory);
    world.quiesce();
    expect(world.issue('b').fields.summary).toBe('from a');
  });

  it('S85 is dropped when one of the values is another by then', () => {
    const world = held();
    world.set('b', { summary: 'later from b' });
    world.quiesce();
    expect(world.plan().blocked).toMatchObject([{ code: 'conflict-held' }]);
    expect(traceOf(world, 'summary')).not.toHaveProperty('resolved');
  });
});

describe('another try', () => {
  it('S86 makes the same attempt again, which is remembered again when it is refused again', () => {
    const world = settled();
    world.sites.b.refuses = { summary: 'field-refused' };
    world.set('a', { summary: 'refused there' });
    world.quiesce();
    expect(world.plan().steps).toEqual([]);
    world.memory = forAnotherTry(world.memory);
    expect(world.plan().steps).toMatchObject([{ kind: 'edit-issue', fields: { summary: 'refused there' } }]);
    world.quiesce();
    expect(world.plan()).toMatchObject({ steps: [], blocked: [{ code: 'field-refused' }] });
    world.sites.b.refuses = {};
    world.memory = forAnotherTry(world.memory);
    world.quiesce();
    expect(world.issue('b').fields.summary).toBe('refused there');
  });

  it('S86 counts the flips of a field that rests anew', () => {
    const memory = kit.memoryWith({
      fields: {
        summary: { blocked: 'field-flipping', flips: 10, lastFrom: 'a' },
        priority: { flips: 3, lastFrom: 'b' },
      },
    });
    const { summary, priority } = forAnotherTry(memory).fields;
    expect(summary).toEqual({ blocked: 'field-flipping' });
    expect(priority).toEqual({ flips: 3, lastFrom: 'b' });
  });

  it('S86 forgets the refused attempts of comments, worklogs and files, and nothing else', () => {
    const tried = valueHash('0'.repeat(64));
    const trace = { origin: 'a', a: commentId('7'), blocked: 'comment-limit' } as const;
    const memory = kit.memoryWith({ comments: [{ ...trace, tried }] });
    expect(forAnotherTry(memory)).toEqual({ ...memory, comments: [trace] });
    const quiet = kit.memoryWith({ comments: [trace] });
    expect(forAnotherTry(quiet)).toBe(quiet);
  });
});

describe('a change that stays where it is', () => {
  it('S87 makes what both sides show the base, and the next change travels', () => {
    const world = settled();
    world.sites.b.abilities = { ...world.sites.b.abilities, options: { priority: ['High', 'Medium'] } };
    world.set('a', { priority: 'Low' });
    world.quiesce();
    expect(world.plan().blocked).toMatchObject([{ field: 'priority', code: 'value-unknown' }]);
    answer(world, 'priority', 'ignore');
    world.quiesce();
    expect(world.plan()).toMatchObject({ steps: [], blocked: [] });
    expect([world.issue('a').fields.priority, world.issue('b').fields.priority]).toEqual(['Low', 'Medium']);
    world.set('a', { priority: 'High' });
    world.quiesce();
    expect(world.issue('b').fields.priority).toBe('High');
  });

  it('S87 works for a conflict and for a field that one side does not show', () => {
    const world = settled('hold');
    world.set('a', { summary: 'from a' });
    world.set('b', { summary: 'from b' });
    world.quiesce();
    answer(world, 'summary', 'ignore');
    world.quiesce();
    expect(world.plan()).toMatchObject({ steps: [], blocked: [] });
    expect(world.issue('b').fields.summary).toBe('from b');
    const { priority: _priority, ...rest } = world.issue('b').fields;
    world.sites.b.issue = { ...world.issue('b'), fields: rest };
    world.sites.b.abilities = { ...world.sites.b.abilities, editable: [] };
    world.set('a', { priority: 'High' });
    world.quiesce();
    expect(world.plan().blocked).toMatchObject([{ field: 'priority', code: 'field-not-on-screen' }]);
    answer(world, 'priority', 'ignore');
    world.quiesce();
    expect(world.plan()).toMatchObject({ steps: [], blocked: [] });
  });

  it('S87 takes the elements of a set as they are on both sides: none is added or removed for it', () => {
    const world = settled();
    world.set('a', { labels: ['ours'] });
    world.quiesce();
    const { editable } = world.sites.b.abilities;
    world.sites.b.abilities = { ...world.sites.b.abilities, editable: [] };
    world.set('a', { labels: ['fresh'] });
    world.quiesce();
    expect(world.plan().blocked).toMatchObject([{ field: 'labels', code: 'field-not-on-screen' }]);
    answer(world, 'labels', 'ignore');
    world.sites.b.abilities = { ...world.sites.b.abilities, editable };
    world.quiesce();
    expect([world.issue('a').fields.labels, world.issue('b').fields.labels]).toEqual([['fresh'], ['ours']]);
    world.set('a', { labels: ['fresh', 'later'] });
    world.quiesce();
    expect(world.issue('b').fields.labels).toContain('later');
  });

  it('S87 counts only for the values that it was about', () => {
    const world = settled();
    world.sites.b.abilities = { ...world.sites.b.abilities, options: { priority: ['High', 'Medium'] } };
    world.set('a', { priority: 'Low' });
    world.quiesce();
    answer(world, 'priority', 'ignore');
    world.set('a', { priority: 'Lowest' });
    world.quiesce();
    expect(world.plan().blocked).toMatchObject([{ field: 'priority', code: 'value-unknown' }]);
  });
});
