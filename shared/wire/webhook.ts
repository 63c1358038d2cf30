/**
 * What a webhook says, reduced to what we need: which issue, and what kind of change. Everything else is left behind,
 * because a webhook is a hint and the issue is read afresh.
 *
 * Its `self` links are not looked at. They name hosts that a site had before it was renamed, hosts of imported projects
 * and the gateway's own, so a foreign host proves nothing; and a body names no client key. Whose change it is comes from
 * the token alone, which is signed over this very request with a secret that only one site has.
 */
import { z } from 'zod';
import { issueId, twinId } from '../model/ids.ts';
import type { IssueChange, WriteTrace } from '../model/message.ts';

/** A change, or the code that says why it is none for us. */
export type WebhookChange =
  | (Pick<IssueChange, 'issue' | 'what' | 'eventAt'> & Pick<Partial<IssueChange>, 'told'>)
  | 'event-unknown'
  | 'event-without-issue';

/** The events that we sync; the descriptor asks for these and no others. */
const kinds: ReadonlyMap<string, IssueChange['what']> = new Map([
  ['jira:issue_created', 'created'],
  ['jira:issue_updated', 'updated'],
  ['jira:issue_deleted', 'deleted'],
  ['comment_created', 'comment'],
  ['comment_updated', 'comment'],
  ['comment_deleted', 'comment'],
]);

/** Ids are strings in some bodies and numbers in others. A part that is odd counts as absent. */
const id = z
  .union([z.string().regex(/^[0-9]{1,19}$/), z.number().int().positive().transform(String)])
  .optional()
  .catch(undefined);

/** Numbers, or texts of several forms. */
const time = z
  .union([z.number(), z.string().max(64)])
  .optional()
  .catch(undefined);

const schema = z.object({
  webhookEvent: z.string().max(200),
  timestamp: time,
  issue: z
    .object({ id, fields: z.object({ updated: time }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  comment: z
    .object({ self: z.string().max(2_000).optional().catch(undefined), updated: time })
    .optional()
    .catch(undefined),
});

/** A site's clock may run ahead of ours by this much; anything later, or before Jira existed, is no time at all. */
const MAX_AHEAD_MS = 60_000;
const EARLIEST_AT = Date.UTC(2002, 0, 1);

/** Reads a webhook body. Never throws: what cannot be read is an event that we do not know. */
export function parseWebhook(body: unknown, receivedAt: number): WebhookChange {
  const parsed = schema.safeParse(body);
  const what = parsed.success ? kinds.get(parsed.data.webhookEvent) : undefined;
  if (!parsed.success || what === undefined) return 'event-unknown';
  const { issue, comment, timestamp } = parsed.data;
  const named = issue?.id ?? issueOfComment(comment?.self);
  if (named === undefined) return 'event-without-issue';
  const eventAt = instantIn(timestamp, receivedAt);
  const told = what === 'deleted' ? undefined : toldIn(parsed.data, eventAt, receivedAt);
  return {
    ...{ issue: issueId(named), what, eventAt: eventAt ?? receivedAt },
    ...(told === undefined ? {} : { told }),
  };
}

/** A site makes an event within so much of the change that it tells of. */
const EVENT_LAG_MS = 1_000;

/** What the issue shows at least. A comment's event holds no time of its issue but that of the comment; a deleted one's only its own. */
function toldIn(
  { webhookEvent, issue, comment }: z.infer<typeof schema>,
  eventAt: number | undefined,
  receivedAt: number,
): IssueChange['told'] {
  const updatedAt = instantIn(issue?.fields?.updated, receivedAt);
  if (!webhookEvent.startsWith('comment_')) return updatedAt === undefined ? undefined : { updatedAt };
  const isDeleted = webhookEvent === 'comment_deleted';
  const deletedAt = eventAt === undefined ? undefined : eventAt - EVENT_LAG_MS;
  const saidAt = isDeleted ? undefined : instantIn(comment?.updated, receivedAt);
  const least = updatedAt ?? (isDeleted ? deletedAt : saidAt);
  return least === undefined ? undefined : { updatedAt: least, ...(saidAt === undefined ? {} : { saidAt }) };
}

/** Some comment events carry no issue, but the comment's own address does. */
function issueOfComment(self: string | undefined): string | undefined {
  return self === undefined ? undefined : /\/issue\/([0-9]{1,19})\/comment\//.exec(self)?.[1];
}

function instantIn(timestamp: number | string | undefined, receivedAt: number): number | undefined {
  const text = typeof timestamp === 'string' ? timestamp.trim() : undefined;
  const at = text === undefined ? timestamp : /^[0-9]+$/.test(text) ? Number(text) : Date.parse(text);
  if (typeof at !== 'number' || !Number.isFinite(at) || at < EARLIEST_AT || at > receivedAt + MAX_AHEAD_MS)
    return undefined;
  return Math.trunc(at);
}

/** The header of a write, and of the announcement of what it caused. @see ATLASSIAN.md §5 */
export const TRACE_HEADER = 'x-atlassian-webhook-trace';

/** Ids of ours only: apps of others may see it. */
const WRITE_TRACE = /^(w-[0-9a-f]{32}) ([0-9a-z-]{8,64})$/;

/** The header of a write under a lease. */
export function traceText({ twin, turn }: WriteTrace): string {
  return `${twin} ${turn}`;
}

/** Reads the header of an announcement; anything but our own form, and no header at all, says nothing. */
export function parseTrace(header: string | undefined): WriteTrace | undefined {
  const [, twin, turn] = WRITE_TRACE.exec(header ?? '') ?? [];
  return twin === undefined || turn === undefined ? undefined : { twin: twinId(twin), turn };
}
