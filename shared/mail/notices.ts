/** The texts of every notice. Plain, complete, and without a name, an issue or an offer. Pure. @see SPEC.md M12, M13 */
import { createHash } from 'node:crypto';
import type { Words } from '../model/mail.ts';
import type { Evidence } from '../model/tenant.ts';
import { catalogue } from '../retention/catalogue.ts';
import { never } from '../verdict.ts';
import { wordsFrom } from './words.ts';
import type { Paragraph } from './words.ts';

const DAY_MS = 86_400_000;
/** After this many days after the due day the last backup is gone, too. @see DESIGN.md §5 */
export const BACKUP_DAYS = 35;

/** What every notice knows. `site`: the host of the customer's Jira site; `baseUrl`: our public address. */
export interface NoticeFrame {
  readonly site: string;
  readonly baseUrl: string;
}

/** What one notice says; instants are epoch milliseconds. */
export type NoticeFacts =
  | {
      readonly what: 'marked';
      readonly evidence: Evidence;
      readonly markedAt: number;
      readonly copiesAt: number;
      readonly dueAt: number;
    }
  | { readonly what: 'deletion-requested'; readonly markedAt: number; readonly dueAt: number }
  | { readonly what: 'due-30' | 'due-7'; readonly dueAt: number }
  | { readonly what: 'returned'; readonly dueAt: number }
  | { readonly what: 'purging'; readonly receipt: string; readonly dueAt: number }
  | { readonly what: 'partner-left'; readonly connection: string; readonly dueAt: number }
  | { readonly what: 'partner-back'; readonly connection: string }
  | {
      readonly what: 'processors-change';
      readonly name: string;
      readonly purpose: string;
      readonly region: string;
      readonly from: number;
    }
  | {
      readonly what: 'incident';
      /** Of the register's case: the ticket under which it is worked on. */
      readonly reference: string;
      readonly from: number;
      readonly until: number;
      readonly categories: readonly string[];
    };

/** The words of a notice. */
export function noticeWords(frame: NoticeFrame, facts: NoticeFacts): Words {
  const { subject, body } = bodyOf(frame, facts);
  return wordsFrom(subject, [...body, footer(frame)]);
}

/** The id of a letter: of the notice that it is, so that it is the same each time it is sent. */
export function messageIdOf(notice: string, baseUrl: string): string {
  const digest = createHash('sha256').update(notice).digest('hex').slice(0, 32);
  return `<${digest}@${new URL(baseUrl).hostname}>`;
}

/** The host of a site's address. */
export function siteName(baseUrl: string): string {
  return new URL(baseUrl).hostname;
}

/** A day as a person reads it, in universal time. */
export function dayText(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    at,
  );
}

function footer({ site }: NoticeFrame): string {
  return `This is a notice about the contract and the data of ${site}. It is sent to the contact of the site, whether or not that person gets other mail from us. All days are in UTC.`;
}

interface Body {
  readonly subject: string;
  readonly body: readonly Paragraph[];
}

const ended: Readonly<Record<Evidence, string>> = {
  uninstalled: 'Twinline was uninstalled',
  'licence-ended': 'the licence of Twinline ended',
  'probes-failed': 'the site could no longer be reached',
  lost: 'our database was put back to an older state, which does not know the site, and the site has not installed Twinline again',
  requested: 'the deletion of the data was requested',
};

