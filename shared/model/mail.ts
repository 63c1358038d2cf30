import type { Id } from './ids.ts';
import { Fault } from '../verdict.ts';

/** A mail address that can stand in a header as it is: one mailbox, plain ASCII, nothing to quote or to escape. */
export type MailAddress = Id<'mailAddress'>;

/** Where the address of a tenant's contact came from. */
export type ContactSource = 'atlassian' | 'admin';

/** The longest address that a mail server takes. @see RFC 5321 §4.5.3.1.3 (a path of 256 with its brackets) */
const MAX_ADDRESS = 254;
/** One mailbox: dots between words, labels and a last label of letters. @see RFC 5322 §3.2.3 for the characters of a word */
const ADDRESS =
  /^(?=.{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

/**
 * Lets an address pass; its domain comes out in lower case. Line breaks, commas, quotes, comments, names in front of it and
 * every character outside ASCII are refused: each of them has been a way to write to somebody else or to add a header.
 * @throws Fault `address-refused` @see THREATS.md T31
 */
export function mailAddress(text: string): MailAddress {
  if (text.length > MAX_ADDRESS || !ADDRESS.test(text)) throw new Fault('address-refused');
  const at = text.lastIndexOf('@');
  return `${text.slice(0, at)}${text.slice(at).toLowerCase()}` as MailAddress;
}

/** A line of 998 characters is the limit of a header; nobody reads a subject of more than this. @see RFC 5322 §2.1.1 */
const MAX_SUBJECT = 150;
/** Letters, marks, digits, punctuation, signs and plain blanks: nothing that breaks a line, hides or turns the direction. */
const SUBJECT = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;

/** Can a text be the subject of a letter? @see THREATS.md T31 */
export function isMailSubject(text: string): boolean {
  return text.length <= MAX_SUBJECT && text.trim() !== '' && SUBJECT.test(text);
}

/** What a letter says: the same in plain text and in simple HTML. */
export interface Words {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

interface LetterParts extends Words {
  readonly to: MailAddress;
  /** With its brackets. The same letter has the same one each time it is sent, so that a mailbox shows it once. */
  readonly messageId: string;
  /** Which of our texts it is: the kind of a notice, `opt-in`, `news`. For people who look at a mailbox, and for filters. */
  readonly template: string;
  /** When it was first to be sent; epoch milliseconds. */
  readonly at: number;
}

declare const mailClass: unique symbol;

/** A notice about the contract or the customer's data. Needs no consent and cannot be switched off. Made by `mail/letter.ts` only. */
export interface TransactionalLetter extends LetterParts {
  readonly class: 'transactional';
  readonly [mailClass]: 'transactional';
}

/** News that a person has asked for, with a way out. Made by `mail/letter.ts` only, from a permit. */
export interface MarketingLetter extends LetterParts {
  readonly class: 'marketing';
  /** Where one click ends it. @see RFC 8058 */
  readonly unsubscribeUrl: string;
  readonly [mailClass]: 'marketing';
}

export type Letter = TransactionalLetter | MarketingLetter;

/** That this person may be sent news now: live consent, not taken back. Made by `mail/consent.ts` only, right before sending. */
export interface MarketingPermit {
  readonly to: MailAddress;
  readonly unsubscribeUrl: string;
  readonly [mailClass]: 'permit';
}
