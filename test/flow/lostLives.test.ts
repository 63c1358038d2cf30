import { beforeEach, describe, expect, test } from 'vitest';
import { verifyReceipt } from '../../shared/evidence/receipt.ts';
import { ownerOf } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import { MemoryBackup } from '../../shared/memory/backup.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import { storesOf } from '../kit/receipts.ts';
import { parseReceipt } from '../../shared/wire/receipt.ts';
import { A, B, C, clientKeyOf, DAY, HOUR, PurgeWorld } from '../kit/purgeWorld.ts';

let world: PurgeWorld;
beforeEach(async () => {
  world = await new PurgeWorld(new MemoryBackup()).fill();
});

/** A restore of a backup from before this customer came: nothing of it is in the main database. */
async function lose(of: PurgeWorld, ref: TenantRef): Promise<void> {
  for (;;) {
    const paths = of
      .leftOf(ref)
      .filter((path) => path.startsWith('(default):'))
      .map((path) => path.slice('(default):'.length));
    if (paths.length === 0) return;
    await of.store.removeAt(paths.slice(0, 500));
  }
}

async function kindsOf(of: PurgeWorld, ref: TenantRef): Promise<readonly string[]> {
  const entries = await of.ledger.read(await of.ledger.identityOf('connect', clientKeyOf(ref)));
  return entries.map(({ kind, evidence }) => `${kind}${evidence === undefined ? '' : ` ${evidence}`}`);
}

const keysOf = (of: PurgeWorld, ref: TenantRef): readonly string[] =>
  of.leftOf(ref).filter((path) => path.startsWith('vault:'));

/** Ticks, some hours apart: the days of these lives are many. */
async function days(of: PurgeWorld, count: number, everyHours = 12): Promise<void> {
  for (const until = of.now + count * DAY; of.now < until; of.now += everyHours * HOUR) await of.tick();
}

async function expectReceipt(of: PurgeWorld, trigger: string): Promise<void> {
  expect(of.receipts().length).toBeGreaterThan(0);
  const signed = parseReceipt(
    (await of.store.read('receipt', { receipt: (of.receipts()[0] ?? '').split('/')[1] ?? '' }))?.row.signed ?? '',
  );
  expect(verifyReceipt(signed, of.publicKey)).toEqual({ ok: true });
  const receipt = storesOf(signed);
  expect(receipt.trigger).toBe(trigger);
  expect(receipt.counts.find(({ category }) => category === 'key')?.deleted).toBeGreaterThan(0);
}

describe('a live customer that a restore has lost', () => {
  test('R94 is marked after two days, told once, and keeps its keys until its days are over', async () => {
    await lose(world, C);
    await days(world, 2);
    expect(await kindsOf(world, C)).toEqual(['installed']);
    await days(world, 2);
    expect(await kindsOf(world, C)).toEqual(['installed', 'marked lost']);
    expect(world.faults).toEqual(['life-lost']);
    await days(world, 116);
    expect(keysOf(world, C)).not.toEqual([]);
    await days(world, 6, 1);
    expect(world.leftOf(C)).toEqual([]);
    expect(await kindsOf(world, C)).toEqual(['installed', 'marked lost', 'purging lost', 'purged']);
    await expectReceipt(world, 'lost');
    expect(world.faults).toEqual(['life-lost']);
    for (const ref of [A, B]) expect(await kindsOf(world, ref)).toEqual(['installed']);
  });

  test('R94 loses the mark when its record is here again, and nothing else', async () => {
    const back = world.store.backup();
    await lose(world, C);
    await days(world, 5);
    expect(await kindsOf(world, C)).toEqual(['installed', 'marked lost']);
    const keys = keysOf(world, C);
    back();
    await days(world, 130, 24);
    expect(await kindsOf(world, C)).toEqual(['installed', 'marked lost', 'returned']);
    expect((await world.store.read('tenant', { tenant: C.tenant }))?.row.state).toBe('active');
    expect(keysOf(world, C)).toEqual(keys);
    expect(world.receipts()).toEqual([]);
  });

  test('R94 is not marked while its install is still being written', async () => {
    const late = await new PurgeWorld().fill();
    late.now += 200 * DAY;
    await late.enter(C, clientKeyOf(C), 'marked', { evidence: 'uninstalled', dueAt: late.now + 120 * DAY });
    await late.enter(C, clientKeyOf(C), 'returned', {});
    await lose(late, C);
    await late.tick();
    expect(await kindsOf(late, C)).toEqual(['installed', 'marked uninstalled', 'returned']);
  });
});

