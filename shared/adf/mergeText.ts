import { mergeLists, type ItemKind } from './mergeLists.ts';
import { likenessOf, wordsOf } from './words.ts';

/** A merged text, or that the edits of the two sides are in each other's way. */
export type MergedText = { readonly ok: true; readonly text: string } | { readonly ok: false };

/**
 * The plain text with the edits of both sides, line by line and inside a line word by word; see `mergeLists` for what counts as a
 * conflict. A side that emptied the text while the other edited it is one too. Never invents words: each comes from a side.
 */
export function mergeText(base: string, a: string, b: string): MergedText {
  if (a === b || b === base) return { ok: true, text: a };
  if (a === base) return { ok: true, text: b };
  if (a === '' || b === '') return { ok: false };
  const lines = mergeLists({ base: base.split('\n'), a: a.split('\n'), b: b.split('\n') }, lineKind);
  return lines === undefined ? { ok: false } : { ok: true, text: lines.join('\n') };
}

/** The same for code, whose neighbouring lines belong together: an untouched line must stand between two edits. */
export function mergeCode(base: string, a: string, b: string): MergedText {
  const lines = mergeLists({ base: base.split('\n'), a: a.split('\n'), b: b.split('\n') }, { keyOf: (line) => line });
  return lines === undefined ? { ok: false } : { ok: true, text: lines.join('\n') };
}

const lineKind: ItemKind<string> = {
  keyOf: (line) => line,
  single: { likeness: likenessOf, merge: mergeLine, mayRepeat: (line) => line.trim() === '' },
};

function mergeLine(base: string, a: string, b: string): string | undefined {
  const words = mergeLists({ base: wordsOf(base), a: wordsOf(a), b: wordsOf(b) }, { keyOf: (word) => word });
  return words?.join('');
}
