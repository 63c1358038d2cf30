/** What the catalogue calls `twin` or `operation`, in words that a customer understands. Pure. */
import { categories, rowOf } from '../../retention/catalogue.ts';
import type { Category, Statement } from '../../retention/catalogue.ts';
import type { Field, Fields, Origin, Personal } from '../../retention/fields.ts';

/** A class of data: its name, and a sentence about it. */
export interface ClassWords {
  readonly title: string;
  readonly intro: string;
}

export const classWords: Readonly<Record<Statement, ClassWords>> = {
  account: {
    title: 'Account data',
    intro:
      'What Jira tells us when the app is installed. It serves to recognise your site, to talk to it, to check the licence and to administer our contract with you, and nothing else.',
  },
  operation: {
    title: 'Operation data',
    intro:
      'What is needed to keep two issues in step: which issue belongs to which, what both sides last agreed on, and what could not be carried over. It is kept only as long as the work needs it.',
  },
  'customer-uploaded': {
    title: 'What you set up',
    intro: 'What your administrators enter in the app’s own pages: connections, rules and invitations.',
  },
  session: {
    title: 'Usage data',
    intro: 'Numbers that come from the use of the service. They are counted per day and name no person.',
  },
  support: {
    title: 'Support data',
    intro: 'What you send us when you report a problem from within the app, and what becomes of it.',
  },
  identity: {
    title: 'Names of people',
    intro:
      'Atlassian’s interface sometimes tells us names of people. They are kept for a short time only, never in a copy of an issue and never in a backup.',
  },
  evidence: {
    title: 'Proof',
    intro: 'What shows, to you and to us, what was done.',
  },
  system: {
    title: 'Our own bookkeeping',
    intro:
      'What the service needs to run. It holds numbers and our own ids, and nothing that you or your people wrote.',
  },
};

/** A kind of stored data: its name, and what it holds and what for. */
export interface CategoryWords {
  readonly name: string;
  readonly holds: string;
  /** Of what is kept for good: why. */
  readonly kept?: string;
}

