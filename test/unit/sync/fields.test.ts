import { describe, expect, it } from 'vitest';
import { accountId, issueId } from '../../../shared/model/ids.ts';
import type { FieldName } from '../../../shared/model/field.ts';
import type { Replica } from '../../../shared/model/replica.ts';
import type { Policy } from '../../../shared/model/rules.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import { hashOf } from '../../../shared/sync/echo.ts';
import { outgoing, shared } from '../../../shared/sync/outgoing.ts';
import { peopleOf } from '../../../shared/sync/peopleOf.ts';
import { twinIdOf } from '../../../shared/sync/twinId.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

const named = (...fields: readonly FieldName[]): ReturnType<typeof kit.rulesWith> =>
  kit.rulesWith({ fields: fields.map((field) => ({ field, policy: 'newest' as const })) });
const stranger = accountId('account-stranger');

/** A settled pair: issue b was made from issue a, and nothing is left to do. */
function settled(more: ConstructorParameters<typeof World>[0] = {}): World {
  const world = new World(more);
  world.quiesce();
  world.done.length = 0;
  return world;
}

/** Two issues that exist and were never settled, with the same policy on both sides. */
function met(a: Replica, b: Replica, policy: Policy): ReturnType<typeof kit.inputWith> {
  const rules = kit.rulesWith({}, policy);
  return kit.inputWith({
    a: kit.viewWith({ issue: kit.issueWith(a) }),
    b: kit.viewWith({ issue: kit.issueWith(b, { id: issueId('2') }) }),
    rules: { a: rules, b: rules },
  });
}

