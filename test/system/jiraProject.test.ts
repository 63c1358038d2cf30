/** What the client reads of a whole project and of queries, from the stand-in over HTTP. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectKey } from '../../shared/model/ids.ts';
import { syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
beforeAll(async () => {
  world = await syncWorld();
});
afterAll(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const site = () => world.jira.at(TENANTS.a, 'test');

test('reads a project’s types, screens, statuses, options and link types', async () => {
  const project = await site().readProject(projectKey('ALPHA'));
  const task = project.types.find(({ name }) => name === 'Task');
  expect(task).toMatchObject({ isSubtask: false });
  expect(task?.creatable).toEqual(expect.arrayContaining(['summary', 'priority', 'labels']));
  expect(task?.required).toContain('summary');
  expect(task?.statuses).toEqual(expect.arrayContaining(['To Do', 'In Progress', 'Done']));
  expect(project.options.priority).toEqual(expect.arrayContaining(['High', 'Low']));
  expect(project.linkTypes).toContain('Blocks');
});

test('knows the moves from a status in which an issue stands, and from no other', async () => {
  world.server.acts('alpha').createIssue({ project: 'ALPHA', summary: 'One' });
  world.clock.at += 60_000;
  const project = await site().readProject(projectKey('ALPHA'));
  expect(project.looked).toEqual(['To Do']);
  expect(project.moves.map(({ from, to }) => `${from} ${to}`)).toContain('To Do In Progress');
});

test.each([
  ['labels = x', true],
  ['project = ALPHA AND (labels = x)', true],
  ['a) OR (b', false],
  ['nosuchfield = 1', false],
  ['project = ALPHA AND (labels = x ORDER BY created)', false],
])('U22 Jira’s own parser judges %j', async (jql, isTaken) => {
  expect(await site().isJql([jql])).toBe(isTaken);
});
