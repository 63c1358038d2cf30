import fc from 'fast-check';
import type { AdfDoc, AdfMark, AdfNode } from '../../shared/model/adf.ts';

/** Random documents that are valid under Atlassian's schema, and random edits of them that leave them valid. */

const words = [
  'one',
  'two',
  'three',
  'red',
  'green',
  'the',
  'a',
  'süß',
  '\u{1f600}',
  'line\u2028end',
  '日本語。',
  'x\u0000y',
];
const space = fc.constantFrom(' ', ' ', ' ', '  ', '\u00a0');
const sentence = fc
  .array(fc.tuple(fc.constantFrom(...words), space), { minLength: 1, maxLength: 7 })
  .map((parts) => parts.flat().join('').trimEnd());
const marks = fc.constantFrom<readonly AdfMark[]>(
  [],
  [],
  [{ type: 'strong' }],
  [{ type: 'em' }, { type: 'strong' }],
  [{ type: 'link', attrs: { href: 'https://x.example' } }],
);

const text = fc
  .tuple(sentence, marks)
  .map(([words, marks]): AdfNode => ({ type: 'text', text: words, ...(marks.length === 0 ? {} : { marks }) }));
const atom = fc.constantFrom<AdfNode>(
  { type: 'hardBreak' },
  { type: 'mention', attrs: { id: 'account-ann', text: '@Ann' } },
  { type: 'inlineCard', attrs: { url: 'https://x.example/1' } },
  { type: 'emoji', attrs: { shortName: ':smile:' } },
);
const inline = fc.array(fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: atom }), { maxLength: 3 });
const paragraph = inline.map((content): AdfNode => ({ type: 'paragraph', content }));
const heading = fc
  .tuple(inline, fc.integer({ min: 1, max: 3 }))
  .map(([content, level]): AdfNode => ({ type: 'heading', attrs: { level }, content }));
const rule = fc.constant<AdfNode>({ type: 'rule' });
const code = fc.array(sentence, { maxLength: 5 }).map((lines): AdfNode => {
  const whole = lines.join('\n');
  return { type: 'codeBlock', content: whole === '' ? [] : [{ type: 'text', text: whole }] };
});
const picture = fc
  .tuple(fc.constantFrom('file-1', 'file-2'), fc.boolean(), sentence)
  .map(([id, hasCaption, words]): AdfNode => {
    const media: AdfNode = { type: 'media', attrs: { type: 'file', id, collection: '', width: 10, height: 20 } };
    const caption: AdfNode = { type: 'caption', content: [{ type: 'text', text: words }] };
    return { type: 'mediaSingle', attrs: { layout: 'center' }, content: hasCaption ? [media, caption] : [media] };
  });

/** A list, some of whose items hold a list again. */
const listOf = (depth: number): fc.Arbitrary<AdfNode> => {
  const inner = depth === 0 ? fc.constant<AdfNode[]>([]) : fc.array(listOf(depth - 1), { maxLength: 1 });
  const item = fc
    .tuple(paragraph, inner)
    .map(([first, rest]): AdfNode => ({ type: 'listItem', content: [first, ...rest] }));
  return fc
    .tuple(fc.constantFrom('bulletList', 'orderedList'), fc.array(item, { minLength: 1, maxLength: 3 }))
    .map(([type, content]): AdfNode => ({ type, content }));
};
const tasks = fc
  .array(fc.tuple(inline, fc.constantFrom('TODO', 'DONE'), fc.integer({ max: 9, min: 0 })), {
    minLength: 1,
    maxLength: 3,
  })
  .map(
    (items): AdfNode => ({
      type: 'taskList',
      attrs: { localId: 'l' },
      content: items.map(([content, state, id]) => ({
        type: 'taskItem',
        attrs: { localId: String(id), state },
        content,
      })),
    }),
  );
const cell = fc
  .array(paragraph, { minLength: 1, maxLength: 2 })
  .map((content): AdfNode => ({ type: 'tableCell', content }));
const table = fc
  .integer({ min: 1, max: 3 })
  .chain((columns) =>
    fc
      .array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 3 })
      .map((rows): AdfNode => ({ type: 'table', content: rows.map((content) => ({ type: 'tableRow', content })) })),
  );
