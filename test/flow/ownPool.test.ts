/** A tenant to which Atlassian gives points of its own (tier 2), enforced by the stand-in and learnt from its answers. */
import { afterEach, expect, test } from 'vitest';
import { PUBLISHED_LIMITS } from '../../infra/local/jira/model/limits.ts';
import type { LimitNumbers } from '../../infra/local/jira/model/limits.ts';
import { heldView } from '../../shared/wire/budget.ts';
import { workWorld } from '../kit/workWorld.ts';
import type { WorkWorld } from '../kit/workWorld.ts';

let world: WorkWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const OWN = 300;

/** Ten pairs, and edits of all of them so many times. */
async function edited(limits: LimitNumbers, rounds: number): Promise<void> {
  world = await workWorld({ limits });
  const alpha = world.server.acts('alpha');
  const ids = Array.from({ length: 10 }, (_, n) => alpha.createIssue({ project: 'ALPHA', summary: `item ${n}` }).id);
  await world.settle();
  for (let round = 0; round < rounds; round += 1) {
    for (const id of ids) alpha.editIssue(id, { summary: `changed ${round}` });
    await world.settle();
  }
}

const budgetOf = async (side: 'a' | 'b') => heldView.parse((await world.api(side, 'GET', '/budget')).body);

test('G10 a pool of a tenant’s own is learnt from Jira’s words, counted apart, and waited for until its reset', async () => {
  const limits = { ...PUBLISHED_LIMITS, tenant: { pointsPerHour: OWN } };
  await edited(limits, 0);
  const { pool } = await budgetOf('a');
  expect(pool).toMatchObject({ isShared: false, limit: OWN });
  expect(pool.remaining).toBeLessThan(OWN);
  const alpha = world.server.acts('alpha');
  for (let round = 0; round < 60; round += 1) {
    for (const { id } of world.issues('a')) alpha.editIssue(id, { summary: `changed ${round}` });
    await world.settle();
    if ((await world.twins()).some(({ error }) => error?.code === 'jira-rate-limited')) break;
  }
  const held = (await world.twins()).filter(({ error }) => error?.code === 'jira-rate-limited');
  expect(held.length).toBeGreaterThan(0);
  const resetAt = Math.ceil(world.clock.at / 3_600_000) * 3_600_000;
  for (const { wakeAt = 0 } of held) expect(wakeAt).toBeLessThanOrEqual(resetAt + 60_000);
  // What the app has for the others was not touched but for what was spent before Jira's first word.
  const app = await world.store.read('budget', { hour: `app-${Math.floor(world.clock.at / 3_600_000)}` });
  expect(app?.row.remaining ?? Number.POSITIVE_INFINITY).toBeGreaterThan(PUBLISHED_LIMITS.pointsPerHour - 200);
  for (let minute = 0; minute < 125; minute += 1) await world.wait(60_000);
  const last = world.issues('a')[0]?.fields['summary'];
  for (const { fields } of world.issues('b')) expect(fields['summary']).toBe(last);
}, 120_000);

test('G10 a quota that Jira only tells of, in Beta headers, holds up nobody', async () => {
  await edited({ ...PUBLISHED_LIMITS, tenant: { pointsPerHour: 20, isBeta: true } }, 3);
  expect(world.issues('b').map(({ fields }) => fields['summary'])).toEqual(
    Array.from({ length: 10 }, () => 'changed 2'),
  );
  const { pool, held } = await budgetOf('a');
  expect(pool).toMatchObject({ isShared: true, limit: PUBLISHED_LIMITS.pointsPerHour });
  expect(held).toEqual([]);
});
