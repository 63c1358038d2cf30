/** Whether somebody may be sent news. Pure. @see SPEC.md M7 */
import type { MailAddress, MarketingPermit } from '../model/mail.ts';
import { Fault } from '../verdict.ts';

/** What was recorded of a person's wish. Instants are epoch milliseconds. */
export interface Consent {
  readonly to: MailAddress;
  readonly source: 'double-opt-in' | 'in-person';
  /** When it was confirmed by the link in the mail, or recorded by an operator; absent while the mail is unanswered. */
  readonly liveSince?: number | undefined;
  /** Who recorded it; needed for what was said in person. */
  readonly operator?: string | undefined;
}

/**
 * Lets news pass to one person, now. A wish that is younger than the last unsubscribing counts; at the same instant, the
 * unsubscribing does. To be asked right before sending, with what is stored then.
 * @throws Fault `consent-missing`, `unsubscribed`
 */
export function permitOf(
  consent: Consent | undefined,
  unsubscribedAt: number | undefined,
  unsubscribeUrl: string,
): MarketingPermit {
  if (consent?.liveSince === undefined) throw new Fault('consent-missing');
  if (consent.source === 'in-person' && (consent.operator ?? '') === '') throw new Fault('consent-missing');
  if (unsubscribedAt !== undefined && unsubscribedAt >= consent.liveSince) throw new Fault('unsubscribed');
  return { to: consent.to, unsubscribeUrl } as MarketingPermit;
}
