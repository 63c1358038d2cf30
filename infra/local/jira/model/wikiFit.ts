import type { AdfNode } from './adfNodes.ts';
import { container, hardBreak, paragraph, textNode } from './adfNodes.ts';

/** What each container may hold, of the blocks this converter makes. @see the ADF schema's definitions */
const ALLOWED: Readonly<Record<string, ReadonlySet<string>>> = {
  doc: new Set([
    'paragraph',
    'heading',
    'bulletList',
    'orderedList',
    'codeBlock',
    'blockquote',
    'panel',
    'table',
    'rule',
  ]),
  listItem: new Set(['paragraph', 'bulletList', 'orderedList', 'codeBlock']),
  blockquote: new Set(['paragraph', 'bulletList', 'orderedList', 'codeBlock']),
  panel: new Set(['paragraph', 'heading', 'bulletList', 'orderedList', 'codeBlock', 'rule']),
  cell: new Set(['paragraph', 'heading', 'bulletList', 'orderedList', 'codeBlock', 'blockquote', 'panel', 'rule']),
};

/**
 * Makes blocks fit into a container: what may not stand there is opened up, so that its text stays.
 * An empty container gets an empty paragraph, since most may not be empty.
 */
export function fit(
  blocks: readonly AdfNode[],
  parent: 'doc' | 'listItem' | 'blockquote' | 'panel' | 'cell',
): AdfNode[] {
  const allowed = ALLOWED[parent]!;
  const fitted = blocks.flatMap((block) => (allowed.has(block.type) ? [block] : opened(block, allowed)));
  return fitted.length === 0 ? [paragraph([])] : fitted;
}

function opened(block: AdfNode, allowed: ReadonlySet<string>): AdfNode[] {
  const children = block.content ?? [];
  switch (block.type) {
    case 'heading':
      return [paragraph(children)];
    case 'table':
      return children.map(rowAsParagraph);
    case 'rule':
      return [];
    default:
      return children.flatMap((child) => (allowed.has(child.type) ? [child] : opened(child, allowed)));
  }
}

/** The cells of a row side by side; blocks inside them lose their form, not their text. */
function rowAsParagraph(row: AdfNode): AdfNode {
  const cells = (row.content ?? []).map((cell) => inlineContent(cell));
  return paragraph(cells.flatMap((cell, index) => (index === 0 ? cell : [textNode(' | '), ...cell])));
}

function inlineContent(node: AdfNode): AdfNode[] {
  if (node.content === undefined) return node.type === 'rule' ? [] : [node];
  const parts = node.content.map(inlineContent);
  const isBlockLevel = node.content.some((child) => child.content !== undefined);
  return parts.flatMap((part, index) => (index > 0 && isBlockLevel ? [hardBreak, ...part] : part));
}

/** A list item: it begins with a paragraph or code, because a list that begins with a list has no bullet of its own. */
export function listItem(blocks: readonly AdfNode[]): AdfNode {
  const fitted = fit(blocks, 'listItem');
  const first = fitted[0]?.type;
  return container('listItem', first === 'bulletList' || first === 'orderedList' ? [paragraph([]), ...fitted] : fitted);
}
