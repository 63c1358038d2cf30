/** Which account ids are stored, what Atlassian says of them, and that those of closed accounts are gone everywhere. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountId, ownerOf } from '../../shared/model/ids.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { AccountReport, ReportAnswer } from '../../shared/model/people.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import {
  accountsOf,
  contentWithout,
  ERASED,
  nextReportAt,
  peopleCategories,
  REPORT_CYCLE_MS,
  REPORT_LIMIT,
  reportAfter,
} from '../../shared/retention/accounts.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseCycle, parseReport } from '../../shared/wire/reportAccounts.ts';
import { content, doc, GONE, MORE, openedOf, putPeopleEverywhere, STAYS } from '../kit/peopled.ts';
import { A, AB, AA, B, C, DAY, HOUR, PurgeWorld } from '../kit/purgeWorld.ts';

/** Everybody is everywhere: in each declared field, and inside each sealed one. */
async function peopled(): Promise<PurgeWorld> {
  const world = await new PurgeWorld().fill();
  await putPeopleEverywhere(world, [A, B, C]);
  for (const { tenant, generation } of [A, B, C])
    await world.store.remove('census', { tenant, generation: String(generation) });
  world.calls = 0;
  return world;
}

/** Everything that is stored, sealed values opened, as text by `database:path`. */
async function openedAll(world: PurgeWorld): Promise<ReadonlyMap<string, string>> {
  return new Map([...world.everything(), ...(await openedOf(world, [A, B, C]))]);
}

const withId = (all: ReadonlyMap<string, string>, id: string): string[] =>
  [...all].filter(([path, text]) => path.includes(id) || text.includes(id)).map(([path]) => path);

const closing =
  (id: AccountId) =>
  (accounts: readonly AccountReport[]): ReportAnswer => ({
    closed: accounts.some(({ account }) => account === id) ? [id] : [],
    updated: [],
  });

const report = (world: PurgeWorld) => world.handle({ kind: 'report-people', askedAt: world.now });
const noted = async (world: PurgeWorld, { tenant }: TenantRef) =>
  new Map(
    (await world.store.list('account', { tenant }, { limit: 500 })).items.map(({ place, row }) => [place.account, row]),
  );

/** An hour of both ticks. */
async function hour(world: PurgeWorld): Promise<void> {
  await world.tick();
  await report(world);
  await world.drain();
  world.now += HOUR;
}

describe('a census', () => {
  test('R47 meets everybody in every category that may name people, and notes since when', async () => {
    const world = await peopled();
    await world.tick();
    const known = await noted(world, A);
    for (const id of [GONE, STAYS, MORE]) expect(known.has(id), id).toBe(true);
    expect(known.get(GONE)?.oldestAt).toBe(7);
    expect(known.get(GONE)?.reportAt).toBeLessThanOrEqual(world.now + REPORT_CYCLE_MS);
    expect(peopleCategories).toEqual([
      ...([
        'contact',
        'deletion',
        'consent',
        'report',
        'bundle',
        'half',
        'rules',
        'answer',
        'intervention',
        'connection',
        'job',
        'copy',
        'decision',
        'request',
      ] as const),
    ]);
  });

  test('R47 comes every six days, and forgets who is stored no more', async () => {
    const world = await peopled();
    await world.tick();
    const before = (await noted(world, A)).get(GONE);
    for (const stored of (await world.store.owned('intervention', ownerOf(A.tenant, 1), { limit: 500 })).items)
      await world.store.replace('intervention', stored.place, { ...stored.row, by: MORE }, stored.version);
    world.now += 6 * DAY - HOUR;
    await world.tick();
    expect((await noted(world, A)).get(GONE)).toEqual(before);
    const place = { tenant: A.tenant, account: 'nobody-is-called-so' };
    await world.store.create('account', place, { owners: [ownerOf(A.tenant, 1)], oldestAt: 1, seenAt: 1, reportAt: 1 });
    world.now += HOUR;
    await world.tick();
    expect((await noted(world, A)).get(GONE)?.seenAt).toBe(world.now);
    expect((await noted(world, A)).has('nobody-is-called-so')).toBe(false);
  });

  test('R47 goes on where a turn ended, and begins nothing for a tenant whose purge has begun', async () => {
    const world = await peopled();
    const ends = world.now;
    let slow = 0;
    world.onCall = () => {
      world.now = ends + (slow += 2_000);
    };
    await world.drain();
    await world.handle({ kind: 'walk-people', ...A, askedAt: world.now });
    expect(world.queue).toContainEqual({ kind: 'walk-people', ...A, askedAt: world.now });
    world.onCall = undefined;
    await world.drain();
    expect((await noted(world, A)).has(STAYS)).toBe(true);
    await world.change(B, { state: 'purging' });
    expect(await world.handle({ kind: 'walk-people', ...B, askedAt: 1 })).toEqual({ code: 'tenant-not-active' });
    expect((await noted(world, B)).has(STAYS)).toBe(false);
  });
});

