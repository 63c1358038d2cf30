import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adfProblems } from '../../../infra/local/jira/contract/adf.ts';
import type { AdfNode } from '../../../infra/local/jira/model/adfNodes.ts';
import { adfToWiki, textToAdf, wikiToAdf } from '../../../infra/local/jira/model/wiki.ts';
import { isWithin, linear, withoutMarkup, words } from './linear.ts';
import { describeWithSharedData, sharedFile, sharedJson } from './sharedData.ts';

/** A document in few characters: `type(children)`, text as it is, marks in front of it. */
function sketch(nodes: readonly AdfNode[]): string {
  return nodes.map(sketchNode).join(' ');
}

function sketchNode(node: AdfNode): string {
  if (node.text !== undefined) {
    const marks = (node.marks ?? []).map(
      ({ type, attrs }) => `${type}${attrs === undefined ? '' : `=${Object.values(attrs).join(',')}`}`,
    );
    return `${marks.map((mark) => `<${mark}>`).join('')}'${node.text}'`;
  }
  const attrs = node.attrs === undefined ? '' : `:${Object.values(node.attrs).join(',')}`;
  return `${node.type}${attrs}${node.content === undefined ? '' : `(${sketch(node.content)})`}`;
}

describe('wiki markup becomes a document', () => {
  test.each<[string, string, string]>([
    ['nothing', '', 'paragraph()'],
    [
      'paragraphs and breaks',
      'a\nb\n\nc\r\nd\\\\e',
      "paragraph('a' hardBreak 'b') paragraph('c' hardBreak 'd' hardBreak 'e')",
    ],
    ['a heading', 'h2. Title *x*\ntext', "heading:2('Title ' <strong>'x') paragraph('text')"],
    ['no heading', 'h2.Title', "paragraph('h2.Title')"],
    [
      'marks',
      '*b* _i_ -s- +u+ ^p^ ~q~ ??c??',
      "paragraph(<strong>'b' ' ' <em>'i' ' ' <strike>'s' ' ' <underline>'u' ' ' <subsup=sup>'p' ' ' <subsup=sub>'q' ' ' <em>'c')",
    ],
    ['marks in marks', '*a _b_*', "paragraph(<strong>'a ' <strong><em>'b')"],
    ['marks inside words', 'a{*}b{*}c', "paragraph('a' <strong>'b' 'c')"],
    ['no marks', '2*3*4 a_b_c * d * -1 -2', "paragraph('2*3*4 a_b_c * d * -1 -2')"],
    ['monospace loses other marks', '*{{a*b}}*', "paragraph(<code>'a*b')"],
    [
      'colour',
      '{color:red}a{color} {color:#abc}b{color} {color:nice}c{color}',
      "paragraph(<textColor=#ff0000>'a' ' ' <textColor=#aabbcc>'b' ' c')",
    ],
    ['escapes', '\\*a\\* \\{code} \\[b]', "paragraph('*a* {code} [b]')"],
    [
      'code',
      'x {code:java|title=A.java}\n*a*\n{code} y',
      "paragraph('x') paragraph(<strong>'A.java') codeBlock:java('*a*') paragraph('y')",
    ],
    ['noformat', '{noformat}{code}{noformat}', "codeBlock('{code}')"],
    ['a macro without an end', '{code} a {quote} b', "paragraph('{code} a {quote} b')"],
    [
      'quotes',
      'bq. a\n{quote}\nb\n* c\n{quote}',
      "blockquote(paragraph('a')) blockquote(paragraph('b') bulletList(listItem(paragraph('c'))))",
    ],
    [
      'a heading and a table in a quote',
      '{quote}h1. a\n|b|c|{quote}',
      "blockquote(paragraph('a') paragraph('b' ' | ' 'c'))",
    ],
    ['a panel', '{panel:title=T|bgColor=#fff}\nh3. a\n{panel}', "panel:info(paragraph(<strong>'T') heading:3('a'))"],
    ['an empty panel', '{panel}{panel}', 'panel:info(paragraph())'],
    [
      'lists',
      '* a\n** b\n*# c\n* d\nmore\n# e',
      "bulletList(listItem(paragraph('a') bulletList(listItem(paragraph('b'))) orderedList(listItem(paragraph('c')))) listItem(paragraph('d' hardBreak 'more'))) orderedList(listItem(paragraph('e')))",
    ],
    ['a list that begins deep', '** a', "bulletList(listItem(paragraph() bulletList(listItem(paragraph('a')))))"],
    [
      'code in a list',
      '- a {code}b{code}\n- c',
      "bulletList(listItem(paragraph('a') codeBlock('b')) listItem(paragraph('c')))",
    ],
    [
      'a table',
      '||a||b||\n|c|[d|http://e]|',
      "table(tableRow(tableHeader(paragraph('a')) tableHeader(paragraph('b'))) tableRow(tableCell(paragraph('c')) tableCell(paragraph(<link=http://e>'d'))))",
    ],
    [
      'a table with code and a list',
      '|{code}a|b{code}|* c\n* d|',
      "table(tableRow(tableCell(codeBlock('a|b')) tableCell(bulletList(listItem(paragraph('c')) listItem(paragraph('d'))))))",
    ],
    ['no table', '|| && |\na || b', "table(tableRow(tableHeader(paragraph('&&')))) paragraph('a || b')"],
    [
      'links',
      '[a *b*|http://c|t] [http://d] http://e. [x|y] [z]',
      "paragraph(<link=http://c,t>'a ' <link=http://c,t><strong>'b' ' ' <link=http://d>'http://d' ' ' <link=http://e>'http://e' '. [x|y] [z]')",
    ],
    ['a hostile link stays text', '[a|javascript:alert(1)]', "paragraph('[a|javascript:alert(1)]')"],
    ['mail', '[mailto:a@b.example]', "paragraph(<link=mailto:a@b.example>'a@b.example')"],
    ['a mention without an account', '*[~ada]*', "paragraph(<strong>'@ada')"],
    ['pictures', '!a_b_c.png|width=3! !x!', "paragraph('!a_b_c.png|width=3! !x!')"],
    ['a rule', 'a\n----\nb', "paragraph('a') rule paragraph('b')"],
    ['emoticons', ':) (y)', "paragraph(':) (y)')"],
    ['line separators', 'a\u2028b\u2029c\u0085d', "paragraph('a\u2028b\u2029c\u0085d')"],
  ])('%s', (_, wiki, expected) => {
    const doc = wikiToAdf(wiki);
    expect(sketch(doc.content)).toBe(expected);
    expect(adfProblems(doc)).toEqual([]);
  });

  test('a mention with an account is one', () => {
    const doc = wikiToAdf('[~ada] [~bob]', { accountIdOf: (name) => (name === 'ada' ? '712020:a' : undefined) });
    expect(sketch(doc.content)).toBe("paragraph(mention:712020:a,@ada ' @bob')");
    expect(adfProblems(doc)).toEqual([]);
  });
});

