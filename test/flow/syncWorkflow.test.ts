/** A status that lies some transitions away: the client learns a workflow from what its issues offer, and the sync walks it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

const move = (from: string, to: string) => ({ name: `To ${to}`, from: [from], to });

let world: SyncWorld;
beforeEach(async () => {
  world = await syncWorld({
    sites: [
      { name: 'alpha', projects: [{ key: 'ALPHA' }, { key: 'OTHER' }] },
      {
        name: 'beta',
        projects: [
          {
            key: 'BETA',
            workflow: {
              initial: 'To Do',
              transitions: [
                move('To Do', 'In Progress'),
                move('In Progress', 'Done'),
                move('In Progress', 'To Do'),
                move('Done', 'To Do'),
              ],
            },
          },
        ],
      },
    ],
  });
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const statusOn = (side: 'a' | 'b', summary: string) =>
  world.issues(side).find(({ fields }) => fields['summary'] === summary)?.status;

/** Moves an issue of alpha, where every status is one transition away. */
function moveTo(id: string, status: string): void {
  world.clock.at += 60_000;
  alpha().transition(id, status);
}

test('two moves away is told as unreachable until the moves are known, and reached then, without coming back', async () => {
  const first = alpha().createIssue({ project: 'ALPHA', summary: 'First' });
  const second = alpha().createIssue({ project: 'ALPHA', summary: 'Second' });
  await world.settle();
  moveTo(first.id, 'Done');
  await world.settle();
  expect(statusOn('b', 'First')).toBe('To Do');
  expect((await world.twins()).map(({ error }) => error?.code)).toContain('status-unreachable');
  // The second issue goes step by step, and shows on its way what its workflow offers.
  for (const status of ['In Progress', 'Done']) {
    moveTo(second.id, status);
    await world.settle();
    expect(statusOn('b', 'Second')).toBe(status);
  }
  world.clock.at += 60_000;
  alpha().editIssue(first.id, { priority: 'High' });
  await world.settle();
  expect([statusOn('a', 'First'), statusOn('b', 'First')]).toEqual(['Done', 'Done']);
  expect((await world.twins()).map(({ error }) => error?.code)).toEqual([undefined, undefined]);
  world.writes();
  await world.wait(60_000);
  expect(world.writes()).toEqual([]);
});
