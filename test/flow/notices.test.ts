/** What a customer's contact is told of its life: each notice once, at its time, or plainly not. */
import { beforeEach, describe, expect, test } from 'vitest';
import { RETRY_MS, MAX_TRIES } from '../../functions/notify/tell.ts';
import { noMail } from '../../shared/outside/smtp.ts';
import { A, B, DAY, HOUR, Stopped } from '../kit/purgeWorld.ts';
import { CONNECTION, keeperOf, NoticeWorld } from '../kit/noticeWorld.ts';

let world: NoticeWorld;
beforeEach(async () => {
  world = await new NoticeWorld().open();
});

const DUE = 'Twinline: your data will be deleted by 1 February 2025';
const BEGUN = 'Twinline: the deletion of your data has begun';
const PARTNER = 'Twinline: the other side of a connection has left';

describe('a customer that leaves', () => {
  test('M8 is told the day at once, 30 and 7 days before it, and when the deletion begins: four letters, no more', async () => {
    await world.leave(A);
    await world.deliver();
    expect(world.subjectsTo(A)).toHaveLength(1);
    await world.days(89);
    expect(world.subjectsTo(A)).toHaveLength(1);
    await world.days(2);
    expect(world.subjectsTo(A)).toHaveLength(2);
    await world.days(23);
    expect(world.subjectsTo(A)).toHaveLength(3);
    await world.days(8, 1);
    const subjects = world.subjectsTo(A);
    expect(subjects).toHaveLength(4);
    expect(new Set(subjects.slice(0, 3)).size).toBe(1);
    expect(subjects[3]).toBe(BEGUN);
    expect(new Set(world.letters().map(({ id }) => id)).size).toBe(world.letters().length);
    expect(world.receipts()).toHaveLength(1);
    // Its partner is silent for months in this world, which is looked at elsewhere.
    expect(world.faults.filter((code) => code !== 'tenant-unheard')).toEqual([]);
  });

  test('M15 leaves a partner who is told once, politely, and again when it is back', async () => {
    await world.leave(A);
    await world.deliver();
    await world.leave(A).catch(() => undefined);
    await world.deliver();
    expect(world.subjectsTo(B)).toEqual([PARTNER]);
    expect(world.letters().find(({ to }) => to === keeperOf(B))?.text).toContain(CONNECTION);
    world.now += DAY;
    await world.comeBack(A);
    await world.deliver();
    expect(world.subjectsTo(B)).toEqual([PARTNER, 'Twinline: the other side of a connection is back']);
    expect(world.subjectsTo(A).at(-1)).toBe('Twinline: your data stay, the deletion is called off');
    // It may leave again, and is told again.
    world.now += DAY;
    await world.leave(A);
    await world.deliver();
    expect(world.subjectsTo(A)).toHaveLength(3);
    expect(world.subjectsTo(B)).toHaveLength(3);
  });

  test('M15 of a connection that has ended nobody is told', async () => {
    const stored = await world.store.read('connection', { connection: CONNECTION });
    if (stored === undefined) throw new Error('no connection');
    await world.store.replace('connection', stored.place, { ...stored.row, state: 'ended' }, stored.version);
    await world.leave(A);
    await world.deliver();
    expect(world.subjectsTo(B)).toEqual([]);
  });

  test('M8 by its own request is told so, with the hour', async () => {
    await world.mark(A, 'requested');
    await world.change(A, { dueAt: world.now + 3 * DAY });
    await world.hint(A, 'marked');
    const [letter] = world.letters();
    expect(letter?.subject).toBe('Twinline: the deletion of your data was requested');
    expect(letter?.text).toContain('within 72 hours');
  });

  test('M9 is not told by messages that come again, late, for another life or for nobody', async () => {
    await world.leave(A);
    await world.deliver();
    const before = world.letters().length;
    for (let times = 0; times < 3; times += 1) await world.hint(A, 'marked');
    expect((await world.hint({ ...A, generation: 2 }, 'marked')).code).toBe('generation-expired');
    expect((await world.hint({ ...A, tenant: keeperless }, 'marked')).code).toBe('generation-expired');
    expect((await world.hint(A, 'due-7')).code).toBe('already-done');
    expect((await world.hint(B, 'returned')).code).toBe('already-done');
    expect(world.letters()).toHaveLength(before);
  });
});

