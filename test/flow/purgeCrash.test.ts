import { describe, expect, test } from 'vitest';
import { verifyReceipt } from '../../shared/evidence/receipt.ts';
import { ownerOf } from '../../shared/model/ids.ts';
import { parseReceipt } from '../../shared/wire/receipt.ts';
import { storesOf } from '../kit/receipts.ts';
import { A, B, C, clientKeyOf, DAY, HOUR, PurgeWorld } from '../kit/purgeWorld.ts';
import type { Crash } from '../kit/purgeWorld.ts';

const TICKS = 4;

/** A world in which A's day has come. */
async function due(): Promise<PurgeWorld> {
  const world = await new PurgeWorld().fill();
  await world.mark(A);
  world.now += 120 * DAY;
  world.calls = 0;
  return world;
}

/** Ticks until the world stops, starts again, and ticks on. Nothing may be proven before it is so. */
async function live(world: PurgeWorld, crash: Crash): Promise<void> {
  world.crash = crash;
  for (let n = 0; world.crash !== undefined; n += 1) {
    expect(n).toBeLessThan(TICKS);
    try {
      await world.tick();
    } catch (thrown) {
      if (world.calls <= crash.at) throw thrown;
    }
    if (world.calls > crash.at) {
      world.crash = undefined;
      // A message that was not answered comes again; here it is lost, which is worse.
      world.queue.length = 0;
      // Somebody deploys before the next tick: a receipt that was begun must not change.
      world.settings = { ...world.settings, commit: 'newer' };
    }
    expectNothingEarly(world);
    world.now += HOUR;
  }
  for (let n = 0; n < TICKS; n += 1) if (unfinished(world)) await world.ticks(1);
}

/** Is a purge under way? A receipt may be there before the last step is recorded. */
function unfinished(world: PurgeWorld): boolean {
  const purge = world.store.everything('(default)').get(`purges/${ownerOf(A.tenant, 1)}`);
  return !JSON.stringify(purge ?? {}).includes('"stage":"done"');
}

function expectNothingEarly(world: PurgeWorld): void {
  if (world.receipts().length > 0) expect(world.leftOf(A)).toEqual([]);
}

async function expectPurged(world: PurgeWorld, what: string): Promise<void> {
  expect(world.leftOf(A), what).toEqual([]);
  expect(world.receipts(), what).toHaveLength(1);
  const stored = await world.store.read('receipt', { receipt: (world.receipts()[0] ?? '').split('/')[1] ?? '' });
  const signed = parseReceipt(stored?.row.signed ?? '');
  expect(verifyReceipt(signed, world.publicKey), what).toEqual({ ok: true });
  for (const { category, before, deleted } of storesOf(signed).counts)
    expect(deleted, `${what} ${category}`).toBe(before);
  const entries = await world.ledger.read(await world.ledger.identityOf('connect', clientKeyOf(A)));
  expect(
    entries.map(({ kind }) => kind),
    what,
  ).toEqual(['installed', 'marked', 'purging', 'purged']);
}

describe('a stop at any call of the store', () => {
  test.each(['before', 'after'] as const)(
    'R22 %s its effect: the next ticks end in the same place, with one receipt and never an early one',
    async (when) => {
      const whole = await due();
      await whole.ticks(TICKS);
      const calls = whole.calls;
      expect(calls).toBeGreaterThan(100);
      for (let at = 0; at < calls; at += 1) {
        const world = await due();
        const neighbours = neighboursOf(world);
        await live(world, { at, when });
        await expectPurged(world, `call ${at}`);
        expect(neighboursOf(world), `call ${at}`).toEqual(neighbours);
      }
    },
    120_000,
  );
});

/** Records of the third tenant. */
function neighboursOf(world: PurgeWorld): ReadonlyMap<string, string> {
  return new Map([...world.everything()].filter(([, row]) => row.includes(ownerOf(C.tenant, 1))));
}

/** How the lifecycle takes a customer back: the ledger first, then the record. */
async function comeBack(world: PurgeWorld): Promise<boolean> {
  const identity = await world.ledger.identityOf('connect', clientKeyOf(A));
  const entries = await world.ledger.read(identity);
  const last = entries.at(-1);
  if (last?.kind !== 'marked') return false;
  try {
    await world.ledger.append(identity, last.number, { ...A, kind: 'returned', at: world.now });
  } catch {
    return false;
  }
  await world.store.transact(async (transaction) => {
    const tenant = await transaction.read('tenant', { tenant: A.tenant });
    if (tenant?.row.generation !== 1) return;
    const { markedAt: _at, evidence: _evidence, dueAt: _due, ...row } = tenant.row;
    transaction.put('tenant', tenant.place, { ...row, state: 'active', ledgerNumber: last.number + 1 });
  });
  return true;
}

