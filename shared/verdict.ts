/**
 * Every way a piece of work can end, and what each means. Nothing else in the house names an outcome.
 *
 * - `done`, `ignored`, `later`, `refused` are expected endings: return them with {@link verdict}.
 * - `fault` is a surprise: throw a {@link Fault}; the edge looks its row up here.
 */
export type VerdictKind = 'done' | 'ignored' | 'later' | 'refused' | 'fault';

/** What one code means to the caller, to the queue and to the people on duty. */
export interface CodeRow {
  readonly kind: VerdictKind;
  /** The HTTP status that a caller of an HTTP function gets. */
  readonly http: number;
  /** True: the queue or the tick brings the work again. False: it is finished, whatever happened. */
  readonly retry: boolean;
  /** Who learns of it: nobody, the person who asked, the tenant's admin, or the team that runs the service. */
  readonly told: 'nobody' | 'caller' | 'admin' | 'team';
  /** True: somebody is woken. */
  readonly alarm: boolean;
  /** One plain sentence for people; never filled with values. */
  readonly says: string;
}

/** A row whose kind the compiler remembers, so that {@link CodeOf} can choose by it. */
type RowOf<K extends VerdictKind> = CodeRow & { readonly kind: K };

const row = <K extends VerdictKind>(
  kind: K,
  http: number,
  retry: boolean,
  told: CodeRow['told'],
  says: string,
  alarm = false,
): RowOf<K> => ({
  kind,
  http,
  retry,
  told,
  alarm,
  says,
});
const done = (says: string): RowOf<'done'> => row('done', 200, false, 'nobody', says);
const ignored = (says: string): RowOf<'ignored'> => row('ignored', 200, false, 'nobody', says);
const later = (says: string): RowOf<'later'> => row('later', 202, true, 'nobody', says);
const refused = (http: number, says: string): RowOf<'refused'> => row('refused', http, false, 'caller', says);
const blocked = (says: string): RowOf<'refused'> & { readonly told: 'admin' } => ({
  ...row('refused', 422, true, 'admin', says),
  told: 'admin',
});
const fault = (http: number, retry: boolean, says: string, alarm = false): RowOf<'fault'> =>
  row('fault', http, retry, alarm ? 'team' : 'caller', says, alarm);