const keeperless = A.tenant.replace('1', '9') as typeof A.tenant;

describe('a notice that cannot be sent', () => {
  test('M11 for want of a contact is recorded as not sent, and the next one goes when there is one', async () => {
    await world.removeContact(A);
    await world.leave(A);
    await world.deliver();
    expect(await world.stateOf(A)).toEqual({ marked: 'no-contact' });
    await world.setContact(A, keeperOf(A));
    await world.days(92);
    expect(world.subjectsTo(A)).toEqual([DUE]);
    expect(await world.stateOf(A)).toEqual({ marked: 'no-contact', 'due-30': 'sent' });
  });

  test('M11 for want of a mail server is recorded as not sent, and holds up no purge', async () => {
    world.mail = noMail;
    await world.leave(A);
    await world.deliver();
    expect(await world.stateOf(A)).toEqual({ marked: 'mail-off' });
    world.now += 120 * DAY;
    for (let hours = 0; hours < 8; hours += 1) await world.hour();
    expect(world.receipts()).toHaveLength(1);
    expect(world.letters()).toEqual([]);
  });

  test('M11 because the server refuses it, for good, is not tried again', async () => {
    let asked = 0;
    world.answer = () => {
      asked += 1;
      return 'mail-refused';
    };
    await world.leave(A);
    await world.deliver();
    for (let hours = 0; hours < 3; hours += 1) await world.hour();
    expect(await world.stateOf(A)).toEqual({ marked: 'refused' });
    // One for A and one for its partner.
    expect(asked).toBe(2);
  });

  test.each(['mail-later', 'down'] as const)(
    'M11 now (%s) waits, goes with a later sweep, and once',
    async (answer) => {
      world.answer = () => answer;
      await world.leave(A);
      await world.deliver();
      expect(await world.stateOf(A)).toEqual({ marked: 'waiting' });
      // Messages that come meanwhile do not press the server.
      world.now += RETRY_MS - 1;
      expect((await world.hint(A, 'marked')).code).toBe('mail-later');
      world.answer = () => 'mail-sent';
      await world.hour();
      await world.hour();
      expect(world.subjectsTo(A)).toHaveLength(1);
      expect(world.subjectsTo(B)).toEqual([PARTNER]);
      expect(await world.stateOf(A)).toEqual({ marked: 'sent' });
    },
  );

  test('M11 for days is given up, and the sweep does not ask for it any more', async () => {
    world.answer = () => 'mail-later';
    await world.leave(A);
    for (let hours = 0; hours < MAX_TRIES + 5; hours += 1) await world.hour();
    expect(await world.stateOf(A)).toEqual({ marked: 'given-up' });
    await world.tick();
    expect(world.notices).toEqual([]);
  });

  test('M11 until it is not so any more is over, and the sweep does not ask for it any more', async () => {
    world.answer = () => 'mail-later';
    await world.leave(A);
    await world.deliver();
    expect(await world.stateOf(B)).toEqual({ 'partner-left': 'waiting' });
    await world.comeBack(A);
    world.answer = () => 'mail-sent';
    for (let hours = 0; hours < 3; hours += 1) await world.hour();
    expect(await world.stateOf(B)).toMatchObject({ 'partner-left': 'overtaken' });
    expect(world.subjectsTo(B)).not.toContain(PARTNER);
    await world.tick();
    expect(world.notices).toEqual([]);
  });
});

describe('a company that comes to handle data', () => {
  const party = { id: 'desk', name: 'Desk GmbH', purpose: 'holds tickets', region: 'Frankfurt', since: '2025-01-01' };

  test('M21 is told to every customer before its first day, once, and to nobody after that', async () => {
    let planned = [party];
    world.settings = { ...world.settings, planned: () => planned };
    world.notifySettings = { ...world.notifySettings, planned: () => planned };
    for (let hours = 0; hours < 5; hours += 1) await world.hour();
    for (const ref of [A, B])
      expect(world.subjectsTo(ref)).toEqual(['Twinline: a new company handles data for us from 1 January 2025']);
    // The day is moved: that is news again.
    planned = [{ ...party, since: '2025-02-01' }];
    await world.hour();
    expect(world.subjectsTo(A)).toHaveLength(2);
    // Its day has come: it is planned no more.
    planned = [];
    await world.hour();
    expect(world.letters()).toHaveLength(4);
  });
});

