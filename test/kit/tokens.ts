/** Really signed tokens, as Jira makes them, and the broken kinds that nobody may accept. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { queryHash } from '../../shared/auth/qsh.ts';

/** A made key pair of RSA. Making one takes a while: make few. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  /** SPKI PEM */
  readonly publicPem: string;
}

export function rsaKeys(modulusLength = 2_048): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return { privateKey, publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

export type Json = Readonly<Record<string, unknown>>;

/** What a token is for. `now` in epoch milliseconds. */
export interface TokenFor {
  readonly method: string;
  readonly target: string;
  readonly issuer: string;
  readonly now: number;
}

/** The claims of a token that belongs to one request. */
export function claimsFor({ method, target, issuer, now }: TokenFor): Json {
  const iat = Math.floor(now / 1000);
  return { iss: issuer, iat, exp: iat + 180, qsh: queryHash({ method, target }) };
}

export function signShared(claims: Json, secret: string): string {
  return jsonwebtoken.sign({ ...claims }, secret, { algorithm: 'HS256' });
}

export function signWithKey(claims: Json, key: KeyObject, keyid: string): string {
  return jsonwebtoken.sign({ ...claims }, key, { algorithm: 'RS256', keyid });
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Any header and any claims, signed with a secret by hand, or not at all. */
export function craft(header: Json, claims: unknown, secret?: string | KeyObject): string {
  const signed = `${part(header)}.${part(claims)}`;
  const signature = secret === undefined ? '' : createHmac('sha256', secret).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}
