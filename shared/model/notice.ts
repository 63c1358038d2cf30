import type { CaseId, ConnectionId } from './ids.ts';
import type { TenantRef } from './tenant.ts';

/**
 * What a customer's contact is told of. `purging` is the last one: the address goes with everything else. `purged` and
 * `backups-gone` come when no address is left; they are told by the public receipts alone.
 */
export const noticeKinds = [
  'marked',
  'deletion-requested',
  'due-30',
  'due-7',
  'returned',
  'purging',
  'purged',
  'backups-gone',
  'partner-left',
  'partner-back',
  'processors-change',
  'incident',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** How the telling of a notice stands. `waiting`: it is being sent, or the server wants it another time. */
export const noticeStates = ['waiting', 'sent', 'no-contact', 'mail-off', 'refused', 'given-up', 'overtaken'] as const;
export type NoticeState = (typeof noticeStates)[number];

/** `notices`: somebody may have to be told something. A hint: what is told, and whether, is read when it is sent. */
export interface Notice extends TenantRef {
  readonly kind: 'notice';
  readonly what: NoticeKind;
  readonly at: number;
  /** Of a partner's coming and going: through which connection. */
  readonly connection?: ConnectionId;
  /** Of a change of the register: which party. */
  readonly party?: string;
  /** Of an incident: which case of the register. */
  readonly case?: CaseId;
}

/** `notices`: the owner of an address is to be asked whether news are wanted. */
export interface OptIn extends TenantRef {
  readonly kind: 'opt-in';
  readonly consent: string;
  readonly at: number;
}

/** `notices`: a mailing that two persons have agreed on goes to everybody who wants news; `after`: from that wish on. */
export interface MailingMessage {
  readonly kind: 'mailing';
  readonly mailing: string;
  readonly at: number;
  readonly after?: string;
}

/** `notices`: one mailing for one person, if that person still wants news then. */
export interface NewsMessage extends TenantRef {
  readonly kind: 'news';
  readonly consent: string;
  readonly mailing: string;
  readonly at: number;
}
