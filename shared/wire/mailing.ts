/** What operators send and get about news by mail. */
import { z } from 'zod';
import { operatorId } from '../model/ids.ts';
import { isMailSubject } from '../model/mail.ts';
import { idSchema } from './message.ts';
import { ticket } from './trail.ts';

/** A few mails a year, of a page each. (Ours.) */
const MAX_PARAGRAPHS = 40;
const MAX_PARAGRAPH = 2_000;
/** No line break, control or direction sign in a paragraph: it is one piece of running text. */
const PARAGRAPH = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;
const mailingId = z.string().regex(/^m-[0-9a-z-]{8,64}$/);

const subject = z.string().refine(isMailSubject);
const paragraphs = z.array(z.string().min(1).max(MAX_PARAGRAPH).regex(PARAGRAPH)).min(1).max(MAX_PARAGRAPHS);

/** Strict: there is no place for a recipient, a header or a template of somebody else. */
export const mailingWrite = z.strictObject({ by: idSchema(operatorId), ticket, subject, paragraphs });
export const mailingSend = z.strictObject({
  by: idSchema(operatorId),
  mailing: mailingId,
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Consent to news that an operator heard in person. */
export const spokenConsentBody = z.strictObject({
  by: idSchema(operatorId),
  site: z.string().max(80),
  address: z.string(),
  ticket,
});
export const spokenConsent = z.object({ consent: z.string(), liveSince: z.number() });
export type SpokenConsent = z.infer<typeof spokenConsent>;

const count = z.number().int().nonnegative();
export const mailingView = z.object({
  mailing: z.string(),
  subject: z.string(),
  /** As it would arrive, but for each person's own link. */
  text: z.string(),
  hash: z.string(),
  writtenAt: z.number(),
  sentAt: z.number().exactOptional(),
  audience: z.object({
    /** Would get it now. */
    wanted: count,
    /** Have not confirmed that they want news. */
    unconfirmed: count,
    unsubscribed: count,
    /** Of sites that left. */
    away: count,
  }),
});
export type MailingView = z.infer<typeof mailingView>;
export type MailingAudience = MailingView['audience'];
export type MailingText = Pick<z.infer<typeof mailingWrite>, 'subject' | 'paragraphs'>;
