/**
 * The matrix of refusals: every route that wants a token × every token that it must not take. Each refusal has its own
 * stable code, answers 401, and leaves no trace in any store or topic.
 * @see ATLASSIAN.md §9.4, THREATS.md T02–T06
 */
import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { lifecycleRoutes } from '../../functions/lifecycle/http.ts';
import { webhookRoutes } from '../../functions/webhook/http.ts';
import type { Code } from '../../shared/verdict.ts';
import { meaningOf } from '../../shared/verdict.ts';
import { ConnectWorld, KEY_ID, KeyServers, acme, beta, bodyOf, change, settings } from '../kit/connectWorld.ts';
import type { TestSite } from '../kit/connectWorld.ts';
import { claimsFor, craft, rsaKeys, signShared, signWithKey } from '../kit/tokens.ts';
import type { Json } from '../kit/tokens.ts';

const servers = new KeyServers();
const stranger = rsaKeys();
let world: ConnectWorld;

beforeAll(() => servers.start());
afterAll(() => servers.stop());
beforeEach(async () => {
  servers.reset();
  world = new ConnectWorld(servers);
  await world.install(acme);
  await world.install(beta);
});

/** A route under attack. `install`: Atlassian's own key. `site`: the shared secret. */
interface Target {
  readonly of: 'lifecycle' | 'webhook';
  readonly path: string;
  readonly takes: 'install' | 'site';
  readonly body: unknown;
}

const targets: readonly Target[] = [
  {
    of: 'lifecycle',
    path: '/lifecycle/installed',
    takes: 'install',
    body: { ...bodyOf(acme), sharedSecret: 'e'.repeat(64) },
  },
  { of: 'lifecycle', path: '/lifecycle/uninstalled', takes: 'install', body: bodyOf(acme) },
  { of: 'lifecycle', path: '/lifecycle/enabled', takes: 'site', body: bodyOf(acme) },
  { of: 'lifecycle', path: '/lifecycle/disabled', takes: 'site', body: bodyOf(acme) },
  { of: 'webhook', path: '/webhook/jira', takes: 'site', body: change },
];

/** What is sent: a header, and perhaps a token in the address. */
interface Sent {
  readonly authorization?: string | undefined;
  readonly query?: string;
}

interface Attack {
  readonly name: string;
  readonly send: (path: string) => Sent;
  readonly install: Code;
  readonly site: Code;
}

const claims = (path: string, more: Json = {}, issuer = acme.clientKey): Json => ({
  ...claimsFor({ method: 'POST', target: path, issuer, now: world.now }),
  aud: [settings.baseUrl],
  ...more,
});
/** The right token of a route, with some claims changed. */
const right = (path: string, more: Json = {}, issuer?: string): string =>
  path.endsWith('installed')
    ? signWithKey(claims(path, more, issuer), servers.keys.privateKey, KEY_ID)
    : signShared(claims(path, more, issuer), acme.secret);
const jwt = (token: string): Sent => ({ authorization: `JWT ${token}` });
const seconds = (path: string): number => Number(claims(path)['iat']);
const jwkOf = (pem: string): Json => ({ ...createPublicKey(pem).export({ format: 'jwk' }) });