describe('a closed account', () => {
  test('R99 is closed at once where a walk meets it after the word came', async () => {
    const world = await peopled();
    await world.tick();
    world.onReport = closing(GONE);
    while (!world.reports.some(({ accounts }) => accounts.includes(GONE))) {
      world.now += HOUR;
      await report(world);
      world.queue.splice(0);
    }
    await world.store.remove('account', { tenant: B.tenant, account: GONE });
    await world.handle({ kind: 'walk-people', ...B, askedAt: world.now });
    expect((await noted(world, B)).get(GONE)?.closedAt).toBe(world.now);
  });

  test("R99 is erased within a day in every tenant although their own reports are days off and every message is lost but the sweep's", async () => {
    const world = await peopled();
    await world.tick();
    const place = { tenant: B.tenant, account: GONE };
    const known = await world.store.read('account', place);
    if (known === undefined) throw new Error('nobody is noted');
    await world.store.replace('account', place, { ...known.row, reportAt: world.now + 13 * DAY }, known.version);
    world.onReport = closing(GONE);
    while (!world.reports.some(({ accounts }) => accounts.includes(GONE))) {
      world.now += HOUR;
      await report(world);
      world.queue.splice(0);
    }
    const heardAt = world.now;
    while (withId(await openedAll(world), GONE).length > 0 && world.now <= heardAt + DAY) {
      world.now += HOUR;
      await world.tick();
    }
    expect(world.now - heardAt).toBeLessThan(4 * HOUR);
  });

  test('R48 is in no store any more within a day, sealed content opened, and nobody else is missed', async () => {
    const world = await peopled();
    const name = { tenant: A.tenant, account: GONE };
    const [filled] = (await world.store.scan('person', { limit: 1 })).items;
    if (filled === undefined) throw new Error('nobody is filled in');
    await world.store.create('person', name, { ...filled.row, expiresAt: Number.MAX_SAFE_INTEGER });
    await world.tick();
    expect(withId(await openedAll(world), GONE).length).toBeGreaterThan(50);
    const others = withId(await openedAll(world), STAYS).filter((path) => path.startsWith('opened:'));
    world.onReport = closing(GONE);
    let heardAt = 0;
    while (withId(await openedAll(world), GONE).length > 0) {
      await hour(world);
      if (heardAt === 0 && world.reports.some(({ accounts }) => accounts.includes(GONE))) heardAt = world.now - HOUR;
      if (world.now > 20_020 * DAY) break;
    }
    expect(withId(await openedAll(world), GONE)).toEqual([]);
    expect(world.now - heardAt).toBeLessThanOrEqual(24 * HOUR);
    expect(withId(await openedAll(world), STAYS).filter((path) => path.startsWith('opened:'))).toEqual(
      // What somebody who is gone has reported goes as a whole. @see R102
      others.filter((path) => !path.startsWith('opened:report:')),
    );
    expect(world.faults.filter((code) => code === 'erasure-late')).toEqual([]);
    expect(withId(await openedAll(world), ERASED).length).toBeGreaterThan(20);
  });

  test('R48 that comes back with every sync raises the alarm after its day', async () => {
    const world = await peopled();
    world.onReport = closing(GONE);
    const [stored] = (await world.store.owned('intervention', ownerOf(C.tenant, 1), { limit: 1 })).items;
    if (stored === undefined) throw new Error('nothing is filled in');
    for (let n = 0; n < 8 * 24; n += 1) {
      await hour(world);
      await world.store.remove('intervention', stored.place);
      await world.store.create('intervention', stored.place, { ...stored.row });
    }
    expect(world.faults).toContain('erasure-late');
  });

  test('R49 changes no record that does not name it, and leaves what it changes readable', async () => {
    const value = content(GONE, STAYS);
    expect(contentWithout(value, new Set([MORE.replace('5', '6')]))).toBe(value);
    const left = contentWithout(value, new Set([GONE])) as typeof value;
    expect(JSON.stringify(left)).not.toContain(GONE);
    expect(left.fields).toEqual({ assignee: ERASED, reporter: STAYS, 'custom:users:Team': [STAYS] });
    expect(left.people).toEqual({ [MORE]: STAYS });
    expect(left).not.toHaveProperty('fallbackPerson');
    expect(left.description.content[0]).toEqual({ type: 'mention', attrs: { id: ERASED } });
    expect(left.description.content[1]).toEqual(value.description.content[1]);
    expect(JSON.parse(left.steps)).toEqual([{ assignee: ERASED }, { assignee: STAYS }]);
    expect(left.script).toBe(`if (issue.assignee === '${ERASED}') skip(); // ${STAYS}`);
  });

  test('R49 a short id is no word of a text: only what cannot be anything else is taken out of one', () => {
    const value = { fields: { assignee: 'ada' }, text: 'ada and adam', script: 'x = "ada"' };
    expect(contentWithout(value, new Set(['ada']))).toEqual({ ...value, fields: { assignee: ERASED } });
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const text = contentWithout({ text: `${before} ${GONE} ${after}` }, new Set([GONE])) as { text: string };
        expect(text.text).toBe(`${before} ${ERASED} ${after}`);
      }),
    );
    expect(contentWithout({ text: `${GONE}0` }, new Set([GONE]))).toEqual({ text: `${GONE}0` });
  });

  test('R49 each place where the product puts people is found', () => {
    const found = accountsOf('copy', { owners: [], readAt: 1 }, { a: content(GONE, STAYS) });
    expect([...found].toSorted()).toEqual([GONE, STAYS, MORE].toSorted());
    expect([...accountsOf('copy', {}, { a: doc(accountId('all'), accountId('unknown'), ERASED) })]).toEqual([]);
  });
});

