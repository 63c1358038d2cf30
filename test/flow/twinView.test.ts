/** One pair as an admin looks at it: how it stands, and numbers of people, never people. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../shared/verdict.ts';
import { explainView, twinView } from '../../shared/wire/console.ts';
import { lagView } from '../../shared/wire/drift.ts';
import { workWorld } from '../kit/workWorld.ts';
import type { WorkWorld } from '../kit/workWorld.ts';

const BEN = '712020:00000000-0000-4000-8000-00000000000b';
const CLEO = '712020:00000000-0000-4000-8000-00000000000c';

let world: WorkWorld;
let ids: { readonly a: string; readonly b: string };
beforeEach(async () => {
  world = await workWorld();
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const shown = async (side: 'a' | 'b' = 'a') => {
  const [twin] = await world.twins();
  return twinView.parse((await world.api(side, 'GET', `/twins/${twin?.twin}`)).body);
};

describe('one pair', () => {
  test('S114 shows watchers and votes of both sides as numbers, to either side', async () => {
    for (const account of [BEN, CLEO]) alpha().watch(ids.a, account);
    alpha().unwatch(ids.a);
    world.server.acts('beta', BEN).vote(ids.b);
    for (const side of ['a', 'b'] as const) {
      const { audience } = await shown(side);
      expect(audience.a?.watchers).toBe(2);
      expect([audience.a?.votes, audience.b?.votes]).toEqual([0, 1]);
    }
  });

  test('S114 stores and logs nobody of them, and neither travels', async () => {
    alpha().watch(ids.a, CLEO);
    world.server.acts('alpha', BEN).vote(ids.a);
    await world.settle();
    const before = (await shown()).audience.b;
    alpha().watch(ids.a, BEN);
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    expect((await shown()).audience.b).toEqual(before);
    const { items: decisions } = await world.store.scan('decision', { limit: 100 });
    const paths = await world.store.beneath('', 500);
    for (const what of [paths, await world.twins(), decisions, world.notes])
      for (const account of [BEN, CLEO]) expect(JSON.stringify(what)).not.toContain(account);
  });

  test('says what waits, and why a site does not tell', async () => {
    beta().archiveProject('BETA');
    world.clock.at += 120_000;
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    world.onSend = ({ url }) => {
      if (url.includes('beta')) throw new Fault('outside-unavailable');
    };
    const view = await shown();
    expect(view).toMatchObject({ state: 'blocked', errors: ['project-archived'], originSide: 'a', side: 'a' });
    expect(view.audience.a).toMatchObject({ votes: 0 });
    expect(view.audience.b?.code).toMatch(/^jira-/);
  });

  test('does not ask the partner’s site while the connection rests', async () => {
    await world.api('b', 'POST', '/pause');
    world.calls.length = 0;
    expect((await shown()).audience.b).toBeUndefined();
    expect(world.calls.filter(({ url }) => url.includes('beta'))).toEqual([]);
  });

  test('is nothing when there is no such pair', async () => {
    expect((await world.api('a', 'GET', `/twins/w-${'0'.repeat(32)}`)).status).toBe(404);
    expect((await world.api('a', 'GET', '/twins/odd')).status).toBe(404);
  });

  test('tells why a field was changed, and how long changes took', async () => {
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    await world.wait(60_000);
    const [twin] = await world.twins();
    const told = await world.api('b', 'GET', `/twins/${twin?.twin}/explain?field=summary`);
    expect(explainView.parse(told.body)).toMatchObject({ field: 'summary', why: 'one-side', to: 'b', isSame: true });
    expect((await world.api('a', 'GET', `/twins/${twin?.twin}/explain?field=odd`)).status).toBe(404);
    const { total, kinds } = lagView.parse((await world.api('a', 'GET', '/lag')).body);
    expect(total.count).toBeGreaterThanOrEqual(2);
    expect(kinds.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['field', 'issue']));
  });
});
