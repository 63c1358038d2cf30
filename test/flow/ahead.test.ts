/** A full run reads its pairs in hundreds: what that saves, and that nothing is lost or written by it. */
import { afterEach, describe, expect, test } from 'vitest';
import { readAhead } from '../../functions/sync/ahead.ts';
import { syncOf } from '../../functions/sync/context.ts';
import { connectionFence } from '../../functions/sync/fence.ts';
import { syncTwin } from '../../functions/sync/syncTwin.ts';
import { FULL_EVERY_MS } from '../../shared/model/drift.ts';
import { twinId } from '../../shared/model/ids.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { CONNECTION, syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld, WorldOptions } from '../kit/syncWorld.ts';
import { dropEvents, driftsOf, runsOf, scheduleRuns } from '../kit/driftWorld.ts';

let world: SyncWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');

async function pairs(count: number, options: WorldOptions = {}): Promise<readonly Pair[]> {
  world = await syncWorld(options);
  await scheduleRuns(world);
  for (let n = 0; n < count; n += 1) alpha().createIssue({ project: 'ALPHA', summary: `Issue ${n}` });
  await world.settle();
  await world.wait(FULL_EVERY_MS);
  world.calls.length = 0;
  return (await world.twins()).map(({ twin, a = '', b = '' }) => ({ twin, a, b }));
}

interface Pair {
  readonly twin: string;
  readonly a: string;
  readonly b: string;
}

const BULK = '/rest/api/3/issue/bulkfetch';
const paths = () => world.calls.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
/** Issues that were read alone, in the order of the calls. */
const alone = () => paths().flatMap((path) => /^GET \/rest\/api\/3\/issue\/(\d+)$/.exec(path)?.[1] ?? []);
const bulkReads = () => paths().filter((path) => path === `POST ${BULK}`).length;
const summaries = (side: 'a' | 'b') => world.issues(side).map(({ fields }) => fields['summary']);
const stored = async (twin: string) =>
  (await world.store.read('twin', { connection: CONNECTION, twin: twinId(twin) }))?.row;

/** What the newest run has cost on both sides. */
async function points(): Promise<number> {
  const [run] = await runsOf(world);
  expect(run).toMatchObject({ how: 'full', stage: 'done' });
  return (run?.aPoints ?? 0) + (run?.bPoints ?? 0);
}

describe('G21 reading in hundreds', () => {
  test('G21 a full run over pairs in step reads no issue alone, for 0.55 of the points that reading them one by one costs', async () => {
    const known = await pairs(30);
    await world.wait(FULL_EVERY_MS);
    expect(alone()).toEqual([]);
    expect(bulkReads()).toBe(2);
    // A call on each side, and a point for each issue: to find them by their last change, and to read them.
    const [search, reading] = [2 * (1 + known.length), 2 * (1 + known.length)];
    const ownCost = search + 2 * FIELD_LIST;
    const inHundreds = (await points()) - ownCost;
    expect(inHundreds).toBeLessThanOrEqual(reading);
    world.server.faults.apiErrors.push({ operation: 'bulkFetchIssues', status: 503, count: 2, headers: {} });
    world.calls.length = 0;
    await world.wait(FULL_EVERY_MS);
    // Without the bulk reading nothing is left out: each is read alone.
    expect(alone().length).toBe(2 * known.length);
    expect(inHundreds / ((await points()) - ownCost)).toBeLessThanOrEqual(0.55);
    const verified = (await world.twins()).map(({ verifiedAt }) => verifiedAt ?? 0);
    expect(verified.every((at) => at > world.clock.at - 3_600_000)).toBe(true);
  });

  test('G21 comments come along; what costs a call of its own is read alone', async () => {
    const known = await pairs(2);
    for (const { a } of known) alpha().comment(a, 'Heard');
    await world.settle();
    world.calls.length = 0;
    await world.wait(FULL_EVERY_MS);
    expect([alone(), bulkReads()]).toEqual([[], 2]);
    await world.close();
    const fields = [...defaultRules().fields, { field: 'remoteLinks' as const, policy: 'newest' as const }];
    const rules = { ...defaultRules(), fields };
    await pairs(1, { rules: { a: rules, b: rules } });
    await world.wait(FULL_EVERY_MS);
    expect([alone().length, bulkReads()]).toEqual([2, 0]);
  });
});

/** What the list of the stand-in's fields costs: read once a minute by each process. */
const FIELD_LIST = 41;

