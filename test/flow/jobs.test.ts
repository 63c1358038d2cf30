/** Bulk work: numbers first, then what they said; stopped anywhere, it goes on and does nothing twice. */
import { withoutUsage } from '../kit/unused.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { syncHandler } from '../../functions/sync/event.ts';
import { Purse } from '../../shared/purse.ts';
import { jobView } from '../../shared/wire/console.ts';
import { readCsv } from '../../shared/wire/csv.ts';
import { Fault } from '../../shared/verdict.ts';
import { CONNECTION } from '../kit/syncWorld.ts';
import { workWorld } from '../kit/workWorld.ts';
import type { WorkWorld } from '../kit/workWorld.ts';

let world: WorkWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const NONE = { made: 0, connected: 0, done: 0, already: 0, outside: 0, refused: 0 };
const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const summaryOf = ({ fields }: ReturnType<WorkWorld['issues']>[number]): string =>
  typeof fields['summary'] === 'string' ? fields['summary'] : '';
const summaries = (side: 'a' | 'b'): readonly string[] => world.issues(side).map(summaryOf).sort();
/** All that is stored but what jobs and budgets say of themselves. */
const stored = (): string =>
  JSON.stringify(
    withoutUsage(world.store.everything('(default)')).filter(
      ([path]) => !path.includes('/jobs/') && !path.startsWith('budgets/') && !path.startsWith('stores/'),
    ),
  );
const keyed = (side: 'a' | 'b', summary: string): string =>
  world.issues(side).find(({ fields }) => fields['summary'] === summary)?.key ?? '';
/** Issues that nobody told of. */
function quietly(side: 'a' | 'b', ...names: readonly string[]): void {
  for (const summary of names) {
    if (side === 'a') alpha().createIssue({ project: 'ALPHA', summary });
    else beta().createIssue({ project: 'BETA', summary });
  }
  world.queue.length = 0;
  world.clock.at += 10_000;
}
const table = async (side: 'a' | 'b', path: string) =>
  readCsv(String((await world.api(side, 'GET', path)).body), 1_000).map(({ cells }) => cells.join(','));

