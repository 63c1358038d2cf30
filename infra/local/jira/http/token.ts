import { type KeyObject, createHmac, createSign, createVerify, timingSafeEqual } from 'node:crypto';

/** The claims of a token; times are seconds. */
export type Claims = Readonly<Record<string, unknown>>;

/** A token taken apart, nothing verified. */
export interface Opened {
  readonly header: Claims;
  readonly claims: Claims;
  /** What the signature is over. */
  readonly signed: string;
  readonly signature: Buffer;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Signs claims with a shared secret (HS256). */
export function signHs256(claims: Claims, secret: string): string {
  const signed = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** Signs claims with a private key (RS256); `kid` names the public one on the key server. */
export function signRs256(claims: Claims, key: KeyObject, kid: string): string {
  const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid })}.${encode(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
}

/** Writes claims under any header with any signature: for tokens that must be refused. */
export function forge(header: Claims, claims: Claims, signature = ''): string {
  return `${encode(header)}.${encode(claims)}.${signature}`;
}

/** Takes a token apart; undefined when it is none. */
export function openToken(token: string): Opened | undefined {
  const parts = token.split('.');
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) return undefined;
  const opened = { header: decode(header), claims: decode(claims) };
  if (opened.header === undefined || opened.claims === undefined) return undefined;
  return {
    header: opened.header,
    claims: opened.claims,
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a token is signed with the secret under HS256 and nothing else. */
export function isSignedHs256(opened: Opened, secret: string): boolean {
  if (opened.header['alg'] !== 'HS256') return false;
  const expected = createHmac('sha256', secret).update(opened.signed).digest();
  return expected.length === opened.signature.length && timingSafeEqual(expected, opened.signature);
}

/** Whether a token is signed with the key under RS256 and nothing else. */
export function isSignedRs256(opened: Opened, publicKey: KeyObject): boolean {
  return (
    opened.header['alg'] === 'RS256' &&
    createVerify('RSA-SHA256').update(opened.signed).verify(publicKey, opened.signature)
  );
}
