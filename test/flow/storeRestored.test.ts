/** Our own store comes back as it was some time ago: known before anything is written, and nothing is made twice or lost. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { syncHandler } from '../../functions/sync/event.ts';
import { StoreGuard } from '../../functions/sync/storeGuard.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { Side } from '../../shared/model/connection.ts';
import { issueId } from '../../shared/model/ids.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { CONNECTION, TENANTS } from '../kit/syncWorld.ts';
import { scheduleRuns } from '../kit/driftWorld.ts';
import { workWorld } from '../kit/workWorld.ts';
import type { WorkWorld } from '../kit/workWorld.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const rules: RuleDocument = { ...defaultRules(), worklogs: true, attachments: {} };

let world: WorkWorld;
let one: Record<Side, string>;
let restore: () => void;

beforeEach(async () => {
  world = await workWorld({ rules: { a: rules, b: rules } });
  await scheduleRuns(world);
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  alpha().comment(id, 'before');
  await world.settle();
  one = { a: id, b: world.issues('b')[0]?.id ?? '' };
  await world.wait(MINUTE);
  restore = world.store.backup();
  await world.wait(MINUTE);
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const file = (filename: string) => ({ filename, mimeType: 'text/plain', bytes: Buffer.from(filename) });
const row = async () => (await world.store.read('connection', { connection: CONNECTION }))?.row;
const idOf = (side: Side, summary: string) =>
  world.issues(side).find(({ fields }) => fields['summary'] === summary)?.id ?? '';

/** Everything of a side that people would miss, or see twice. */
const picture = (side: Side) =>
  world
    .issues(side)
    .map(({ fields, comments, worklogs, attachments }) => ({
      summary: JSON.stringify(fields['summary']).slice(1, -1),
      priority: fields['priority'],
      comments: comments.map(({ text }) => text).toSorted(),
      worklogs: worklogs.map(({ text, spentSeconds }) => `${text} ${spentSeconds}`).toSorted(),
      files: attachments.map(({ filename }) => filename).toSorted(),
    }))
    .toSorted((first, second) => (first.summary < second.summary ? -1 : 1));

/** What happens after the copy of the store was made, and is in no memory when that comes back. */
async function goOn(): Promise<void> {
  const two = alpha().createIssue({ project: 'ALPHA', summary: 'Two' });
  const three = beta().createIssue({ project: 'BETA', summary: 'Three' });
  alpha().comment(two.id, 'on two');
  alpha().logWork(two.id, { timeSpent: '1h', comment: 'dug' });
  alpha().attach(two.id, file('plan.txt'));
  beta().comment(three.id, 'on three');
  alpha().editIssue(one.a, { summary: 'One, edited' });
  alpha().comment(one.a, 'after');
  beta().logWork(one.b, { timeSpent: '30m', comment: 'filled' });
  beta().attach(one.b, file('photo.txt'));
  await world.settle();
  await world.wait(MINUTE);
}

/** The copy comes back, and people go on working meanwhile. */
async function comeBack(): Promise<void> {
  world.clock.at += HOUR;
  restore();
  world.queue.length = 0;
  world.writes();
  beta().comment(idOf('b', 'Two'), 'in between, of beta');
  beta().editIssue(idOf('b', 'Three'), { priority: 'High' });
  alpha().createIssue({ project: 'ALPHA', summary: 'Four' });
}

async function choose(keep: Side | 'newest' | 'hold'): Promise<void> {
  expect((await world.api('a', 'POST', '/restored', { keep })).status).toBe(202);
  await world.settle();
  for (let minute = 0; minute < 4; minute += 1) await world.wait(MINUTE);
}