describe('a report', () => {
  test('R50 names each id once in its cycle, in its own hour, at most 90 at once, for all tenants together', async () => {
    const world = await peopled();
    const owner = ownerOf(A.tenant, 1);
    for (let n = 0; n < 400; n += 1) {
      const account = accountId(`5be24ba3f91c1060${String(n).padStart(8, '0')}`);
      const [filled] = (await world.store.owned('intervention', owner, { limit: 1 })).items;
      if (filled === undefined) throw new Error('nothing is filled in');
      const place = { ...filled.place, intervention: `i-${n}` };
      await world.store.create('intervention', place, { ...filled.row, by: account });
    }
    for (let n = 0; n < 15 * 24; n += 1) await hour(world);
    const times = new Map<string, number[]>();
    for (const { at, accounts } of world.reports) {
      expect(accounts.length).toBeLessThanOrEqual(REPORT_LIMIT);
      for (const account of accounts) times.set(account, [...(times.get(account) ?? []), at]);
    }
    expect(times.size).toBe(403);
    for (const [account, at] of times) {
      expect([2, 3], account).toContain(at.length);
      for (const [n, then] of at.entries()) if (n > 0) expect(then - (at[n - 1] ?? 0), account).toBe(REPORT_CYCLE_MS);
    }
    expect(new Set(world.reports.map(({ at }) => at)).size).toBeGreaterThan(100);
  });

  test('R50 follows the cycle that the answer’s header sets', async () => {
    const world = await peopled();
    world.onReport = () => ({ closed: [], updated: [], cycleMs: 14 * DAY });
    for (let n = 0; n < 23 * 24; n += 1) await hour(world);
    const times = world.reports.filter(({ accounts }) => accounts.includes(STAYS)).map(({ at }) => at);
    expect(times.length).toBe(2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(14 * DAY - HOUR);
    expect([parseCycle('P7D'), parseCycle('14'), parseCycle('604800')]).toEqual([7 * DAY, 14 * DAY, 7 * DAY]);
    expect([parseCycle(undefined), parseCycle('PT1S'), parseCycle('0'), parseCycle('-1')]).toEqual(
      Array(4).fill(undefined),
    );
  });

  test('R50 each id has its hour of the cycle, and never a shorter one', () => {
    const id = fc.stringMatching(/^[a-f0-9]{24}$/).map(accountId);
    const at = fc.integer({ min: 0, max: 40_000 * DAY });
    const cycle = fc.integer({ min: 1, max: 60 }).map((days) => days * DAY);
    fc.assert(
      fc.property(id, at, cycle, (account, now, cycleMs) => {
        const first = nextReportAt(account, now, cycleMs);
        expect(first).toBeGreaterThan(now);
        expect(first - now).toBeLessThanOrEqual(cycleMs);
        expect(reportAfter(account, first, cycleMs)).toBe(first + cycleMs);
        expect(reportAfter(account, now, cycleMs) - now).toBeGreaterThanOrEqual(cycleMs - HOUR);
        expect(reportAfter(account, now, cycleMs) - now).toBeLessThanOrEqual(cycleMs);
      }),
    );
  });

  test('R51 waits as long as Atlassian asks, and loses nothing to its troubles', async () => {
    const world = await peopled();
    await world.tick();
    world.now += REPORT_CYCLE_MS;
    const faults = [
      new Fault('jira-rate-limited', { retryAfterMs: 2 * HOUR }),
      new Fault('jira-unavailable', { status: 503 }),
      new Fault('jira-unavailable', { status: 500 }),
    ];
    world.onReport = () => {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      return { closed: [], updated: [] };
    };
    const begunAt = world.now;
    expect((await report(world)).code).toBe('more-to-do');
    world.now = begunAt + 2 * HOUR - 1;
    expect((await report(world)).code).toBe('nothing-to-do');
    expect(world.reports.length).toBe(1);
    for (let n = 0; n < 8; n += 1) {
      world.now += 20 * 60_000;
      await report(world);
      await world.drain();
    }
    expect((world.reports[1]?.at ?? 0) - begunAt).toBeGreaterThanOrEqual(2 * HOUR);
    expect(await world.store.due('account', 'reportAt', world.now, 10)).toEqual([]);
    expect(faults).toEqual([]);
  });

  test('R51 sets the one id aside that spoils a report, and the others are reported', async () => {
    const world = await peopled();
    await world.tick();
    world.now += REPORT_CYCLE_MS;
    const taken = new Set<string>();
    world.onReport = (accounts) => {
      if (accounts.some(({ account }) => account === MORE)) throw new Fault('jira-refused', { status: 400 });
      for (const { account } of accounts) taken.add(account);
      return { closed: [], updated: [] };
    };
    await report(world);
    expect([...taken].toSorted()).toEqual([GONE, STAYS].toSorted());
    expect((await noted(world, A)).get(MORE)?.reportAt).toBeGreaterThan(world.now);
  });

  test('R51 after a stop at any call of the store each id is reported, at most twice', async () => {
    const whole = await peopled();
    await whole.tick();
    whole.now += REPORT_CYCLE_MS;
    whole.calls = 0;
    await report(whole);
    const calls = whole.calls;
    expect(calls).toBeGreaterThan(5);
    for (let at = 0; at < calls; at += 1)
      for (const when of ['before', 'after'] as const) {
        const world = await peopled();
        await world.tick();
        world.now += REPORT_CYCLE_MS;
        world.onReport = closing(GONE);
        world.calls = 0;
        world.crash = { at, when };
        await expect(report(world)).rejects.toThrow();
        world.crash = undefined;
        for (let n = 0; n < 4; n += 1) {
          await report(world);
          await world.drain();
          world.now += HOUR;
        }
        const times = world.reports.flatMap(({ accounts }) => accounts).filter((one) => one === GONE);
        expect([1, 2], `call ${at} ${when}`).toContain(times.length);
        expect((await noted(world, A)).get(GONE)?.closedAt ?? 1).toBeGreaterThan(0);
      }
  }, 60_000);

  test('R52 of a changed account the cached name goes; what was not asked about changes nothing', async () => {
    const world = await peopled();
    await world.tick();
    world.now += REPORT_CYCLE_MS;
    const [filled] = (await world.store.scan('person', { limit: 1 })).items;
    if (filled === undefined) throw new Error('nobody is filled in');
    for (const account of [STAYS, GONE])
      await world.store.create('person', { tenant: A.tenant, account }, { ...filled.row });
    world.onReport = (accounts) =>
      parseReport(accounts, {
        status: 200,
        headers: {},
        body: {
          accounts: [
            { accountId: STAYS, status: 'updated' },
            { accountId: 'somebody-else-entirely', status: 'closed' },
            { accountId: GONE, status: 'paused' },
          ],
        },
      });
    await report(world);
    expect(await world.store.read('person', { tenant: A.tenant, account: STAYS })).toBeUndefined();
    expect(await world.store.read('person', { tenant: A.tenant, account: GONE })).toBeDefined();
    expect((await noted(world, A)).get(GONE)?.closedAt).toBeUndefined();
    expect(withId(await openedAll(world), STAYS).length).toBeGreaterThan(20);
    expect(AB.id === AA.id).toBe(false);
    expect(() => parseReport([], { status: 200, headers: {}, body: {} })).toThrow('jira-answer-odd');
    expect(parseReport([], { status: 204, headers: {}, body: undefined })).toEqual({ closed: [], updated: [] });
  });
});