describe('sharing in bulk', () => {
  beforeEach(async () => {
    world = await workWorld({ scope: 'labels = share OR summary ~ "in"' });
    for (let at = 0; at < 30; at += 1) quietly('a', `in ${at}`);
    quietly('a', 'out');
  });

  test('a dry run tells the numbers and writes nothing', async () => {
    const before = stored();
    world.writes();
    const job = await world.job('a', 'share', { dryRun: true });
    expect(job).toMatchObject({ state: 'done', isDryRun: true, counts: { ...NONE, made: 30 } });
    expect(world.writes()).toEqual([]);
    expect(stored()).toBe(before);
  });

  test('the work then does what the numbers said, and a second time nothing', async () => {
    const job = await world.job('a', 'share');
    expect(job).toMatchObject({
      state: 'done',
      total: 30,
      planned: { made: 30 },
      counts: { ...NONE, made: 30 },
      failed: 0,
    });
    expect(summaries('b').length).toBe(30);
    expect(await world.job('a', 'share')).toMatchObject({ counts: { ...NONE, already: 30 } });
    expect(summaries('b').length).toBe(30);
    // More pairs than a page holds, and the list gets shorter while it is read.
    expect(await world.job('b', 'unlink')).toMatchObject({ total: 30, counts: { ...NONE, done: 30 }, failed: 0 });
    expect(await world.twins()).toEqual([]);
  });

  test('a query narrows it, and the scope stays', async () => {
    const job = await world.job('a', 'share', { jql: 'summary ~ "out" OR summary ~ "7"' });
    expect(job.counts).toEqual({ ...NONE, made: 1, outside: 1 });
    expect(await world.api('a', 'POST', '/jobs/share', { jql: 'a) OR (b' })).toMatchObject({
      status: 422,
      body: { code: 'query-refused', path: 'jql' },
    });
  });

  test('a crash at any store call goes on with the tick and makes nothing twice', async () => {
    world.onSend = undefined;
    let count = 0;
    let crashes = 0;
    world.hooks.onCall = () => {
      count += 1;
      if (count % 97 === 0) {
        crashes += 1;
        throw new Fault('bug', { reason: 'test' });
      }
    };
    const start = await world.api('a', 'POST', '/jobs/share', {});
    expect(start.status).toBe(202);
    const stateNow = async () => (await world.store.read('job', { connection: CONNECTION, job: 'share' }))?.row.state;
    for (let tick = 0; tick < 200; tick += 1) {
      world.queue.push({ kind: 'wake', askedAt: world.clock.at });
      while (world.queue.length > 0) {
        const message = world.queue.shift();
        try {
          if (message !== undefined) await world.handle(message);
        } catch {
          // The process is gone; the message with it.
        }
      }
      world.clock.at += 60_000;
      const { onCall } = world.hooks;
      world.hooks = Object.assign(world.hooks, { onCall: undefined });
      const state = await stateNow();
      if (state === 'done') break;
      world.hooks = Object.assign(world.hooks, { onCall });
    }
    world.hooks = Object.assign(world.hooks, { onCall: undefined });
    await world.wait(600_000);
    await world.wait(600_000);
    expect(crashes).toBeGreaterThan(5);
    expect(summaries('b')).toEqual(summaries('a').filter((summary) => summary !== 'out'));
    const row = (await world.store.read('job', { connection: CONNECTION, job: 'share' }))?.row;
    expect(row).toMatchObject({ state: 'done', counts: { ...NONE, made: 30 } });
  });

  test('waits when a site wants to be left alone, and people go on meanwhile', async () => {
    let isLimited = true;
    let limited = 0;
    world.onSend = ({ method, url }) => {
      if (isLimited && method === 'POST' && url.endsWith('/rest/api/3/issue')) {
        limited += 1;
        throw new Fault('outside-unavailable');
      }
    };
    const job = await world.job('a', 'share');
    expect(job.state).toBe('running');
    expect(job.waits).toMatchObject({ code: 'jira-unavailable' });
    expect(limited).toBeLessThan(20);
    isLimited = false;
    await world.wait(7_200_000);
    await world.wait(7_200_000);
    expect(summaries('b').length).toBe(30);
    expect((await world.store.read('job', { connection: CONNECTION, job: 'share' }))?.row.state).toBe('done');
  });

  test('says when it will end, as the limits have it', async () => {
    const budget = new Purse({ store: world.store, clock: world.clock, ids: world.ports.ids });
    const handle = syncHandler({ ...world.ports, budget }, { leaseMs: 30_000, markerLagMs: 5_000 });
    world.onSend = ({ method, url }) => {
      if (method === 'POST' && url.endsWith('/issue')) world.clock.at += 3_000;
    };
    await world.api('a', 'POST', '/jobs/share', {});
    const first = world.queue.shift();
    if (first !== undefined) await handle(first);
    const { body } = await world.api('b', 'GET', '/jobs/share');
    const job = jobView.parse(body);
    expect(job).toMatchObject({ state: 'running', total: 30 });
    expect(job.etaAt).toBeGreaterThan(world.clock.at);
    await world.settle();
    const done = jobView.parse((await world.api('b', 'GET', '/jobs/share')).body);
    expect([done.state, done.etaAt]).toEqual(['done', undefined]);
  });

  test('is paused, resumed and cancelled, and only one runs', async () => {
    await world.api('a', 'POST', '/jobs/share', {});
    expect(await world.api('b', 'POST', '/jobs/share', {})).toMatchObject({ status: 409, body: { code: 'job-open' } });
    expect(await world.api('b', 'POST', '/jobs/share/pause')).toMatchObject({ body: { state: 'paused' } });
    await world.settle();
    expect(summaries('b')).toEqual([]);
    expect(await world.api('a', 'POST', '/jobs/share/resume')).toMatchObject({ body: { state: 'counting' } });
    // The first slice counts and begins; a slow site ends it.
    world.onSend = ({ method, url }) => {
      if (method === 'POST' && url.endsWith('/issue')) world.clock.at += 3_000;
    };
    const first = world.queue.shift();
    if (first !== undefined) await world.handle(first);
    expect(await world.api('a', 'POST', '/jobs/share/cancel')).toMatchObject({ body: { state: 'cancelled' } });
    const made = summaries('b').length;
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(30);
    await world.settle();
    expect(summaries('b').length).toBe(made);
    expect(await world.api('a', 'POST', '/jobs/share/resume')).toMatchObject({
      status: 409,
      body: { code: 'state-refused' },
    });
    expect((await world.job('a', 'share')).counts).toEqual({ ...NONE, made: 30 - made, already: made });
  });
});