const attacks: readonly Attack[] = [
  attack('no token', () => ({}), 'token-missing'),
  attack('an empty header', () => ({ authorization: '' }), 'token-malformed'),
  attack('another scheme', (path) => ({ authorization: `Bearer ${right(path)}` }), 'token-malformed'),
  attack('words', () => jwt('words'), 'token-malformed'),
  attack(
    'a bogus secret',
    (path) => jwt(signShared(claims(path), 'bogus'.repeat(10))),
    'token-algorithm',
    'token-signature',
  ),
  attack('no algorithm', (path) => jwt(craft({ alg: 'none', typ: 'JWT' }, claims(path))), 'token-algorithm'),
  attack('no algorithm, in capitals', (path) => jwt(craft({ alg: 'NONE' }, claims(path))), 'token-algorithm'),
  attack('a cut signature', (path) => jwt(right(path).replace(/[^.]+$/, '')), 'token-signature'),
  attack('a swapped signature', (path) => jwt(swapped(right(path), right(path, { jti: 'x' }))), 'token-signature'),
  attack(
    'a made-up key id',
    (path) => jwt(signWithKey(claims(path), stranger.privateKey, 'made-up')),
    'token-key-unknown',
    'token-algorithm',
  ),
  attack(
    'a stranger’s key under a good id',
    (path) => jwt(signWithKey(claims(path), stranger.privateKey, KEY_ID)),
    'token-signature',
    'token-algorithm',
  ),
  attack(
    'a key id that climbs',
    (path) => jwt(signWithKey(claims(path), stranger.privateKey, '../../evil')),
    'token-key-unknown',
    'token-algorithm',
  ),
  attack(
    'a key id that is an address',
    (path) => jwt(signWithKey(claims(path), stranger.privateKey, 'https://evil.example/k')),
    'token-key-unknown',
    'token-algorithm',
  ),
  attack(
    'no key id',
    (path) => jwt(craft({ alg: 'RS256' }, claims(path), 'x')),
    'token-key-unknown',
    'token-algorithm',
  ),
  attack(
    'the public key as a secret',
    (path) => jwt(craft({ alg: 'HS256', kid: KEY_ID }, claims(path), servers.keys.publicPem)),
    'token-algorithm',
    'token-signature',
  ),
  attack(
    'an embedded key',
    (path) => jwt(craft({ alg: 'RS256', kid: KEY_ID, jwk: jwkOf(stranger.publicPem) }, claims(path), 'x')),
    'token-malformed',
  ),
  attack(
    'a key address',
    (path) => jwt(craft({ alg: 'HS256', jku: 'https://evil.example' }, claims(path), acme.secret)),
    'token-malformed',
  ),
  attack('another audience', (path) => jwt(right(path, { aud: ['https://other.example'] })), 'token-audience'),
  attack(
    'an audience that contains ours',
    (path) => jwt(right(path, { aud: [`${settings.baseUrl}.evil.example`] })),
    'token-audience',
  ),
  attack(
    'the hash of another request',
    (path) => jwt(right(path, { qsh: String(claims('/other')['qsh']) })),
    'token-query-hash',
  ),
  attack('no hash', (path) => jwt(right(path, { qsh: undefined })), 'token-query-hash'),
  attack(
    'one more parameter than was signed',
    (path) => ({ ...jwt(right(path)), query: 'user_id=2' }),
    'token-query-hash',
  ),
  attack(
    'an ended time',
    (path) => jwt(right(path, { iat: seconds(path) - 600, exp: seconds(path) - 420 })),
    'token-expired',
  ),
  attack(
    'a time to come',
    (path) => jwt(right(path, { iat: seconds(path) + 600, exp: seconds(path) + 780 })),
    'token-not-yet',
  ),
  attack(
    'an expiry in words',
    (path) => jwt(craft({ alg: 'HS256' }, claims(path, { exp: 'never' }), acme.secret)),
    'token-malformed',
  ),
  attack('a page’s token', (path) => jwt(right(path, { qsh: 'context-qsh', sub: 'account-1' })), 'token-kind'),
  attack('an unknown site', (path) => jwt(right(path, {}, 'nobody-key')), 'tenant-mismatch', 'token-issuer'),
  attack(
    'another site’s name on our secret',
    (path) => jwt(right(path, {}, beta.clientKey)),
    'tenant-mismatch',
    'token-signature',
  ),
  attack(
    'our name on another site’s secret',
    (path) => jwt(signShared(claims(path), beta.secret)),
    'token-algorithm',
    'token-signature',
  ),
  attack(
    'a call of our own, sent back',
    (path) => jwt(right(path, { aud: [acme.clientKey] }, settings.addonKey)),
    'token-audience',
    'token-issuer',
  ),
  attack(
    'a token in header and address',
    (path) => ({ ...jwt(right(path)), query: `jwt=${right(path)}` }),
    'token-twice',
  ),
  attack('two tokens in the address', (path) => ({ query: `jwt=${right(path)}&jwt=${right(path)}` }), 'token-twice'),
  attack('a token in the address', (path) => ({ query: `jwt=${right(path)}` }), 'token-kind'),
];

function attack(name: string, send: Attack['send'], install: Code, site: Code = install): Attack {
  return { name, send, install, site };
}

function swapped(one: string, other: string): string {
  return one.replace(/[^.]+$/, other.split('.')[2] ?? '');
}

