/** A site that was restored from a backup overwrites nobody: the connection stops until an admin says which side counts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONNECTION, syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';
import { scheduleRuns } from '../kit/driftWorld.ts';

let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };

beforeEach(async () => {
  world = await syncWorld();
  await scheduleRuns(world);
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Old' });
  const original = alpha().comment(id, 'Of alpha, old');
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
  const restore = world.server.backup('alpha');
  world.clock.at += 3_600_000;
  alpha().editIssue(id, { summary: 'New' });
  alpha().editComment(id, original.id, 'Of alpha, new');
  alpha().comment(id, 'Lost by the restore');
  await world.settle();
  beta().comment(ids.b, 'Of beta, lost by the restore');
  await world.settle();
  world.clock.at += 3_600_000;
  restore();
  world.queue.length = 0;
  world.writes();
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const summaries = () => (['a', 'b'] as const).map((side) => world.issues(side)[0]?.fields['summary']);
const textsOfBeta = () =>
  world
    .issues('b')[0]
    ?.comments.map(({ text }) => text)
    .toSorted();

/** As the console stores a person's choice. */
async function choose(keep: 'a' | 'b' | 'newest' | 'hold'): Promise<void> {
  const stored = await world.store.read('connection', { connection: CONNECTION });
  if (stored?.row.restored === undefined) throw new Error('not stopped');
  const row = { ...stored.row, restored: { ...stored.row.restored, keep } };
  await world.store.replace('connection', { connection: CONNECTION }, row, stored.version);
  const since = stored.row.activatedAt;
  world.queue.push({ kind: 'reconcile', connection: CONNECTION, since, askedAt: world.clock.at, how: 'full' });
  await world.settle();
  await world.wait(60_000);
}

async function touched(): Promise<void> {
  beta().editIssue(ids.b, { priority: 'High' });
  await world.settle();
}

describe('a site that was restored', () => {
  test('S81 is known by an issue whose last change went back, and stops the connection before anything is written', async () => {
    await touched();
    alpha().editIssue(ids.a, { labels: ['after'] });
    expect(new Set(await world.settle())).toEqual(new Set(['connection-restored']));
    await world.wait(60_000);
    await world.wait(24 * 3_600_000);
    expect(world.writes()).toEqual([]);
    const row = (await world.store.read('connection', { connection: CONNECTION }))?.row;
    expect(row?.restored).toMatchObject({ side: 'a' });
  });

  test.each([
    ['b', ['New', 'New']],
    ['a', ['Old', 'Old']],
    ['newest', ['New', 'New']],
    ['hold', ['Old', 'New']],
  ] as const)('S82 begins anew with %s, and no text of the other side is lost', async (keep, expected) => {
    await touched();
    const before = textsOfBeta();
    await choose(keep);
    expect(summaries()).toEqual(expected);
    expect(textsOfBeta()).toEqual(before);
    expect((await world.store.read('connection', { connection: CONNECTION }))?.row.restored).toBeUndefined();
    const [twin] = await world.twins();
    if (keep === 'hold') expect(twin?.fields['summary']?.blocked).toBe('conflict-held');
  });
});
