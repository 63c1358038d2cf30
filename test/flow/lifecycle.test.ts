import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { changeLife } from '../../functions/life.ts';
import { ownerOf, tenantKey } from '../../shared/model/ids.ts';
import { ConnectWorld, KEY_ID, KeyServers, START, SEN, acme, beta, bodyOf, settings } from '../kit/connectWorld.ts';
import type { TestSite } from '../kit/connectWorld.ts';
import { rsaKeys } from '../kit/tokens.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const servers = new KeyServers();
let world: ConnectWorld;

beforeAll(() => servers.start());
afterAll(() => servers.stop());
beforeEach(() => {
  servers.reset();
  world = new ConnectWorld(servers);
});

const tenantRows = () => world.rows('(default)', 'tenants/');
const entries = () =>
  world.rows('ledger', 'identities/').map(({ kind, generation }) => `${String(kind)} ${String(generation)}`);
const told = () =>
  world.published.flatMap(({ topic, message }) => (topic === 'tenant-lifecycle' ? [message as object] : []));
const renewed: TestSite = { ...acme, secret: 'c'.repeat(64) };

/** What the purge does at the end of its work, so far as the lifecycle can see it. */
async function purgeAway(site: TestSite, kinds: readonly ('purging' | 'purged')[]): Promise<void> {
  const identity = await world.ports.ledger.identityOf('connect', site.clientKey);
  for (const kind of kinds) {
    const before = await world.ports.ledger.read(identity);
    const last = before.at(-1);
    if (last === undefined) throw new Error('never installed');
    const { tenant, generation } = last;
    await world.ports.ledger.append(identity, last.number, { tenant, generation, kind, at: world.now });
    const stored = await world.store.read('tenant', { tenant });
    if (kind === 'purging' && stored !== undefined)
      await world.store.replace('tenant', { tenant }, { ...stored.row, state: 'purging' }, stored.version);
    if (kind === 'purged') {
      await world.store.remove('tenant', { tenant });
      await world.ports.keys.destroy(tenantKey(ownerOf(tenant, generation)));
    }
  }
}

