import { beforeEach, describe, expect, test } from 'vitest';
import type { AddonFacts } from '../../shared/model/tenant.ts';
import { ownerOf, tenantKey } from '../../shared/model/ids.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { A, B, C, clientKeyOf, DAY, DAY_0, HOUR, PurgeWorld, Stopped } from '../kit/purgeWorld.ts';

let world: PurgeWorld;
beforeEach(async () => {
  world = await new PurgeWorld().fill();
  for (const { tenant } of [A, B, C]) world.addons.set(tenant, paid);
  // The probes of the filled world are never due; those of a real one are from the first sweep on.
  for (const { tenant } of [A, B, C]) await world.store.remove('licence', { tenant, generation: '1' });
  for (const { tenant } of [A, B, C]) await world.store.remove('contact', { tenant, generation: '1' });
  for (const ref of [A, B, C]) await world.change(ref, { ledgerNumber: 1, restsSince: undefined });
});

const licenceOf = (isActive: boolean): AddonFacts => ({
  isEnabled: true,
  licence: { isActive, isEvaluation: false, supportEntitlementNumber: 'SEN-1' },
  contacts: ['no mail address', 'ada@acme.example'],
});
const paid = licenceOf(true);
const lapsed = licenceOf(false);
const tenant = async () => (await world.store.read('tenant', { tenant: A.tenant }))!.row;
const licence = async () => (await world.store.read('licence', { tenant: A.tenant, generation: '1' }))?.row;
const entries = async () => {
  const identity = await world.ledger.identityOf('connect', clientKeyOf(A));
  return (await world.ledger.read(identity)).map(({ kind }) => kind);
};
const probe = (isHint?: true) =>
  world.handle({ kind: 'probe-tenant', ...A, askedAt: world.now, ...(isHint === undefined ? {} : { isHint }) });
const told = () => world.told.filter((message) => 'tenant' in message && message.tenant === A.tenant);

describe('a probe', () => {
  test('R33 keeps the newest word on the licence and no history, and the contact that the site names', async () => {
    await world.tick();
    expect(await licence()).toEqual({
      owners: [ownerOf(A.tenant, 1)],
      active: true,
      evaluation: false,
      supportEntitlementNumber: 'SEN-1',
      answeredAt: DAY_0,
      nextAt: expect.any(Number) as number,
      entry: 1,
      lapsed: 0,
      failed: 0,
    });
    const contact = (await world.store.read('contact', { tenant: A.tenant, generation: '1' }))!.row;
    const owner = ownerOf(A.tenant, 1);
    const opened = await world.keys.open(tenantKey(owner), contextOf('contact.address', owner), contact.address);
    expect([opened, contact.source]).toEqual(['ada@acme.example', 'atlassian']);
    world.addons.set(A.tenant, { isEnabled: true, contacts: [] });
    world.now += DAY;
    await world.tick();
    // A site that says nothing takes the word back that it gave before.
    for (const gone of ['active', 'evaluation', 'supportEntitlementNumber'])
      expect(await licence()).not.toHaveProperty(gone);
  });

  test('R33 asked for a hundred times in parallel asks the site once', async () => {
    const ends = await Promise.all(Array.from({ length: 100 }, () => probe()));
    expect(world.asked).toBe(1);
    expect(ends.filter(({ code }) => code === 'probed')).toHaveLength(1);
    expect((await probe()).code).toBe('already-done');
  });

  test('R33 is made up for when a day of sweeps was missed, and comes once for each time', async () => {
    await world.tick();
    world.now += 3 * DAY;
    const before = world.asked;
    await world.tick();
    await world.tick();
    expect(world.asked).toBe(before + 3);
    // Within 20 hours again, for each of the three.
    await world.ticks(22);
    expect(world.asked).toBe(before + 6);
  });

  test('R33 after a stop at any call of the store ends in the same place', async () => {
    world.addons.set(A.tenant, lapsed);
    await probe();
    const due = DAY_0 + DAY;
    let count = 1;
    for (let at = 0; at < count; at += 1)
      for (const when of ['before', 'after'] as const) {
        world = await new PurgeWorld().fill();
        await world.store.remove('licence', { tenant: A.tenant, generation: '1' });
        await world.change(A, { ledgerNumber: 1, restsSince: undefined });
        world.addons.set(A.tenant, lapsed);
        await probe();
        world.now = due;
        world.calls = 0;
        world.crash = { at, when };
        await probe().catch((thrown: unknown) => {
          if (!(thrown instanceof Stopped) && world.crash === undefined) throw thrown;
        });
        if (!world.isStopped && at >= world.calls) break;
        count = at + 2;
        world.crash = undefined;
        world.now += 2 * HOUR;
        await world.tick();
        expect(await tenant()).toMatchObject({ state: 'marked', evidence: 'licence-ended', markedAt: DAY_0 });
        expect(await entries()).toEqual(['installed', 'marked']);
        expect((await licence())?.nextAt).toBeGreaterThan(world.now);
        expect(told().filter((message) => 'what' in message && message.what === 'marked').length).toBeGreaterThan(0);
      }
    expect(count).toBeGreaterThan(8);
  });

  test('R33 asked for by a hint comes at once, and not twice in a minute', async () => {
    await probe();
    world.now += 59_000;
    expect((await probe(true)).code).toBe('already-done');
    world.now += 1_000;
    expect((await probe(true)).code).toBe('probed');
  });

  test.each([
    ['left by an uninstall', 'uninstalled'],
    ['asked to be forgotten', 'requested'],
  ] as const)('R31 never asks a site whose customer has %s', async (_what, evidence) => {
    await world.mark(A, evidence);
    expect((await probe()).code).toBe('tenant-not-active');
    expect(world.asked).toBe(0);
  });
});