describe('S92 what was read ahead', () => {
  test('S92 a change between the reading and the turn is carried over by its own webhook: the pair was read before it', async () => {
    const [one] = await pairs(2);
    if (one === undefined) throw new Error('no pair');
    let editedAt = 0;
    world.hooks.onCall = ({ op, category }) => {
      if (editedAt > 0 || bulkReads() < 2 || op !== 'replace' || category !== 'twin') return;
      editedAt = world.clock.at;
      alpha().editIssue(one.a, { summary: 'In between' });
      // More than clocks may differ by: a look that says it was made now would contain the webhook.
      world.clock.at += 5_000;
    };
    await world.wait(FULL_EVERY_MS);
    expect(editedAt).toBeGreaterThan(0);
    expect(summaries('b')).toContain('In between');
    // By the webhook, not by the run: it found nothing.
    expect((await driftsOf(world)).length).toBe(0);
  });

  test('S92 says that the pair was read at the instant before the reading', async () => {
    const [one] = await pairs(1);
    let at = 0;
    world.onSend = ({ url }) => {
      if (url.endsWith(BULK) && at === 0) at = world.clock.at;
    };
    await world.wait(FULL_EVERY_MS);
    expect(alone()).toEqual([]);
    const row = await stored(one?.twin ?? '');
    expect(at).toBeGreaterThan(0);
    expect(row?.readAt).toBeLessThanOrEqual(at);
    expect(row?.verifiedAt).toBe(row?.readAt);
    expect(row?.settledAt).toBeGreaterThan(at);
  });

  test('S92 a pair that differs is read afresh on both sides before anything is written, and no other pair is', async () => {
    const [one, other] = await pairs(2);
    world.clock.at += 120_000;
    alpha().editIssue(one?.a ?? '', { summary: 'Unheard' });
    dropEvents(world, () => true);
    await world.wait(FULL_EVERY_MS);
    expect(summaries('b')).toContain('Unheard');
    const made = paths();
    const writtenAt = made.indexOf(`PUT /rest/api/3/issue/${one?.b}`);
    const readAt = [one?.a, one?.b].map((id) => made.indexOf(`GET /rest/api/3/issue/${id}`));
    expect(readAt.every((at) => at > made.indexOf(`POST ${BULK}`) && at < writtenAt)).toBe(true);
    expect(alone()).not.toContain(other?.a);
    expect((await driftsOf(world)).flatMap(({ things }) => things)).toMatchObject([{ side: 'b', what: 'summary' }]);
  });

  test('S92 a pair on which anybody has worked since is read afresh', async () => {
    const [one] = await pairs(1);
    const sync = syncOf(world.ports, { leaseMs: 30_000 });
    const fence = await connectionFence(world.store, CONNECTION);
    if (one === undefined || typeof fence === 'string') throw new Error('no pair');
    const place = { connection: CONNECTION, twin: twinId(one.twin) };
    const page = await world.store.list('twin', { connection: CONNECTION }, { limit: 10 });
    const before = (await readAhead(sync, CONNECTION, fence, page.items)).get(one.twin);
    if (before === undefined) throw new Error('nothing was read');
    world.calls.length = 0;
    expect(await syncTwin(sync, place, { run: 'r1', ahead: before })).toMatchObject({ code: 'nothing-to-do' });
    expect(alone()).toEqual([]);
    // The turn has written the record: the same reading is worth nothing now.
    expect(await syncTwin(sync, place, { run: 'r1', ahead: before })).toMatchObject({ code: 'nothing-to-do' });
    expect(alone().toSorted()).toEqual([one.a, one.b].toSorted());
  });

  test('S92 an issue that is missing in the answer, or came with a part of its changelog, is read alone', async () => {
    const [long, gone, plain] = await pairs(3);
    for (let n = 0; n < 45; n += 1) alpha().editIssue(long?.a ?? '', { summary: `Edit ${n}` });
    await world.settle();
    await world.wait(60_000);
    world.server.acts('beta').deleteIssue(gone?.b ?? '');
    dropEvents(world, () => true);
    world.calls.length = 0;
    await world.wait(FULL_EVERY_MS);
    expect(bulkReads()).toBe(2);
    expect(alone()).toEqual(expect.arrayContaining([long?.a, long?.b, gone?.a, gone?.b]));
    expect(alone()).not.toContain(plain?.a);
    const verified = (await stored(long?.twin ?? ''))?.verifiedAt ?? 0;
    expect(verified).toBeGreaterThan(world.clock.at - 3_600_000);
    const things = (await driftsOf(world)).flatMap((drift) => drift.things);
    expect(things).toMatchObject([{ side: 'b', what: 'issue', code: 'issue-gone' }]);
  });
});
