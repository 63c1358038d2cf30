/** What becomes of a pair whose issue leaves the scope of its side. */
import { afterEach, describe, expect, test } from 'vitest';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { issueId } from '../../shared/model/ids.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const SHARED = 'labels = share';

/** A pair made by alpha's trigger, under a scope and rules of both sides. */
async function pair(leaving: RuleDocument['leaving'], scope = SHARED): Promise<void> {
  const rules = { ...defaultRules(), ...(leaving === undefined ? {} : { leaving }) };
  world = await syncWorld({ scope, rules: { a: rules, b: rules } });
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One', labels: ['share'] });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
}
const leave = (more: { readonly summary?: string } = {}): void => alpha().editIssue(ids.a, { labels: [], ...more });
const summaries = (side: 'a' | 'b') => world.issues(side).map(({ fields }) => fields['summary']);
/** Questions whether issues match since the last call. */
let seen = 0;
function questions(): number {
  const asked = world.calls.slice(seen).filter(({ method, url }) => method === 'POST' && url.includes('/search/jql'));
  seen = world.calls.length;
  return asked.length;
}
async function run(how: 'light' | 'full'): Promise<void> {
  const since = world.clock.at - 60_000;
  world.queue.push({ kind: 'reconcile', connection: CONNECTION, since, askedAt: world.clock.at, how });
  await world.settle();
}

describe('an issue that leaves the scope', () => {
  test('U23 ends the pair when the rules say so: what is open arrives, both issues stay', async () => {
    await pair('end');
    leave({ summary: 'Two' });
    expect(await world.settle()).toContain('unlinked');
    expect(await world.twins()).toEqual([]);
    expect([summaries('a'), summaries('b')]).toEqual([['Two'], ['Two']]);
    alpha().editIssue(ids.a, { summary: 'Three' });
    await world.settle();
    expect(summaries('b')).toEqual(['Two']);
  });

  test.each([['keep'], [undefined]] as const)('stays under sync with %s, and nobody asks Jira', async (leaving) => {
    await pair(leaving);
    questions();
    leave({ summary: 'Two' });
    await world.settle();
    expect(summaries('b')).toEqual(['Two']);
    expect((await world.twins()).length).toBe(1);
    expect(questions()).toBe(0);
  });

  test('is led out by the other side’s edit, too', async () => {
    await pair('end', 'summary ~ One');
    beta().editIssue(ids.b, { summary: 'Two' });
    await world.settle();
    expect(await world.twins()).toEqual([]);
    expect([summaries('a'), summaries('b')]).toEqual([['Two'], ['Two']]);
  });

  test('does not come back by itself, and does when a person brings it', async () => {
    await pair('end');
    leave();
    await world.settle();
    alpha().editIssue(ids.a, { labels: ['share'] });
    await world.settle();
    await run('full');
    expect([await world.twins(), world.issues('b').length]).toEqual([[], 1]);
    const askedAt = world.clock.at;
    world.queue.push({
      kind: 'bring-under-sync',
      ...TENANTS.a,
      connection: CONNECTION,
      issue: issueId(ids.a),
      askedAt,
    });
    await world.settle();
    expect((await world.twins()).length).toBe(1);
  });

  test('is no issue that a person brought in from outside, until it was inside', async () => {
    await pair('end');
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'By hand' });
    await world.settle();
    const askedAt = world.clock.at;
    world.queue.push({ kind: 'bring-under-sync', ...TENANTS.a, connection: CONNECTION, issue: issueId(id), askedAt });
    await world.settle();
    alpha().editIssue(id, { summary: 'Edited' });
    await world.settle();
    expect(summaries('b')).toContain('Edited');
    alpha().editIssue(id, { labels: ['share'] });
    await world.settle();
    alpha().editIssue(id, { labels: [] });
    await world.settle();
    expect((await world.twins()).map(({ a }) => a)).toEqual([ids.a]);
  });

  test('is found by a light run when its message was lost', async () => {
    await pair('end');
    leave({ summary: 'Two' });
    world.queue.length = 0;
    world.clock.at += 10_000;
    await run('light');
    expect(await world.twins()).toEqual([]);
    expect(summaries('b')).toEqual(['Two']);
  });

  test('is found by the next try when the site was away', async () => {
    await pair('end');
    leave();
    world.queue.length = 0;
    world.onSend = ({ method, url }) => {
      if (method === 'POST' && url.includes('/search/jql')) throw new Fault('outside-unavailable');
    };
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    expect((await world.twins()).length).toBe(1);
    world.onSend = undefined;
    await world.wait(600_000);
    expect(await world.twins()).toEqual([]);
    expect(summaries('b')).toEqual(['Two']);
  });

  test('ends one pair once, however often and late its messages come', async () => {
    await pair('end');
    leave({ summary: 'Two' });
    const told = [...world.queue];
    world.queue.push(...told);
    const codes = await world.settle();
    expect(codes.filter((code) => code === 'unlinked').length).toBe(1);
    world.queue.push(...told);
    await world.settle();
    expect([summaries('a'), summaries('b')]).toEqual([['Two'], ['Two']]);
  });

  test('ends also when the worker dies between knowing and ending', async () => {
    await pair('end');
    leave({ summary: 'Two' });
    let hasDied = false;
    world.hooks.onDone = ({ op }) => {
      if (!hasDied && op === 'transact' && world.notes.some(({ name }) => name === 'sync-left')) {
        hasDied = true;
        throw new Fault('store-unavailable');
      }
    };
    await world.settle();
    world.hooks = {};
    expect(hasDied).toBe(true);
    await world.wait(60_000);
    await world.wait(60_000);
    expect(await world.twins()).toEqual([]);
    expect([summaries('a'), summaries('b')]).toEqual([['Two'], ['Two']]);
  });
});

describe('what ends nothing', () => {
  test('U24 an echo of ours and a change inside the scope ask once and end nothing', async () => {
    await pair('end');
    questions();
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    expect([questions(), (await world.twins()).length]).toEqual([1, 1]);
  });

  test('U24 an issue that is hidden from the app', async () => {
    await pair('end');
    alpha().setPermission('ALPHA', 'BROWSE_PROJECTS', []);
    await run('full');
    expect((await world.twins()).map(({ ending }) => ending)).toEqual([undefined]);
  });

  test('U24 JQL that Jira has ceased to take', async () => {
    await pair('end');
    world.onSend = ({ method, url }) => {
      if (method === 'POST' && url.includes('/search/jql')) throw new Fault('jira-refused');
    };
    leave({ summary: 'Two' });
    await world.settle();
    expect([summaries('b'), (await world.twins()).length]).toEqual([['Two'], 1]);
  });

  test('U24 a full run asks of all pairs at once what time alone has changed', async () => {
    await pair('end', 'created >= -1d');
    for (const summary of ['Two', 'Three', 'Four']) alpha().createIssue({ project: 'ALPHA', summary });
    await world.settle();
    await run('full');
    expect((await world.twins()).length).toBe(4);
    world.clock.at += 3 * 86_400_000;
    questions();
    await run('full');
    expect(await world.twins()).toEqual([]);
    expect(world.issues('b').length).toBe(4);
    // Two sides' changes, and one question with its proof for all four.
    expect(questions()).toBeLessThanOrEqual(5);
  });
});
