/** How a pair ends: what is open arrives first, then nothing of it is left but the issues. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionId, issueId } from '../../shared/model/ids.ts';
import type { TwinId } from '../../shared/model/ids.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { Fault } from '../../shared/verdict.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };
let twin: TwinId;
beforeEach(async () => {
  world = await syncWorld();
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  alpha().comment(id, 'a comment');
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
  twin = (await world.twins())[0]?.twin as TwinId;
  world.writes();
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const ask = (more: { readonly isForced?: true } = {}): void =>
  void world.queue.push({ kind: 'unlink-twin', connection: CONNECTION, twin, askedAt: world.clock.at, ...more });
const summaries = (side: 'a' | 'b') => world.issues(side).map(({ fields }) => fields['summary']);
/** Every path of the store that speaks of the pair. */
const left = (): Promise<readonly string[]> =>
  world.store.beneath(pathOf('twin', { connection: CONNECTION, twin }), 100);
const link = async (side: 'a' | 'b') =>
  world.store.read('link', { tenant: TENANTS[side].tenant, issue: ids[side], connection: CONNECTION });
const marker = async () => {
  const issue = await world.jira.at(TENANTS.b, 'test').readIssue(issueId(ids.b), []);
  return issue === 'gone' ? 'gone' : issue.marker;
};

describe('the end of a pair', () => {
  test('leaves both issues and nothing else', async () => {
    ask();
    expect(await world.settle()).toContain('unlinked');
    expect(summaries('a')).toEqual(['One']);
    expect(summaries('b')).toEqual(['One']);
    expect(await left()).toEqual([]);
    expect([await link('a'), await link('b'), await marker()]).toEqual([undefined, undefined, undefined]);
    alpha().editIssue(ids.a, { summary: 'Two' });
    expect(new Set(await world.settle())).toEqual(new Set(['not-under-sync']));
    expect(summaries('b')).toEqual(['One']);
  });

  test('carries out first what is open', async () => {
    alpha().editIssue(ids.a, { summary: 'Two' });
    world.queue.length = 0;
    ask();
    await world.settle();
    expect(summaries('b')).toEqual(['Two']);
    expect(await left()).toEqual([]);
  });

  test('waits for a site that does not answer, and then for no longer than its time', async () => {
    beta().editIssue(ids.b, { summary: 'Late' });
    world.queue.length = 0;
    world.onSend = ({ url }) => {
      if (url.includes('beta')) throw new Fault('outside-unavailable');
    };
    ask();
    await world.settle();
    expect((await world.twins())[0]?.ending).toBeDefined();
    await world.wait(60_000);
    expect((await left()).length).toBeGreaterThan(0);
    world.onSend = undefined;
    await world.wait(200_000);
    expect(summaries('a')).toEqual(['Late']);
    expect(await left()).toEqual([]);
  });

  test('comes at last although a site stays away; its marker stays there, and that is said', async () => {
    world.onSend = ({ url }) => {
      if (url.includes('beta')) throw new Fault('outside-unavailable');
    };
    ask();
    await world.settle();
    await world.wait(7 * 3_600_000);
    expect(await left()).toEqual([]);
    expect(world.notes).toContainEqual({ name: 'sync-apart', facts: { twin, side: 'b', code: 'jira-unavailable' } });
    world.onSend = undefined;
    expect(await marker()).toEqual({ twin });
  });

  test('does not wait when that is asked for', async () => {
    alpha().editIssue(ids.a, { summary: 'Two' });
    world.queue.length = 0;
    ask({ isForced: true });
    await world.settle();
    expect(summaries('b')).toEqual(['One']);
    expect(await left()).toEqual([]);
  });

  test('asked for twice, or of a pair that is not there, is no trouble', async () => {
    ask();
    ask();
    expect(await world.settle()).toContain('not-under-sync');
  });
});

describe('a worker that dies while a pair ends', () => {
  test('leaves the end to the next one, wherever it dies', async () => {
    for (let at = 1; at < 60; at += 1) {
      let count = 0;
      world.hooks.onCall = () => {
        count += 1;
        if (count === at) throw new Fault('bug', { reason: 'test' });
      };
      ask();
      try {
        for (let message = world.queue.shift(); message !== undefined; message = world.queue.shift())
          await world.handle(message);
      } catch {
        // The process is gone.
      }
      world.hooks = Object.assign(world.hooks, { onCall: undefined });
      world.queue.length = 0;
      const isWhole = count < at;
      await world.wait(120_000);
      await world.wait(120_000);
      expect((await world.twins()).length).toBe((await link('a')) === undefined ? 0 : 1);
      if ((await link('a')) === undefined) {
        expect([await left(), await link('b')]).toEqual([[], undefined]);
        const askedAt = world.clock.at;
        world.queue.push({
          kind: 'bring-under-sync',
          ...TENANTS.a,
          connection: CONNECTION,
          issue: issueId(ids.a),
          askedAt,
        });
        await world.settle();
        twin = (await world.twins())[0]?.twin as TwinId;
        ids = { ...ids, b: (await world.twins())[0]?.b ?? '' };
      }
      if (isWhole) return;
    }
    throw new Error('the end has more store calls than this test tries');
  });
});

describe('an issue that was taken out', () => {
  beforeEach(async () => {
    ask();
    await world.settle();
  });

  test('is left alone by triggers and by a reconcile, on both sides', async () => {
    alpha().editIssue(ids.a, { summary: 'Two' });
    beta().editIssue(ids.b, { summary: 'Three' });
    await world.settle();
    world.queue.push({ kind: 'reconcile', connection: CONNECTION, since: 0, askedAt: world.clock.at });
    await world.settle();
    expect([summaries('a'), summaries('b')]).toEqual([['Two'], ['Three']]);
    expect(await world.twins()).toEqual([]);
  });

  test('comes in anew when a person asks, and is not taken for a copy', async () => {
    const askedAt = world.clock.at;
    const issue = issueId(ids.b);
    world.queue.push({ kind: 'bring-under-sync', ...TENANTS.b, connection: CONNECTION, issue, askedAt });
    await world.settle();
    const [row] = await world.twins();
    expect(row).toMatchObject({ originSide: 'b', b: ids.b });
    expect(row?.a).not.toBe(ids.a);
    expect(summaries('a')).toEqual(['One', 'One']);
    expect(
      await world.store.read('apart', { tenant: TENANTS.b.tenant, issue: ids.b, connection: CONNECTION }),
    ).toBeUndefined();
  });
});

test('a pair of another connection that is not active is left as it is', async () => {
  const other = connectionId('c-00000009');
  world.queue.push({ kind: 'unlink-twin', connection: other, twin, askedAt: world.clock.at });
  expect(await world.settle()).toEqual(['not-under-sync']);
});
