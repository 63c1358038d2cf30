import { describe, expect, it } from 'vitest';
import type { Visibility } from '../../../shared/model/replica.ts';
import type { RuleDocument } from '../../../shared/model/rules.ts';
import { peopleOf } from '../../../shared/sync/peopleOf.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

const role = (name: string): Visibility => ({ type: 'role', name });
const group = (name: string): Visibility => ({ type: 'group', name });
const internal: Visibility = { type: 'internal', name: '' };
const hidden = (visibility: Visibility) => ({ isRestricted: true, visibility });

const table: NonNullable<RuleDocument['visibility']> = {
  'role:Developers': 'role:Team',
  'group:staff': 'group:crew',
  'role:Viewers': 'public',
  internal: 'internal',
};
const back = { 'role:Team': 'role:Developers' };

function world(hasInternal = false, tables: { a?: typeof table; b?: typeof table } = {}): World {
  const made = new World({
    rules: {
      a: kit.rulesWith({ visibility: tables.a ?? table }),
      b: kit.rulesWith({ visibility: tables.b ?? back }),
    },
    b: { abilities: kit.abilitiesWith({ hasInternal }) },
  });
  made.quiesce();
  made.done.length = 0;
  return made;
}

const copy = (made: World) => made.sites.b.comments[0]?.comment;

