/** What users of other products complained of (RIVALS.md), each as a history that ends well here. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONNECTION, TENANTS, syncWorld } from '../kit/syncWorld.ts';
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

describe('C12 events that overtake each other', () => {
  test.each([['in order'], ['the other way round'], ['both at once'], ['the first one lost']])(
    'C12 an issue that is closed as soon as it is made arrives once and closed, with its events %s',
    async (order) => {
      const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Quick' });
      alpha().transition(id, 'Done');
      if (order === 'the other way round') world.queue.reverse();
      if (order === 'the first one lost') world.queue.shift();
      if (order === 'both at once') await Promise.all(world.queue.splice(0).map((message) => world.handle(message)));
      await world.settle();
      await world.wait(60_000);
      await world.wait(60_000);
      expect(world.issues('b').map(({ status, fields }) => [fields['summary'], status])).toEqual([['Quick', 'Done']]);
      alpha().transition(id, 'To Do');
      await world.settle();
      expect(world.issues('b').map(({ status }) => status)).toEqual(['To Do']);
    },
  );
});

describe('C15 a partner that leaves', () => {
  test('C15 makes no errors on the other side: the connection says so, the pairs wait, and go on after a return', async () => {
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Shared' });
    await world.settle();
    const place = { tenant: TENANTS.b.tenant };
    const stored = await world.store.read('tenant', place);
    if (stored === undefined) throw new Error('no tenant');
    const markedAt = world.clock.at;
    await world.store.replace('tenant', place, { ...stored.row, state: 'marked', markedAt }, stored.version);
    world.queue.push({ kind: 'tenant-change', ...TENANTS.b, what: 'marked', at: markedAt });
    await world.settle();
    world.writes();
    const notes = world.notes.length;
    alpha().editIssue(id, { summary: 'Said meanwhile' });
    alpha().comment(id, 'And this');
    alpha().createIssue({ project: 'ALPHA', summary: 'New meanwhile' });
    const codes = await world.settle();
    await world.wait(60_000);
    expect(
      [...new Set(codes)].every((code) => ['connection-not-active', 'not-under-sync'].includes(code)),
      codes.join(),
    ).toBe(true);
    expect(world.writes()).toEqual([]);
    expect(world.notes.slice(notes).filter(({ facts }) => facts['code'] !== undefined)).toEqual([]);
    expect((await world.store.read('connection', { connection: CONNECTION }))?.row.state).toBe('partner-left');
    expect((await world.twins()).map(({ error }) => error)).toEqual([undefined]);

    const marked = await world.store.read('tenant', place);
    if (marked === undefined) throw new Error('no tenant');
    const { markedAt: _gone, ...rest } = marked.row;
    await world.store.replace('tenant', place, { ...rest, state: 'active' }, marked.version);
    world.queue.push({ kind: 'tenant-change', ...TENANTS.b, what: 'returned', at: world.clock.at, since: markedAt });
    await world.settle();
    await world.wait(60_000);
    const there = world.issues('b');
    expect(there.map(({ fields }) => fields['summary']).toSorted()).toEqual(['New meanwhile', 'Said meanwhile']);
    expect(there.flatMap(({ comments }) => comments).length).toBe(1);
  });
});