describe('an older copy of our store', () => {
  test('S117 is known before anything is written, and stops every connection until an admin chooses', async () => {
    await goOn();
    await comeBack();
    const before = [picture('a'), picture('b')];
    expect(new Set(await world.settle())).toEqual(new Set(['store-restored']));
    expect(world.notes.filter(({ facts }) => facts['code'] === 'store-restored').length).toBeGreaterThan(0);
    await world.wait(MINUTE);
    expect((await row())?.restored).toMatchObject({ side: 'store' });
    alpha().editIssue(one.a, { summary: 'Nobody hears of it' });
    expect(new Set(await world.settle())).toEqual(new Set(['connection-restored']));
    await world.wait(25 * HOUR);
    expect(world.writes()).toEqual([]);
    alpha().editIssue(one.a, { summary: 'One, edited' });
    expect([picture('a'), picture('b')]).toEqual(before);
  });

  test('S117 is known to a process that has just started with its first message', async () => {
    await goOn();
    restore();
    world.writes();
    const fresh = syncHandler(world.ports, { leaseMs: 30_000 });
    const askedAt = world.clock.at;
    for (const message of [
      {
        kind: 'issue-change',
        ...TENANTS.a,
        issue: issueId(one.a),
        what: 'updated',
        eventAt: askedAt,
        receivedAt: askedAt,
      },
      { kind: 'bring-under-sync', ...TENANTS.a, connection: CONNECTION, issue: issueId(idOf('a', 'Two')), askedAt },
      { kind: 'reconcile', connection: CONNECTION, since: 0, askedAt, how: 'full' },
    ] as const)
      expect((await fresh(message)).code).toBe('store-restored');
    expect(world.writes()).toEqual([]);
  });

  test.each(['a', 'b', 'newest', 'hold'] as const)(
    'S118 goes on with %s: nothing is made twice and nothing is lost',
    async (keep) => {
      await goOn();
      await comeBack();
      await world.settle();
      await world.wait(MINUTE);
      await choose(keep);
      expect((await row())?.restored).toBeUndefined();
      expect(picture('a')).toEqual(picture('b'));
      const all = { comments: [], worklogs: [], files: [], priority: 'Medium' };
      expect(picture('a')).toEqual([
        { ...all, summary: 'Four' },
        {
          ...all,
          summary: 'One, edited',
          comments: ['after', 'before'],
          worklogs: ['filled 1800'],
          files: ['photo.txt'],
        },
        { ...all, summary: 'Three', comments: ['on three'], priority: 'High' },
        {
          ...all,
          summary: 'Two',
          comments: ['in between, of beta', 'on two'],
          worklogs: ['dug 3600'],
          files: ['plan.txt'],
        },
      ]);
      expect((await world.twins()).length).toBe(4);
    },
  );

  test('S118 follows people again afterwards, on pairs that it had not known', async () => {
    await goOn();
    await comeBack();
    await world.settle();
    await world.wait(MINUTE);
    await choose('newest');
    beta().editIssue(idOf('b', 'Two'), { summary: 'Two, of beta' });
    alpha().editIssue(idOf('a', 'Three'), { summary: 'Three, of alpha' });
    const [comment] = world.issues('a').find(({ fields }) => fields['summary'] === 'Two')?.comments ?? [];
    alpha().deleteComment(idOf('a', 'Two'), comment?.id ?? '');
    await world.settle();
    expect(picture('a')).toEqual(picture('b'));
    expect(picture('a').map(({ summary }) => summary)).toEqual([
      'Four',
      'One, edited',
      'Three, of alpha',
      'Two, of beta',
    ]);
    expect(picture('a').at(-1)?.comments.length).toBe(1);
  });

  test('S118 does not make again what was being made when the copy was taken', async () => {
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Two' });
    let inBetween: (() => void) | undefined;
    // The pair is there, and beta is asked for the first time: nothing of its issue is known, not even that one shall be made.
    world.onSend = ({ url }) => {
      if (url.includes('beta')) inBetween ??= world.store.backup();
    };
    await world.settle();
    world.onSend = undefined;
    await world.wait(MINUTE);
    await world.wait(MINUTE);
    inBetween?.();
    world.clock.at += HOUR;
    alpha().editIssue(id, { summary: 'Two, edited' });
    await world.settle();
    await world.wait(MINUTE);
    await choose('newest');
    expect(
      world
        .issues('b')
        .map(({ fields }) => fields['summary'])
        .toSorted(),
    ).toEqual(['One', 'Two, edited']);
  });

  test('S132 lets what a copy was born with not go over its origin, whichever side counts', async () => {
    await world.close();
    const kept = { ...rules, fields: rules.fields.filter(({ field }) => field !== 'priority') };
    world = await workWorld({ rules: { a: kept, b: rules } });
    await scheduleRuns(world);
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Two', priority: 'High' });
    let inBetween: (() => void) | undefined;
    world.onSend = ({ url }) => {
      if (url.includes('beta')) inBetween ??= world.store.backup();
    };
    await world.settle();
    world.onSend = undefined;
    await world.wait(MINUTE);
    await world.wait(MINUTE);
    expect(world.issues('b')[0]?.fields['priority']).toBe('Medium');
    inBetween?.();
    world.clock.at += HOUR;
    alpha().editIssue(id, { summary: 'Two, edited' });
    await world.settle();
    await world.wait(MINUTE);
    await choose('b');
    expect(picture('a')).toMatchObject([{ summary: 'Two, edited', priority: 'High' }]);
    expect(picture('b')).toMatchObject([{ summary: 'Two, edited', priority: 'Medium' }]);
  });
});

