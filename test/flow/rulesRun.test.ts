/** New rules reach the pairs that are there already. */
import { afterEach, describe, expect, test } from 'vitest';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { runPage } from '../../shared/wire/drift.ts';
import { agreementView } from '../../shared/wire/rules.ts';
import { CONNECTION } from '../kit/syncWorld.ts';
import { scheduleRuns } from '../kit/driftWorld.ts';
import { workWorld } from '../kit/workWorld.ts';
import type { WorkWorld } from '../kit/workWorld.ts';

let world: WorkWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const { version: _version, ...whole } = defaultRules();
const narrow = { ...whole, fields: whole.fields.filter(({ field }) => field !== 'priority') };

/** Three pairs under rules of alpha's that do not send the priority. */
async function pairs(): Promise<void> {
  world = await workWorld({ rules: { a: { ...narrow, version: 1 } } });
  await scheduleRuns(world);
  for (const summary of ['One', 'Two', 'Three']) alpha().createIssue({ project: 'ALPHA', summary, priority: 'High' });
  await world.settle();
}

/** Publishes rules of alpha's that send it, and lets beta agree. */
async function widen(): Promise<void> {
  expect((await world.api('a', 'PUT', '/rules', whole)).status).toBe(202);
  const { request } = agreementView.parse((await world.api('b', 'GET', '/rules/agreement')).body);
  const { version, revision } = request ?? {};
  expect((await world.api('b', 'POST', '/rules/agreement/agree', { version, revision })).status).toBe(200);
}
const priorities = () => world.issues('b').map(({ fields }) => fields['priority']);
const runs = async () => runPage.parse((await world.api('a', 'GET', '/drift')).body);
const NONE = ['Medium', 'Medium', 'Medium'];
const ALL = ['High', 'High', 'High'];

describe('new rules', () => {
  test('S111 are carried to every pair by a run that says how many there are, and asks no site for anything else', async () => {
    await pairs();
    expect(priorities()).toEqual(NONE);
    await widen();
    expect((await runs()).rulesDueAt).toBeDefined();
    world.calls.length = 0;
    await world.wait(60_000);
    expect(priorities()).toEqual(ALL);
    const { runs: told, rulesDueAt } = await runs();
    expect(rulesDueAt).toBeUndefined();
    expect(told.map(({ how, total, twins, issues }) => ({ how, total, twins, issues }))).toEqual([
      { how: 'rules', total: 3, twins: 3, issues: 0 },
    ]);
    expect(told[0]?.drifted).toBe(3);
    expect(world.calls.filter(({ url }) => url.includes('/search/jql'))).toEqual([]);
  });

  test('S111 leave alone what was settled under them already, and what a person has paused until it goes on', async () => {
    await pairs();
    const [first, second] = await world.twins();
    await world.api('a', 'POST', `/twins/${second?.twin}/pause`);
    await widen();
    alpha().editIssue(first?.a ?? '', { summary: 'Edited' });
    await world.settle();
    await world.wait(60_000);
    expect((await runs()).runs[0]).toMatchObject({ how: 'rules', total: 1, twins: 1 });
    expect(priorities().filter((name) => name === 'High').length).toBe(2);
    await world.api('a', 'POST', `/twins/${second?.twin}/resume`);
    await world.settle();
    expect(priorities()).toEqual(ALL);
  });

  test('S111 wait while the connection rests', async () => {
    await pairs();
    await widen();
    await world.api('b', 'POST', '/pause');
    await world.wait(60_000);
    expect([priorities(), (await runs()).runs]).toEqual([NONE, []]);
    await world.api('b', 'POST', '/resume');
    await world.wait(3_600_000);
    expect(priorities()).toEqual(ALL);
  });

  test('S111 survive a message that is lost and a worker that dies on the way', async () => {
    await pairs();
    await widen();
    world.clock.at += 60_000;
    await world.handle({ kind: 'wake', askedAt: world.clock.at });
    world.queue.length = 0;
    let dead = 0;
    world.hooks.onCall = ({ op, category }) => {
      if (op !== 'replace' || category !== 'run' || dead >= 2) return;
      dead += 1;
      throw new Fault('store-unavailable');
    };
    await world.wait(180_000);
    await world.wait(180_000);
    expect(dead).toBe(2);
    expect(priorities()).toEqual(ALL);
    expect((await runs()).runs[0]).toMatchObject({ how: 'rules', total: 3, twins: 3 });
  });

  test('S111 say while they are carried how far that is, and when it will have ended', async () => {
    await pairs();
    await widen();
    let seen: unknown;
    world.hooks.onDone = async ({ op, category }) => {
      if (op !== 'replace' || category !== 'run' || seen !== undefined) return;
      const { items } = await world.store.list('run', { connection: CONNECTION }, { limit: 1 });
      if (items[0]?.row.stage === 'twins') seen = items[0].row;
    };
    await world.wait(60_000);
    expect(seen).toMatchObject({ stage: 'twins', total: 3, twins: 0 });
    expect((seen as { readonly etaAt?: number }).etaAt).toBeGreaterThan(0);
  });
});
