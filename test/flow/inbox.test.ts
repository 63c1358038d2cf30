/** What waits for a person: found, read, answered; what goes wrong: told by cause, tried again, let be, paused. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { conflictPage, conflictView, errorPage, failingPage, retryAnswer } from '../../shared/wire/inbox.ts';
import { consoleOver } from '../kit/consoleOver.ts';
import type { CallConsole } from '../kit/consoleOver.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

const HOLD: RuleDocument = {
  ...defaultRules(),
  fields: defaultRules().fields.map((row) => ({ ...row, policy: 'hold' as const })),
};
/** Beta is told a priority that it does not have. */
const ODD: RuleDocument = { ...HOLD, values: { priority: { High: 'Sky-high' } } };

let world: SyncWorld;
let call: CallConsole;
let ids: { a: string; b: string };

async function start(rules: { a: RuleDocument; b: RuleDocument }): Promise<void> {
  world = await syncWorld({ rules });
  call = consoleOver(world);
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One', priority: 'Low' });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
}
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const summaries = () => (['a', 'b'] as const).map((side) => world.issues(side)[0]?.fields['summary']);
const twin = async () => {
  const [row] = await world.twins();
  if (row === undefined) throw new Error('no twin');
  return row;
};

describe('the conflict inbox', () => {
  beforeEach(async () => {
    await start({ a: HOLD, b: HOLD });
    alpha().editIssue(ids.a, { summary: 'from alpha' });
    beta().editIssue(ids.b, { summary: 'from beta' });
    await world.settle();
  });

  const address = async () => `/conflicts/${(await twin()).twin}/summary`;
  const shown = async () => conflictView.parse((await call('a', 'GET', await address())).body);
  const seen = async () => {
    const { a, b } = await shown();
    return { a: a.hash, b: b.hash };
  };

  test('lists ids and times and no values', async () => {
    const { text, body } = await call('b', 'GET', '/conflicts');
    const { twin: id } = await twin();
    expect(conflictPage.parse(body).conflicts).toMatchObject([
      { twin: id, field: 'summary', issue: ids.b, otherIssue: ids.a },
    ]);
    expect(conflictPage.parse(body).conflicts[0]?.since).toBeGreaterThan(0);
    expect(text).not.toContain('from');
  });

  test('shows both values as they are now, and what may be answered', async () => {
    expect(await shown()).toMatchObject({
      ...{ side: 'a', code: 'conflict-held', a: { value: 'from alpha' }, b: { value: 'from beta' } },
      picks: ['a', 'b', 'both', 'edit', 'ignore'],
    });
  });

  test.each([
    ['a', ['from alpha', 'from alpha']],
    ['b', ['from beta', 'from beta']],
    ['both', ['from alpha | from beta', 'from alpha | from beta']],
    ['ignore', ['from alpha', 'from beta']],
  ] as const)('resolving resumes the field: %s', async (pick, texts) => {
    const { status } = await call('a', 'POST', await address(), { pick, ...(await seen()) });
    expect(status).toBe(202);
    await world.settle();
    expect(summaries()).toEqual(texts);
    expect(conflictPage.parse((await call('a', 'GET', '/conflicts')).body).conflicts).toEqual([]);
    beta().editIssue(ids.b, { summary: 'goes on' });
    await world.settle();
    expect(summaries()).toEqual(['goes on', 'goes on']);
  });

  test('a person’s own wording is written here and then travels', async () => {
    const body = { pick: 'edit', ...(await seen()), value: 'agreed by phone' };
    expect((await call('a', 'POST', await address(), body)).status).toBe(202);
    await world.settle();
    expect(summaries()).toEqual(['agreed by phone', 'agreed by phone']);
  });

  test('an answer to values that a site no longer shows is refused, and nothing is written', async () => {
    const old = await seen();
    beta().editIssue(ids.b, { summary: 'later from beta' });
    const late = await call('a', 'POST', await address(), { pick: 'a', ...old });
    expect([late.status, late.body['code']]).toEqual([409, 'store-changed']);
    await world.settle();
    expect(summaries()).toEqual(['from alpha', 'later from beta']);
  });

  test('an answer waits for the worker that has the pair, shortly', async () => {
    const hashes = await seen();
    const row = await twin();
    const lease = { token: 'x', until: world.clock.at + 30_000 };
    const stored = await world.store.read('twin', { connection: CONNECTION, twin: row.twin });
    await world.store.replace(
      'twin',
      { connection: CONNECTION, twin: row.twin },
      { ...row, lease },
      stored?.version as never,
    );
    const held = await call('a', 'POST', await address(), { pick: 'a', ...hashes });
    expect([held.status, held.body['code']]).toEqual([409, 'store-changed']);
    world.clock.at += 30_000;
    expect((await call('a', 'POST', await address(), { pick: 'a', ...hashes })).status).toBe(202);
    await world.settle();
    expect(summaries()).toEqual(['from alpha', 'from alpha']);
  });

  test('an answer whose message was lost is carried out by the tick', async () => {
    await call('a', 'POST', await address(), { pick: 'b', ...(await seen()) });
    world.queue.length = 0;
    await world.wait(60_000);
    expect(summaries()).toEqual(['from beta', 'from beta']);
  });

  test('it is written down on the own side alone who answered, and when', async () => {
    await call('b', 'POST', await address(), { pick: 'b', ...(await seen()) });
    const of = async (side: 'a' | 'b') =>
      (
        await world.store.list(
          'intervention',
          { tenant: TENANTS[side].tenant, half: `${CONNECTION}-${side}` },
          { limit: 9 },
        )
      ).items;
    expect(await of('a')).toEqual([]);
    expect((await of('b')).map(({ row }) => row)).toMatchObject([{ act: 'b', field: 'summary', at: world.clock.at }]);
  });
});

