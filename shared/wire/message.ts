/** Schemas of our own messages: what comes out of a queue is outside data too. */
import { z } from 'zod';
import { runHows } from '../model/drift.ts';
import { caseId, connectionId, issueId, reportId, tenantId, twinId, wishId } from '../model/ids.ts';
import type { Id } from '../model/ids.ts';
import { jobKinds } from '../model/job.ts';
import type { Message } from '../model/message.ts';
import { noticeKinds } from '../model/notice.ts';
import { Fault } from '../verdict.ts';
import { placeIn } from './place.ts';

/** Turns a parser of `model/ids.ts` into a schema. */
export function idSchema<T extends Id<string>>(parse: (text: string) => T): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not an id of this kind' });
      return z.NEVER;
    }
  });
}

const at = z.number().int().nonnegative();
const tenantRef = { tenant: idSchema(tenantId), generation: z.number().int().positive() };
const connection = idSchema(connectionId);

/** Ids of wishes and of mailings. */
const newsId = z.string().regex(/^[a-z]-[0-9a-z-]{8,64}$/);

const message = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('issue-change'),
    ...tenantRef,
    issue: idSchema(issueId),
    what: z.enum(['created', 'updated', 'deleted', 'comment']),
    eventAt: at,
    receivedAt: at,
    told: z.object({ updatedAt: at.exactOptional(), saidAt: at.exactOptional() }).exactOptional(),
    echoOf: z.object({ twin: idSchema(twinId), turn: z.string().max(64) }).exactOptional(),
  }),
  z.object({
    kind: z.literal('sync-twin'),
    connection,
    twin: idSchema(twinId),
    askedAt: at,
    isAfresh: z.literal(true).exactOptional(),
  }),
  z.object({
    kind: z.literal('run-job'),
    connection,
    job: z.enum(jobKinds),
    run: z.string().max(64),
    askedAt: at,
  }),
  z.object({
    kind: z.literal('unlink-twin'),
    connection,
    twin: idSchema(twinId),
    askedAt: at,
    isForced: z.literal(true).exactOptional(),
  }),
  z.object({
    kind: z.literal('bring-under-sync'),
    ...tenantRef,
    connection,
    issue: idSchema(issueId),
    askedAt: at,
    isBulk: z.literal(true).exactOptional(),
  }),
  z.object({ kind: z.literal('try-wish'), connection, wish: idSchema(wishId), askedAt: at }),
  z.object({
    kind: z.literal('reconcile'),
    connection,
    since: at,
    askedAt: at,
    how: z.enum(runHows).exactOptional(),
  }),
  z.object({ kind: z.literal('wake'), askedAt: at }),
  z.object({
    kind: z.literal('tenant-change'),
    ...tenantRef,
    what: z.enum(['installed', 'returned', 'marked']),
    at,
    since: at.exactOptional(),
  }),
  z.object({ kind: z.literal('sweep'), askedAt: at, after: z.string().max(1500).exactOptional() }),
  z.object({ kind: z.literal('purge-tenant'), ...tenantRef, askedAt: at }),
  z.object({ kind: z.literal('walk-people'), ...tenantRef, askedAt: at }),
  z.object({ kind: z.literal('report-people'), askedAt: at }),
  z.object({
    kind: z.literal('probe-tenant'),
    ...tenantRef,
    askedAt: at,
    isHint: z.literal(true).exactOptional(),
  }),
  z.object({ kind: z.literal('backup'), askedAt: at }),
  z.object({ kind: z.literal('opt-in'), ...tenantRef, consent: newsId, at }),
  z.object({ kind: z.literal('mailing'), mailing: newsId, at, after: z.string().max(1500).exactOptional() }),
  z.object({ kind: z.literal('news'), ...tenantRef, consent: newsId, mailing: newsId, at }),
  z.object({
    kind: z.literal('notice'),
    ...tenantRef,
    what: z.enum(noticeKinds),
    at,
    connection: connection.exactOptional(),
    party: z.string().max(40).exactOptional(),
    case: idSchema(caseId).exactOptional(),
  }),
  z.object({ kind: z.literal('report'), ...tenantRef, report: idSchema(reportId), at }),
  z.object({ kind: z.literal('erase-ticket'), report: idSchema(reportId), at }),
]);

/**
 * Reads a message.
 * @throws Fault `message-invalid` naming the path, never the value
 */
export function parseMessage(body: unknown): Message {
  const parsed = message.safeParse(body);
  if (!parsed.success) throw new Fault('message-invalid', { path: placeIn(parsed.error, message) });
  return parsed.data;
}