function bodyOf(frame: NoticeFrame, facts: NoticeFacts): Body {
  const { site } = frame;
  switch (facts.what) {
    case 'marked':
      return {
        subject: `Twinline: your data will be deleted by ${dayText(facts.dueAt)}`,
        body: [
          `On ${dayText(facts.markedAt)} ${ended[facts.evidence]} on ${site}. Nothing is synced since then, and what we store for the site is marked for deletion.`,
          `Copies of issues are deleted by ${dayText(facts.copiesAt)}. Everything else that we store for the site, and the key that makes it readable, is deleted by ${dayText(facts.dueAt)}. Our sealed backups are gone by ${dayText(facts.dueAt + BACKUP_DAYS * DAY_MS)}; without the key nobody can read them before that either.`,
          `Your issues stay as they are: we delete nothing in Jira.`,
          ...comeBack(facts.evidence, facts.dueAt),
          `You will hear from us again 30 and 7 days before that day, and when the deletion begins.`,
        ],
      };
    case 'deletion-requested':
      return {
        subject: 'Twinline: the deletion of your data was requested',
        body: [
          `On ${dayText(facts.markedAt)} somebody who may do so asked us to delete what we store for ${site}. Nothing is synced since then.`,
          `The data, and the key that makes them readable, are deleted within 72 hours: by ${momentText(facts.dueAt)}. Our sealed backups are gone by ${dayText(facts.dueAt + BACKUP_DAYS * DAY_MS)}; without the key nobody can read them before that either. Your issues stay as they are: we delete nothing in Jira.`,
          `If this was not meant, an administrator of the site has to withdraw the request before the deletion begins. After that, nothing can be brought back.`,
        ],
      };
    case 'due-30':
    case 'due-7':
      return {
        subject: `Twinline: your data will be deleted by ${dayText(facts.dueAt)}`,
        body: [
          `In ${facts.what === 'due-30' ? '30' : '7'} days, by ${dayText(facts.dueAt)}, everything that we still store for ${site} is deleted, with the key that makes it readable. This cannot be undone.`,
          `Your issues stay as they are: we delete nothing in Jira. Who wants to go on with the pairs of issues as they are has to come back before that day; later, everything begins anew.`,
        ],
      };
    case 'returned':
      return {
        subject: 'Twinline: your data stay, the deletion is called off',
        body: [
          `Twinline is active on ${site} again. The deletion that was due by ${dayText(facts.dueAt)} is called off, and the mark is gone.`,
          `Changes made in the meantime are caught up now. Where copies of issues were deleted already, the issues are read again from your site; pairs and rules are as they were.`,
        ],
      };
    case 'purging':
      return {
        subject: 'Twinline: the deletion of your data has begun',
        body: [
          `What we store for ${site} is being deleted now. It is verified twice that nothing is left, then the key is destroyed. All of this ends by ${momentText(facts.dueAt)} at the latest if nothing goes wrong, and we are alarmed if something does.`,
          `The signed receipt will stand here, for anybody who knows this address, without a login. It holds no personal data. Before the deletion is verified there is nothing at this address:`,
          { href: `${frame.baseUrl}/receipts/${facts.receipt}` },
          `The key with which it can be checked, also offline:`,
          { href: `${frame.baseUrl}/receipts/key` },
          `Our sealed backups are gone by ${dayText(facts.dueAt + BACKUP_DAYS * DAY_MS)}; without the key nobody can read them before that either.`,
          `This is our last notice: your mail address is deleted with everything else.`,
        ],
      };
    case 'partner-left':
      return {
        subject: 'Twinline: the other side of a connection has left',
        body: [
          `The other side of the connection ${facts.connection} of ${site} does not use Twinline any more. This is no error, and there is nothing that you have to do.`,
          `Your issues stay as they are, and so do your own rules. The pairs of the connection wait. Should the other side come back before ${dayText(facts.dueAt)}, they go on and catch up.`,
          `On that day at the latest everything that we store about the connection is deleted, copies of issues within 30 days after the other side left. Your half of the connection stays, with its rules.`,
        ],
      };
    case 'partner-back':
      return {
        subject: 'Twinline: the other side of a connection is back',
        body: [
          `The other side of the connection ${facts.connection} of ${site} uses Twinline again. The pairs go on, and changes made in the meantime are caught up.`,
        ],
      };
    case 'processors-change':
      return {
        subject: `Twinline: a new company handles data for us from ${dayText(facts.from)}`,
        body: [
          `From ${dayText(facts.from)} we use the services of ${facts.name}. Purpose: ${facts.purpose}. Place of the data: ${facts.region}. Before that day it gets no data.`,
          `You may object. If we cannot agree, you can end the contract before that day; your data are then deleted as always.`,
        ],
      };
    case 'incident':
      return {
        subject: `Twinline: notice of an incident (${facts.reference})`,
        body: [
          `Between ${momentText(facts.from)} and ${momentText(facts.until)} data that we store for ${site} were touched in an incident. Our reference is ${facts.reference}.`,
          `Kinds of data, as our privacy statement lists them: ${facts.categories.map(kindText).join('; ')}.`,
          `This is what our records of access show. We tell you what happened, what it means for you and what we have done as soon as we know it. Whoever has questions names that reference to support.`,
        ],
      };
    default:
      return never(facts);
  }
}

/** A category of the catalogue with what it is for. */
function kindText(category: string): string {
  const row = Object.entries(catalogue).find(([name]) => name === category)?.[1];
  return row === undefined ? category : `${category} (${row.purpose})`;
}

function comeBack(evidence: Evidence, dueAt: number): readonly string[] {
  const how =
    evidence === 'licence-ended'
      ? 'If the licence is renewed before that day'
      : 'If Twinline is installed on the site again before that day';
  return [
    `${how}, the deletion is called off, your rules and pairs are as they were, and what changed meanwhile is caught up. After ${dayText(dueAt)} everything begins anew.`,
  ];
}

function momentText(at: number): string {
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' }).format(at);
  return `${dayText(at)}, ${time}`;
}
