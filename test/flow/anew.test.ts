/** Comments, worklogs and files of pairs whose memory is gone, or begins anew: matched again, and nothing is made twice. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { Side } from '../../shared/model/connection.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import type { Category } from '../../shared/retention/catalogue.ts';
import { CONNECTION, syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';
import { scheduleRuns } from '../kit/driftWorld.ts';

const HOUR = 3_600_000;
const rules: RuleDocument = { ...defaultRules(), worklogs: true, attachments: {} };

let world: SyncWorld;
let ids: Record<Side, string>;
let made: { readonly work: string; readonly kept: string };

beforeEach(async () => {
  world = await syncWorld({ rules: { a: rules, b: rules } });
  await scheduleRuns(world);
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
  alpha().comment(ids.a, 'of alpha');
  const work = alpha().logWork(ids.a, { timeSpent: '1h', comment: 'dug' }).id;
  alpha().attach(ids.a, file('plan.txt', 'a plan'));
  const kept = alpha().comment(ids.a, 'kept on its side').id;
  await world.settle();
  beta().comment(ids.b, 'of beta');
  beta().logWork(ids.b, { timeSpent: '30m', comment: 'filled' });
  beta().attach(ids.b, file('photo.txt', 'a photo'));
  // A person deletes one copy: the original stays alone for good.
  const copy = world.issues('b')[0]?.comments.find(({ text }) => text === 'kept on its side');
  beta().deleteComment(ids.b, copy?.id ?? '');
  await world.settle();
  made = { work, kept };
  world.writes();
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const file = (filename: string, text: string) => ({ filename, mimeType: 'text/plain', bytes: Buffer.from(text) });
const partsOf = (side: Side) => {
  const issue = world.issues(side)[0];
  return {
    comments: issue?.comments.map(({ text }) => text).toSorted(),
    worklogs: issue?.worklogs.map(({ text, spentSeconds }) => `${text} ${spentSeconds}`).toSorted(),
    files: issue?.attachments.map(({ filename }) => filename).toSorted(),
  };
};
const COMMON = { worklogs: ['dug 3600', 'filled 1800'], files: ['photo.txt', 'plan.txt'] };
const A = { ...COMMON, comments: ['kept on its side', 'of alpha', 'of beta'] };
const B = { ...COMMON, comments: ['of alpha', 'of beta'] };

/** Takes away all records of these kinds. */
async function forget(...categories: readonly Category[]): Promise<void> {
  for (const category of categories)
    for (const { place } of (await world.store.scan(category, { limit: 500 })).items)
      await world.store.remove(category, place);
}

async function fullRun(): Promise<void> {
  const since = world.clock.at - HOUR;
  world.queue.push({ kind: 'reconcile', connection: CONNECTION, since, askedAt: world.clock.at, how: 'full' });
  await world.settle();
  await world.wait(60_000);
}

async function choose(keep: Side | 'newest' | 'hold'): Promise<void> {
  const stored = await world.store.read('connection', { connection: CONNECTION });
  if (stored?.row.restored === undefined) throw new Error('not stopped');
  const row = { ...stored.row, restored: { ...stored.row.restored, keep } };
  await world.store.replace('connection', { connection: CONNECTION }, row, stored.version);
  await fullRun();
}

describe('a customer who comes back', () => {
  test('S115 meets everything again by its traces when copies and decisions are gone', async () => {
    await forget('copy', 'decision');
    alpha().editWork(ids.a, made.work, { timeSpent: '2h', comment: 'dug deeper' });
    world.queue.length = 0;
    await fullRun();
    const worklogs = ['dug deeper 7200', 'filled 1800'];
    expect([partsOf('a'), partsOf('b')]).toEqual([
      { ...A, worklogs },
      { ...B, worklogs },
    ]);
    expect(world.writes().map(({ method }) => method)).toEqual(['PUT']);
  });

  test('S115 meets copies by marker and content when no trace is left, and makes none twice', async () => {
    await forget('copy', 'decision', 'trace', 'worklogTrace', 'fileTrace');
    await fullRun();
    expect(partsOf('a')).toEqual(A);
    // Nobody remembers that a person had deleted that one copy.
    expect(partsOf('b')).toEqual({ ...B, comments: A.comments });
    expect(
      world.writes().map(({ method, url }) => `${method} ${/\/(comment|worklog|attachments)/.exec(url)?.[1]}`),
    ).toEqual(['POST comment']);
    world.writes();
    await fullRun();
    expect(world.writes()).toEqual([]);
  });

  test('S115 keeps them in step afterwards: edits and deletions find their other one', async () => {
    await forget('copy', 'decision', 'trace', 'worklogTrace', 'fileTrace');
    await fullRun();
    alpha().deleteWork(ids.a, made.work);
    beta().comment(ids.b, 'later');
    const photo = world.issues('b')[0]?.attachments.find(({ filename }) => filename === 'photo.txt');
    beta().deleteAttachment(photo?.id ?? '');
    await world.settle();
    await fullRun();
    for (const side of ['a', 'b'] as const) {
      expect(partsOf(side).worklogs).toEqual(['filled 1800']);
      expect(partsOf(side).files).toEqual(['plan.txt']);
      expect(partsOf(side).comments).toContain('later');
    }
  });
});

describe('a site that was restored', () => {
  /** Alpha goes back to now after more has happened; what it then shows is told by the sync. */
  async function restored(): Promise<void> {
    const restore = world.server.backup('alpha');
    world.clock.at += HOUR;
    alpha().logWork(ids.a, { timeSpent: '3h', comment: 'lost' });
    alpha().attach(ids.a, file('lost.txt', 'lost'));
    alpha().editWork(ids.a, made.work, { timeSpent: '2h', comment: 'dug deeper' });
    await world.settle();
    world.clock.at += HOUR;
    restore();
    world.queue.length = 0;
    beta().editIssue(ids.b, { priority: 'High' });
    await world.settle();
  }

  test.each(['a', 'b', 'newest'] as const)(
    'S82 loses no worklog and no file on the other side, and doubles none (%s)',
    async (keep) => {
      await restored();
      const before = partsOf('b');
      expect(before.worklogs).toEqual(['dug deeper 7200', 'filled 1800', 'lost 10800']);
      await choose(keep);
      expect(partsOf('b')).toEqual(before);
      // The later edit of a text counts, and what a person had left alone stays so.
      expect(partsOf('a')).toEqual({ ...A, worklogs: ['dug deeper 7200', 'filled 1800'] });
      await fullRun();
      expect(partsOf('b')).toEqual(before);
    },
  );

  test('S115 forgets neither whose original is whose nor what a person had deleted', async () => {
    await restored();
    await choose('newest');
    for (const { id, text } of world.issues('b')[0]?.comments ?? [])
      if (text === 'of alpha') beta().deleteComment(ids.b, id);
    const plan = world.issues('b')[0]?.attachments.find(({ filename }) => filename === 'plan.txt');
    beta().deleteAttachment(plan?.id ?? '');
    await world.settle();
    await fullRun();
    expect(partsOf('a')).toMatchObject({ comments: A.comments, files: A.files });
    expect(partsOf('b').comments).not.toContain('kept on its side');
  });
});
