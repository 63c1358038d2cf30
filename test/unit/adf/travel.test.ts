import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv-draft-04';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonical, isSameText } from '../../../shared/adf/canonical.ts';
import { hasMedia, mapMedia, type MediaFile, mediaIn, withoutMedia } from '../../../shared/adf/media.ts';
import { mentionedIn, withMentionsOf } from '../../../shared/adf/mention.ts';
import { mergeDocs } from '../../../shared/adf/merge.ts';
import { withOwn } from '../../../shared/adf/restore.ts';
import { isSafeText } from '../../../shared/adf/safety.ts';
import { plainText } from '../../../shared/adf/text.ts';
import { depthLimit, nodesOf } from '../../../shared/adf/walk.ts';
import type { AdfDoc, AdfNode } from '../../../shared/model/adf.ts';
import { textLimit, textObstacle } from '../../../shared/sync/richText.ts';
import { adfDoc } from '../../../shared/wire/adf.ts';
import { anyDoc, anyEdits, edited } from '../../kit/adfArbitraries.ts';
import { ann, doc, docOf, frozen, mention, picture } from '../../kit/syncBuilders.ts';
import { describeWithSharedData, sharedFile, sharedJson } from '../../system/jira/sharedData.ts';

const schema: object = createRequire(import.meta.url)('@atlaskit/adf-schema/dist/json-schema/v1/full.json');
const validate = new Ajv.default({ strict: false }).compile(schema);

const p = (...content: readonly AdfNode[]): AdfNode => ({ type: 'paragraph', content });
const t = (text: string): AdfNode => ({ type: 'text', text });
const file = (id: string, more: Readonly<Record<string, unknown>> = {}): AdfNode => ({
  type: 'media',
  attrs: { type: 'file', id, collection: 'here', ...more },
});
const single = (media: AdfNode, ...more: readonly AdfNode[]): AdfNode => ({
  type: 'mediaSingle',
  attrs: { layout: 'wide', width: 50 },
  content: [media, ...more],
});
const inline = (id: string): AdfNode => ({ type: 'mediaInline', attrs: { type: 'file', id, collection: 'here' } });
const files = new Map<string, MediaFile>([
  ['1', { id: 'one', collection: '' }],
  ['2', { id: 'two', collection: '' }],
]);

describe('media on their way', () => {
  it('D14 a file with a counterpart becomes it, and everything about how it is shown stays', () => {
    const caption: AdfNode = { type: 'caption', content: [t('Figure 1')] };
    const link = { type: 'link', attrs: { href: 'https://x.example' } };
    const one = docOf(
      single({ ...file('1', { alt: 'a map', width: 3, height: 4, occurrenceKey: 'k' }), marks: [link] }, caption),
      { type: 'mediaGroup', content: [file('1'), file('2')] },
      p(t('see '), inline('2')),
    );
    const there = mapMedia(frozen(one), files);
    expect(there.content).toEqual([
      single(
        {
          type: 'media',
          attrs: { type: 'file', id: 'one', collection: '', alt: 'a map', width: 3, height: 4 },
          marks: [link],
        },
        caption,
      ),
      { type: 'mediaGroup', content: [file('one', { collection: '' }), file('two', { collection: '' })] },
      p(t('see '), { type: 'mediaInline', attrs: { type: 'file', id: 'two', collection: '' } }),
    ]);
    expect(mediaIn(one)).toEqual(['1', '2']);
    expect([validate(there), validate.errors]).toEqual([true, null]);
  });

  it('D14 a file without counterpart becomes words, of a group only that one', () => {
    const one = docOf(
      single(file('9', { alt: 'a map' })),
      { type: 'mediaGroup', content: [file('9'), file('1'), file('9', { alt: 'x' })] },
      { type: 'mediaGroup', content: [file('8'), file('9')] },
      p(t('see '), inline('9')),
    );
    expect(mapMedia(one, new Map([...files, ['8', undefined]]))).toEqual(
      docOf(
        p(t('[media: a map]')),
        { type: 'mediaGroup', content: [file('one', { collection: '' })] },
        p(t('[media] [media: x]')),
        p(t('[media] [media]')),
        p(t('see '), t('[media]')),
      ),
    );
    expect(mapMedia(one, new Map())).toEqual(withoutMedia(one));
  });

  it('D15 a picture with a safe https address of its own stays, any other becomes words', () => {
    const external = (url: string): AdfNode => single({ type: 'media', attrs: { type: 'external', url } });
    const stays = docOf(external('https://x.example/a.png'));
    expect(mapMedia(stays, files)).toBe(stays);
    expect(mediaIn(stays)).toEqual([]);
    for (const url of ['http://x.example/a.png', 'https://ann:pw@x.example/a', 'javascript:x', '/a.png', '']) {
      expect(mapMedia(docOf(external(url)), files)).toEqual(doc('[media]'));
    }
  });
});

