import { createHmac } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { describe, expect, it, test } from 'vitest';
import { checkAudience, checkQueryHash, checkTimes, parseClaims } from '../../../shared/auth/claims.ts';
import { readPublicKey, readToken, signAppToken, verifySignature } from '../../../shared/auth/jwt.ts';
import type { Verifier } from '../../../shared/auth/jwt.ts';
import { findToken } from '../../../shared/auth/place.ts';
import { toFault } from '../../../shared/verdict.ts';
import { craft, rsaKeys, signShared, signWithKey } from '../../kit/tokens.ts';
import type { Json } from '../../kit/tokens.ts';

const secret = 'a'.repeat(64);
const now = 1_700_000_000_000;
const seconds = now / 1000;
const claims = { iss: 'site-1', iat: seconds, exp: seconds + 180, qsh: 'f'.repeat(64) };
const keys = rsaKeys();
const weak = rsaKeys(1_024);
const shared: Verifier = { algorithm: 'HS256', key: secret };

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return toFault(thrown).code;
  }
  return 'accepted';
}

const read = (text: string, verifier: Verifier = shared) => codeOf(() => verifySignature(readToken(text), verifier));

const good = signShared(claims, secret);
const [head = '', body = '', signature = ''] = good.split('.');
const hs = { alg: 'HS256', typ: 'JWT' };

