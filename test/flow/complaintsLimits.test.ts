/** What users of other products complained of (RIVALS.md) where Jira's limits are met: how long it takes and why must be seen. */
import { afterEach, expect, test } from 'vitest';
import { PUBLISHED_LIMITS } from '../../infra/local/jira/model/limits.ts';
import { jobView } from '../../shared/wire/console.ts';
import { heldView } from '../../shared/wire/budget.ts';
import type { ConsoleAnswer } from '../kit/workWorld.ts';
import { workWorld } from '../kit/workWorld.ts';
import type { WorkWorld } from '../kit/workWorld.ts';

let world: WorkWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const HOUR_MS = 3_600_000;
const ISSUES = 40;
/** Far fewer points than the load needs: it takes hours. */
const LIMITS = { ...PUBLISHED_LIMITS, pointsPerHour: 400 };
const MANUAL = { isActive: false, onCreate: false };

async function budgetOf(side: 'a' | 'b') {
  const { status, body }: ConsoleAnswer = await world.api(side, 'GET', '/budget');
  expect(status).toBe(200);
  return heldView.parse(body);
}

/** Time passes a minute at a time, as the ticks do. */
async function minutes(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await world.wait(60_000);
}

test('C8 a load that takes hours is never just pending: how far it is, why it waits, until when, and when it will end', async () => {
  world = await workWorld({ limits: LIMITS, triggers: MANUAL });
  const alpha = world.server.acts('alpha');
  for (let n = 0; n < ISSUES; n += 1) alpha.createIssue({ project: 'ALPHA', summary: `item ${n}` });
  await world.settle();
  await world.wait(10_000);
  expect((await world.api('a', 'POST', '/jobs/share', {})).status).toBe(202);
  await world.settle();

  const view = await budgetOf('a');
  const [job] = view.work[0]?.jobs ?? [];
  expect(job).toMatchObject({ kind: 'share', state: 'running', total: ISSUES, waits: { code: 'jira-rate-limited' } });
  expect(job?.done).toBeGreaterThan(0);
  expect(job?.done).toBeLessThan(ISSUES);
  expect(job?.waits?.until).toBeGreaterThan(world.clock.at);
  const promisedAt = job?.etaAt ?? 0;
  expect(promisedAt).toBeGreaterThan(world.clock.at);

  // Until it is done there is at no time a pair or a job that waits without a time.
  let states = 0;
  let done = job?.done ?? 0;
  for (let look = 0; look < 100; look += 1) {
    const now = await budgetOf('a');
    const [open] = now.work[0]?.jobs ?? [];
    if (open === undefined) break;
    states += 1;
    expect(open.done).toBeGreaterThanOrEqual(done);
    done = open.done;
    for (const twin of await world.twins())
      if (twin.error !== undefined) expect(twin.wakeAt).toBeGreaterThan(world.clock.at - 60_000);
    await minutes(10);
  }
  expect(states).toBeGreaterThan(2);
  const ended = jobView.parse((await world.api('a', 'GET', '/jobs/share')).body);
  expect(ended).toMatchObject({ state: 'done', counts: { made: ISSUES } });
  // The promise was neither years off nor idle: the load ended within an hour of it.
  expect(Math.abs((ended.endedAt ?? 0) - promisedAt)).toBeLessThanOrEqual(HOUR_MS);
  await minutes(120);
  expect((await budgetOf('a')).held).toEqual([]);
  expect(world.issues('b')).toHaveLength(ISSUES);
}, 120_000);

/** Edits of all pairs that use an hour up, whatever an edit costs; so many and no test would end otherwise. */
const MAX_ROUNDS = 60;

/** A world in which people's edits have used up what one site may have of the hour: which site, and the last text they gave. */
async function limited(): Promise<{ readonly side: 'a' | 'b'; readonly last: string }> {
  world = await workWorld({ limits: { ...LIMITS, pointsPerHour: 1_200 } });
  const alpha = world.server.acts('alpha');
  const ids = Array.from({ length: 20 }, (_, n) => alpha.createIssue({ project: 'ALPHA', summary: `item ${n}` }).id);
  await world.settle();
  expect(world.issues('b')).toHaveLength(20);
  const { pool, own, held } = await budgetOf('a');
  const resetAt = Math.ceil(world.clock.at / HOUR_MS) * HOUR_MS;
  expect(pool).toMatchObject({ isShared: true, limit: 1_200, resetAt });
  expect([own.waitsUntil, held]).toEqual([undefined, []]);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    for (const id of ids) alpha.editIssue(id, { summary: `changed ${round}` });
    await world.settle();
    for (const side of ['a', 'b'] as const)
      if ((await budgetOf(side)).own.waitsUntil !== undefined) return { side, last: `changed ${round}` };
  }
  throw new Error('the hour is not used up');
}

test('C18 who is limited sees it: the points left, Jira’s word, why the site waits, and which pairs are held until when', async () => {
  const { side, last } = await limited();
  const view = await budgetOf(side);
  expect(view.pool.remaining).toBeLessThan(600);
  expect(view.pool.saidAt).toBeGreaterThan(world.clock.at - HOUR_MS);
  expect(view.own.spent).toBeGreaterThan(300);
  expect(view.own.waitsUntil).toBeGreaterThan(world.clock.at);
  expect(['pool', 'share']).toContain(view.own.waitsFor);
  const [held] = view.held;
  expect(held).toMatchObject({ code: 'jira-rate-limited', help: '/help/jira-rate-limited' });
  expect(held?.count).toBeGreaterThan(0);
  // Nearly all of them carry a person's edit; an echo is nobody's.
  expect(held?.people).toBeGreaterThan(0);
  expect(held?.people).toBeLessThanOrEqual(held?.count ?? 0);
  expect(held?.firstAt).toBeGreaterThan(world.clock.at);
  expect(held?.lastAt).toBeLessThanOrEqual(view.pool.resetAt + 60_000);

  await minutes(120);
  expect((await budgetOf(side)).held).toEqual([]);
  for (const { fields } of world.issues('b')) expect(fields['summary']).toBe(last);
}, 120_000);

test('G19 an admin sees the limits although they let nobody ask who is an admin, and nothing else', async () => {
  const { side } = await limited();
  const calls = world.calls.length;
  // Jira's own answer is believed for a minute.
  world.clock.at += 61_000;
  expect((await budgetOf(side)).held).toHaveLength(1);
  expect((await world.api(side, 'GET', '/jobs')).status).toBe(200);
  for (const [method, path] of [
    ['GET', '/twins'],
    ['POST', '/pause'],
  ] as const)
    expect(await world.api(side, method, path)).toMatchObject({ status: 503, body: { code: 'jira-rate-limited' } });
  expect(world.calls.length).toBe(calls);
}, 120_000);
