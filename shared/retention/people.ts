/** How long what Jira tells of people may be kept. Pure. @see SPEC.md R44–R46, PROMISES.md X-14 */

const HOUR_MS = 3_600_000;

/** A name is kept for a day at most; settings may only shorten it. */
export const MAX_NAME_MS = 24 * HOUR_MS;

/** When a name that was read then has to be gone. */
export function nameEndsAt(readAt: number, identityMs: number): number {
  return readAt + Math.min(identityMs, MAX_NAME_MS);
}

/** May a name still be shown? Its own end counts, and the present setting when that is shorter by now. */
export function isNameFresh(
  { readAt, expiresAt }: { readonly readAt: number; readonly expiresAt: number },
  now: number,
  identityMs: number,
): boolean {
  return now >= readAt && now < expiresAt && now < nameEndsAt(readAt, identityMs);
}
