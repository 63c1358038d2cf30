import type { AdfNode } from '../model/adf.ts';
import { meaningOf } from './canonical.ts';
import { mergeLists, type Three } from './mergeLists.ts';
import { isWholeWord, wordsOf } from './words.ts';

/** A word as people see it: one text, several when its letters have different marks; or one node that is no text. */
type Word = readonly AdfNode[];

/**
 * The content of a paragraph with the edits of both sides, word by word with its marks; everything that is no text (a mention, a card,
 * a line break) counts as one word. An untouched word must stand between two edits; `undefined` where none does.
 */
export function mergeInline(three: Three<AdfNode>): readonly AdfNode[] | undefined {
  const merged = mergeLists<Word>(
    { base: cut(three.base), a: cut(three.a), b: cut(three.b) },
    { keyOf: (word) => word.map(meaningOf).join() },
  );
  return merged === undefined ? undefined : joined(merged.flat());
}

function cut(nodes: readonly AdfNode[]): readonly Word[] {
  const words: AdfNode[][] = [];
  let isOpen = false;
  for (const node of joined(nodes)) {
    const pieces = node.type === 'text' ? wordsOf(node.text ?? '').map((text): AdfNode => ({ ...node, text })) : [node];
    for (const piece of pieces) {
      if (isOpen && piece.type === 'text') words.at(-1)?.push(piece);
      else words.push([piece]);
      isOpen = piece.type === 'text' && !isWholeWord(piece.text ?? '');
    }
  }
  return words;
}

/** Neighbouring texts that look the same as one text. */
function joined(nodes: readonly AdfNode[]): readonly AdfNode[] {
  const out: { node: AdfNode; look: string; texts: string[] }[] = [];
  for (const node of nodes) {
    const look = node.type === 'text' ? meaningOf({ ...node, text: '' }) : '';
    const last = out.at(-1);
    if (look !== '' && last?.look === look) last.texts.push(node.text ?? '');
    else out.push({ node, look, texts: [node.text ?? ''] });
  }
  return out.map(({ node, look, texts }) => (look === '' ? node : { ...node, text: texts.join('') }));
}
