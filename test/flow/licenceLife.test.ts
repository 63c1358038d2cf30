/** A licence from its end to its return, with real sites, the real client and the real sync: what people feel of it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { purgeHandler } from '../../functions/purge/event.ts';
import type { Message } from '../../shared/model/message.ts';
import { ledgerOver } from '../kit/ledgerOver.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let world: SyncWorld;
let purge: (message: Message) => Promise<unknown>;
const jobs: Message[] = [];

beforeEach(async () => {
  world = await syncWorld();
  const ledger = ledgerOver(world.store);
  for (const [side, ref] of Object.entries(TENANTS)) {
    const identity = await ledger.identityOf('connect', `key-${side}`);
    await ledger.append(identity, 0, { ...ref, kind: 'installed', at: world.clock.at });
    const stored = (await world.store.read('tenant', { tenant: ref.tenant }))!;
    await world.store.replace('tenant', stored.place, { ...stored.row, ledgerNumber: 1 }, stored.version);
  }
  const bus = {
    publish: async (topic: string, message: Message) =>
      void (topic === 'purge-jobs' ? jobs : world.queue).push(message),
  };
  const signer = { keyId: 'test', sign: async () => '', publicKey: async () => '' };
  const ports = { ...world.ports, ledger, signer, bus };
  purge = purgeHandler(ports, { liveDays: 120, copyDays: 30, fenceMs: 90_000, commit: 'test' });
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

/** Hours go by, each with a sweep and all that follows from it. */
async function hours(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    world.clock.at += HOUR;
    jobs.push({ kind: 'sweep', askedAt: world.clock.at });
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await purge(job);
    await world.settle();
  }
}
const beta = async () => (await world.store.read('tenant', { tenant: TENANTS.b.tenant }))!.row;
const connection = async () => (await world.store.read('connection', { connection: CONNECTION }))!.row.state;
const summaries = (side: 'a' | 'b') => world.issues(side).map(({ fields }) => fields['summary']);

test('R28 a licence that lapses for three days costs no edit and leaves no error', async () => {
  const { id } = world.server.acts('alpha').createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  world.server.configure('beta', { licence: { active: false } });
  await hours(22);
  expect(await beta()).toMatchObject({ licensed: false });
  world.writes();
  world.server.acts('alpha').editIssue(id, { summary: 'Two' });
  world.server.acts('alpha').createIssue({ project: 'ALPHA', summary: 'New' });
  await hours(50);
  expect([await beta(), await connection()]).toMatchObject([
    { state: 'marked', evidence: 'licence-ended' },
    'partner-left',
  ]);
  expect(world.writes()).toEqual([]);
  expect(summaries('b')).toEqual(['One']);
  expect((await world.twins()).map(({ error }) => error)).toEqual([undefined]);

  world.server.configure('beta', { licence: { active: true } });
  await hours(22);
  expect([await beta(), await connection()]).toMatchObject([{ state: 'active', licensed: true }, 'active']);
  await world.wait(60_000);
  expect(summaries('b').toSorted()).toEqual(['New', 'Two']);
  expect(summaries('a').toSorted()).toEqual(['New', 'Two']);
});

test('R28 a hint brings a customer that has paid back at once', async () => {
  world.server.configure('beta', { licence: { active: false } });
  await hours(40);
  expect(await beta()).toMatchObject({ state: 'marked' });
  world.server.configure('beta', { licence: { active: true } });
  await purge({ kind: 'probe-tenant', ...TENANTS.b, askedAt: world.clock.at, isHint: true });
  expect(await beta()).toMatchObject({ state: 'active', licensed: true });
});

test('R29 an uninstall that nobody told of is marked within 15 days, and its partner waits without errors', async () => {
  await hours(1);
  const { id } = world.server.acts('alpha').createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  const goneAt = world.clock.at;
  await world.server.uninstall('beta', { silently: true });
  await hours(15 * 24);
  const row = await beta();
  expect(row).toMatchObject({ state: 'marked', evidence: 'probes-failed' });
  expect(row.markedAt! - goneAt).toBeLessThanOrEqual(DAY);
  expect(await connection()).toBe('partner-left');
  world.server.acts('alpha').editIssue(id, { summary: 'Two' });
  expect([...new Set(await world.settle())]).toEqual(['connection-not-active']);
});

test('R30 an app that is switched off for five weeks is neither marked nor deleted', async () => {
  const { id } = world.server.acts('alpha').createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  await world.server.disable('beta');
  await hours(35 * 24);
  expect(await beta()).toMatchObject({ state: 'active', enabled: false });
  world.server.acts('alpha').editIssue(id, { summary: 'Two' });
  await world.settle();
  await world.server.enable('beta');
  await hours(22);
  await world.wait(60_000);
  expect(await beta()).toMatchObject({ state: 'active', enabled: true });
  expect(summaries('b')).toEqual(['Two']);
});