describe('ending in bulk', () => {
  test('ends the pairs that a query names, then all; what was taken out is shared again only on request', async () => {
    world = await workWorld();
    quietly('a', 'one', 'two', 'three');
    await world.job('a', 'share');
    expect(await world.job('a', 'unlink', { dryRun: true })).toMatchObject({ counts: { ...NONE, done: 3 } });
    expect((await world.twins()).length).toBe(3);
    expect((await world.job('a', 'unlink', { jql: 'summary ~ "two"' })).counts).toEqual({ ...NONE, done: 1 });
    expect((await world.twins()).length).toBe(2);
    expect((await world.job('b', 'unlink')).counts).toEqual({ ...NONE, done: 2 });
    expect(await world.twins()).toEqual([]);
    expect([summaries('a').length, summaries('b').length]).toEqual([3, 3]);
    const refused = await world.job('a', 'share');
    expect(refused).toMatchObject({ counts: { ...NONE, refused: 3 }, failed: 3 });
    expect(await table('b', '/jobs/share/failures')).toEqual([
      'side,issue,twin,line,code',
      ...world.issues('a').map(({ id }) => `a,${id},,,unlinked-before`),
    ]);
    expect((await world.job('a', 'share', { again: true })).counts).toEqual({ ...NONE, made: 3 });
  });
});

describe('taking pairs afresh in bulk', () => {
  test('takes all, or those with an error, and says which still have one', async () => {
    world = await workWorld();
    quietly('a', 'one', 'two');
    await world.job('a', 'share');
    beta().deleteIssue(keyed('b', 'two'));
    await world.settle();
    expect((await world.job('a', 'resync', { errorsOnly: true, dryRun: true })).counts).toEqual({ ...NONE, done: 1 });
    alpha().editIssue(keyed('a', 'one'), { summary: 'one more' });
    world.queue.length = 0;
    const job = await world.job('a', 'resync');
    expect(job).toMatchObject({ counts: { ...NONE, done: 2 }, failed: 1 });
    expect(summaries('b')).toEqual(['one more']);
    expect((await table('a', '/jobs/resync/failures'))[1]).toMatch(/,issue-gone$/);
  });
});

