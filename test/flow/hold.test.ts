/** Legal holds: what they keep, what goes all the same, and that they end by themselves. */
import { beforeEach, describe, expect, test } from 'vitest';
import { agreeHold, askHold, readHeld, renewHold } from '../../functions/console/hold.ts';
import { verifyReceipt } from '../../shared/evidence/receipt.ts';
import { holdId, operatorId } from '../../shared/model/ids.ts';
import type { HoldId } from '../../shared/model/ids.ts';
import { readTrail } from '../../shared/trail.ts';
import { parseReceipt } from '../../shared/wire/receipt.ts';
import { Fault } from '../../shared/verdict.ts';
import { CANARY } from '../kit/records.ts';
import { A, B, DAY, HOUR, PurgeWorld } from '../kit/purgeWorld.ts';

const anna = operatorId('op-anna');
const ben = operatorId('op-ben');
let world: PurgeWorld;
beforeEach(async () => {
  world = await new PurgeWorld().fill();
});

const ask = async (more: Partial<Parameters<typeof askHold>[1]> = {}): Promise<HoldId> =>
  holdId(
    (
      await askHold(world.ports, {
        ...A,
        ...{ by: anna, basis: 'court-order', role: 'legal', ticket: 'LEGAL-1', categories: ['copy', 'half'], only: [] },
        ...more,
      })
    ).hold,
  );
const placed = async (more: Partial<Parameters<typeof askHold>[1]> = {}): Promise<HoldId> => {
  const hold = await ask(more);
  await agreeHold(world.ports, { hold, by: ben });
  return hold;
};
const paths = (category: 'copy' | 'half' | 'twin') =>
  world.store.owned(category, `${A.tenant}#1` as never, { limit: 500 }).then(({ items }) => items.length);
const held = async (hold: HoldId) => (await world.store.list('heldRecord', { hold }, { limit: 500 })).items;
const row = async (hold: HoldId) => (await world.store.read('hold', { hold }))?.row;
const receipt = async () => {
  const [path = ''] = world.receipts();
  const stored = await world.store.read('receipt', { receipt: path.split('/')[1] ?? 'none' });
  return stored === undefined ? undefined : parseReceipt(stored.row.signed);
};

