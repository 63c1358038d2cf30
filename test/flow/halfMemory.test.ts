/** What a process remembers of the halves it has opened, and when it reads them again. */
import { afterEach, expect, test } from 'vitest';
import { halfOf } from '../../shared/model/ids.ts';
import { CONNECTION, TENANTS, syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
afterEach(async () => world.close());

test('G18 rules are opened once while their half stays as it is, and anew after any change of it or five minutes', async () => {
  world = await syncWorld();
  const alpha = world.server.acts('alpha');
  const { id } = alpha.createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  const opened: string[] = [];
  world.hooks.onCall = ({ op, category, path }) => {
    if (op === 'read' && category === 'rules') opened.push(path ?? '');
  };
  const readsAfter = async (summary: string): Promise<number> => {
    opened.length = 0;
    alpha.editIssue(id, { summary });
    await world.settle();
    expect(world.issues('b')[0]?.fields['summary']).toBe(summary);
    return opened.length;
  };
  expect(await readsAfter('two')).toBe(0);

  const half = { tenant: TENANTS.a.tenant, half: halfOf(CONNECTION, 'a') };
  const stored = await world.store.read('half', half);
  if (stored === undefined) throw new Error('no half');
  await world.store.replace('half', half, { ...stored.row, createdAt: stored.row.createdAt + 1 }, stored.version);
  expect(await readsAfter('three')).toBe(1);

  world.clock.at += 301_000;
  expect(await readsAfter('four')).toBe(2);
});