/** The words of each category; the test of P10 tells which one has none yet. */
const words: Readonly<Partial<Record<Category, CategoryWords>>> = {
  tenant: {
    name: 'Your installation',
    holds:
      'The address of your Jira site, the ids that Jira gave this installation, the secret with which Jira and we recognise each other, the state of the licence, and the days on which you came and left.',
  },
  contact: {
    name: 'Your contact',
    holds: 'The mail address to which we write about your subscription and your data.',
  },
  consent: {
    name: 'Who of you wants news by mail',
    holds:
      'The address that was entered for news, by whom, and since when its owner has confirmed it; or to whom of us its owner said so in person, and when. Without a confirmation nothing is sent, and the entry goes after seven days.',
  },
  suppression: {
    name: 'Who wants no news by mail',
    holds: 'A one-way hash of an address whose owner has unsubscribed, and when. The address itself is not in it.',
    kept: 'Without it we could not go on honouring that wish.',
  },
  mailing: {
    name: 'Texts of our news',
    holds: 'What we have written in mails about our own product. Nothing of a customer.',
    kept: 'It is a text of ours.',
  },
  notice: {
    name: 'What we told your contact',
    holds:
      'Which notice was sent to your contact and when, and which one could not be sent. Neither the text of a mail nor its address is in it.',
  },
  person: {
    name: 'Names',
    holds: 'The name of a person, as Jira shows it, encrypted, so that the app’s pages can say who did something.',
  },
  usage: {
    name: 'Use of a day',
    holds: 'How often parts of the app were used and changes of each kind were synced on a day. No person is in it.',
  },
  usageMonth: {
    name: 'Use of a month',
    holds: 'The sums of the days of a month.',
  },
  request: {
    name: 'Requests of people',
    holds:
      'What a person asked for about its own data, and when it was acknowledged and done. Whose data it was is forgotten with an erasure.',
  },
  account: {
    name: 'Account ids',
    holds: 'Which account ids of people are stored, so that we can ask Atlassian each week whether they still exist.',
  },
  census: {
    name: 'Count of account ids',
    holds: 'How far we have looked through your data for account ids, and when we look next.',
  },
  reporting: {
    name: 'Reports to Atlassian',
    holds: 'When account ids are reported, and until when Atlassian wants to be left alone.',
    kept: 'one record of times, replaced each time',
  },
  door: {
    name: 'Recognising your site',
    holds:
      'A one-way hash of the id that Jira gave your site, and our own id for you. It leads from a signed request to you.',
  },
  licence: {
    name: 'Your licence',
    holds:
      'What your site last said about the licence: whether it is active, whether it is a trial, and its support number. Older answers are not kept.',
  },
  deletion: {
    name: 'Your request to delete early',
    holds:
      'That you asked for an early deletion, who of yours confirmed it or took it back, and when. If you asked us directly: where your request is documented.',
  },
  report: {
    name: 'Your reports to support',
    holds:
      'What you wrote to our support, the mail address and account id of who did, the number of the ticket, and how it stands. Before you agree it is kept for an hour only.',
  },
  bundle: {
    name: 'What support may look at',
    holds:
      'The part of your data that you were shown and agreed to, exactly as you saw it. Free text and names are in it only where you chose so.',
  },
  supportCopy: {
    name: 'Copies that support has fetched',
    holds:
      'Who of our support has fetched what you agreed to, for which ticket, when, and by when that copy is deleted.',
  },
  ticket: {
    name: 'Tickets to be erased',
    holds: 'The number of a ticket at our service desk that has to be erased, and when it was.',
  },
  half: {
    name: 'Your side of a connection',
    holds: 'The name that you gave the connection, your project, and which of its issues may be synced.',
  },
  rules: {
    name: 'Your rules',
    holds:
      'What may leave your site and how incoming values are applied, in versions, with the account ids of who changed them and when.',
  },
  answer: {
    name: 'Your answers to a partner',
    holds: 'Who of yours agreed to or declined what a partner wanted to send, and when.',
  },
  intervention: {
    name: 'What your people decided',
    holds: 'Who of yours answered a conflict, paused a pair or asked for another try, and when.',
  },
  invitation: {
    name: 'Open invitations',
    holds: 'A hash of the invitation code, never the code itself, until it is accepted or expires.',
  },
  connection: {
    name: 'Connections',
    holds: 'That two sides are connected, since when, and what each may send.',
  },
  link: {
    name: 'Ways from an issue to its pair',
    holds: 'The id of an issue and our id of the pair that it belongs to.',
  },
  apart: {
    name: 'Issues taken out of the sync',
    holds: 'The id of an issue that people took out, so that it does not come in again by itself.',
  },
  wish: {
    name: 'Issues that wait to come into the sync',
    holds: 'The id of an issue whose site could not be asked yet, what was told of it, and when it is asked again.',
  },
  job: {
    name: 'Bulk work',
    holds: 'What bulk work was asked for, how far it is, and which issues it could not handle. Queries are encrypted.',
  },
  jobPart: {
    name: 'Lists that you handed in',
    holds: 'Keys or ids of the issues on a list for bulk work, and how each line ended.',
  },
  twin: {
    name: 'Pairs of issues',
    holds:
      'The ids of two issues that are kept in step, one-way hashes of their fields to notice changes, and what could not be carried over.',
  },
  trace: { name: 'Pairs of comments', holds: 'Which comment belongs to which: ids and one-way hashes, no text.' },
  worklogTrace: {
    name: 'Pairs of worklogs',
    holds: 'Which worklog belongs to which: ids and one-way hashes, no text.',
  },
  fileTrace: {
    name: 'Pairs of files',
    holds:
      'Which attachment belongs to which: ids and a one-way hash. Files themselves pass through and are not stored.',
  },
  copy: {
    name: 'Copies of issues',
    holds:
      'The newest and the one-before-newest version of a synced issue, reduced to the fields that your rules share. It is needed to see what changed on which side. People appear in it as account ids.',
  },
  decision: {
    name: 'Why a field was changed',
    holds: 'The last decision about each field and what it was made from, so that an administrator can ask why.',
  },
  run: { name: 'Regular checks', holds: 'When a check for missed changes ran, how far it came and what it cost.' },
  drift: {
    name: 'What the checks found',
    holds: 'Which pair was out of step and in which field: names of fields and ids, no values.',
  },
  lag: {
    name: 'How long changes took',
    holds: 'For each day, how many changes took how long. No person and no issue is named.',
  },
  purge: {
    name: 'Progress of a deletion',
    holds:
      'How far a deletion is and what it has counted. Until the key is destroyed it holds one encrypted sample, which proves that the key is gone.',
  },
  storeEpoch: {
    name: 'Age of our database',
    holds: 'A number and times by which we notice that an older copy was restored.',
    kept: 'kept: one record, written over every minute',
  },
  pulse: {
    name: 'Pulse of the deletion',
    holds: 'When the hourly search for what is due last ended.',
    kept: 'kept: one record',
  },
  epoch: { name: 'Ages of our database', holds: 'The last few of these numbers, kept apart from the database.' },
  budget: {
    name: 'Shares of Jira’s limits',
    holds: 'How many calls to Jira were made for whom in an hour, under our own ids.',
    kept: 'kept: only the last three',
  },
  backupSet: {
    name: 'List of backups',
    holds:
      'Which backups there are, by when each is gone, and that it is gone. With each goes its own key, itself encrypted.',
  },
  backupPart: {
    name: 'Files of a backup',
    holds: 'Size, fingerprint and number of records of each file, as long as the backup exists.',
  },
  backupLife: {
    name: 'Whose data a backup holds',
    holds:
      'A one-way hash for each customer in a backup. Only who holds a receipt can find itself in it. It proves when the last backup of you is gone.',
  },
  receipt: {
    name: 'Receipts',
    holds: 'The signed proof that data were deleted: times, counts and hashes. No personal data.',
    kept: 'kept, so that you can check it whenever you like',
  },
  key: {
    name: 'Data keys',
    holds:
      'The key that encrypts your data, itself encrypted. It is destroyed when your data are deleted, and it is in no backup.',
  },
  grant: {
    name: 'Access of our staff',
    holds:
      'Which of our people, by an id, may look at which of your data, for which ticket, until when, and who agreed to it.',
  },
  hold: {
    name: 'Legal holds',
    holds:
      'That a part of your data has to be kept for a legal duty: which kinds, on what basis, who answers for it, and until when.',
  },
  heldRecord: {
    name: 'What a legal hold keeps',
    holds:
      'The records that a legal hold names, encrypted under a key of their own, which is destroyed at the end of the hold.',
  },
  caseStep: {
    name: 'Registers',
    holds:
      'What we had to hand over to whom and on what basis, which incidents there were and whom they touched, and whether the service changes its owner. No content and no name of a person.',
  },
  trail: {
    name: 'Trail of our staff',
    holds:
      'What our people did with your data: who, when, why, and which kinds of data. Each entry holds a hash of the one before, so that nothing can be changed or taken out unseen. No content and no name.',
  },
  trailEnd: {
    name: 'End of the trail',
    holds: 'The number of about the newest entry of the trail.',
    kept: 'kept: one number',
  },
  ledger: {
    name: 'Beginnings and ends',
    holds:
      'That an installation began, was marked for deletion, returned or was deleted, and when, under a keyed hash. It makes sure that a restored backup does not bring deleted data back.',
    kept: 'kept, because it has to outlive every backup; it names nobody',
  },
};

