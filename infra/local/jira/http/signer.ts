import type { Site } from '../model/types.ts';
import type { InstallKey } from './keys.ts';
import { queryHash } from './qsh.ts';
import { type Claims, forge, signHs256, signRs256 } from './token.ts';

/** Life of a server-to-server token, an iframe's and a context token. @see ATLASSIAN.md §4.1 */
const SERVER_SECONDS = 180;
const CONTEXT_SECONDS = 900;

/**
 * Everything with which one site could sign, right or wrong: for pages in iframes and for tests of refusals.
 * Nothing is checked here.
 */
export interface Signer {
  readonly clientKey: string;
  /** The current shared secret; empty before the first install. */
  readonly sharedSecret: string;
  readonly kid: string;
  /** The claims of a good server-to-server token for that request, some replaced; undefined removes one. */
  claims(method: string, target: string, replaced?: Claims): Claims;
  /** Signs with the shared secret, or the one given. */
  hs256(claims: Claims, secret?: string): string;
  /** Signs with the install key under its kid, or another. */
  rs256(claims: Claims, kid?: string): string;
  /** Signs with a fresh key that nobody published, under the real kid or another. */
  rs256Unknown(claims: Claims, kid?: string): string;
  forge(header: Claims, claims: Claims, signature?: string): string;
}

/** Makes a site's signer. */
export function signerOf(
  site: Site,
  clock: { now(): number },
  appBaseUrl: string,
  keys: { readonly real: InstallKey; readonly unknown: InstallKey },
): Signer {
  const secret = (): string => site.installation?.sharedSecret ?? '';
  return {
    clientKey: site.clientKey,
    get sharedSecret() {
      return secret();
    },
    kid: keys.real.kid,
    claims: (method, target, replaced = {}) => {
      const now = Math.floor(clock.now() / 1000);
      const good: Claims = {
        iss: site.clientKey,
        aud: [appBaseUrl],
        iat: now,
        exp: now + SERVER_SECONDS,
        qsh: queryHash(method, target),
      };
      return Object.fromEntries(
        Object.entries<unknown>({ ...good, ...replaced }).filter(([, value]) => value !== undefined),
      );
    },
    hs256: (claims, other = secret()) => signHs256(claims, other),
    rs256: (claims, kid = keys.real.kid) => signRs256(claims, keys.real.privateKey, kid),
    rs256Unknown: (claims, kid = keys.real.kid) => signRs256(claims, keys.unknown.privateKey, kid),
    forge,
  };
}

/** The claims of a context token, as `AP.context.getToken()` gives them. */
export function contextClaims(site: Site, now: number, accountId: string): Claims {
  const seconds = Math.floor(now / 1000);
  return {
    iss: site.clientKey,
    sub: accountId,
    iat: seconds,
    exp: seconds + CONTEXT_SECONDS,
    qsh: 'context-qsh',
    context: { user: { accountId }, license: { active: site.licence?.active ?? true } },
  };
}

/** The claims of the token in an iframe's address: bound to that address. */
export function iframeClaims(site: Site, now: number, accountId: string, target: string): Claims {
  const seconds = Math.floor(now / 1000);
  return {
    iss: site.clientKey,
    sub: accountId,
    iat: seconds,
    exp: seconds + SERVER_SECONDS,
    qsh: queryHash('GET', target),
  };
}
