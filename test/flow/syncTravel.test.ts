/** What people do on one side arrives on the other, and comes to rest. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await syncWorld();
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');

describe('an issue that comes under sync', () => {
  test('is made on the other side with what the rules share, once', async () => {
    alpha().createIssue({
      project: 'ALPHA',
      issuetype: 'Bug',
      summary: 'Pump leaks',
      description: 'It **drips**.',
      priority: 'High',
      labels: ['wet', 'pump'],
    });
    await world.settle();
    const [made, ...others] = world.issues('b');
    expect(others).toEqual([]);
    expect(made?.fields).toMatchObject({ summary: 'Pump leaks', priority: 'High', issuetype: 'Bug' });
    expect(made?.fields['labels']).toEqual(['pump', 'wet']);
    expect(made?.status).toBe(world.issues('a')[0]?.status);
  });

  test('is not made when it belongs to another project or was there before the connection', async () => {
    alpha().createIssue({ project: 'OTHER', summary: 'Elsewhere' });
    await world.settle();
    expect(world.issues('b')).toEqual([]);
  });

  test('works from the accepting side too', async () => {
    beta().createIssue({ project: 'BETA', summary: 'From beta' });
    await world.settle();
    expect(world.issues('a').map(({ fields }) => fields['summary'])).toEqual(['From beta']);
  });

  test('takes its status along, through the other side’s own transitions', async () => {
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Started' });
    alpha().transition(id, 'In Progress');
    await world.settle();
    expect(world.issues('b')[0]?.status).toBe('In Progress');
  });
});

describe('an issue under sync', () => {
  let ids: { readonly a: string; readonly b: string };
  beforeEach(async () => {
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
    await world.settle();
    ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
    world.writes();
  });

  test('carries edits in both directions', async () => {
    alpha().editIssue(ids.a, { summary: 'Two', labels: ['x'] });
    await world.settle();
    beta().editIssue(ids.b, { description: 'Seen by beta', priority: 'Low' });
    beta().transition(ids.b, 'Done');
    await world.settle();
    expect(world.issues('b')[0]?.fields).toMatchObject({ summary: 'Two', labels: ['x'] });
    expect(world.issues('a')[0]?.fields).toMatchObject({ priority: 'Low' });
    expect(world.issues('a')[0]?.status).toBe('Done');
  });

  test('carries comments, their edits and their deletion in both directions', async () => {
    const one = alpha().comment(ids.a, 'from alpha');
    const two = beta().comment(ids.b, 'from beta');
    await world.settle();
    const texts = (side: 'a' | 'b') => world.issues(side)[0]?.comments.map(({ text }) => text);
    expect(texts('a')?.length).toBe(2);
    expect(texts('b')?.length).toBe(2);
    alpha().editComment(ids.a, one.id, 'from alpha, better');
    beta().deleteComment(ids.b, two.id);
    await world.settle();
    expect(texts('a')).toEqual(['from alpha, better']);
    expect(texts('b')?.join()).toContain('from alpha, better');
    expect(texts('b')?.length).toBe(1);
  });

  test('does not let a restricted comment out', async () => {
    alpha().comment(ids.a, 'for admins', { visibility: { type: 'role', value: 'Administrators' } });
    await world.settle();
    expect(world.issues('b')[0]?.comments).toEqual([]);
  });

  test('writes nothing for an echo, and rests after each change', async () => {
    alpha().editIssue(ids.a, { summary: 'Two' });
    const [change] = world.queue;
    await world.settle();
    expect(world.writes().length).toBe(1);
    if (change !== undefined) world.queue.push(change, change);
    const codes = await world.settle();
    expect(codes).toEqual(['nothing-to-do', 'nothing-to-do']);
    expect(world.writes()).toEqual([]);
  });

  test('looks at a pair with two calls', async () => {
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    const before = world.calls.length;
    alpha().editIssue(ids.a, { summary: 'Two' }, { update: {} });
    world.queue.length = 0;
    const [twin] = await world.twins();
    if (twin === undefined) throw new Error('no twin');
    world.queue.push({ kind: 'sync-twin', connection: twin.connection, twin: twin.twin, askedAt: world.clock.at });
    await world.settle();
    expect(world.calls.length - before).toBe(2);
  });

  test('ends the same however often and in whatever order its changes arrive', async () => {
    alpha().editIssue(ids.a, { summary: 'Two' });
    alpha().comment(ids.a, 'first');
    beta().editIssue(ids.b, { priority: 'Highest' });
    beta().comment(ids.b, 'second');
    world.queue.push(...[...world.queue].reverse(), ...world.queue);
    await world.settle();
    const comments = (side: 'a' | 'b') => world.issues(side)[0]?.comments.length;
    expect([comments('a'), comments('b')]).toEqual([2, 2]);
    expect(world.issues('b')[0]?.fields['summary']).toBe('Two');
    expect(world.issues('a')[0]?.fields['priority']).toBe('Highest');
    expect(await world.wait(3_600_000)).toEqual(['nothing-to-do']);
  });

  test('notes for the timeline how long each part took and how late the write was', async () => {
    world.notes.length = 0;
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    const act = world.notes.find(({ name }) => name === 'sync-act');
    expect(act?.facts).toMatchObject({ kind: 'edit-issue', side: 'b' });
    expect(act?.facts['lagMs']).toBeGreaterThan(0);
    expect(world.notes.map(({ name }) => name)).toContain('sync-settle');
  });
});

test('a burst about an issue with something blocked costs one look', async () => {
  await world.close();
  const site = (name: string, priorities: readonly string[]) => ({
    ...{ name, priorities, projects: [{ key: name.toUpperCase() }] },
  });
  world = await syncWorld({ sites: [site('alpha', ['High', 'Odd']), site('beta', ['High'])] });
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One', priority: 'Odd' });
  const [told] = world.queue;
  await world.settle();
  const [twin] = await world.twins();
  if (twin === undefined || told === undefined) throw new Error('no twin');
  expect(twin.error?.code).toBe('value-unknown');
  world.clock.at += 5_000;
  world.queue.push({ kind: 'sync-twin', connection: twin.connection, twin: twin.twin, askedAt: world.clock.at });
  await world.settle();
  const before = world.calls.length;
  world.queue.push(told, told);
  expect(await world.settle()).toEqual(['already-done', 'already-done']);
  expect(world.calls.length).toBe(before);
  // What happens later is looked at.
  world.clock.at += 5_000;
  alpha().editIssue(id, { priority: 'High' });
  expect(await world.settle()).toContain('synced');
});
