/** The console behind the real Connect door: really signed tokens, right and wrong, on every route of the API. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { consoleRoutes } from '../../functions/console/http.ts';
import { httpEdge } from '../../functions/edge.ts';
import type { Route } from '../../functions/edge.ts';
import { tenantId } from '../../shared/model/ids.ts';
import type { Code } from '../../shared/verdict.ts';
import { AdminJira } from '../kit/adminJira.ts';
import { callEdge } from '../kit/callEdge.ts';
import { Purse } from '../../shared/purse.ts';
import { quietScript } from '../kit/quietScript.ts';
import { ConnectWorld, KeyServers, acme, beta } from '../kit/connectWorld.ts';
import type { TestSite } from '../kit/connectWorld.ts';
import { claimsFor, craft, signShared } from '../kit/tokens.ts';
import type { Json } from '../kit/tokens.ts';
import { mailRoutes } from '../../functions/console/mailPages.ts';
import { trustRoutes } from '../../functions/console/trust.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';

const servers = new KeyServers();
let world: ConnectWorld;
let routes: readonly Route[];
let jira: AdminJira;
let published: (readonly [topic: string, message: unknown])[];

beforeAll(() => servers.start());
afterAll(() => servers.stop());
beforeEach(async () => {
  world = new ConnectWorld(servers);
  jira = new AdminJira();
  published = [];
  for (const site of [acme, beta]) {
    await world.install(site);
    jira.open(await tenantOf(site), 'boss', ['ACME', 'BETA']);
  }
  routes = consoleRoutes(
    {
      ...world.ports,
      store: world.store,
      bus: {
        publish: async (topic: string, message: unknown) => void published.push([topic, message]),
      },
      jira,
      signer,
      script: quietScript(),
      budget: new Purse({ ...world.ports, store: world.store }),
    },
    consoleSettings,
    { pairs: { look: async () => ({ code: 'not-found' }) } },
  );
});

const signer = { keyId: 'test', sign: async () => '', publicKey: async () => '' };

async function tenantOf(site: TestSite) {
  const { items } = await world.store.scan('tenant', { limit: 10 });
  const found = items.find(({ row }) => row.clientKey === site.clientKey);
  return tenantId(found?.place.tenant ?? '');
}

async function call(method: string, target: string, authorization: string | undefined, body?: unknown) {
  const log = { work: () => undefined, note: () => undefined, fault: () => undefined };
  const handle = httpEdge('console', { clock: world.ports.clock, log, doors: { connect: world.door } }, routes);
  const answer = await callEdge(handle, { method, target, authorization, body });
  return { status: answer.status, body: JSON.parse(answer.text) as Readonly<Record<string, unknown>> };
}

/** A page's context token, with claims changed. */
const contextOf = (site: TestSite, more: Json = {}, secret = site.secret): string =>
  `JWT ${signShared({ ...claimsOf(site), qsh: 'context-qsh', sub: 'boss', ...more }, secret)}`;
const claimsOf = (site: TestSite, target = '/'): Json =>
  claimsFor({ method: 'GET', target, issuer: site.clientKey, now: world.now });

interface Attack {
  readonly name: string;
  readonly token: (target: string) => string | undefined;
  readonly code: Code;
}

const attacks: readonly Attack[] = [
  { name: 'no token', token: () => undefined, code: 'token-missing' },
  { name: 'words', token: () => 'JWT words', code: 'token-malformed' },
  { name: 'a bogus secret', token: () => contextOf(acme, {}, 'x'.repeat(64)), code: 'token-signature' },
  { name: 'the secret of another site', token: () => contextOf(acme, {}, beta.secret), code: 'token-signature' },
  { name: 'no algorithm', token: () => `JWT ${craft({ alg: 'none' }, claimsOf(acme))}`, code: 'token-algorithm' },
  { name: 'a token that has ended', token: () => contextOf(acme, { exp: 1 }), code: 'token-expired' },
  { name: 'a stranger', token: () => contextOf({ ...acme, clientKey: 'nobody' }), code: 'token-issuer' },
  {
    name: 'the hash of another request',
    token: () => contextOf(acme, { qsh: claimsOf(acme, '/elsewhere')['qsh'] }),
    code: 'token-query-hash',
  },
];

