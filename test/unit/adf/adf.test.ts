import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv-draft-04';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, isBlank, isSameText } from '../../../shared/adf/canonical.ts';
import { hasMedia, withoutMedia } from '../../../shared/adf/media.ts';
import { mentionedIn, withMentionsOf } from '../../../shared/adf/mention.ts';
import { isSafeAddress, isSafeText } from '../../../shared/adf/safety.ts';
import { plainText } from '../../../shared/adf/text.ts';
import { nodesOf, rewrite } from '../../../shared/adf/walk.ts';
import type { AdfDoc, AdfNode } from '../../../shared/model/adf.ts';
import { ann, doc, docOf, frozen, mention, picture } from '../../kit/syncBuilders.ts';

const mark = fc
  .constantFrom('strong', 'em', 'link')
  .map((type) => (type === 'link' ? { type, attrs: { href: 'https://x.example', id: '' } } : { type }));
const text = fc.record({ type: fc.constant('text'), text: fc.string(), marks: fc.array(mark, { maxLength: 3 }) });
const paragraph = fc.record({
  type: fc.constant('paragraph'),
  attrs: fc.constantFrom({}, { localId: 'x' }),
  content: fc.array(text, { maxLength: 4 }),
});
const anyDoc = fc.array<AdfNode>(paragraph, { maxLength: 4 }).map((content) => docOf(...content));

describe('canonical form', () => {
  it('is reached in one step', () => {
    fc.assert(
      fc.property(anyDoc, (one) => {
        expect(canonical(canonical(one))).toEqual(canonical(one));
      }),
    );
  });

  it('does not tell apart what means the same', () => {
    const one = docOf({
      type: 'paragraph',
      content: [{ type: 'text', text: 'ab', marks: [{ type: 'em' }, { type: 'strong' }] }],
    });
    const other = docOf({
      attrs: { localId: '1' },
      type: 'paragraph',
      content: [
        { type: 'text', text: 'a', marks: [{ type: 'strong' }, { type: 'em', attrs: {} }] },
        { type: 'text', text: '' },
        { type: 'text', text: 'b', marks: [{ type: 'em' }, { type: 'strong' }] },
      ],
    });
    expect(isSameText(one, other)).toBe(true);
    expect(isSameText(one, doc('ab'))).toBe(false);
  });

  it('takes a picture for content and blank paragraphs for none', () => {
    expect(isBlank(doc(' ', ''))).toBe(true);
    expect(isBlank(docOf(picture()))).toBe(false);
  });
});

describe('addresses', () => {
  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'java\u0000script:alert(1)',
    'java\u200bscript:alert(1)',
    '\u00a0javascript:alert(1)',
    '\ufeffjavascript:x',
    'javascript&colon;alert(1)',
    'javascript&#58;alert(1)',
    'javascript&#x3a;alert(1)',
    'javascript&#0000058alert(1)',
    '&#106;avascript:alert(1)',
    'java&Tab;script:alert(1)',
    'java&NewLine;script:alert(1)',
    'javascript%3aalert(1)',
    '%6aavascript:alert(1)',
    'javascript%253Aalert(1)',
    'javascript&amp;colon;alert(1)',
    '\uff4aavascript:alert(1)',
    'javascript\uff1aalert(1)',
    'java\u00adscript:alert(1)',
    '\\u006aavascript:alert(1)',
    'data:text/html,<script>',
    'data:,x',
    'DATA:text/html;base64,AAAA',
    'vbscript:msgbox(1)',
    'vb\rscript:x',
    'livescript:x',
    'file://host.example/share/x',
    'file:////host.example/share/x',
    'file:///%2Fhost.example/share/x',
    'file:///\\\\host.example\\share',
    'smb://host/share',
    'blob:https://x/1',
    'view-source:https://x',
    'intent://x',
    'ms-word:ofe|u|https://x',
    'jar:https://x!/',
    'https://user:pass@x.example',
    'ftp://user:pass@x.example/file',
    '//user:pass@x.example',
    'https:\\\\user:pass@x.example',
    'https:user:pass@x.example',
    'https://bank.example@evil.example/',
    'https://bank.example%40evil.example/',
    '%25256aavascript%25253ax%2525253a',
  ])('refuses %j', (address) => {
    expect(isSafeAddress(address)).toBe(false);
  });

  it.each([
    'https://x.example/a?b=c#d',
    'http://x.example:8080/',
    'HTTPS://X.EXAMPLE',
    'mailto:a@x.example',
    'tel:+49123',
    'ftp://x.example/file',
    'file:///data/user/0/app/test.db',
    '/browse/ONE-1',
    './a',
    '../a:b',
    '#anchor',
    '?q=javascript:1',
    '//x.example/a',
    '',
    'www.example.com:8080/path',
    'www.example.com',
    'https://x.example/?next=javascript%3Aalert(1)',
    'https://x.example/100%25',
    'ONE-1',
    'https://ann@bitbucket.example/team/repo.git',
    'https://x.example/@ann?to=a:b@c#@',
    'https://x.example/ä?ö=%C3%A4',
  ])('lets %j pass', (address) => {
    expect(isSafeAddress(address)).toBe(true);
  });

  it.each<[string, AdfNode]>([
    ['a link mark', { type: 'text', text: 'x', marks: [{ type: 'link', attrs: { href: 'javascript:x' } }] }],
    ['a card', { type: 'inlineCard', attrs: { url: 'vbscript:x' } }],
    [
      'the data of a card',
      { type: 'blockCard', attrs: { data: { '@id': 'https://x', nested: [{ url: 'data:text/html,x' }] } } },
    ],
    ['a parameter of an extension', { type: 'extension', attrs: { parameters: { anything: ' javascript:x' } } }],
    [
      'a parameter that is JSON as text',
      { type: 'extension', attrs: { parameters: { x: '{"a":[{"link":"javascript:x"}]}' } } },
    ],
    ['a parameter with a file of a host', { type: 'extension', attrs: { parameters: { x: 'file://host.example/x' } } }],
    ['a key that ends like an address', { type: 'x-unknown', attrs: { nested: { 'xlink:href': 'blob:https://x/1' } } }],
    [
      'a node within an unknown one',
      { type: 'x-unknown', content: [{ type: 'blockCard', attrs: { url: 'data:,x' } }] },
    ],
    ['a mark of an unknown node', { type: 'x-unknown', marks: [{ type: 'x-mark', attrs: { uri: 'smb://host/x' } }] }],
    ['what is nested too deep to look at', { type: 'extension', attrs: { parameters: nested(300) } }],
    [
      'external media',
      { type: 'mediaSingle', content: [{ type: 'media', attrs: { type: 'external', url: 'javascript:x' } }] },
    ],
  ])('are found in %s', (_where, node) => {
    expect(isSafeText(docOf({ type: 'paragraph', content: [node] }))).toBe(false);
  });

  it('D13 are not looked for in texts that people read', () => {
    expect(isSafeText(doc('javascript:alert(1)'))).toBe(true);
    expect(isSafeText(docOf({ type: 'extension', attrs: { alt: 'data: a table', text: 'file: x' } }))).toBe(true);
    expect(isSafeText(docOf({ type: 'extension', attrs: { parameters: { x: '[not JSON', y: '{"a":"b"}' } } }))).toBe(
      true,
    );
  });
});

