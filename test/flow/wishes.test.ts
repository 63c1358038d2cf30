/** Issues that have no pair yet and whose site cannot be asked: what is wanted of them waits, and the queue hears nothing of it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { HalfSettings } from '../../shared/model/connection.ts';
import {
  connectionId,
  connectionKey,
  halfOf,
  issueId,
  ownerOf,
  projectKey,
  tenantKey,
} from '../../shared/model/ids.ts';
import type { Message } from '../../shared/model/message.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import { heldView } from '../../shared/wire/budget.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { CONNECTION, TENANTS, syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld, WorldOptions } from '../kit/syncWorld.ts';
import { workWorld } from '../kit/workWorld.ts';

let world: SyncWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const wishes = async (): Promise<readonly RecordOf<'wish'>[]> =>
  (await world.store.scan('wish', { limit: 2_000 })).items.map(({ row }) => row);
const summaries = (side: 'a' | 'b') => world.issues(side).map(({ fields }) => fields['summary']);
const isReading = (site: string) => (call: { readonly method: string; readonly url: string }) =>
  call.method === 'GET' && new RegExp(`//${site}\\..*/rest/api/3/issue/\\d+\\?`).test(call.url);

/** The site refuses so many readings of an issue. */
function refuse(status: number, more: { count?: number; site?: string; headers?: Record<string, string> } = {}): void {
  const { count = 1, site = 'alpha', headers } = more;
  const error = { operation: 'getIssue', site, status, count, ...(headers === undefined ? {} : { headers }) };
  world.server.faults.apiErrors.push(error);
}

/** Every message is taken, whatever the sites answer. A fault that comes out of the handler fails the test. */
async function deliverAll(): Promise<readonly Code[]> {
  const codes: Code[] = [];
  for (let message = world.queue.shift(); message !== undefined; message = world.queue.shift())
    codes.push((await world.handle(message)).code);
  return codes;
}

async function tick(ms: number): Promise<readonly Code[]> {
  world.clock.at += ms;
  world.queue.push({ kind: 'wake', askedAt: world.clock.at });
  return deliverAll();
}

/** An issue older than the connection, with the message that tells of it still on its way. */
async function oldIssue(options: WorldOptions = {}): Promise<{ readonly id: string; readonly told: Message }> {
  world = await syncWorld(options);
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Old' });
  const [told] = world.queue.splice(0);
  const stored = await world.store.read('connection', { connection: CONNECTION });
  if (told === undefined || stored === undefined) throw new Error('nothing was told');
  world.clock.at += 60_000;
  const row = { ...stored.row, activatedAt: world.clock.at, watermarkAt: world.clock.at };
  await world.store.replace('connection', { connection: CONNECTION }, row, stored.version);
  return { id, told };
}

const ask = (id: string, isBulk = false): Message => ({
  ...{ kind: 'bring-under-sync', ...TENANTS.a, connection: CONNECTION, issue: issueId(id), askedAt: world.clock.at },
  ...(isBulk ? { isBulk: true } : {}),
});

describe('a new issue whose site asks to wait', () => {
  test('G22 is acknowledged, waits as long as it is asked to, and gets its twin exactly once', async () => {
    world = await syncWorld();
    refuse(429, { headers: { 'Retry-After': '300' } });
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'New' });
    const at = world.clock.at;
    expect(await deliverAll()).toEqual(['issue-waits']);
    const [wish, ...more] = await wishes();
    expect(more).toEqual([]);
    expect(wish).toEqual({
      ...{ owners: ['t-00000001#1', 't-00000002#1'], connection: CONNECTION, side: 'a', issue: id },
      ...{ isNew: true, isChanged: false, eventAt: at, attempts: 1, wakeAt: expect.any(Number) },
      error: { code: 'jira-rate-limited', at: expect.any(Number), since: expect.any(Number) },
      removeAt: expect.any(Number),
    });
    expect(wish?.wakeAt).toBeGreaterThanOrEqual(at + 300_000);
    const calls = world.calls.length;
    expect(await tick(240_000)).toEqual(['nothing-to-do']);
    expect(world.calls.length).toBe(calls);
    expect(await tick(120_000)).toContain('synced');
    expect([summaries('b'), await wishes(), (await world.twins()).length]).toEqual([['New'], [], 1]);
    await tick(HOUR_MS);
    expect(summaries('b')).toEqual(['New']);
  });

  test.each<readonly [string, () => void]>([
    ['429 without a time', () => refuse(429, { count: 2 })],
    ['503', () => refuse(503, { count: 3 })],
    ['500', () => refuse(500, { count: 3 })],
    ['401', () => refuse(401)],
    ['403', () => refuse(403)],
    ['400', () => refuse(400)],
    [
      'a connection that breaks',
      () => {
        world.onSend = (call) => {
          if (!isReading('alpha')(call)) return;
          world.onSend = undefined;
          throw new Fault('jira-unavailable');
        };
      },
    ],
    [
      'a site that is not ready',
      () => {
        world.onSend = (call) => {
          if (!isReading('alpha')(call)) return;
          world.onSend = undefined;
          throw new Fault('site-not-ready');
        };
      },
    ],
  ])('G22 is acknowledged and comes later, whatever the site answers: %s', async (_what, inflict) => {
    world = await syncWorld();
    inflict();
    alpha().createIssue({ project: 'ALPHA', summary: 'New' });
    const codes = await deliverAll();
    expect(codes).toEqual(['issue-waits']);
    for (let minute = 0; minute < 10; minute += 1) await tick(60_000);
    expect([summaries('b'), await wishes()]).toEqual([['New'], []]);
  });

  test('S119 comes although its date is old, because it was told as made, also behind a later change', async () => {
    const { id, told } = await oldIssue();
    refuse(429, { headers: { 'Retry-After': '300' } });
    world.queue.push(told);
    expect(await deliverAll()).toEqual(['issue-waits']);
    alpha().editIssue(id, { summary: 'Old and edited' });
    const before = await wishes();
    expect(await deliverAll()).toEqual(['issue-waits']);
    // One wish of both, with the first moment.
    expect(await wishes()).toMatchObject([
      { isNew: true, isChanged: true, eventAt: before[0]?.eventAt, removeAt: before[0]?.removeAt },
    ]);
    for (let minute = 0; minute < 7; minute += 1) await tick(60_000);
    expect([summaries('b'), await wishes()]).toEqual([['Old and edited'], []]);
  });

  test('S119 stays out when only changes were told of and nothing wants them', async () => {
    const { id } = await oldIssue();
    refuse(429);
    alpha().editIssue(id, { summary: 'Old and edited' });
    expect(await deliverAll()).toEqual(['issue-waits']);
    await tick(60_000);
    expect([summaries('b'), await wishes()]).toEqual([[], []]);
  });

  test('S119 waits when its scope cannot be asked for, and is asked for it later', async () => {
    world = await syncWorld({ scope: 'labels = share' });
    const searching = { operation: 'searchAndReconsileIssuesUsingJqlPost', site: 'alpha', status: 503, count: 2 };
    world.server.faults.apiErrors.push(searching);
    alpha().createIssue({ project: 'ALPHA', summary: 'In', labels: ['share'] });
    alpha().createIssue({ project: 'ALPHA', summary: 'Out' });
    expect(await deliverAll()).toEqual(['issue-waits', 'issue-waits']);
    for (let minute = 0; minute < 3; minute += 1) await tick(60_000);
    expect([summaries('b'), await wishes()]).toEqual([['In'], []]);
  });

  test('S120 lets its wish go when it is deleted meanwhile', async () => {
    world = await syncWorld();
    refuse(429);
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'New' });
    await deliverAll();
    alpha().deleteIssue(id);
    await tick(60_000);
    expect([world.issues('b'), await wishes(), await world.twins()]).toEqual([[], [], []]);
  });

  test('G23 waits longer with each try, and a burst of messages about it does not count', async () => {
    world = await syncWorld();
    refuse(503, { count: 1_000 });
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'New' });
    for (let n = 0; n < 20; n += 1) alpha().comment(id, `comment ${n}`);
    await deliverAll();
    const waits: number[] = [];
    for (let n = 0; n < 13; n += 1) {
      const [wish] = await wishes();
      waits.push(Math.round(((wish?.wakeAt ?? 0) - (wish?.error.at ?? 0)) / 1_000));
      world.clock.at = wish?.wakeAt ?? 0;
      await tick(0);
    }
    const doubled = [30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360];
    expect(waits).toEqual([...doubled, 21_600, 21_600, 21_600]);
    world.server.faults.apiErrors.length = 0;
    for (let n = 0; n < 8; n += 1) await tick(HOUR_MS);
    expect([summaries('b'), await wishes()]).toEqual([['New'], []]);
  });

  test('S121 is given up after 30 days, and that is told', async () => {
    world = await syncWorld();
    refuse(403, { count: 1_000 });
    alpha().createIssue({ project: 'ALPHA', summary: 'New' });
    await deliverAll();
    const [first] = await wishes();
    let tries = 0;
    for (let hour = 0; hour < 31 * 24 && (await wishes()).length > 0; hour += 1) {
      if ((await tick(HOUR_MS)).includes('issue-waits')) tries += 1;
    }
    expect(await wishes()).toEqual([]);
    expect(world.clock.at).toBeLessThanOrEqual(first?.removeAt ?? 0);
    expect(world.clock.at).toBeGreaterThan((first?.removeAt ?? 0) - DAY_MS);
    expect(tries).toBeLessThan(150);
    expect(world.notes).toContainEqual({
      name: 'sync-wish',
      facts: expect.objectContaining({ code: 'jira-forbidden', tries: expect.any(Number) }),
    });
  });
});

describe('an issue that somebody has named', () => {
  test('S119 comes later although no trigger wants it, as the strongest that was asked for it', async () => {
    const { id } = await oldIssue({ triggers: { isActive: false, onCreate: false } });
    refuse(503, { count: 2 });
    world.queue.push(ask(id, true), ask(id));
    expect(await deliverAll()).toEqual(['issue-waits', 'issue-waits']);
    expect(await wishes()).toMatchObject([{ asked: 'person', isNew: false, isChanged: false }]);
    for (let minute = 0; minute < 3; minute += 1) await tick(60_000);
    expect([summaries('b'), await wishes()]).toEqual([['Old'], []]);
  });

  test('S119 and was taken out before comes again for a person and not for a job', async () => {
    world = await syncWorld();
    const ids = [0, 1].map((n) => alpha().createIssue({ project: 'ALPHA', summary: `item ${n}` }).id);
    await deliverAll();
    for (const { twin } of await world.twins())
      world.queue.push({ kind: 'unlink-twin', connection: CONNECTION, twin, askedAt: world.clock.at });
    await deliverAll();
    expect(await world.twins()).toEqual([]);
    const [one = '', two = ''] = ids;
    // For a job the note on the issue is enough; only a person makes the site be asked.
    world.onSend = (call) => {
      if (isReading('alpha')(call)) throw new Fault('jira-unavailable');
    };
    world.queue.push(ask(one, true), ask(two));
    expect(await deliverAll()).toEqual(['unlinked-before', 'issue-waits']);
    world.onSend = undefined;
    for (let minute = 0; minute < 3; minute += 1) await tick(60_000);
    expect((await world.twins()).map((row) => row.a)).toEqual([two]);
    expect(await wishes()).toEqual([]);
  });
});

describe('a wish', () => {
  test('S120 survives a worker that dies at any call, and makes one issue', async () => {
    world = await syncWorld();
    for (let n = 1; ; n += 1) {
      if (n > 120) expect.fail('the try has more store calls than were tried');
      refuse(503);
      alpha().createIssue({ project: 'ALPHA', summary: `item ${n}` });
      expect(await deliverAll()).toEqual(['issue-waits']);
      let count = 0;
      world.hooks.onCall = () => {
        count += 1;
        if (count === n) throw new Fault('store-unavailable');
      };
      world.clock.at += 60_000;
      world.queue.push({ kind: 'wake', askedAt: world.clock.at });
      try {
        await deliverAll();
      } catch {
        // The process is gone, and what it had in hand is lost as well: only the tick knows.
      }
      world.queue.length = 0;
      world.hooks.onCall = () => undefined;
      for (let minute = 0; minute < 3; minute += 1) await tick(60_000);
      expect([n, summaries('b').filter((text) => text === `item ${n}`), await wishes()]).toEqual([
        n,
        [`item ${n}`],
        [],
      ]);
      if (count < n) break;
    }
    expect((await world.twins()).length).toBe(world.issues('b').length);
  }, 120_000);

  test('S120 stays when more was wanted while it was tried', async () => {
    const { id } = await oldIssue();
    refuse(503);
    alpha().editIssue(id, { summary: 'Old and edited' });
    await deliverAll();
    const [wish] = await wishes();
    if (wish === undefined) throw new Error('no wish');
    // A person asks in the very moment in which the site is asked about the change.
    world.hooks.onCall = async ({ op }) => {
      if (op !== 'list') return;
      world.hooks.onCall = () => undefined;
      const place = { connection: CONNECTION, wish: `a-${id}` };
      const stored = await world.store.read('wish', place);
      if (stored === undefined) throw new Error('no wish');
      await world.store.replace('wish', place, { ...stored.row, asked: 'person' }, stored.version);
    };
    expect(await tick(60_000)).toEqual(['done', 'not-under-sync']);
    expect(await wishes()).toMatchObject([{ asked: 'person', isChanged: true }]);
    await tick(60_000);
    expect([summaries('b'), await wishes()]).toEqual([['Old and edited'], []]);
  });

  test('S120 is none for an issue that got its twin in between', async () => {
    world = await syncWorld();
    refuse(503);
    alpha().createIssue({ project: 'ALPHA', summary: 'New' });
    const [told] = world.queue.splice(0);
    if (told === undefined) throw new Error('nothing was told');
    // The second of two copies of the message is faster than the first one's note of its trouble.
    world.hooks.onCall = async ({ op }) => {
      if (op !== 'transact') return;
      world.hooks.onCall = () => undefined;
      expect((await world.handle(told)).code).toBe('synced');
    };
    await world.handle(told);
    await deliverAll();
    expect([await wishes(), summaries('b')]).toEqual([[], ['New']]);
  });

  test('S120 is let go when another message brings its issue in', async () => {
    world = await syncWorld();
    refuse(503);
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'New' });
    await deliverAll();
    alpha().editIssue(id, { summary: 'New and edited' });
    await deliverAll();
    expect([summaries('b'), (await wishes()).length]).toEqual([['New and edited'], 1]);
    await tick(60_000);
    expect([summaries('b'), await wishes(), (await world.twins()).length]).toEqual([['New and edited'], [], 1]);
  });

  test('S120 is not written for a tenant that may not write, and rests with its connection', async () => {
    world = await syncWorld();
    const setTenant = async (parts: Partial<RecordOf<'tenant'>>): Promise<void> => {
      const place = { tenant: TENANTS.b.tenant };
      const stored = await world.store.read('tenant', place);
      if (stored === undefined) throw new Error('no tenant');
      await world.store.replace('tenant', place, { ...stored.row, ...parts }, stored.version);
    };
    refuse(503, { count: 2 });
    alpha().createIssue({ project: 'ALPHA', summary: 'Kept' });
    await deliverAll();
    await setTenant({ state: 'marked' });
    alpha().createIssue({ project: 'ALPHA', summary: 'Too late' });
    expect(await deliverAll()).toEqual(['tenant-not-active']);
    expect(await wishes()).toHaveLength(1);
    const calls = world.calls.length;
    for (let minute = 0; minute < 60; minute += 1) await tick(60_000);
    expect([world.calls.length, (await wishes()).length]).toEqual([calls, 1]);
    await setTenant({ state: 'active' });
    await tick(600_000);
    await tick(60_000);
    expect([summaries('b'), await wishes()]).toEqual([['Kept'], []]);
  });
});

describe('one tenant beside another', () => {
  const INSIDE = connectionId('c-00000002');

  /** A second connection, between two projects of beta's own site. */
  async function connectInside(): Promise<void> {
    const ref = TENANTS.b;
    const owner = ownerOf(ref.tenant, ref.generation);
    const { keys, store } = world.ports;
    const now = world.clock.now();
    for (const [side, project] of [
      ['a', 'GAMMA'],
      ['b', 'DELTA'],
    ] as const) {
      const half = halfOf(INSIDE, side);
      const settings: HalfSettings = { name: side, projectKey: projectKey(project), scope: '' };
      const { tenant } = ref;
      await store.create(
        'half',
        { tenant, half },
        {
          ...{ owners: [owner], connection: INSIDE, side, state: 'active', rulesVersion: 1, createdAt: now },
          settings: await keys.seal(tenantKey(owner), contextOf('half.settings', tenant, half), settings),
        },
      );
      await store.create(
        'rules',
        { tenant, half, version: '1' },
        {
          ...{ owners: [owner], version: 1, createdAt: now },
          document: await keys.seal(tenantKey(owner), contextOf('rules.document', tenant, half, 1), defaultRules()),
        },
      );
    }
    await keys.make(connectionKey(INSIDE, owner, owner), [owner]);
    const row = { owners: [owner], a: ref, b: ref, state: 'active', activatedAt: now, watermarkAt: now } as const;
    await store.create('connection', { connection: INSIDE }, row);
  }

  const beside = async (): Promise<void> => {
    const sites = [
      { name: 'alpha', projects: [{ key: 'ALPHA' }] },
      { name: 'beta', projects: [{ key: 'BETA' }, { key: 'GAMMA' }, { key: 'DELTA' }] },
    ];
    world = await syncWorld({ sites });
    await connectInside();
  };

  test('G22 what one is asked to wait for keeps nothing of the other’s waiting', async () => {
    await beside();
    refuse(429, { count: 1, headers: { 'Retry-After': '900', 'RateLimit-Reason': 'jira-quota-tenant-based' } });
    for (let n = 0; n < 5; n += 1) alpha().createIssue({ project: 'ALPHA', summary: `alpha ${n}` });
    beta().createIssue({ project: 'GAMMA', summary: 'beta' });
    const codes = await deliverAll();
    expect(codes.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'issue-waits'));
    expect(summaries('b').filter((text) => text === 'beta')).toHaveLength(2);
    expect(await wishes()).toHaveLength(5);
    // A wish of the other side is tried at its own time.
    refuse(503, { site: 'beta' });
    beta().createIssue({ project: 'GAMMA', summary: 'beta again' });
    await deliverAll();
    await tick(60_000);
    expect(summaries('b').filter((text) => text === 'beta again')).toHaveLength(2);
    expect(await wishes()).toHaveLength(5);
    for (let minute = 0; minute < 17; minute += 1) await tick(60_000);
    expect(await wishes()).toEqual([]);
    expect(summaries('b').filter((text) => typeof text === 'string' && text.startsWith('alpha'))).toHaveLength(5);
  });

  test('S119 an issue of a connection inside one site has one wish, whichever side it is of', async () => {
    await beside();
    refuse(503, { site: 'beta', count: 2 });
    beta().createIssue({ project: 'DELTA', summary: 'of side b' });
    await deliverAll();
    expect((await wishes()).filter(({ connection }) => connection === INSIDE)).toMatchObject([{ side: 'a' }]);
    for (let minute = 0; minute < 4; minute += 1) await tick(60_000);
    expect(summaries('b')).toEqual(['of side b', 'of side b']);
    expect(await wishes()).toEqual([]);
  });

  test('G23 the sides take turns at a tick, however many wait of one', async () => {
    world = await syncWorld();
    const row: RecordOf<'wish'> = {
      ...{ owners: (await world.store.read('connection', { connection: CONNECTION }))?.row.owners ?? [] },
      ...{ connection: CONNECTION, side: 'a', issue: issueId('1'), isNew: true, isChanged: false, attempts: 1 },
      ...{ wakeAt: 1, removeAt: world.clock.at + DAY_MS },
      error: { code: 'jira-rate-limited', at: 1, since: 1 },
    };
    for (let n = 1; n <= 600; n += 1) {
      const place = { connection: CONNECTION, wish: `a-${n}` };
      await world.store.create('wish', place, { ...row, issue: issueId(String(n)), wakeAt: n });
    }
    await world.store.create(
      'wish',
      { connection: CONNECTION, wish: 'b-7' },
      { ...row, side: 'b', issue: issueId('7'), wakeAt: 900 },
    );
    await world.handle({ kind: 'wake', askedAt: world.clock.at });
    const woken = world.queue.map((message) => (message.kind === 'try-wish' ? message.wish : ''));
    expect([woken.length, woken[0], woken[1], woken[2]]).toEqual([250, 'a-1', 'b-7', 'a-2']);
    // What was woken is not woken again by a tick that comes faster than the workers.
    world.queue.length = 0;
    await world.handle({ kind: 'wake', askedAt: world.clock.at });
    expect(world.queue.map((message) => (message.kind === 'try-wish' ? message.wish : ''))).not.toContain('a-1');
  });
});

describe('other work that meets a site in trouble', () => {
  test.each<readonly [string, number, Record<string, string>]>([
    ['asks to wait', 429, { 'Retry-After': '120' }],
    ['does not answer', 503, {}],
    ['refuses its own app for a while', 401, {}],
  ])('G22 a run whose site %s is acknowledged, and the tick brings it back', async (_what, status, headers) => {
    world = await syncWorld();
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Lost' });
    world.queue.length = 0;
    world.clock.at += 10_000;
    world.server.faults.apiErrors.push({
      operation: 'searchAndReconsileIssuesUsingJqlPost',
      site: 'alpha',
      status,
      count: 3,
      headers,
    });
    world.queue.push({ kind: 'reconcile', connection: CONNECTION, since: 0, askedAt: world.clock.at });
    const [code] = await deliverAll();
    expect(code).toMatch(/^jira-/);
    const runs = async () => (await world.store.scan('run', { limit: 10 })).items.map(({ row }) => row);
    expect(await runs()).toMatchObject([{ stage: 'a', code }]);
    world.server.faults.apiErrors.length = 0;
    for (let minute = 0; minute < 4; minute += 1) await tick(60_000);
    expect(await runs()).toMatchObject([{ stage: 'done', fresh: 1 }]);
    expect((await world.twins()).map((row) => row.a)).toEqual([id]);
  });
});

test('G24 issues that wait to become a pair are shown with the reason, for how many a person waits, and until when', async () => {
  const work = await workWorld();
  world = work;
  refuse(429, { headers: { 'Retry-After': '900', 'RateLimit-Reason': 'jira-quota-tenant-based' } });
  for (let n = 0; n < 3; n += 1) alpha().createIssue({ project: 'ALPHA', summary: `item ${n}` });
  await deliverAll();
  const view = heldView.parse((await work.api('b', 'GET', '/budget')).body);
  expect(view.held).toMatchObject([{ code: 'jira-rate-limited', count: 0, fresh: 3, people: 3 }]);
  expect(view.held[0]?.firstAt).toBeGreaterThan(world.clock.at + 800_000);
  expect(view.held[0]?.lastAt).toBeLessThan(world.clock.at + 1_000_000);
  for (let minute = 0; minute < 17; minute += 1) await tick(60_000);
  expect(heldView.parse((await work.api('b', 'GET', '/budget')).body).held).toEqual([]);
  expect(world.issues('b')).toHaveLength(3);
});