describe('a first install', () => {
  it('makes an active tenant, its key, its door and its ledger entry, and tells', async () => {
    const answer = await world.install(acme);
    expect(answer).toMatchObject({ status: 204, code: 'installed', text: '' });
    expect(tenantRows()).toEqual([
      expect.objectContaining({
        owners: ['t-00000001#1'],
        generation: 1,
        state: 'active',
        enabled: true,
        licensed: true,
        door: 'connect',
        addonKey: settings.addonKey,
        productType: 'jira',
        clientKey: acme.clientKey,
        baseUrl: acme.baseUrl,
        serviceEntitlementNumber: SEN,
        installedAt: START,
        ledgerNumber: 1,
      }),
    ]);
    expect(world.rows('(default)', 'doors/')).toEqual([
      { owners: ['t-00000001#1'], tenant: 't-00000001', generation: 1 },
    ]);
    expect(entries()).toEqual(['installed 1']);
    expect(told()).toEqual([
      { kind: 'tenant-change', tenant: 't-00000001', generation: 1, what: 'installed', at: START },
    ]);
    expect(tenantRows()[0]).not.toHaveProperty('untold');
  });

  it('keeps the secret sealed and out of every log line and message', async () => {
    await world.install(acme);
    await world.webhook(acme);
    expect(world.dump()).not.toContain(acme.secret);
    expect(JSON.stringify(world.logged)).not.toContain(acme.secret);
    expect(JSON.stringify(world.logged)).not.toContain(acme.clientKey);
  });

  it('lets the site in at once, and not another one', async () => {
    await world.install(acme);
    expect((await world.webhook(acme)).code).toBe('accepted');
    expect((await world.webhook(beta)).code).toBe('token-issuer');
    await world.install(beta);
    expect((await world.webhook(beta)).code).toBe('accepted');
    expect(tenantRows()).toHaveLength(2);
  });

  it('repeated, changes nothing', async () => {
    await world.install(acme);
    const before = world.dump();
    const again = await world.install(acme);
    expect(again).toMatchObject({ status: 204, code: 'done' });
    expect(world.dump()).toBe(before);
  });

  it('twice at the same time makes one tenant', async () => {
    const answers = await Promise.all([world.install(acme), world.install(acme), world.install(acme)]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(tenantRows()).toHaveLength(1);
    expect(entries()).toEqual(['installed 1']);
    expect((await world.webhook(acme)).code).toBe('accepted');
  });

  test.each([
    ['another add-on', { key: 'app.other' }, 400, 'body-invalid'],
    ['another product', { productType: 'confluence' }, 400, 'body-invalid'],
    ['a short secret', { sharedSecret: 'short' }, 400, 'body-invalid'],
    ['another client key', { clientKey: beta.clientKey }, 401, 'tenant-mismatch'],
    ['a foreign host', { baseUrl: `${acme.baseUrl}.evil.com` }, 401, 'host-refused'],
    ['a host with a port', { baseUrl: `${acme.baseUrl}:8443` }, 401, 'host-refused'],
  ])('of a body with %s is refused', async (_what, more, status, code) => {
    const before = world.dump();
    const target = '/lifecycle/installed';
    const body = { ...bodyOf(acme), sharedSecret: acme.secret, ...more };
    const answer = await world.call('lifecycle', { target, authorization: world.signInstall(acme, target), body });
    expect(answer).toMatchObject({ status, code });
    expect(world.dump()).toBe(before);
  });
});

describe('a rotation', () => {
  it('keeps the old secret for fifteen minutes', async () => {
    await world.install(acme);
    expect((await world.install(renewed)).code).toBe('done');
    expect((await world.webhook(renewed)).code).toBe('accepted');
    world.now += 14 * MINUTE;
    expect((await world.webhook(acme)).code).toBe('accepted');
    world.now += MINUTE;
    expect((await world.webhook(acme)).code).toBe('token-signature');
    expect((await world.webhook(renewed)).code).toBe('accepted');
    expect(entries()).toEqual(['installed 1']);
    expect(told()).toHaveLength(1);
  });

  it('is noticed by an instance that still remembers the old secret', async () => {
    await world.install(acme);
    await world.webhook(acme);
    await world.install(renewed);
    world.now += 6_000;
    expect((await world.webhook(renewed)).code).toBe('accepted');
  });

  it('lets a site in again whose old secret nobody can open any more', async () => {
    await world.install(acme);
    for (const key of world.store.everything('vault').keys())
      await world.store.remove('key', { key: key.replace('keys/', '') });
    world.reboot();
    expect((await world.install(renewed)).status).toBe(204);
    expect((await world.webhook(renewed)).code).toBe('accepted');
    expect(tenantRows()[0]).not.toHaveProperty('previousSecret');
  });

  it('takes over a new address of the site and leaves the flags alone', async () => {
    await world.install(acme);
    await world.setEnabled(acme, 'disabled');
    await world.install({ ...acme, baseUrl: 'https://renamed.atlassian.net' });
    expect(tenantRows()[0]).toMatchObject({ baseUrl: 'https://renamed.atlassian.net', enabled: false });
  });
});

describe('an uninstall', () => {
  it('marks the tenant, forgets its secrets, keeps its door and tells', async () => {
    await world.install(acme);
    await world.install(renewed);
    world.now += DAY;
    expect(await world.uninstall(acme)).toMatchObject({ status: 204, code: 'marked' });
    const [row] = tenantRows();
    expect(row).toMatchObject({
      state: 'marked',
      markedAt: START + DAY,
      evidence: 'uninstalled',
      dueAt: START + 121 * DAY,
    });
    for (const name of ['sharedSecret', 'previousSecret', 'previousSecretUntil', 'untold'])
      expect(row).not.toHaveProperty(name);
    expect(world.rows('(default)', 'doors/')).toHaveLength(1);
    expect(entries()).toEqual(['installed 1', 'marked 1']);
    expect(told().at(-1)).toMatchObject({ what: 'marked', generation: 1 });
    world.reboot();
    expect((await world.webhook(acme)).code).toBe('token-issuer');
  });

  it('is forgotten by an instance that knows the secret within five minutes', async () => {
    await world.install(acme);
    await world.webhook(acme);
    await world.uninstall(acme);
    world.now += 5 * MINUTE;
    expect((await world.webhook(acme)).code).toBe('token-issuer');
  });

  it('repeated days later keeps the first day', async () => {
    await world.install(acme);
    await world.uninstall(acme);
    const before = world.dump();
    world.now += 10 * DAY;
    expect(await world.uninstall(acme)).toMatchObject({ status: 204, code: 'already-done' });
    expect(world.dump()).toBe(before);
  });

  it('R30 that was signed before the newest install and comes after it changes nothing', async () => {
    await world.install(acme);
    world.now += DAY;
    const target = '/lifecycle/uninstalled?user_id=1';
    const late = {
      target,
      authorization: world.signInstall(acme, target),
      body: { ...bodyOf(acme), eventType: 'uninstalled' },
    };
    world.now += 2 * MINUTE;
    await world.install(renewed);
    const before = world.dump();
    expect(await world.call('lifecycle', late)).toMatchObject({ status: 204, code: 'already-done' });
    expect(world.dump()).toBe(before);
    expect((await world.webhook(renewed)).code).toBe('accepted');
    // One that is signed after it counts, at once.
    world.now += 1_000;
    expect((await world.uninstall(renewed)).code).toBe('marked');
  });

  it('R30 that comes a second time after the return changes nothing either', async () => {
    await world.install(acme);
    world.now += DAY;
    const target = '/lifecycle/uninstalled?user_id=1';
    const authorization = world.signInstall(acme, target);
    const twice = { target, authorization, body: { ...bodyOf(acme), eventType: 'uninstalled' } };
    expect((await world.call('lifecycle', twice)).code).toBe('marked');
    world.now += MINUTE;
    expect((await world.install(renewed)).code).toBe('returned');
    expect((await world.call('lifecycle', twice)).code).toBe('already-done');
    expect((await world.webhook(renewed)).code).toBe('accepted');
  });

  it('R30 that comes a second time after an install by who does not pay leaves the new secret where it is', async () => {
    await world.install(acme);
    const subject = { door: 'connect', clientKey: acme.clientKey } as const;
    const lapse = { subject, event: { kind: 'leave', evidence: 'licence-ended' }, at: world.now } as const;
    const { ports, store } = world;
    await changeLife({ ...ports, store, bus: { publish: async () => undefined } }, { liveDays: 120 }, lapse);
    world.now += DAY;
    const target = '/lifecycle/uninstalled?user_id=1';
    const authorization = world.signInstall(acme, target);
    const twice = { target, authorization, body: { ...bodyOf(acme), eventType: 'uninstalled' } };
    await world.call('lifecycle', twice);
    expect(tenantRows()[0]).not.toHaveProperty('sharedSecret');
    world.now += MINUTE;
    // It does not lift the mark: Jira tells of a rotation in the same words.
    expect((await world.install(renewed)).code).toBe('done');
    expect((await world.call('lifecycle', twice)).code).toBe('already-done');
    expect(tenantRows()[0]).toMatchObject({ state: 'marked', evidence: 'licence-ended' });
    expect(tenantRows()[0]).toHaveProperty('sharedSecret');
  });

  it('R30 signed in the second of the install counts', async () => {
    await world.install(acme);
    world.now += 900;
    expect((await world.uninstall(acme)).code).toBe('marked');
  });

  it('of a site that never was here is no trouble', async () => {
    expect(await world.uninstall(acme)).toMatchObject({ status: 204, code: 'already-done' });
    expect(tenantRows()).toEqual([]);
  });
});

describe('a return', () => {
  it('brings the same generation back and says since when to catch up', async () => {
    await world.install(acme);
    await world.setEnabled(acme, 'disabled');
    world.now += DAY;
    await world.uninstall(acme);
    world.now += 10 * DAY;
    expect((await world.install(renewed)).code).toBe('returned');
    const [row] = tenantRows();
    expect(row).toMatchObject({ state: 'active', generation: 1, enabled: true, installedAt: START, ledgerNumber: 3 });
    for (const name of ['markedAt', 'evidence', 'dueAt', 'restsSince', 'untold']) expect(row).not.toHaveProperty(name);
    expect(entries()).toEqual(['installed 1', 'marked 1', 'returned 1']);
    expect(told().at(-1)).toMatchObject({ what: 'returned', generation: 1, since: START });
    expect((await world.webhook(renewed)).code).toBe('accepted');
    expect((await world.webhook(acme)).code).toBe('token-signature');
  });

  test.each([
    ['during the purge', ['purging']],
    ['after the purge', ['purging', 'purged']],
  ] as const)('%s is the next life of the same tenant', async (_when, kinds) => {
    await world.install(acme);
    await world.uninstall(acme);
    world.now += 120 * DAY;
    await purgeAway(acme, kinds);
    expect((await world.install(renewed)).code).toBe('installed');
    expect(tenantRows()).toEqual([
      expect.objectContaining({ generation: 2, state: 'active', owners: ['t-00000001#2'], installedAt: world.now }),
    ]);
    expect(world.rows('(default)', 'doors/')).toEqual([
      { owners: ['t-00000001#2'], tenant: 't-00000001', generation: 2 },
    ]);
    expect(entries().at(-1)).toBe('installed 2');
    expect(told().at(-1)).toMatchObject({ what: 'installed', generation: 2 });
    expect((await world.webhook(renewed)).code).toBe('accepted');
    expect(world.published.at(-1)?.message).toMatchObject({ generation: 2 });
  });
});

describe('enabled and disabled', () => {
  it('set the flag, and what changed in between is caught up', async () => {
    await world.install(acme);
    expect(await world.setEnabled(acme, 'enabled')).toMatchObject({ status: 204, code: 'already-done' });
    expect(await world.setEnabled(acme, 'disabled')).toMatchObject({ status: 204, code: 'done' });
    expect(await world.setEnabled(acme, 'disabled')).toMatchObject({ status: 204, code: 'already-done' });
    expect(tenantRows()[0]).toMatchObject({ enabled: false, restsSince: START, state: 'active' });
    world.reboot();
    expect((await world.webhook(acme)).code).toBe('tenant-not-active');
    world.now += DAY;
    expect((await world.setEnabled(acme, 'enabled')).code).toBe('done');
    expect(told().at(-1)).toMatchObject({ what: 'returned', since: START });
    expect((await world.webhook(acme)).code).toBe('accepted');
  });

  it('of another site than the token’s are refused', async () => {
    await world.install(acme);
    await world.install(beta);
    const target = '/lifecycle/disabled';
    const before = world.dump();
    const authorization = world.signSite(acme, target);
    const answer = await world.call('lifecycle', { target, authorization, body: bodyOf(beta) });
    expect(answer).toMatchObject({ status: 401, code: 'tenant-mismatch' });
    expect(world.dump()).toBe(before);
  });

  it('without a token: nothing to do after an uninstall, and a refusal before it', async () => {
    const disabled = { target: '/lifecycle/disabled', body: bodyOf(acme) };
    expect(await world.call('lifecycle', disabled)).toMatchObject({ status: 401, code: 'token-missing' });
    await world.install(acme);
    expect(await world.call('lifecycle', disabled)).toMatchObject({ status: 401, code: 'token-missing' });
    await world.uninstall(acme);
    const before = world.dump();
    expect(await world.call('lifecycle', disabled)).toMatchObject({ status: 204, code: 'already-done' });
    expect(world.dump()).toBe(before);
    const enabled = { target: '/lifecycle/enabled', body: bodyOf(acme) };
    expect(await world.call('lifecycle', enabled)).toMatchObject({ status: 401, code: 'token-missing' });
  });
});

describe('the key servers', () => {
  test.each([
    ['the first knows the key', 'known', 'unknown', 204],
    ['the second knows it', 'unknown', 'known', 204],
    ['the first is down', 'down', 'known', 204],
    ['the first fails', 'failing', 'known', 204],
    ['the first answers too much', 'huge', 'known', 204],
    ['the first sends us elsewhere', 'redirect', 'known', 204],
    ['neither knows it', 'unknown', 'unknown', 401],
    ['one is down, the other does not know', 'down', 'unknown', 401],
    ['both are down', 'down', 'down', 503],
    ['both fail', 'failing', 'failing', 503],
  ] as const)('%s', async (_what, primary, fallback, status) => {
    servers.answers = [primary, fallback];
    const answer = await world.install(acme);
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.code).toBe('token-key-unknown');
    if (status === 503) expect(answer.code).toBe('outside-unavailable');
    expect(tenantRows()).toHaveLength(status === 204 ? 1 : 0);
  });

  it('that answer with a weak or an odd key vouch for nobody', async () => {
    const weak = { pem: rsaKeys(1_024).publicPem };
    servers.answers = [weak, { pem: 'no key' }];
    expect(await world.install(acme)).toMatchObject({ status: 401, code: 'token-key-unknown' });
  });

  it('are asked by the key’s id, and not again for five minutes', async () => {
    await world.install(acme);
    expect(servers.asked).toEqual([`0 /${KEY_ID}`, `1 /${KEY_ID}`]);
    await world.install(beta);
    expect(servers.asked.filter((line) => line.startsWith('1'))).toHaveLength(1);
    world.now += 5 * MINUTE;
    await world.install(acme);
    expect(servers.asked.filter((line) => line.startsWith('1'))).toHaveLength(2);
  });
});

