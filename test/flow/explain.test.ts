/** Why did this change? The last decision about a field, shown and decided again. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { explainField } from '../../functions/console/explain.ts';
import type { Ask } from '../../functions/console/ask.ts';
import { accountId, ownerOf } from '../../shared/model/ids.ts';
import { explainView } from '../../shared/wire/console.ts';
import type { ExplainView } from '../../shared/wire/console.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await syncWorld();
});
afterEach(() => world.close());

/** Asks as the administrator of side A. */
async function explain(field: string): Promise<ExplainView> {
  const [twin] = await world.twins();
  const { tenant, generation } = TENANTS.a;
  const request = {
    method: 'GET',
    target: '/',
    path: '/',
    query: new URLSearchParams({ field }),
    params: { connection: CONNECTION, twin: twin?.twin ?? '' },
  };
  const ask = {
    ports: { ...world.ports },
    request,
    tenant: TENANTS.a,
    owner: ownerOf(tenant, generation),
    account: accountId('admin'),
    site: world.jira.at(TENANTS.a, 'test'),
  } as unknown as Ask;
  return explainView.parse((await explainField(ask)).body);
}

const decisions = async () => (await world.store.scan('decision', { limit: 100 })).items;

test('a field that came with the issue, and one that a side changed alone', async () => {
  const issue = world.server.acts('alpha').createIssue({ project: 'ALPHA', summary: 'Pump', labels: ['wet'] });
  await world.settle();
  expect(await explain('summary')).toMatchObject({ why: 'birth', to: 'b', rules: { a: 1, b: 1 }, isSame: true });
  world.clock.at += 60_000;
  world.server.acts('alpha').editIssue(issue.id, { summary: 'Pump leaks' });
  const editedAt = world.clock.at;
  await world.settle();
  const told = await explain('summary');
  expect(told).toMatchObject({ why: 'one-side', to: 'b', policy: 'newest', isSame: true });
  expect(told.eventAt).toBeGreaterThanOrEqual(editedAt - 1_000);
  expect(told.base.a).toBe(told.base.b);
  expect(told.now.a).not.toBe(told.base.a);
  expect(await explain('labels')).toMatchObject({ why: 'birth', isSame: true });
});

test('two changes of one field: the policy is told', async () => {
  const issue = world.server.acts('alpha').createIssue({ project: 'ALPHA', summary: 'Pump' });
  await world.settle();
  const [copy] = world.issues('b');
  world.clock.at += 60_000;
  world.server.acts('beta').editIssue(copy?.id ?? '', { summary: 'From beta' });
  world.clock.at += 1_000;
  world.server.acts('alpha').editIssue(issue.id, { summary: 'From alpha' });
  await world.settle();
  expect(world.issues('b')[0]?.fields).toMatchObject({ summary: 'From alpha' });
  expect(await explain('summary')).toMatchObject({ why: 'policy', to: 'b', isSame: true });
});

test('decisions that are no field’s last one are gone, and none holds content in the open', async () => {
  const issue = world.server.acts('alpha').createIssue({ project: 'ALPHA', summary: 'Secret pump' });
  await world.settle();
  for (const summary of ['Secret one', 'Secret two', 'Secret three']) {
    world.clock.at += 60_000;
    world.server.acts('alpha').editIssue(issue.id, { summary });
    await world.settle();
  }
  const kept = await decisions();
  const [twin] = await world.twins();
  const named = new Set(Object.values(twin?.decided ?? {}).map((one) => one.in));
  expect(new Set(kept.map(({ place }) => place.decision))).toEqual(named);
  expect(JSON.stringify(kept)).not.toContain('Secret');
});

test('a field that was never written by us has no explanation', async () => {
  world.server.acts('alpha').createIssue({ project: 'ALPHA', summary: 'Pump' });
  await world.settle();
  await expect(explain('resolution')).rejects.toMatchObject({ code: 'not-found' });
});
