/** Bodies and answers of reports to support. */
import { z } from 'zod';
import { connectionId, operatorId, reportId, twinId } from '../model/ids.ts';
import { mailAddress } from '../model/mail.ts';
import { reportStates } from '../model/report.ts';
import { Fault } from '../verdict.ts';
import { idSchema } from './message.ts';

/** Jira's own limit of a description is 32,767 characters. (Ours: a person writes it.) */
const MAX_MESSAGE = 8_000;
/** Parts that a person can tick; which there are, the catalogue says. */
const MAX_TICKED = 50;

/** Strict: a body that brings an address, or anything else that we did not ask for, is refused. */
export const reportPreviewBody = z.strictObject({
  message: z.string().trim().min(1).max(MAX_MESSAGE),
  connection: idSchema(connectionId).exactOptional(),
  twin: idSchema(twinId).exactOptional(),
  ticked: z
    .array(z.string().regex(/^[A-Za-z.]{1,80}$/))
    .max(MAX_TICKED)
    .default([]),
});

export const reportSendBody = z.strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/) });

const at = z.number().int().nonnegative();

/** All that would be sent. */
export const reportShown = z.object({
  report: z.string(),
  hash: z.string(),
  ticket: z.object({ onBehalfOf: idSchema(mailAddress), summary: z.string(), text: z.string() }),
  /** JSON, as it is kept for support. */
  bundle: z.string(),
  /** Until when it can be agreed to. */
  until: at,
});

export const reportLine = z.object({
  report: z.string(),
  state: z.enum(reportStates),
  by: z.string(),
  shownAt: at,
  agreedAt: at.exactOptional(),
  ticket: z.string().exactOptional(),
  closedAt: at.exactOptional(),
  removeAt: at.exactOptional(),
});
export const reportPage = z.object({ reports: z.array(reportLine) });

export type ReportShown = z.infer<typeof reportShown>;
export type ReportLine = z.infer<typeof reportLine>;
export type ReportPage = z.infer<typeof reportPage>;

const supportLinkToken = z.strictObject({ report: z.string(), copy: z.string().min(1).max(64), until: at });

/** What a link to a bundle says of itself. @throws Fault `not-found` */
export function parseSupportLink(value: unknown): z.infer<typeof supportLinkToken> {
  const parsed = supportLinkToken.safeParse(value);
  if (!parsed.success) throw new Fault('not-found');
  return parsed.data;
}

/** A link for a support person, and until when it is good. */
export const supportLink = z.object({ copy: z.string(), path: z.string(), until: at });
/** Copies at support persons', each with the day by which it must be deleted. */
export const openCopyList = z.array(
  z.object({
    ...{ copy: z.string(), report: z.string(), ticket: z.string(), by: z.string() },
    ...{ takenAt: at, until: at },
    /** Somebody whom it names, or the customer, is erased: it has to go now. */
    isCalledBack: z.boolean(),
    isLate: z.boolean(),
  }),
);
export type SupportLink = z.infer<typeof supportLink>;
export type OpenCopy = z.infer<typeof openCopyList>[number];

const ticketKey = z.string().regex(/^[A-Z][A-Z0-9_]{1,20}-\d{1,12}$/);
/** What a support person asks for. */
export const linkBody = z.strictObject({
  ...{ site: z.string(), by: idSchema(operatorId), report: idSchema(reportId), ticket: ticketKey },
});
export const endCopyBody = z.strictObject({ copy: z.string().min(1).max(64) });
