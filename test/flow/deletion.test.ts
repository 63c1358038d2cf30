/** What becomes of a pair when one of its issues is deleted, hidden or moved. */
import { afterEach, describe, expect, test } from 'vitest';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { issueId } from '../../shared/model/ids.ts';
import { syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
/** A pair that was made from alpha's issue, under rules of both sides. */
async function pair(change: Partial<RuleDocument>): Promise<void> {
  const rules = { ...defaultRules(), ...change };
  world = await syncWorld({ rules: { a: rules, b: rules } });
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
}
const errorOf = async () => (await world.twins())[0]?.error?.code;

describe('an issue that is deleted', () => {
  test('takes the one that we made from it along when the rules say so', async () => {
    await pair({ deletion: 'delete' });
    alpha().deleteIssue(ids.a);
    await world.settle();
    expect(world.issues('b')).toEqual([]);
  });

  test('leaves the other one by default, and the pair says so', async () => {
    await pair({});
    alpha().deleteIssue(ids.a);
    await world.settle();
    expect(world.issues('b').length).toBe(1);
    expect(await errorOf()).toBe('issue-gone');
  });

  test('is not what it was made from when the copy goes', async () => {
    await pair({ deletion: 'delete' });
    beta().deleteIssue(ids.b);
    await world.settle();
    expect(world.issues('a').length).toBe(1);
    expect(await errorOf()).toBe('issue-gone');
  });

  test('is told, and then found: a site that hides an issue has not told', async () => {
    await pair({ deletion: 'delete' });
    alpha().setPermission('ALPHA', 'BROWSE_PROJECTS', []);
    const at = world.clock.at;
    const told = { what: 'updated', eventAt: at, receivedAt: at } as const;
    world.queue.push({ kind: 'issue-change', ...TENANTS.a, issue: issueId(ids.a), ...told });
    await world.settle();
    await world.wait(7 * 3_600_000);
    expect(world.issues('b').length).toBe(1);
  });

  test('is not lost when the other site does not answer at that moment', async () => {
    await pair({ deletion: 'delete' });
    world.onSend = ({ method }) => {
      if (method === 'DELETE') throw new Fault('outside-unavailable');
    };
    alpha().deleteIssue(ids.a);
    await world.settle();
    expect(world.issues('b').length).toBe(1);
    world.onSend = undefined;
    await world.wait(600_000);
    expect(world.issues('b')).toEqual([]);
  });
});

describe('an issue that is moved to another project', () => {
  test('stays a pair by default, under its new key', async () => {
    await pair({});
    alpha().moveIssue(ids.a, 'OTHER');
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    expect(world.issues('b').map(({ fields }) => fields['summary'])).toEqual(['Two']);
  });

  test('ends the pair when the rules say so; nothing travels any more, and both issues stay', async () => {
    await pair({ leaving: 'end' });
    alpha().moveIssue(ids.a, 'OTHER');
    alpha().editIssue(ids.a, { summary: 'Two' });
    await world.settle();
    expect(await world.twins()).toEqual([]);
    expect(world.issues('b').map(({ fields }) => fields['summary'])).toEqual(['One']);
    expect(world.issues('a').length).toBe(1);
  });
});
