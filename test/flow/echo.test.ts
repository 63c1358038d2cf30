/** What our own writes cost when the sites announce them, and that nothing is overlooked for it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { IssueChange } from '../../shared/model/message.ts';
import { syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };
beforeEach(async () => {
  world = await syncWorld();
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
  world.writes();
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const isEcho = (message: { readonly kind: string }): message is IssueChange =>
  message.kind === 'issue-change' && 'echoOf' in message;

/** Delivers what is in the queue now, but the echoes that come of it, which are given back. */
async function untilEchoes(): Promise<readonly IssueChange[]> {
  const [first] = world.queue.splice(0, 1);
  if (first === undefined) throw new Error('nothing happened');
  await world.handle(first);
  const echoes = world.queue.filter(isEcho);
  world.queue.splice(0, world.queue.length, ...world.queue.filter((message) => !isEcho(message)));
  return echoes;
}

async function callsOf(messages: readonly IssueChange[]): Promise<readonly [codes: readonly string[], calls: number]> {
  const before = world.calls.length;
  world.queue.push(...messages);
  return [await world.settle(), world.calls.length - before];
}

/** Somebody does something when the app next reads an issue of beta after having written there. */
function beforeReadBack(deed: () => void): void {
  let hasWritten = false;
  world.onSend = ({ method, url }) => {
    if (method === 'GET' && hasWritten && /\/issue\/\d+\?/.test(url)) {
      world.onSend = undefined;
      deed();
    }
    if (method !== 'GET' && url.includes('beta')) hasWritten = true;
  };
}

test('S88 an edit costs one look, one write and one reading back, and its echo nothing', async () => {
  const before = world.calls.length;
  alpha().editIssue(ids.a, { summary: 'Two' });
  const echoes = await untilEchoes();
  const cost = world.calls.slice(before).map(({ method, url }) => `${method} ${new URL(url).pathname.split('/')[4]}`);
  expect(cost.filter((call) => call === 'GET issue').length - cost.filter((call) => call === 'PUT issue').length).toBe(
    4,
  );
  expect(echoes.map(({ what }) => what)).toEqual(['updated']);
  expect(await callsOf(echoes)).toEqual([['already-done'], 0]);
  // As often as it comes.
  expect(await callsOf([...echoes, ...echoes])).toEqual([['already-done', 'already-done'], 0]);
});

test('S88 the echo of a comment costs nothing, and an edit of its copy by a person travels', async () => {
  alpha().comment(ids.a, 'said');
  const echoes = await untilEchoes();
  const [copy] = world.issues('b')[0]?.comments ?? [];
  expect(await callsOf(echoes)).toEqual([['already-done'], 0]);
  beta().editComment(ids.b, copy?.id ?? '', 'said better');
  await world.settle();
  expect(world.issues('a')[0]?.comments.map(({ text }) => text)).toEqual(['said better']);
});

test('S88 what a person changes before the echo arrives is seen through the person’s own announcement', async () => {
  alpha().editIssue(ids.a, { summary: 'Two' });
  const echoes = await untilEchoes();
  beta().editIssue(ids.b, { summary: 'Three' });
  const persons = world.queue.splice(0);
  expect(await callsOf(echoes)).toEqual([['already-done'], 0]);
  world.queue.push(...persons);
  await world.settle();
  expect(world.issues('a')[0]?.fields['summary']).toBe('Three');
});

test('S89 what a person changes before the reading back makes the echo worth a look, even when the person’s own announcement is lost', async () => {
  alpha().editIssue(ids.a, { summary: 'Two' });
  beforeReadBack(() => beta().editIssue(ids.b, { priority: 'Low' }));
  const echoes = await untilEchoes();
  world.queue.length = 0;
  expect(world.issues('a')[0]?.fields['priority']).not.toBe('Low');
  await callsOf(echoes);
  expect(world.issues('a')[0]?.fields['priority']).toBe('Low');
});

test('S89 a write that cannot be read back is looked at when it is announced', async () => {
  alpha().editIssue(ids.a, { summary: 'Two' });
  beforeReadBack(() => beta().deleteIssue(ids.b));
  const echoes = await untilEchoes();
  world.queue.length = 0;
  const [, calls] = await callsOf(echoes);
  expect(calls).toBeGreaterThan(0);
  const error = async () => (await world.twins())[0]?.error?.code;
  // Not there right after a write: a replica may lag. Half a minute later it is gone.
  expect(await error()).toBe('site-lagging');
  await world.wait(60_000);
  expect(await error()).toBe('issue-gone');
});

test('S90 without the trace, with that of another turn or another twin, an echo is looked at', async () => {
  alpha().editIssue(ids.a, { summary: 'Two' });
  const [echo] = await untilEchoes();
  if (echo?.echoOf === undefined) throw new Error('no echo');
  const { echoOf, ...bare } = echo;
  const looks = async (message: IssueChange): Promise<number> => (await callsOf([message]))[1];
  expect(await looks(bare)).toBe(2);
  world.clock.at -= 10_000;
  expect(await looks({ ...echo, echoOf: { ...echoOf, turn: 'another-turn' } })).toBe(2);
  expect(await looks({ ...echo, echoOf: { ...echoOf, twin: `w-${'9'.repeat(32)}` as never } })).toBe(2);
});

test('S90 an echo that comes while its turn goes on makes the holder look again only when something else shows', async () => {
  const [twin] = await world.twins();
  if (twin === undefined) throw new Error('no twin');
  alpha().editIssue(ids.a, { summary: 'Two' });
  const [change] = world.queue.splice(0);
  const early: string[] = [];
  // The site announces the write before the answer to it is there.
  beforeReadBack(() => {
    beta().editIssue(ids.b, { labels: ['by-hand'] });
    const echo = world.queue.find(isEcho);
    world.queue.length = 0;
    if (echo !== undefined) early.push(echo.what);
    if (echo !== undefined) void world.handle(echo);
  });
  if (change !== undefined) await world.handle(change);
  world.queue.length = 0;
  expect(early).toEqual(['updated']);
  expect(world.issues('a')[0]?.fields['labels']).toEqual(['by-hand']);
});