describe('a token', () => {
  it('of ours and of the vendor’s make is read and verified', () => {
    expect(read(good)).toBe('accepted');
    expect(read(craft(hs, claims, secret))).toBe('accepted');
    const publicKey = readPublicKey(keys.publicPem);
    const rs = signWithKey(claims, keys.privateKey, 'kid-1');
    expect(read(rs, { algorithm: 'RS256', key: publicKey })).toBe('accepted');
    expect(readToken(rs).keyId).toBe('kid-1');
  });

  const lastSpare = (text: string): string => {
    // The last character of a base64url text of 32 bytes carries two spare bits.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const at = alphabet.indexOf(text.at(-1) ?? '');
    return text.slice(0, -1) + (alphabet[at ^ 1] ?? '');
  };
  const header = (more: Json): string => craft({ ...hs, ...more }, claims, secret);

  const refused: readonly (readonly [string, string, string])[] = [
    ['empty', '', 'token-malformed'],
    ['one part', head, 'token-malformed'],
    ['two parts', `${head}.${body}`, 'token-malformed'],
    ['four parts', `${good}.x`, 'token-malformed'],
    ['five parts, as an encrypted one has', `${good}.x.y`, 'token-malformed'],
    ['an empty header', `.${body}.${signature}`, 'token-malformed'],
    ['empty claims', `${head}..${signature}`, 'token-malformed'],
    ['a null signature', `${head}.${body}.`, 'token-signature'],
    ['padding', `${head}.${body}=.${signature}`, 'token-malformed'],
    ['a space', `${head} .${body}.${signature}`, 'token-malformed'],
    ['a line break', `${head}.${body}.${signature}\n`, 'token-malformed'],
    ['a character outside the alphabet', `${head}.${body}.${signature}!`, 'token-malformed'],
    ['the other base64 alphabet', `${head}.${body}.+/${signature.slice(2)}`, 'token-malformed'],
    ['spare bits in the signature', `${head}.${body}.${lastSpare(signature)}`, 'token-malformed'],
    ['a changed signature', `${head}.${body}.A${signature.slice(1)}B`.slice(0, good.length), 'token-signature'],
    ['a header that is a list', `${Buffer.from('[]').toString('base64url')}.${body}.${signature}`, 'token-malformed'],
    ['a header that is no JSON', `${Buffer.from('{').toString('base64url')}.${body}.${signature}`, 'token-malformed'],
    ['claims that are no UTF-8', `${head}.${Buffer.from([0xff, 0xfe]).toString('base64url')}.x`, 'token-malformed'],
    ['claims that are a text', craft(hs, 'x', secret), 'token-malformed'],
    ['claims that are null', craft(hs, null, secret), 'token-malformed'],
    ['no algorithm', craft({ typ: 'JWT' }, claims, secret), 'token-malformed'],
    ['an algorithm that is a list', craft({ alg: ['HS256'] }, claims, secret), 'token-malformed'],
    ...['none', 'None', 'NONE', 'nOnE', '', 'hs256', 'HS384', 'HS512', 'RS256', 'ES256', 'PS256', 'EdDSA'].map(
      (alg) => [`algorithm "${alg}"`, craft({ alg }, claims, secret), 'token-algorithm'] as const,
    ),
    ['algorithm none without signature', craft({ alg: 'none' }, claims), 'token-algorithm'],
    ['an embedded key', header({ jwk: { kty: 'oct', k: 'YQ' } }), 'token-malformed'],
    ['a key address', header({ jku: 'https://evil.example/jwks' }), 'token-malformed'],
    ['a certificate address', header({ x5u: 'https://evil.example/x' }), 'token-malformed'],
    ['a certificate', header({ x5c: ['x'] }), 'token-malformed'],
    ['a critical parameter', header({ crit: ['exp'] }), 'token-malformed'],
    ['an empty list of critical parameters', header({ crit: [] }), 'token-malformed'],
    ['unencoded claims', header({ b64: false }), 'token-malformed'],
    ['packed claims', header({ zip: 'DEF' }), 'token-malformed'],
    ['another type', header({ typ: 'JWE' }), 'token-malformed'],
    ['a key id that is a number', header({ kid: 1 }), 'token-malformed'],
    ['the blank secret', signedBy(''), 'token-signature'],
    ['a common secret', signedBy('secret'), 'token-signature'],
    ['another secret', signedBy('b'.repeat(64)), 'token-signature'],
    ['the public key as a secret', craft(hs, claims, keys.publicPem), 'token-signature'],
    ['nine thousand characters', signShared({ ...claims, pad: 'x'.repeat(8_000) }, secret), 'token-malformed'],
  ];

  function signedBy(key: string): string {
    return `${head}.${body}.${createHmac('sha256', key).update(`${head}.${body}`).digest('base64url')}`;
  }

  test.each(refused)('with %s is refused', (_what, text, code) => {
    expect(read(text)).toBe(code);
  });

  it('signed with a shared secret does not pass where a key pair is wanted, and the reverse', () => {
    const publicKey = readPublicKey(keys.publicPem);
    const confused = craft({ ...hs, alg: 'HS256' }, claims, keys.publicPem);
    expect(read(confused, { algorithm: 'RS256', key: publicKey })).toBe('token-algorithm');
    const pretended = craft({ ...hs, alg: 'RS256' }, claims, keys.publicPem);
    expect(read(pretended, { algorithm: 'RS256', key: publicKey })).toBe('token-signature');
    expect(read(signWithKey(claims, keys.privateKey, 'k'))).toBe('token-algorithm');
    const other = signWithKey(claims, rsaKeys().privateKey, 'k');
    expect(read(other, { algorithm: 'RS256', key: publicKey })).toBe('token-signature');
  });
});

