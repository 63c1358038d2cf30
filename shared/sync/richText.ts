import { isBlank, meaningOf } from '../adf/canonical.ts';
import { mapMedia, mediaIn, withoutFiles, withoutMedia, type MediaFile } from '../adf/media.ts';
import { withMentionsOf } from '../adf/mention.ts';
import { withOwn } from '../adf/restore.ts';
import { isSafeText } from '../adf/safety.ts';
import { plainText } from '../adf/text.ts';
import { nodesOf } from '../adf/walk.ts';
import { otherSide, type Side } from '../model/connection.ts';
import type { AdfDoc } from '../model/adf.ts';
import type { AccountId } from '../model/ids.ts';
import type { SyncInput } from '../model/plan.ts';
import type { Code } from '../verdict.ts';
import { filesGone, filesShared, filesThere } from './mediaAcross.ts';

/** Jira's limit on the plain text of descriptions and comments, in characters. */
export const textLimit = 32_767;

/**
 * Why a text may not travel, whatever is there now; `undefined` when it may. `source` is the text as its own site shows it: an
 * unsafe address anywhere in it stops it, even in a part that would be left behind; `arriving` is what would be written.
 */
export function textObstacle(source: AdfDoc, arriving: AdfDoc): Code | undefined {
  if (!isSafeText(source)) return 'rich-text-unsafe';
  return plainText(arriving).length > textLimit ? 'field-refused' : undefined;
}

/** What a text meets on its way to one side: who is usable there, and which files are shown there and as what. */
interface Way {
  readonly usable: ReadonlySet<AccountId>;
  readonly files: ReadonlyMap<string, MediaFile>;
}

const noFiles: ReadonlyMap<string, MediaFile> = new Map();

/** The text as the other site may have it: files as their counterparts there, mentions only of people who are usable there. */
function travelling(doc: AdfDoc, { usable, files }: Way): AdfDoc {
  return withMentionsOf(mapMedia(doc, files), usable);
}

/**
 * The text of side `from` as it arrives on the other, which shows `own` now (`null`: nothing): files are the copies of that side,
 * and pictures and mentions of that side that had become words on their way out come home where the words around them come back as
 * they left. A file that is gone there does not come home. `lacks` are the files that the texts could not show to each other so far:
 * words may stand for those, and for files without counterpart, but not for a picture that the other side shows as one.
 */
export function arrivingText(
  input: SyncInput,
  from: Side,
  doc: AdfDoc,
  own: AdfDoc | null,
  lacks: readonly string[] = [],
): AdfDoc {
  const to = otherSide(from);
  const [here, there] = [input[from].abilities.usable, input[to].abilities.usable];
  const shows = mediaIn(doc).length > 0;
  const mine = own === null ? [] : mediaIn(own);
  const out: Way = { usable: there, files: shows || mine.length > 0 ? filesThere(input, from) : noFiles };
  const gone = travelling(doc, out);
  if (own === null) return gone;
  if (mine.length === 0)
    return withOwn(gone, own, (text) => travelling(travelling(text, { usable: here, files: noFiles }), out));
  const home: Way = { usable: here, files: filesThere(input, to) };
  const living = withoutFiles(own, filesGone(input, to));
  const asNow = (text: AdfDoc): AdfDoc => travelling(travelling(text, home), out);
  const asWords = (text: AdfDoc): AdfDoc =>
    mediaIn(text).some((id) => !home.files.has(id) || lacks.includes(id))
      ? withMentionsOf(withMentionsOf(withoutMedia(text), here), there)
      : asNow(text);
  return withOwn(gone, living, asNow, asWords);
}

/**
 * Media that is there on side `to` would be lost: the arriving text does not show it any more. `there` is `null` where nothing is. A
 * person who takes the words for a picture out of a copy does not thereby delete the picture of the original; one who takes out the
 * picture itself does.
 */
export function mediaObstacle(
  input: SyncInput,
  to: Side,
  there: AdfDoc | null,
  arriving: AdfDoc | null,
): Code | undefined {
  const shown = there === null ? [] : mediaOf(there);
  if (shown.length === 0) return undefined;
  const kept = new Set(arriving === null ? [] : mediaOf(arriving));
  const lost = shown.filter((one) => !kept.has(one));
  if (lost.length === 0) return undefined;
  const isFree = (id: string): boolean => filesShared(input, to).has(id) || filesGone(input, to).has(id);
  return lost.every(isFree) ? undefined : 'rich-text-media';
}

const mediaNodes: ReadonlySet<string> = new Set(['media', 'mediaInline']);

/** What a text shows, by id; a picture with an address of its own by its meaning, unless it stays one on its way. */
function mediaOf(doc: AdfDoc): readonly string[] {
  const others = [...nodesOf(doc)].filter(({ type, attrs }) => mediaNodes.has(type) && attrs?.['type'] === 'external');
  const bound = others.filter(
    (node) => mapMedia({ type: 'doc', version: 1, content: [node] }, noFiles).content[0] !== node,
  );
  return [...mediaIn(doc), ...bound.map(meaningOf)];
}

/** True for a comment without anything to read; a comment of one picture is not empty. */
export function isEmptyBody(body: AdfDoc | null): body is null {
  return body === null || isBlank(body);
}
