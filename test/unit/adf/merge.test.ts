import { createRequire } from 'node:module';
import Ajv from 'ajv-draft-04';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, isBlank, isSameText, meaningOf } from '../../../shared/adf/canonical.ts';
import { mergeDocs } from '../../../shared/adf/merge.ts';
import { regionsOf } from '../../../shared/adf/regions.ts';
import { plainText } from '../../../shared/adf/text.ts';
import { depthLimit, nodesOf } from '../../../shared/adf/walk.ts';
import { wordsOf } from '../../../shared/adf/words.ts';
import type { AdfDoc, AdfNode } from '../../../shared/model/adf.ts';
import { anyBlock, anyDoc, anyEdits, type Edit, edited, withNamedWords } from '../../kit/adfArbitraries.ts';
import { doc, docOf, frozen, picture } from '../../kit/syncBuilders.ts';

const schema: object = createRequire(import.meta.url)('@atlaskit/adf-schema/dist/json-schema/v1/full.json');
const validate = new Ajv.default({ strict: false }).compile(schema);

const conflict = { ok: false } as const;
const runs = { numRuns: 1_000 };

/** A base and what two people made of it. */
const three = fc
  .tuple(anyDoc, anyEdits, anyEdits)
  .map(([base, one, other]) => [base, edited(base, one), edited(base, other)] as const);

function merged(base: AdfDoc | null, a: AdfDoc | null, b: AdfDoc | null): AdfDoc | null {
  const result = mergeDocs(base, a, b);
  if (!result.ok) throw new Error('a conflict was not expected');
  return result.doc;
}

const p = (text: string): AdfNode => ({ type: 'paragraph', content: [{ type: 'text', text }] });
const list = (...items: readonly string[]): AdfNode => ({
  type: 'bulletList',
  content: items.map((item) => ({ type: 'listItem', content: [p(item)] })),
});
const table = (...rows: readonly (readonly string[])[]): AdfNode => ({
  type: 'table',
  content: rows.map((row) => ({
    type: 'tableRow',
    content: row.map((cell) => ({ type: 'tableCell', content: [p(cell)] })),
  })),
});
const code = (...lines: readonly string[]): AdfNode => ({
  type: 'codeBlock',
  content: [{ type: 'text', text: lines.join('\n') }],
});

