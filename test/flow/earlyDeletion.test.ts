/** A customer's own request to delete: two steps in the console, a countdown, a way back; and an operator's. */
import { beforeEach, describe, expect, test } from 'vitest';
import { deleteForOperator, withdrawForOperator } from '../../functions/console/deletion.ts';
import { purgeHandler } from '../../functions/purge/event.ts';
import { ownerOf, tenantKey } from '../../shared/model/ids.ts';
import type { Message } from '../../shared/model/message.ts';
import { Fault } from '../../shared/verdict.ts';
import { deletionAsked, deletionView } from '../../shared/wire/console.ts';
import type { DeletionAsked } from '../../shared/wire/console.ts';
import { ConsoleWorld, keyOf } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const settings = { liveDays: 120, copyDays: 30, fenceMs: 90_000, commit: 'test' };
let world: ConsoleWorld;
let alpha: Caller;
beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA']);
});

const ref = () => ({ tenant: alpha.tenant, generation: 1 });
const row = async () => (await world.store.read('tenant', { tenant: alpha.tenant }))?.row;
const request = async () => (await world.store.read('deletion', { tenant: alpha.tenant, generation: '1' }))?.row;
const entries = async () =>
  (await world.ledger.read(await world.ledger.identityOf('connect', keyOf('alpha')))).map(({ kind }) => kind);
const show = async () => deletionView.parse((await world.api('GET', '/deletion', alpha)).body);
const ask = async (): Promise<DeletionAsked> => {
  const answer = await world.api('POST', '/deletion', alpha);
  expect(answer.status).toBe(201);
  return deletionAsked.parse(answer.body);
};
const confirm = (code: string, host = 'alpha.example') => world.api('POST', '/deletion/confirm', alpha, { code, host });
const withdraw = () => world.api('POST', '/deletion/withdraw', alpha);
const told = () => world.published.flatMap((one) => (one as { what?: string }).what ?? []);

/** Sweeps, an hour apart, with everything that follows from them. */
async function sweeps(count: number): Promise<void> {
  const { store, keys, ledger, signer, jira } = world;
  const queue: Message[] = [];
  const ports = {
    clock: { now: () => world.now, sleep: async () => undefined },
    ids: { next: () => `${(counter += 1)}`.padStart(10, '0'), bytes: () => new Uint8Array(16) },
    ...{ store, keys, ledger, signer, jira },
    bus: {
      publish: async (topic: string, message: Message) => {
        if (topic === 'purge-jobs') queue.push(message);
      },
    },
    log: { work: () => undefined, note: () => undefined, fault: () => undefined },
  };
  const handle = purgeHandler(ports, settings);
  for (let n = 0; n < count; n += 1) {
    queue.push({ kind: 'sweep', askedAt: world.now });
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await handle(next);
    world.now += HOUR;
  }
}
let counter = 0;

