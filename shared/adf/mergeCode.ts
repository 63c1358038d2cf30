import { mergeLists } from './mergeLists.ts';

/** Merged code, or that the edits of the two sides are in each other's way. */
export type MergedCode = { readonly ok: true; readonly text: string } | { readonly ok: false };

/**
 * Code with the edits of both sides, line by line; see `mergeLists` for what counts as a conflict. Neighbouring lines of code belong
 * together: an untouched line must stand between two edits. Never invents words: each line comes from a side.
 */
export function mergeCode(base: string, a: string, b: string): MergedCode {
  const lines = mergeLists({ base: base.split('\n'), a: a.split('\n'), b: b.split('\n') }, { keyOf: (line) => line });
  return lines === undefined ? { ok: false } : { ok: true, text: lines.join('\n') };
}