describe('a customer that comes back', () => {
  test('R19 at any call of a purge is either back with all its data, or purged as a whole', async () => {
    const whole = await due();
    await whole.tick();
    const ends = new Set<string>();
    for (let at = 0; at <= whole.calls; at += 1) {
      const world = await due();
      const before = world.leftOf(A).length;
      let isBack: boolean | undefined;
      let isInside = false;
      world.onCall = async () => {
        if (isInside || world.calls - 1 !== at || isBack !== undefined) return;
        isInside = true;
        isBack = await comeBack(world);
        isInside = false;
      };
      await world.tick();
      world.onCall = undefined;
      isBack ??= await comeBack(world);
      await world.ticks(TICKS);
      ends.add(isBack ? 'back' : 'purged');
      if (isBack) {
        expect(world.leftOf(A), `call ${at}`).toHaveLength(before);
        expect((await world.store.read('tenant', { tenant: A.tenant }))?.row.state, `call ${at}`).toBe('active');
        expect(world.receipts()).toEqual([]);
      } else await expectPurged(world, `call ${at}`);
    }
    expect([...ends].toSorted()).toEqual(['back', 'purged']);
  }, 60_000);

  test('R25 with a new installation during the purge keeps everything of its new life', async () => {
    const next = { ...A, generation: 2 };
    const owner = ownerOf(A.tenant, 2);
    for (const beforeTick of [1, 2, 3]) {
      const world = await due();
      for (let n = 0; n < beforeTick; n += 1) {
        await world.tick();
        world.now += HOUR;
      }
      await world.enter(next, clientKeyOf(A), 'installed', {});
      await world.keys.make(owner as never, [owner]);
      await world.store.transact(async (transaction) => {
        const { row } = (await transaction.read('tenant', { tenant: C.tenant }))!;
        const door = { owners: [owner], ...next };
        transaction.put(
          'tenant',
          { tenant: A.tenant },
          { ...row, owners: [owner], generation: 2, clientKey: clientKeyOf(A), installedAt: world.now },
        );
        transaction.put('door', { door: 'the-door-of-a' }, door);
      });
      const half = { tenant: A.tenant, half: 'c-77777777-a' };
      const [old] = (await world.store.owned('half', ownerOf(C.tenant, 1), { limit: 1 })).items;
      await world.store.create('half', half, { ...old!.row, owners: [owner] });
      const mine = [...world.everything()].filter(([, row]) => row.includes(`"${owner}"`));
      expect(mine.length).toBeGreaterThanOrEqual(4);
      await world.ticks(TICKS);
      const after = world.everything();
      for (const [path, row] of mine) expect(after.get(path), `${beforeTick} ${path}`).toBe(row);
      expect(
        [...after].filter(([path, row]) => row.includes(`${A.tenant}#1`) && !/purges|receipts|ledger/.test(path)),
      ).toEqual([]);
      expect(world.receipts(), `${beforeTick}`).toHaveLength(1);
      // The half that is planted above is sealed for another tenant, and the walk says so.
      expect(world.faults.filter((code) => code !== 'seal-broken')).toEqual([]);
    }
  });

  test('R25 with a new installation between the listing and the deletion of its door keeps the door', async () => {
    const world = await due();
    const owners = [ownerOf(A.tenant, 2)];
    const taken: string[] = [];
    world.onCall = ({ op, category, path = '' }) => {
      if (op !== 'batch' || category !== 'door' || taken.length > 0) return;
      taken.push(path);
      world.store.plant('(default)', path, { owners, tenant: A.tenant, generation: 2 });
    };
    await world.ticks(TICKS);
    expect(taken).toHaveLength(1);
    expect(world.store.everything('(default)').get(taken[0] ?? '')).toEqual({
      owners,
      tenant: A.tenant,
      generation: 2,
    });
    expect(world.receipts()).toHaveLength(1);
  });

  test('R25 with a new installation right after a claim that stopped is purged of its old life all the same', async () => {
    const world = await due();
    const identity = await world.ledger.identityOf('connect', clientKeyOf(A));
    await world.ledger.append(identity, 2, { ...A, kind: 'purging', at: world.now });
    await world.enter({ ...A, generation: 2 }, clientKeyOf(A), 'installed', {});
    const owners = [ownerOf(A.tenant, 2)];
    await world.change(A, {
      owners,
      generation: 2,
      state: 'active',
      markedAt: undefined,
      evidence: undefined,
      dueAt: undefined,
    });
    await world.ticks(TICKS);
    expect(
      [...world.everything()].filter(
        ([path, row]) => row.includes(`${A.tenant}#1"`) && !/purges|receipts|ledger/.test(path),
      ),
    ).toEqual([]);
    expect(world.receipts()).toHaveLength(1);
    expect((await world.store.read('tenant', { tenant: A.tenant }))?.row.state).toBe('active');
  });
});

describe('two partners whose days come together', () => {
  test('R23 are both purged, each with a receipt, and neither half comes back', async () => {
    const world = await due();
    await world.mark(B);
    world.now += 120 * DAY;
    for (let n = 0; n < TICKS; n += 1) {
      await world.handle({ kind: 'sweep', askedAt: world.now });
      while (world.queue.length > 0) await Promise.all(world.queue.splice(0).map((message) => world.handle(message)));
      world.now += HOUR;
    }
    expect(world.leftOf(A)).toEqual([]);
    expect(world.leftOf(B)).toEqual([]);
    expect(world.receipts()).toHaveLength(2);
    // One of them has waited for 240 days here: that wakes people, and nothing else is wrong.
    expect(world.faults.filter((code) => code !== 'deletion-last')).toEqual([]);
  });
});
