/** Texts that show files of their issue, on their way between two sites in memory. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameText } from '../../../shared/adf/canonical.ts';
import { mediaIn } from '../../../shared/adf/media.ts';
import { plainText } from '../../../shared/adf/text.ts';
import type { AdfDoc, AdfNode } from '../../../shared/model/adf.ts';
import { otherSide, type Side } from '../../../shared/model/connection.ts';
import type { AttachmentId } from '../../../shared/model/ids.ts';
import { replayed, fieldPlan } from '../../../shared/sync/explain.ts';
import { inputOf, snapshotOf } from '../../../shared/sync/snapshot.ts';
import { forAnotherTry } from '../../../shared/sync/retry.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { anyDoc, anyEdits, edited } from '../../kit/adfArbitraries.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

const sending = kit.rulesWith({ attachments: {}, worklogs: true });

function world(rules = { a: sending, b: sending }, hidesMedia = true): World {
  const made = new World({ rules });
  made.hidesMedia = hidesMedia;
  made.quiesce();
  made.done.length = 0;
  return made;
}

const p = (text: string): AdfNode => ({ type: 'paragraph', content: [{ type: 'text', text }] });
const media = (id: string, alt = 'a map'): AdfNode => ({
  type: 'media',
  attrs: { type: 'file', id, collection: 'site', width: 30, height: 40, alt },
});
const shows = (id: string, alt?: string): AdfNode => ({
  type: 'mediaSingle',
  attrs: { layout: 'wide', width: 50 },
  content: [media(id, alt), { type: 'caption', content: [{ type: 'text', text: 'Figure' }] }],
});
/** The id under which documents of a side show the file of that name. */
const idOn = (made: World, side: Side, name: string): string =>
  made.sites[side].files.find(({ file }) => file.name === name)?.file.media ?? 'none';
const textOn = (made: World, side: Side): AdfDoc => made.issue(side).fields.description ?? kit.docOf();
const own = (file: AttachmentId) => `media-${file}`;