describe('readers of comments', () => {
  it.each([
    [role('Developers'), role('Team')],
    [group('staff'), group('crew')],
    [internal, internal],
    [role('Viewers'), undefined],
  ])('S40 %j arrives as the table says', (from, to) => {
    const made = world(true);
    made.comment('a', kit.doc('for some'), hidden(from));
    made.quiesce();
    expect(copy(made)?.isRestricted).toBe(to !== undefined);
    expect(copy(made)?.visibility).toEqual(to);
  });

  it.each([role('Administrators'), group('Developers'), role('toString'), group('__proto__')])(
    'S40 %j, which the table does not name, stays',
    (from) => {
      const made = world(true);
      made.comment('a', kit.doc('for some'), hidden(from));
      made.quiesce();
      expect(made.sites.b.comments).toEqual([]);
      expect(made.plan().blocked).toMatchObject([{ side: 'a', code: 'comment-restricted' }]);
    },
  );

  it('S40 what a restriction does not tell in full stays, and a wrong entry of the table opens nothing', () => {
    const made = world(true, { a: { ...table, 'role:Odd': 'everybody', 'role:Empty': 'role:' } });
    made.comment('a', kit.doc('one'), { isRestricted: true });
    made.comment('a', kit.doc('two'), hidden(role('Odd')));
    made.comment('a', kit.doc('three'), hidden(role('Empty')));
    made.quiesce();
    expect(made.sites.b.comments).toEqual([]);
    expect(made.plan().blocked.map(({ code }) => code)).toEqual(Array(3).fill('comment-restricted'));
  });

  it('S40 asks about the mentions of a restricted comment only when it may leave', () => {
    const made = world();
    made.comment('a', kit.docOf(kit.mention(kit.ann, '@ann')), hidden(role('Developers')));
    made.comment('a', kit.docOf(kit.mention(kit.bob, '@bob')), hidden(role('Administrators')));
    expect(peopleOf(made.input()).b).toEqual([kit.ann]);
  });

  it('S41 makes nothing where the site does not know the role, and does not try again', () => {
    const made = world();
    made.sites.b.unknownAudiences.add('role:Team');
    made.comment('a', kit.doc('for some'), hidden(role('Developers')));
    made.quiesce();
    expect(made.sites.b.comments).toEqual([]);
    expect(made.done).toHaveLength(1);
    expect(made.plan()).toMatchObject({ steps: [], blocked: [{ code: 'visibility-unknown' }] });
  });

  it('S41 keeps an internal comment out of a project that has none', () => {
    const made = world(false);
    made.comment('a', kit.doc('agents only'), hidden(internal));
    made.quiesce();
    expect(made.done).toEqual([]);
    expect(made.plan().blocked).toMatchObject([{ code: 'visibility-unknown' }]);
  });

  it('S41 takes an open copy away when the site cannot narrow it', () => {
    const made = world();
    made.sites.b.unknownAudiences.add('role:Team');
    const source = made.comment('a', kit.doc('open'));
    made.quiesce();
    made.editComment('a', source, hidden(role('Developers')));
    const input = made.input();
    const plan = made.plan();
    const results = plan.steps.map(({ key }) => ({ key, ok: false as const, code: 'visibility-unknown' as const }));
    expect(settleTwin(input, plan, results).isComplete).toBe(false);
    made.quiesce();
    expect(made.sites.b.comments).toEqual([]);
    expect(made.plan().blocked).toMatchObject([{ code: 'visibility-unknown' }]);
  });

  it('S41 closes a copy of which nobody knew when its original was restricted', () => {
    const made = world();
    const source = made.comment('a', kit.doc('one'));
    made.round({ stop: 'blind', after: 0 });
    expect(copy(made)?.isRestricted).toBe(false);
    made.editComment('a', source, hidden(role('Developers')));
    const input = made.input();
    // A worker that found the issue again has remembered what it meant to write, and wrote nothing.
    const { b: _copy, ...intended } = { ...settleTwin(input, made.plan(), []).memory.comments[0] };
    made.memory = { ...made.memory, comments: [{ origin: 'a', ...intended }] };
    made.quiesce();
    expect(copy(made)?.visibility).toEqual(role('Team'));
    expect(made.sites.b.comments).toHaveLength(1);
  });

  it('S42 carries a narrowing as an edit and an opening as a new copy', () => {
    const made = world();
    const source = made.comment('a', kit.doc('one'));
    made.quiesce();
    made.editComment('a', source, hidden(role('Developers')));
    made.quiesce();
    expect(copy(made)?.visibility).toEqual(role('Team'));
    made.editComment('a', source, { isRestricted: false, visibility: undefined } as never);
    made.quiesce();
    expect(made.done.map(({ kind }) => kind)).toEqual(['add-comment', 'edit-comment', 'delete-comment', 'add-comment']);
    expect(copy(made)?.isRestricted).toBe(false);
  });

  it('S42 C6 carries edits of a restricted comment in both directions, each within its readers', () => {
    const made = world();
    const source = made.comment('a', kit.doc('one'), hidden(role('Developers')));
    made.quiesce();
    made.editComment('a', source, { body: kit.doc('two') });
    made.quiesce();
    expect(copy(made)).toMatchObject({ body: { content: [{ content: [{ text: 'two' }] }] }, visibility: role('Team') });
    made.editComment('b', copy(made)?.id ?? source, { body: kit.doc('three') });
    made.quiesce();
    expect(made.sites.a.comments[0]?.comment).toMatchObject({
      body: { content: [{ content: [{ text: 'three' }] }] },
      visibility: role('Developers'),
    });
  });

  it('S43 does not open an original because its copy was opened, and closes the copy with the next edit', () => {
    const made = world();
    const source = made.comment('a', kit.doc('one'), hidden(role('Developers')));
    made.quiesce();
    const { visibility: _, ...open } = copy(made) ?? kit.commentWith('0', '');
    const entry = made.sites.b.comments[0];
    made.now += 10;
    if (entry !== undefined)
      entry.comment = { ...open, isRestricted: false, body: kit.doc('answered'), updatedAt: made.now };
    made.quiesce();
    expect(made.sites.a.comments[0]?.comment).toMatchObject({
      body: { content: [{ content: [{ text: 'answered' }] }] },
      visibility: role('Developers'),
    });
    made.editComment('a', source, { body: kit.doc('two') });
    made.quiesce();
    expect(copy(made)?.visibility).toEqual(role('Team'));
  });

  it.each([
    ['one', 'one'],
    ['answered', 'answered'],
  ])('S123 closes a copy again that somebody has opened, saying %s', (said, arrived) => {
    const made = world();
    made.comment('a', kit.doc('one'), hidden(role('Developers')));
    made.quiesce();
    const entry = made.sites.b.comments[0];
    if (entry === undefined) throw new Error('no copy');
    const { visibility: _, ...open } = entry.comment;
    made.now += 10;
    entry.comment = { ...open, isRestricted: false, body: kit.doc(said), updatedAt: made.now };
    made.quiesce();
    expect(copy(made)).toMatchObject({ isRestricted: true, visibility: role('Team'), body: kit.doc(arrived) });
    expect(made.sites.a.comments[0]?.comment).toMatchObject({
      ...{ isRestricted: true, visibility: role('Developers'), body: kit.doc(arrived) },
    });
  });

  it('S43 lets no text of a restricted copy out when the table of its side does not name its readers', () => {
    const made = world(false, { b: {} });
    const source = made.comment('a', kit.doc('one'), hidden(role('Developers')));
    made.quiesce();
    made.editComment('b', copy(made)?.id ?? source, { body: kit.doc('secret of B') });
    made.quiesce();
    expect(made.sites.a.comments[0]?.comment.body).toEqual(kit.doc('one'));
    expect(made.plan().blocked).toMatchObject([{ side: 'b', code: 'comment-restricted' }]);
  });

  it('S43 narrows an original when its copy was narrowed as the table of that side says', () => {
    const made = world();
    const source = made.comment('a', kit.doc('one'));
    made.quiesce();
    made.editComment('b', copy(made)?.id ?? source, hidden(role('Team')));
    made.quiesce();
    expect(made.sites.a.comments[0]?.comment.visibility).toEqual(role('Developers'));
  });

  it('S44 leaves the text of a copy as its author wrote it', () => {
    const made = world();
    made.comment('a', kit.doc('only this'), { author: kit.ann });
    const [step] = made.plan().steps;
    expect(step).toMatchObject({ kind: 'add-comment', body: kit.doc('only this') });
    expect(JSON.stringify(step)).not.toContain(kit.ann);
  });
});