describe('a stop', () => {
  test('M10 at any call of the store leaves a notice that is sent with the next sweeps, with one id', async () => {
    const probe = await new NoticeWorld().open();
    await probe.mark(A);
    probe.calls = 0;
    await probe.hint(A, 'marked');
    const { calls } = probe;
    expect(calls).toBeGreaterThan(5);
    for (let at = 0; at < calls; at += 1)
      for (const when of ['before', 'after'] as const) {
        const one = await new NoticeWorld().open();
        await one.mark(A);
        one.calls = 0;
        one.crash = { at, when };
        await expect(one.hint(A, 'marked')).rejects.toThrow();
        one.crash = undefined;
        await one.hour();
        await one.hour();
        const ids = one.letters().map(({ id }) => id);
        expect(ids.length, `${when} call ${at}`).toBeGreaterThan(0);
        expect(ids.length, `${when} call ${at}`).toBeLessThan(3);
        expect(new Set(ids).size).toBe(1);
        expect(await one.stateOf(A)).toEqual({ marked: 'sent' });
      }
  });

  test('M10 of nobody: two workers with one message send one letter', async () => {
    await world.mark(A);
    await Promise.all([world.hint(A, 'marked'), world.hint(A, 'marked'), world.hint(A, 'marked')]);
    expect(world.subjectsTo(A)).toEqual([DUE]);
  });
});

describe('the last notice', () => {
  test('M14 goes while everything is still there, and names where the receipt will be', async () => {
    await world.leave(A);
    await world.deliver();
    world.now += 120 * DAY;
    await world.tick();
    await world.tick();
    // The purge stands at its fence and waits: nothing was deleted, and nobody was told yet.
    expect(await world.store.read('contact', { tenant: A.tenant, generation: '1' })).toBeDefined();
    await world.deliver();
    const [last] = world.letters().slice(-1);
    expect(last?.subject).toBe(BEGUN);
    for (let hours = 0; hours < 6; hours += 1) await world.hour();
    const [receipt = ''] = world.receipts();
    expect(last?.text).toContain(`https://twinline.example/${receipt}\n`);
    expect(world.leftOf(A)).toEqual([]);
    expect([...world.everything().values()].join()).not.toContain('keeper-of-t-00000001@');
    expect(world.letters().filter(({ subject }) => subject === BEGUN)).toHaveLength(1);
  });

  test('M14 is waited for, but not for ever: a server that is down for a day delays no due day', async () => {
    await world.leave(A);
    await world.deliver();
    world.now += 120 * DAY - 12 * HOUR;
    world.answer = () => 'down';
    for (let hours = 0; hours < 4; hours += 1) await world.hour();
    expect(world.receipts()).toEqual([]);
    for (let hours = 0; hours < 7; hours += 1) await world.hour();
    expect(world.receipts()).toHaveLength(1);
    expect(world.leftOf(A)).toEqual([]);
  });

  test('M14 that comes when the deletion is under way writes nothing and sends nothing', async () => {
    await world.leave(A);
    await world.deliver();
    world.mail = noMail;
    world.now += 120 * DAY;
    for (let hours = 0; hours < 6; hours += 1) await world.hour();
    const before = world.everything();
    world.answer = () => 'mail-sent';
    expect((await world.hint(A, 'purging')).code).toBe('already-done');
    expect((await world.hint(A, 'marked')).code).not.toBe('mail-sent');
    expect(world.everything()).toEqual(before);
  });

  test('M10 after a stop at any call of the store while it is sent, the purge goes on and ends', async () => {
    const start = async (): Promise<NoticeWorld> => {
      const one = await new NoticeWorld().open();
      await one.mark(A);
      one.now += 120 * DAY;
      await one.tick();
      one.calls = 0;
      return one;
    };
    const probe = await start();
    await probe.hint(A, 'purging');
    for (let at = 0; at < probe.calls; at += 1)
      for (const when of ['before', 'after'] as const) {
        const one = await start();
        one.crash = { at, when };
        await expect(one.hint(A, 'purging')).rejects.toThrow(Stopped);
        one.crash = undefined;
        for (let hours = 0; hours < 7; hours += 1) await one.hour();
        expect(one.receipts()).toHaveLength(1);
        expect(new Set(one.letters().map(({ id }) => id)).size).toBe(1);
      }
  });
});
