/** What comes under sync by itself, and what does not. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Triggers } from '../../shared/model/connection.ts';
import { issueId } from '../../shared/model/ids.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
/** An issue that was there before the connection: its age is told by the sites' own clock. */
async function worldWithOldIssue(triggers: Triggers, scope = ''): Promise<string> {
  world = await syncWorld({ triggers, scope });
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Old' });
  world.queue.length = 0;
  const stored = await world.store.read('connection', { connection: CONNECTION });
  if (stored === undefined) throw new Error('no connection');
  world.clock.at += 60_000;
  const row = { ...stored.row, activatedAt: world.clock.at, watermarkAt: world.clock.at };
  await world.store.replace('connection', { connection: CONNECTION }, row, stored.version);
  world.clock.at += 60_000;
  return id;
}
const onUpdate = (jql: string): Triggers => ({ isActive: true, onCreate: true, onUpdate: jql });

describe('a trigger on changes', () => {
  test('brings an old issue under sync when a change makes it match, by Jira’s own answer', async () => {
    const id = await worldWithOldIssue(onUpdate('labels = share'));
    alpha().editIssue(id, { summary: 'Old and edited' });
    await world.settle();
    expect(world.issues('b')).toEqual([]);
    alpha().editIssue(id, { labels: ['share'] });
    await world.settle();
    expect(world.issues('b').map(({ fields }) => fields['summary'])).toEqual(['Old and edited']);
  });

  test('does not bring new issues by itself', async () => {
    world = await syncWorld({ triggers: { isActive: true, onCreate: false, onUpdate: 'labels = share' } });
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'New', labels: ['share'] });
    await world.settle();
    expect(world.issues('b')).toEqual([]);
    alpha().comment(id, 'a change');
    await world.settle();
    expect(world.issues('b').length).toBe(1);
  });

  test('is caught up by a reconcile when its message was lost', async () => {
    const id = await worldWithOldIssue(onUpdate('labels = share'));
    const since = world.clock.at;
    alpha().editIssue(id, { labels: ['share'] });
    world.queue.length = 0;
    world.clock.at += 10_000;
    world.queue.push({ kind: 'reconcile', connection: CONNECTION, since, askedAt: world.clock.at });
    await world.settle();
    expect(world.issues('b').length).toBe(1);
  });
});

describe('triggers that are off', () => {
  test('let nothing in, not even by a reconcile', async () => {
    world = await syncWorld({ triggers: { isActive: false, onCreate: true, onUpdate: '' } });
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
    alpha().editIssue(id, { summary: 'Two' });
    expect(new Set(await world.settle())).toEqual(new Set(['not-under-sync']));
    world.queue.push({ kind: 'reconcile', connection: CONNECTION, since: 0, askedAt: world.clock.at });
    await world.settle();
    expect(world.issues('b')).toEqual([]);
  });

  test('leave alone what a person has brought under sync', async () => {
    world = await syncWorld({ triggers: { isActive: false, onCreate: true } });
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
    const askedAt = world.clock.at;
    world.queue.push({ kind: 'bring-under-sync', ...TENANTS.a, connection: CONNECTION, issue: issueId(id), askedAt });
    await world.settle();
    alpha().editIssue(id, { summary: 'Two' });
    await world.settle();
    expect(world.issues('b').map(({ fields }) => fields['summary'])).toEqual(['Two']);
  });
});
