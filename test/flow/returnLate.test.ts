/** A customer that comes back after its issue copies are gone: ids and hashes are there, content is read again. @see DESIGN.md §5 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { purgeHandler } from '../../functions/purge/event.ts';
import type { Message } from '../../shared/model/message.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { ledgerOver } from '../kit/ledgerOver.ts';
import { syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

const DAY = 86_400_000;
const rules: RuleDocument = { ...defaultRules(), attachments: {} };
let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };
beforeEach(async () => {
  world = await syncWorld({ rules: { a: rules, b: rules } });
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});
const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const place = { tenant: TENANTS.b.tenant };
const rowOf = async (): Promise<RecordOf<'tenant'>> => (await world.store.read('tenant', place))!.row;

/** A pair with a text, a comment from each side, a file and a worklog. */
async function pair(): Promise<void> {
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One', labels: ['kept'] });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
  alpha().comment(ids.a, 'From alpha');
  beta().comment(ids.b, 'From beta');
  alpha().attach(ids.a, { filename: 'one.txt', bytes: 'one', mimeType: 'text/plain' });
  await world.settle();
  await world.wait(60_000);
  await world.wait(60_000);
}

/** Beta leaves; its clock runs for so many days with a sweep each day; then it comes back, as its install would have it. */
async function away(days: number, meanwhile: () => void | Promise<void>): Promise<void> {
  const markedAt = world.clock.at;
  const before = await rowOf();
  const mark = { state: 'marked', evidence: 'uninstalled', markedAt, dueAt: markedAt + 120 * DAY } as const;
  await world.store.transact(async (transaction) => transaction.put('tenant', place, { ...before, ...mark }));
  world.queue.push({ kind: 'tenant-change', ...TENANTS.b, what: 'marked', at: markedAt });
  await world.settle();
  const queue: Message[] = [];
  const signer = { keyId: 'test', sign: async () => '', publicKey: async () => '' };
  const bus = { publish: async (_topic: string, message: Message) => void queue.push(message) };
  const ports = { ...world.ports, ledger: ledgerOver(world.store), signer, bus };
  const sweep = purgeHandler(ports, { liveDays: 120, copyDays: 30, fenceMs: 90_000, commit: 'test' });
  for (let day = 0; day < days; day += 1) {
    world.clock.at += DAY;
    if (day === Math.floor(days / 2)) {
      await meanwhile();
      await world.settle();
    }
    await sweep({ kind: 'sweep', askedAt: world.clock.at });
    await world.wait(60_000);
  }
  expect(queue.filter(({ kind }) => kind === 'purge-tenant')).toEqual([]);
  world.writes();
  await world.store.transact(async (transaction) => transaction.put('tenant', place, before));
  const at = world.clock.at;
  world.queue.push({ kind: 'tenant-change', ...TENANTS.b, what: 'returned', at, since: markedAt });
  await world.settle();
  await world.wait(60_000);
  await world.wait(600_000);
}
const kept = async (category: 'copy' | 'decision' | 'fileTrace' | 'trace' | 'twin') =>
  (await world.store.scan(category, { limit: 100 })).items.length;
const texts = (side: 'a' | 'b') =>
  world.issues(side).flatMap(({ comments }) => comments.map(({ body }) => JSON.stringify(body)));
const count = (side: 'a' | 'b', text: string) => texts(side).filter((body) => body.includes(text)).length;

describe('a return on day 40', () => {
  test('R37 finds pairs and traces and no copies; where nothing changed, nothing is written', async () => {
    await pair();
    const traces = [await kept('trace'), await kept('fileTrace')];
    expect([await kept('copy'), await kept('decision')]).not.toContain(0);
    await away(40, () => undefined);
    expect([await kept('copy'), await kept('decision')]).toEqual([0, 0]);
    expect([await kept('trace'), await kept('fileTrace')]).toEqual(traces);
    expect(world.writes()).toEqual([]);
    expect([world.issues('a').length, world.issues('b').length]).toEqual([1, 1]);
  });

  test('R37 brings what changed on either side meanwhile, once, and duplicates nothing', async () => {
    await pair();
    await away(40, () => {
      alpha().editIssue(ids.a, { summary: 'Two' });
      beta().editIssue(ids.b, { labels: ['kept', 'new'] });
      alpha().comment(ids.a, 'Meanwhile alpha');
      beta().comment(ids.b, 'Meanwhile beta');
      beta().attach(ids.b, { filename: 'two.txt', bytes: 'two', mimeType: 'text/plain' });
    });
    for (const side of ['a', 'b'] as const) {
      const [issue, ...more] = world.issues(side);
      expect(more).toEqual([]);
      expect(issue?.fields).toMatchObject({ summary: 'Two', labels: ['kept', 'new'] });
      for (const text of ['From alpha', 'From beta', 'Meanwhile alpha', 'Meanwhile beta'])
        expect([side, text, count(side, text)]).toEqual([side, text, 1]);
      expect(issue?.attachments.map(({ filename }) => filename).toSorted()).toEqual(['one.txt', 'two.txt']);
    }
    expect((await world.twins()).map(({ error }) => error)).toEqual([undefined]);
  });

  test('R37 reads content again with the next change', async () => {
    await pair();
    await away(40, () => undefined);
    alpha().editIssue(ids.a, { summary: 'Three' });
    await world.settle();
    expect(world.issues('b')[0]?.fields['summary']).toBe('Three');
    expect([await kept('copy'), await kept('decision')]).not.toContain(0);
  });

  test('R37 what both sides changed is decided by the rules and kept to be seen, never overwritten in silence', async () => {
    await pair();
    await away(40, () => {
      alpha().editIssue(ids.a, { summary: 'By alpha' });
      world.clock.at += 60_000;
      beta().editIssue(ids.b, { summary: 'By beta' });
    });
    expect(world.issues('a')[0]?.fields['summary']).toBe('By beta');
    expect(world.issues('b')[0]?.fields['summary']).toBe('By beta');
    const decisions = (await world.store.scan('decision', { limit: 100 })).items;
    expect(decisions.flatMap(({ row }) => row.rows).map(({ lane, why }) => [lane, why])).toContainEqual([
      'summary',
      'policy',
    ]);
  });

  test('R37 a text that both sides changed without a common version waits for a person when the rules say so', async () => {
    await world.close();
    const hold = { ...rules, fields: rules.fields.map((field) => ({ ...field, policy: 'hold' as const })) };
    world = await syncWorld({ rules: { a: hold, b: hold } });
    await pair();
    await away(40, () => {
      alpha().editIssue(ids.a, { description: 'By alpha' });
      beta().editIssue(ids.b, { description: 'By beta' });
    });
    const [twin] = await world.twins();
    expect(JSON.stringify(twin?.fields['description'])).toContain('conflict-held');
    for (const [side, text] of [
      ['a', 'By alpha'],
      ['b', 'By beta'],
    ] as const)
      expect(JSON.stringify(world.issues(side)[0]?.fields['description'])).toContain(text);
  });

  test('R37 a comment that was edited meanwhile is edited there', async () => {
    await pair();
    const [first] = world.issues('a')[0]?.comments ?? [];
    await away(40, () => alpha().editComment(ids.a, first?.id ?? '', 'Edited alpha'));
    for (const side of ['a', 'b'] as const)
      expect([count(side, 'From alpha'), count(side, 'Edited alpha'), count(side, 'From beta')]).toEqual([0, 1, 1]);
  });
});