describe('a showing of a file', () => {
  const own = { occurrenceKey: 'k', collection: 'jira-1-files', __fileName: 'map.png', localId: 'l' };

  it('D21 means its id and how it is shown, not what the site adds', () => {
    for (const around of [single, (one: AdfNode): AdfNode => ({ type: 'mediaGroup', content: [one] })]) {
      const plain = docOf(around(file('1', { alt: 'a map', width: 3 })));
      expect(isSameText(plain, docOf(around(file('1', { alt: 'a map', width: 3, ...own }))))).toBe(true);
      for (const other of [{ width: 4 }, { alt: 'another' }, { id: '2' }]) {
        expect(isSameText(plain, docOf(around(file('1', { alt: 'a map', width: 3, ...other }))))).toBe(false);
      }
    }
  });

  it('D16 one block that left as two comes back as one, in its place', () => {
    const group: AdfNode = { type: 'mediaGroup', content: [file('1'), file('9', { alt: 'x' })] };
    const own = docOf(p(t('a')), group, p(t('[media: x]')));
    const out = (one: AdfDoc): AdfDoc => mapMedia(one, files);
    const home = (one: AdfDoc): AdfDoc => mapMedia(one, new Map([['one', { id: '1', collection: 'here' }]]));
    const there = out(own);
    expect(there.content.map(({ type }) => type)).toEqual(['paragraph', 'mediaGroup', 'paragraph', 'paragraph']);
    const back = home({ ...there, content: [p(t('A')), ...there.content.slice(1), p(t('end'))] });
    expect(withOwn(back, frozen(own), (one) => home(out(one)), withoutMedia)).toEqual(
      docOf(p(t('A')), group, p(t('[media: x]')), p(t('end'))),
    );
  });
});

