/** What users of other products complained of (RIVALS.md): automations, our own events, and mentions, each as a history that ends well. */
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_USERS } from '../../infra/local/jira/model/world.ts';
import { FLIP_LIMIT } from '../../shared/sync/flips.ts';
import { errorPage } from '../../shared/wire/inbox.ts';
import { BOUNDS } from '../bench/bounds.ts';
import { consoleOver } from '../kit/consoleOver.ts';
import { syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const AUTOMATION = { accountId: '712020:00000000-0000-4000-8000-0000000000b0', displayName: 'Automation', isApp: true };
const ONLY_ALPHA = { accountId: '712020:00000000-0000-4000-8000-0000000000a1', displayName: 'Only Alpha' };

function sites(here: readonly (typeof AUTOMATION)[] = [], only: readonly (typeof ONLY_ALPHA)[] = []) {
  return [
    { name: 'alpha', projects: [{ key: 'ALPHA' }], users: [...DEFAULT_USERS, ...here, ...only] },
    { name: 'beta', projects: [{ key: 'BETA' }], users: [...DEFAULT_USERS, ...here] },
  ];
}

describe('C2 A3 automations on both sides', () => {
  test('C2 A3 that answer each other within a second come to rest: one field is held and told, the others go on, a person frees it', async () => {
    world = await syncWorld({ sites: sites([AUTOMATION]) });
    const alpha = world.server.acts('alpha');
    const { id } = alpha.createIssue({ project: 'ALPHA', summary: 'Toggled' });
    await world.settle();
    const copy = world.issues('b')[0]?.id ?? '';
    let answers = 0;
    // Whatever the sync writes, the automation of that site turns round at once.
    world.server.onEvent((told) => {
      if (told.kind !== 'change' || told.by !== 'app' || told.event !== 'jira:issue_updated') return;
      const side = told.site === 'alpha' ? 'a' : 'b';
      const now = world.issues(side)[0]?.fields['priority'];
      const next = side === 'a' ? 'Low' : 'High';
      if (JSON.stringify(now ?? '').includes(next)) return;
      answers += 1;
      queueMicrotask(() =>
        world.server.acts(told.site, AUTOMATION.accountId).editIssue(told.issueId, { priority: next }),
      );
    });
    alpha.editIssue(id, { priority: 'Low' });
    await world.settle();
    expect(answers).toBeGreaterThan(2);
    expect(answers).toBeLessThanOrEqual(FLIP_LIMIT + 1);
    expect(world.queue).toEqual([]);
    const { errors } = errorPage.parse((await consoleOver(world)('a', 'GET', '/errors')).body);
    expect(errors).toMatchObject([{ code: 'field-flipping', field: 'priority', count: 1 }]);

    alpha.editIssue(id, { summary: 'Goes on' });
    await world.settle();
    expect(world.issues('b').find((issue) => issue.id === copy)?.fields['summary']).toBe('Goes on');
    alpha.editIssue(id, { priority: 'High' });
    await world.settle();
    expect(errorPage.parse((await consoleOver(world)('a', 'GET', '/errors')).body).errors).toEqual([]);
  });
});

describe('C11 the events that our own writes cause', () => {
  test('C11 cost no write, no further event, and no more than their bound', async () => {
    world = await syncWorld();
    const alpha = world.server.acts('alpha');
    const { id } = alpha.createIssue({ project: 'ALPHA', summary: 'One' });
    await world.settle();
    world.writes();
    const deeds = [() => alpha.editIssue(id, { summary: 'Two' }), () => void alpha.comment(id, 'said')];
    for (const deed of deeds) {
      deed();
      const change = world.queue.shift();
      expect([change?.kind, world.queue.length]).toEqual(['issue-change', 0]);
      if (change !== undefined) await world.handle(change);
      // One write, one event of ours; from here on all is its cost.
      expect(world.queue.map(({ kind }) => kind)).toEqual(['issue-change']);
      expect(world.writes()).toHaveLength(1);
      const { length } = world.calls;
      const [ended] = await world.settle();
      expect(['nothing-to-do', 'already-done']).toContain(ended);
      expect(world.writes()).toEqual([]);
      expect(world.calls.length - length).toBeLessThanOrEqual(BOUNDS['one-field update'].echo.most.calls);
      expect(world.queue).toEqual([]);
    }
  });
});

describe('C13 mentions', () => {
  const mention = ({ accountId, displayName }: { readonly accountId: string; readonly displayName: string }) => ({
    type: 'doc',
    version: 1,
    content: [{ type: 'paragraph', content: [{ type: 'mention', attrs: { id: accountId, text: `@${displayName}` } }] }],
  });

  test('C13 name the same person on the other side or nobody: who is not there becomes plain text', async () => {
    world = await syncWorld({ sites: sites([], [ONLY_ALPHA]) });
    const alpha = world.server.acts('alpha');
    const [ada] = DEFAULT_USERS;
    const { id } = alpha.createIssue({ project: 'ALPHA', summary: 'Named', description: mention(ONLY_ALPHA) });
    alpha.comment(id, mention(ONLY_ALPHA));
    alpha.comment(id, mention(ada));
    await world.settle();
    const [copy] = world.issues('b');
    expect(JSON.stringify(copy)).not.toContain(ONLY_ALPHA.accountId);
    expect(JSON.stringify(copy?.fields['description'])).toContain('@Only Alpha');
    const [stranger, known] = copy?.comments ?? [];
    expect(stranger?.text).toBe('@Only Alpha');
    expect(JSON.stringify(known)).toContain(ada.accountId);
    // Nobody of beta was notified of the stranger: there is no mention but Ada's.
    expect(JSON.stringify(copy).match(/"mention"/g) ?? []).toHaveLength(1);
  });
});
