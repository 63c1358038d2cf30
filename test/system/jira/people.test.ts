import type { CloudClient } from 'jira.js';
import { createCloudClient } from 'jira.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rig } from './standIn.ts';
import { doc, standIn } from './standIn.ts';

/** The client checks every answer against schemas of its own and throws where one does not fit. */
function clientOf(rig: Rig, user = 0): CloudClient {
  const alpha = rig.jira.sites[0]!;
  const { emailAddress, apiToken } = alpha.users[user]!;
  return createCloudClient({
    host: alpha.address,
    auth: { type: 'basic', email: emailAddress, apiToken },
    onSchemaMismatch: 'throw',
  });
}

describe('a person with an ordinary Jira client', () => {
  let rig: Rig;
  let jira: CloudClient;

  beforeAll(async () => {
    rig = await standIn({ indexLagMs: 0 });
    jira = clientOf(rig);
  });
  afterAll(() => rig.close());

  it('creates, reads, edits, moves, comments and finds an issue, all within the contract', async () => {
    const created = await jira.issues.createIssue({
      fields: { project: { key: 'ALPHA' }, issuetype: { name: 'Task' }, summary: '  First  ', labels: ['b', 'a', 'b'] },
    });
    expect(created.key).toBe('ALPHA-1');
    const issueIdOrKey = created.key;
    const read = await jira.issues.getIssue({ issueIdOrKey });
    expect(read.fields).toMatchObject({ summary: 'First', labels: ['b', 'a'], status: { name: 'To Do' } });

    await jira.issues.editIssue({ issueIdOrKey, fields: { summary: 'Second', description: doc('Text') } });
    const { transitions } = await jira.issues.getTransitions({ issueIdOrKey });
    const done = transitions!.find((transition) => transition.to!.name === 'Done')!;
    await jira.issues.doTransition({ issueIdOrKey, transition: { id: done.id! } });
    const comment = await jira.issueComments.addComment({ issueIdOrKey, body: doc('Hello') });
    const { comments } = await jira.issueComments.getComments({ issueIdOrKey });
    expect(comments!.map((one) => one.id)).toEqual([comment.id]);

    const found = await jira.issueSearch.searchAndReconsileIssuesUsingJqlPost({
      jql: 'project = ALPHA AND status = Done ORDER BY created',
      fields: ['summary', 'status', 'resolution'],
    });
    expect(found.issues!.map((issue) => issue.fields)).toMatchObject([
      { summary: 'Second', resolution: { name: 'Done' } },
    ]);
    const log = await jira.issues.getChangeLogs({ issueIdOrKey });
    expect(log.values.flatMap((history) => history.items!.map((item) => item.field))).toEqual([
      'summary',
      'description',
      'resolution',
      'status',
    ]);
    expect(rig.jira.violations()).toEqual([]);
  });

  it('reads people, projects, fields, statuses and permissions', async () => {
    const me = await jira.myself.getCurrentUser();
    expect(me.displayName).toBe('Ada Berg');
    await jira.users.getUser({ accountId: me.accountId! });
    expect(await jira.userSearch.findAssignableUsers({ project: 'ALPHA' })).toHaveLength(3);
    const project = await jira.projects.getProject({ projectIdOrKey: 'ALPHA' });
    expect((await jira.projects.searchProjects()).values.map((one) => one.key)).toEqual(['ALPHA', 'OLD']);
    expect((await jira.projects.getAllStatuses({ projectIdOrKey: 'OLD' }))[0]!.statuses).toHaveLength(7);
    await jira.workflowStatuses.getStatuses();
    await jira.issuePriorities.searchPriorities();
    await jira.issueFields.getFields();
    await jira.serverInfo.getServerInfo();
    const { issueTypes } = await jira.issues.getCreateIssueMetaIssueTypes({ projectIdOrKey: 'ALPHA' });
    await jira.issues.getCreateIssueMetaIssueTypeId({ projectIdOrKey: 'ALPHA', issueTypeId: issueTypes![0]!.id! });
    await jira.issues.getEditIssueMeta({ issueIdOrKey: 'ALPHA-1' });
    const mine = await jira.permissions.getMyPermissions({ permissions: 'EDIT_ISSUES,ADMINISTER' });
    expect(mine.permissions!['ADMINISTER']!.havePermission).toBe(true);
    const bulk = await jira.permissions.getBulkPermissions({
      accountId: rig.jira.sites[0]!.users[1]!.accountId,
      globalPermissions: ['ADMINISTER'],
      projectPermissions: [{ permissions: ['EDIT_ISSUES', 'DELETE_ISSUES'], projects: [Number(project.id)] }],
    });
    expect(bulk.globalPermissions).toEqual([]);
    expect(bulk.projectPermissions.map((grant) => grant.projects)).toEqual([[Number(project.id)], []]);
    expect(rig.jira.violations()).toEqual([]);
  });

  it('stores properties with issues and comments and reads several things at once', async () => {
    const { id } = rig.jira.acts('alpha').createIssue({ project: 'ALPHA', summary: 'With properties' });
    await jira.issueProperties.setIssueProperty({ issueIdOrKey: id, propertyKey: 'p', body: { a: 1 } });
    expect((await jira.issueProperties.getIssueProperty({ issueIdOrKey: id, propertyKey: 'p' })).value).toBeDefined();
    const comment = rig.jira.acts('alpha').comment(id, 'One');
    const list = await jira.issueComments.getCommentsByIds({ ids: [Number(comment.id), 1] });
    expect(list.values.map((one) => one.id)).toEqual([comment.id]);
    const fetched = await jira.issues.bulkFetchIssues({ issueIdsOrKeys: [id, 'ALPHA-999'], fields: ['summary'] });
    expect(fetched.issues).toHaveLength(1);
    expect(fetched.issueErrors).toHaveLength(1);
    const counted = await jira.issueSearch.countIssues({ jql: 'project = ALPHA' });
    expect(counted.count).toBe(2);
    const matches = await jira.issueSearch.matchIssues({
      issueIds: [Number(id)],
      jqls: ['summary ~ properties', 'nonsense ='],
    });
    expect(matches.matches.map((one) => [one.matchedIssues.length, one.errors.length])).toEqual([
      [1, 0],
      [0, 1],
    ]);
    await jira.issues.getBulkChangelogs({ issueIdsOrKeys: ['ALPHA-1'] });
    expect(rig.jira.violations()).toEqual([]);
  });

  it('is refused with a wrong token', async () => {
    const alpha = rig.jira.sites[0]!;
    const stranger = createCloudClient({
      host: alpha.address,
      auth: { type: 'basic', email: alpha.users[0]!.emailAddress, apiToken: 'wrong' },
    });
    await expect(stranger.myself.getCurrentUser()).rejects.toMatchObject({ status: 401 });
  });
});
