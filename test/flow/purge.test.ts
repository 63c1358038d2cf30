import { beforeEach, describe, expect, test } from 'vitest';
import { receiptHash, verifyReceipt } from '../../shared/evidence/receipt.ts';
import { readConfig } from '../../shared/config.ts';
import { ownerOf, tenantKey } from '../../shared/model/ids.ts';
import { ownedCategories } from '../../shared/retention/address.ts';
import { parseReceipt } from '../../shared/wire/receipt.ts';
import { CANARY } from '../kit/records.ts';
import { storesOf } from '../kit/receipts.ts';
import { A, AB, B, C, clientKeyOf, DAY, DAY_0, HOUR, PurgeWorld } from '../kit/purgeWorld.ts';

let world: PurgeWorld;
beforeEach(async () => {
  world = await new PurgeWorld().fill();
});

/** Enough ticks for a whole purge: fence, first and second verification. */
const WHOLE = 4;

describe('a tenant whose day has come', () => {
  test('R14 leaves nothing of any category, and its neighbours are unchanged', async () => {
    const before = world.everything();
    for (const category of ownedCategories)
      expect((await world.store.owned(category, ownerOf(A.tenant, 1), { limit: 9 })).items, category).not.toEqual([]);
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(WHOLE);

    expect(world.leftOf(A)).toEqual([]);
    for (const category of ownedCategories)
      expect((await world.store.owned(category, ownerOf(A.tenant, 1), { limit: 9 })).items, category).toEqual([]);
    const after = world.everything();
    // Each of the third tenant's records is the same, byte for byte.
    const ofC = [...before].filter(([, row]) => row.includes(`${C.tenant}#1`));
    expect(ofC.length).toBeGreaterThan(10);
    for (const [path, row] of ofC) expect(after.get(path), path).toBe(row);
    expect(world.faults).toEqual([]);
  });

  test('R23 leaves its partner with its own half, which says only that the partner left', async () => {
    const before = world.everything();
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(WHOLE);
    const after = world.everything();
    const isShared = (row: string): boolean => row.includes(`${A.tenant}#1`);
    const ofB = [...before].filter(([, row]) => row.includes(`${B.tenant}#1`) && !isShared(row));
    const half = `(default):tenants/${B.tenant}/halves/${AB.id}-b`;
    expect(ofB.map(([path]) => path)).toContain(half);
    for (const [path, row] of ofB) {
      const want = path === half ? row.replace('"state":"active"', '"state":"partner-left"') : row;
      expect(after.get(path), path).toBe(want);
    }
    expect(after.get(half)).toContain('partner-left');
    const evidence = /^(\(default\):purges|ledger:)/;
    for (const [path, row] of after)
      if (!evidence.test(path)) expect(`${path}${row}`, path).not.toContain(A.tenant.concat('#'));
    // What B sealed still opens: only the keys of A and of their connection are gone.
    expect([...after.keys()].filter((path) => path.startsWith('vault:'))).toEqual(
      [...before.keys()].filter((path) => path.startsWith('vault:') && !path.includes(`${A.tenant}#1`)),
    );
  });

  test('R22 ends with one genuine receipt that the ledger names and that holds nothing of the customer', async () => {
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(WHOLE + 3);
    expect(world.receipts()).toHaveLength(1);
    const [path = ''] = world.receipts();
    const stored = await world.store.read('receipt', { receipt: path.split('/')[1] ?? '' });
    const text = stored?.row.signed ?? '';
    const signed = parseReceipt(text);
    expect(verifyReceipt(signed, world.publicKey)).toEqual({ ok: true });
    const receipt = storesOf(signed);
    expect(receipt.key.sampleRefused).toBe(true);
    expect(receipt.counts.map(({ category }) => category)).toEqual(ownedCategories.toSorted());
    for (const count of receipt.counts) {
      expect(count.before, count.category).toBeGreaterThan(0);
      expect(count.deleted, count.category).toBe(count.before);
    }
    // R24: the second verification looks at another time than the first.
    expect(receipt.verifiedAt - receipt.deletedAt).toBeGreaterThanOrEqual(world.settings.fenceMs);
    const entries = await world.ledger.read(await world.ledger.identityOf('connect', clientKeyOf(A)));
    expect(entries.map(({ kind }) => kind)).toEqual(['installed', 'marked', 'purging', 'purged']);
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(A.tenant);
    const progress = JSON.stringify((await world.store.read('purge', { owner: ownerOf(A.tenant, 1) }))?.row);
    for (const gone of [CANARY, B.tenant, 'sample"', 'draft']) expect(progress).not.toContain(gone);
  });

  test('R22 in its second life gets a second receipt, chained to the first', async () => {
    const next = { ...A, generation: 2 };
    await world.mark(A);
    const before = await world.store.read('tenant', { tenant: A.tenant });
    world.now += 120 * DAY;
    await world.ticks(WHOLE);
    const [first = ''] = world.receipts();
    const owner = ownerOf(A.tenant, 2);
    const { number } = await world.enter(next, clientKeyOf(A), 'installed', {});
    await world.keys.make(tenantKey(owner), [owner]);
    const { markedAt: _at, evidence: _evidence, dueAt: _due, ...row } = before!.row;
    const back = { ...row, owners: [owner], generation: 2, state: 'active', ledgerNumber: number } as const;
    await world.store.create('tenant', { tenant: A.tenant }, back);
    await world.mark(next, 'requested');
    world.now += DAY;
    await world.ticks(WHOLE);
    const second = world.receipts().find((path) => path !== first) ?? '';
    const receipts = [first, second].map(
      (path) => parseReceipt(String(JSON.parse(world.everything().get(`ledger:${path}`) ?? '{}').signed)).receipt,
    );
    expect(receipts[1]?.previous).toBe(receiptHash(receipts[0]!));
    expect(receipts[1]?.subject).toBe(receipts[0]?.subject);
  });

  test('R16 gets no receipt while a sealed value still opens', async () => {
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(2);
    world.keys.open = async () => 'as before';
    await expect(world.ticks(1)).rejects.toThrow('purge-not-empty');
    expect(world.receipts()).toEqual([]);
  });

  test('R20 loses the progress of its purge after 30 days, and keeps the receipt', async () => {
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(WHOLE);
    world.now += 30 * DAY;
    await world.tick();
    expect(await world.store.read('purge', { owner: ownerOf(A.tenant, 1) })).toBeUndefined();
    expect(world.receipts()).toHaveLength(1);
    await world.tick();
    expect(world.receipts()).toHaveLength(1);
  });

  test('R24 waits for work that is under way before it deletes, and again before it looks the second time', async () => {
    await world.mark(A);
    world.now += 120 * DAY;
    await world.tick();
    const before = world.leftOf(A).length;
    world.now += world.settings.fenceMs - 1;
    await world.tick();
    expect(world.leftOf(A)).toHaveLength(before);
    world.now += 1;
    await world.tick();
    expect(world.leftOf(A).every((path) => path.startsWith('vault:'))).toBe(true);
    expect(world.receipts()).toEqual([]);
    world.now += world.settings.fenceMs - 1;
    await world.tick();
    expect(world.leftOf(A)).not.toEqual([]);
    world.now += 1;
    await world.tick();
    expect(world.leftOf(A)).toEqual([]);
    expect(world.receipts()).toHaveLength(1);
  });

  test('R22 is purged in several messages when there is more than one message’s time', async () => {
    await world.mark(A);
    world.now += 120 * DAY;
    // Each call of the store takes nine seconds: two or three calls fit into a message.
    world.onCall = () => void (world.now += 9_000);
    await world.ticks(WHOLE);
    expect(world.leftOf(A)).toEqual([]);
    expect(world.receipts()).toHaveLength(1);
  });
});