describe('a licence that ends', () => {
  test('R27 pauses within a day and marks within 48 hours; nothing is deleted', async () => {
    await world.ticks(30);
    const endedAt = world.now;
    world.addons.set(A.tenant, lapsed);
    const before = world.leftOf(A);
    let [pausedAt, markedAt] = [0, 0];
    for (let hour = 0; hour < 48; hour += 1) {
      await world.ticks(1);
      const { licensed, state } = await tenant();
      if (!licensed && pausedAt === 0) pausedAt = world.now;
      if (state === 'marked' && markedAt === 0) markedAt = world.now;
    }
    expect(pausedAt).toBeGreaterThan(endedAt);
    expect(pausedAt - endedAt).toBeLessThanOrEqual(22 * HOUR);
    expect(markedAt - endedAt).toBeLessThanOrEqual(48 * HOUR);
    const row = await tenant();
    expect(row).toMatchObject({ evidence: 'licence-ended', licensed: false, dueAt: row.markedAt! + 120 * DAY });
    // Day 0 is the first answer, and the secret stays: no install would bring it back.
    expect(row.markedAt).toBeLessThan(markedAt - 11 * HOUR);
    expect(row.sharedSecret).toBeDefined();
    // Names of people are no content: they are needed by nobody now (R45).
    expect(world.leftOf(A)).toEqual(before.filter((path) => !path.startsWith('identity:')));
    expect(told().map((message) => 'what' in message && message.what)).toEqual(['marked']);
  });

  test('R28 that is active again before it counts as ended is caught up since it paused', async () => {
    world.addons.set(A.tenant, lapsed);
    await world.tick();
    expect(await tenant()).toMatchObject({ licensed: false, restsSince: DAY_0, state: 'active' });
    world.addons.set(A.tenant, paid);
    await world.ticks(14);
    expect(await tenant()).toMatchObject({ licensed: true, state: 'active' });
    expect(told()).toMatchObject([{ what: 'returned', since: DAY_0 }]);
    expect(await entries()).toEqual(['installed']);
  });

  test('R28 and that is paid again after 90 days brings the same life back', async () => {
    world.addons.set(A.tenant, lapsed);
    await world.ticks(16);
    expect(await tenant()).toMatchObject({ state: 'marked' });
    world.now += 90 * DAY;
    world.addons.set(A.tenant, paid);
    await world.ticks(2);
    expect(await tenant()).toMatchObject({ state: 'active', licensed: true, generation: 1 });
    for (const name of ['markedAt', 'dueAt', 'evidence', 'restsSince']) expect(await tenant()).not.toHaveProperty(name);
    expect(told().at(-1)).toMatchObject({ what: 'returned', since: DAY_0 });
    expect(await entries()).toEqual(['installed', 'marked', 'returned']);
  });
});

