import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DESCRIPTOR, START, doc, serveAddon, standIn } from './standIn.ts';
import type { Rig } from './standIn.ts';

const EVENTS = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'comment_created',
  'comment_deleted',
  'worklog_created',
  'worklog_updated',
  'worklog_deleted',
  'attachment_created',
  'attachment_deleted',
  'issuelink_created',
  'issuelink_deleted',
  'issue_property_deleted',
];

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly body: Seen;
}

/** An issue's fields as far as these tests look at them. */
interface SeenFields {
  readonly attachment: readonly Seen[];
  readonly issuelinks: readonly Seen[];
  readonly subtasks: readonly Seen[];
  readonly components: readonly Seen[];
  readonly project: Seen;
  readonly status: Seen;
  readonly watches: unknown;
  readonly votes: unknown;
  readonly timetracking: { readonly remainingEstimateSeconds: number };
}

/** The members of answers and webhooks that these tests look at; which are there depends on the operation or event. */
interface Seen {
  readonly transitions: readonly unknown[];
  readonly id: string;
  readonly key: string;
  readonly self: string;
  readonly name: string;
  readonly accountId: string;
  readonly fields: SeenFields;
  readonly issue: Seen;
  readonly changelog: Seen;
  readonly worklog: unknown;
  readonly attachment: unknown;
  readonly issue_event_type_name: string;
  readonly values: readonly Seen[];
  readonly items: readonly Seen[];
  readonly worklogs: readonly Seen[];
  readonly issues: readonly Seen[];
  readonly errors: Readonly<Record<string, unknown>>;
  readonly errorMessages: readonly string[];
  readonly keys: readonly Seen[];
  readonly watchers: readonly Seen[];
  readonly voters: readonly Seen[];
  readonly issueLinkTypes: readonly Seen[];
  readonly inwardIssue?: Seen;
  readonly outwardIssue?: Seen;
  readonly total: number;
  readonly size: number;
  readonly since: number;
  readonly until: number;
  readonly worklogId: number;
  readonly lastPage: boolean;
  readonly nextPage: string;
  readonly filename: string;
  readonly mimeType: string;
  readonly field: string;
  readonly fieldId?: string;
  readonly from: string | null;
  readonly fromString: string | null;
  readonly to: string | null;
  readonly toString: () => string;
  readonly jsdPublic: boolean;
  readonly archived: boolean;
  readonly enabled: boolean;
  readonly globalId?: string;
}

/** A body that is a list. */
function list({ body }: Answered): readonly Seen[] {
  return body as unknown as readonly Seen[];
}

let rig: Rig;
beforeEach(async () => {
  const addon = await serveAddon({
    ...DESCRIPTOR,
    modules: { webhooks: EVENTS.map((event) => ({ event, url: '/webhook' })) },
  });
  rig = await standIn({ indexLagMs: 0 }, addon);
  await rig.jira.install('alpha');
});
afterEach(() => rig.close());