describe('an admin', () => {
  test('R34 asks first, and nothing has changed', async () => {
    expect(await show()).toEqual({ state: 'none', host: 'alpha.example', mayWithdraw: false });
    const asked = await ask();
    expect(asked).toMatchObject({
      host: 'alpha.example',
      goneBy: world.now + 3 * DAY,
      backupsGoneBy: world.now + 35 * DAY,
    });
    expect(await show()).toMatchObject({ state: 'asked', mayWithdraw: false });
    expect(await row()).toMatchObject({ state: 'active' });
    expect(await entries()).toEqual(['installed']);
    expect(world.traces()).not.toContain(asked.code);
    await sweeps(24 * 7);
    expect(await row()).toMatchObject({ state: 'active' });
  });

  test('R34 confirms with the code and the typed host; R35 the countdown is shown', async () => {
    const { code } = await ask();
    const confirmedAt = world.now;
    const answer = await confirm(code.toLowerCase(), ' Alpha.EXAMPLE ');
    expect(deletionView.parse(answer.body)).toEqual({
      state: 'counting',
      host: 'alpha.example',
      askedAt: confirmedAt,
      confirmedAt,
      beginsAt: confirmedAt + DAY,
      remainingMs: DAY,
      goneBy: confirmedAt + 3 * DAY,
      backupsGoneBy: confirmedAt + 35 * DAY,
      mayWithdraw: true,
    });
    expect(await row()).toMatchObject({ state: 'marked', evidence: 'requested', dueAt: confirmedAt + 3 * DAY });
    expect(await request()).toMatchObject({ state: 'confirmed', by: 'boss' });
    expect(await request()).not.toHaveProperty('code');
    expect(told()).toEqual(['marked']);
    world.now += 5 * HOUR;
    expect(await show()).toMatchObject({ state: 'counting', remainingMs: 19 * HOUR });
  });

  test('R34 is refused with another code, another host, too late, or a second time', async () => {
    const { code } = await ask();
    const wrong = [
      ['0'.repeat(26), 'alpha.example'],
      ['nonsense', 'alpha.example'],
      [code, 'beta.example'],
      [code, ''],
    ] as const;
    for (const [typed, host] of wrong)
      expect(await confirm(typed, host)).toMatchObject({ status: 422, body: { code: 'confirmation-wrong' } });
    world.now += 15 * 60_000;
    expect((await confirm(code)).status).toBe(422);
    expect(await row()).toMatchObject({ state: 'active' });
    const { code: next } = await ask();
    expect((await confirm(code)).status).toBe(422);
    expect((await confirm(next)).status).toBe(200);
    await withdraw();
    expect((await confirm(next)).status).toBe(422);
    expect(await row()).toMatchObject({ state: 'active' });
  });

  test.each([
    ['POST', '/deletion', undefined],
    ['POST', '/deletion/confirm', { code: 'x', host: 'alpha.example' }],
    ['POST', '/deletion/withdraw', undefined],
    ['GET', '/deletion', undefined],
  ] as const)('R34 and nobody else may %s %s', async (method, path, body) => {
    const before = world.traces();
    const visitor = { ...alpha, account: 'visitor' };
    expect((await world.api(method, path, visitor, body)).status).toBe(403);
    expect(world.traces().length - before.length).toBeLessThan(400);
    expect(await request()).toBeUndefined();
  });

  test('R35 is served within 72 hours while the app is still installed, and its next life is a new one', async () => {
    const { code } = await ask();
    await confirm(code);
    const confirmedAt = world.now;
    await sweeps(24);
    expect(await row()).toMatchObject({ state: 'marked' });
    for (let n = 0; n < 48 && (await row()) !== undefined; n += 1) await sweeps(1);
    expect(await row()).toBeUndefined();
    expect(world.now - confirmedAt).toBeLessThanOrEqual(72 * HOUR);
    for (let n = 0; n < 4; n += 1) await sweeps(1);
    expect(await entries()).toEqual(['installed', 'marked', 'purging', 'purged']);
    const receipts = [...world.store.everything('ledger')].filter(([path]) => path.startsWith('receipts/'));
    expect(JSON.stringify(receipts)).toContain('requested');
  });

  test('R36 takes it back while the countdown runs, and what changed is caught up', async () => {
    const { code } = await ask();
    await confirm(code);
    const marked = world.now;
    await sweeps(23);
    const answer = await withdraw();
    expect(deletionView.parse(answer.body)).toMatchObject({ state: 'none' });
    const tenant = await row();
    expect(tenant).toMatchObject({ state: 'active', generation: 1 });
    for (const name of ['markedAt', 'dueAt', 'evidence', 'restsSince']) expect(tenant).not.toHaveProperty(name);
    expect(world.published.at(-1)).toMatchObject({ what: 'returned', since: marked });
    expect(await request()).toMatchObject({ state: 'withdrawn', by: 'boss' });
    await sweeps(24 * 5);
    expect(await row()).toMatchObject({ state: 'active' });
    // Again and again is the same.
    expect((await withdraw()).status).toBe(200);
    expect(await entries()).toEqual(['installed', 'marked', 'returned']);
  });

  test('R34 asks the same way after the licence ended; R36 taken back, that mark counts again', async () => {
    const mark = { evidence: 'licence-ended', dueAt: world.now + 110 * DAY } as const;
    const identity = await world.ledger.identityOf('connect', keyOf('alpha'));
    await world.ledger.append(identity, 1, { ...ref(), kind: 'marked', at: world.now - 10 * DAY, ...mark });
    const markedAt = world.now - 10 * DAY;
    await world.change(alpha.tenant, { state: 'marked', licensed: false, markedAt, ...mark, ledgerNumber: 2 });
    expect(await show()).toMatchObject({ state: 'left', goneBy: mark.dueAt });
    const { code } = await ask();
    await confirm(code);
    expect(await row()).toMatchObject({ evidence: 'requested', dueAt: world.now + 3 * DAY, markedAt });
    await withdraw();
    expect(await row()).toMatchObject({ state: 'marked', licensed: false, markedAt, ...mark });
  });

  test('R36 is refused once the purge has begun', async () => {
    const { code } = await ask();
    await confirm(code);
    await sweeps(25);
    expect(await show()).toMatchObject({ state: 'deleting', mayWithdraw: false });
    expect(await withdraw()).toMatchObject({ status: 409, body: { code: 'state-refused' } });
    expect(await world.api('POST', '/deletion', alpha)).toMatchObject({ status: 409 });
  });

  test('R34 whose message could not be sent asks again, and nothing is done twice', async () => {
    const { code } = await ask();
    world.isBusDown = true;
    expect((await confirm(code)).status).toBe(503);
    world.isBusDown = false;
    expect((await confirm(code)).status).toBe(200);
    expect(await entries()).toEqual(['installed', 'marked']);
    expect(told()).toEqual(['marked']);
  });
});

