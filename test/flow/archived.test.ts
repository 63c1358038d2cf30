/** Archived projects and issues: what would be written there waits, and arrives when they are in use again. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../shared/verdict.ts';
import { CONNECTION, syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';
import { scheduleRuns } from '../kit/driftWorld.ts';

const HOUR = 3_600_000;
let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };
beforeEach(async () => {
  world = await syncWorld();
  await scheduleRuns(world);
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
  world.writes();
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const codes = async () => (await world.twins()).map(({ error }) => error?.code);
const summaries = (side: 'a' | 'b') => world.issues(side).map(({ fields }) => fields['summary']);
const flag = async () => (await world.store.read('connection', { connection: CONNECTION }))?.row.archived;
/** What the log holds of things that go wrong. */
const faults = () => world.notes.filter(({ facts }) => facts['code'] !== undefined && facts['alarm'] === true);

describe('a project that is archived', () => {
  test.each(['just after it was used', 'long after'])(
    'S112 keeps the pair waiting under its own code, %s',
    async (when) => {
      beta().archiveProject('BETA');
      // What the client believes of screens is a minute old at most.
      if (when === 'long after') world.clock.at += 120_000;
      alpha().editIssue(ids.a, { summary: 'Two' });
      alpha().comment(ids.a, 'a comment');
      await world.settle();
      expect(await codes()).toEqual(['project-archived']);
      expect(await flag()).toEqual({ b: expect.any(Number) });
      expect(summaries('b')).toEqual(['One']);
      expect(faults()).toEqual([]);
    },
  );

  test('S112 is noticed by no pair that has nothing to write there', async () => {
    beta().archiveProject('BETA');
    await world.wait(24 * HOUR);
    await world.wait(HOUR);
    expect(await codes()).toEqual([undefined]);
    expect(world.writes()).toEqual([]);
    expect(faults()).toEqual([]);
  });

  test('S112 of the origin’s side holds back what comes home', async () => {
    alpha().archiveProject('ALPHA');
    beta().editIssue(ids.b, { summary: 'Two' });
    await world.settle();
    expect([await codes(), summaries('a')]).toEqual([['project-archived'], ['One']]);
    alpha().restoreProject('ALPHA');
    await world.wait(HOUR);
    await world.wait(60_000);
    expect([await codes(), summaries('a')]).toEqual([[undefined], ['Two']]);
  });

  test('S112 costs little while it lasts, and raises no alarm', async () => {
    beta().archiveProject('BETA');
    for (let number = 0; number < 5; number += 1) {
      alpha().editIssue(ids.a, { summary: `Edit ${number}` });
      await world.settle();
    }
    world.calls.length = 0;
    for (let hour = 0; hour < 24; hour += 1) await world.wait(HOUR);
    // Each hour a run asks both sites what changed and whether the project is in use; the pair itself is looked at some ten times.
    expect(world.calls.length).toBeLessThan(24 * 4 + 15 * 10);
    expect(faults()).toEqual([]);
    expect(summaries('b')).toEqual(['One']);
  });

  test('S113 gets everything that was held back, once, when it is in use again: edits, comments, new issues', async () => {
    beta().archiveProject('BETA');
    world.clock.at += 120_000;
    alpha().editIssue(ids.a, { summary: 'Two' });
    alpha().comment(ids.a, 'a comment');
    alpha().createIssue({ project: 'ALPHA', summary: 'New' });
    await world.settle();
    await world.wait(7 * HOUR);
    expect(new Set(await codes())).toEqual(new Set(['project-archived']));
    beta().restoreProject('BETA');
    await world.wait(HOUR);
    await world.wait(60_000);
    expect(new Set(await codes())).toEqual(new Set([undefined]));
    expect(summaries('b').toSorted()).toEqual(['New', 'Two']);
    expect(world.issues('b').flatMap(({ comments }) => comments.map(({ text }) => text))).toEqual(['a comment']);
    expect(await flag()).toBeUndefined();
  });

  test('S113 is told from a missing permission, whose code stays its own', async () => {
    beta().setPermission('BETA', 'EDIT_ISSUES', []);
    beta().setPermission('BETA', 'ADD_COMMENTS', []);
    alpha().comment(ids.a, 'a comment');
    await world.settle();
    expect(await codes()).toEqual(['jira-forbidden']);
    expect(await flag()).toBeUndefined();
  });

  test('S113 does not end a run when its site takes no query that names it', async () => {
    beta().archiveProject('BETA');
    world.onSend = ({ method, url }) => {
      if (method === 'POST' && url.includes('beta') && url.includes('/search/jql')) throw new Fault('jira-refused');
    };
    await world.wait(24 * HOUR);
    const { items } = await world.store.list('run', { connection: CONNECTION }, { limit: 5 });
    expect(items.map(({ row }) => [row.how, row.stage, row.code])).toEqual([['full', 'done', undefined]]);
  });
});

describe('an issue that is archived alone', () => {
  test('S112 keeps its pair waiting, and goes on when it is restored', async () => {
    beta().archiveIssue(ids.b);
    world.clock.at += 120_000;
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    expect([await codes(), await flag()]).toEqual([['project-archived'], undefined]);
    beta().restoreIssue(ids.b);
    await world.wait(7 * HOUR);
    expect([await codes(), summaries('b')]).toEqual([[undefined], ['Two']]);
  });
});