describe('files that texts show', () => {
  it.each([true, false])(
    'S55 arrive as the copies of the other issue, in every kind of text (asked for: %s)',
    (hides) => {
      const made = world(undefined, hides);
      const [one, two] = [made.attach('a', 'one.png', 'first'), made.attach('a', 'two.png', 'second')];
      made.set('a', { description: kit.docOf(p('look'), shows(own(one)), shows(own(two)), p('end')) });
      made.comment('a', kit.docOf(shows(own(one), 'again')));
      made.worklog('a', { body: kit.docOf({ type: 'mediaGroup', content: [media(own(two))] }) });
      made.quiesce();
      const ids = { one: idOn(made, 'b', 'one.png'), two: idOn(made, 'b', 'two.png') };
      expect(mediaIn(textOn(made, 'b'))).toEqual([ids.one, ids.two]);
      expect(mediaIn(made.sites.b.comments[0]?.comment.body ?? kit.docOf())).toEqual([ids.one]);
      expect(mediaIn(made.sites.b.worklogs[0]?.worklog.body ?? kit.docOf())).toEqual([ids.two]);
      const [, shown] = textOn(made, 'b').content;
      expect(shown).toMatchObject({
        attrs: { layout: 'wide', width: 50 },
        content: [{ attrs: { alt: 'a map', width: 30, height: 40, collection: '' } }, { type: 'caption' }],
      });
      expect(made.done.map(({ kind }) => kind).sort()).toEqual(
        ['add-attachment', 'add-attachment', 'add-comment', 'add-worklog', 'edit-issue'].sort(),
      );
      const asked = made.asked;
      made.quiesce();
      expect(made.asked).toBe(asked);
    },
  );

  it('S124 waits for nothing where no issue can be made', () => {
    const fields = sending.fields.filter(({ field }) => field !== 'summary');
    const made = new World({ rules: { a: { ...sending, fields }, b: sending } });
    made.hidesMedia = true;
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(p('look'), shows(own(one))) });
    const { steps, again, asks, blocked } = made.plan();
    expect({ steps, again, asks }).toEqual({ steps: [], again: false, asks: undefined });
    expect(blocked).toContainEqual({ side: 'b', field: 'summary', code: 'field-refused' });
  });

  it('S55 come home as they were with an edit of the copy, and an edit of theirs travels', () => {
    const made = world();
    const one = made.attach('a', 'one.png', 'first');
    const picture = shows(own(one));
    made.set('a', { description: kit.docOf(p('look'), picture) });
    made.quiesce();
    const there = textOn(made, 'b').content[1] ?? p('');
    made.set('b', { description: kit.docOf(p('look again'), there) });
    made.quiesce();
    expect(textOn(made, 'a').content[1]).toMatchObject(picture);
    expect(plainText(textOn(made, 'a'))).toContain('look again');
    const small = { ...there, attrs: { layout: 'center', width: 20 } };
    made.set('b', { description: kit.docOf(p('look again'), small) });
    made.quiesce();
    expect(textOn(made, 'a').content[1]).toMatchObject({
      attrs: { width: 20 },
      content: [{ attrs: { id: own(one) } }, {}],
    });
  });

  it('S55 are mapped the same way when people of the other side show them', () => {
    const made = world();
    made.attach('a', 'one.png', 'first');
    made.quiesce();
    made.comment('b', kit.docOf(shows(idOn(made, 'b', 'one.png'))));
    made.quiesce();
    expect(mediaIn(made.sites.a.comments[0]?.comment.body ?? kit.docOf())).toEqual([idOn(made, 'a', 'one.png')]);
  });

  it('S55 that both issues have already are each other, and equal texts are equal', () => {
    const made = new World({ rules: { a: sending, b: sending } });
    made.hidesMedia = true;
    const mine = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(shows(own(mine))) });
    made.sites.b.issue = kit.issueWith({}, { id: 'b-2' as never });
    made.memory = kit.memoryWith({ b: 'b-2' as never, start: 'hold' });
    const theirs = made.attach('b', 'one.png', 'first');
    made.set('b', { description: kit.docOf(shows(own(theirs))) });
    made.quiesce();
    expect(made.done.map(({ kind }) => kind)).toEqual(['add-attachment']);
    expect(made.plan().blocked).toEqual([]);
    expect(made.memory.files).toMatchObject([{ isForeign: true }]);
  });

  it('S55 merge by blocks with what the other side wrote', () => {
    const made = world();
    made.set('a', { description: kit.docOf(p('one'), p('two')) });
    made.quiesce();
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(p('one'), shows(own(one)), p('two')) });
    made.set('b', { description: kit.docOf(p('one'), p('TWO')) });
    made.quiesce();
    for (const side of ['a', 'b'] as const) {
      expect(plainText(textOn(made, side))).toContain('TWO');
      expect(mediaIn(textOn(made, side))).toEqual([idOn(made, side, 'one.png')]);
    }
  });

  it('S55 are decided again from what was kept of a decision, byte for byte', () => {
    const made = world();
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(shows(own(one)), shows('elsewhere')) });
    made.comment('a', kit.docOf(shows('secret')), { isRestricted: true });
    for (let round = 0; round < 4; round += 1) {
      const input = made.input();
      const kept = JSON.parse(JSON.stringify(snapshotOf(input))) as ReturnType<typeof snapshotOf>;
      expect(replayed(inputOf(kept))).toBe(fieldPlan(planSync(input)));
      made.round();
    }
    expect(mediaIn(textOn(made, 'b'))).toEqual([idOn(made, 'b', 'one.png')]);
  });
});