describe('merging documents', () => {
  it('D1 a side that changed nothing gives way, and equal edits count once', () => {
    fc.assert(
      fc.property(three, ([base, a, b]) => {
        expect(mergeDocs(base, a, base)).toEqual({ ok: true, doc: a });
        if (!isSameText(base, b)) expect(mergeDocs(base, base, b)).toEqual({ ok: true, doc: b });
        expect(mergeDocs(base, a, structuredClone(a))).toEqual({ ok: true, doc: a });
        expect(mergeDocs(null, a, null)).toEqual({ ok: true, doc: a });
      }),
      runs,
    );
  });

  it('D2 the order of the two sides decides neither about a conflict nor about the meaning', () => {
    fc.assert(
      fc.property(three, ([base, a, b]) => {
        const one = mergeDocs(base, a, b);
        const other = mergeDocs(base, b, a);
        expect(other.ok).toBe(one.ok);
        if (one.ok && other.ok) expect(meaning(other.doc)).toEqual(meaning(one.doc));
      }),
      runs,
    );
  });

  it('D3 a merge of valid documents is valid, and changes none of them', () => {
    let clean = 0;
    fc.assert(
      fc.property(three, ([base, a, b]) => {
        for (const one of [base, a, b]) expect([validate(one), validate.errors]).toEqual([true, null]);
        const result = mergeDocs(frozen(base), frozen(a), frozen(b));
        if (!result.ok || result.doc === null) return;
        clean += 1;
        expect([validate(result.doc), validate.errors]).toEqual([true, null]);
      }),
      runs,
    );
    expect(clean).toBeGreaterThan(300);
  });

  it('D4 nothing is invented: every word comes from a side, and no block comes oftener than the sides put it there', () => {
    fc.assert(
      fc.property(three, ([base, a, b]) => {
        const result = mergeDocs(base, a, b);
        if (!result.ok || result.doc === null) return;
        const [one, other] = [a, b].map((side) => counted(wordsOfAll(side)));
        for (const [word, count] of counted(wordsOfAll(result.doc))) {
          expect([word, count <= (one?.get(word) ?? 0) + (other?.get(word) ?? 0)]).toEqual([word, true]);
        }
        const [before, inA, inB, now] = [base, a, b, result.doc].map((side) => counted(blocksOf(side)));
        for (const [block, count] of now ?? []) {
          if (![before, inA, inB].some((side) => side?.has(block))) continue;
          const old = before?.get(block) ?? 0;
          const most = old + Math.max(0, (inA?.get(block) ?? 0) - old) + Math.max(0, (inB?.get(block) ?? 0) - old);
          expect([block, count <= most]).toEqual([block, true]);
        }
      }),
      runs,
    );
  });

  it('D5 no edit is lost: what a side wrote is there, what a side took away is not', () => {
    let clean = 0;
    fc.assert(
      fc.property(anyDoc, anyEdits, anyEdits, (plain, one, other) => {
        const next = named('base');
        const base = { ...plain, content: plain.content.map((block) => withNamedWords(block, next)) };
        const a = edited(base, withNames(one, 'ann'));
        const b = edited(base, withNames(other, 'bob'));
        const result = mergeDocs(base, a, b);
        if (!result.ok || isSameText(base, a) || isSameText(base, b)) return;
        clean += 1;
        const now = new Set(result.doc === null ? [] : wordsOfAll(result.doc));
        const [before, inA, inB] = [base, a, b].map((side) => new Set(wordsOfAll(side)));
        const words = (side: ReadonlySet<string> | undefined): string[] =>
          [...(side ?? [])].filter((word) => /^[a-z]+\d+$/.test(word));
        const isNew = (word: string): boolean => !before?.has(word);
        expect([...words(inA), ...words(inB)].filter(isNew).filter((word) => !now.has(word))).toEqual([]);
        const copied = [a, b].map((side) => counted(wordsOfAll(side)));
        const isCopied = (word: string): boolean => copied.some((side) => (side.get(word) ?? 0) > 1);
        const isGone = (word: string): boolean => (!inA?.has(word) || !inB?.has(word)) && !isCopied(word);
        expect(
          words(before)
            .filter(isGone)
            .filter((word) => now.has(word)),
        ).toEqual([]);
      }),
      runs,
    );
    expect(clean).toBeGreaterThan(100);
  });

  it('D5 edits of different blocks are all kept, neighbours included', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyBlock, { minLength: 2, maxLength: 7, selector: keyOf }),
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        (blocks, x, y, isGone) => {
          const [i, j] = [x % blocks.length, y % blocks.length];
          fc.pre(i !== j);
          const a = docOf(...blocks.with(i, p('rewritten by ann')));
          const b = docOf(...(isGone ? blocks.toSpliced(j, 1) : blocks.with(j, p('edited by bob'))));
          const both = blocks.with(i, p('rewritten by ann'));
          const expected = docOf(...(isGone ? both.toSpliced(j, 1) : both.with(j, p('edited by bob'))));
          fc.pre(!isBlank(docOf(...blocks)) && !isBlank(b));
          expect(meaning(merged(docOf(...blocks), a, b))).toEqual(meaning(expected));
        },
      ),
      runs,
    );
  });

  it('D6 what one side alone inserted, deleted or moved is so in the merge', () => {
    const base = doc('one', 'two', 'three', 'four');
    expect(merged(base, doc('new', 'one', 'two', 'three', 'four'), doc('one', 'two', 'three', 'four', 'end'))).toEqual(
      doc('new', 'one', 'two', 'three', 'four', 'end'),
    );
    expect(merged(base, doc('two', 'three', 'four'), doc('one', 'two', 'three'))).toEqual(doc('two', 'three'));
    expect(merged(base, doc('two', 'three', 'four', 'one'), doc('one', 'two', 'changed', 'four'))).toEqual(
      doc('two', 'changed', 'four', 'one'),
    );
    expect(merged(base, doc('four'), doc('one', 'three', 'four'))).toEqual(doc('four'));
  });

  const conflicts: readonly (readonly [string, AdfDoc | null, AdfDoc | null, AdfDoc | null])[] = [
    ['two different inserts at one place', doc('x'), doc('x', 'one'), doc('x', 'two')],
    ['two different texts where none was', null, doc('one'), doc('two')],
    ['an edit of what the other side deleted', doc('one red day', 'x'), doc('one green day', 'x'), doc('x')],
    ['an edit of a text that the other side emptied', doc('one', 'two'), null, doc('one', 'two', 'three')],
    ['an edit of a text that the other side left blank', doc('one', 'two'), doc(' '), doc('one', 'changed')],
    ['two edits of one word', doc('the red house'), doc('the green house'), doc('the blue house')],
    ['two edits of neighbouring words', doc('it is not ready now'), doc('it is ready now'), doc('it is not done now')],
    [
      'a block that both moved, to different places',
      doc('one', 'two', 'three'),
      doc('two', 'one', 'three'),
      doc('two', 'three', 'one'),
    ],
    [
      'a block that one side moved and the other deleted',
      doc('one', 'two', 'three'),
      doc('two', 'three', 'one'),
      doc('two', 'three'),
    ],
    [
      'a block that one side moved and edited and the other deleted',
      doc('one red day', 'two', 'three'),
      doc('two', 'three', 'one green day'),
      doc('two', 'three'),
    ],
    ['the same new text in two places', doc('one', 'two'), doc('new', 'one', 'two'), doc('one', 'two', 'new')],
    ['two edits of one card', card('1'), card('2'), card('3')],
    ['an insert beside a rewritten stretch that grew', doc('x', 'y'), doc('a b', 'c d', 'y'), doc('x', 'new', 'y')],
    ['neighbouring lines of code', docOf(code('a', 'b', 'c')), docOf(code('A', 'b', 'c')), docOf(code('a', 'B', 'c'))],
    ['the last two items of a list, one by each side', docOf(list('1', '2')), docOf(list('1')), docOf(list('2'))],
    [
      'a column here and a row there',
      docOf(table(['1', '2'])),
      docOf(table(['1', '', '2'])),
      docOf(table(['1', '2'], ['3', '4'])),
    ],
    ['a column here and a cell there', docOf(table(['1', ''])), docOf(table(['1', '', ''])), docOf(table(['1', 'x']))],
    ['a level here and another there', docOf(heading(1)), docOf(heading(2)), docOf(heading(3))],
  ];

  it.each(conflicts)('D7 is a conflict: %s', (_what, base, a, b) => {
    expect(mergeDocs(base, a, b)).toEqual(conflict);
    expect(mergeDocs(base, b, a)).toEqual(conflict);
  });

  const descents: readonly (readonly [string, AdfNode, AdfNode, AdfNode, AdfNode])[] = [
    ['items of a list', list('a', 'b', 'c'), list('a', 'x', 'b', 'c'), list('a', 'b'), list('a', 'x', 'b')],
    [
      'words of items',
      list('one red day', 'x'),
      list('one red week', 'x'),
      list('one red day', 'y'),
      list('one red week', 'y'),
    ],
    [
      'rows of a table',
      table(['1', '2'], ['3', '4']),
      table(['1', '2'], ['n', 'n'], ['3', '4']),
      table(['1', '2'], ['3', '5']),
      table(['1', '2'], ['n', 'n'], ['3', '5']),
    ],
    ['cells of a row', table(['1', '2']), table(['x', '2']), table(['1', 'y']), table(['x', 'y'])],
    [
      'words of a paragraph',
      p('the red house on the green hill'),
      p('the blue house on the green hill'),
      p('the red house on the green mountain'),
      p('the blue house on the green mountain'),
    ],
    ['lines of code', code('a', 'b', 'c'), code('A', 'b', 'c'), code('a', 'b', 'C'), code('A', 'b', 'C')],
    [
      'a panel and its text',
      panel('info', 'a', 'b'),
      panel('note', 'a', 'b'),
      panel('info', 'a', 'x'),
      panel('note', 'a', 'x'),
    ],
    [
      'a task done and its text',
      task('TODO', 'wash the car'),
      task('DONE', 'wash the car'),
      task('TODO', 'wash the bike'),
      task('DONE', 'wash the bike'),
    ],
  ];

  it.each(descents)('D8 the merge goes into what both sides edited: %s', (_what, base, a, b, expected) => {
    expect(merged(docOf(base), docOf(a), docOf(b))).toEqual(docOf(expected));
    expect(merged(docOf(base), docOf(b), docOf(a))).toEqual(docOf(expected));
  });

  it('D8 marks go with their words, and what is no text counts as a word', () => {
    const bold: AdfNode = { type: 'text', text: 'red ', marks: [{ type: 'strong' }] };
    const br: AdfNode = { type: 'hardBreak' };
    const words = (...content: readonly AdfNode[]): AdfDoc => docOf({ type: 'paragraph', content });
    const t = (text: string): AdfNode => ({ type: 'text', text });
    const base = words(t('a red house'), br, t('on a hill'));
    expect(
      merged(base, words(t('a '), bold, t('house'), br, t('on a hill')), words(t('a red house'), br, t('on the hill'))),
    ).toEqual(words(t('a '), bold, t('house'), br, t('on the hill')));
    expect(mergeDocs(base, words(t('a red car'), br, t('on a hill')), words(t('a red house'), t('on a hill')))).toEqual(
      conflict,
    );
  });

  it('D9 a merge of 3 MB is linear, also of equal, of moved and of unlike blocks', () => {
    const texts = Array.from(
      { length: 30_000 },
      (_, nth) => `paragraph ${nth} with ${nth * 7} some ${nth * 13} words in it`,
    );
    const shapes: readonly [string, readonly string[], readonly string[], readonly string[]][] = [
      ['two edits', texts, texts.with(5, 'ann was here'), texts.with(29_000, 'bob was here')],
      ['all turned round', texts, texts.toReversed(), texts.with(29_000, 'bob was here')],
      ['all new', texts, texts.map((one) => `new ${one}`), texts.map((one) => `${one} new`)],
      ['all equal', texts.map(() => 'same'), ['x', ...texts.map(() => 'same')], [...texts.map(() => 'same'), 'y']],
      [
        'nearly equal',
        texts.map((_, nth) => String(nth % 3)),
        texts.map((_, nth) => String(nth % 4)),
        texts.map((_, nth) => String(nth % 5)),
      ],
      [
        'one paragraph',
        [texts.join(' ')],
        [texts.with(5, 'ann was here').join(' ')],
        [texts.with(29_000, 'bob was here').join(' ')],
      ],
    ];
    // No clock here: quadratic work on any of these takes minutes, far beyond the time that a test has.
    const clean = new Set(['two edits', 'all equal', 'one paragraph']);
    for (const [shape, base, a, b] of shapes) {
      expect([shape, mergeDocs(doc(...base), doc(...a), doc(...b)).ok]).toEqual([shape, clean.has(shape)]);
    }
  }, 120_000);

  it('D9 a stretch beyond the bound is one region, and regions are all that differs', () => {
    const zeros = (length: number): number[] => new Array<number>(length).fill(0);
    expect(regionsOf([1, ...zeros(500), 2], [1, 3, ...zeros(400), 4, 2])).toEqual([
      { start: 1, end: 501, from: 1, to: 403 },
    ]);
    const few = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 });
    fc.assert(
      fc.property(few, few, (base, other) => {
        let at = 0;
        let there = 0;
        for (const { start, end, from, to } of regionsOf(base, other)) {
          expect(end + to).toBeGreaterThan(start + from);
          expect(base.slice(at, start)).toEqual(other.slice(there, from));
          [at, there] = [end, to];
        }
        expect(base.slice(at)).toEqual(other.slice(there));
      }),
      runs,
    );
  });

  it('D10 a document nested deeper than the limit is a conflict and nothing else', () => {
    const deep = (levels: number, text: string): AdfDoc =>
      docOf(
        Array.from({ length: levels / 2 - 3 }).reduce<AdfNode>(
          (inner) => ({ type: 'blockquote', content: [inner] }),
          p(text),
        ),
      );
    expect(mergeDocs(deep(depthLimit, 'a'), deep(depthLimit, 'b'), deep(depthLimit, 'a')).ok).toBe(true);
    expect(mergeDocs(deep(depthLimit + 2, 'a'), deep(depthLimit + 2, 'b'), deep(depthLimit + 2, 'a'))).toEqual(
      conflict,
    );
    expect(mergeDocs(null, deep(100_000, 'a'), null)).toEqual(conflict);
  });

  it('D11 where all mean the same, the first side’s nodes stand', () => {
    const marked = (localId: string, text: string): AdfNode => ({ ...p(text), attrs: { localId } });
    expect(
      merged(
        docOf(marked('o', 'one'), p('x'), p('y')),
        docOf(marked('a', 'one'), p('x2'), p('y')),
        docOf(marked('b', 'one'), p('x'), p('y2')),
      ),
    ).toEqual(docOf(marked('a', 'one'), p('x2'), p('y2')));
    expect(merged(docOf(picture('x'), p('y')), docOf(picture('x'), p('z')), docOf(picture('x'), p('y')))).toEqual(
      docOf(picture('x'), p('z')),
    );
  });
});

