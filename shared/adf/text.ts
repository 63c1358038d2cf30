import type { AdfDoc, AdfNode } from '../model/adf.ts';

/** Attributes in which a node without text of its own keeps what people read. */
const shown: Readonly<Record<string, readonly string[]>> = {
  mention: ['text'],
  emoji: ['text', 'shortName'],
  status: ['text'],
  placeholder: ['text'],
  inlineCard: ['url'],
  blockCard: ['url'],
  embedCard: ['url'],
};

/** The plain text of a document: what people read, one line per block. Its length is what Jira's limit on texts is held against. */
export function plainText(doc: AdfDoc): string {
  return linesOf(doc.content).join('\n');
}

/** The plain text of some nodes in one line. */
export function inlineText(nodes: readonly AdfNode[]): string {
  return nodes.map(textOf).join('');
}

function linesOf(nodes: readonly AdfNode[]): string[] {
  return nodes.flatMap((node) => {
    const content = node.content ?? [];
    return content.some(isBlock) ? linesOf(content) : [textOf(node)];
  });
}

/** Blocks hold content and are no text; leaf blocks (rules, cards) come out as lines because they stand among blocks. */
function isBlock(node: AdfNode): boolean {
  return node.content !== undefined;
}

function textOf(node: AdfNode): string {
  if (node.text !== undefined) return node.text;
  if (node.type === 'hardBreak') return '\n';
  if (node.content !== undefined) return inlineText(node.content);
  for (const key of shown[node.type] ?? []) {
    const value = node.attrs?.[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
}

/** A document of one paragraph per line of a text. */
export function paragraphs(text: string): AdfDoc {
  const lines = text.split('\n');
  const content = lines.map(
    (line): AdfNode =>
      line === '' ? { type: 'paragraph', content: [] } : { type: 'paragraph', content: [{ type: 'text', text: line }] },
  );
  return { type: 'doc', version: 1, content };
}