describe('connecting what is there', () => {
  test('line by line: pairs that fit, and a code for each that does not', async () => {
    world = await workWorld();
    quietly('a', 'one', 'two', 'three', 'four');
    quietly('b', 'eins', 'zwei', 'drei');
    alpha().createIssue({ project: 'OTHER', summary: 'elsewhere' });
    world.queue.length = 0;
    const other = world.issues('a').find(({ fields }) => fields['summary'] === 'elsewhere')?.key ?? '';
    const csv = [
      'local,remote',
      `${keyed('a', 'one')},${keyed('b', 'eins')}`,
      `"${keyed('a', 'two')}", ${world.issues('b').find(({ fields }) => fields['summary'] === 'zwei')?.id}`,
      `${keyed('a', 'one')},${keyed('b', 'drei')}`,
      `${other},${keyed('b', 'drei')}`,
      `${keyed('a', 'three')},BETA-999`,
      `${keyed('a', 'three')},what is this`,
      keyed('a', 'four'),
    ].join('\n');
    const dry = await world.job('a', 'connect', { csv, dryRun: true });
    expect(dry.counts).toEqual({ ...NONE, connected: 3, refused: 4 });
    expect(await world.twins()).toEqual([]);
    const job = await world.job('a', 'connect', { csv, start: 'a' });
    expect(job).toMatchObject({ state: 'done', total: 7, counts: { ...NONE, connected: 2, refused: 5 }, failed: 5 });
    expect(summaries('b')).toEqual(['drei', 'one', 'two']);
    const ends = (await table('b', '/jobs/connect/lines')).map((line) => line.split(',').slice(2).join(' '));
    expect(ends).toEqual([
      'line end code',
      '2 connected ',
      '3 connected ',
      '4 refused pair-taken',
      '5 refused pair-wrong-project',
      '6 refused pair-issue-missing',
      '7 refused pair-malformed',
      '8 refused pair-malformed',
    ]);
    expect((await world.job('a', 'connect', { csv })).counts).toEqual({ ...NONE, already: 2, refused: 5 });
  });

  test.each([
    ['a', ['one', 'one']],
    ['b', ['eins', 'eins']],
    ['newest', ['eins', 'eins']],
    ['baseline', ['one', 'eins']],
    ['hold', ['one', 'eins']],
  ] as const)('begins with %s as it says', async (start, [a, b]) => {
    world = await workWorld();
    quietly('a', 'one');
    quietly('b', 'null');
    beta().editIssue(keyed('b', 'null'), { summary: 'eins' });
    world.queue.length = 0;
    const csv = `${keyed('a', 'one')},${keyed('b', 'eins')}`;
    await world.job('a', 'connect', { csv, start });
    expect([summaries('a'), summaries('b')]).toEqual([[a], [b]]);
    expect((await world.twins())[0]).toMatchObject({ start, originSide: 'a' });
  });

  test('by a rule: issues with the same value, when there is exactly one', async () => {
    world = await workWorld();
    quietly('a', 'Pump leaks', 'Door squeaks', 'Nothing like it', 'Twice');
    quietly('b', 'Pump leaks', 'Pump leaks again', 'Door squeaks', 'Twice', 'Twice');
    const body = { match: { field: 'summary' } };
    expect((await world.job('a', 'connect', { ...body, dryRun: true })).counts).toEqual({
      ...NONE,
      connected: 2,
      outside: 1,
      refused: 1,
    });
    const job = await world.job('a', 'connect', body);
    expect(job).toMatchObject({ counts: { ...NONE, connected: 2, outside: 1, refused: 1 }, planned: { connected: 2 } });
    expect((await table('a', '/jobs/connect/failures')).slice(1).map((line) => line.split(',').at(-1))).toEqual([
      'match-ambiguous',
    ]);
    alpha().editIssue(keyed('a', 'Pump leaks'), { summary: 'Pump fixed' });
    await world.settle();
    expect(summaries('b')).toContain('Pump fixed');
  });

  test('takes the export of all pairs back, with the same twins and without doubled comments', async () => {
    world = await workWorld();
    quietly('a', 'one');
    quietly('b', 'zwei');
    await world.job('a', 'share');
    await world.job('b', 'share');
    alpha().comment(keyed('a', 'one'), 'hello');
    await world.settle();
    const before = (await world.twins()).map(({ twin, originSide }) => `${twin} ${originSide}`);
    const csv = await world.exported('a');
    expect(csv.split('\r\n')[0]).toBe('a,b,twin,state,since,settled');
    expect(readCsv(csv, 10).length).toBe(3);
    expect(await world.exported('b')).toBe(csv);
    expect((await world.job('a', 'unlink')).counts).toEqual({ ...NONE, done: 2 });
    expect((await world.job('b', 'connect', { csv })).counts).toEqual({ ...NONE, connected: 2 });
    expect((await world.twins()).map(({ twin, originSide }) => `${twin} ${originSide}`)).toEqual(before);
    const comments = (side: 'a' | 'b') => world.issues(side).flatMap((issue) => issue.comments).length;
    expect([comments('a'), comments('b')]).toEqual([1, 1]);
    expect((await world.job('a', 'unlink', { csv })).counts).toEqual({ ...NONE, done: 2 });
  });

  test('is refused when the list cannot be read, or says nothing', async () => {
    world = await workWorld();
    expect(await world.api('a', 'POST', '/jobs/connect', { csv: 'a"b' })).toMatchObject({
      body: { code: 'csv-malformed' },
    });
    expect(await world.api('a', 'POST', '/jobs/connect', {})).toMatchObject({
      body: { code: 'body-invalid', path: 'csv' },
    });
    expect(await world.api('a', 'POST', '/jobs/nothing', {})).toMatchObject({ status: 404 });
    expect(await world.api('a', 'GET', '/jobs/share')).toMatchObject({ status: 404 });
    expect(await world.api('a', 'GET', '/jobs')).toMatchObject({ body: { jobs: [] } });
  });
});