describe('words', () => {
  it('are cut into words without loss', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '\n', '。', '\ud83d', '\ude00', '\u2029', '\u0000') }),
        (text) => {
          expect(wordsOf(text).join('')).toBe(text);
        },
      ),
    );
  });
});

function named(name: string): () => string {
  let nth = 0;
  return () => `${name}${nth++}`;
}

function withNames(edits: readonly Edit[], name: string): readonly Edit[] {
  const next = named(name);
  return edits.map((edit) => ({ ...edit, block: withNamedWords(edit.block, next), word: next() }));
}

function card(id: string): AdfDoc {
  return docOf({ type: 'blockCard', attrs: { url: `https://x.example/${id}` } });
}

function heading(level: number): AdfNode {
  return { type: 'heading', attrs: { level }, content: [{ type: 'text', text: 'x' }] };
}

function panel(panelType: string, ...texts: readonly string[]): AdfNode {
  return { type: 'panel', attrs: { panelType }, content: texts.map(p) };
}

function task(state: string, text: string): AdfNode {
  const item: AdfNode = { type: 'taskItem', attrs: { localId: '1', state }, content: [{ type: 'text', text }] };
  return { type: 'taskList', attrs: { localId: 'l' }, content: [item] };
}

function keyOf(node: AdfNode): string {
  return isBlank(docOf(node)) ? '' : meaningOf(node);
}

function meaning(one: AdfDoc | null): unknown {
  return one === null ? [] : canonical(one).content;
}

/** Every word and every node that shows something without words. */
function wordsOfAll(one: AdfDoc): readonly string[] {
  const leaves = [...nodesOf(canonical(one))].filter((node) => node.content === undefined);
  return leaves
    .flatMap((node) => (node.type === 'text' ? (node.text ?? '').split(/[\s。]+/) : [meaningOf(node)]))
    .filter((word) => word !== '');
}

/** The blocks at the top that hold a word. */
function blocksOf(one: AdfDoc): readonly string[] {
  return one.content.filter((node) => plainText(docOf(node)).trim() !== '').map(meaningOf);
}

function counted(things: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(thing, (counts.get(thing) ?? 0) + 1);
  return counts;
}
