import { isBlank, meaningOf } from '../adf/canonical.ts';
import { withoutMedia } from '../adf/media.ts';
import { withMentionsOf } from '../adf/mention.ts';
import { withOwn } from '../adf/restore.ts';
import { isSafeText } from '../adf/safety.ts';
import { plainText } from '../adf/text.ts';
import { nodesOf } from '../adf/walk.ts';
import type { AdfDoc } from '../model/adf.ts';
import type { AccountId } from '../model/ids.ts';
import type { Code } from '../verdict.ts';

/** Jira's limit on the plain text of descriptions and comments, in characters. */
export const textLimit = 32_767;

/** The text as the other site may have it: no media of this site, and mentions only of people who are usable there. */
export function travelling(doc: AdfDoc, usable: ReadonlySet<AccountId>): AdfDoc {
  return withMentionsOf(withoutMedia(doc), usable);
}

/**
 * Why a text may not travel, whatever is there now; `undefined` when it may. `source` is the text as its own site shows it: an
 * unsafe address anywhere in it stops it, even in a part that would be left behind; `arriving` is what would be written.
 */
export function textObstacle(source: AdfDoc, arriving: AdfDoc): Code | undefined {
  if (!isSafeText(source)) return 'rich-text-unsafe';
  return plainText(arriving).length > textLimit ? 'field-refused' : undefined;
}

/** Who is usable on the site that a text comes from, and on the one where it arrives. */
export interface Usable {
  readonly here: ReadonlySet<AccountId>;
  readonly there: ReadonlySet<AccountId>;
}

/**
 * The text as it arrives on a site that shows `own` now (`null`: nothing): pictures and mentions of that site that had become words on
 * their way out come home where the words around them come back as they left.
 */
export function arrivingText(doc: AdfDoc, own: AdfDoc | null, { here, there }: Usable): AdfDoc {
  const gone = travelling(doc, there);
  return own === null ? gone : withOwn(gone, own, (text) => travelling(text, here));
}

/**
 * Media that is there would be lost: the arriving text does not show it any more. `there` is `null` where nothing is. A person who
 * takes the words for a picture out of a copy does not thereby delete the picture of the original.
 */
export function mediaObstacle(there: AdfDoc | null, arriving: AdfDoc | null): Code | undefined {
  if (there === null) return undefined;
  const shown = new Set(arriving === null ? [] : mediaOf(arriving));
  return mediaOf(there).every((one) => shown.has(one)) ? undefined : 'rich-text-media';
}

const mediaNodes: ReadonlySet<string> = new Set(['media', 'mediaInline']);

function mediaOf(doc: AdfDoc): readonly string[] {
  return [...nodesOf(doc)].filter(({ type }) => mediaNodes.has(type)).map(meaningOf);
}

/** True for a comment without anything to read; a comment of one picture is not empty. */
export function isEmptyBody(body: AdfDoc | null): body is null {
  return body === null || isBlank(body);
}
