import { describe, expect, it } from 'vitest';
import { ATTACHMENT_LIMIT, attach, enterAttachment } from '../../../infra/local/jira/model/attachments.ts';
import { createIssue } from '../../../infra/local/jira/model/issues.ts';
import { LINK_LIMIT, enterLink, linkIssues } from '../../../infra/local/jira/model/links.ts';
import { JiraProblem } from '../../../infra/local/jira/model/problem.ts';
import { seeded } from '../../../infra/local/jira/model/random.ts';
import { findIssue } from '../../../infra/local/jira/model/records.ts';
import { REMOTE_LINK_LIMIT, putRemoteLink } from '../../../infra/local/jira/model/remoteLinks.ts';
import { exportWorld, importWorld } from '../../../infra/local/jira/model/state.ts';
import type { Act, IssueRecord } from '../../../infra/local/jira/model/types.ts';
import { WORKLOG_LIMIT, addWorklog } from '../../../infra/local/jira/model/worklogs.ts';
import { makeWorld } from '../../../infra/local/jira/model/world.ts';
import { START } from './standIn.ts';

function acting(): Act {
  const world = makeWorld([{ name: 'one', projects: [{ key: 'ABC' }] }], seeded(1), 0);
  const site = world.sites.get('one')!;
  return { world, site, actor: [...world.people.values()][0]!, now: START };
}

const create = (act: Act): IssueRecord =>
  findIssue(
    act,
    createIssue(act, { fields: { project: { key: 'ABC' }, issuetype: { name: 'Task' }, summary: 'x' } }).id,
  ).record;

const FILE = { filename: 'x', mimeType: 'text/plain', sizeBytes: 1, fileId: null, sha256: null };
const OBJECT = { url: 'https://x.example', title: 'X' };

/** How full an issue is made, and what adds one more. */
const cases: readonly (readonly [
  what: string,
  limit: number,
  fill: (act: Act, record: IssueRecord, count: number) => void,
  add: (act: Act, record: IssueRecord) => unknown,
])[] = [
  [
    'worklogs',
    WORKLOG_LIMIT,
    (_act, record, count) => record.worklogIds.push(...Array.from({ length: count }, (_, id) => `gone-${id}`)),
    (act, { issue }) => addWorklog(act, issue.id, { timeSpent: '1h' }, { how: 'auto' }),
  ],
  [
    'attachments',
    ATTACHMENT_LIMIT,
    (act, record, count) => {
      for (let made = 0; made < count; made += 1) enterAttachment(act, record, FILE);
    },
    (act, { issue }) => attach(act, issue.id, [FILE]),
  ],
  [
    'links',
    LINK_LIMIT,
    (act, record, count) => {
      const other = create(act);
      for (let made = 0; made < count; made += 1) enterLink(act, act.site.linkTypes[0]!, record, other);
    },
    (act, { issue }) =>
      linkIssues(act, { type: { name: 'Blocks' }, source: issue.id, destination: create(act).issue.id }),
  ],
  [
    'remote links',
    REMOTE_LINK_LIMIT,
    (act, { issue }, count) => {
      for (let made = 0; made < count; made += 1) putRemoteLink(act, issue.id, { object: OBJECT });
    },
    (act, { issue }) => putRemoteLink(act, issue.id, { object: OBJECT }),
  ],
];

describe('an issue', () => {
  it.each(cases)('takes its last %s of %i, and answers 413 to one more', (_, limit, fill, add) => {
    const act = acting();
    const record = create(act);
    fill(act, record, limit - 1);
    expect(() => add(act, record)).not.toThrow();
    try {
      add(act, record);
      expect.unreachable();
    } catch (problem) {
      expect(problem instanceof JiraProblem && problem.status).toBe(413);
    }
  });
});

describe('a world that was kept before there were files and links', () => {
  it('gets what it lacks', () => {
    const act = acting();
    const record = create(act);
    const old = JSON.parse(exportWorld(act.world)) as { sites: { $map: [string, Record<string, unknown>][] } };
    const site = old.sites.$map[0]![1];
    for (const name of [
      'worklogs',
      'goneWorklogs',
      'attachments',
      'attachmentSettings',
      'links',
      'linkTypes',
      'remoteLinks',
    ])
      Reflect.deleteProperty(site, name);
    const issues = site['issues'] as { $map: [string, Record<string, unknown>][] };
    for (const name of ['worklogIds', 'attachmentIds', 'linkIds', 'remoteLinkIds', 'watcherIds', 'voterIds'])
      Reflect.deleteProperty(issues.$map[0]![1], name);
    const world = importWorld(JSON.stringify(old));
    const read = { ...act, world, site: world.sites.get('one')! };
    expect(read.site.linkTypes).toEqual(act.site.linkTypes);
    addWorklog(read, record.issue.key, { timeSpent: '1h' }, { how: 'auto' });
    expect(attach(read, record.issue.key, [FILE])).toHaveLength(1);
  });
});
