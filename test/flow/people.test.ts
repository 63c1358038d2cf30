/** One person of a site: found, handed out, refreshed, erased, and answered in time. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { purgeHandler } from '../../functions/purge/event.ts';
import { ownerOf } from '../../shared/model/ids.ts';
import type { Message } from '../../shared/model/message.ts';
import { ERASED, peopleCategories } from '../../shared/retention/accounts.ts';
import { ACKNOWLEDGE_MS, alarmAfter, deadlinesOf, DONE_MS, MAX_WALKS } from '../../shared/retention/requests.ts';
import { exportPage, readExport } from '../../shared/wire/exportFile.ts';
import type { ExportRecord } from '../../shared/wire/exportFile.ts';
import { personPage, requestPage, requestView } from '../../shared/wire/people.ts';
import type { RequestView } from '../../shared/wire/people.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import { GONE, openedOf, putPeopleEverywhere, STAYS } from '../kit/peopled.ts';
import { A, AA, AB, B, C, CC, clientKeyOf, DAY, HOUR } from '../kit/purgeWorld.ts';
import { fillEverything } from '../kit/records.ts';

const BOSS = { ...A, account: 'boss' };
let world: ConsoleWorld;
let faults: string[];

beforeEach(async () => {
  world = new ConsoleWorld();
  faults = [];
  const tenancy = { state: 'active', markedAt: undefined, evidence: undefined, dueAt: undefined } as const;
  await fillEverything(
    world,
    [A, B, C].map((ref) => ({ ref, clientKey: clientKeyOf(ref), tenancy })),
    [AB, AA, CC],
  );
  for (const { tenant } of [A, B, C]) world.jira.open(tenant, 'boss', []);
  await putPeopleEverywhere(world, [A, B, C]);
  // Nothing is under way yet.
  for (const category of ['request', 'census'] as const)
    for (const { place } of (await world.store.scan(category, { limit: 100 })).items)
      await world.store.remove(category, place);
});

/** Handles messages to the purge function, and all that follow. */
async function purge(...messages: readonly Message[]): Promise<void> {
  const queue = [...messages];
  const { store, keys, ledger, signer, jira } = world;
  const ports = {
    clock: { now: () => world.now, sleep: async () => undefined },
    ids: { next: () => 'unused-here', bytes: () => new Uint8Array(16) },
    ...{ store, keys, ledger, signer, jira },
    bus: {
      publish: async (topic: string, message: Message) => {
        if (topic === 'purge-jobs') queue.push(message);
      },
    },
    log: {
      work: () => undefined,
      note: () => undefined,
      fault: (_name: string, code: string) => {
        faults.push(code);
      },
    },
  };
  const handle = purgeHandler(ports, { liveDays: 120, copyDays: 30, fenceMs: 90_000, commit: 'test' });
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await handle(next);
}
const walk = () => purge({ kind: 'walk-people', ...A, askedAt: world.now });

async function counts(account: string, by = BOSS): Promise<Readonly<Record<string, number>>> {
  let next: string | undefined;
  for (;;) {
    const query = next === undefined ? '' : `?after=${next}`;
    const page = personPage.parse((await world.api('GET', `/people/${account}${query}`, by)).body);
    next = page.next;
    if (next === undefined) return page.counts;
  }
}

async function records(account: string): Promise<readonly ExportRecord[]> {
  const page = exportPage.parse((await world.api('GET', `/people/${account}/export`, BOSS)).body);
  const found: ExportRecord[] = [];
  await readExport(page.lines.split('\n'), (record) => found.push(record));
  return found;
}

const open = async (body: unknown): Promise<RequestView> =>
  requestView.parse((await world.api('POST', '/requests', BOSS, body)).body);
const named = async (): Promise<RequestView> => {
  const { requests } = requestPage.parse((await world.api('GET', '/requests', BOSS)).body);
  const found = requests.at(-1);
  if (found === undefined) throw new Error('no request');
  return found;
};