describe('who is woken', () => {
  const alarms = () => world.faults.filter((code) => code.startsWith('deletion-'));

  test('R38 nobody while everything is in time', async () => {
    await world.mark(A);
    for (let day = 0; day < 119; day += 7) {
      world.now = DAY_0 + day * DAY;
      await world.tick();
    }
    world.now = DAY_0 + 120 * DAY - 12 * HOUR;
    await world.ticks(WHOLE);
    expect(alarms()).toEqual([]);
    expect(world.receipts()).toHaveLength(1);
  });

  test('R38 when a mark is not purged on its day, from day 150 and from day 170 on', async () => {
    await world.mark(A, 'licence-ended');
    world.addons.set(A.tenant, 'jira-rate-limited');
    const on = async (day: number, hours: number): Promise<string[]> => {
      world.now = DAY_0 + day * DAY + hours * HOUR;
      world.faults.length = 0;
      // The sweep alone: what it asks for is lost.
      await world.handle({ kind: 'sweep', askedAt: world.now });
      world.queue.length = 0;
      return alarms();
    };
    expect(await on(120, 11)).toEqual([]);
    expect(await on(120, 12)).toEqual(['deletion-overdue']);
    expect(await on(149, 23)).toEqual(['deletion-overdue']);
    expect(await on(150, 0)).toEqual(['deletion-late']);
    expect(await on(169, 23)).toEqual(['deletion-late']);
    expect(await on(170, 0)).toEqual(['deletion-last']);
    expect(await on(181, 0)).toEqual(['deletion-last']);
  });

  test('R38 when a purge that has begun does not end, also when the tenant’s record is gone', async () => {
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(2);
    const { row, version, place } = (await world.store.read('purge', { owner: ownerOf(A.tenant, 1) }))!;
    await world.store.replace('purge', place, { ...row, stage: 'verifying-a', notBeforeAt: world.now }, version);
    await world.store.remove('tenant', { tenant: A.tenant });
    world.now = DAY_0 + 150 * DAY;
    await world.handle({ kind: 'sweep', askedAt: world.now });
    expect(alarms()).toEqual(['deletion-late']);
  });

  test('R38 no setting puts a day behind its promise', () => {
    const environment = { TWINLINE_MODE: 'local', TWINLINE_BASE_URL: 'https://twinline.example' };
    expect(readConfig(environment)).toMatchObject({ liveDays: 120, copyDays: 30 });
    for (const [setting, value] of [
      ['TWINLINE_LIVE_DAYS', '121'],
      ['TWINLINE_COPY_DAYS', '31'],
      ['TWINLINE_LIVE_DAYS', '-1'],
      ['TWINLINE_LIVE_DAYS', '1.5'],
    ] as const)
      expect(() => readConfig({ ...environment, [setting]: value })).toThrow(
        expect.objectContaining({ code: 'config-invalid' }),
      );
  });
});