/** The one table. Its keys are the closed list of codes. */
export const codes = {
  // Expected endings of work.
  done: done('The work is finished.'),
  accepted: done('The change was accepted and published.'),
  installed: done('The site is installed.'),
  returned: done('The site came back before its data were due; the deletion mark is gone.'),
  marked: done('The deletion mark is set.'),
  counted: done('It was looked through which account ids are stored.'),
  synced: done('Both issues are in step.'),
  unlinked: done('The pair is no longer under sync; both issues stay.'),
  'partner-asked': done('The partner was asked; the version rules when it has agreed.'),
  purged: done('Everything of the tenant is gone and verified.'),
  'mail-sent': done('The mail server has taken the letter.'),
  'no-contact': ignored('No contact is known; the notice was not sent.'),
  'mail-off': ignored('No mail server is configured; the letter was not sent.'),
  'ticket-opened': done('The ticket is opened.'),
  'desk-later': later('The report waits for its next try.'),
  'mail-later': later('The mail server wants the letter another time.'),
  'backed-up': done('The backup is whole.'),
  'event-unknown': ignored('This kind of event is not synced.'),
  'event-without-issue': ignored('The event names no issue.'),
  'not-under-sync': ignored('The issue is not under sync and no trigger wants it.'),
  'unlinked-before': ignored('The issue was taken out of the sync before; only people bring it in again.'),
  'nothing-to-do': ignored('Nothing has changed.'),
  'tenant-not-active': ignored('The tenant is not active; the change is caught up when it returns.'),
  'generation-expired': ignored('The message belongs to an earlier life of the tenant.'),
  'connection-not-active': ignored('The connection is not active.'),
  'partner-marked': ignored('The partner has left and may come back: the pairs wait, and go on when it returns.'),
  'partner-left': ignored('The partner has left for good; this side keeps what is its own.'),
  'partner-resting': ignored('The partner’s app is switched off or without a licence at the moment: the pairs wait.'),
  'licence-inactive': ignored('The licence of this site is not active: the pairs wait, and are caught up when it is.'),
  'app-disabled': ignored(
    'The app is switched off on this site: the pairs wait, and are caught up when it is on again.',
  ),
  'already-done': ignored('This was done before.'),
  'returned-meanwhile': ignored('The tenant came back before the purge began.'),
  'not-due': ignored('The data are not due yet.'),
  'evidence-unclear': ignored(
    'It is not clear that the customer has left: nothing is deleted, and its site is asked again.',
  ),
  probed: done('The site was asked about the licence.'),
  'probe-taken': later('Another worker asks the site.'),
  'script-skipped': ignored('The rule script sends nothing for this issue.'),
  'twin-taken': later('Another worker has the twin; the change is marked on it.'),
  'job-taken': later('Another worker has the bulk work.'),
  'job-waits': later('The bulk work waits until a site may be asked again.'),
  'twin-parked': later('The twin waits until its time comes.'),
  'issue-waits': later('The issue waits until its site can be asked whether it comes under sync.'),
  'store-restored': row(
    'later',
    503,
    true,
    'team',
    'Our own store was restored from a backup: nothing is written to a site until that is sorted out.',
    true,
  ),
  'twin-paused': ignored('The twin is paused by a person; it is caught up when it goes on.'),
  'more-to-do': later('The work goes on with the next message.'),
  'script-busy': later('Too many rule scripts are waiting to run.'),

  // Refusals at the door.
  'token-missing': refused(401, 'The request carries no token.'),
  'token-malformed': refused(401, 'The token cannot be read.'),
  'token-algorithm': refused(401, 'The token uses an algorithm that this route does not accept.'),
  'token-key-unknown': refused(401, 'The key that signed the token is not known.'),
  'token-signature': refused(401, 'The signature of the token is wrong.'),
  'token-expired': refused(401, 'The token has expired.'),
  'token-not-yet': refused(401, 'The token is not valid yet.'),
  'token-audience': refused(401, 'The token was made for another audience.'),
  'token-issuer': refused(401, 'The issuer of the token is not known here.'),
  'token-query-hash': refused(401, 'The token does not belong to this request.'),
  'token-kind': refused(401, 'This kind of token is not accepted on this route.'),
  'token-twice': refused(401, 'The request carries two tokens.'),
  'host-refused': refused(401, 'The site address is not one of the accepted hosts.'),
  'tenant-mismatch': refused(401, 'The body speaks of another tenant than the token.'),
  'not-allowed': refused(403, 'The person lacks the permission that this needs.'),
  'route-unknown': refused(404, 'There is nothing at this address.'),
  'not-found': refused(404, 'There is no such thing.'),
  'method-refused': refused(405, 'The address does not know this method.'),
  'body-too-large': refused(413, 'The body is larger than the limit.'),
  'body-malformed': refused(400, 'The body is not valid JSON.'),
  'body-too-deep': refused(400, 'The body is nested deeper than the limit.'),
  'body-invalid': refused(400, 'The body lacks something or holds something wrong.'),
  'invitation-unknown': refused(404, 'The invitation code is not valid: unknown, used or expired.'),
  'confirmation-wrong': refused(
    422,
    'The code or the site’s address is not the one that confirms this, or the code is no longer good.',
  ),
  'invitation-own': refused(409, 'An invitation must be accepted for another project than the one that invited.'),
  'query-refused': refused(422, 'The site’s own parser does not take this query.'),
  'export-broken': refused(422, 'The export file is broken off, changed or not what its schema says.'),
  'rules-invalid': refused(422, 'The rule document has errors; it cannot be published.'),
  'state-refused': refused(409, 'The thing is not in a state that allows this.'),
  'job-open': refused(
    409,
    'Bulk work of this kind is going on in the connection; it has to end or be cancelled first.',
  ),
  'csv-malformed': refused(
    400,
    'The table cannot be read: a quote is not closed or out of place, or a cell is too long.',
  ),
  'too-many': refused(429, 'There are too many of these already.'),
  'letter-refused': refused(422, 'The letter holds something that no letter of ours may hold.'),
  'mail-refused': refused(422, 'The mail server refuses the letter or its address for good.'),
  'marketing-off': refused(422, 'News by mail are switched off.'),
  'consent-missing': refused(422, 'The person has not asked for news by mail.'),
  unsubscribed: refused(422, 'The person has unsubscribed from news by mail.'),
  'address-refused': refused(422, 'The mail address is not one plain mailbox that can be written to safely.'),
  'card-number-refused': refused(
    422,
    'The text holds the number of a payment card. Twinline takes none, nowhere: leave it out.',
  ),
  'sensitive-refused': refused(
    422,
    'The text holds a bank account, a password, a key or a token. Twinline takes none, nowhere: leave it out.',
  ),
  'desk-off': refused(503, 'No service desk is configured; reports cannot be sent.'),
  'desk-refused': refused(422, 'The service desk refuses this for good.'),
  'mail-unknown': refused(
    422,
    'Jira does not tell us your mail address, and a ticket is opened in its name only. Let apps see it in your Atlassian profile, or write to us.',
  ),
  'report-changed': refused(409, 'This is not what was shown to you. Look at it again.'),
  'site-not-ready': refused(409, 'The site has no usable installation.'),
  'receipt-malformed': refused(422, 'This is not a receipt in the form in which receipts are issued.'),
  'receipt-key-unknown': refused(422, 'The receipt names another key than the one it is checked with.'),
  'receipt-signature': refused(422, 'The signature does not fit the receipt: it was changed, or not signed by us.'),
  'receipt-inconsistent': refused(422, 'The receipt does not say that everything is gone.'),
  'grant-missing': refused(403, 'Nobody has allowed this person to look at these data.'),
  'grant-open': refused(403, 'A second person has not agreed to this yet.'),
  'grant-ended': refused(403, 'The time in which this was allowed is over.'),
  'grant-scope': refused(403, 'What was allowed does not include these data.'),
  'second-person': refused(403, 'Whoever asks for something cannot agree to it, too.'),
  'trail-malformed': refused(422, 'This is not a trail, or no head of one, in the form in which they are written.'),
  'trail-signature': refused(422, 'The head of the trail was changed, or not signed by us.'),
  'trail-broken': refused(422, 'An entry of the trail was changed, moved or taken out.'),
  'trail-cut': refused(422, 'Entries are missing at the beginning or at the end of the trail.'),

  // What blocks one twin or one field of it; the rest goes on.
  'field-refused': blocked('The other site does not accept this value.'),
  'contract-refused': blocked('The two sides have not agreed that this may be sent.'),
  'field-not-on-screen': blocked('The field is not on the screen of the other project.'),
  'value-unknown': blocked('The other site does not know this value.'),
  'text-too-long': blocked('The text is longer than the field of the other site takes.'),
  'parent-not-synced': blocked('The parent issue is not under sync yet.'),
  'link-target-not-synced': blocked('The linked issue is not under sync, so the link has nowhere to lead.'),
  'link-limit': blocked('The other issue has reached the limit of links.'),
  'field-flipping': blocked('Automations of both sides answer each other; the field rests until a person changes it.'),
  'transition-field-missing': blocked('The transition asks for a field that neither the issue nor the rules give.'),
  'user-not-assignable': blocked('The person is unknown, inactive or not assignable on the other site.'),
  'status-unreachable': blocked('No transition of the workflow leads to the wanted status.'),
  'rich-text-unsafe': blocked('The text holds an address that is not safe to pass on.'),
  'rich-text-media': blocked('The text holds media that would be lost by taking the change over.'),
  'comment-empty': blocked('The comment has no body.'),
  'comment-restricted': blocked('The comment is restricted and stays on its side.'),
  'comment-limit': blocked('The other issue has reached the limit of comments.'),
  'comment-foreign': blocked('The comment was not made by the sync and is left alone.'),
  'comment-copy-deleted': blocked('A person deleted the copy of the comment; the original stays alone.'),
  'visibility-unknown': blocked('The other site does not know the role or group, so the text would be open to all.'),
  'worklog-restricted': blocked('The worklog is restricted and stays on its side.'),
  'worklog-limit': blocked('The other issue has reached the limit of worklogs.'),
  'worklog-copy-deleted': blocked('A person deleted the copy of the worklog; the original stays alone.'),
  'attachment-restricted': blocked('The file belongs to a restricted comment and stays on its side.'),
  'attachment-too-large': blocked('The file is larger than the other site takes.'),
  'attachment-broken': blocked('The file did not arrive as it was sent, twice.'),
  'attachment-limit': blocked('The other issue has reached the limit of files.'),
  'attachment-copy-deleted': blocked('A person deleted the copy of the file; the original stays alone.'),
  'attachments-off': blocked('The other site takes no files.'),
  'connection-restored': blocked(
    'A site or our own store was restored from a backup; an admin has to say which side counts.',
  ),
  'project-archived': blocked('The issue or its project is archived on one side and takes no changes.'),
  'conflict-held': blocked('Both sides changed the field and the rules leave it to a person.'),
  'pair-malformed': blocked('The line does not name two issues by key or id.'),
  'pair-issue-missing': blocked('One of the two issues does not exist or is hidden from the app.'),
  'pair-wrong-project': blocked('One of the two issues is in another project than the connection.'),
  'pair-of-itself': blocked('An issue cannot be paired with itself.'),
  'pair-taken': blocked('One of the two issues is under sync with another one already.'),
  'match-ambiguous': blocked('Several issues of the other side have the same value.'),
  'marker-kept': blocked('The pair ended, but a site kept our mark in its issue.'),
  'issue-gone': blocked('One of the two issues is gone or no longer visible.'),
  'jira-unauthorised': blocked('The site refuses our credentials.'),
  'jira-forbidden': blocked('The app lacks a permission on the site.'),
  'jira-not-found': blocked('The site says that the thing does not exist or is hidden.'),
  'jira-refused': blocked('The site refuses the request.'),
  'row-too-large': blocked('The issue is larger than one stored record may be.'),

  // What ends a rule script; nothing of its text or data is told but the place.
  'script-syntax': blocked('The rule script cannot be read.'),
  'script-error': blocked('The rule script failed.'),
  'script-timeout': blocked('The rule script used more time than it may.'),
  'script-memory': blocked('The rule script used more memory than it may.'),
  'script-output-odd': blocked('The rule script gave something that is no plain value.'),
  'script-output-large': blocked('The rule script gave more than it may.'),
  'script-input-large': blocked('The issue is larger than what a rule script is given.'),
  'script-too-large': blocked('The rule script is longer than it may be.'),
  'script-name-unknown': refused(422, 'The rule script uses a name that does not exist in it.'),
  'script-field-unknown': refused(422, 'The rule script names a field that no issue has.'),
  'script-entry-missing': refused(422, 'The rule script has neither an outgoing nor an incoming function.'),
  'script-entry-unknown': refused(422, 'Nobody calls this function of the rule script.'),
  'script-entry-odd': refused(422, 'The entry point must be a plain function: neither async nor a generator.'),

  // Faults.
  'jira-rate-limited': fault(503, true, 'The site asks us to wait.'),
  'jira-unavailable': fault(503, true, 'The site does not answer or fails.'),
  'jira-answer-odd': fault(502, true, 'The answer of the site is not what was agreed.', true),
  'outside-unavailable': fault(503, true, 'An outside service does not answer.'),
  'outside-answer-odd': fault(502, true, 'An outside service answered what was not agreed.', true),
  'desk-unavailable': fault(503, true, 'The service desk does not answer or refuses us.', true),
  'ticket-not-erased': fault(500, true, 'A ticket that had to be erased is still at the service desk.', true),
  'mail-unavailable': fault(503, true, 'The mail server does not answer or refuses us.', true),
  'site-lagging': fault(503, true, 'The site still shows an older state than it has told of; it is asked again.'),
  'out-of-time': fault(503, true, 'The work did not end in its time.'),
  'publish-failed': fault(503, true, 'The change could not be published; the sender should repeat it.'),
  'store-unavailable': fault(503, true, 'The store does not answer.'),
  'store-exists': fault(409, false, 'The record exists already.'),
  'store-changed': fault(409, true, 'The record was changed by somebody else.'),
  'store-refused': fault(500, false, 'The catalogue does not name this record or field.', true),
  'store-record-odd': fault(500, false, 'A stored record is not what the catalogue says.', true),
  'lease-lost': fault(409, true, 'The lease ended before the work did.'),
  'key-gone': fault(410, false, 'The data key was destroyed.'),
  'key-unavailable': fault(503, true, 'The data key cannot be opened now.'),
  'seal-broken': fault(500, false, 'A sealed value does not open with its key.', true),
  'host-not-registered': fault(500, false, 'The host is not on the register of processors.', true),
  'message-invalid': fault(400, false, 'The message cannot be read.', true),
  'deletion-overdue': fault(500, true, 'Data are still there half a day after they were to be gone.', true),
  'deletion-late': fault(500, true, 'Data are still there 150 days after the mark; day 180 is the last.', true),
  'deletion-last': fault(500, true, 'Data are still there ten days before the last day, or after it.', true),
  'tenant-unheard': fault(500, true, 'A site has not said for two months whether it is still a customer’s.', true),
  'copy-late': fault(
    500,
    true,
    'A support person has not said that a fetched bundle is deleted, and its last day is near.',
    true,
  ),
  'request-late': fault(500, true, 'A person’s request is not acknowledged or done, and its last day is near.', true),
  'erasure-late': fault(500, true, 'A closed account is not erased everywhere within its day.', true),
  'purge-not-empty': fault(500, true, 'The verification still finds data of the tenant.', true),
  'life-lost': fault(500, true, 'A live customer’s records are missing: its site has to install again.', true),
  'purged-life-found': fault(500, true, 'Data of a purged customer are here again.', true),
  'sweep-overdue': fault(500, true, 'The search for what is due has not come to its end in time.', true),
  'backup-odd': fault(500, false, 'The backup is not what its manifest says, or is none of ours.', true),
  'backup-signature': fault(500, false, 'The manifest of the backup was changed, or not signed by us.', true),
  'backup-late': fault(500, true, 'The newest whole backup is older than it may be.', true),
  'backup-overdue': fault(500, true, 'A backup is still there after its day.', true),
  'case-late': fault(500, true, 'Something that a register asks for has not been done in its time.', true),
  'hold-overdue': fault(500, true, 'What a hold kept is still there a day after the hold has ended.', true),
  'trail-lost': fault(500, false, 'The newest entries of the trail of staff are missing.', true),
  'staff-read-odd': fault(
    500,
    false,
    'Somebody of the staff reads data of a customer at an unusual time, unusually much, or where nobody has to.',
    true,
  ),
  fenced: fault(409, false, 'The tenant is not in a state that allows writing.'),
  'region-refused': fault(500, false, 'A store or key is outside the region in which all data have to be.', true),
  'config-invalid': fault(500, false, 'A setting is missing or wrong.', true),
  bug: fault(500, true, 'Something went wrong on our side.', true),
} as const satisfies Record<string, CodeRow>;