describe('walking', () => {
  it('returns the same document when nothing changes, and never changes one in place', () => {
    const one = frozen(docOf(picture('x'), ...doc('a').content));
    expect(rewrite(one, (node) => node)).toBe(one);
    expect(withoutMedia(doc('a'))).toEqual(doc('a'));
    expect(hasMedia(withoutMedia(one))).toBe(false);
    expect(hasMedia(one)).toBe(true);
  });

  it('reads the text that people see, one line per block', () => {
    const list: AdfNode = { type: 'bulletList', content: [{ type: 'listItem', content: doc('b').content }] };
    expect(plainText(docOf(...doc('a').content, list, mention(ann, '@Ann')))).toBe('a\nb\n@Ann');
  });

  it('finds mentioned people and never mentions somebody who is not usable', () => {
    const one = docOf(mention(ann, 'Ann'), mention('all', '@all'), mention('not an account!', ''));
    expect(mentionedIn(one)).toEqual([ann, 'all']);
    expect(plainText(withMentionsOf(one, new Set()))).toBe('@Ann\n@all\n@user');
    expect(mentionedIn(withMentionsOf(one, new Set([ann])))).toEqual([ann]);
  });

  it('keeps captions and alternative texts of media, inline ones too', () => {
    const caption: AdfNode = { type: 'caption', content: [{ type: 'text', text: 'Figure 1' }] };
    const single: AdfNode = { ...picture('a map'), content: [...(picture('a map').content ?? []), caption] };
    const inline: AdfNode = {
      type: 'paragraph',
      content: [{ type: 'mediaInline', attrs: { id: '1', collection: '' } }],
    };
    expect(plainText(withoutMedia(docOf(single, inline)))).toBe('[media: a map] Figure 1\n[media]');
  });
});

const samples = new URL('../../../../shared/data/adf/docs/', import.meta.url);
const isThere = existsSync(samples);

describe('documents of other projects', () => {
  it.skipIf(!isThere && process.env['CI'] === undefined)(
    'stay valid on their way out (skipped where ../shared/data/adf is absent)',
    () => {
      const require = createRequire(import.meta.url);
      const schema: object = require('@atlaskit/adf-schema/dist/json-schema/v1/full.json');
      const validate = new Ajv.default({ strict: false }).compile(schema);
      const files = readdirSync(samples, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.json'),
      );
      const valid = files.map((file) => [file, parsed(file)] as const).filter(([, one]) => validate(one));
      expect(valid.length).toBeGreaterThan(50);
      for (const [file, one] of valid) {
        const before = JSON.stringify(one);
        const leaving = withMentionsOf(withoutMedia(frozen(one)), new Set());
        expect([file, validate(leaving), validate.errors]).toEqual([file, true, null]);
        expect(hasMedia(leaving)).toBe(false);
        expect([...nodesOf(leaving)].some(({ type }) => type === 'mention')).toBe(false);
        expect(canonical(canonical(one))).toEqual(canonical(one));
        expect(typeof isSafeText(one)).toBe('boolean');
        expect(JSON.stringify(one)).toBe(before);
      }
    },
  );
});

function parsed(file: string): AdfDoc {
  return JSON.parse(readFileSync(new URL(file, samples), 'utf8')) as AdfDoc;
}

function nested(levels: number): unknown {
  return Array.from({ length: levels }).reduce((inner) => ({ inner }), {});
}