describe('what the verifications find', () => {
  test.each([
    [
      'a record under the tenant whose owner is wrong',
      `tenants/${A.tenant}/halves/c-99999999-a/rules/1`,
      { owners: [`${B.tenant}#1`] },
    ],
    ['a record without owners under a parent that is gone', `connections/${AB.id}/twins/w-x/copies/latest`, {}],
    [
      'a link of the connection in the partner’s tree without the owner',
      `tenants/${B.tenant}/issues/1/links/${AB.id}`,
      { owners: [`${B.tenant}#1`] },
    ],
  ])('R16 %s is found by its path, removed, and looked for again', async (_what, path, row) => {
    world.store.plant('(default)', path, row);
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(3);
    expect(world.faults).toEqual(['purge-not-empty']);
    expect(world.receipts()).toEqual([]);
    expect(world.leftOf(A).filter((left) => left.startsWith('vault:'))).not.toEqual([]);
    await world.ticks(4);
    expect(world.store.everything('(default)').has(path)).toBe(false);
    expect(world.faults).toEqual(['purge-not-empty']);
    expect(world.receipts()).toHaveLength(1);
  });

  test('R16 what the catalogue does not name raises the alarm, keeps the keys, and is gone before the receipt', async () => {
    const path = `tenants/${A.tenant}/shadows/x/of/long/ago/y`;
    world.store.plant('(default)', path, { text: 'left' });
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(3);
    expect(world.faults).toEqual(['purge-not-empty']);
    expect(world.receipts()).toEqual([]);
    expect(world.leftOf(A).filter((left) => left.startsWith('vault:'))).not.toEqual([]);
    await world.ticks(4);
    expect(world.leftOf(A)).toEqual([]);
    expect(world.faults).toEqual(['purge-not-empty']);
    expect(world.receipts()).toHaveLength(1);
  });

  test('R16 what the catalogue does not name stays when it says that it is of another life of the tenant', async () => {
    const path = `tenants/${A.tenant}/shadows/x`;
    world.store.plant('(default)', path, { text: 'newer', owners: [ownerOf(A.tenant, 2)] });
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(8);
    expect(world.store.everything('(default)').has(path)).toBe(true);
    expect(world.receipts()).toHaveLength(1);
  });

  test('R16 a record of the owner that only the walk meets has the deletion begin again', async () => {
    const path = `connections/${AB.id}/unheard/x`;
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(2);
    world.store.plant('(default)', path, { owners: [ownerOf(A.tenant, 1)] });
    await world.tick();
    const owner = ownerOf(A.tenant, 1);
    expect((await world.store.read('purge', { owner }))?.row).toMatchObject({
      stage: 'deleting',
      counts: { unnamed: { foundB: 1 } },
    });
    expect(world.store.everything('(default)').has(path)).toBe(false);
    world.now += HOUR;
    await world.ticks(3);
    expect(world.receipts()).toHaveLength(1);
    expect(world.faults).toEqual(['purge-not-empty']);
  });

  test('R93 a partner’s tree that is too large for one message is walked to its end by the next ones', async () => {
    const tree = `tenants/${B.tenant}/issues`;
    for (let n = 0; n < 20_500; n += 1)
      world.store.plant('(default)', `${tree}/${n}/links/c-other000`, { owners: [`${B.tenant}#1`] });
    const last = `${tree}/zzz/links/${AB.id}`;
    world.store.plant('(default)', last, { owners: [`${B.tenant}#1`] });
    // A page of a walk takes as long as a message has.
    world.onCall = ({ op }) => void (world.now += op === 'beneath' ? 20_000 : 0);
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(3);
    expect(world.faults).toEqual(['purge-not-empty']);
    expect(world.store.everything('(default)').has(last)).toBe(false);
    expect(world.receipts()).toEqual([]);
    await world.ticks(2);
    expect(world.receipts()).toHaveLength(1);
    expect(world.faults).toEqual(['purge-not-empty']);
    expect(world.store.everything('(default)').has(`${tree}/0/links/c-other000`)).toBe(true);
  });
});