/** True when a category has words of its own. */
export function hasWords(category: Category): boolean {
  return words[category] !== undefined;
}

/** The words of a category; those of the catalogue as long as nobody has written any. */
export function wordsOf(category: Category): CategoryWords {
  return words[category] ?? { name: category, holds: `${upperFirst(rowOf(category).purpose)}.` };
}

/** The categories of a class, in the catalogue's order. */
export function categoriesOf(statement: Statement): readonly Category[] {
  return categories.filter((category) => rowOf(category).statement === statement);
}

/** All classes of which anything is stored, in the order in which documents tell of them. */
export function storedClasses(): readonly Statement[] {
  const order = Object.keys(classWords) as Statement[];
  return order.filter((statement) => categoriesOf(statement).length > 0);
}

/** When data of a category are gone, for a customer. */
export function goneWhen(category: Category): string {
  const { retention, owner } = rowOf(category);
  const leaver = owner === 'connection' ? 'you or your partner left' : 'you left';
  switch (retention.starts) {
    case 'mark':
      return `at the latest ${retention.days} days after ${leaver}`;
    case 'own':
      return owner === 'system' || owner === 'nobody'
        ? `${retention.days} days after it was made or finished`
        : `${retention.days} days after it was made or finished, or with the rest after ${leaver}`;
    case 'never':
      return wordsOf(category).kept ?? `kept: ${retention.why}`;
  }
}

const personalWords: Readonly<Record<Personal, string>> = {
  none: 'none',
  indirect: 'ids of people or of your site',
  direct: 'names or addresses of people',
  freeText: 'whatever people wrote',
  secret: 'a secret',
};
/** In the order in which they are told; secrets say nothing about people. */
const aboutPeople = ['freeText', 'direct', 'indirect'] as const;

/** What a category says about people. */
export function personalOf(fields: Fields): string {
  const kinds = new Set(flatFields(fields).map(({ field }) => field.personal));
  const told = aboutPeople.filter((kind) => kinds.has(kind)).map((kind) => personalWords[kind]);
  return told.length === 0 ? 'none' : told.join('; ');
}

export const originWords: Readonly<Record<Origin, string>> = {
  customer: 'your Jira issues',
  platform: 'Jira itself',
  admin: 'your administrators',
  ours: 'our own',
};

/** The fields that are encrypted before they are stored. */
export function sealedNames(fields: Fields): readonly string[] {
  return flatFields(fields)
    .filter(({ field }) => field.kind === 'sealed')
    .map(({ name }) => name);
}

/** One stored field under its full name. */
export interface NamedField {
  readonly name: string;
  readonly field: Field;
}

/** All fields with those that are nested in them, which come as `outer.inner`. */
export function flatFields(fields: Fields, prefix = ''): readonly NamedField[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    field.parts === undefined
      ? [{ name: prefix + name, field }]
      : [
          ...(field.isByLane === true ? [{ name: prefix + name, field }] : []),
          ...flatFields(field.parts, `${prefix}${name}.`),
        ],
  );
}

/** What a field says about people, in words. */
export function personalWord(field: Field): string {
  return personalWords[field.personal];
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