const signs = [
  '*',
  '_',
  '-',
  '+',
  '^',
  '~',
  '??',
  '{{',
  '}}',
  '[',
  ']',
  '|',
  '||',
  '!',
  '\\',
  '\n',
  '\n\n',
  ' ',
  '\u2028',
  '\ufdd0',
];
const macros = [
  '{code}',
  '{code:java}',
  '{noformat}',
  '{quote}',
  '{panel}',
  '{panel:title=T}',
  '{color:red}',
  '{color}',
  '{*}',
];
const starts = [
  'h1. ',
  'bq. ',
  '* ',
  '** ',
  '# ',
  '*# ',
  '- ',
  '----\n',
  'http://e.example/a_b',
  '[a|http://e.example] ',
  '[~ada]',
];
const markup = fc
  .array(
    fc.oneof(
      fc.constantFrom(...signs),
      fc.constantFrom(...macros),
      fc.constantFrom(...starts),
      fc.string({ maxLength: 5 }),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

describe('whatever the markup', () => {
  test('the document is valid, and no word is lost', () => {
    fc.assert(
      fc.property(markup, (wiki) => {
        const doc = wikiToAdf(wiki);
        expect(adfProblems(doc)).toEqual([]);
        // Random markup has headings after macros, where it is no line's beginning.
        const text = withoutMarkup(wiki.replace(/\r\n?/g, '\n')).replace(/(?:h1|bq)\. /g, ' ');
        expect(isWithin(words(text), words(linear(doc)))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('a document written as markup and read again is valid and says the same', () => {
    fc.assert(
      fc.property(markup, (wiki) => {
        const once = wikiToAdf(wiki);
        const twice = wikiToAdf(adfToWiki(once));
        expect(adfProblems(twice)).toEqual([]);
        expect(words(linear(twice))).toBe(words(linear(once)));
      }),
      { numRuns: 1000 },
    );
  });

  test('plain text keeps every character but its line breaks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const doc = textToAdf(text);
        expect(adfProblems(doc)).toEqual([]);
        expect(linear(doc)).toBe(text.replace(/[\r\n]/g, ''));
      }),
    );
  });

  test.each<[string, string]>([
    ['openers', '*a '],
    ['brackets', '['],
    ['monospace', '{{a'],
    ['colours', '{color:red}'],
    ['code without end', '{code:x}'],
    ['panels without end', '{panel:'],
    ['bars', '|'],
    ['exclamation marks', '!a.'],
    ['addresses', 'http://!!'],
    ['backslashes', '\\'],
    ['bullets', '* a\n'],
    ['deep bullets', '****** a\n# b\n'],
    ['quotes', '{quote}'],
    ['forced marks', '{*}{_}'],
  ])('half a megabyte of %s takes no more than a moment', (_, piece) => {
    const before = process.cpuUsage().user;
    const doc = wikiToAdf(piece.repeat(500_000 / piece.length));
    // Several times what the slowest takes; work that grows with the square would take hours.
    expect(process.cpuUsage(undefined).user - before).toBeLessThan(5_000_000);
    expect(doc.type).toBe('doc');
  });
});

describeWithSharedData('real issues', () => {
  const files = readdirSync(sharedFile('issues')).filter((name) => name.startsWith('tidev-'));

  test.each(files)(
    'every text of %s becomes a valid document without losing a word, and survives the way back',
    (file) => {
      const seen = { texts: 0, invalid: 0, lost: 0, changed: 0 };
      for (const wiki of textsOf(file)) {
        const doc = wikiToAdf(wiki);
        const said = words(linear(doc));
        seen.texts += 1;
        if (adfProblems(doc).length > 0) seen.invalid += 1;
        if (!isWithin(words(withoutMarkup(wiki.replace(/\r\n?/g, '\n'))), said)) seen.lost += 1;
        if (words(linear(wikiToAdf(adfToWiki(doc)))) !== said) seen.changed += 1;
      }
      console.log(`${file}: ${seen.texts} texts converted`);
      expect(seen).toEqual({ texts: seen.texts, invalid: 0, lost: 0, changed: 0 });
      expect(seen.texts).toBeGreaterThan(24);
    },
  );

  test('every document of the collection can be written as markup and read again', () => {
    const index = sharedJson('adf/INDEX.json') as { file: string }[];
    const bad = index.filter(
      ({ file }) => adfProblems(wikiToAdf(adfToWiki(sharedJson(`adf/docs/${file}`)))).length > 0,
    );
    expect(bad).toEqual([]);
  });
});

interface Line {
  readonly fields: {
    readonly description?: string | null;
    readonly environment?: string | null;
    readonly comment: { readonly comments: readonly { readonly body?: string }[] };
  };
}

function textsOf(file: string): string[] {
  const lines = gunzipSync(readFileSync(sharedFile(`issues/${file}`)))
    .toString('utf8')
    .split('\n');
  return lines
    .filter((line) => line !== '')
    .flatMap((line) => {
      const { description, environment, comment } = (JSON.parse(line) as Line).fields;
      return [description, environment, ...comment.comments.map(({ body }) => body)];
    })
    .filter((text) => typeof text === 'string');
}