describe('a site that vanishes', () => {
  test('R29 is marked within 15 days, and comes back with any answer', async () => {
    await world.ticks(25);
    const vanishedAt = world.now;
    world.addons.set(A.tenant, 'jira-not-found');
    await world.ticks(13 * 24);
    expect(await tenant()).toMatchObject({ state: 'active' });
    await world.ticks(2 * 24);
    const row = await tenant();
    expect(row).toMatchObject({ state: 'marked', evidence: 'probes-failed', licensed: true });
    expect(row.markedAt).toBeGreaterThanOrEqual(vanishedAt);
    expect(row.markedAt).toBeLessThanOrEqual(vanishedAt + 22 * HOUR);
    world.addons.set(A.tenant, { isEnabled: true, contacts: [] });
    await world.ticks(22);
    expect(await tenant()).toMatchObject({ state: 'active', enabled: true });
    expect(told().at(-1)).toMatchObject({ what: 'returned', since: row.markedAt });
  });

  test('R30 a lone 404, a lone refusal of an app that is switched off, and limits for a month mark nobody', async () => {
    const answers = ['jira-not-found', 'jira-forbidden', 'jira-rate-limited', 'jira-answer-odd'] as const;
    for (let day = 0; day < 32; day += 1) {
      const answer = answers[day % 4];
      world.addons.set(A.tenant, day % 4 === 0 && answer !== undefined ? answer : (answers[1 + (day % 3)] ?? paid));
      await world.ticks(24);
    }
    expect(await tenant()).toMatchObject({ state: 'active' });
    expect(await entries()).toEqual(['installed']);
  });

  test('R30 an app that is switched off rests, and goes on with the first answer that says otherwise', async () => {
    world.addons.set(A.tenant, 'jira-forbidden');
    await world.tick();
    expect(await tenant()).toMatchObject({ enabled: false, restsSince: DAY_0, state: 'active' });
    world.now += 40 * DAY;
    world.addons.set(A.tenant, paid);
    await world.tick();
    expect(await tenant()).toMatchObject({ enabled: true });
    expect(told()).toMatchObject([{ what: 'returned', since: DAY_0 }]);
  });
});

describe('a site that says nothing clear', () => {
  const woken = () => world.faults.filter((code) => code === 'tenant-unheard').length;

  test.each(['jira-forbidden', 'jira-rate-limited'] as const)(
    'R38 for two months, by %s, is no end, and somebody is woken once a day',
    async (answer) => {
      await world.change(A, { installedAt: DAY_0 });
      for (const ref of [B, C]) await world.change(ref, { installedAt: DAY_0 });
      world.addons.set(A.tenant, answer);
      for (let day = 0; day < 61; day += 1) {
        await world.tick();
        world.now += DAY;
      }
      expect([woken(), (await tenant()).state]).toEqual([0, 'active']);
      world.now = DAY_0 + 62 * DAY;
      await world.ticks(3 * 24);
      expect(woken()).toBe(3);
      expect((await tenant()).state).toBe('active');
      world.addons.set(A.tenant, paid);
      await world.ticks(24);
      const before = woken();
      await world.ticks(48);
      expect(woken()).toBe(before);
    },
  );
});

describe('right before the claim', () => {
  const due = async (evidence: 'licence-ended' | 'probes-failed'): Promise<void> => {
    await world.mark(A, evidence);
    await world.change(A, { licensed: evidence !== 'licence-ended' });
    // No probe was made since: our own were lost.
    world.now += 120 * DAY;
  };

  test.each(['licence-ended', 'probes-failed'] as const)(
    'R31 a customer marked by %s that is there is returned',
    async (evidence) => {
      await due(evidence);
      expect((await world.purge(A)).code).toBe('returned-meanwhile');
      expect(await tenant()).toMatchObject({ state: 'active', licensed: true });
      expect(await entries()).toEqual(['installed', 'marked', 'returned']);
      expect(told().at(-1)).toMatchObject({ what: 'returned', since: DAY_0 });
      await world.ticks(5);
      expect(world.receipts()).toEqual([]);
    },
  );

  test('R31 what is unclear purges nobody, and the next sweep asks again', async () => {
    await due('licence-ended');
    world.addons.set(A.tenant, 'jira-rate-limited');
    expect((await world.purge(A)).code).toBe('evidence-unclear');
    expect(await entries()).toEqual(['installed', 'marked']);
    world.addons.set(A.tenant, lapsed);
    await world.ticks(5);
    expect(world.leftOf(A)).toEqual([]);
    expect(world.receipts()).toHaveLength(1);
  });

  test('R31 silence holds, and everything goes', async () => {
    await due('probes-failed');
    world.addons.set(A.tenant, 'jira-unavailable');
    await world.ticks(5);
    expect(world.leftOf(A)).toEqual([]);
    expect(world.receipts()).toHaveLength(1);
  });
});