test('of the other side only what its rules let leave is shown, and no hash of the rest', async () => {
  const mute: RuleDocument = { ...HOLD, fields: HOLD.fields.filter(({ field }) => field !== 'summary') };
  await start({ a: HOLD, b: mute });
  beta().editIssue(ids.b, { summary: 'canary of beta' });
  alpha().editIssue(ids.a, { summary: 'from alpha' });
  await world.settle();
  const { text, body } = await call('a', 'GET', `/conflicts/${(await twin()).twin}/summary`);
  expect(text).not.toContain('canary');
  expect(conflictView.parse(body)).toMatchObject({ b: {}, picks: ['a', 'edit', 'ignore'] });
  expect(conflictView.parse(body).b).toEqual({});
});

describe('what goes wrong', () => {
  beforeEach(async () => {
    await start({ a: ODD, b: HOLD });
    alpha().editIssue(ids.a, { priority: 'High' });
    await world.settle();
  });

  test('C10 is one field’s trouble: told by cause with its help, and the rest goes on', async () => {
    const { errors } = errorPage.parse((await call('a', 'GET', '/errors')).body);
    expect(errors).toMatchObject([
      { code: 'value-unknown', on: 'b', field: 'priority', count: 1, help: '/help/value-unknown', heals: true },
    ]);
    alpha().editIssue(ids.a, { summary: 'goes on' });
    await world.settle();
    expect(summaries()).toEqual(['goes on', 'goes on']);
    const query = '/errors/twins?code=value-unknown&on=b&field=priority';
    const { twins } = failingPage.parse((await call('a', 'GET', query)).body);
    expect(twins).toMatchObject([{ issue: ids.a, otherIssue: ids.b, since: errors[0]?.firstAt }]);
  });

  test('C10 is looked at again without being asked, seldom and never in a storm', async () => {
    const until = world.clock.at + 48 * 3_600_000;
    let looks = 0;
    while (world.clock.at < until)
      looks += (await world.wait(300_000)).filter((code) => code === 'nothing-to-do').length;
    expect(looks).toBeGreaterThan(5);
    // Ticks that found nothing say the same word: count what the twin itself was asked.
    const asked = world.notes.filter(({ name }) => name === 'sync-plan').length;
    expect(asked).toBeLessThanOrEqual(22);
  });

  test('a change that is let be waits no longer, and the next one travels', async () => {
    const address = `/conflicts/${(await twin()).twin}/priority`;
    const { a, b, picks } = conflictView.parse((await call('a', 'GET', address)).body);
    expect(picks).toEqual(['ignore']);
    expect((await call('a', 'POST', address, { pick: 'a', a: a.hash, b: b.hash })).body).toMatchObject({
      path: 'pick',
    });
    expect((await call('a', 'POST', address, { pick: 'ignore', a: a.hash, b: b.hash })).status).toBe(202);
    await world.settle();
    expect(errorPage.parse((await call('a', 'GET', '/errors')).body).errors).toEqual([]);
    alpha().editIssue(ids.a, { priority: 'Lowest' });
    await world.settle();
    expect(world.issues('b')[0]?.fields['priority']).toBe('Lowest');
  });

  test('a paused pair is left alone by changes and ticks, and catches up when it goes on', async () => {
    const { twin: id } = await twin();
    expect((await call('a', 'POST', `/twins/${id}/pause`)).body).toMatchObject({ isPaused: true });
    alpha().editIssue(ids.a, { summary: 'meanwhile' });
    expect(await world.settle()).toContain('twin-paused');
    await world.wait(7 * 3_600_000);
    expect(summaries()).toEqual(['meanwhile', 'One']);
    expect((await call('b', 'GET', '/twins')).text).toContain('"paused"');
    await call('a', 'POST', `/twins/${id}/resume`);
    await world.settle();
    expect(summaries()).toEqual(['meanwhile', 'meanwhile']);
  });

  test('all pairs of a cause try again, and a wish is heard once', async () => {
    const { body } = await call('a', 'POST', '/errors/retry', { code: 'value-unknown', on: 'b', field: 'priority' });
    expect(retryAnswer.parse(body)).toMatchObject({ asked: 1 });
    expect((await twin()).retryAt).toBe(world.clock.at);
    await world.settle();
    expect(await twin()).not.toHaveProperty('retryAt');
    const none = await call('a', 'POST', '/errors/retry', { code: 'field-refused', on: 'b', field: 'priority' });
    expect(retryAnswer.parse(none.body).asked).toBe(0);
  });
});