describe.each(targets)('$path', (target) => {
  test.each(attacks)('refuses $name', async ({ send, ...codes }) => {
    const { authorization, query } = send(target.path);
    const before = world.dump();
    const address = query === undefined ? target.path : `${target.path}?${query}`;
    const answer = await world.call(target.of, { target: address, authorization, body: target.body });
    expect(answer).toMatchObject({ status: 401, code: codes[target.takes] });
    expect(JSON.parse(answer.text)).toMatchObject({ code: codes[target.takes] });
    expect(world.dump()).toBe(before);
  });

  it('takes the right token, so that the refusals above mean something', async () => {
    const before = world.dump();
    const answer = await world.call(target.of, { target: target.path, ...jwt(right(target.path)), body: target.body });
    expect(answer.status).toBeLessThan(300);
    if (target.path !== '/lifecycle/enabled') expect(world.dump()).not.toBe(before);
  });
});

it('covers every route of its functions that is not public', () => {
  const all = {
    ...world.ports,
    store: world.store,
    bus: { publish: async () => undefined },
    doors: { connect: world.door },
  };
  const routes = [...lifecycleRoutes(all, settings), ...webhookRoutes(all)].filter(
    (route) => route.policy !== 'public',
  );
  expect(routes.map((route) => route.path).sort()).toEqual(targets.map((target) => target.path).sort());
});

it('asks no key server for a token that is wrong without a key', async () => {
  world = new ConnectWorld(servers);
  servers.reset();
  for (const { send, install } of attacks) {
    if (install === 'token-signature' || install === 'token-key-unknown') continue;
    const { authorization, query } = send('/lifecycle/installed');
    const target = query === undefined ? '/lifecycle/installed' : `/lifecycle/installed?${query}`;
    await world.call('lifecycle', { target, authorization, body: targets[0]?.body });
  }
  expect(servers.asked).toEqual([]);
});

describe('a page’s own routes', () => {
  const target = '/console/api/connections?x=1';
  const at = (more: Json = {}, site: TestSite = acme): string =>
    signShared(
      { ...claimsFor({ method: 'GET', target, issuer: site.clientKey, now: world.now }), sub: 'account-1', ...more },
      site.secret,
    );
  const verify = (sent: Sent) =>
    world.door.verifyPerson({
      method: 'GET',
      target: sent.query === undefined ? target : `${target}&jwt=${sent.query}`,
      authorization: sent.authorization,
    });

  it('take a bound token from the address or the header, and a context token from the header', async () => {
    const person = { kind: 'person', account: 'account-1', owner: 't-00000001#1', isActive: true };
    expect(await verify({ query: at() })).toMatchObject(person);
    expect(await verify(jwt(at()))).toMatchObject(person);
    expect(await verify(jwt(at({ qsh: 'context-qsh' })))).toMatchObject(person);
  });

  test.each<readonly [string, () => Sent, Code]>([
    ['no token', () => ({}), 'token-missing'],
    ['a context token in the address', () => ({ query: at({ qsh: 'context-qsh' }) }), 'token-kind'],
    ['no person', () => jwt(at({ sub: undefined })), 'token-kind'],
    ['a person that is no account', () => jwt(at({ sub: '../x' })), 'token-malformed'],
    ['another request’s hash', () => jwt(at({ qsh: 'f'.repeat(64) })), 'token-query-hash'],
    ['an ended time', () => jwt(at({ exp: 1 })), 'token-expired'],
    ['another audience', () => jwt(at({ aud: 'other' })), 'token-audience'],
    ['another site’s secret', () => jwt(at({}, { ...acme, secret: beta.secret })), 'token-signature'],
    ['an unknown site', () => jwt(at({}, { ...acme, clientKey: 'nobody' })), 'token-issuer'],
    ['Atlassian’s own key', () => jwt(signWithKey(claims(target), servers.keys.privateKey, KEY_ID)), 'token-algorithm'],
    ['two tokens', () => ({ ...jwt(at()), query: at() }), 'token-twice'],
  ])('refuse %s', async (_what, sent, code) => {
    await expect(verify(sent())).rejects.toMatchObject({ code });
    expect(meaningOf(code).http).toBe(401);
  });
});