describe('an epoch', () => {
  const guardOf = (store: MemoryStore) => new StoreGuard({ store, clock: world.clock, log: world.ports.log });

  test('S116 is begun by whoever comes first, and two that come at once begin one', async () => {
    const store = new MemoryStore();
    const guards = [guardOf(store), guardOf(store), guardOf(store)];
    for (let tick = 0; tick < 6; tick += 1) {
      world.clock.at += MINUTE;
      await Promise.all(guards.map((guard) => guard.tick()));
      for (const guard of guards) expect(await guard.isSame()).toBe(true);
    }
    expect((await store.scan('epoch', { limit: 50 })).items.length).toBeLessThanOrEqual(4);
  });

  test('S116 survives a stop before and after each of its writes', async () => {
    for (const when of ['onCall', 'onDone'] as const)
      for (let number = 1; number <= 12; number += 1) {
        let writes = 0;
        const store = new MemoryStore({
          [when]: ({ op }: { readonly op: string }) => {
            if (op === 'read' || op === 'scan' || op === 'list') return;
            writes += 1;
            if (writes === number) throw new Fault('store-unavailable');
          },
        });
        for (let tick = 0; tick < 8; tick += 1) {
          world.clock.at += MINUTE;
          await guardOf(store)
            .tick()
            .catch(() => false);
        }
        expect([when, number, await guardOf(store).isSame()]).toEqual([when, number, true]);
      }
  });

  test('S116 tells a copy that is a minute old', async () => {
    const store = new MemoryStore();
    await guardOf(store).tick();
    const back = store.backup();
    world.clock.at += MINUTE;
    await guardOf(store).tick();
    expect(await guardOf(store).isSame()).toBe(true);
    back();
    expect(await guardOf(store).isSame()).toBe(false);
    expect(await guardOf(store).tick()).toBe(true);
    expect(await guardOf(store).isSame()).toBe(true);
  });

  test('S116 is begun once in a copy, whenever a second worker comes to it', async () => {
    for (const when of ['onCall', 'onDone'] as const)
      for (let number = 1; number <= 20; number += 1) {
        let left = Infinity;
        const store: MemoryStore = new MemoryStore({
          [when]: async () => {
            left -= 1;
            if (left !== 0) return;
            world.clock.at += 1_000;
            await guardOf(store).tick();
          },
        });
        const back = store.backup();
        for (let tick = 0; tick < 2; tick += 1) await guardOf(store).tick();
        back();
        left = number;
        await guardOf(store).tick();
        expect([when, number, await guardOf(store).isSame()]).toEqual([when, number, true]);
      }
  });
});