describe('a stop at any line', () => {
  /** Runs work that stops at each call in turn, before it or after it, and then again to its end. */
  async function stopEverywhere(
    prepare: () => Promise<void>,
    work: () => Promise<unknown>,
    check: () => Promise<void> | void,
  ): Promise<number> {
    await prepare();
    world.calls = 0;
    await work();
    const calls = world.calls;
    await check();
    for (let call = 1; call <= calls; call += 1) {
      for (const when of ['before', 'after'] as const) {
        world = new ConnectWorld(servers);
        await prepare();
        world.calls = 0;
        world.stopAt = { call, when };
        await work();
        world.reboot();
        await work();
        await check();
      }
    }
    return calls;
  }

  it('of a first install is healed by the same call', async () => {
    const calls = await stopEverywhere(
      async () => undefined,
      () => world.install(acme),
      async () => {
        expect(entries()).toEqual(['installed 1']);
        expect(tenantRows()).toHaveLength(1);
        expect(tenantRows()[0]).toMatchObject({ state: 'active', generation: 1, ledgerNumber: 1 });
        expect(tenantRows()[0]).not.toHaveProperty('untold');
        expect(world.rows('vault', 'keys/')).toHaveLength(1);
        expect(told()).toContainEqual(expect.objectContaining({ what: 'installed', generation: 1 }));
        expect((await world.webhook(acme)).code).toBe('accepted');
      },
    );
    expect(calls).toBeGreaterThan(8);
  });

  it('of a return is healed by the same call', async () => {
    await stopEverywhere(
      async () => {
        await world.install(acme);
        world.now += DAY;
        await world.uninstall(acme);
        world.now += DAY;
      },
      () => world.install(renewed),
      async () => {
        expect(entries()).toEqual(['installed 1', 'marked 1', 'returned 1']);
        expect(tenantRows()[0]).toMatchObject({ state: 'active', enabled: true, ledgerNumber: 3 });
        expect(tenantRows()[0]).not.toHaveProperty('markedAt');
        expect(told()).toContainEqual(expect.objectContaining({ what: 'returned', since: START + DAY }));
        expect((await world.webhook(renewed)).code).toBe('accepted');
        expect((await world.webhook(acme)).code).toBe('token-signature');
      },
    );
  });

  it('of an uninstall is healed by the same call, and no mark is lost without it', async () => {
    await stopEverywhere(
      async () => {
        await world.install(acme);
        world.now += DAY;
      },
      () => world.uninstall(acme),
      () => {
        expect(entries()).toEqual(['installed 1', 'marked 1']);
        expect(tenantRows()[0]).toMatchObject({ state: 'marked', dueAt: START + 121 * DAY });
        expect(tenantRows()[0]).not.toHaveProperty('sharedSecret');
        expect(told()).toContainEqual(expect.objectContaining({ what: 'marked' }));
      },
    );
  });

  it('of a new life is healed by the same call', async () => {
    await stopEverywhere(
      async () => {
        await world.install(acme);
        await world.uninstall(acme);
        await purgeAway(acme, ['purging', 'purged']);
      },
      () => world.install(renewed),
      async () => {
        expect(entries().slice(-1)).toEqual(['installed 2']);
        expect(tenantRows()[0]).toMatchObject({ generation: 2, state: 'active' });
        expect(told()).toContainEqual(expect.objectContaining({ what: 'installed', generation: 2 }));
        expect((await world.webhook(renewed)).code).toBe('accepted');
      },
    );
  });

  it('of the publish alone answers 503 and is told by the repeat', async () => {
    world.isBusDown = true;
    expect(await world.install(acme)).toMatchObject({ status: 503, code: 'publish-failed' });
    expect(tenantRows()[0]).toMatchObject({ untold: 'installed' });
    world.isBusDown = false;
    await world.install(acme);
    expect(told()).toHaveLength(1);
  });
});