describe('who is not purged', () => {
  test.each([
    ['before its day', async () => world.mark(A), 'not-due'],
    ['active', async () => undefined, 'not-due'],
    [
      'whose site says nothing clear of its licence',
      async () => {
        await world.mark(A, 'licence-ended');
        world.now += 121 * DAY;
        world.addons.set(A.tenant, 'jira-rate-limited');
      },
      'evidence-unclear',
    ],
    [
      'marked by its record only',
      async () => world.change(A, { state: 'marked', markedAt: 1, dueAt: 2, evidence: 'uninstalled' }),
      'returned-meanwhile',
    ],
  ])('R21 a tenant %s, whatever message comes', async (_who, arrange, code) => {
    await arrange();
    const before = world.everything();
    expect((await world.purge(A)).code).toBe(code);
    expect(world.everything()).toEqual(before);
  });

  test('R21 a life that is over, one that never was, and a tenant that nobody knows', async () => {
    const before = world.everything();
    for (const generation of [2, 7]) expect((await world.purge({ ...A, generation })).code).toBe('nothing-to-do');
    expect((await world.purge({ ...A, tenant: 't-unknown00' as typeof A.tenant })).code).toBe('nothing-to-do');
    expect(world.everything()).toEqual(before);
  });

  test('R21 messages that come 31 days after a purge change nothing', async () => {
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(WHOLE);
    world.now += 31 * DAY;
    await world.tick();
    const before = world.everything();
    expect((await world.purge(A)).code).toBe('nothing-to-do');
    expect(world.everything()).toEqual(before);
  });
});

