import jsonwebtoken from 'jsonwebtoken';
import { afterAll, beforeAll, beforeEach, expect, it, test } from 'vitest';
import { queryHash } from '../../shared/auth/qsh.ts';
import { tenantId } from '../../shared/model/ids.ts';
import { ConnectWorld, KeyServers, START, acme, settings } from '../kit/connectWorld.ts';
import type { TestSite } from '../kit/connectWorld.ts';

const servers = new KeyServers();
const tenant = tenantId('t-00000001');
const target = '/rest/api/3/search/jql?jql=project%20%3D%20A';
const renewed: TestSite = { ...acme, secret: 'c'.repeat(64) };
let world: ConnectWorld;

beforeAll(() => servers.start());
afterAll(() => servers.stop());
beforeEach(async () => {
  world = new ConnectWorld(servers);
  await world.install(acme);
});

const authorise = (generation = 1) => world.door.authorise({ tenant, generation }, 'GET', target);

it('signs a call for one request of one site', async () => {
  const { baseUrl, authorization } = await authorise();
  expect(baseUrl).toBe(acme.baseUrl);
  const token = authorization.replace(/^JWT /, '');
  const claims = jsonwebtoken.verify(token, acme.secret, { algorithms: ['HS256'], clockTimestamp: START / 1000 });
  expect(claims).toMatchObject({
    iss: settings.addonKey,
    aud: [acme.clientKey],
    qsh: queryHash({ method: 'GET', target }),
    exp: START / 1000 + 180,
  });
});

it('uses a new secret and a new address within a minute', async () => {
  await authorise();
  await world.install({ ...renewed, baseUrl: 'https://renamed.atlassian.net' });
  world.now += 60_000;
  const { baseUrl, authorization } = await authorise();
  expect(baseUrl).toBe('https://renamed.atlassian.net');
  const token = authorization.replace(/^JWT /, '');
  expect(() => jsonwebtoken.verify(token, renewed.secret, { ignoreExpiration: true })).not.toThrow();
});

test.each([
  ['an earlier life', 0],
  ['a later life', 2],
])('does not speak for %s', async (_what, generation) => {
  await expect(authorise(generation)).rejects.toMatchObject({ code: 'site-not-ready' });
});

it('does not speak for a site that left', async () => {
  await world.uninstall(acme);
  world.now += 60_000;
  await expect(authorise()).rejects.toMatchObject({ code: 'site-not-ready' });
});