describe('two calls of one site at the same time', () => {
  const work = { install: () => world.install(renewed), uninstall: () => world.uninstall(acme) };
  const states = { 'installed 1': 'active', 'returned 1': 'active', 'marked 1': 'marked' } as const;

  test.each([
    ['install', 'uninstall', 'active'],
    ['uninstall', 'install', 'active'],
    ['uninstall', 'install', 'marked'],
    ['install', 'uninstall', 'marked'],
  ] as const)('%s, with an %s between any two lines, of an %s tenant', async (outer, inner, state) => {
    let count = Infinity;
    for (let call = 1; call <= count; call += 1) {
      world = new ConnectWorld(servers);
      await world.install(acme);
      if (state === 'marked') await world.uninstall(acme);
      world.calls = 0;
      world.between = { call, work: work[inner] };
      const answer = await work[outer]();
      if (!world.wasInterrupted()) count = 0;
      expect(answer.status).toBe(204);
      const last = entries().at(-1);
      const [row] = tenantRows();
      expect(Object.keys(states)).toContain(last);
      // The record shows the newest entry, whoever wrote last, and only an active tenant has a secret.
      expect(row).toMatchObject({ state: states[last as keyof typeof states], ledgerNumber: entries().length });
      expect(row?.['sharedSecret'] !== undefined).toBe(row?.['state'] === 'active');
      expect(row).not.toHaveProperty('untold');
    }
  });
});

it('serves the descriptor to anybody, with the headers that the vendor wants', async () => {
  const answer = await world.call('lifecycle', { method: 'GET', target: '/atlassian-connect.json' });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toMatchObject({ key: settings.addonKey, baseUrl: settings.baseUrl });
  expect(answer.headers['cache-control']).toBe('no-store, no-cache');
  expect(answer.headers['referrer-policy']).toBe('no-referrer');
});