describe('the sweep', () => {
  test('R11 deletes the content of a marked tenant after 30 days and nothing else', async () => {
    await world.mark(A);
    world.now += 30 * DAY - 1;
    await world.tick();
    const before = world.everything();
    world.now += 1;
    await world.tick();
    const gone = [...before.keys()].filter((path) => !world.everything().has(path));
    expect(gone.length).toBe(8);
    for (const path of gone) expect(path).toMatch(/\/(copies|decisions)\/[^/]+$/);
  });

  test('R20 removes invitations that have expired', async () => {
    const [open] = (await world.store.owned('invitation', ownerOf(B.tenant, 1), { limit: 1 })).items;
    expect(open).toBeDefined();
    await world.store.replace('invitation', open!.place, { ...open!.row, expiresAt: world.now }, open!.version);
    await world.tick();
    expect(await world.store.read('invitation', open!.place)).toBeUndefined();
    expect((await world.store.owned('invitation', ownerOf(B.tenant, 1), { limit: 9 })).items).toHaveLength(1);
  });

  test('R13 begins the purge of a customer that asks for it after a day, and is done within 72 hours', async () => {
    await world.mark(A, 'requested');
    const askedAt = world.now;
    const before = world.leftOf(A);
    await world.ticks(24);
    // Names go with the mark (R45), everything else may come back.
    expect(world.leftOf(A)).toEqual(before.filter((path) => !path.startsWith('identity:')));
    for (let n = 0; n < 48 && world.receipts().length === 0; n += 1) await world.ticks(1);
    expect(world.leftOf(A)).toEqual([]);
    expect(world.now - askedAt).toBeLessThanOrEqual(72 * HOUR);
  });

  test('R12 is done by the due day', async () => {
    await world.mark(A);
    const dueAt = world.now + 120 * DAY;
    world.now = dueAt - 13 * HOUR;
    for (let n = 0; n < 13 && world.receipts().length === 0; n += 1) await world.ticks(1);
    expect(world.receipts()).toHaveLength(1);
    expect(world.now).toBeLessThanOrEqual(dueAt);
    expect(world.leftOf(A)).toEqual([]);
  });

  test('R17 repairs records from the ledger', async () => {
    const stale = { state: 'active' };
    await world.mark(A);
    const { markedAt, dueAt } = (await world.store.read('tenant', { tenant: A.tenant }))!.row;
    await world.change(A, stale);
    await world.enter(B, clientKeyOf(B), 'marked', { evidence: 'uninstalled', dueAt: world.now + 120 * DAY });
    await world.enter(B, clientKeyOf(B), 'returned', {});
    await world.change(B, { state: 'marked', markedAt: 5, dueAt: 6, evidence: 'uninstalled' });
    await world.tick();
    const [a, b] = [A, B].map(async ({ tenant }) => (await world.store.read('tenant', { tenant }))!.row);
    expect(await a).toMatchObject({ state: 'marked', markedAt, dueAt, ledgerNumber: 2 });
    expect(await a).not.toHaveProperty('sharedSecret');
    expect(await b).toMatchObject({ state: 'active', ledgerNumber: 3 });
    expect(await b).not.toHaveProperty('markedAt');
    // The rest of the house hears of both, and of the return since when.
    expect(world.told).toMatchObject([
      { kind: 'tenant-change', tenant: A.tenant, what: 'marked' },
      { kind: 'tenant-change', tenant: B.tenant, what: 'returned', since: 5 },
    ]);
    const before = world.everything();
    await world.tick();
    expect(world.everything()).toEqual(before);
    expect(world.told).toHaveLength(2);
  });

  test('R18 purges again what a restore brought back, without a second receipt', async () => {
    const before = world.store.everything('(default)');
    await world.mark(A);
    world.now += 120 * DAY;
    await world.ticks(WHOLE);
    for (const [path, row] of before)
      if (JSON.stringify(row).includes(`${A.tenant}#1`)) world.store.plant('(default)', path, row);
    expect(world.leftOf(A)).not.toEqual([]);
    await world.ticks(WHOLE);
    expect(world.leftOf(A)).toEqual([]);
    expect(world.receipts()).toHaveLength(1);
  });

  test('R22 run several times in parallel has one effect', async () => {
    await world.mark(A);
    world.now += 120 * DAY;
    for (let n = 0; n < WHOLE; n += 1) {
      await Promise.all(Array.from({ length: 5 }, () => world.handle({ kind: 'sweep', askedAt: world.now })));
      while (world.queue.length > 0) await Promise.all(world.queue.splice(0).map((message) => world.handle(message)));
      world.now += HOUR;
    }
    expect(world.leftOf(A)).toEqual([]);
    expect(world.receipts()).toHaveLength(1);
    expect(world.faults).toEqual([]);
  });
});
