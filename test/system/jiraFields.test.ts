/** Every kind of field, written by our client to a stand-in site over HTTP and read back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FieldName } from '../../shared/model/field.ts';
import { issueId } from '../../shared/model/ids.ts';
import { accountId, projectKey } from '../../shared/model/ids.ts';
import { linkElement, remoteLinkElement } from '../../shared/model/links.ts';
import type { FieldValue, Replica } from '../../shared/model/replica.ts';
import type { JiraSite } from '../../shared/ports.ts';
import { doc } from '../kit/syncBuilders.ts';
import { syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

const ALPHA = projectKey('ALPHA');
const ADA = accountId('712020:00000000-0000-4000-8000-00000000000a');
let world: SyncWorld;
let site: JiraSite;
let next = 0;

beforeAll(async () => {
  world = await syncWorld({
    sites: [
      {
        name: 'alpha',
        projects: [
          {
            key: 'ALPHA',
            components: ['Core', 'Site'],
            versions: ['1.0', '2.0'],
            boards: [{ name: 'Board', sprints: [{ name: 'Sprint 1', state: 'active' }] }],
          },
        ],
      },
      { name: 'beta', projects: [{ key: 'BETA' }] },
    ],
  });
  site = world.jira.at(TENANTS.a, 'w-test');
});
afterAll(() => world.close());

async function made(more: Replica = {}) {
  next += 1;
  const result = await site.createIssue(
    ALPHA,
    { summary: `Issue ${next}`, issueType: 'Task', ...more },
    { twin: 'w-x' },
  );
  if (!result.ok || result.issue === undefined) throw new Error(`not made: ${JSON.stringify(result)}`);
  return result.issue;
}

async function shown(issue: ReturnType<typeof issueId>, field: FieldName): Promise<FieldValue | undefined> {
  const found = await site.readIssue(issue, [field]);
  if (found === 'gone') throw new Error('gone');
  return found.fields[field];
}

describe('a field', () => {
  const cases: readonly (readonly [FieldName, FieldValue, FieldValue])[] = [
    ['environment', doc('A server'), null],
    ['dueDate', '2026-12-24', null],
    ['components', ['Core', 'Site'], ['Site']],
    ['fixVersions', ['1.0'], ['1.0', '2.0']],
    ['affectsVersions', ['2.0'], []],
    ['originalEstimate', 5_400, 7_200],
    ['remainingEstimate', 3_600, 60],
    ['sprint', 'Sprint 1', null],
    ['custom:text:Customer', 'Somebody', null],
    ['custom:richText:Acceptance criteria', doc('One', 'Two'), null],
    ['custom:number:Story point estimate', 3.5, 0],
    ['custom:date:Start date', '2026-02-28', '2026-03-01'],
    ['custom:dateTime:Go-live', '2026-11-25T15:20:00.000Z', null],
    ['custom:option:Severity', 'Serious', 'Minor'],
    ['custom:option:Risk', 'High', null],
    ['custom:options:Platforms', ['Android', 'iOS'], []],
    ['custom:options:Checks', ['Docs'], ['Docs', 'Tests']],
    ['custom:cascade:Region', ['Europe', 'Berlin'], ['America']],
    ['custom:user:Contact', ADA, null],
    ['custom:users:Reviewers', [ADA], []],
    ['custom:labels:Topics', ['one', 'two'], ['two']],
    ['custom:url:Website', 'https://example.org/a', null],
  ];

  test.each(cases)('%s is set, changed and read back', async (field, first, second) => {
    const issue = await made();
    for (const value of [first, second]) {
      const place = { issue, project: ALPHA };
      expect(await site.editIssue(place, { [field]: value })).toEqual({ ok: true });
      const back = await shown(issue, field);
      if (typeof value === 'object' && value !== null && 'type' in value) expect(back).toMatchObject(value);
      else expect(back).toEqual(value);
    }
  });

  test.each([
    ['components', ['Nowhere'], 'value-unknown'],
    ['custom:option:Severity', 'Unheard of', 'value-unknown'],
    ['custom:cascade:Region', ['Europe', 'Lima'], 'value-unknown'],
    ['sprint', 'No such sprint', 'value-unknown'],
    ['custom:user:Contact', 'nobody-at-all', 'user-not-assignable'],
    ['custom:text:Customer', 'x'.repeat(300), 'text-too-long'],
    ['custom:text:Not there', 'x', 'field-not-on-screen'],
  ] as const)('%s that the site cannot hold is left out and said', async (field, value, code) => {
    const issue = await made();
    const edited = await site.editIssue({ issue, project: ALPHA }, { summary: 'Still written', [field]: value });
    expect(edited).toEqual({ ok: true, refusedFields: { [field]: code } });
    expect(await shown(issue, 'summary')).toBe('Still written');
  });

  test('of a list says what it takes', async () => {
    const issue = await made();
    const fields: readonly FieldName[] = ['custom:option:Severity', 'custom:cascade:Region', 'sprint', 'links'];
    const { options, editable } = await site.readAbilities({ project: ALPHA, issue, people: [], fields });
    expect(options['custom:option:Severity']).toEqual(['Minor', 'Serious', 'Severe']);
    expect(options['custom:cascade:Region']).toContain('["Europe","Berlin"]');
    expect(options.sprint).toEqual(['Sprint 1']);
    expect(editable).toEqual(expect.arrayContaining(['originalEstimate', 'remainingEstimate', 'links']));
  });
});

describe('the hierarchy', () => {
  test('a sub-task is made beneath its parent, a story beneath its epic', async () => {
    const epic = await made({ issueType: 'Epic' });
    const story = await made({ issueType: 'Story', parent: epic });
    const child = await made({ issueType: 'Sub-task', parent: story });
    expect(await shown(story, 'parent')).toBe(epic);
    expect(await shown(child, 'parent')).toBe(story);
    expect(await shown(epic, 'parent')).toBeNull();
  });

  test('S122 a parent that is gone is refused for itself, and a sub-task is not sent without its parent', async () => {
    const parent = issueId('999999');
    const refused = { refusedFields: { parent: 'parent-not-synced' } };
    const child = { summary: 'Beneath', issueType: 'Sub-task', parent };
    expect(await site.createIssue(ALPHA, child, { twin: 'w-x' })).toEqual({
      ...{ ok: false, code: 'parent-not-synced', ...refused },
    });
    const story = { summary: 'Beneath', issueType: 'Story', parent };
    expect(await site.createIssue(ALPHA, story, { twin: 'w-x' })).toMatchObject({ ok: true, ...refused });
    const issue = await made();
    expect(await site.editIssue({ issue, project: ALPHA }, { summary: 'Still written', parent })).toEqual({
      ...{ ok: true, ...refused },
    });
  });
});

describe('a link', () => {
  test('is made once, read from both ends, and removed', async () => {
    const [one, other] = [await made(), await made()];
    const change = {
      field: 'links',
      element: linkElement({ type: 'Blocks', direction: 'outward', issue: other }),
    } as const;
    expect(await site.changeLink(one, { ...change, act: 'add' })).toEqual({ ok: true });
    expect(await site.changeLink(one, { ...change, act: 'add' })).toEqual({ ok: true });
    expect(await shown(one, 'links')).toEqual([change.element]);
    expect(await shown(other, 'links')).toEqual([linkElement({ type: 'Blocks', direction: 'inward', issue: one })]);
    expect(await site.changeLink(one, { ...change, act: 'remove' })).toEqual({ ok: true });
    expect(await site.changeLink(one, { ...change, act: 'remove' })).toEqual({ ok: true });
    expect(await shown(other, 'links')).toEqual([]);
  });

  test('S105 to an issue that is gone is refused for itself, and does not say that its own issue is gone', async () => {
    const one = await made();
    const element = linkElement({ type: 'Blocks', direction: 'outward', issue: issueId('999999') });
    const refused = { ok: false, code: 'link-target-not-synced' };
    expect(await site.changeLink(one, { field: 'links', act: 'add', element })).toEqual(refused);
  });

  test('to elsewhere is made, read and removed', async () => {
    const issue = await made();
    const element = remoteLinkElement({ url: 'https://example.org/doc', title: 'Doc', globalId: 'doc-1' });
    expect(await site.changeLink(issue, { field: 'remoteLinks', act: 'add', element })).toEqual({ ok: true });
    expect(await shown(issue, 'remoteLinks')).toEqual([element]);
    expect(await site.changeLink(issue, { field: 'remoteLinks', act: 'remove', element })).toEqual({ ok: true });
    expect(await shown(issue, 'remoteLinks')).toEqual([]);
  });
});
