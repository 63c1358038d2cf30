import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { parseWebhook } from '../../../shared/wire/webhook.ts';

const receivedAt = Date.UTC(2026, 10, 23);
const eventAt = receivedAt - 1_000;
const NINE = Date.UTC(2026, 10, 22, 9);

test.each([
  ['jira:issue_created', 'created'],
  ['jira:issue_updated', 'updated'],
  ['jira:issue_deleted', 'deleted'],
  ['comment_created', 'comment'],
  ['comment_updated', 'comment'],
])('%s is a change: %s', (webhookEvent, what) => {
  const body = { webhookEvent, timestamp: eventAt, issue: { id: '10001', key: 'A-1' } };
  expect(parseWebhook(body, receivedAt)).toEqual({ issue: '10001', what, eventAt });
});

test.each([
  ['a number', eventAt, eventAt],
  ['a number in a text', String(eventAt), eventAt],
  ['an ISO text', new Date(eventAt).toISOString(), eventAt],
  ['absent', undefined, receivedAt],
  ['null', null, receivedAt],
  ['words', 'yesterday', receivedAt],
  ['empty', '', receivedAt],
  ['zero', 0, receivedAt],
  ['negative', -1, receivedAt],
  ['seconds', Math.floor(eventAt / 1000), receivedAt],
  ['far ahead', receivedAt + 3_600_000, receivedAt],
  ['a fraction', eventAt + 0.5, eventAt],
  ['an object', { at: eventAt }, receivedAt],
])('a timestamp that is %s', (_what, timestamp, expected) => {
  const body = { webhookEvent: 'jira:issue_updated', timestamp, issue: { id: 10001 } };
  expect(parseWebhook(body, receivedAt)).toEqual({ issue: '10001', what: 'updated', eventAt: expected });
});

test.each([
  ['nothing', undefined, 'event-unknown'],
  ['null', null, 'event-unknown'],
  ['a text', 'x', 'event-unknown'],
  ['a list', [], 'event-unknown'],
  ['no event', { issue: { id: '1' } }, 'event-unknown'],
  ['an event that is an object', { webhookEvent: {}, issue: { id: '1' } }, 'event-unknown'],
  ['an event of a prototype', { webhookEvent: '__proto__', issue: { id: '1' } }, 'event-unknown'],
  ['a sprint', { webhookEvent: 'sprint_started', sprint: { id: 1 } }, 'event-unknown'],
  ['a worklog', { webhookEvent: 'worklog_created', worklog: { issueId: '1' } }, 'event-unknown'],
  ['a link', { webhookEvent: 'issuelink_created', issueLink: { id: 1 } }, 'event-unknown'],
  ['an update without issue', { webhookEvent: 'jira:issue_updated' }, 'event-without-issue'],
  ['an issue without id', { webhookEvent: 'jira:issue_updated', issue: { key: 'A-1' } }, 'event-without-issue'],
  ['an id that is a path', { webhookEvent: 'jira:issue_updated', issue: { id: '../1' } }, 'event-without-issue'],
  ['an id with a fraction', { webhookEvent: 'jira:issue_updated', issue: { id: 1.5 } }, 'event-without-issue'],
  ['a comment without address', { webhookEvent: 'comment_created', comment: {} }, 'event-without-issue'],
])('%s is ignored with a reason', (_what, body, reason) => {
  expect(parseWebhook(body, receivedAt)).toBe(reason);
});

it('finds the issue of a comment in its address when the body has no issue', () => {
  const self = 'https://site.example/rest/api/2/issue/10013/comment/10200';
  const change = parseWebhook({ webhookEvent: 'comment_deleted', timestamp: eventAt, comment: { self } }, receivedAt);
  expect(change).toMatchObject({ issue: '10013', what: 'comment', eventAt });
});

test.each([
  [
    'jira:issue_updated',
    { issue: { id: '1', fields: { updated: '2026-11-22T10:00:00.250+0100' } } },
    { updatedAt: NINE + 250 },
  ],
  ['jira:issue_deleted', { issue: { id: '1', fields: { updated: '2026-11-22T10:00:00.250+0100' } } }, undefined],
  ['jira:issue_updated', { issue: { id: '1', fields: { updated: 'soon' } } }, undefined],
  ['jira:issue_updated', { issue: { id: '1', fields: { updated: '2099-11-22T10:00:00.250+0100' } } }, undefined],
  [
    'comment_updated',
    { issue: { id: '1' }, comment: { updated: '2026-11-22T09:00:00.000+0000' } },
    { updatedAt: NINE, saidAt: NINE },
  ],
  [
    'comment_deleted',
    { issue: { id: '1' }, comment: { updated: '2026-11-22T09:00:00.000+0000' } },
    { updatedAt: eventAt - 1_000 },
  ],
])('S131 %s tells what reading the issue must show: %o', (webhookEvent, body, told) => {
  const change = parseWebhook({ webhookEvent, timestamp: eventAt, ...body }, receivedAt);
  expect(change).toMatchObject({ issue: '1' });
  expect(typeof change === 'object' ? change.told : change).toEqual(told);
});

const folder = new URL('../../../../shared/data/', import.meta.url);
const index = new URL('jira-webhooks/INDEX.json', folder);
const isThere = existsSync(index);
const indexSchema = z.array(z.object({ file: z.string(), event: z.string().optional() }));

describe.skipIf(!isThere && process.env['CI'] === undefined)('the recorded bodies', () => {
  const bodies = isThere ? indexSchema.parse(JSON.parse(readFileSync(index, 'utf8'))) : [];
  const results = bodies.map(({ file }) => {
    const body: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    return [file, parseWebhook(body, receivedAt)] as const;
  });

  it('are 82', () => expect(results).toHaveLength(82));

  it('are accepted, or ignored with a reason', () => {
    const counts = new Map<string, number>();
    for (const [, result] of results) {
      const name = typeof result === 'string' ? result : result.what;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({
      created: 10,
      updated: 52,
      deleted: 1,
      comment: 10,
      'event-unknown': 9,
    });
  });
});