/** Calls as the add-on. */
async function app(
  method: string,
  target: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Answered> {
  const signer = rig.jira.sign('alpha');
  const path = `/rest/api/3${target}`;
  const token = signer.hs256(signer.claims(method, path, { iss: DESCRIPTOR.key, aud: undefined }));
  return call(method, path, `JWT ${token}`, body, more);
}

/** Calls as a person: 0 administers, 1 and 2 do not. */
async function person(which: number, method: string, target: string, body?: unknown): Promise<Answered> {
  const { emailAddress, apiToken } = rig.jira.sites[0]!.users[which]!;
  const basic = Buffer.from(`${emailAddress}:${apiToken}`).toString('base64');
  return call(method, `/rest/api/3${target}`, `Basic ${basic}`, body);
}

async function call(
  method: string,
  path: string,
  authorization: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Answered> {
  const isForm = body instanceof FormData;
  const response = await fetch(rig.jira.sites[0]!.address + path, {
    method,
    redirect: 'manual',
    headers: {
      authorization,
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      ...more,
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    body: (isJson ? JSON.parse(bytes.toString()) : undefined) as Seen,
  };
}

const ada = () => rig.jira.acts('alpha');
const ben = () => rig.jira.acts('alpha', rig.jira.sites[0]!.users[1]!.accountId);
const create = (more = {}) => ada().createIssue({ project: 'ALPHA', summary: 'x', ...more });

/** All webhook bodies of an event, once it is quiet. */
async function told(event: string): Promise<readonly Seen[]> {
  await rig.quiet();
  return rig.addon.webhooks(event).map(({ body }) => body as unknown as Seen);
}

/** What an issue's changelog has of a field. */
async function logged(key: string, field: string): Promise<readonly Seen[]> {
  const { body } = await app('GET', `/issue/${key}/changelog`);
  return body.values.flatMap((history) => history.items).filter((item) => item.field === field);
}

function form(...files: readonly (readonly [name: string, bytes: string | Uint8Array<ArrayBuffer>])[]): FormData {
  const data = new FormData();
  for (const [name, bytes] of files) data.append('file', new Blob([bytes], { type: 'text/plain' }), name);
  return data;
}

const TOKEN = { 'x-atlassian-token': 'no-check' };
const upload = (key: string, data: FormData) => app('POST', `/issue/${key}/attachments`, data, TOKEN);

describe('worklogs', () => {
  const work = { timeSpentSeconds: 3_600, comment: doc('Dug'), started: '2026-11-22T08:00:00.000+0000' };

  it('are added, read, changed and deleted; totals, changelog and webhooks follow', async () => {
    const { id, key } = create();
    const added = await app('POST', `/issue/${key}/worklog`, { ...work, properties: [{ key: 'of', value: 7 }] });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({ issueId: id, timeSpent: '1h', timeSpentSeconds: 3_600, comment: doc('Dug') });
    const worklog = added.body.id;
    const changed = await app('PUT', `/issue/${key}/worklog/${worklog}?expand=properties`, { timeSpent: '1d 30m' });
    expect(changed.body).toMatchObject({
      timeSpentSeconds: 30_600,
      timeSpent: '1d 30m',
      started: work.started,
      properties: [{ key: 'of', value: 7 }],
    });
    const read = await app('GET', `/issue/${key}?fields=worklog,timespent,timetracking`);
    expect(read.body.fields).toMatchObject({
      worklog: { startAt: 0, maxResults: 20, total: 1, worklogs: [{ id: worklog }] },
      timetracking: { timeSpentSeconds: 30_600, timeSpent: '1d 30m' },
    });
    expect((await app('DELETE', `/issue/${key}/worklog/${worklog}`)).status).toBe(204);
    expect((await app('GET', `/issue/${key}/worklog/${worklog}`)).status).toBe(404);
    expect((await logged(key, 'timespent')).map(({ from, to }) => [from, to])).toEqual([
      [null, '3600'],
      ['3600', '30600'],
      ['30600', '0'],
    ]);
    expect((await logged(key, 'WorklogId')).map(({ from, to }) => [from, to])).toEqual([
      [null, worklog],
      [worklog, worklog],
      [worklog, null],
    ]);
    const [event] = await told('worklog_created');
    expect(Object.keys(event!).sort()).toEqual(['timestamp', 'webhookEvent', 'worklog']);
    expect(event!.worklog).toMatchObject({ id: worklog, issueId: id, comment: 'Dug', timeSpentSeconds: 3_600 });
    expect(await told('worklog_updated')).toHaveLength(1);
    expect(await told('worklog_deleted')).toHaveLength(1);
    expect((await told('jira:issue_updated')).map((body) => body.issue_event_type_name)).toEqual([
      'issue_work_logged',
      'issue_worklog_updated',
      'issue_worklog_deleted',
    ]);
    expect(rig.jira.violations()).toEqual([]);
  });

  it.each([
    ['adjustEstimate=new&newEstimate=2h', 7_200],
    ['adjustEstimate=manual&reduceBy=1h', 10_800],
    ['adjustEstimate=leave', 14_400],
    ['adjustEstimate=auto', 10_800 - 7_200 + 3_600],
  ])('adjust the remaining estimate: %s', async (query, seconds) => {
    const { key } = create();
    // An estimate of 4 h to begin with.
    await app('POST', `/issue/${key}/worklog?adjustEstimate=new&newEstimate=4h`, { timeSpent: '1m' });
    const spent = query.endsWith('auto') ? { timeSpent: '2h' } : { timeSpent: '30m' };
    await app('POST', `/issue/${key}/worklog?${query}`, spent);
    const { body } = await app('GET', `/issue/${key}?fields=timetracking`);
    expect(body.fields.timetracking.remainingEstimateSeconds).toBe(seconds);
  });

  it.each([
    ['no time', {}, 400],
    ['less than a minute', { timeSpentSeconds: 59 }, 400],
    ['no duration', { timeSpent: 'long' }, 400],
    ['a plain text as comment', { ...work, comment: 'Dug' }, 400],
    ['a role that is none', { ...work, visibility: { type: 'role', value: 'Kings' } }, 400],
  ])('are refused with %s', async (_, body, status) => {
    expect((await app('POST', `/issue/${create().key}/worklog`, body)).status).toBe(status);
  });

  it('are refused with an adjustment that lacks its amount', async () => {
    const { key } = create();
    expect((await app('POST', `/issue/${key}/worklog?adjustEstimate=new`, work)).body.errors).toHaveProperty(
      'newEstimate',
    );
    expect((await app('POST', `/issue/${key}/worklog?adjustEstimate=manual`, work)).status).toBe(400);
    expect((await app('GET', `/issue/${key}/worklog`)).body.total).toBe(0);
  });

  it('are hidden from those outside their role, and out of their hands', async () => {
    const { key } = create();
    const hidden = ada().logWork(key, { timeSpent: '1h', visibility: { type: 'role', value: 'Administrators' } });
    const open = ada().logWork(key, { timeSpent: '1h' });
    expect((await person(1, 'GET', `/issue/${key}/worklog`)).body.worklogs.map((one) => one.id)).toEqual([open.id]);
    expect((await person(0, 'GET', `/issue/${key}/worklog`)).body.total).toBe(2);
    expect((await person(1, 'GET', `/issue/${key}/worklog/${hidden.id}`)).status).toBe(404);
    const refused = await person(1, 'PUT', `/issue/${key}/worklog/${open.id}`, { timeSpent: '2h' });
    expect([refused.status, refused.body.errorMessages[0]]).toEqual([
      400,
      `You do not have permission to edit worklog with id: ${open.id}`,
    ]);
    const listed = await person(1, 'POST', '/worklog/list', { ids: [Number(hidden.id), Number(open.id), 999] });
    expect(list(listed).map((one) => one.id)).toEqual([open.id]);
  });

  it('tell what changed and what went, but not of the last minute, a thousand at a time', async () => {
    const { key } = create();
    const ids = Array.from({ length: 1_001 }, (_, count) => {
      rig.clock.at = START + Math.floor(count / 100);
      return ada().logWork(key, { timeSpent: '1m' }).id;
    });
    expect((await app('GET', '/worklog/updated')).body.values).toEqual([]);
    rig.clock.at += 60_001;
    const first = (await app('GET', `/worklog/updated?since=${START}`)).body;
    expect([first.values.length, first.lastPage, first.since]).toEqual([1_000, false, START]);
    expect(first.values[0]).toEqual({ worklogId: Number(ids[0]), updatedTime: START, properties: [] });
    const next = new URL(first.nextPage);
    expect(Number(next.searchParams.get('since'))).toBe(first.until);
    const last = (await app('GET', `/worklog/updated${next.search}`)).body;
    expect([last.lastPage, last.values.at(-1)!.worklogId]).toEqual([true, Number(ids.at(-1))]);
    ada().deleteWork(key, ids[3]!);
    expect((await app('GET', '/worklog/deleted')).body.values).toEqual([]);
    const at = rig.clock.at;
    rig.clock.at += 60_001;
    expect((await app('GET', '/worklog/deleted')).body).toMatchObject({
      values: [{ worklogId: Number(ids[3]), updatedTime: at }],
      lastPage: true,
      until: rig.clock.at - 60_000,
    });
    expect(rig.jira.violations()).toEqual([]);
  }, 60_000);

  it('keep properties of apps', async () => {
    const { key } = create();
    const { id } = ada().logWork(key, { timeSpent: '1h' });
    const path = `/issue/${key}/worklog/${id}/properties`;
    expect((await app('PUT', `${path}/marker`, { of: 'x' })).status).toBe(201);
    expect((await app('PUT', `${path}/marker`, { of: 'y' })).status).toBe(200);
    expect((await app('GET', `${path}/marker`)).body).toEqual({ key: 'marker', value: { of: 'y' } });
    expect((await app('GET', path)).body.keys.map((one) => one.key)).toEqual(['marker']);
    expect((await app('DELETE', `${path}/marker`)).status).toBe(204);
    expect((await app('GET', `${path}/marker`)).status).toBe(404);
    expect(rig.jira.violations()).toEqual([]);
  });
});

describe('attachments', () => {
  it('are uploaded, described, downloaded through a signed address elsewhere, and deleted', async () => {
    const { key } = create();
    const posted = await upload(key, form(['a b.txt', 'Hello'], ['ü"x.txt', new Uint8Array(200_000).fill(7)]));
    expect(posted.status).toBe(200);
    expect(list(posted).map((one) => [one.filename, one.size, one.mimeType])).toEqual([
      ['a b.txt', 5, 'text/plain'],
      ['ü"x.txt', 200_000, 'text/plain'],
    ]);
    const [first, second] = [list(posted)[0]!, list(posted)[1]!];
    const described = (await app('GET', `/attachment/${first.id}`)).body;
    expect(described).toMatchObject({ id: Number(first.id), filename: 'a b.txt', author: { accountType: 'app' } });
    const read = (await app('GET', `/issue/${key}?fields=attachment`)).body;
    expect(read.fields.attachment).toEqual(posted.body);

    const redirected = await app('GET', `/attachment/content/${second.id}`);
    expect([redirected.status, redirected.bytes.length]).toEqual([303, 0]);
    const location = new URL(redirected.headers.get('location')!);
    expect(location.origin).toBe(rig.jira.mediaServer.origin);
    expect(location.pathname).toMatch(
      /^\/file\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}\/binary$/,
    );
    const signed = rig.jira.mediaServer.address + location.pathname + location.search;
    const fetched = await fetch(signed);
    expect([fetched.status, fetched.headers.get('content-type')]).toEqual([200, 'text/plain']);
    expect(Buffer.from(await fetched.arrayBuffer()).equals(Buffer.alloc(200_000, 7))).toBe(true);
    expect((await fetch(signed, { headers: { authorization: 'JWT leaked' } })).status).toBe(400);
    expect((await fetch(signed.replace('token=', 'token=9'))).status).toBe(401);
    rig.clock.at += 600_001;
    expect((await fetch(signed)).status).toBe(403);

    expect((await app('DELETE', `/attachment/${first.id}`)).status).toBe(204);
    expect((await app('GET', `/attachment/content/${first.id}?redirect=false`)).status).toBe(404);
    expect(
      (await logged(key, 'Attachment')).map(({ fieldId, from, fromString, to, toString }) => [
        fieldId,
        from,
        fromString,
        to,
        toString,
      ]),
    ).toEqual([
      ['attachment', null, null, first.id, 'a b.txt'],
      ['attachment', null, null, second.id, 'ü"x.txt'],
      ['attachment', first.id, 'a b.txt', null, null],
    ]);
    const created = await told('attachment_created');
    expect(created.map((body) => Object.keys(body).sort())).toEqual(
      Array.from({ length: 2 }, () => ['attachment', 'timestamp', 'webhookEvent']),
    );
    expect(created[0]!.attachment).toMatchObject({ id: first.id, filename: 'a b.txt' });
    expect(await told('attachment_deleted')).toHaveLength(1);
    const updates = await told('jira:issue_updated');
    expect(updates.map((body) => body.changelog.items.map((item) => item.field))).toEqual([
      ['Attachment', 'Attachment'],
      ['Attachment'],
    ]);
    expect(updates[0]!.issue.fields.attachment).toHaveLength(2);
    expect(rig.jira.violations()).toEqual([]);
  });

  it.each([
    [undefined, 200, 'Hello, world', undefined],
    ['bytes=0-4', 206, 'Hello', 'bytes 0-4/12'],
    ['bytes=7-', 206, 'world', 'bytes 7-11/12'],
    ['bytes=-5', 206, 'world', 'bytes 7-11/12'],
    ['bytes=7-99', 206, 'world', 'bytes 7-11/12'],
    ['bytes=12-', 416, '', 'bytes */12'],
    ['lines=1-2', 400, undefined, undefined],
  ])('answer the range %s with %i', async (range, status, text, contentRange) => {
    const { key } = create();
    const { id } = ada().attach(key, { filename: 'x', bytes: 'Hello, world' });
    const answered = await app(
      'GET',
      `/attachment/content/${id}?redirect=false`,
      undefined,
      range === undefined ? {} : { range },
    );
    expect(answered.status).toBe(status);
    if (text !== undefined) expect(answered.bytes.toString()).toBe(text);
    expect(answered.headers.get('content-range') ?? undefined).toBe(contentRange);
  });

  it('are refused without the token header, in a part of another name, and to another operation', async () => {
    const { key } = create();
    const blocked = await app('POST', `/issue/${key}/attachments`, form(['x', 'x']));
    expect([blocked.status, blocked.body.errorMessages]).toEqual([403, ['XSRF check failed']]);
    const misnamed = new FormData();
    misnamed.append('attachment', new Blob(['x']), 'x');
    expect((await upload(key, misnamed)).status).toBe(400);
    expect((await app('POST', `/issue/${key}/comment`, form(['x', 'x']), TOKEN)).status).toBe(415);
    expect((await upload('ALPHA-99', form(['x', 'x']))).status).toBe(404);
    const broken = await app('POST', `/issue/${key}/attachments`, { no: 'form' }, TOKEN);
    expect(broken.status).toBe(400);
    expect((await app('GET', `/issue/${key}?fields=attachment`)).body.fields.attachment).toEqual([]);
    expect(rig.jira.violations().map(({ operation }) => operation)).toContain('addAttachment');
  });

  it('have a size, a number and a switch', async () => {
    const { key } = create();
    const { body } = await app('GET', '/attachment/meta');
    expect(body).toEqual({ enabled: true, uploadLimit: 1_000_000 });
    expect((await upload(key, form(['big', new Uint8Array(1_000_001)]))).status).toBe(413);
    expect((await upload(key, form(['fits', new Uint8Array(1_000_000)]))).status).toBe(200);
    const many = form(...Array.from({ length: 61 }, (_, count) => [`${count}`, 'x'] as const));
    expect((await upload(key, many)).status).toBe(413);
    rig.jira.configure('alpha', { attachments: { enabled: false } });
    expect((await upload(key, form(['x', 'x']))).status).toBe(404);
    expect((await app('GET', '/attachment/meta')).body.enabled).toBe(false);
  });

  it('follow the restriction of the comment that alone shows them', async () => {
    const { key } = create();
    const file = ada().attach(key, { filename: 'secret.png', bytes: 'x', mimeType: 'image/png' });
    const media = {
      type: 'doc',
      version: 1,
      content: [
        { type: 'mediaGroup', content: [{ type: 'media', attrs: { type: 'file', id: file.mediaId, collection: '' } }] },
      ],
    } as const;
    const seen = async (which: number): Promise<number> =>
      (await person(which, 'GET', `/issue/${key}?fields=attachment`)).body.fields.attachment.length;
    ada().comment(key, media, { visibility: { type: 'role', value: 'Administrators' } });
    expect([await seen(0), await seen(1)]).toEqual([1, 0]);
    expect((await person(1, 'GET', `/attachment/content/${file.id}`)).status).toBe(404);
    expect((await app('GET', `/attachment/${file.id}`)).status).toBe(404);
    ada().comment(key, media);
    expect([await seen(0), await seen(1)]).toEqual([1, 1]);
    const { headers } = await person(1, 'GET', `/attachment/content/${file.id}`);
    expect(headers.get('location')).toContain(`/file/${file.mediaId}/binary`);
  });
});

describe('files in documents', () => {
  const showing = (attrs: Record<string, string>) => ({
    type: 'doc',
    version: 1,
    content: [{ type: 'mediaSingle', attrs: { layout: 'center' }, content: [{ type: 'media', attrs }] }],
  });

  it('are named by their media id, which stands in the address of the content and nowhere else', async () => {
    const { key } = create();
    const [file] = list(await upload(key, form(['x.png', 'x'])));
    const { headers } = await app('GET', `/attachment/content/${file!.id}`);
    const id = /\/file\/([^/]+)\/binary/.exec(headers.get('location') ?? '')?.[1] ?? '';
    const description = showing({ type: 'file', id, collection: '' });
    expect((await app('PUT', `/issue/${key}`, { fields: { description } })).status).toBe(204);
    expect((await app('POST', `/issue/${key}/comment`, { body: description })).status).toBe(201);
    const elsewhere = showing({ type: 'external', url: 'https://x.example/x.png' });
    expect((await app('POST', `/issue/${key}/comment`, { body: elsewhere })).status).toBe(201);
    for (const other of [file!.id, '00000000-0000-4000-8000-000000000000']) {
      const body = showing({ type: 'file', id: other, collection: '' });
      const refused = await app('POST', `/issue/${key}/comment`, { body });
      expect([refused.status, refused.body.errorMessages]).toEqual([400, ['ATTACHMENT_VALIDATION_ERROR']]);
      expect((await app('PUT', `/issue/${key}`, { fields: { description: body } })).status).toBe(400);
    }
    expect(rig.jira.violations()).toEqual([]);
  });
});

describe('issue links', () => {
  it('are read from both ends, made once, and deleted', async () => {
    const [one, two] = [create(), create()];
    const types = (await app('GET', '/issueLinkType')).body.issueLinkTypes;
    const blocks = types.find((type) => type.name === 'Blocks')!;
    expect((await app('GET', `/issueLinkType/${blocks.id}`)).body).toEqual(blocks);
    const link = { type: { name: 'Blocks' }, inwardIssue: { key: one.key }, outwardIssue: { key: two.key } };
    for (let round = 0; round < 2; round += 1) {
      const made = await app('POST', '/issueLink', link);
      expect([made.status, made.bytes.length]).toEqual([201, 0]);
    }
    const [a] = (await app('GET', `/issue/${one.key}?fields=issuelinks`)).body.fields.issuelinks;
    const [b, ...more] = (await app('GET', `/issue/${two.key}?fields=issuelinks`)).body.fields.issuelinks;
    expect(more).toEqual([]);
    expect([a!.outwardIssue?.key, a!.inwardIssue, b!.inwardIssue?.key, b!.outwardIssue]).toEqual([
      two.key,
      undefined,
      one.key,
      undefined,
    ]);
    expect((await app('GET', `/issueLink/${a!.id}`)).body).toMatchObject({
      type: { name: 'Blocks', outward: 'blocks' },
      inwardIssue: { key: one.key },
      outwardIssue: { key: two.key },
    });
    expect(await logged(one.key, 'Link')).toEqual([
      {
        field: 'Link',
        fieldtype: 'jira',
        from: null,
        fromString: null,
        to: two.key,
        toString: `This issue blocks ${two.key}`,
      },
    ]);
    expect((await logged(two.key, 'Link'))[0]!.toString).toBe(`This issue is blocked by ${one.key}`);
    expect(await told('issuelink_created')).toEqual([
      {
        timestamp: START,
        webhookEvent: 'issuelink_created',
        issueLink: {
          id: Number(a!.id),
          sourceIssueId: Number(one.id),
          destinationIssueId: Number(two.id),
          issueLinkType: {
            id: Number(blocks.id),
            name: 'Blocks',
            outwardName: 'blocks',
            inwardName: 'is blocked by',
            isSubTaskLinkType: false,
            isSystemLinkType: false,
          },
          systemLink: false,
        },
      },
    ]);
    expect(await told('jira:issue_updated')).toEqual([]);
    expect((await app('DELETE', `/issueLink/${a!.id}`)).status).toBe(204);
    expect((await app('DELETE', `/issueLink/${a!.id}`)).status).toBe(404);
    expect((await app('GET', `/issue/${two.key}?fields=issuelinks`)).body.fields.issuelinks).toEqual([]);
    expect((await logged(two.key, 'Link'))[1]).toMatchObject({ from: one.key, to: null });
    expect(await told('issuelink_deleted')).toHaveLength(1);
    expect(rig.jira.violations()).toEqual([]);
  });

  it('of a type that reads the same from both ends are made once in either direction', () => {
    const [one, two] = [create(), create()];
    ada().link(one.key, 'Relates', two.key);
    ada().link(two.key, 'Relates', one.key);
    expect(ada().links(one.key)).toMatchObject([{ type: 'Relates', words: 'relates to', other: two.key }]);
    ada().link(one.key, 'Blocks', two.key);
    ada().link(two.key, 'Blocks', one.key);
    expect(ada().links(one.key)).toHaveLength(3);
  });

  it.each([
    ['a type that is none', { type: { name: 'Loves' } }, 404],
    ['an issue that is none', { outwardIssue: { key: 'ALPHA-99' } }, 404],
    ['itself', { outwardIssue: { key: 'ALPHA-1' } }, 400],
  ])('are refused to %s', async (_, more, status) => {
    create();
    create();
    const link = { type: { name: 'Blocks' }, inwardIssue: { key: 'ALPHA-1' }, outwardIssue: { key: 'ALPHA-2' } };
    expect((await app('POST', '/issueLink', { ...link, ...more })).status).toBe(status);
  });

  it('carry a comment to the outward issue', async () => {
    const [one, two] = [create(), create()];
    const link = { type: { name: 'Blocks' }, inwardIssue: { id: one.id }, outwardIssue: { id: two.id } };
    await app('POST', '/issueLink', { ...link, comment: { body: doc('Linked') } });
    expect((await app('GET', `/issue/${two.key}/comment`)).body.total).toBe(1);
  });

  it('hide with an end that may not be seen', async () => {
    const one = create();
    const old = ada().createIssue({ project: 'OLD', summary: 'y' });
    ada().link(one.key, 'Blocks', old.key);
    ada().setPermission('OLD', 'BROWSE_PROJECTS', ['Administrators']);
    expect((await app('GET', `/issue/${one.key}?fields=issuelinks`)).body.fields.issuelinks).toEqual([]);
    expect((await app('GET', `/issueLink/${ada().links(one.key)[0]!.id}`)).status).toBe(404);
  });

  it('have ids and names that are the site’s own', async () => {
    const other = await standIn({
      sites: [
        { name: 'x', projects: [] },
        { name: 'y', projects: [], linkTypes: [['Block', 'blockiert von', 'blockiert']] },
      ],
    });
    const [x, y] = other.jira.sites;
    const typesOf = async (site: typeof x) => {
      const { emailAddress, apiToken } = site!.users[0]!;
      const authorization = `Basic ${Buffer.from(`${emailAddress}:${apiToken}`).toString('base64')}`;
      const response = await fetch(`${site!.address}/rest/api/3/issueLinkType`, { headers: { authorization } });
      return ((await response.json()) as Seen).issueLinkTypes;
    };
    const [one, two] = [await typesOf(x), await typesOf(y)];
    expect(two).toMatchObject([{ name: 'Block', inward: 'blockiert von' }]);
    expect(one.map((type) => type.id)).not.toContain(two[0]!.id);
    await other.close();
  });
});

describe('remote links', () => {
  const object = { url: 'https://x.example/1', title: 'One' };

  it('are made, changed by their global id, read and deleted, and no webhook tells', async () => {
    const { key } = create();
    const path = `/issue/${key}/remotelink`;
    const made = await app('POST', path, { globalId: 'system=x&id=1', relationship: 'causes', object });
    expect(made.status).toBe(201);
    const again = await app('POST', path, { globalId: 'system=x&id=1', object: { ...object, title: 'Two' } });
    expect([again.status, again.body.id]).toEqual([200, made.body.id]);
    const { body } = await app('GET', path);
    expect(body).toEqual([
      {
        id: made.body.id,
        self: made.body.self,
        globalId: 'system=x&id=1',
        application: {},
        object: { ...object, title: 'Two' },
      },
    ]);
    const [remote] = list(await app('GET', path));
    expect((await app('GET', `${path}?globalId=${encodeURIComponent('system=x&id=1')}`)).body).toEqual(remote);
    expect((await app('GET', `${path}/${made.body.id}`)).body).toEqual(remote);
    expect((await app('PUT', `${path}/${made.body.id}`, { object })).status).toBe(204);
    expect(list(await app('GET', path))[0]!.globalId).toBeUndefined();
    expect((await app('DELETE', `${path}/${made.body.id}`)).status).toBe(204);
    expect((await app('GET', `${path}/${made.body.id}`)).status).toBe(404);
    const [item] = await logged(key, 'RemoteIssueLink');
    expect(Number(item!.to)).toBe(made.body.id);
    expect(item).toMatchObject({
      from: null,
      toString: 'This issue links to "One (Web Link)"',
    });
    await rig.quiet();
    expect(rig.addon.webhooks().map((one) => one.body.webhookEvent)).toEqual(['jira:issue_created']);
    expect((await app('POST', path, { object: { url: 'https://x.example' } })).status).toBe(400);
  });
});

describe('watchers and votes', () => {
  it('are counted in the issue; nobody but watchers’ managers watches for others', async () => {
    const { key } = ben().createIssue({ project: 'ALPHA', summary: 'x' });
    const [a, b] = rig.jira.sites[0]!.users;
    ben().watch(key);
    expect((await person(0, 'POST', `/issue/${key}/watchers`, b!.accountId)).status).toBe(204);
    expect((await person(1, 'POST', `/issue/${key}/watchers`, a!.accountId)).status).toBe(403);
    expect((await person(0, 'POST', `/issue/${key}/votes`)).status).toBe(204);
    expect((await person(1, 'POST', `/issue/${key}/votes`)).status).toBe(404);
    const { fields } = (await person(1, 'GET', `/issue/${key}?fields=watches,votes`)).body;
    expect(fields.watches).toMatchObject({ watchCount: 1, isWatching: true });
    expect(fields.votes).toMatchObject({ votes: 1, hasVoted: false });
    expect((await app('GET', `/issue/${key}/watchers`)).body.watchers[0]!.accountId).toBe(b!.accountId);
    expect((await app('GET', `/issue/${key}/votes`)).body.voters[0]!.accountId).toBe(a!.accountId);
    expect((await person(1, 'DELETE', `/issue/${key}/watchers?accountId=${b!.accountId}`)).status).toBe(204);
    expect((await person(0, 'DELETE', `/issue/${key}/votes`)).status).toBe(204);
    await rig.quiet();
    expect(rig.addon.webhooks()).toHaveLength(1);
    expect(rig.jira.violations()).toEqual([]);
  });
});

describe('comments', () => {
  it('are internal by their property, and restricted on creation and by a change', async () => {
    const { key } = create();
    const internal = await app('POST', `/issue/${key}/comment`, {
      body: doc('x'),
      properties: [{ key: 'sd.public.comment', value: { internal: true } }],
    });
    expect(internal.body.jsdPublic).toBe(false);
    const open = ada().comment(key, 'y');
    expect((await person(1, 'GET', `/issue/${key}/comment`)).body.total).toBe(2);
    ada().editComment(key, open.id, 'z', { visibility: { type: 'role', value: 'Administrators' } });
    expect((await person(1, 'GET', `/issue/${key}/comment`)).body.total).toBe(1);
    const path = `/comment/${internal.body.id}/properties/sd.public.comment`;
    expect((await app('DELETE', path)).status).toBe(204);
    expect((await app('DELETE', path)).status).toBe(404);
    expect((await app('GET', `/issue/${key}/comment/${internal.body.id}`)).body.jsdPublic).toBe(true);
    expect(rig.jira.violations()).toEqual([]);
  });
});

describe('whole issues', () => {
  it('take all that hangs on them along, told in the Secondary flow', async () => {
    const [one, two] = [create(), create()];
    ada().comment(one.key, 'x');
    const work = ada().logWork(one.key, { timeSpent: '1h' });
    const file = ada().attach(one.key, { filename: 'x', bytes: 'x' });
    ada().link(one.key, 'Blocks', two.key);
    await rig.quiet();
    rig.addon.received.splice(0);
    const before = (await app('GET', `/issue/${two.key}/changelog`)).body.total;
    expect((await app('DELETE', `/issue/${one.key}`)).status).toBe(204);
    await rig.quiet();
    expect(
      rig.addon
        .webhooks()
        .map((one) => [one.body.webhookEvent, one.headers['x-atlassian-webhook-flow']])
        .sort(),
    ).toEqual([
      ['attachment_deleted', 'Secondary'],
      ['comment_deleted', 'Secondary'],
      ['issuelink_deleted', 'Secondary'],
      ['jira:issue_deleted', 'Primary'],
      ['worklog_deleted', 'Secondary'],
    ]);
    expect(ada().links(two.key)).toEqual([]);
    expect((await app('GET', `/issue/${two.key}/changelog`)).body.total).toBe(before);
    expect((await app('GET', `/attachment/${file.id}`)).status).toBe(404);
    rig.clock.at += 60_001;
    expect((await app('GET', '/worklog/deleted')).body.values.map((one) => one.worklogId)).toEqual([Number(work.id)]);
  });

  it('move to another project under a new key; the old one still leads to them', async () => {
    const one = create({ components: [{ name: 'API' }] });
    const child = create({ issuetype: 'Sub-task', parent: one.key });
    expect(() => ada().moveIssue(child.key, 'OLD')).toThrow(/moves only with its parent/);
    expect(ada().moveIssue(one.key, 'OLD')).toEqual({ id: one.id, key: 'OLD-1' });
    const read = (await app('GET', `/issue/${one.key}?fields=project,status,components,subtasks`)).body;
    expect([read.id, read.key, read.fields.project.key, read.fields.status.name]).toEqual([
      one.id,
      'OLD-1',
      'OLD',
      'Open',
    ]);
    expect(read.fields.components).toEqual([]);
    expect(read.fields.subtasks.map((sub) => sub.key)).toEqual(['OLD-2']);
    const updates = await told('jira:issue_updated');
    expect(updates.map((body) => [body.issue_event_type_name, body.issue.key])).toEqual([
      ['issue_moved', 'OLD-1'],
      ['issue_moved', 'OLD-2'],
    ]);
    const items = new Map(updates[0]!.changelog.items.map((item) => [item.field, item]));
    expect(items.get('Key')).toEqual({
      field: 'Key',
      fieldtype: 'jira',
      from: null,
      fromString: one.key,
      to: null,
      toString: 'OLD-1',
    });
    expect(items.get('project')).toMatchObject({ fieldId: 'project', fromString: 'ALPHA', toString: 'OLD' });
    expect([...items.keys()]).toEqual(expect.arrayContaining(['status', 'Component']));
    const found = (await app('GET', `/search/jql?jql=${encodeURIComponent('project = OLD')}`)).body;
    expect(found.issues).toHaveLength(2);
    ada().deleteIssue('OLD-1', true);
    expect((await app('GET', `/issue/${one.key}`)).status).toBe(404);
    expect(rig.jira.violations()).toEqual([]);
  });

  it('of an archived project are read by their id, found by nobody and changed by nobody', async () => {
    const { key } = create();
    expect((await person(1, 'POST', '/project/ALPHA/archive')).status).toBe(403);
    expect((await person(0, 'POST', '/project/ALPHA/archive')).status).toBe(204);
    expect((await app('GET', `/issue/${key}`)).status).toBe(200);
    expect((await app('PUT', `/issue/${key}`, { fields: { summary: 'y' } })).status).toBe(403);
    expect((await app('POST', `/issue/${key}/comment`, { body: doc('x') })).status).toBe(403);
    const jql = `/search/jql?jql=${encodeURIComponent('project = ALPHA')}`;
    expect((await app('GET', jql)).body.issues).toEqual([]);
    expect((await app('GET', '/project/search')).body.values.map((one) => one.key)).toEqual(['OLD']);
    expect((await app('GET', '/project/ALPHA')).body.archived).toBe(true);
    expect((await person(0, 'DELETE', '/project/ALPHA')).status).toBe(400);
    expect((await person(0, 'POST', '/project/ALPHA/restore')).status).toBe(200);
    expect((await app('GET', jql)).body.issues).toHaveLength(1);
    await rig.quiet();
    expect(rig.addon.webhooks()).toHaveLength(1);
  });

  it('that are archived alone are read by their id, found by nobody and changed by nobody', async () => {
    const { key } = create();
    const other = create();
    ada().archiveIssue(key);
    expect((await app('GET', `/issue/${key}`)).status).toBe(200);
    expect((await app('GET', `/issue/${key}/editmeta`)).body.fields).toEqual({});
    expect((await app('GET', `/issue/${key}/transitions`)).body.transitions).toEqual([]);
    expect((await app('PUT', `/issue/${key}`, { fields: { summary: 'y' } })).status).toBe(403);
    expect((await app('POST', `/issue/${key}/comment`, { body: doc('x') })).status).toBe(403);
    expect((await app('PUT', `/issue/${key}/properties/p`, 1)).status).toBe(403);
    const jql = `/search/jql?jql=${encodeURIComponent('project = ALPHA')}`;
    expect((await app('GET', jql)).body.issues.map(({ id }) => id)).toEqual([other.id]);
    ada().restoreIssue(key);
    expect((await app('GET', jql)).body.issues).toHaveLength(2);
    expect((await app('PUT', `/issue/${key}`, { fields: { summary: 'y' } })).status).toBe(204);
    expect(rig.jira.violations()).toEqual([]);
  });

  it('of a deleted project are gone without a word', async () => {
    const { key } = create();
    ada().attach(key, { filename: 'x', bytes: 'x' });
    await rig.quiet();
    const before = rig.addon.webhooks().length;
    expect((await person(0, 'DELETE', '/project/ALPHA')).status).toBe(204);
    expect((await app('GET', `/issue/${key}`)).status).toBe(404);
    expect((await app('GET', '/project/ALPHA')).status).toBe(404);
    await rig.quiet();
    expect(rig.addon.webhooks()).toHaveLength(before);
  });

  it('are created fifty at a time, each for itself', async () => {
    const good = { fields: { project: { key: 'ALPHA' }, issuetype: { name: 'Task' }, summary: 'x' } };
    const bad = { fields: { ...good.fields, issuetype: { name: 'Poem' } } };
    const some = await app('POST', '/issue/bulk', { issueUpdates: [good, bad, good] });
    expect([some.status, some.body.issues.map((one) => one.key)]).toEqual([201, ['ALPHA-1', 'ALPHA-2']]);
    expect(some.body.errors).toMatchObject([
      { status: 400, failedElementNumber: 1, elementErrors: { errors: { issuetype: expect.any(String) } } },
    ]);
    expect((await app('POST', '/issue/bulk', { issueUpdates: [bad] })).status).toBe(400);
    expect(rig.jira.violations()).toEqual([]);
    expect((await app('POST', '/issue/bulk', { issueUpdates: Array(51).fill(good) })).status).toBe(400);
    expect(rig.jira.violations()).toHaveLength(1);
  });

  it('lose properties, which is told', async () => {
    const { key } = create();
    await app('PUT', `/issue/${key}/properties/p`, 1);
    expect((await app('DELETE', `/issue/${key}/properties/p`)).status).toBe(204);
    expect((await app('DELETE', `/issue/${key}/properties/p`)).status).toBe(404);
    expect(await told('issue_property_deleted')).toHaveLength(1);
  });
});

describe('what calls cost', () => {
  const left = async (of: Promise<Answered>): Promise<number> =>
    Number((await of).headers.get('x-ratelimit-remaining'));

  it('is one for a write, and one more per object that is read', async () => {
    const [one, two] = [create(), create()];
    ada().logWork(one.key, { timeSpent: '1h' });
    ada().logWork(one.key, { timeSpent: '1h' });
    const { id } = ada().attach(one.key, { filename: 'x', bytes: 'x' });
    const doc1 = { body: doc('x') };
    const calls: readonly (readonly [cost: number, () => Promise<Answered>])[] = [
      [2, () => app('GET', `/issue/${one.key}`)],
      [3, () => app('POST', '/issue/bulkfetch', { issueIdsOrKeys: [one.key, two.key, 'ALPHA-99'] })],
      [3, () => app('GET', `/issue/${one.key}/worklog`)],
      [2, () => app('GET', `/attachment/content/${id}`)],
      [1, () => app('POST', `/issue/${one.key}/worklog`, { timeSpent: '1h' })],
      [1, () => upload(one.key, form(['x', 'x']))],
      [1, () => app('POST', `/issue/${one.key}/comment`, doc1)],
      [1, () => app('DELETE', `/attachment/${id}`)],
    ];
    let before = await left(app('GET', '/attachment/meta'));
    for (const [cost, perform] of calls) {
      const after = await left(perform());
      expect(before - after).toBe(cost);
      before = after;
    }
  });
});

describe('a world with files', () => {
  it('keeps all of it between runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stand-in-'));
    const statePath = join(folder, 'jira.json');
    const open = () => standIn({ statePath });
    try {
      const first = await open();
      const hands = first.jira.acts('alpha');
      const [one, two] = [1, 2].map(() => hands.createIssue({ project: 'ALPHA', summary: 'x' }));
      const file = hands.attach(one!.key, { filename: 'x.bin', bytes: 'kept' });
      hands.logWork(one!.key, { timeSpent: '1h' });
      hands.link(one!.key, 'Blocks', two!.key);
      hands.remoteLink(one!.key, { url: 'https://x.example', title: 'X' });
      hands.watch(one!.key);
      const before = first.jira.snapshot('alpha');
      expect(before.issues[0]).toMatchObject({
        attachments: [{ filename: 'x.bin', sizeBytes: 4 }],
        worklogs: [{ spentSeconds: 3_600 }],
        links: [{ words: 'blocks', other: two!.key }],
        remoteLinks: [{ url: 'https://x.example', title: 'X' }],
      });
      await first.close();
      const second = await open();
      expect(second.jira.snapshot('alpha')).toEqual(before);
      const { emailAddress, apiToken } = second.jira.sites[0]!.users[0]!;
      const authorization = `Basic ${Buffer.from(`${emailAddress}:${apiToken}`).toString('base64')}`;
      const content = `${second.jira.sites[0]!.address}/rest/api/3/attachment/content/${file.id}?redirect=false`;
      expect(await (await fetch(content, { headers: { authorization } })).text()).toBe('kept');
      await second.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
