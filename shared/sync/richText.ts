import { isBlank } from '../adf/canonical.ts';
import { hasMedia, withoutMedia } from '../adf/media.ts';
import { withMentionsOf } from '../adf/mention.ts';
import { isSafeText } from '../adf/safety.ts';
import { plainText } from '../adf/text.ts';
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

/** Media that is already there would be lost by writing any text over it. `there` is `null` where nothing is. */
export function mediaObstacle(there: AdfDoc | null): Code | undefined {
  return there !== null && hasMedia(there) ? 'rich-text-media' : undefined;
}

/** True for a comment without anything to read; a comment of one picture is not empty. */
export function isEmptyBody(body: AdfDoc | null): body is null {
  return body === null || isBlank(body);
}