test.each([
  ['nothing', ''],
  ['a page', '<html></html>'],
  ['a broken key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
  ['a private key', keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['two keys', keys.publicPem + keys.publicPem],
  ['a weak key', weak.publicPem],
  ['a key with text before it', `see: ${keys.publicPem}`],
])('%s is no install key', (_what, pem) => {
  expect(codeOf(() => readPublicKey(pem))).toBe('token-key-unknown');
});

describe('claims', () => {
  test.each([
    ['no issuer', { ...claims, iss: undefined }],
    ['an empty issuer', { ...claims, iss: '' }],
    ['an issuer that is a list', { ...claims, iss: ['site-1'] }],
    ['no expiry', { ...claims, exp: undefined }],
    ['an expiry in words', { ...claims, exp: 'never' }],
    ['an expiry in a text', { ...claims, exp: String(claims.exp) }],
    ['a negative expiry', { ...claims, exp: -1 }],
    ['a start in words', { ...claims, iat: 'now' }],
    ['an audience that is a number', { ...claims, aud: 1 }],
    ['an empty list of audiences', { ...claims, aud: [] }],
    ['a hash that is a list', { ...claims, qsh: [claims.qsh] }],
    ['a person that is a number', { ...claims, sub: 1 }],
    ['a list', []],
  ])('with %s are malformed', (_what, of) => {
    expect(codeOf(() => parseClaims(of))).toBe('token-malformed');
  });

  test.each([
    [{ exp: seconds - 2 }, 'accepted'],
    [{ exp: seconds - 3 }, 'token-expired'],
    [{ exp: seconds - 86_400 }, 'token-expired'],
    [{ iat: seconds + 30 }, 'accepted'],
    [{ iat: seconds + 31 }, 'token-not-yet'],
    [{ nbf: seconds + 30 }, 'accepted'],
    [{ nbf: seconds + 31 }, 'token-not-yet'],
    [{ iat: seconds + 86_400, exp: seconds + 90_000 }, 'token-not-yet'],
    [{ iat: undefined }, 'accepted'],
  ])('with %j are judged by our clock: %s', (of, code) => {
    expect(codeOf(() => checkTimes(parseClaims({ ...claims, ...of }), now))).toBe(code);
  });

  const base = 'https://twinline.example';
  test.each([
    [base, 'accepted'],
    [[base], 'accepted'],
    [['https://other.example', base], 'accepted'],
    [undefined, 'token-audience'],
    [`${base}.evil.example`, 'token-audience'],
    [`https://evil.example/?${base}`, 'token-audience'],
    [base.toUpperCase(), 'token-audience'],
    [base.slice(0, -1), 'token-audience'],
    ['', 'token-malformed'],
    [` ${base}`, 'token-audience'],
  ])('with the audience %j: %s', (aud, code) => {
    expect(codeOf(() => checkAudience(parseClaims({ ...claims, aud }), [base], false))).toBe(code);
  });

  it('without an audience pass only where a kind of token has none', () => {
    expect(codeOf(() => checkAudience(parseClaims(claims), [base], true))).toBe('accepted');
  });

  test.each([
    [claims.qsh, 'accepted'],
    [claims.qsh.toUpperCase(), 'token-query-hash'],
    [claims.qsh.slice(1), 'token-query-hash'],
    ['context-qsh', 'token-query-hash'],
    ['.*', 'token-query-hash'],
    [undefined, 'token-query-hash'],
  ])('with the query hash %j: %s', (qsh, code) => {
    expect(codeOf(() => checkQueryHash(parseClaims({ ...claims, qsh }), [claims.qsh]))).toBe(code);
  });
});

test.each([
  [undefined, '/x', 'token-missing'],
  [undefined, '/x?jwt=', 'token-missing'],
  ['JWT a.b.c', '/x', 'header'],
  ['jwt a.b.c', '/x', 'header'],
  [undefined, '/x?y=1&jwt=a.b.c', 'query'],
  ['JWT a.b.c', '/x?jwt=a.b.c', 'token-twice'],
  ['Bearer x', '/x?jwt=a.b.c', 'token-twice'],
  [undefined, '/x?jwt=a.b.c&jwt=d.e.f', 'token-twice'],
  ['Bearer a.b.c', '/x', 'token-malformed'],
  ['JWT', '/x', 'token-malformed'],
  ['JWT a b', '/x', 'token-malformed'],
  ['', '/x', 'token-malformed'],
])('the token of %j and %j: %s', (authorization, target, expected) => {
  let found = '';
  const code = codeOf(() => (found = findToken({ authorization, target }).place));
  expect(code === 'accepted' ? found : code).toBe(expected);
});

it('signs our own calls for three minutes, for one request and one site', () => {
  const facts = { addonKey: 'app.twinline', clientKey: 'site-1', hash: claims.qsh, now: now + 999 };
  const token = signAppToken(facts, secret);
  const payload = jsonwebtoken.verify(token, secret, { algorithms: ['HS256'], clockTimestamp: seconds });
  expect(payload).toEqual({
    iss: 'app.twinline',
    aud: ['site-1'],
    iat: seconds,
    exp: seconds + 180,
    qsh: claims.qsh,
  });
  expect(token).not.toContain(secret);
});
