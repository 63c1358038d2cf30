/**
 * The only place that reads, verifies and signs JSON web tokens. Stricter than the library: one spelling per token, one
 * algorithm per route, no header that names a key. Pure: keys and time are given.
 * @see THREATS.md T04 and §4.1
 */
import { createPublicKey, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { z } from 'zod';
import { Fault } from '../verdict.ts';
import { parseClaims } from './claims.ts';
import type { Claims } from './claims.ts';

/** Node refuses headers above 16 KiB; a context token of Jira has about 1 KiB. */
const MAX_TOKEN_CHARACTERS = 8_192;
/** Below this an RSA key is no longer taken for safe. @see NIST SP 800-131A */
const MIN_RSA_BITS = 2_048;
/** How long a token of ours is valid, as Atlassian's own framework has it. */
const OWN_TOKEN_SECONDS = 180;

/** A token that was taken apart and not verified. Nothing in it may be believed. */
export interface UnverifiedToken {
  readonly text: string;
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly claims: Claims;
}

/** The one key and the one algorithm that a route accepts. */
export type Verifier =
  | { readonly algorithm: 'HS256'; readonly key: string }
  | { readonly algorithm: 'RS256'; readonly key: KeyObject };

/** Header parameters that let a token bring its own key, or ask for rules that we do not know. */
const REFUSED_PARAMETERS = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc'];

const headerSchema = z.object({
  alg: z.string(),
  typ: z.string().regex(/^jwt$/i).optional(),
  kid: z.string().optional(),
});

/**
 * Takes a token apart.
 * @throws Fault `token-malformed` for anything but three canonical base64url parts with JSON objects of the known shape
 */
export function readToken(text: string): UnverifiedToken {
  const [head, body, signature, ...rest] = text.split('.');
  if (text.length > MAX_TOKEN_CHARACTERS || head === undefined || body === undefined || signature === undefined)
    throw new Fault('token-malformed', { part: 'shape' });
  if (rest.length > 0) throw new Fault('token-malformed', { part: 'shape' });
  const rawHeader = parsePart(head, 'header');
  const header = headerSchema.safeParse(rawHeader);
  if (!header.success || REFUSED_PARAMETERS.some((name) => name in rawHeader))
    throw new Fault('token-malformed', { part: 'header' });
  const claims = parseClaims(parsePart(body, 'claims'));
  // A token without signature is not malformed but unsigned; its algorithm gives it away later.
  if (signature !== '') decodePart(signature, 'signature');
  return { text, algorithm: header.data.alg, keyId: header.data.kid, claims };
}

/**
 * Checks algorithm and signature, and nothing else: the claims are the caller's next step.
 * @throws Fault `token-algorithm`, `token-signature`
 */
export function verifySignature(token: UnverifiedToken, verifier: Verifier): void {
  if (token.algorithm !== verifier.algorithm) throw new Fault('token-algorithm');
  try {
    jsonwebtoken.verify(token.text, verifier.key, {
      algorithms: [verifier.algorithm],
      // Times are checked with our clock, in `claims.ts`.
      ignoreExpiration: true,
      ignoreNotBefore: true,
    });
  } catch (cause) {
    throw new Fault('token-signature', {}, cause);
  }
}

/**
 * Reads a public key as a key server sends it.
 * @throws Fault `token-key-unknown` for anything but one RSA public key of at least 2,048 bits in PEM
 */
export function readPublicKey(pem: string): KeyObject {
  if (!/^\s*-----BEGIN (RSA )?PUBLIC KEY-----[\sA-Za-z0-9+/=]+-----END (RSA )?PUBLIC KEY-----\s*$/.test(pem))
    throw new Fault('token-key-unknown', { reason: 'not-pem' });
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new Fault('token-key-unknown', { reason: 'not-a-key' }, cause);
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS)
    throw new Fault('token-key-unknown', { reason: 'weak-or-other' });
  return key;
}

/** Signs a token of ours for one call of a site. `now` in epoch milliseconds. @see ATLASSIAN.md §4.1 */
export function signAppToken(
  facts: { readonly addonKey: string; readonly clientKey: string; readonly hash: string; readonly now: number },
  secret: string,
): string {
  const iat = Math.floor(facts.now / 1000);
  return jsonwebtoken.sign(
    { iss: facts.addonKey, aud: [facts.clientKey], iat, exp: iat + OWN_TOKEN_SECONDS, qsh: facts.hash },
    // A key, not a text: the library would first try to read the text as a private key, which takes longer than to sign.
    createSecretKey(Buffer.from(secret)),
    { algorithm: 'HS256' },
  );
}

function parsePart(part: string, name: string): Readonly<Record<string, unknown>> {
  const bytes = decodePart(part, name);
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new Fault('token-malformed', { part: name }, cause);
  }
}

/** One token has one spelling: stray characters and spare bits in base64url would give it more. */
function decodePart(part: string, name: string): Uint8Array {
  const bytes = Buffer.from(part, 'base64url');
  if (part === '' || bytes.toString('base64url') !== part) throw new Fault('token-malformed', { part: name });
  return bytes;
}