describe('texts whose files are on their way', () => {
  it('S108 come right after them, and not before', () => {
    const made = world();
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(shows(own(one))), summary: 'at once' });
    const first = made.round();
    expect(first.steps.map(({ kind }) => kind)).toEqual(['add-attachment', 'edit-issue']);
    expect(first).toMatchObject({ again: true, blocked: [], steps: [{}, { fields: { summary: 'at once' } }] });
    expect(made.round().steps).toMatchObject([{ kind: 'edit-issue', fields: { description: {} } }]);
    expect(made.plan()).toMatchObject({ steps: [], again: false });
  });

  it('S108 come with a new issue', () => {
    const made = new World({ rules: { a: sending, b: sending } });
    made.hidesMedia = true;
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(shows(own(one))) });
    made.comment('a', kit.docOf(shows(own(one))));
    made.comment('a', kit.doc('said after it'));
    made.quiesce();
    expect(mediaIn(textOn(made, 'b'))).toEqual([idOn(made, 'b', 'one.png')]);
    expect(made.sites.b.comments.map(({ comment }) => plainText(comment.body ?? kit.docOf()))).toEqual([
      expect.stringContaining('Figure'),
      'said after it',
    ]);
  });

  it('S108 S25 a comment does not overtake an older one that waits, and one of the other side does not wait', () => {
    const made = world();
    const one = made.attach('a', 'one.png', 'first');
    made.comment('a', kit.docOf(shows(own(one))));
    made.comment('a', kit.doc('second'));
    made.comment('b', kit.doc('not behind it'));
    expect(made.round().steps.map(({ kind, side }) => `${side} ${kind}`)).toEqual([
      'b add-attachment',
      'a add-comment',
    ]);
    made.quiesce();
    expect(made.sites.b.comments.map(({ comment }) => mediaIn(comment.body ?? kit.docOf()).length)).toEqual([0, 1, 0]);
  });

  it('S108 go with words after three tries, and again when the file has come after all', () => {
    const made = world();
    made.sites.b.refusesFiles = 'jira-forbidden';
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(shows(own(one))) });
    made.comment('a', kit.docOf(shows(own(one))));
    made.comment('a', kit.doc('second'));
    for (let round = 0; round < 3; round += 1) {
      made.round();
      expect([textOn(made, 'b').content, made.sites.b.comments]).toEqual([[], []]);
    }
    made.round();
    expect(plainText(textOn(made, 'b'))).toContain('[media: a map]');
    expect(made.sites.b.comments).toHaveLength(2);
    made.sites.b.refusesFiles = undefined;
    made.quiesce();
    expect(mediaIn(textOn(made, 'b'))).toEqual([idOn(made, 'b', 'one.png')]);
    expect(mediaIn(made.sites.b.comments[0]?.comment.body ?? kit.docOf())).toEqual([idOn(made, 'b', 'one.png')]);
    expect(made.sites.b.comments).toHaveLength(2);
  });

  it.each(['soft', 'hard', 'blind'] as const)('S108 end the same, whatever stops in between (%s)', (stop) => {
    for (let after = 0; after < 4; after += 1) {
      const made = world();
      const one = made.attach('a', 'one.png', 'first');
      made.set('a', { description: kit.docOf(p('see'), shows(own(one))) });
      made.comment('a', kit.docOf(shows(own(one))));
      made.round({ stop, after });
      made.round({ stop, after: 0 });
      made.quiesce();
      expect(made.sites.b.files).toHaveLength(1);
      expect(mediaIn(textOn(made, 'b'))).toEqual([idOn(made, 'b', 'one.png')]);
      expect(made.sites.b.comments.map(({ comment }) => mediaIn(comment.body ?? kit.docOf()))).toEqual([
        [idOn(made, 'b', 'one.png')],
      ]);
    }
  });

  it('S108 a comment that is narrowed does not wait: its copy is closed at once', () => {
    const rules = { ...sending, visibility: { 'role:Team': 'role:Team' } };
    const made = world({ a: rules, b: rules });
    const said = made.comment('a', kit.doc('for all'));
    made.quiesce();
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(shows(own(one))) });
    made.editComment('a', said, {
      ...{ body: kit.docOf(shows(own(one))), isRestricted: true, visibility: { type: 'role', name: 'Team' } },
    });
    made.round();
    expect(made.sites.b.comments[0]?.comment).toMatchObject({ isRestricted: true });
    made.quiesce();
    expect(mediaIn(made.sites.b.comments[0]?.comment.body ?? kit.docOf())).toEqual([idOn(made, 'b', 'one.png')]);
  });
});