describe('every route of the API', () => {
  test.each(attacks)('refuses $name, and nothing changes', async ({ token, code }) => {
    const before = world.dump();
    const wanted = routes.filter(({ policy }) => policy === 'person');
    expect(wanted.length).toBeGreaterThan(20);
    for (const { method, path } of wanted) {
      const target = path.replace('{connection}', 'c-00000001').replace('{version}', '1');
      const answer = await call(method, target, token(target));
      expect([path, answer.status, answer.body['code']]).toEqual([path, 401, code]);
    }
    expect(world.dump()).toBe(before);
  });

  test('refuses a server-to-server token: there is no person in it', async () => {
    const target = '/console/api/connections';
    const token = `JWT ${signShared(claimsOf(acme, target), acme.secret)}`;
    expect((await call('GET', target, token)).status).toBe(401);
  });

  test('takes a context token of an administrator, and the tenant from it alone', async () => {
    const body = { name: 'n', projectKey: 'ACME', tenant: await tenantOf(beta), clientKey: beta.clientKey };
    expect((await call('POST', '/console/api/invitations', contextOf(acme), body)).status).toBe(201);
    const lists = await Promise.all(
      [acme, beta].map((site) => call('GET', '/console/api/connections', contextOf(site))),
    );
    expect(lists.map((list) => (list.body['connections'] as readonly unknown[]).length)).toEqual([1, 0]);
  });

  test('refuses a person who administers nothing', async () => {
    const answer = await call('GET', '/console/api/connections', contextOf(acme, { sub: 'visitor' }));
    expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
  });
});

test('only health, help, receipts, the public documents and links that carry a token are open to anybody', () => {
  expect(routes.filter(({ policy }) => policy !== 'person').map(({ path }) => path)).toEqual([
    '/console/health',
    ...trustRoutes(consoleSettings).map(({ path }) => path),
    ...mailRoutes({} as never, []).map(({ path }) => path),
    '/console/support/{tenant}/{generation}/{token}',
    '/help/{code}',
    '/receipts/key',
    '/receipts/{receipt}',
  ]);
});

describe('what a token says of the licence', () => {
  const target = '/console/api/connections';
  const saying = (active: unknown): string => contextOf(acme, { context: { license: { active } } });
  const probes = () => published.filter(([topic]) => topic === 'purge-jobs').map(([, message]) => message);

  /** What is stored and told, but for how often the API was used. */
  const unused = (): unknown =>
    JSON.parse(world.dump(), (_name, value: unknown) =>
      Array.isArray(value) ? value.filter((one: unknown) => !/^\["[^"]*\/usages\//.test(JSON.stringify(one))) : value,
    );

  test('R39 changes nothing, and makes us ask the site when it says something new', async () => {
    const before = unused();
    expect((await call('GET', target, saying(true))).status).toBe(200);
    expect(probes()).toEqual([]);
    expect((await call('GET', target, saying(false))).status).toBe(200);
    const ref = { tenant: await tenantOf(acme), generation: 1 };
    expect(probes()).toEqual([{ kind: 'probe-tenant', ...ref, askedAt: world.now, isHint: true }]);
    for (let n = 0; n < 20; n += 1) await call('GET', target, saying(false));
    expect(probes()).toHaveLength(1);
    world.now += 60_000;
    await call('GET', target, saying(false));
    expect(probes()).toHaveLength(2);
    expect(unused()).toEqual(before);
  });

  test.each(['yes', 1, null, { evil: true }])('R39 is nothing when it is odd: %j', async (active) => {
    expect((await call('GET', target, saying(active))).status).toBe(200);
    expect(probes()).toEqual([]);
  });

  test('R39 of a site whose licence had ended asks the site at once', async () => {
    const stored = (await world.store.read('tenant', { tenant: await tenantOf(acme) }))!;
    await world.store.replace('tenant', stored.place, { ...stored.row, licensed: false }, stored.version);
    await call('GET', target, saying(false));
    expect(probes()).toEqual([]);
    await call('GET', target, saying(true));
    expect(probes()).toHaveLength(1);
  });
});
