/** The claims of a token and the checks on each. Every check is exact and has its own code. Pure. @see ATLASSIAN.md §4 */
import { z } from 'zod';
import { Fault } from '../verdict.ts';

/** Our clock and Atlassian's may differ this much where a token ends. */
const EXPIRY_LEEWAY_SECONDS = 3;
/** …and this much where it begins. @see THREATS.md T05 */
const START_LEEWAY_SECONDS = 30;

const seconds = z.number().nonnegative();
const name = z.string().min(1).max(1_024);

const schema = z.object({
  iss: name,
  sub: z.string().min(1).max(128).optional(),
  aud: z.union([name.transform((one) => [one]), z.array(name).min(1).max(8)]).optional(),
  exp: seconds,
  iat: seconds.optional(),
  nbf: seconds.optional(),
  qsh: z.string().min(1).max(64).optional(),
  // Only a hint, so that an odd one is none and spoils nothing.
  context: z
    .object({ license: z.object({ active: z.boolean() }) })
    .optional()
    .catch(undefined),
});

/** The claims that we look at; times in epoch seconds, as the standard has them. */
export type Claims = Readonly<z.infer<typeof schema>>;

/**
 * Reads claims. They may still be anybody's: the signature is checked elsewhere.
 * @throws Fault `token-malformed` naming the claim, never its value
 */
export function parseClaims(body: unknown): Claims {
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw new Fault('token-malformed', { part: 'claims', claim: String(parsed.error.issues[0]?.path[0] ?? '') });
  return parsed.data;
}

/** @throws Fault `token-expired`, `token-not-yet`. `now` in epoch milliseconds. */
export function checkTimes(claims: Claims, now: number): void {
  const nowSeconds = now / 1000;
  if (nowSeconds >= claims.exp + EXPIRY_LEEWAY_SECONDS) throw new Fault('token-expired');
  if (Math.max(claims.iat ?? 0, claims.nbf ?? 0) > nowSeconds + START_LEEWAY_SECONDS) throw new Fault('token-not-yet');
}

/**
 * One of the audiences must be one of the accepted names, as a whole. A claim that is absent passes only where a kind of
 * token has none.
 * @throws Fault `token-audience`
 */
export function checkAudience(claims: Claims, accepted: readonly string[], mayBeAbsent: boolean): void {
  if (claims.aud === undefined) {
    if (mayBeAbsent) return;
    throw new Fault('token-audience');
  }
  if (!claims.aud.some((one) => accepted.includes(one))) throw new Fault('token-audience');
}

/** @throws Fault `token-query-hash`, also when the claim is absent */
export function checkQueryHash(claims: Claims, accepted: readonly string[]): void {
  if (claims.qsh === undefined || !accepted.includes(claims.qsh)) throw new Fault('token-query-hash');
}