describe('files without counterpart', () => {
  it.each<[string, Parameters<typeof kit.rulesWith>[0]]>([
    ['the name', { attachments: { names: ['*.txt'] } }],
    ['the size', { attachments: { maxBytes: 2 } }],
    ['the type', { attachments: { types: ['image/*'] } }],
  ])('S109 that a filter keeps back by %s are words, and come home with an edit of the copy', (_what, more) => {
    const made = world({ a: kit.rulesWith(more), b: sending });
    const one = made.attach('a', 'one.png', 'first');
    const picture = shows(own(one));
    made.set('a', { description: kit.docOf(p('look'), picture) });
    made.quiesce();
    expect(plainText(textOn(made, 'b'))).toContain('[media: a map]');
    expect(made.sites.b.files).toEqual([]);
    made.set('b', { description: kit.docOf(p('look again'), ...textOn(made, 'b').content.slice(1)) });
    made.quiesce();
    expect(textOn(made, 'a').content[1]).toMatchObject(picture);
    expect(plainText(textOn(made, 'a'))).toContain('look again');
  });

  it.each(['known before', 'refused'])(
    'S109 that the other site is too small for are words at once, and pictures when it is not any more (%s)',
    (how) => {
      const made = world();
      const { abilities } = made.sites.b;
      if (how === 'refused') made.sites.b.refusesFiles = 'attachment-too-large';
      else made.sites.b.abilities = { ...abilities, upload: { isEnabled: true, maxBytes: 2 } };
      const one = made.attach('a', 'one.png', 'first');
      made.set('a', { description: kit.docOf(shows(own(one))) });
      made.quiesce();
      expect(plainText(textOn(made, 'b'))).toContain('[media: a map]');
      expect(made.plan().blocked).toMatchObject([{ side: 'a', attachment: one, code: 'attachment-too-large' }]);
      made.sites.b.refusesFiles = undefined;
      made.sites.b.abilities = abilities;
      // A refusal is remembered until a person asks for another try.
      made.memory = forAnotherTry(made.memory);
      made.quiesce();
      expect(mediaIn(textOn(made, 'b'))).toEqual([idOn(made, 'b', 'one.png')]);
      expect(made.plan()).toMatchObject({ steps: [], blocked: [], again: false });
    },
  );

  it('S109 become pictures when the filter is opened later', () => {
    const made = world({ a: kit.rulesWith({ attachments: { names: ['*.txt'] } }), b: sending });
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(shows(own(one))) });
    made.comment('a', kit.docOf(shows(own(one))));
    made.quiesce();
    Object.assign(made, { rules: { ...made.rules, a: sending } });
    made.quiesce();
    expect(mediaIn(textOn(made, 'b'))).toEqual([idOn(made, 'b', 'one.png')]);
    expect(mediaIn(made.sites.b.comments[0]?.comment.body ?? kit.docOf())).toEqual([idOn(made, 'b', 'one.png')]);
  });

  it('S108 are asked for before an edit counts that left out their words', () => {
    const made = world({ a: kit.rulesWith({ attachments: { names: ['*.txt'] } }), b: sending });
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(p('look'), shows(own(one))) });
    made.comment('a', kit.docOf(p('look'), shows(own(one))));
    made.quiesce();
    Object.assign(made, { rules: { ...made.rules, a: sending } });
    const [copy] = made.sites.b.comments;
    made.set('b', { description: kit.docOf(p('look here')) });
    if (copy !== undefined) made.editComment('b', copy.comment.id, { body: kit.docOf(p('look here')) });
    made.quiesce();
    expect(made.plan()).toMatchObject({ steps: [], blocked: [], again: false });
    for (const side of ['a', 'b'] as const) {
      expect(plainText(textOn(made, side))).toContain('look here');
      expect(plainText(made.sites[side].comments[0]?.comment.body ?? kit.docOf())).toContain('look here');
    }
  });

  it('S109 become pictures when files are sent at all, later', () => {
    const made = world({ a: kit.rulesWith(), b: kit.rulesWith() });
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(shows(own(one))) });
    made.quiesce();
    expect(plainText(textOn(made, 'b'))).toContain('[media: a map]');
    Object.assign(made, { rules: { ...made.rules, a: sending } });
    made.quiesce();
    expect(mediaIn(textOn(made, 'b'))).toEqual([idOn(made, 'b', 'one.png')]);
  });

  it('S109 of a group stay apart from those that have one, and the group comes home whole', () => {
    const made = world({ a: kit.rulesWith({ attachments: { names: ['one*'] } }), b: sending });
    const [one, two] = [made.attach('a', 'one.png', 'first'), made.attach('a', 'two.png', 'second')];
    const group: AdfNode = { type: 'mediaGroup', content: [media(own(one)), media(own(two), 'two.png')] };
    made.set('a', { description: kit.docOf(p('look'), group) });
    made.quiesce();
    expect(textOn(made, 'b').content.map(({ type }) => type)).toEqual(['paragraph', 'mediaGroup', 'paragraph']);
    made.set('b', { description: kit.docOf(p('look again'), ...textOn(made, 'b').content.slice(1)) });
    made.quiesce();
    expect(textOn(made, 'a').content[1]).toMatchObject(group);
    expect(made.plan().blocked).toEqual([]);
  });

  it('S109 that have words are not mistaken for a picture that is shown with the same words', () => {
    const made = world({ a: kit.rulesWith({ attachments: { names: ['one*'] } }), b: sending });
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(shows(own(one))) });
    made.quiesce();
    const two = made.attach('a', 'two.png', 'second');
    made.set('a', { description: kit.docOf(shows(own(one)), shows(own(two))) });
    made.quiesce();
    expect(mediaIn(textOn(made, 'b'))).toEqual([idOn(made, 'b', 'one.png')]);
    expect(textOn(made, 'b').content.map(({ type }) => type)).toEqual(['mediaSingle', 'paragraph']);
  });

  it('S109 S52 that only a restricted comment shows stay private, and its copy has words', () => {
    const rules = { ...sending, visibility: { 'role:Team': 'role:Team' } };
    const made = world({ a: rules, b: rules });
    const secret = made.attach('a', 'secret.png', 'secret');
    const said = made.comment('a', kit.docOf(shows(own(secret))), {
      ...{ isRestricted: true, visibility: { type: 'role', name: 'Team' } },
    });
    made.quiesce();
    expect(made.sites.b.files).toEqual([]);
    expect(plainText(made.sites.b.comments[0]?.comment.body ?? kit.docOf())).toContain('[media: a map]');
    made.editComment('a', said, { isRestricted: false, visibility: undefined as never });
    made.quiesce();
    expect(mediaIn(made.sites.b.comments.at(-1)?.comment.body ?? kit.docOf())).toEqual([idOn(made, 'b', 'secret.png')]);
  });

  it('S109 of another issue or of nobody are words, and protected', () => {
    const made = world();
    made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(p('look'), shows('of-another-issue')) });
    made.quiesce();
    expect(plainText(textOn(made, 'b'))).toContain('[media: a map]');
    made.set('b', { description: kit.doc('all new') });
    made.quiesce();
    expect(made.plan().blocked).toEqual([{ side: 'a', field: 'description', code: 'rich-text-media' }]);
    expect(mediaIn(textOn(made, 'a'))).toEqual(['of-another-issue']);
  });

  it('S109 pictures with an address of their own stay what they are', () => {
    const made = world();
    const attrs = { type: 'external', url: 'https://x.example/a.png' };
    const external: AdfNode = { type: 'mediaSingle', attrs: { layout: 'center' }, content: [{ type: 'media', attrs }] };
    made.set('a', { description: kit.docOf(p('look'), external) });
    made.quiesce();
    expect(textOn(made, 'b').content[1]).toMatchObject(external);
    made.set('b', { description: kit.doc('without it') });
    made.quiesce();
    expect(textOn(made, 'a').content).toHaveLength(1);
    expect(made.plan().blocked).toEqual([]);
  });
});

