import type { AdfDoc } from '../model/adf.ts';
import { isBlank, isSameText } from './canonical.ts';
import { blockKind } from './mergeBlock.ts';
import { mergeLists } from './mergeLists.ts';
import { isTooDeep } from './walk.ts';

/** A merged document, or that the edits of the two sides are in each other's way and both texts have to be kept. */
export type MergedDoc = { readonly ok: true; readonly doc: AdfDoc | null } | { readonly ok: false };

/**
 * The document with the edits of both sides since `base`, block by block; `null` stands for no text at all.
 * Where both sides edited the same list, panel or table the merge goes into it, and where they edited the same paragraph, it goes
 * by words (see `mergeLists` for what counts as a conflict). A side that emptied the text while the other edited it is a conflict.
 *
 * Every node comes from `a` or `b`, so the result is valid when both are; where all three mean the same, `a`'s node stands.
 * All three documents must be in the terms of one site: media and mentions of the other one are mapped before.
 * A document nested deeper than `depthLimit` is a conflict. Never throws.
 */
export function mergeDocs(base: AdfDoc | null, a: AdfDoc | null, b: AdfDoc | null): MergedDoc {
  if ([base, a, b].some((doc) => doc !== null && isTooDeep(doc))) return { ok: false };
  if (isSame(a, b) || isSame(base, b)) return { ok: true, doc: a };
  if (isSame(base, a)) return { ok: true, doc: b };
  if (a === null || b === null || isBlank(a) || isBlank(b)) return { ok: false };
  const content = mergeLists({ base: base?.content ?? [], a: a.content, b: b.content }, blockKind);
  if (content === undefined) return { ok: false };
  return { ok: true, doc: content.length === 0 ? null : { ...a, content } };
}

function isSame(one: AdfDoc | null, other: AdfDoc | null): boolean {
  if (one === null || other === null) return (one ?? other) === null || isBlank((one ?? other) as AdfDoc);
  return isSameText(one, other);
}