/** The name of an outcome. */
export type Code = keyof typeof codes;

/** Codes by kind, so that a function can say in its type how it may end. */
export type CodeOf<K extends VerdictKind> = { [C in Code]: (typeof codes)[C]['kind'] extends K ? C : never }[Code];

/** The codes of which an admin is told: each has a help page of its own. */
export type AdminCode = { [C in Code]: (typeof codes)[C] extends { readonly told: 'admin' } ? C : never }[Code];

/** True for a text that is the name of an outcome. */
export function isCode(text: string): text is Code {
  return Object.hasOwn(codes, text);
}

/** Where the help of a code is, on the public address of the service. */
export function helpPath(code: Code): string {
  return `/help/${code}`;
}

/** How a piece of work ended, as a value. `facts` hold ids, counts and codes; never content, names or secrets. */
export interface Verdict {
  readonly code: Code;
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/** Builds a verdict. */
export function verdict(code: Code, facts?: Verdict['facts']): Verdict {
  return facts === undefined ? { code } : { code, facts };
}

/** The row of a code. */
export function meaningOf(code: Code): CodeRow {
  return codes[code];
}

/**
 * A surprise, or a refusal that has to cross several frames. Carries a code of the table and the original as `cause`.
 * The message holds the code and facts only, so that it is safe to log.
 */
export class Fault extends Error {
  readonly code: Code;
  readonly facts: Readonly<Record<string, string | number | boolean>>;

  constructor(code: Code, facts: Verdict['facts'] = {}, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.code = code;
    this.facts = facts;
  }
}

/** The fault that an unknown thrown thing amounts to: itself when it is one, `bug` with the cause otherwise. */
export function toFault(thrown: unknown): Fault {
  return thrown instanceof Fault ? thrown : new Fault('bug', {}, thrown);
}

/** Ends an exhaustive `switch`: the compiler refuses a value that can still arrive. */
export function never(value: never): never {
  throw new Fault('bug', { unexpected: typeof value });
}