test('C19 no error body holds content, a name or a stack, whatever is asked', async () => {
  const canary = 'Zanzibar-canary';
  await start({ a: ODD, b: HOLD });
  alpha().editIssue(ids.a, { priority: 'High', summary: canary, description: canary });
  await world.settle();
  const { twin: id } = await twin();
  const asks: (readonly [method: string, path: string, body?: unknown])[] = [
    ['GET', `/conflicts/${id}/${canary}`],
    ['GET', `/conflicts/${canary}/summary`],
    ['GET', `/conflicts/${id}/%E0%A4%A`],
    ['GET', `/conflicts/${id}/summary`],
    ['POST', `/conflicts/${id}/priority`, { pick: canary }],
    ['POST', `/conflicts/${id}/priority`, { pick: 'edit', value: canary }],
    ['POST', `/conflicts/${id}/priority`, { pick: 'ignore', a: '0'.repeat(64) }],
    ['GET', `/errors?after=${canary}`],
    ['GET', `/errors/twins?code=${canary}`],
    ['POST', '/errors/retry', { code: canary }],
    ['POST', `/twins/${canary}/retry`],
    ['POST', `/twins/${id}/${canary}`],
  ];
  for (const [method, path, body] of asks) {
    const answer = await call('a', method, path, body);
    expect(answer.status, path).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toMatch(new RegExp(`${canary}|\\bat .*\\.ts|Error:`, 'i'));
    expect(answer.body['help']).toBe(`/help/${String(answer.body['code'])}`);
  }
  world.onSend = () => {
    throw new Error(`${canary} in a stack`);
  };
  const broken = await call('a', 'GET', `/conflicts/${id}/priority`);
  expect(broken.status).toBeGreaterThanOrEqual(500);
  expect(broken.text).not.toMatch(new RegExp(`${canary}|\\.ts`));
});
