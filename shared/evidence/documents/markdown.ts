/** A document as Markdown: what is committed, hashed, archived and compared. One paragraph or row per line. Pure. */
import { createHash } from 'node:crypto';
import type { Block, Document, DocumentId } from './document.ts';

/** The whole document. The same document gives the same text. */
export function markdownOf({ title, lead, sections }: Document): string {
  const parts = [
    `# ${title}`,
    lead,
    ...sections.flatMap((one) => [`## ${one.title}`, ...one.blocks.map((block) => blockText(block))]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What names a text in the register and at the foot of a page: SHA-256 over its UTF-8 bytes, hex. */
export function textHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'text':
      return block.text;
    case 'list':
      return block.items.map((item) => `- ${item}`).join('\n');
    case 'table':
      return [block.head, block.head.map(() => '---'), ...block.rows].map(line).join('\n');
    case 'fold':
      return [`### ${block.title}`, ...block.blocks.map(blockText)].join('\n\n');
  }
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/**
 * Reads a text of ours back: earlier versions are archived as texts and shown like the current one. The inverse of
 * {@link markdownOf}.
 */
export function documentFrom(id: DocumentId, text: string): Document {
  const parts = text.trimEnd().split('\n\n');
  const [title = '', lead = '', ...rest] = parts;
  const sections: { title: string; blocks: Block[] }[] = [];
  let into: Block[] = [];
  for (const part of rest) {
    if (part.startsWith('## ')) {
      into = [];
      sections.push({ title: part.slice(3), blocks: into });
    } else if (part.startsWith('### ')) {
      const blocks: Block[] = [];
      sections.at(-1)?.blocks.push({ kind: 'fold', title: part.slice(4), blocks });
      into = blocks;
    } else into.push(blockFrom(part));
  }
  return { id, title: title.replace(/^# /, ''), lead, sections };
}

function blockFrom(part: string): Block {
  const lines = part.split('\n');
  if (part.startsWith('- ')) return { kind: 'list', items: lines.map((one) => one.slice(2)) };
  if (!part.startsWith('| ')) return { kind: 'text', text: part };
  const [head = [], , ...rows] = lines.map(cellsOf);
  return { kind: 'table', head, rows };
}

function cellsOf(row: string): readonly string[] {
  return row
    .replace(/^\| | \|$/g, '')
    .split(' | ')
    .map((cell) => cell.replaceAll('\\|', '|'));
}
