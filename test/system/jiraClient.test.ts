/** The REST client over real HTTP against the stand-in, which judges every request by its contract. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { attachmentId, commentId, issueId, projectKey, twinId } from '../../shared/model/ids.ts';
import type { AccountId, ProjectKey } from '../../shared/model/ids.ts';
import { accountId } from '../../shared/model/ids.ts';
import type { JiraSite } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';
import { coreFields } from '../kit/syncBuilders.ts';
import { TENANTS, syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';
import { doc } from './jira/standIn.ts';

const ADA = accountId('712020:00000000-0000-4000-8000-00000000000a');
const NOBODY = accountId('712020:00000000-0000-4000-8000-0000000000ff');
const TWIN = twinId(`w-${'0'.repeat(32)}`);
const MARKER = { twin: TWIN };
const ALPHA: ProjectKey = projectKey('ALPHA');

let world: SyncWorld;
let site: JiraSite;
beforeAll(async () => {
  world = await syncWorld({
    sites: [
      { name: 'alpha', projects: [{ key: 'ALPHA' }, { key: 'NARROW', editScreen: ['summary', 'issuetype'] }] },
      { name: 'beta', projects: [{ key: 'BETA' }] },
    ],
  });
  site = world.jira.at(TENANTS.a, 'trace-1');
});
afterEach(() => {
  world.server.faults.apiErrors.length = 0;
  world.server.faults.permissionLost.length = 0;
  expect(world.server.violations()).toEqual([]);
});
afterAll(async () => {
  await world.close();
});

const people = () => world.server.acts('alpha');
const fail = (operation: string, status: number, headers: Record<string, string> = {}) =>
  world.server.faults.apiErrors.push({ operation, status, count: 1, headers });
const codeOf = async (work: Promise<unknown>) => {
  try {
    await work;
    return 'none';
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : 'other';
  }
};

describe('reading', () => {
  test('gives an issue in our words, with the moment of each field’s last change', async () => {
    const { id } = people().createIssue({
      project: 'ALPHA',
      summary: 'One',
      labels: ['b', 'a'],
      priority: 'High',
      assignee: ADA,
    });
    world.clock.at += 60_000;
    people().editIssue(id, { summary: 'Two' });
    const issue = await site.readIssue(issueId(id), coreFields);
    if (issue === 'gone') throw new Error('gone');
    expect(issue.fields).toMatchObject({
      summary: 'Two',
      labels: ['a', 'b'],
      priority: 'High',
      assignee: ADA,
      issueType: 'Task',
    });
    expect(issue.fields.description).toBeNull();
    expect(issue.changedAt.summary).toBeGreaterThanOrEqual(issue.createdAt + 60_000);
    expect(issue.changedAt.priority).toBeUndefined();
    expect(issue.marker).toBeUndefined();
  });

  test('G21 gives many issues at once as each is given alone, and leaves out what is missing or came in part', async () => {
    const make = (summary: string) => issueId(people().createIssue({ project: 'ALPHA', summary }).id);
    const [one, other, worked, long] = [make('One'), make('Other'), make('Worked'), make('Long')];
    people().comment(one, 'Hello');
    people().logWork(worked, { timeSpent: '1h' });
    for (let n = 0; n < 41; n += 1) people().editIssue(long, { summary: `Long ${n}` });
    const parts = { comments: true, worklogs: true, attachments: true };
    const found = await site.readMany([one, issueId('999999'), other, worked, long], coreFields, parts);
    expect([...found.keys()].toSorted()).toEqual([one, other].toSorted());
    for (const issue of [one, other]) expect(found.get(issue)).toEqual(await site.readWhole(issue, coreFields, parts));
    expect(found.get(one)?.comments.length).toBe(1);
    const less = await site.readMany([worked], coreFields, { ...parts, worklogs: false });
    expect([...less.keys()]).toEqual([worked]);
  });

  test('calls an issue that is not there gone', async () => {
    expect(await site.readIssue(issueId('999999'), coreFields)).toBe('gone');
  });

  test('gives all comments of several pages, and says which are restricted', async () => {
    const { id } = people().createIssue({ project: 'ALPHA', summary: 'Talk' });
    for (let n = 0; n < 120; n += 1) people().comment(id, `comment ${n}`);
    people().comment(id, 'secret', { visibility: { type: 'role', value: 'Administrators' } });
    const comments = await site.readComments(issueId(id));
    expect(comments.length).toBeGreaterThanOrEqual(120);
    expect(comments.filter(({ isRestricted }) => isRestricted).length).toBeLessThanOrEqual(1);
    expect(comments[0]?.body).toMatchObject(doc('comment 0'));
  });

  test('knows screens, types, transitions and usable people', async () => {
    const { id } = people().createIssue({ project: 'NARROW', summary: 'One' });
    const ask = {
      project: projectKey('NARROW'),
      issue: issueId(id),
      people: [ADA, NOBODY] as readonly AccountId[],
      fields: coreFields,
    };
    const abilities = await site.readAbilities(ask);
    expect(abilities.editable).toEqual(expect.arrayContaining(['summary', 'issueType']));
    expect(abilities.editable).not.toContain('labels');
    expect(abilities.transitions.map(({ to }) => to)).toContain('In Progress');
    expect([...abilities.usable]).toEqual([ADA]);
    expect(abilities.issueTypes).toContainEqual({ name: 'Sub-task', isSubtask: true });
  });

  test('G17 asks no more of a site than what the plan touches: a screen for fields, ways for a status, or once to learn them', async () => {
    const { id } = people().createIssue({ project: 'NARROW', summary: 'One' });
    const asked = { project: projectKey('NARROW'), issue: issueId(id), people: [], fields: coreFields };
    const standing = { issueType: 'Task', status: 'To Do' };
    const callsFor = async (touches: 'notes' | 'fields' | 'status'): Promise<readonly string[]> => {
      const before = world.calls.length;
      const abilities = await site.readAbilities({ ...asked, standing, touches });
      expect(abilities.transitions.length > 0).toBe(touches === 'status' || abilities.workflow !== undefined);
      return world.calls
        .slice(before)
        .map(({ url }) => /editmeta|transitions/.exec(url)?.[0] ?? '')
        .filter((name) => name !== '');
    };
    expect(await callsFor('notes')).toEqual([]);
    expect((await callsFor('fields')).toSorted()).toEqual(['editmeta', 'transitions']);
    world.clock.at += 120_000;
    expect(await callsFor('fields')).toEqual(['editmeta']);
    expect(await callsFor('status')).toEqual(['transitions']);
  });

  test('asks Jira itself which issues match, new ones included', async () => {
    const one = people().createIssue({ project: 'ALPHA', summary: 'In', labels: ['fresh'] });
    const two = people().createIssue({ project: 'ALPHA', summary: 'Out' });
    const ids = [issueId(one.id), issueId(two.id)];
    expect(await site.match('labels = fresh', ids)).toEqual([ids[0]]);
    expect(await codeOf(site.match('labels = = x', ids))).toBe('jira-refused');
  });

  test('knows who may do what', async () => {
    expect(await site.mayPerson(ADA, 'ADMINISTER')).toBe(true);
    expect(await site.mayPerson(ADA, 'BROWSE_PROJECTS', ALPHA)).toBe(true);
    expect(await site.mayPerson(NOBODY, 'BROWSE_PROJECTS', ALPHA)).toBe(false);
    expect([await site.projectExists(ALPHA), await site.projectExists(projectKey('NONE'))]).toEqual([true, false]);
  });
});

describe('worklogs and files of a site', () => {
  test('tells which worklogs changed or went, the last minute left out, and whose they are', async () => {
    const { id } = people().createIssue({ project: 'ALPHA', summary: 'Work' });
    const since = world.clock.at;
    const kept = people().logWork(id, { timeSpent: '1h' });
    const gone = people().logWork(id, { timeSpent: '2h' });
    people().deleteWork(id, gone.id);
    expect((await site.worklogChanges('updated', since)).ids).toEqual([]);
    world.clock.at += 120_000;
    const updated = await site.worklogChanges('updated', since);
    expect(updated).toMatchObject({ ids: [kept.id], isLast: true });
    expect((await site.worklogChanges('deleted', since)).ids).toEqual([gone.id]);
    expect(await site.placesOfWorklogs(updated.ids)).toEqual(new Map([[kept.id, id]]));
  });

  test('knows the id under which documents show a file without calling the address that tells it', async () => {
    const { id } = people().createIssue({ project: 'ALPHA', summary: 'Files' });
    const file = people().attach(id, { filename: 'a.txt', bytes: 'abc', mimeType: 'text/plain' });
    expect(await site.readAttachments(issueId(id))).toMatchObject([{ id: file.id, name: 'a.txt', bytes: 3 }]);
    expect(await site.readMedia(attachmentId(file.id))).toBe(file.mediaId);
    expect(world.calls.every(({ url }) => url.startsWith('https://alpha.atlassian.net/'))).toBe(true);
  });

  test('says what the site takes and who the app is', async () => {
    expect(await site.readHost(ALPHA)).toMatchObject({ hasInternal: false, upload: { isEnabled: true } });
  });
});

describe('writing', () => {
  test('leaves a marker that is found again by reading and, once the index knows it, by searching', async () => {
    const made = await site.createIssue(
      ALPHA,
      { summary: 'Made', issueType: 'Bug', priority: 'Low', labels: ['x'] },
      MARKER,
    );
    if (!made.ok || made.issue === undefined) throw new Error('not made');
    expect(await site.readIssue(made.issue, coreFields)).toMatchObject({ marker: MARKER });
    world.clock.at += 10_000;
    expect(await site.findMarked(ALPHA, TWIN)).toEqual([made.issue]);
    const marker = { twin: TWIN, origin: 'b', source: '77' } as const;
    const added = await site.addComment(made.issue, doc('hello'), marker);
    if (!added.ok || added.comment === undefined) throw new Error('not added');
    expect(await site.readMarkers([added.comment])).toEqual(new Map([[added.comment, marker]]));
    expect(await site.editComment(made.issue, added.comment, doc('better'))).toEqual({ ok: true });
    expect(await site.deleteComment(made.issue, added.comment)).toEqual({ ok: true });
    expect(await site.deleteComment(made.issue, added.comment)).toEqual({ ok: true });
  });

  test('leaves out what the screen does not have and what the site does not know, and says so', async () => {
    const { id } = people().createIssue({ project: 'NARROW', summary: 'One' });
    const edited = await site.editIssue(
      { issue: issueId(id), project: ALPHA },
      { summary: 'Two', labels: ['x'], issueType: 'No such type' },
    );
    expect(edited).toEqual({ ok: true, refusedFields: { labels: 'field-not-on-screen', issueType: 'value-unknown' } });
    expect(await site.readIssue(issueId(id), coreFields)).toMatchObject({ fields: { summary: 'Two' } });
  });

  test('sends the rest once more when Jira refuses a field', async () => {
    const { id } = people().createIssue({ project: 'ALPHA', summary: 'One' });
    const edited = await site.editIssue({ issue: issueId(id), project: ALPHA }, { summary: 'Two', assignee: NOBODY });
    expect(edited).toEqual({ ok: true, refusedFields: { assignee: 'user-not-assignable' } });
    const refused = await site.editIssue({ issue: issueId(id), project: ALPHA }, { assignee: NOBODY });
    expect(refused).toEqual({
      ok: false,
      code: 'user-not-assignable',
      refusedFields: { assignee: 'user-not-assignable' },
    });
  });

  test('says when a transition is not offered', async () => {
    const { id } = people().createIssue({ project: 'ALPHA', summary: 'One' });
    expect(await site.transition(issueId(id), '99999', {})).toEqual({ ok: false, code: 'status-unreachable' });
  });

  test('says when a permission is missing', async () => {
    const { id } = people().createIssue({ project: 'ALPHA', summary: 'One' });
    world.server.faults.permissionLost.push({ site: 'alpha', project: 'ALPHA', permission: 'ADD_COMMENTS' });
    expect(await site.addComment(issueId(id), doc('x'), MARKER)).toEqual({ ok: false, code: 'jira-forbidden' });
  });

  test('spaces its writes, so that Jira’s limit per issue is not met', async () => {
    const { id } = people().createIssue({ project: 'ALPHA', summary: 'One' });
    for (let n = 0; n < 60; n += 1) {
      expect(await site.addComment(issueId(id), doc(`comment ${n}`), MARKER)).toMatchObject({ ok: true });
    }
  });
});

describe('trouble', () => {
  const id = commentId('1');
  const cases = [
    { status: 401, code: 'jira-unauthorised' },
    { status: 500, code: 'jira-unavailable' },
    { status: 503, code: 'jira-unavailable' },
  ] as const;
  for (const { status, code } of cases) {
    test(`${status} is ${code}`, async () => {
      fail('getCommentsByIds', status);
      expect(await codeOf(site.readMarkers([id]))).toBe(code);
    });
  }

  test('a long wait is a fault that says how long, a short one is waited for', async () => {
    fail('getCommentsByIds', 429, { 'Retry-After': '90', 'RateLimit-Reason': 'jira-quota-tenant-based' });
    await expect(site.readMarkers([id])).rejects.toMatchObject({
      code: 'jira-rate-limited',
      facts: { retryAfterMs: 90_000 },
    });
    // The tenant's quota is asked for by nobody until then.
    await expect(site.projectExists(ALPHA)).rejects.toMatchObject({ code: 'jira-rate-limited' });
    world.clock.at += 90_000;
    fail('getCommentsByIds', 429, { 'Retry-After': '1' });
    const before = world.clock.at;
    await site.readMarkers([id]);
    expect(world.clock.at - before).toBeGreaterThanOrEqual(1_000);
  });

  test('a 429 without Retry-After still ends with a wait', async () => {
    fail('getCommentsByIds', 429);
    await expect(site.readMarkers([id])).rejects.toMatchObject({ facts: { retryAfterMs: 30_000 } });
    world.clock.at += 30_000;
  });

  test('G13 C17 a question about permissions is asked once, whatever the answer; a read is asked twice at most', async () => {
    const callsOf = async (work: () => Promise<unknown>) => {
      const before = world.calls.length;
      const code = await codeOf(work());
      return { code, calls: world.calls.length - before };
    };
    world.server.faults.apiErrors.push({
      operation: 'getBulkPermissions',
      status: 429,
      count: 9,
      headers: { 'Retry-After': '1' },
    });
    expect(await callsOf(() => site.mayPerson(ADA, 'ADMINISTER'))).toEqual({ code: 'jira-rate-limited', calls: 1 });
    world.server.faults.apiErrors.length = 0;
    world.clock.at += 1_000;
    world.server.faults.apiErrors.push({
      operation: 'getCommentsByIds',
      status: 429,
      count: 9,
      headers: { 'Retry-After': '1' },
    });
    expect(await callsOf(() => site.readMarkers([id]))).toEqual({ code: 'jira-rate-limited', calls: 2 });
    world.server.faults.apiErrors.length = 0;
    world.clock.at += 1_000;
  });
});

describe('people', () => {
  const ada = (): string => world.server.sites.find(({ name }) => name === 'alpha')?.users[0]?.accountId ?? '';

  test('names of those whom the site knows', async () => {
    const names = await site.readNames([accountId(ada()), accountId('5b10ac8d82e05b22cc7d4ef5')]);
    expect([...names]).toEqual([[ada(), 'Ada Berg']]);
  });

  test('R50 reports account ids as the platform takes them, and hears of closed and changed ones', async () => {
    const [closed, active] = [accountId('5be24ba3f91c106033269289'), accountId('5be24ad8b1653240376955d2')];
    const at = world.clock.at - 1_000;
    const report = (...accounts: readonly AccountId[]) =>
      site.reportAccounts(accounts.map((account) => ({ account, oldestAt: at })));
    expect(await report(active)).toEqual({ closed: [], updated: [], cycleMs: 7 * 86_400_000 });
    expect(await report(active, closed)).toMatchObject({ closed: [closed], updated: [] });
    world.server.setAccount(ada(), 'updated');
    world.server.setReportCycle(14);
    expect(await report(accountId(ada()))).toEqual({
      ...{ closed: [], updated: [ada()] },
      cycleMs: 14 * 86_400_000,
    });
    world.server.setReportCycle(7);
    world.server.setAccount(ada(), 'closed');
    expect((await report(accountId(ada()))).closed).toEqual([ada()]);
    expect(world.server.violations()).toEqual([]);
    // The stand-in is a judge: who polls is told off, and so is a report of too many.
    expect(await codeOf(report(accountId(ada())))).toBe('jira-refused');
    const many = Array.from({ length: 91 }, (_, n) => accountId(`5be24ba3f91c1060${String(n).padStart(8, '0')}`));
    expect(await codeOf(report(...many))).toBe('jira-refused');
    fail('reportAccounts', 503);
    expect(await codeOf(report(closed))).toBe('jira-unavailable');
    expect((world.server.violations() as unknown[]).splice(0).length).toBe(2);
  });
});

describe('what the site says of our installation', () => {
  test('licence, evaluation, entitlement number, contacts', async () => {
    world.server.configure('alpha', {
      licence: { active: false, evaluation: true, supportEntitlementNumber: 'SEN-77' },
      contacts: [{ name: 'Ada Berg', email: 'ada@acme.example' }],
    });
    expect(await site.readAddon('app.twinline')).toEqual({
      isEnabled: true,
      licence: { isActive: false, isEvaluation: true, supportEntitlementNumber: 'SEN-77' },
      contacts: ['ada@acme.example'],
    });
    world.server.configure('alpha', { licence: null, contacts: [] });
    expect(await site.readAddon('app.twinline')).toEqual({ isEnabled: true, contacts: [] });
    world.server.configure('alpha', { licence: { active: true } });
    expect((await site.readAddon('app.twinline')).licence?.isActive).toBe(true);
  });

  test('an app that is switched off, one that is gone, and a site that does not answer are three things', async () => {
    await world.server.disable('alpha');
    expect(await codeOf(site.readAddon('app.twinline'))).toBe('jira-forbidden');
    await world.server.enable('alpha');
    fail('getAddon', 404);
    expect(await codeOf(site.readAddon('app.twinline'))).toBe('jira-not-found');
    fail('getAddon', 503);
    expect(await codeOf(site.readAddon('app.twinline'))).toBe('jira-unavailable');
    await world.server.uninstall('alpha', { silently: true });
    expect(await codeOf(site.readAddon('app.twinline'))).toBe('jira-unauthorised');
  });
});