describe('pictures that are taken away', () => {
  function shown(): { made: World; one: AttachmentId } {
    const made = world();
    const one = made.attach('a', 'one.png', 'first');
    made.set('a', { description: kit.docOf(p('look'), shows(own(one))) });
    made.quiesce();
    return { made, one };
  }

  it('S110 out of the copy, are taken out of the original; the file stays', () => {
    const { made } = shown();
    made.set('b', { description: kit.doc('look') });
    made.quiesce();
    expect(mediaIn(textOn(made, 'a'))).toEqual([]);
    expect([made.sites.a.files.length, made.sites.b.files.length]).toEqual([1, 1]);
    expect(made.plan().blocked).toEqual([]);
  });

  it.each<Side>(['a', 'b'])(
    'S110 with their file: no text is written for it, and an edit on %s goes on with words',
    (side) => {
      const { made, one } = shown();
      made.detach('a', one);
      made.done.length = 0;
      made.quiesce();
      expect(made.done.map(({ kind }) => kind)).toEqual(['delete-attachment']);
      expect(made.memory.files).toEqual([{ origin: 'a', aMedia: own(one), bMedia: expect.any(String) as string }]);
      const words = side === 'a' ? textOn(made, side).content.slice(1) : [];
      made.set(side, { description: kit.docOf(p('later'), ...words) });
      made.quiesce();
      expect(plainText(textOn(made, otherSide(side)))).toContain('later');
      expect(mediaIn(textOn(made, otherSide(side)))).toEqual([]);
      expect(made.plan()).toMatchObject({ steps: [], blocked: [] });
      made.set('a', { description: kit.doc('no picture any more') });
      made.quiesce();
      expect(made.memory.files).toBeUndefined();
    },
  );

  it('S110 with the copy of their file: it stays away, and the text goes on with words there', () => {
    const { made } = shown();
    made.detach('b', made.sites.b.files[0]?.file.id ?? ('' as never));
    made.quiesce();
    made.set('a', { description: kit.docOf(p('look again'), ...textOn(made, 'a').content.slice(1)) });
    made.quiesce();
    expect(plainText(textOn(made, 'b'))).toContain('[media: a map]');
    expect(mediaIn(textOn(made, 'a'))).toHaveLength(1);
    expect(made.plan()).toMatchObject({ steps: [], blocked: [] });
  });
});

