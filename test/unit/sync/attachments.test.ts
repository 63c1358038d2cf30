import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachmentId } from '../../../shared/model/ids.ts';
import type { JiraAttachment } from '../../../shared/model/replica.ts';
import type { AttachmentRule } from '../../../shared/model/rules.ts';
import { fits, isWanted } from '../../../shared/sync/attachments.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { robot, World } from '../../kit/twoSites.ts';

const sending = kit.rulesWith({ attachments: {} });

function world(rules = { a: sending, b: sending }): World {
  const made = new World({ rules });
  made.quiesce();
  made.done.length = 0;
  return made;
}

const names = (made: World, side: 'a' | 'b') => made.sites[side].files.map(({ file }) => file.name);
const file = (more: Partial<JiraAttachment>): JiraAttachment => ({
  ...{ id: attachmentId('1'), author: null, createdAt: 0, name: 'Plan.PDF', type: 'application/pdf' },
  ...{ bytes: 1_000, isRestricted: false },
  ...more,
});

describe('files', () => {
  it.each<[AttachmentRule, boolean]>([
    [{}, true],
    [{ maxBytes: 1_000 }, true],
    [{ maxBytes: 999 }, false],
    [{ types: ['application/*'] }, true],
    [{ types: ['image/*', 'text/plain'] }, false],
    [{ types: [] }, false],
    [{ names: ['*.pdf'] }, true],
    [{ names: ['plan.???'] }, true],
    [{ names: ['plan.??'] }, false],
    [{ names: ['*.doc', 'p*n.*'] }, true],
    [{ maxBytes: 1_000, types: ['application/pdf'], names: ['secret*'] }, false],
  ])('S49 the rule %j lets a file through: %s', (rule, isThrough) => {
    expect(isWanted(file({}), rule)).toBe(isThrough);
  });

  it('S49 reads a media type without its parameters and in any case', () => {
    expect(isWanted(file({ type: 'Text/Plain; charset=UTF-8' }), { types: ['text/plain'] })).toBe(true);
  });

  it('S49 matches patterns as a regular expression would, and never slowly', () => {
    const part = fc.constantFrom('a', 'b', '*', '?');
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), fc.array(part), (letters, parts) => {
        const [text, pattern] = [letters.join(''), parts.join('')];
        const same = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
        expect(fits(text, pattern)).toBe(same);
      }),
    );
    expect(fits('a'.repeat(255), '*a'.repeat(60) + 'b')).toBe(false);
  });

  it('S49 arrive once, the oldest first, before the texts, and do not come back', () => {
    const made = world();
    made.attach('a', 'one.txt', 'first');
    made.attach('a', 'two.txt', 'second');
    made.set('a', { summary: 'Changed' });
    made.comment('a', kit.doc('see one.txt'));
    made.quiesce();
    expect(made.done.map(({ kind }) => kind)).toEqual([
      ...['add-attachment', 'add-attachment'],
      ...['edit-issue', 'add-comment'],
    ]);
    expect([names(made, 'a'), names(made, 'b')]).toEqual([
      ['one.txt', 'two.txt'],
      ['one.txt', 'two.txt'],
    ]);
    expect(made.memory.files).toMatchObject([{ origin: 'a' }, { origin: 'a' }]);
  });

  it('S49 come with a new issue', () => {
    const made = new World({ rules: { a: sending, b: sending } });
    made.attach('a', 'one.txt', 'first');
    made.quiesce();
    expect(names(made, 'b')).toEqual(['one.txt']);
  });

  it('S49 that the rule does not let through are not spoken of', () => {
    const rules = kit.rulesWith({ attachments: { names: ['*.txt'] } });
    const made = world({ a: rules, b: sending });
    made.attach('a', 'one.exe', 'first');
    expect(made.plan()).toMatchObject({ steps: [], blocked: [] });
  });

  it.each(['soft', 'hard', 'blind'] as const)('S50 are uploaded once, whatever stops in between (%s)', (stop) => {
    const made = world();
    made.attach('a', 'one.txt', 'first');
    made.round({ stop, after: 0 });
    expect(names(made, 'b')).toEqual(['one.txt']);
    made.quiesce();
    expect(names(made, 'b')).toEqual(['one.txt']);
    expect(made.memory.files).toHaveLength(1);
    expect(made.memory.files?.[0]?.isForeign).toBeUndefined();
  });

  it('S50 of one name and size but other bytes are two files', () => {
    const made = world();
    made.attach('a', 'one.txt', 'ours!');
    made.attach('b', 'one.txt', 'yours');
    made.quiesce();
    expect([made.sites.a.files.length, made.sites.b.files.length]).toEqual([2, 2]);
    expect(made.sites.a.files.map(({ bytes }) => bytes).sort()).toEqual(['ours!', 'yours']);
  });

  it('S50 that another sync of the app attached do not travel', () => {
    const made = world();
    made.attach('b', 'other.txt', 'of a third site', { author: robot });
    expect(made.plan().steps).toEqual([]);
  });

  it('S51 that people have on both sides are one file, and neither is ours to delete', () => {
    const made = world();
    const one = made.attach('a', 'one.txt', 'same');
    made.attach('b', 'one.txt', 'same');
    made.quiesce();
    expect([names(made, 'a'), names(made, 'b')]).toEqual([['one.txt'], ['one.txt']]);
    made.detach('a', one);
    made.quiesce();
    expect([names(made, 'a'), names(made, 'b')]).toEqual([[], ['one.txt']]);
  });

  it('S51 are deleted with their original, and only ours', () => {
    const made = world();
    const one = made.attach('a', 'one.txt', 'first');
    made.attach('b', 'mine.txt', 'of a person');
    made.quiesce();
    made.detach('a', one);
    made.quiesce();
    expect([names(made, 'a'), names(made, 'b')]).toEqual([['mine.txt'], ['mine.txt']]);
  });

  it('S51 stay away when a person deletes the copy', () => {
    const made = world();
    made.attach('a', 'one.txt', 'first');
    made.quiesce();
    made.detach('b', made.sites.b.files[0]?.file.id ?? attachmentId('0'));
    made.quiesce();
    expect([names(made, 'a'), names(made, 'b')]).toEqual([['one.txt'], []]);
    expect(made.memory.files).toMatchObject([{ blocked: 'attachment-copy-deleted' }]);
  });

  it('S52 of a restricted comment stay, also when the comment itself travels', () => {
    const rules = kit.rulesWith({ attachments: {}, visibility: { 'role:Developers': 'public' } });
    const made = world({ a: rules, b: sending });
    const secret = made.attach('a', 'secret.txt', 'first');
    made.attach('a', 'open.txt', 'second');
    const shown = { type: 'mediaInline', attrs: { type: 'file', id: `media-${secret}`, collection: '' } };
    const body = kit.docOf({ type: 'paragraph', content: [{ type: 'text', text: 'see ' }, shown] });
    made.comment('a', body, { isRestricted: true, visibility: { type: 'role', name: 'Developers' } });
    made.quiesce();
    expect(names(made, 'b')).toEqual(['open.txt']);
    expect(made.plan().blocked).toEqual([{ side: 'a', attachment: secret, code: 'attachment-restricted' }]);
  });

  it('S52 that cannot be told from those of a restricted comment stay', () => {
    const made = world();
    const { sites } = made;
    made.attach('a', 'unknown.txt', 'first');
    const entry = sites.a.files[0];
    if (entry !== undefined) {
      const { media: _, ...rest } = entry.file;
      entry.file = rest;
    }
    made.comment('a', kit.docOf(kit.picture()), { isRestricted: true });
    made.quiesce();
    expect(names(made, 'b')).toEqual([]);
  });

  it('S52 lose their copy when the comment becomes restricted', () => {
    const made = world();
    const id = made.attach('a', 'one.txt', 'first');
    const attrs = { type: 'file', id: `media-${id}`, collection: '' };
    const comment = made.comment('a', kit.docOf({ type: 'mediaGroup', content: [{ type: 'media', attrs }] }));
    made.quiesce();
    expect(names(made, 'b')).toEqual(['one.txt']);
    made.editComment('a', comment, { isRestricted: true });
    made.quiesce();
    expect(names(made, 'b')).toEqual([]);
    made.editComment('a', comment, { isRestricted: false });
    made.quiesce();
    expect(names(made, 'b')).toEqual(['one.txt']);
  });

  it.each([
    [{ upload: { isEnabled: false, maxBytes: 10 } }, 'attachments-off'],
    [{ upload: { isEnabled: true, maxBytes: 4 } }, 'attachment-too-large'],
  ] as const)('S53 C20 with %j are said and do not stop the rest', (abilities, code) => {
    const made = world();
    made.sites.b.abilities = kit.abilitiesWith(abilities);
    const id = made.attach('a', 'one.txt', 'first');
    made.comment('a', kit.doc('still here'));
    made.quiesce();
    expect(made.sites.b.comments).toHaveLength(1);
    expect(made.plan()).toMatchObject({ steps: [], blocked: [{ side: 'a', attachment: id, code }] });
    made.sites.b.abilities = kit.abilitiesWith();
    made.quiesce();
    expect(names(made, 'b')).toEqual(['one.txt']);
  });

  it('S53 stop at the limit of the other issue', () => {
    const made = world({ a: sending, b: kit.rulesWith() });
    for (let n = 0; n < 2_000; n += 1) made.attach('b', `${n}.txt`, 'x');
    made.attach('a', 'one too many.txt', 'first');
    expect(made.plan()).toMatchObject({ steps: [], blocked: [{ code: 'attachment-limit' }] });
  });

  it.each(['attachment-broken', 'attachment-too-large'] as const)(
    'S53 that were refused as %s are not tried again',
    (code) => {
      const made = world();
      const id = made.attach('a', 'one.txt', 'first');
      const input = made.input();
      const plan = planSync(input);
      const results = plan.steps.map(({ key }) => ({ key, ok: false as const, code }));
      const { memory, blocked, isComplete } = settleTwin(input, plan, results);
      expect(blocked).toEqual([{ side: 'a', attachment: id, code }]);
      expect(isComplete).toBe(true);
      expect(planSync({ ...input, memory })).toMatchObject({ steps: [], blocked: [{ code }] });
    },
  );

  it('S54 keep their traces while nobody reads them', () => {
    const made = world();
    made.attach('a', 'one.txt', 'first');
    made.quiesce();
    const { attachments: _a, ...a } = made.view('a');
    const { attachments: _b, ...b } = made.view('b');
    const input = { ...made.input(), a, b };
    expect(planSync(input).steps).toEqual([]);
    expect(settleTwin(input, planSync(input), []).memory).toBe(input.memory);
  });
});
