/** The claim of a purge against the same customer's way back, in every interleaving of six pieces of each. @see THREATS.md T18, T19 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { withdrawForOperator } from '../../../functions/console/deletion.ts';
import { install } from '../../../functions/lifecycle/install.ts';
import { ownerOf } from '../../../shared/model/ids.ts';
import type { Evidence } from '../../../shared/model/tenant.ts';
import { A, AB, B, clientKeyOf, DAY, PurgeWorld } from '../../kit/purgeWorld.ts';
import { fillEverything } from '../../kit/records.ts';

const TICKS = 4;
const settings = { baseUrl: 'https://twinline.example', addonKey: 'app.twinline', liveDays: 120 };
type Who = 'purge' | 'customer';

/** A's day has come. */
async function due(evidence: Evidence): Promise<PurgeWorld> {
  const world = new PurgeWorld();
  for (const ref of [A, B]) await world.enter(ref, clientKeyOf(ref), 'installed', {});
  const tenancy = { state: 'active', baseUrl: 'https://a.atlassian.net', ledgerNumber: 1, untold: undefined } as const;
  const none = {
    markedAt: undefined,
    evidence: undefined,
    dueAt: undefined,
    untoldSince: undefined,
    restsSince: undefined,
  };
  const tenants = [A, B].map((ref) => ({ ref, clientKey: clientKeyOf(ref), tenancy: { ...tenancy, ...none } }));
  await fillEverything(world, tenants, [AB], ['tenant', 'half', 'connection', 'link', 'twin', 'trace', 'copy']);
  await world.mark(A, evidence);
  world.now += evidence === 'requested' ? 3 * DAY : 120 * DAY;
  return world;
}

function comeBack(world: PurgeWorld, evidence: Evidence): Promise<unknown> {
  if (evidence === 'requested') return withdrawForOperator(world.ports, settings, A).catch((thrown: unknown) => thrown);
  const site = {
    clientKey: clientKeyOf(A),
    baseUrl: 'https://a.atlassian.net',
    addonKey: 'app.twinline',
    productType: 'jira',
  };
  const ports = { ...world.ports, doors: { connect: undefined as never } };
  return install(ports, settings, { ...site, sharedSecret: 's'.repeat(64) });
}

/** Lets two go on in a given order, some calls of the store at a time, and then both to their ends. */
async function interleave(world: PurgeWorld, evidence: Evidence, order: readonly Who[], pieces: Record<Who, number>) {
  const actor = new AsyncLocalStorage<Who>();
  const gates = new Map<Who, () => void>();
  const over = new Set<Who>();
  world.onCall = async () => {
    const who = actor.getStore();
    if (who !== undefined) await new Promise<void>((pass) => void gates.set(who, pass));
  };
  const run = (who: Who, work: () => Promise<unknown>) => actor.run(who, work).finally(() => over.add(who));
  const both = [run('purge', () => world.purge(A)), run('customer', () => comeBack(world, evidence))];
  const step = async (who: Who): Promise<void> => {
    for (let turns = 0; !gates.has(who) && !over.has(who); turns += 1) {
      if (turns > 1_000) throw new Error(`${who} stands still`);
      await new Promise((next) => void setImmediate(next));
    }
    gates.get(who)?.();
    gates.delete(who);
  };
  for (const who of order) for (let n = 0; n < pieces[who]; n += 1) await step(who);
  while (over.size < 2) for (const who of ['purge', 'customer'] as const) await step(who);
  world.onCall = undefined;
  return Promise.all(both);
}

/** Every order of `count` pieces of each. */
function orders(count: number): readonly (readonly Who[])[] {
  const all: Who[][] = [];
  const grow = (order: Who[], purge: number, customer: number): void => {
    if (purge + customer === 0) all.push(order);
    if (purge > 0) grow([...order, 'purge'], purge - 1, customer);
    if (customer > 0) grow([...order, 'customer'], purge, customer - 1);
  };
  grow([], count, count);
  return all;
}

async function callsOf(evidence: Evidence, work: (world: PurgeWorld) => Promise<unknown>): Promise<number> {
  const world = await due(evidence);
  world.calls = 0;
  await work(world);
  return world.calls;
}

test.each([
  ['uninstalled', 6],
  ['requested', 4],
] as const)(
  'R19 the claim of a purge and the way back of who was %s, in all orders of 2 × %i pieces',
  {
    timeout: 300_000,
  },
  async (evidence, count) => {
    const pieces = {
      purge: Math.ceil((await callsOf(evidence, (world) => world.purge(A))) / count),
      customer: Math.ceil((await callsOf(evidence, (world) => comeBack(world, evidence))) / count),
    };
    const ends = { back: 0, purged: 0 };
    for (const order of orders(count)) {
      const what = order.map((who) => who[0]).join('');
      const world = await due(evidence);
      const before = world.leftOf(A);
      await interleave(world, evidence, order, pieces);
      await world.ticks(TICKS);
      const identity = await world.ledger.identityOf('connect', clientKeyOf(A));
      const kinds = (await world.ledger.read(identity)).map(({ kind }) => kind);
      if (kinds.includes('returned')) {
        ends.back += 1;
        expect(kinds, what).not.toContain('purging');
        expect(world.leftOf(A), what).toEqual(expect.arrayContaining(before));
        expect(world.receipts(), what).toEqual([]);
      } else {
        ends.purged += 1;
        const own = [...world.everything()].filter(
          ([path, row]) => row.includes(`"${ownerOf(A.tenant, 1)}"`) && !/purges|ledger/.test(path),
        );
        expect(own, what).toEqual([]);
        expect(world.receipts(), what).toHaveLength(1);
        if (evidence === 'uninstalled')
          expect((await world.store.read('tenant', { tenant: A.tenant }))?.row, what).toMatchObject({
            state: 'active',
            generation: 2,
          });
      }
    }
    expect(ends.back).toBeGreaterThan(0);
    expect(ends.purged).toBeGreaterThan(0);
  },
);

test('R21 every message of a purged life, a month late, writes nothing', async () => {
  const world = await due('uninstalled');
  const messages = [
    { kind: 'purge-tenant', ...A, askedAt: world.now },
    { kind: 'probe-tenant', ...A, askedAt: world.now },
    { kind: 'probe-tenant', ...A, askedAt: world.now, isHint: true },
  ] as const;
  await world.ticks(TICKS);
  expect(world.receipts()).toHaveLength(1);
  world.now += 31 * DAY;
  const before = world.everything();
  for (const message of messages) for (let n = 0; n < 2; n += 1) await world.handle(message);
  expect(world.everything()).toEqual(before);
});
