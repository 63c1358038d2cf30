import type { AdfNode } from '../model/adf.ts';
import { meaningOf } from './canonical.ts';
import { mergeInline } from './mergeInline.ts';
import { mergeLists, type ItemKind, type Three } from './mergeLists.ts';
import { mergeCode } from './mergeCode.ts';
import { plainText } from './text.ts';
import { likenessOf } from './words.ts';

/** How the content of a block is merged when both sides changed it; blocks that are not named are kept whole. */
const ways: Readonly<Record<string, (three: Three<AdfNode>) => readonly AdfNode[] | undefined>> = {
  paragraph: mergeInline,
  heading: mergeInline,
  taskItem: mergeInline,
  decisionItem: mergeInline,
  caption: mergeInline,
  codeBlock: mergeCodeLines,
  bulletList: mergeChildren,
  orderedList: mergeChildren,
  listItem: mergeChildren,
  taskList: mergeChildren,
  blockTaskItem: mergeChildren,
  decisionList: mergeChildren,
  panel: mergeChildren,
  expand: mergeChildren,
  nestedExpand: mergeChildren,
  blockquote: mergeChildren,
  bodiedExtension: mergeChildren,
  layoutColumn: mergeChildren,
  tableCell: mergeChildren,
  tableHeader: mergeChildren,
  mediaGroup: mergeChildren,
  mediaSingle: mergeChildren,
  table: mergeRows,
  tableRow: mergeInPlace,
  layoutSection: mergeColumns,
};

/** Blocks as items of a list: compared by what they mean. */
export const blockKind: ItemKind<AdfNode> = {
  keyOf: meaningOf,
  single: {
    likeness: (before, now) => (before.type === now.type ? likenessOf(wordsIn(before), wordsIn(now)) : 0),
    merge: mergeBlock,
    mayRepeat: isBare,
  },
};

/**
 * The block with the edits of both sides; `undefined` when they are in each other's way. Attributes and marks are one thing: they belong
 * together too often (a width and its unit) to be mixed.
 */
function mergeBlock(base: AdfNode, a: AdfNode, b: AdfNode): AdfNode | undefined {
  const keys = [base, a, b].map(meaningOf);
  if (keys[1] === keys[2] || keys[0] === keys[2]) return a;
  if (keys[0] === keys[1]) return b;
  if (base.type !== a.type || base.type !== b.type) return undefined;
  const frame = mergeFrame(base, a, b);
  const way = Object.hasOwn(ways, base.type) ? ways[base.type] : undefined;
  if (frame === undefined || way === undefined) return undefined;
  const three = { base: base.content ?? [], a: a.content ?? [], b: b.content ?? [] };
  const content = way(three);
  return content === undefined ? undefined : { ...frame, content };
}

function mergeFrame(base: AdfNode, a: AdfNode, b: AdfNode): AdfNode | undefined {
  const [before, one, other] = [base, a, b].map(frameOf);
  if (one === other || before === other) return a;
  return before === one ? b : undefined;
}

/** The node without its content, as one string. */
function frameOf(node: AdfNode): string {
  return meaningOf({ ...node, content: [] });
}

/**
 * The schema wants at least one child, and Jira wants some first children (a list item starts with a text, a picture comes before
 * its caption): a merge may end with neither side's kind of start although each side alone has a good one.
 */
function mergeChildren(three: Three<AdfNode>): readonly AdfNode[] | undefined {
  const content = mergeLists(three, blockKind);
  const starts = new Set([three.a[0]?.type, three.b[0]?.type]);
  return content !== undefined && starts.has(content[0]?.type) ? content : undefined;
}

/** Code has one text without marks; other content is kept whole. */
function mergeCodeLines(three: Three<AdfNode>): readonly AdfNode[] | undefined {
  const [base, a, b] = [three.base, three.a, three.b].map(codeOf);
  if (base === undefined || a === undefined || b === undefined) return undefined;
  const merged = mergeCode(base, a, b);
  if (!merged.ok) return undefined;
  return merged.text === '' ? [] : [{ type: 'text', text: merged.text }];
}

function codeOf(nodes: readonly AdfNode[]): string | undefined {
  return nodes.every((node) => node.type === 'text' && (node.marks ?? []).length === 0)
    ? nodes.map((node) => node.text ?? '').join('')
    : undefined;
}

/**
 * Rows come and go like other blocks while every table has the same number of plain cells in each row. Otherwise (a column more,
 * joined cells) only texts inside the same grid can be merged: a cell put one column too far is worse than a conflict.
 */
function mergeRows(three: Three<AdfNode>): readonly AdfNode[] | undefined {
  const tables = [three.base, three.a, three.b];
  const rows = tables.flat().map(gridOf);
  if (rows.every((row) => row === rows[0] && !row.includes('span'))) return mergeChildren(three);
  const grids = tables.map((table) => table.map(gridOf).join(';'));
  return grids.every((grid) => grid === grids[0]) ? mergeInPlace(three) : undefined;
}

/** The number of cells, and where some are joined, which. */
function gridOf(row: AdfNode): string {
  const cells = row.content ?? [];
  const spans = cells.map(({ attrs }) => JSON.stringify([attrs?.['colspan'] ?? 1, attrs?.['rowspan'] ?? 1]));
  return spans.every((span) => span === '[1,1]') ? String(cells.length) : `span ${spans.join(' ')}`;
}

/** Widths of columns belong together: they add up to the whole. */
function mergeColumns(three: Three<AdfNode>): readonly AdfNode[] | undefined {
  const [before, one, other] = [three.base, three.a, three.b].map((columns) => columns.map(frameOf).join());
  return before === one || before === other || one === other ? mergeInPlace(three) : undefined;
}

/** Children that are known by their place: the first with the first, and so on. */
function mergeInPlace(three: Three<AdfNode>): readonly AdfNode[] | undefined {
  const merged: AdfNode[] = [];
  for (const [at, base] of three.base.entries()) {
    const [a, b] = [three.a[at], three.b[at]];
    const node = a === undefined || b === undefined ? undefined : mergeBlock(base, a, b);
    if (node === undefined) return undefined;
    merged.push(node);
  }
  return three.a.length === merged.length && three.b.length === merged.length ? merged : undefined;
}

function wordsIn(node: AdfNode): string {
  return plainText({ type: 'doc', version: 1, content: [node] });
}

/** True for a block that shows nothing but itself: a blank paragraph, an empty cell, a rule. */
function isBare(node: AdfNode): boolean {
  if (node.type === 'text') return (node.text ?? '').trim() === '';
  if (node.content !== undefined) return node.content.every(isBare);
  return node.type === 'hardBreak' || node.type === 'rule' || node.type === 'paragraph';
}