describe('a life that had ended before it was lost', () => {
  test.each([
    ['uninstalled', 120],
    ['requested', 3],
    ['licence-ended', 151],
    ['probes-failed', 151],
  ] as const)('R95 when it was %s is gone after %i days with its keys', async (evidence, last) => {
    await world.mark(C, evidence);
    await lose(world, C);
    const from = world.now;
    await days(world, Math.max(1, last - 33));
    expect(keysOf(world, C)).not.toEqual([]);
    while (world.now < from + last * DAY && world.leftOf(C).length > 0)
      await days(world, 1, world.now < from + (last - 3) * DAY ? 12 : 1);
    expect(world.leftOf(C)).toEqual([]);
    expect((await kindsOf(world, C)).slice(2)).toEqual([`purging ${evidence}`, 'purged']);
    await expectReceipt(world, evidence);
  });

  test('R95 goes when it was claimed and the purge’s own record is lost, too', async () => {
    await world.mark(C);
    world.now += 120 * DAY;
    await world.tick();
    expect((await kindsOf(world, C)).at(-1)).toBe('purging uninstalled');
    await lose(world, C);
    await world.store.remove('purge', { owner: ownerOf(C.tenant, 1) });
    await days(world, 1, 1);
    expect(world.leftOf(C)).toEqual([]);
    await expectReceipt(world, 'uninstalled');
  });

  test('R95 gets its receipt when nobody signed in time, and the record of the purge is lost after the keys', async () => {
    await world.mark(C);
    world.now += 120 * DAY;
    const { signer } = world.ports;
    let tries = 0;
    const away = async (): Promise<string> => {
      tries += 1;
      throw new Fault('key-unavailable');
    };
    Object.assign(world.ports, { signer: { ...signer, sign: away } });
    // Each message of it fails, and comes again.
    for (let hours = 0; hours < 48; hours += 1, world.now += HOUR)
      await world.tick().catch((thrown: unknown) => expect(toFault(thrown).code).toBe('key-unavailable'));
    expect(tries).toBeGreaterThan(1);
    expect(keysOf(world, C)).toEqual([]);
    expect((await kindsOf(world, C)).at(-1)).toBe('purging uninstalled');
    await lose(world, C);
    await world.store.remove('purge', { owner: ownerOf(C.tenant, 1) });
    Object.assign(world.ports, { signer });
    await days(world, 2, 1);
    expect((await kindsOf(world, C)).slice(-2)).toEqual(['purging uninstalled', 'purged']);
    // Of the stores, and of the backups.
    const issued = world.receipts().map((path) => path.split('/')[1] ?? '');
    expect(issued).toEqual([issued[0], `${issued[0]}-b`]);
    for (const receipt of issued) {
      const stored = await world.store.read('receipt', { receipt });
      expect(verifyReceipt(parseReceipt(stored?.row.signed ?? ''), world.publicKey)).toEqual({ ok: true });
    }
  });

  test('R95 ends in the same place after a stop at any call of the search', async () => {
    const due = async (): Promise<PurgeWorld> => {
      const one = await new PurgeWorld().fill();
      await one.mark(C, 'requested');
      await lose(one, C);
      one.now += 3 * DAY;
      one.calls = 0;
      return one;
    };
    const whole = await due();
    await whole.tick();
    expect(whole.calls).toBeGreaterThan(50);
    for (let at = 0; at < whole.calls; at += 1) {
      const one = await due();
      one.crash = { at, when: at % 2 === 0 ? 'before' : 'after' };
      await one.tick().catch(() => undefined);
      one.crash = undefined;
      one.queue.length = 0;
      await days(one, 2, 1);
      expect(one.leftOf(C), `${at}`).toEqual([]);
      expect(one.receipts(), `${at}`).toHaveLength(1);
    }
  }, 60_000);
});