const simple = fc.oneof({ weight: 4, arbitrary: paragraph }, { weight: 1, arbitrary: listOf(1) });
const box = fc
  .tuple(fc.constantFrom('panel', 'expand', 'blockquote'), fc.array(simple, { minLength: 1, maxLength: 3 }))
  .map(
    ([type, content]): AdfNode => ({ type, ...(type === 'panel' ? { attrs: { panelType: 'info' } } : {}), content }),
  );

/** Any block that may stand at the top of a document. */
export const anyBlock: fc.Arbitrary<AdfNode> = fc.oneof(
  { weight: 5, arbitrary: paragraph },
  { weight: 2, arbitrary: heading },
  { weight: 2, arbitrary: listOf(2) },
  { weight: 1, arbitrary: tasks },
  { weight: 2, arbitrary: table },
  { weight: 2, arbitrary: box },
  { weight: 1, arbitrary: code },
  { weight: 1, arbitrary: picture },
  { weight: 1, arbitrary: rule },
);

/** Any document of up to eight blocks. */
export const anyDoc: fc.Arbitrary<AdfDoc> = fc
  .array(anyBlock, { maxLength: 8 })
  .map((content): AdfDoc => ({ type: 'doc', version: 1, content }));

/** One edit: what it does, where (a number that is folded into the document), and with what. */
export interface Edit {
  readonly what: 'insert' | 'delete' | 'replace' | 'move' | 'word' | 'child';
  readonly at: number;
  readonly to: number;
  readonly block: AdfNode;
  readonly word: string;
}

export const anyEdits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record<Edit>({
    what: fc.constantFrom('insert', 'delete', 'replace', 'move', 'word', 'word', 'word', 'child'),
    at: fc.nat(1_000),
    to: fc.nat(1_000),
    block: anyBlock,
    word: fc.constantFrom(...words, 'blue'),
  }),
  { maxLength: 3 },
);

/** The document after the edits, one after the other. */
export function edited(doc: AdfDoc, edits: readonly Edit[]): AdfDoc {
  return edits.reduce((now, edit): AdfDoc => ({ ...now, content: editedOnce(now.content, edit) }), doc);
}

function editedOnce(blocks: readonly AdfNode[], edit: Edit): readonly AdfNode[] {
  if (edit.what === 'insert') return blocks.toSpliced(edit.at % (blocks.length + 1), 0, edit.block);
  if (blocks.length === 0) return blocks;
  const at = edit.at % blocks.length;
  const block = blocks[at] as AdfNode;
  switch (edit.what) {
    case 'delete':
      return blocks.toSpliced(at, 1);
    case 'replace':
      return blocks.toSpliced(at, 1, edit.block);
    case 'move':
      return blocks.toSpliced(at, 1).toSpliced(edit.to % blocks.length, 0, block);
    case 'word':
      return blocks.toSpliced(at, 1, withWord(block, edit.to, edit.word));
    case 'child':
      return blocks.toSpliced(at, 1, withChild(block, edit.to));
  }
}

/** The block with a word of its own, `ann0`, `ann1` …, in place of each word, so that each can be followed through a merge. */
export function withNamedWords(node: AdfNode, next: () => string): AdfNode {
  if (node.type === 'text') return { ...node, text: (node.text ?? '').replace(/[^\s]+/g, next) };
  return node.content === undefined ? node : { ...node, content: node.content.map((one) => withNamedWords(one, next)) };
}

/** One word somewhere in the block is another one, is gone, or is new. */
function withWord(node: AdfNode, at: number, word: string): AdfNode {
  if (node.type === 'text') {
    const parts = (node.text ?? '').split(' ');
    const place = at % parts.length;
    const now = at % 3 === 0 ? [word] : at % 3 === 1 ? [] : [parts[place] ?? '', word];
    const whole = parts.toSpliced(place, 1, ...now).join(' ');
    return { ...node, text: whole === '' ? word : whole };
  }
  const { content } = node;
  if (content === undefined || content.length === 0) return node;
  const place = at % content.length;
  return { ...node, content: content.with(place, withWord(content[place] as AdfNode, Math.floor(at / 2), word)) };
}

/** One item of a list or row of a table is gone, or there twice with other words. */
function withChild(node: AdfNode, at: number): AdfNode {
  const { content } = node;
  if (content === undefined || !/List$|^table$|^panel$|^expand$/.test(node.type)) return node;
  const place = at % content.length;
  const child = content[place] as AdfNode;
  if (at % 2 === 0 && content.length > 1) return { ...node, content: content.toSpliced(place, 1) };
  return { ...node, content: content.toSpliced(place, 0, withWord(child, at, 'blue')) };
}