describe('any text with files', () => {
  const named = (doc: AdfDoc, names: readonly string[]): AdfDoc =>
    JSON.parse(
      JSON.stringify(doc).replaceAll(/"file-(\d)"/g, (_all, digit) =>
        JSON.stringify(names[Number(digit) - 1] ?? 'none'),
      ),
    ) as AdfDoc;

  it('S55 goes out and comes home: both sides show the same files, and what the copy is edited to arrives', () => {
    fc.assert(
      fc.property(anyDoc, anyEdits, fc.boolean(), fc.boolean(), (doc, edits, isFiltered, hides) => {
        const made = world(
          { a: isFiltered ? kit.rulesWith({ attachments: { names: ['one*'] } }) : sending, b: sending },
          hides,
        );
        const [one, two] = [made.attach('a', 'one.png', 'first'), made.attach('a', 'two.png', 'second')];
        const text = named(doc, [own(one), own(two)]);
        made.set('a', { description: text });
        made.quiesce();
        expect(isSameText(textOn(made, 'a'), text)).toBe(true);
        const there = new Map([
          [own(one), idOn(made, 'b', 'one.png')],
          ...(isFiltered ? [] : [[own(two), idOn(made, 'b', 'two.png')] as const]),
        ]);
        const expected = mediaIn(text).flatMap((id) => there.get(id) ?? []);
        expect(mediaIn(textOn(made, 'b'))).toEqual(expected);
        made.done.length = 0;
        made.quiesce();
        expect(made.done).toEqual([]);
        const before = textOn(made, 'b');
        const after = edited(before, edits);
        // The arbitrary's own pictures are files of nobody: a person could not save them.
        if (mediaIn(after).some((id) => !mediaIn(before).includes(id))) return;
        made.set('b', { description: after });
        made.quiesce();
        const [blocked] = made.plan().blocked;
        if (blocked !== undefined) expect(blocked).toMatchObject({ side: 'a', code: 'rich-text-media' });
        else {
          const home = new Map([...there].map(([mine, theirs]) => [theirs, mine]));
          const shown = mediaIn(textOn(made, 'a'));
          for (const id of mediaIn(after)) expect(shown).toContain(home.get(id));
        }
        expect(made.plan().steps).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