describe('fields', () => {
  it('S2 plans nothing for an echo, however the site writes the same text', () => {
    const world = settled({ fields: { description: kit.doc('one', 'two') } });
    expect(world.plan()).toEqual({ steps: [], blocked: [], again: false });
  });

  it.each(kit.coreFields)('S4 lets the field leave only when a rule names it: %s', (field) => {
    const full: Replica = {
      ...kit.plainFields,
      description: kit.doc('secret'),
      labels: ['x'],
      assignee: kit.ann,
      reporter: kit.bob,
    };
    expect(Object.keys(outgoing(kit.issueWith(full), named(field)))).toEqual([field]);
    expect(outgoing(full, named())).toEqual({});
  });

  it('S4 translates names by the value table of the sender and takes no name from the prototype', () => {
    const rules = kit.rulesWith({ values: { issueType: {}, priority: { High: 'P1' }, status: {} } });
    expect(outgoing({ priority: 'High' }, rules)).toEqual({ priority: 'P1' });
    expect(outgoing({ priority: 'constructor' }, rules)).toEqual({ priority: 'constructor' });
  });

  it('S5 lets the origin win where two issues meet for the first time', () => {
    const { steps } = planSync(met({ summary: 'ours' }, { summary: 'theirs' }, 'newest'));
    expect(steps).toMatchObject([{ side: 'b', kind: 'edit-issue', fields: { summary: 'ours' } }]);
  });

  it('S5 takes equal values for the base and holds different ones under the policy hold', () => {
    const plan = planSync(met({ summary: 'ours' }, { summary: 'theirs' }, 'hold'));
    expect(plan.steps).toEqual([]);
    expect(plan.blocked).toEqual([{ side: 'b', field: 'summary', code: 'conflict-held' }]);
    expect(planSync(met({}, {}, 'hold'))).toEqual({ steps: [], blocked: [], again: false });
  });

  it('S5 sets the status of an issue that we made ourselves even under the policy hold', () => {
    const hold = kit.rulesWith({}, 'hold');
    const world = new World({ fields: { status: 'Done' }, rules: { a: hold, b: hold } });
    world.quiesce();
    expect(world.issue('b').fields.status).toBe('Done');
  });

  it.each([
    ['a', 'from a'],
    ['b', 'from b'],
    ['newest', 'from b'],
  ] as const)('S6 ends a double change by the policy %s', (policy, wins) => {
    const rules = kit.rulesWith({}, policy);
    const world = settled({ rules: { a: rules, b: rules } });
    world.set('a', { summary: 'from a' });
    world.set('b', { summary: 'from b' });
    world.quiesce();
    expect([world.issue('a').fields.summary, world.issue('b').fields.summary]).toEqual([wins, wins]);
  });

  it('S6 counts the row of side A when the two rows differ', () => {
    const world = settled({ rules: { a: kit.rulesWith({}, 'a'), b: kit.rulesWith({}, 'b') } });
    world.set('a', { summary: 'from a' });
    world.set('b', { summary: 'from b' });
    world.quiesce();
    expect(world.issue('b').fields.summary).toBe('from a');
  });

  it('S8 holds a conflict as often as it is asked, and lets it go when one side returns to the base', () => {
    const hold = kit.rulesWith({}, 'hold');
    const world = settled({ rules: { a: hold, b: hold } });
    world.set('a', { summary: 'mine' });
    world.set('b', { summary: 'yours' });
    for (let turn = 0; turn < 3; turn += 1) {
      expect(world.round()).toMatchObject({ steps: [], blocked: [{ field: 'summary', code: 'conflict-held' }] });
    }
    world.set('b', { summary: 'A summary' });
    world.quiesce();
    expect(world.issue('b').fields.summary).toBe('mine');
  });

  it('S9 says which field is not on the screen, and carries the others', () => {
    const world = settled({ b: { abilities: kit.abilitiesWith({ creatable: ['summary'], editable: ['summary'] }) } });
    world.set('a', { summary: 'new', priority: 'High' });
    world.quiesce();
    expect(world.issue('b').fields).toMatchObject({ summary: 'new', priority: 'Medium' });
    expect(world.plan().blocked).toEqual([{ side: 'b', field: 'priority', code: 'field-not-on-screen' }]);
    world.sites.b.abilities = kit.abilitiesWith();
    world.quiesce();
    expect(world.issue('b').fields.priority).toBe('High');
  });

  it('S10 remembers what was refused at birth and makes the issue without it', () => {
    const world = new World({ fields: { priority: 'High' }, b: { refuses: { priority: 'field-refused' } } });
    world.quiesce();
    expect(world.issue('b').fields.priority).toBe('Medium');
    expect(world.done.map(({ kind }) => kind)).toEqual(['create-issue']);
    expect(world.issue('a').fields.priority).toBe('High');
  });

  it('S10 makes the issue without the field when the whole creation failed because of it', () => {
    const input = kit.inputWith({ a: kit.viewWith({ issue: kit.issueWith({ priority: 'High' }) }) });
    const plan = planSync(input);
    const results = plan.steps.map(({ key }) => ({
      key,
      ok: false as const,
      code: 'jira-refused' as const,
      refusedFields: { priority: 'field-refused' as const },
    }));
    const { memory, isComplete } = settleTwin(input, plan, results);
    expect(isComplete).toBe(false);
    const [create] = planSync({ ...input, memory }).steps;
    expect(create?.kind === 'create-issue' && Object.keys(create.fields)).not.toContain('priority');
  });

  it('S11 does not give a status back that could not be taken over', () => {
    const world = settled({ b: { abilities: kit.abilitiesWith({ transitions: [] }) } });
    world.set('a', { status: 'Done' });
    world.quiesce();
    world.set('b', { summary: 'something else' });
    world.quiesce();
    expect([world.issue('a').fields.status, world.issue('b').fields.status]).toEqual(['Done', 'To Do']);
  });

  it('S12 keeps a label away that a person removed from the copy, and keeps the original', () => {
    const world = settled({ fields: { labels: ['red'] } });
    world.setLabels('b', []);
    world.quiesce();
    expect([world.issue('a').fields.labels, world.issue('b').fields.labels]).toEqual([['red'], []]);
    expect(world.done).toEqual([]);
  });

  it.each([
    ['the mapped name', { issueType: 'Bug' }, false, 'Task', 'Bug'],
    ['the fallback', { issueType: 'Epic' }, false, 'Bug', 'Bug'],
    ['the first plain type', { issueType: 'Epic' }, false, 'Story', 'Task'],
    ['the fallback for a sub-task', { issueType: 'Sub-task' }, true, 'Bug', 'Bug'],
  ])('S13 makes the new issue of %s', (_what, fields, isSubtask, fallbackIssueType, type) => {
    const issue = kit.issueWith(fields, { isSubtask });
    const rules = kit.rulesWith({ fallbackIssueType });
    const [create] = planSync(kit.inputWith({ a: kit.viewWith({ issue }), rules: { a: rules, b: rules } })).steps;
    expect(create).toMatchObject({ kind: 'create-issue', fields: { issueType: type } });
  });

  it('S13 blocks a later change to a type that is not known or of the other kind', () => {
    const world = settled();
    world.set('a', { issueType: 'Sub-task' });
    expect(world.plan().blocked).toEqual([{ side: 'b', field: 'issueType', code: 'value-unknown' }]);
    world.set('a', { issueType: 'Bug' });
    world.quiesce();
    expect(world.issue('b').fields.issueType).toBe('Bug');
  });

  it('S14 carries a person only where the person is usable', () => {
    const world = settled();
    world.set('a', { assignee: stranger });
    expect(world.plan()).toMatchObject({ steps: [], blocked: [{ field: 'assignee', code: 'user-not-assignable' }] });
    world.set('a', { assignee: kit.ann });
    world.quiesce();
    expect(world.issue('b').fields.assignee).toBe(kit.ann);
  });

  it('S15 compares texts by meaning', () => {
    const one = kit.docOf({
      type: 'paragraph',
      attrs: { localId: 'x' },
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    });
    expect(hashOf('description', one)).toBe(hashOf('description', kit.doc('ab')));
    expect(hashOf('description', kit.docOf())).toBe(hashOf('description', null));
    expect(hashOf('description', kit.doc('ab'))).not.toBe(hashOf('description', kit.doc('a', 'b')));
  });

  it('S16 keeps the alternative text of a picture and nothing else of it', () => {
    const issue = kit.issueWith({ description: kit.docOf(kit.picture('a map')) });
    const [step] = planSync(kit.inputWith({ a: kit.viewWith({ issue }) })).steps;
    expect(step).toMatchObject({ fields: { description: kit.doc('[media: a map]') } });
  });

  it('S17 turns a mention of a stranger into text and keeps one of a usable person', () => {
    const world = settled();
    world.set('a', { description: kit.docOf(kit.mention(stranger, '@Sam'), kit.mention(kit.ann, '@Ann')) });
    const [edit] = world.plan().steps;
    const description = kit.docOf(...kit.doc('@Sam').content, kit.mention(kit.ann, '@Ann'));
    expect(edit).toMatchObject({ kind: 'edit-issue', fields: { description } });
  });

  it('S17 a mention that had become text comes home when the other side edits beside it', () => {
    const world = settled();
    const told = kit.mention(stranger, '@Sam');
    world.set('a', { description: kit.docOf(told, ...kit.doc('see above').content) });
    world.quiesce();
    world.set('b', { description: kit.doc('@Sam', 'see far above') });
    world.quiesce();
    expect(world.issue('a').fields.description?.content).toMatchObject([told, kit.doc('see far above').content[0]]);
    expect(world.plan()).toMatchObject({ steps: [], blocked: [] });
  });

  it('S18 refuses a text that is longer than a site can hold, and takes one that just fits', () => {
    const world = settled();
    world.set('a', { description: kit.doc('x'.repeat(32_768)) });
    expect(world.plan()).toMatchObject({ steps: [], blocked: [{ field: 'description', code: 'field-refused' }] });
    world.set('a', { description: kit.doc('x'.repeat(32_767)) });
    expect(world.plan().steps).toHaveLength(1);
  });

  it('S19 plans nothing when the origin is missing or an issue is gone', () => {
    const b = kit.viewWith({ issue: kit.issueWith({}, { id: issueId('2') }) });
    for (const issue of ['absent', 'gone'] as const) {
      const plan = planSync(kit.inputWith({ a: kit.viewWith({ issue }), b }));
      expect(plan).toEqual({ steps: [], blocked: [{ side: 'a', code: 'issue-gone' }], again: false });
    }
  });

  it('S20 creates nothing without a summary', () => {
    const plan = planSync(kit.inputWith({ rules: { a: named('description'), b: named() } }));
    expect(plan).toEqual({
      steps: [],
      blocked: [{ side: 'b', field: 'summary', code: 'field-refused' }],
      again: false,
    });
  });

  it('S27 gives the same decision the same key and another value another one', () => {
    const keyFor = (summary: string): string | undefined => {
      const a = kit.viewWith({ issue: kit.issueWith({ summary }) });
      return planSync(kit.inputWith({ a })).steps[0]?.key;
    };
    expect(keyFor('one')).toBe(keyFor('one'));
    expect(keyFor('one')).not.toBe(keyFor('two'));
  });

  it('S28 asks a site only about people whom the rules let out', () => {
    const issue = kit.issueWith({
      assignee: kit.ann,
      reporter: kit.bob,
      description: kit.docOf(kit.mention('account-x', '@X')),
    });
    const hidden = kit.commentWith('1', '', { body: kit.docOf(kit.mention('account-y', '@Y')), isRestricted: true });
    const input = kit.inputWith({ a: kit.viewWith({ issue, comments: [hidden] }) });
    expect(peopleOf({ ...input, rules: { a: named('assignee', 'description'), b: named() } })).toEqual({
      a: [],
      b: ['account-ann', 'account-x'],
    });
  });

  it('S29 derives the id of a twin from where its issue is', () => {
    expect(twinIdOf(kit.connection, 'a', issueId('1'))).toBe(kit.twin);
    expect(twinIdOf(kit.connection, 'b', issueId('1'))).not.toBe(kit.twin);
  });

  it('S30 gives copies of what each side holds, reduced to what it shares', () => {
    const input = kit.inputWith({ rules: { a: named('summary'), b: named('status') } });
    const plan = planSync(input);
    const results = plan.steps.map(({ key }) => ({ key, ok: true as const, issue: issueId('2') }));
    expect(settleTwin(input, plan, results).copies).toEqual({ a: { summary: 'A summary' }, b: {} });
    expect(shared(kit.plainFields, named('status'))).toEqual({ status: 'To Do' });
  });
});
