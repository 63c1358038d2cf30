import { nodesOf } from '../adf/walk.ts';
import { otherSide, type Side } from '../model/connection.ts';
import type { AdfDoc } from '../model/adf.ts';
import type { AttachmentId } from '../model/ids.ts';
import type { SideView, SyncInput } from '../model/plan.ts';
import { isDoc } from './echo.ts';
import { namesIn } from './outgoing.ts';
import { issueOf } from './view.ts';

/**
 * The files of a side that only restricted texts show. A file has no readers of its own in Jira: it follows the comment that it was
 * put into. One whose media id is not known is private as long as any restricted text shows files: it may be one of those. A copy
 * of ours is not asked about: its original decides.
 */
export function privateFiles(input: SyncInput, side: Side): ReadonlySet<AttachmentId> {
  const hidden = mediaIn(restrictedTexts(input, side));
  const open = mediaIn(openTexts(input, side));
  const copies = new Set(
    (input.memory.files ?? []).flatMap((trace) => (trace.origin === otherSide(side) ? (trace[side] ?? []) : [])),
  );
  return new Set(
    (input[side].attachments ?? [])
      .filter(({ id, media, isRestricted }) => {
        if (isRestricted) return true;
        if (copies.has(id)) return false;
        return typeof media === 'string' ? hidden.has(media) && !open.has(media) : hidden.size > 0;
      })
      .map(({ id }) => id),
  );
}

/** The media ids that some texts show. */
export function mediaIn(docs: readonly (AdfDoc | null)[]): ReadonlySet<string> {
  const ids = docs.flatMap((doc) =>
    doc === null ? [] : [...nodesOf(doc)].flatMap(({ type, attrs }) => (isMedia(type) ? (attrs?.['id'] ?? []) : [])),
  );
  return new Set(ids.filter((id) => typeof id === 'string'));
}

/**
 * The files whose media ids a decision may hang on: those not known yet, while a restricted text shows files. Those that
 * nobody has looked at come first, so that a bound on the asking does not always leave the same ones out.
 */
export function needsMedia(view: SideView): readonly AttachmentId[] {
  const { comments, worklogs = [], attachments = [] } = view;
  const hidden = [...comments, ...worklogs].filter(({ isRestricted }) => isRestricted).map(({ body }) => body);
  if (mediaIn(hidden).size === 0) return [];
  return [...attachments].reverse().flatMap(({ id, media }) => (media === undefined ? [id] : []));
}

function isMedia(type: string): boolean {
  return type === 'media' || type === 'mediaInline';
}

function restrictedTexts(input: SyncInput, side: Side): readonly (AdfDoc | null)[] {
  const { comments, worklogs = [] } = input[side];
  return [...comments, ...worklogs].filter(({ isRestricted }) => isRestricted).map(({ body }) => body);
}

/** True when some text of the side shows the file. */
export function isShown(input: SyncInput, side: Side, media: string | null | undefined): boolean {
  return typeof media === 'string' && mediaIn([...openTexts(input, side), ...restrictedTexts(input, side)]).has(media);
}

function openTexts(input: SyncInput, side: Side): readonly (AdfDoc | null)[] {
  const { comments, worklogs = [] } = input[side];
  const notes = [...comments, ...worklogs].filter(({ isRestricted }) => !isRestricted).map(({ body }) => body);
  const replica = issueOf(input[side])?.fields ?? {};
  const fields = namesIn(replica).flatMap((field) => {
    const value = replica[field];
    return value !== undefined && isDoc(value) ? [value] : [];
  });
  return [...notes, ...fields];
}