describe('a person', () => {
  test('R53 is found in every category that may name people, and handed out in the form of an export', async () => {
    const found = await counts(STAYS);
    const sealed = peopleCategories.filter(
      (category) => !['answer', 'intervention', 'deletion', 'contact', 'request'].includes(category),
    );
    for (const category of sealed) expect(found[category] ?? 0, category).toBeGreaterThan(0);
    const handed = await records(STAYS);
    expect(handed.length).toBe(Object.values(found).reduce((sum, some) => sum + some, 0));
    expect(handed.every(({ row }) => JSON.stringify(row).includes(STAYS))).toBe(true);
    expect(await counts('5be24ba3f91c106033269000')).toEqual({});
    const ofC = await counts(GONE, { ...C, account: 'boss' });
    expect(Object.keys(ofC).length).toBeGreaterThan(5);
    expect(JSON.stringify(handed)).not.toContain(`"${B.tenant}"`);
  });

  test('R54 who asks for erasure is gone from every category, and the request forgets whose it was', async () => {
    expect((await counts(GONE))['intervention']).toBeGreaterThan(0);
    const asked = await open({ kind: 'erase', account: GONE });
    expect(asked).toMatchObject({ kind: 'erase', account: GONE, acknowledgedAt: world.now });
    expect(asked.elsewhere).toEqual([{ party: 'google', name: 'Google Cloud', how: 'with-us' }]);
    expect(world.published).toContainEqual({ topic: 'purge-jobs', kind: 'walk-people', ...A, askedAt: world.now });
    await walk();
    expect(await counts(GONE)).toEqual({});
    expect(await named()).not.toHaveProperty('doneAt');
    world.now += HOUR;
    await walk();
    expect(await named()).toMatchObject({ doneAt: world.now, isLeft: false });
    expect(await named()).not.toHaveProperty('account');
    const all =
      [...(await openedOf(world, [A])).values()].join('\n') +
      JSON.stringify(
        [...world.store.everything('(default)')].filter(([path]) => path.startsWith(`tenants/${A.tenant}/`)),
      );
    expect(all).not.toContain(GONE);
    expect(all).toContain(ERASED);
    expect(all).toContain(STAYS);
    expect((await counts(STAYS))['copy']).toBeGreaterThan(0);
  });

  test('R54 whom the site names still comes back, and the request says so after three walks', async () => {
    await open({ kind: 'erase', account: GONE });
    const [stored] = (await world.store.owned('intervention', ownerOf(A.tenant, 1), { limit: 1 })).items;
    if (stored === undefined) throw new Error('nothing is filled in');
    for (let n = 0; n < MAX_WALKS; n += 1) {
      expect(await named()).not.toHaveProperty('doneAt');
      await walk();
      await world.store.remove('intervention', stored.place);
      await world.store.create('intervention', stored.place, stored.row);
      world.now += HOUR;
    }
    expect(await named()).toMatchObject({ isLeft: true, doneAt: world.now - HOUR });
  });

  test('R55 a correction forgets the name that is kept, of that person alone', async () => {
    const [filled] = (await world.store.scan('person', { limit: 1 })).items;
    if (filled === undefined) throw new Error('nobody is filled in');
    for (const account of [GONE, STAYS]) await world.store.create('person', { tenant: A.tenant, account }, filled.row);
    expect((await world.api('POST', `/people/${GONE}/refresh`, BOSS)).status).toBe(200);
    expect(await world.store.read('person', { tenant: A.tenant, account: GONE })).toBeUndefined();
    expect(await world.store.read('person', { tenant: A.tenant, account: STAYS })).toBeDefined();
  });
});

describe('a request', () => {
  test('R56 has three days to be acknowledged and thirty to be done, and wakes somebody while it is open', async () => {
    const askedAt = world.now;
    const { request, acknowledgeBy, dueAt } = await open({ kind: 'other' });
    expect([acknowledgeBy, dueAt]).toEqual([askedAt + ACKNOWLEDGE_MS, askedAt + DONE_MS]);
    expect([ACKNOWLEDGE_MS, DONE_MS]).toEqual([3 * DAY, 30 * DAY]);
    const alarms = async (days: number): Promise<number> => {
      faults = [];
      for (let n = 0; n < days * 24; n += 6) {
        world.now += 6 * HOUR;
        await purge({ kind: 'sweep', askedAt: world.now });
      }
      return faults.filter((code) => code === 'request-late').length;
    };
    expect(await alarms(1)).toBe(0);
    expect(await alarms(2)).toBeGreaterThanOrEqual(2);
    await world.api('POST', `/requests/${request}/acknowledge`, BOSS);
    expect(await alarms(20)).toBe(0);
    expect(await alarms(4)).toBeGreaterThanOrEqual(2);
    expect((await world.api('POST', `/requests/${request}/done`, BOSS)).body).toMatchObject({ doneAt: world.now });
    expect(await alarms(10)).toBe(0);
  }, 60_000);

  test('R56 is alarmed about before each of its days, whenever it is looked at', () => {
    const at = fc.integer({ min: 0, max: 100 * DAY });
    fc.assert(
      fc.property(at, at, fc.option(at, { nil: undefined }), (askedAt, now, acknowledgedAt) => {
        const next = alarmAfter({ askedAt, acknowledgedAt }, now) ?? 0;
        const { acknowledgeBy, dueAt } = deadlinesOf(askedAt);
        expect(next).toBeLessThan(Math.max(acknowledgedAt === undefined ? acknowledgeBy : dueAt, now + DAY + 1));
        expect(alarmAfter({ askedAt, acknowledgedAt, doneAt: now }, now)).toBeUndefined();
      }),
    );
  });

  test('R56 for an erasure names the person, and nobody but the walks ends it', async () => {
    expect((await world.api('POST', '/requests', BOSS, { kind: 'erase' })).body).toMatchObject({
      code: 'body-invalid',
    });
    const { request } = await open({ kind: 'erase', account: GONE });
    expect((await world.api('POST', `/requests/${request}/done`, BOSS)).body).toMatchObject({ code: 'state-refused' });
    const stranger = { ...B, account: 'boss' };
    expect((await world.api('POST', `/requests/${request}/acknowledge`, stranger)).status).toBe(404);
  });
});