describe('an operator', () => {
  const ports = () => ({
    clock: { now: () => world.now, sleep: async () => undefined },
    store: world.store,
    ledger: world.ledger,
    bus: { publish: async (_topic: string, message: unknown) => void world.published.push(message) },
  });
  const documented = { ticket: 'PRIV-7', authority: 'signed-letter' } as const;
  async function uninstall(): Promise<number> {
    const mark = { evidence: 'uninstalled', dueAt: world.now + 120 * DAY } as const;
    const identity = await world.ledger.identityOf('connect', keyOf('alpha'));
    await world.ledger.append(identity, 1, { ...ref(), kind: 'marked', at: world.now, ...mark });
    await world.change(alpha.tenant, { state: 'marked', markedAt: world.now, ...mark, ledgerNumber: 2 });
    return mark.dueAt;
  }

  test('R35 deletes on a documented request, with ticket and authority on record', async () => {
    const view = await deleteForOperator(ports(), settings, { tenant: ref(), ...documented });
    expect(view).toMatchObject({ state: 'counting', goneBy: world.now + 3 * DAY });
    expect(await request()).toEqual({
      owners: [ownerOf(alpha.tenant, 1)],
      state: 'confirmed',
      askedAt: world.now,
      confirmedAt: world.now,
      ...documented,
    });
  });

  test('R35 also for a site that left long ago; R36 taken back, the uninstall counts again with its own day', async () => {
    const dueAt = await uninstall();
    world.now += 40 * DAY;
    await deleteForOperator(ports(), settings, { tenant: ref(), ...documented });
    expect(await row()).toMatchObject({ evidence: 'requested', dueAt: world.now + 3 * DAY });
    const view = await withdrawForOperator(ports(), settings, ref());
    expect(view).toMatchObject({ state: 'left', goneBy: dueAt });
    expect(await row()).toMatchObject({ state: 'marked', evidence: 'uninstalled', dueAt });
    await sweeps(48);
    expect(await row()).toMatchObject({ state: 'marked', evidence: 'uninstalled', dueAt });
  });

  test('R36 taken back after the site was installed again, the tenant is back', async () => {
    await uninstall();
    await deleteForOperator(ports(), settings, { tenant: ref(), ...documented });
    const owner = ownerOf(alpha.tenant, 1);
    await world.change(alpha.tenant, { sharedSecret: await world.keys.seal(tenantKey(owner), 'x', 'secret') });
    await withdrawForOperator(ports(), settings, ref());
    expect(await row()).toMatchObject({ state: 'active' });
  });

  test('R36 refuses a life that is over', async () => {
    await uninstall();
    const identity = await world.ledger.identityOf('connect', keyOf('alpha'));
    await world.ledger.append(identity, 2, { ...ref(), kind: 'purging', at: world.now });
    await expect(deleteForOperator(ports(), settings, { tenant: ref(), ...documented })).rejects.toThrow(Fault);
    await expect(withdrawForOperator(ports(), settings, ref())).rejects.toMatchObject({ code: 'state-refused' });
  });
});