describe('coming back', () => {
  const leave = (one: AdfDoc): AdfDoc => withMentionsOf(withoutMedia(one), new Set());

  it('D16 an edit over there does not destroy what could not travel', () => {
    const own = docOf(picture('a map'), mention(ann, '@Ann'), p(t('old words')), {
      type: 'panel',
      attrs: { panelType: 'info' },
      content: [picture('in a panel')],
    });
    const there = leave(own);
    const back = withOwn({ ...there, content: there.content.with(2, p(t('new words'))) }, frozen(own), leave);
    expect(back).toEqual({ ...own, content: own.content.with(2, p(t('new words'))) });
    expect(mergeDocs(own, { ...own, content: [...own.content, p(t('end'))] }, back)).toEqual({
      ok: true,
      doc: { ...own, content: [...back.content, p(t('end'))] },
    });
  });

  it('D16 words that several pictures left as give none back unless all of them come back', () => {
    const own = docOf(picture(), p(t('x')), single(file('2')));
    expect(withOwn(leave(own), own, leave)).toEqual(own);
    expect(withOwn(doc('x', '[media]'), own, leave)).toEqual(doc('x', '[media]'));
    expect(withOwn(doc('[media]', '[media]', '[media]'), own, leave)).toEqual(doc('[media]', '[media]', '[media]'));
    expect(withOwn(doc('[media]', 'x'), docOf(picture(), p(t('[media]'))), leave)).toEqual(doc('[media]', 'x'));
    expect(withOwn(doc('[media]'), docOf(picture(), picture()), leave)).toEqual(docOf(picture()));
  });

  it('D16 a text that nobody edited comes back as it was, and an edited one stays valid', () => {
    fc.assert(
      fc.property(anyDoc, anyEdits, (own, edits) => {
        expect(isSameText(withOwn(leave(own), own, leave), own)).toBe(true);
        const back = withOwn(edited(leave(own), edits), own, leave);
        expect([validate(back), validate.errors]).toEqual([true, null]);
        expect(isSameText(leave(back), leave(edited(leave(own), edits)))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what we do not know, and what is odd', () => {
  const unknown: AdfNode = {
    type: 'x-new',
    attrs: { deep: [{ a: 1 }], url: 'https://x.example' },
    content: [{ type: 'x-inner', text: 'words', marks: [{ type: 'x-mark', attrs: { b: true } }] }],
  };

  it('D17 nodes, marks and attributes of unknown kinds survive the way, a merge and a parse', () => {
    const one = frozen(docOf(unknown, p(t('a'))));
    expect(withMentionsOf(mapMedia(one, files), new Set())).toBe(one);
    expect(isSafeText(one)).toBe(true);
    expect(adfDoc.parse(JSON.parse(JSON.stringify(one)))).toEqual(one);
    expect(mergeDocs(one, docOf(unknown, p(t('b'))), docOf(p(t('new')), unknown, p(t('a'))))).toEqual({
      ok: true,
      doc: docOf(p(t('new')), unknown, p(t('b'))),
    });
    expect(mergeDocs(one, docOf({ ...unknown, attrs: { a: 1 } }), docOf({ ...unknown, attrs: { a: 2 } })).ok).toBe(
      false,
    );
  });

  it('D17 cards and links stay what they are, with an address or with data', () => {
    const data = { '@type': 'Object', url: 'https://x.example/1', name: 'One' };
    const one = docOf(
      p({ type: 'inlineCard', attrs: { url: 'https://x.example' } }, { type: 'inlineCard', attrs: { data } }),
      { type: 'blockCard', attrs: { url: 'https://x.example' } },
      { type: 'embedCard', attrs: { url: 'https://x.example', layout: 'wide' } },
      p({ ...t('link'), marks: [{ type: 'link', attrs: { href: 'https://x.example' } }] }),
    );
    expect(withMentionsOf(mapMedia(one, files), new Set())).toBe(one);
    expect(isSafeText(one)).toBe(true);
    expect(validate(one)).toBe(true);
  });

  it('D18 line separators, NUL and halves of characters travel as they are', () => {
    for (const odd of ['a\u2028b', 'a\u2029b', 'a\u0000b', '\ud83d', '\ude00 x \ud83d', '\ufeff', '\u202ex']) {
      const one = docOf(p(t(`first ${odd} last`)), p(t('x')));
      expect(JSON.parse(JSON.stringify(canonical(one)))).toEqual(canonical(one));
      expect(withMentionsOf(mapMedia(one, files), new Set())).toBe(one);
      expect(isSafeText(one)).toBe(true);
      expect(adfDoc.parse(one)).toEqual(one);
      expect(isSameText(one, docOf(p(t('first  last')), p(t('x'))))).toBe(false);
      expect(
        mergeDocs(one, docOf(p(t(`first ${odd} end`)), p(t('x'))), docOf(p(t(`first ${odd} last`)), p(t('y')))),
      ).toEqual({
        ok: true,
        doc: docOf(p(t(`first ${odd} end`)), p(t('y'))),
      });
    }
  });

  it('D18 a text may be as long as Jira allows and not one character longer', () => {
    const long = doc('a'.repeat(textLimit - 2), 'b');
    expect(plainText(long).length).toBe(textLimit);
    expect(textObstacle(long, long)).toBeUndefined();
    const longer = doc('a'.repeat(textLimit - 2), 'bc');
    expect(textObstacle(longer, longer)).toBe('field-refused');
    expect(mergeDocs(long, doc('a'.repeat(textLimit - 2), 'bc'), doc('new', 'a'.repeat(textLimit - 2), 'b'))).toEqual({
      ok: true,
      doc: doc('new', 'a'.repeat(textLimit - 2), 'bc'),
    });
  });

  it('D19 a document nested deeper than the limit is refused where it comes in, and is not safe', () => {
    const deep = (levels: number): AdfDoc =>
      docOf(
        Array.from({ length: levels / 2 - 3 }).reduce<AdfNode>(
          (inner) => ({ type: 'blockquote', content: [inner] }),
          p(t('a')),
        ),
      );
    expect(adfDoc.safeParse(deep(depthLimit)).success).toBe(true);
    expect(isSafeText(deep(depthLimit))).toBe(true);
    for (const levels of [depthLimit + 2, 10_000, 200_000]) {
      expect(adfDoc.safeParse(deep(levels)).error?.issues.map(({ message }) => message)).toEqual([
        `nested deeper than ${depthLimit}`,
      ]);
      expect(isSafeText(deep(levels))).toBe(false);
    }
    for (const odd of [undefined, null, 'text', [], {}]) expect(adfDoc.safeParse(odd).success).toBe(false);
    expect(z.object({ body: adfDoc }).safeParse({}).success).toBe(false);
    expect(z.object({ body: adfDoc.nullable().exactOptional() }).safeParse({ body: undefined }).success).toBe(false);
  });
});

describeWithSharedData('documents of other projects', () => {
  const folder = sharedFile('adf/docs');
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, sharedJson(`adf/docs/${name}`)] as const);
  const valid = all.filter((entry): entry is readonly [string, AdfDoc] => validate(entry[1]));

  const there = (one: AdfDoc): ReadonlyMap<string, MediaFile> =>
    new Map(mediaIn(one).map((id) => [id, { id: `there-${id}`, collection: 'there' }]));
  /** The way back needs the collections that the files had: a file has one. */
  const here = (one: AdfDoc): ReadonlyMap<string, MediaFile> =>
    new Map(
      [...nodesOf(one)]
        .filter(({ type }) => type === 'media' || type === 'mediaInline')
        .map(({ attrs }) => [
          `there-${String(attrs?.['id'])}`,
          { id: String(attrs?.['id']), collection: String(attrs?.['collection']) },
        ]),
    );

  it('D20 a valid one goes out and comes home equal, valid all the way', () => {
    expect(valid.length).toBeGreaterThan(75);
    for (const [name, one] of valid) {
      const parsed = adfDoc.parse(structuredClone(one));
      expect([name, parsed]).toEqual([name, one]);
      const people = new Set(mentionedIn(one));
      const out = withMentionsOf(mapMedia(frozen(one), there(one)), people);
      expect([name, validate(out), validate.errors]).toEqual([name, true, null]);
      if (mediaIn(one).length > 0) expect([name, isSameText(out, one)]).toEqual([name, false]);
      const home = withMentionsOf(mapMedia(out, here(one)), people);
      expect([name, withoutKeys(canonical(home))]).toEqual([name, withoutKeys(canonical(one))]);
      expect([name, validate(home), validate.errors]).toEqual([name, true, null]);
    }
  });

  it('D20 the canonical form of a valid one means the same, and lacks only ids that the schema wants and people do not see', () => {
    const wanted = /localId|required property '(?:text|attrs|content|title|url)'/;
    for (const [name, one] of valid) {
      const form = canonical(one);
      expect([name, JSON.stringify(canonical(form))]).toEqual([name, JSON.stringify(form)]);
      const words = (doc: AdfDoc): string => plainText(doc).replace(/\s+/g, ' ').trim();
      const isShown = ![...nodesOf(one)].some(({ type }) => type === 'mention' || type === 'emoji');
      if (isShown) expect([name, words(form)]).toEqual([name, words(one)]);
      if (!validate(form))
        expect([name, JSON.stringify(validate.errors)]).toEqual([name, expect.stringMatching(wanted)]);
    }
  });

  it('D20 an edit at home and one over there merge, and an untouched copy changes nothing', () => {
    const leave = (one: AdfDoc): AdfDoc => withMentionsOf(withoutMedia(one), new Set());
    for (const [name, one] of valid) {
      const back = withOwn(leave(one), one, leave);
      expect([name, lost(one, back)]).toEqual([name, []]);
      const a = { ...one, content: [p(t('edited at home')), ...one.content] };
      const b = { ...back, content: [...back.content, p(t('edited there'))] };
      const merged = mergeDocs(one, a, b);
      if (one.content.length === 0) continue;
      expect([name, merged.ok]).toEqual([name, true]);
      if (merged.ok) expect([name, validate(merged.doc), validate.errors]).toEqual([name, true, null]);
    }
  });

  it('D20 an invalid one is refused or passes unchanged, and never breaks anything', () => {
    const invalid = all.filter(([, one]) => !validate(one));
    expect(invalid.length).toBeGreaterThan(50);
    for (const [name, raw] of invalid) {
      const parsed = adfDoc.safeParse(raw);
      if (!parsed.success) continue;
      const one = frozen(parsed.data);
      const kept = withMentionsOf(mapMedia(one, there(one)), new Set(mentionedIn(one)));
      const home = withMentionsOf(mapMedia(kept, here(one)), new Set(mentionedIn(one)));
      if (!hasMedia(one) && ![...nodesOf(one)].some(({ type }) => type === 'mention'))
        expect([name, home]).toEqual([name, one]);
      expect([name, typeof isSafeText(one), typeof plainText(one)]).toEqual([name, 'boolean', 'string']);
      expect([name, mergeDocs(one, one, doc('x')).ok]).toEqual([name, true]);
      expect([name, canonical(canonical(one))]).toEqual([name, canonical(one)]);
    }
  });

  /** Files and people that the text had and has no longer. */
  function lost(before: AdfDoc, now: AdfDoc): readonly string[] {
    const left = new Set([...mediaIn(now), ...mentionedIn(now)]);
    return [...mediaIn(before), ...mentionedIn(before)].filter((id) => !left.has(id as never));
  }

  /** The key of one showing of a file stays behind. */
  function withoutKeys(one: AdfDoc): unknown {
    return JSON.parse(JSON.stringify(one), (key, value: unknown) => (key === 'occurrenceKey' ? undefined : value));
  }
});