describe('a copy of the database that was put back by hand', () => {
  test('R96 is rid of a purged life although the tenant’s next one is there, which loses nothing', async () => {
    const before = world.store.everything('(default)');
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(4);
    expect(world.receipts()).not.toEqual([]);
    // The site has installed again before anybody looked: its record is the next life's.
    const { number } = await world.enter({ ...A, generation: 2 }, clientKeyOf(A), 'installed', {});
    for (const [path, row] of before)
      if (JSON.stringify(row).includes(`${A.tenant}#1`)) world.store.plant('(default)', path, row);
    const next = ownerOf(A.tenant, 2);
    const back = { owners: [next], generation: 2, ledgerNumber: number };
    await world.change(A, back);
    world.store.plant('(default)', `tenants/${A.tenant}/usages/2030-01-01`, {
      ...{ owners: [next], day: '2030-01-01', counts: {}, removeAt: Number.MAX_SAFE_INTEGER },
    });
    await days(world, 8);
    const left = [...world.everything()].filter(
      ([path, row]) => !/^(\(default\):purges|ledger:)/.test(path) && row.includes(`"${A.tenant}#1"`),
    );
    expect(left).toEqual([]);
    // Its day is over: while it is there again, people are woken about that as well.
    expect(world.faults.filter((code) => code !== 'deletion-overdue')).toEqual(['purged-life-found']);
    expect((await world.store.read('tenant', { tenant: A.tenant }))?.row).toMatchObject({
      generation: 2,
      state: 'active',
    });
    expect(world.store.everything('(default)').has(`tenants/${A.tenant}/usages/2030-01-01`)).toBe(true);
    const covers: string[] = [];
    for (const path of world.receipts()) {
      const stored = await world.store.read('receipt', { receipt: path.split('/')[1] ?? '' });
      covers.push(parseReceipt(stored?.row.signed ?? '').receipt.covers);
    }
    expect(covers.filter((what) => what === 'stores')).toHaveLength(1);
    expect(await kindsOf(world, A)).toEqual([
      'installed',
      'marked uninstalled',
      'purging uninstalled',
      'purged',
      'installed',
    ]);
  });
});

describe('the search', () => {
  const scans = (of: PurgeWorld): number[] => {
    const seen: number[] = [];
    of.onCall = ({ op, category }) => {
      if (op === 'scan' && category === 'ledger') seen.push(of.now);
    };
    return seen;
  };

  test('R97 begins three times a day, and is one read in between', async () => {
    const seen = scans(world);
    await days(world, 3, 1);
    // At hours 0, 8, 16, …
    expect(seen.length).toBe(9);
  });

  test('R97 of more lives than one message looks through goes on in the next sweeps', async () => {
    for (let n = 0; n < 420; n += 1) {
      const identity = await world.ledger.identityOf('connect', `key-many-${n}`);
      const ref = { tenant: `t-many${String(n).padStart(4, '0')}` as TenantRef['tenant'], generation: 1 };
      await world.ledger.append(identity, 0, { ...ref, kind: 'installed', at: world.now - 9 * DAY });
    }
    // Every page takes a message's time.
    world.onCall = ({ op, category }) => {
      if (op === 'scan' && category === 'ledger') world.now += 20_000;
    };
    const lost = (): number => world.faults.filter((code) => code === 'life-lost').length;
    await world.tick();
    expect(lost()).toBeGreaterThan(100);
    expect(lost()).toBeLessThan(300);
    for (let n = 0; n < 3; n += 1) await world.ticks(1);
    expect(lost()).toBe(420);
    await world.ticks(40);
    expect(lost()).toBe(420);
  });
});

describe('the pulse of the sweep', () => {
  const alarms = (): number => world.faults.filter((code) => code === 'sweep-overdue').length;

  test('R98 a sweep that never came, or stopped coming, is told by the ticks of backups', async () => {
    await world.backup();
    expect(alarms()).toBe(0);
    world.now += 3.5 * HOUR;
    await world.backup();
    expect(alarms()).toBe(1);
    await world.tick();
    world.now += 3.5 * HOUR - 1;
    await world.backup();
    expect(alarms()).toBe(1);
    world.now += 1;
    await world.backup();
    expect(alarms()).toBe(2);
  });
});