describe('a hold', () => {
  test('R85 is placed by two persons for 90 days, and renewed by two', async () => {
    const hold = await ask();
    await expect(renewHold(world.ports, { hold, by: anna })).rejects.toThrow('grant-ended');
    await expect(agreeHold(world.ports, { hold, by: anna })).rejects.toThrow('second-person');
    expect((await agreeHold(world.ports, { hold, by: ben })).endsAt).toBe(world.now + 90 * DAY);
    await expect(agreeHold(world.ports, { hold, by: anna })).rejects.toThrow('state-refused');
    world.now += 80 * DAY;
    await renewHold(world.ports, { hold, by: anna });
    await expect(agreeHold(world.ports, { hold, by: anna })).rejects.toThrow('second-person');
    expect(await agreeHold(world.ports, { hold, by: ben })).toMatchObject({
      endsAt: world.now + 90 * DAY,
      renewals: 1,
    });
    const acts = (await readTrail(world.store)).map(({ act }) => act);
    expect(acts).toEqual(['hold-asked', 'hold-agreed', 'hold-asked', 'hold-renewed']);
    expect(JSON.stringify(await readTrail(world.store))).not.toContain(CANARY);
  });

  test('R85 that nobody agrees to within a day is none, and nothing of a tenant that is going can be held', async () => {
    const late = await ask();
    world.now += DAY;
    await expect(agreeHold(world.ports, { hold: late, by: ben })).rejects.toThrow('grant-ended');
    await world.tick();
    expect(await row(late)).toMatchObject({ state: 'ended' });
    await expect(ask({ categories: ['key'] })).rejects.toThrow('body-invalid');
    const hold = await ask();
    await world.change(A, { state: 'purging' });
    await expect(agreeHold(world.ports, { hold, by: ben })).rejects.toThrow('state-refused');
    await expect(ask()).rejects.toThrow('state-refused');
  });

  test('R86 keeps what it names, and everything else goes as if there were none; the receipt tells its number and day', async () => {
    const copies = await paths('copy');
    const halves = await paths('half');
    const hold = await placed();
    const before = world.everything();
    await world.mark(A);
    world.now += 120 * DAY - 12 * HOUR;
    // Held for another term, so that it outlives the purge.
    const row0 = await row(hold);
    await world.store.replace(
      'hold',
      { hold },
      { ...row0!, endsAt: world.now + 60 * DAY },
      (await world.store.read('hold', { hold }))!.version,
    );
    await world.ticks(6);
    expect(world.leftOf(A).filter((path) => !path.includes('/holds/'))).toEqual([]);
    const signed = await receipt();
    expect(verifyReceipt(signed!, world.publicKey)).toEqual({ ok: true });
    expect(signed?.receipt).toMatchObject({ holds: { count: 1 } });
    const kept = await held(hold);
    expect(kept).toHaveLength(copies + halves);
    expect(JSON.stringify(kept)).not.toContain(CANARY);
    const [path = ''] = [...before.keys()].filter((one) => one.startsWith(`(default):tenants/${A.tenant}/halves/`));
    const shown = await readHeld(world.ports, { hold, by: anna, path: path.replace('(default):', '') });
    expect(JSON.stringify(shown)).toContain(CANARY);
    await expect(readHeld(world.ports, { hold, by: operatorId('op-carl'), path })).rejects.toThrow('grant-missing');
  });

  test('R86 single records are held alone, and a partner’s data beside them are untouched', async () => {
    const all = (await world.store.owned('half', `${A.tenant}#1` as never, { limit: 9 })).items;
    const only = [`tenants/${A.tenant}/halves/${all[0]!.place.half}`];
    const hold = await placed({ categories: ['half'], only });
    await world.tick();
    expect(await held(hold)).toHaveLength(1);
    expect((await row(hold))?.copiedAt).toBeDefined();
  });

  test('R86 copies are not deleted on day 30 before the hold has them, as they are then', async () => {
    const hold = await placed({ categories: ['copy'] });
    await world.mark(A);
    world.now += 30 * DAY;
    let isAway = true;
    world.onCall = (call) => {
      if (isAway && call.category === 'heldRecord' && call.op === 'create') throw new Fault('store-unavailable');
    };
    await world.tick().catch(() => undefined);
    expect(await paths('copy')).toBeGreaterThan(0);
    isAway = false;
    await world.tick();
    expect(await paths('copy')).toBe(0);
    expect((await held(hold)).length).toBeGreaterThan(0);
  });

  test('R87 hold.expiry: it ends by itself within a day; nothing of it is left, and its key is gone', async () => {
    const hold = await placed();
    await world.tick();
    expect((await held(hold)).length).toBeGreaterThan(0);
    expect(await world.store.read('key', { key: `t-${hold}#1` })).toBeDefined();
    world.now += 90 * DAY - 1;
    await world.tick();
    expect((await held(hold)).length).toBeGreaterThan(0);
    world.now += HOUR;
    await world.tick();
    expect(await held(hold)).toEqual([]);
    expect(await world.store.read('key', { key: `t-${hold}#1` })).toBeUndefined();
    expect(await row(hold)).toMatchObject({ state: 'ended', endedAt: world.now });
    expect((await readTrail(world.store)).at(-1)).toMatchObject({ act: 'hold-ended', about: hold });
    expect(await paths('copy')).toBeGreaterThan(0);
  });

  test('R87 a renewed hold loses nothing when the first term is over', async () => {
    const hold = await placed();
    await world.tick();
    const before = (await held(hold)).length;
    world.now += 89 * DAY;
    await renewHold(world.ports, { hold, by: ben });
    await agreeHold(world.ports, { hold, by: anna });
    world.now += 5 * DAY;
    await world.tick();
    expect(await held(hold)).toHaveLength(before);
    world.now += 85 * DAY;
    await world.tick();
    expect(await held(hold)).toEqual([]);
  });

  test('R87 somebody is woken when it is still there a day after its end, and other holds end all the same', async () => {
    const hold = await placed();
    const other = await placed({ ...B, categories: ['half'] });
    await world.tick();
    world.onCall = (call) => {
      if (call.category === 'hold' && call.op === 'replace' && call.path?.includes(hold) === true)
        throw new Fault('store-unavailable');
    };
    world.now += 90 * DAY;
    await world.tick();
    expect(world.faults).toContain('store-unavailable');
    expect(await row(other)).toMatchObject({ state: 'ended' });
    world.now += DAY;
    await world.tick();
    expect(world.faults).toContain('hold-overdue');
  });
});
