import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queryHash } from '../../../infra/local/jira/http/qsh.ts';
import { isSignedHs256, openToken } from '../../../infra/local/jira/http/token.ts';
import { parseDumpLine } from '../../../infra/local/jira/model/dump.ts';
import type { JiraEvent } from '../../../infra/local/jira/http/events.ts';
import type { Rig } from './standIn.ts';
import { DESCRIPTOR, START, standIn } from './standIn.ts';

describe('webhooks', () => {
  let rig: Rig;
  let events: JiraEvent[];
  beforeEach(async () => {
    rig = await standIn();
    await rig.jira.install('alpha');
    events = [];
    rig.jira.onEvent((event) => events.push(event));
  });
  afterEach(() => rig.close());

  const create = (more = {}) => rig.jira.acts('alpha').createIssue({ project: 'ALPHA', summary: 'x', ...more });

  it('come signed for their address, in the shape of REST v2, with rich text as wiki markup', async () => {
    create({ description: 'Some text' });
    await rig.quiet();
    const [received] = rig.addon.webhooks('jira:issue_created');
    const opened = openToken(received!.headers.authorization!.slice(4))!;
    expect(isSignedHs256(opened, rig.jira.sign('alpha').sharedSecret)).toBe(true);
    expect(opened.claims).toMatchObject({ iss: rig.jira.sites[0]!.clientKey, qsh: queryHash('POST', '/webhook') });
    expect(received!.headers['x-atlassian-webhook-flow']).toBe('Primary');
    expect(received!.headers['x-atlassian-webhook-identifier']).toMatch(/^[0-9a-f-]{36}$/);
    expect(received!.body).toMatchObject({
      timestamp: START,
      webhookEvent: 'jira:issue_created',
      issue_event_type_name: 'issue_created',
      issue: { key: 'ALPHA-1', fields: { summary: 'x', description: 'Some text', status: { name: 'To Do' } } },
    });
    expect(received!.body.issue.self).toContain('/rest/api/2/issue/');
    expect(received!.body).not.toHaveProperty('changelog');
  });

  it('tell with an update what changed, and with a comment only a cut issue', async () => {
    const { id } = create();
    const ada = rig.jira.acts('alpha');
    ada.editIssue(id, { summary: 'y' });
    ada.transition(id, 'Done');
    ada.comment(id, 'Hello');
    await rig.quiet();
    const updates = rig.addon.webhooks('jira:issue_updated').map((one) => one.body);
    expect(updates.map((body) => [body.issue_event_type_name, body.changelog.items.map((item) => item.field)])).toEqual(
      [
        ['issue_updated', ['summary']],
        ['issue_generic', ['resolution', 'status']],
      ],
    );
    const [comment] = rig.addon.webhooks('comment_created');
    expect(comment!.body.comment).toMatchObject({ body: 'Hello', jsdPublic: true });
    expect(Object.keys(comment!.body.issue.fields).sort()).toEqual([
      'assignee',
      'issuetype',
      'priority',
      'project',
      'status',
      'summary',
    ]);
  });

  it('echo the trace of the call that caused them', async () => {
    const { address } = rig.jira.sites[0]!;
    const signer = rig.jira.sign('alpha');
    const target = '/rest/api/3/issue';
    const token = signer.hs256(signer.claims('POST', target, { iss: DESCRIPTOR.key, aud: undefined }));
    await fetch(address + target, {
      method: 'POST',
      headers: {
        authorization: `JWT ${token}`,
        'x-atlassian-webhook-trace': 'abc-123',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ fields: { project: { key: 'ALPHA' }, issuetype: { name: 'Task' }, summary: 'x' } }),
    });
    await rig.quiet();
    expect(rig.addon.webhooks()[0]!.headers['x-atlassian-webhook-trace']).toBe('abc-123');
    expect(rig.addon.webhooks()[0]!.body.user.accountType).toBe('app');
  });

  it.each([408, 409, 425, 429, 500, 503])('are tried again after %i under the same identifier', async (status) => {
    rig.addon.answers.push(status, status);
    create();
    await rig.quiet();
    const got = rig.addon.webhooks();
    expect(got.map((one) => one.headers['x-atlassian-webhook-retry'])).toEqual([undefined, '1', '2']);
    expect(new Set(got.map((one) => one.headers['x-atlassian-webhook-identifier'])).size).toBe(1);
  });

  it('are given up after five repetitions', async () => {
    rig.addon.answers.push(...Array.from({ length: 20 }, () => 500));
    create();
    await rig.quiet();
    expect(rig.addon.webhooks()).toHaveLength(6);
    expect(events.filter((event) => event.kind === 'webhook').at(-1)).toMatchObject({
      outcome: 'failed',
      attempt: 5,
      status: 500,
    });
  });

  it.each([400, 401, 403, 404, 410])('are lost after %i', async (status) => {
    rig.addon.answers.push(status);
    create();
    await rig.quiet();
    expect(rig.addon.webhooks()).toHaveLength(1);
  });

  it('can be lost, doubled, delayed, reordered and refused on the way', async () => {
    rig.jira.faults.loseWebhook = 1;
    create();
    await rig.quiet();
    expect(rig.addon.webhooks()).toHaveLength(0);
    rig.jira.faults.loseWebhook = 0;

    rig.jira.faults.doubleWebhook = 1;
    create();
    await rig.quiet();
    const identifiers = rig.addon.webhooks().map((one) => one.headers['x-atlassian-webhook-identifier']);
    expect([identifiers.length, new Set(identifiers).size]).toEqual([2, 1]);
    rig.jira.faults.doubleWebhook = 0;

    rig.jira.faults.delayMs = 30;
    create();
    expect(rig.jira.pending()).toBe(1);
    await rig.quiet();
    rig.jira.faults.delayMs = 0;

    rig.jira.faults.reorder = true;
    rig.addon.received.splice(0);
    for (let count = 0; count < 12; count += 1) create();
    await rig.quiet();
    const order = rig.addon.webhooks().map((one) => Number(one.body.issue.id));
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    rig.jira.faults.reorder = false;

    rig.jira.faults.refuse = { status: 503, count: 2 };
    rig.addon.received.splice(0);
    create();
    await rig.quiet();
    expect(rig.addon.webhooks().map((one) => one.headers['x-atlassian-webhook-retry'])).toEqual(['2']);
  });

  it('stop when the add-on is disabled or gone', async () => {
    await rig.jira.disable('alpha');
    create();
    await rig.jira.uninstall('alpha', { silently: true });
    create();
    await rig.quiet();
    expect(rig.addon.webhooks()).toEqual([]);
  });

  it('follow a person’s deeds only on their own site', async () => {
    rig.jira.acts('beta').createIssue({ project: 'BETA', summary: 'x' });
    await rig.quiet();
    expect(rig.addon.webhooks()).toEqual([]);
  });

  it('announce loaded issues one by one, with their own dates and authors', async () => {
    const line = JSON.stringify({
      id: '1',
      key: 'DUMP-7',
      fields: {
        summary: 'Old one',
        description: '*bold*',
        issuetype: { id: '1', name: 'Bug', subtask: false },
        priority: { name: 'Critical' },
        status: { name: 'Resolved', statusCategory: { key: 'done' } },
        labels: ['x'],
        reporter: { key: 'u1', displayName: 'Gone Person', active: false },
        created: '2021-04-22T09:53:48.000+0000',
        updated: '2021-04-26T18:37:20.000+0000',
        comment: {
          comments: [
            {
              id: '5',
              author: { key: 'u1', displayName: 'Gone Person', active: false },
              body: 'Done.',
              created: '2021-04-23T00:00:00.000+0000',
              updated: '2021-04-23T00:00:00.000+0000',
            },
          ],
        },
      },
    });
    const [loaded] = rig.jira.load('alpha', 'OLD', [parseDumpLine(line, 1)], { announce: true });
    expect(loaded).toMatchObject({ key: 'OLD-1', dumpKey: 'DUMP-7' });
    await rig.quiet();
    const [received] = rig.addon.webhooks('jira:issue_created');
    expect(received!.body.issue.fields).toMatchObject({
      created: '2021-04-22T09:53:48.000+0000',
      status: { name: 'Resolved' },
      priority: { name: 'Critical' },
      reporter: { displayName: 'Gone Person', active: false },
      description: '{*}bold{*}',
    });
    expect(rig.jira.snapshot('alpha').issues[0]!.comments).toMatchObject([{ text: 'Done.' }]);
  });
});

describe('a stand-in that is started again', () => {
  it('has its issues and its installation, and sends under new identifiers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stand-in-'));
    const statePath = join(folder, 'state.json');
    const identifiers: unknown[] = [];
    const secrets: string[] = [];
    try {
      for (const run of [1, 2]) {
        const rig = await standIn({ statePath });
        if (run === 1) await rig.jira.install('alpha');
        secrets.push(rig.jira.sign('alpha').sharedSecret);
        rig.jira.acts('alpha').createIssue({ project: 'ALPHA', summary: 'x' });
        await rig.quiet();
        expect(rig.jira.snapshot('alpha').issues).toHaveLength(run);
        identifiers.push(...rig.addon.webhooks().map((one) => one.headers['x-atlassian-webhook-identifier']));
        await rig.close();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(new Set(identifiers).size).toBe(2);
    expect(new Set(secrets).size).toBe(1);
  });
});
