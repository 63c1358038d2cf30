/**
 * The public statement: what is stored, why, where, until when, and how anybody can check it. Lists and numbers come
 * from the catalogue, the register, the measures and the deadlines; the sentences are for a customer who knows nothing
 * of how the product is built. Pure. @see PROMISES.md
 */
import { rowOf } from '../../retention/catalogue.ts';
import type { Category, Statement } from '../../retention/catalogue.ts';
import { answerTimes, deadlines, residues } from '../../retention/deadlines.ts';
import { areaNames, measures } from '../../retention/measures.ts';
import type { MeasureArea } from '../../retention/measures.ts';
import { NOTICE_DAYS, processors } from '../../retention/processors.ts';
import { fold, grid, list, say, section } from './document.ts';
import type { Block, Document, Section } from './document.ts';
import type { DocumentFacts } from './facts.ts';
import { paths } from './paths.ts';
import {
  categoriesOf,
  classWords,
  flatFields,
  goneWhen,
  originWords,
  personalOf,
  personalWord,
  sealedNames,
  storedClasses,
  wordsOf,
} from './words.ts';

/** Makes the statement. The same facts give the same statement. */
export function statementOf(facts: DocumentFacts): Document {
  return {
    id: 'statement',
    title: 'Data security and privacy statement',
    lead: 'Twinline keeps Jira issues of two parties in step. To do that it has to store some data of yours for a while. This statement says which data, why, where, and when they are gone. It is made from the program itself: if the program stored something that is not listed here, it could not be built.',
    sections: [
      inShort(facts),
      scope(),
      whatIsStored(),
      ...storedClasses().map(classSection),
      whereItIs(facts),
      untilWhen(facts),
      backups(facts),
      earlier(facts),
      comingBack(),
      receipts(),
      people(facts),
      support(facts),
      mail(facts),
      cookies(),
      staff(facts),
      others(),
      authorities(),
      transfer(),
      security(),
      notOurs(),
      contact(),
      changes(),
      lingering(facts),
      allFields(),
    ],
  };
}

const region = (): string => processors.find(({ id }) => id === 'google')?.region ?? '';

/** Where backups are, in words. */
function backupPlace({ residency }: DocumentFacts): string {
  return residency === 'be+zrh' ? 'Zurich, Switzerland' : 'the Netherlands';
}

function inShort(facts: DocumentFacts): Section {
  const { features } = facts;
  return section(
    'In short',
    list(
      'We store only what is needed to keep your issues in step. Anything else is refused by the program itself.',
      `Everything is stored in Belgium (Google Cloud, ${region()}).${features.backups ? ` Encrypted backups are kept in ${backupPlace(facts)}.` : ''}`,
      'The content of your issues and your rules are encrypted with a key of their own for each customer and each connection.',
      `When you leave, the copies of your issues are gone after ${deadlines.copyDays} days at the latest and everything else after ${deadlines.liveDays} days. After ${deadlines.hardStopDays} days nothing is left anywhere that anybody could read.`,
      `You can ask for it sooner: then the live data are gone within ${deadlines.requestLiveHours} hours.`,
      'You get a signed receipt of the deletion, which you can check yourself.',
      'There is no advertising, no analytics, no tracking, and there are no cookies.',
    ),
  );
}

function scope(): Section {
  return section(
    'What this statement is about',
    say(
      'It covers Twinline as a cloud app for Jira Cloud, run by us for you. If you run Twinline on your own systems, the data are with you, and this statement does not apply. Our website and the Atlassian Marketplace have statements of their own.',
    ),
    say(
      '“Customer data” means what you and your people create in Jira and what Atlassian keeps there: issues, comments, worklogs, attachments and users. You decide what happens with them; we handle them on your behalf and on your instructions. Your instructions are the rules and settings that you make in the app.',
    ),
    say(
      '“We” is the company that runs this service. Its name and address are on the [contact page](' +
        paths.contact +
        '), the meaning of other words in the [glossary](' +
        paths.glossary +
        ').',
    ),
  );
}

function whatIsStored(): Section {
  return section(
    'What we store',
    say(
      'The next sections list every kind of data that the service stores. Each kind is on a list inside the program, and the program refuses to store anything that is not on it. Every single field is listed [at the end of this statement](#in-detail-every-stored-field).',
    ),
    say(
      'We do not ask for personal data as such. But texts and files that people write may contain some without anybody noticing, so we treat every text as if it did: it is encrypted, it is not searched through, and it never appears in a log.',
    ),
    say(
      'Everything is encrypted on the disks of the data centre. What is called “with your own key” below is encrypted by the service before it is stored, with a key that belongs to you or to your connection alone. These are the content of issues, your rules and settings, and secrets.',
    ),
    say('Attachments pass through on their way from one Jira site to the other. We do not store them.'),
  );
}

function classSection(statement: Statement): Section {
  const { title, intro } = classWords[statement];
  return section(
    title,
    say(intro),
    grid(
      ['What', 'What it holds and what for', 'About people', 'Encrypted', 'Gone'],
      categoriesOf(statement).map((category) => {
        const row = rowOf(category);
        const { name, holds } = wordsOf(category);
        return [name, holds, personalOf(row.fields), encryption(category), goneWhen(category)];
      }),
    ),
  );
}

function encryption(category: Category): string {
  if (category === 'key') return 'by Google’s key service';
  return sealedNames(rowOf(category).fields).length > 0 ? 'with your own key' : 'on the disk';
}

function whereItIs(facts: DocumentFacts): Section {
  const { features } = facts;
  return section(
    'Where your data are',
    say(
      `All live data are in Belgium, in the data centre region ${region()} of Google Cloud. Every database, queue, key and log that the service has is placed there; the program refuses to work with a database that is elsewhere.`,
    ),
    say(
      'To keep issues in step the service reads from and writes to the two Jira sites that are connected. What it writes into your partner’s Jira is your partner’s from then on, and lies where your partner has chosen at Atlassian. Only the fields that your rules name are sent, and your administrators decide on the rules.',
    ),
    ...(features.backups
      ? [say(`Backups are kept in ${backupPlace(facts)}; the section on backups says how.`)]
      : [say('There are no copies of your data anywhere else.')]),
    say(
      `Everybody outside our company who gets to see any of your data is on the [list of processors](${paths.processors}), with purpose, place and agreement.`,
    ),
  );
}

function untilWhen({ features }: DocumentFacts): Section {
  return section(
    'Until when: what happens when you leave',
    say(
      'Your data are marked for deletion when your subscription ends. The mark stops all syncing at once. The count of days begins with the earliest sign that you have left: Jira tells us that the app was uninstalled, or the licence has ended, or your site has not answered for at least ' +
        `${deadlines.silentDays} days. A single failed call is never taken for a sign, and we look again before anything is deleted.`,
    ),
    grid(
      ['After you left', 'What is gone'],
      [
        ['at once', 'the secret with which we could speak to your Jira, when the app was uninstalled'],
        ...(features.identity ? [[`${deadlines.identityHours} hours`, 'names of people']] : []),
        [`${deadlines.copyDays} days`, 'the copies of your issues, and the decisions made from them'],
        [
          `${deadlines.liveDays} days`,
          'everything else that is live, and the key that encrypted it. The first receipt is there for you',
        ],
        ...(features.backups
          ? [
              [
                `${deadlines.backupsDays} days`,
                'the last backup that holds anything of you. The second receipt is there for you',
              ],
            ]
          : []),
        [
          `${deadlines.hardStopDays} days`,
          `the last day, whatever happens. From day ${deadlines.alarmDays} on our people are woken if anything is left`,
        ],
      ],
    ),
    say(
      'These days are the longest. An installation may be set to shorter ones, and the program does not accept longer ones. Account data, usage data and support data go with the rest.',
    ),
    say(
      'Data of a connection belong to both sides. They are deleted when either side leaves. Your partner then keeps its own rules, in which you are no longer named, and the issues in its own Jira.',
    ),
  );
}

function backups(facts: DocumentFacts): Section {
  if (!facts.features.backups)
    return section(
      'Backups',
      say(
        'No backups of your data are kept outside the live databases. When backups begin, this statement says so beforehand.',
      ),
    );
  const swiss: readonly Block[] = [
    say(
      'Zurich is outside the European Union and the European Economic Area. The European Commission has found that Swiss law protects personal data adequately, and confirmed it on 15 January 2024, so the transfer needs no special permission. The company that keeps them there is on the list of processors.',
    ),
    say(
      'If you use Atlassian’s data residency for the EU: these backups are the one exception to it. They are encrypted before they leave Belgium, and the keys never leave Belgium, so that nobody in Zurich can read them.',
    ),
  ];
  return section(
    'Backups',
    say(
      `Once a day, at least every ${residues.backupEveryHours} hours, the service makes an encrypted backup and keeps it in ${backupPlace(facts)}. A backup is deleted after ${residues.backupKeptDays} days at the latest. It contains no keys${facts.features.identity ? ' and no names of people' : ''}.`,
    ),
    say(
      'The part of the service that writes backups can neither read nor delete them. When your key is destroyed, what is left of you in a backup cannot be read by anybody, us included.',
    ),
    ...(facts.residency === 'be+zrh' ? swiss : []),
    say(
      'After a restore, everybody who was deleted in the meantime is deleted again before the service goes on: a record of beginnings and ends is kept apart from all backups for that purpose.',
    ),
  );
}

function earlier({ features }: DocumentFacts): Section {
  const how = features.earlyDeletion
    ? 'An administrator of your site can start it in the app, in two steps, also while the app is still installed. Or you write to us; then we check that you may ask for it.'
    : 'Write to us; we check that you may ask for it and start it for you.';
  return section(
    'Deletion ahead of time',
    say(`You can ask for the deletion at any time. ${how} From then on:`),
    grid(
      ['Within', 'What is gone'],
      [
        [`${deadlines.requestLiveHours} hours`, 'all live data'],
        [`${deadlines.requestUnreadableHours} hours`, 'your key, so that nobody can read what may be left in a copy'],
        [`${deadlines.requestDays} days`, 'everything but what the next line names'],
        [
          `${deadlines.requestBackupDays} days`,
          'the last logs and offline backups, which cannot be deleted one by one',
        ],
      ],
    ),
    ...(features.export
      ? [
          say(
            'Before that, your administrators can take everything with them: the app gives out all that is stored about you as one archive.',
          ),
        ]
      : []),
  );
}

function comingBack(): Section {
  return section(
    'If you come back',
    say(
      'If you subscribe again before the deletion has begun, the mark is removed and everything goes on: connections, rules and pairs are still there, and what changed in the meantime is caught up.',
    ),
    say(
      `After ${deadlines.copyDays} days the copies of issues are gone already. Then the issues are read again, and comments and files are recognised by their ids.`,
    ),
    say(
      'If you come back after the deletion, you start anew and empty. Nothing of the time before is attached to you.',
    ),
  );
}

function receipts(): Section {
  return section(
    'Receipts, and how to check them',
    say(
      'After each deletion we issue a receipt. It says when you left, when everything was deleted, when that was verified, how many records there were of each kind, and that the key is destroyed. “Deleted” and “verified” are two different times: after the deletion two searches look for leftovers, in ways that do not rely on the deletion’s own list. Only when both find nothing is the key destroyed and the receipt signed.',
    ),
    say(
      'The receipt holds no personal data. Anybody who knows its number can fetch it without a login, as long as the service exists.',
    ),
    list(
      `The receipt is at ${paths.receipts}/NUMBER on this site.`,
      `The public key that belongs to the signature is at [${paths.receiptKey}](${paths.receiptKey}).`,
      'The check needs neither us nor the internet. The program is open source, and its command “npm run twinline -- receipt verify FILE --key KEYFILE” says GENUINE or NOT GENUINE. The signature is Ed25519, which common tools can check, too.',
    ),
  );
}

function people({ features }: DocumentFacts): Section {
  return section(
    'People: names, e-mail addresses, pictures',
    say(
      'In what we store, people appear as Atlassian account ids. An account id is a row of letters and digits that says nothing by itself; we treat it as personal data all the same.',
    ),
    features.identity
      ? say(
          `Where a name is needed, it comes from Atlassian at that moment and is kept for ${deadlines.identityHours} hours at the longest, in a database of its own that has no backup. Whether the time is over is checked each time a name is used, so that an expired one is never shown.`,
        )
      : say(
          'Names, e-mail addresses and pictures of people are not stored. Where a name is needed, it is used at that moment and forgotten.',
        ),
    ...(features.people
      ? [
          say(
            'Once a week we report the account ids that we hold to Atlassian. Of an account that was closed, everything is erased within 24 hours; of one that was changed, what we hold is refreshed. For a single person we can find, hand out, correct and erase everything that is stored.',
          ),
        ]
      : []),
    say('Texts that people wrote may contain names. They are part of the copies of issues and go with them.'),
    say(
      'The app is not made for children. We do not knowingly collect data of anybody under 13, and no field asks for an age. If you tell us of such data, we delete them within ' +
        `${deadlines.requestDays} days.`,
    ),
  );
}

function support({ features }: DocumentFacts): Section {
  if (!features.support)
    return section(
      'Support',
      say(
        'The app does not send reports to us by itself. When you write to us, we have what you write, and use it to help you.',
      ),
    );
  return section(
    'Support',
    say(
      'If something goes wrong, you can send us a report from within the app. Nothing is sent before you have seen exactly what it would contain and have agreed. Secrets are never part of it. A ticket is opened in the name of the e-mail address with which you are logged in; nobody can type another one.',
    ),
    say(
      `The collected data stay in the same region as the rest. A member of our support may download them for your ticket; each download is recorded. They are deleted ${supportDays()} after the ticket is closed, and with everything else when you leave.`,
    ),
  );
}

function supportDays(): string {
  return '30 days';
}

function mail({ features }: DocumentFacts): Section {
  if (!features.mail)
    return section('E-mail', say('The app sends no e-mail. Should you get one from us, a person has written it.'));
  return section(
    'E-mail',
    say(
      'We write to the contact that you gave Atlassian, or that an admin of yours has set in the app, about matters of your subscription: that your data are marked for deletion or that somebody has asked for it, again 30 days and 7 days before they are deleted, that it is called off, and when the deletion begins, with the address at which the receipts will be. After that we have no address of yours any more. We also write when the other side of a connection has left or is back, before a new company handles data for us, and when an incident has touched your data. Such mails contain no advertising.',
    ),
    say(
      'Advertising by e-mail is off. Should there ever be any, only those get it who have asked for it, by a link in a mail to them or in person, and each mail can be ended with one click.',
    ),
  );
}

function cookies(): Section {
  return section(
    'Cookies, analytics, advertising',
    say(
      `The app sets no cookies and stores nothing in the browser. The [cookie page](${paths.cookies}) is the complete register. Everything works with cookies switched off.`,
    ),
    say(
      'No analytics, error tracking or advertising service of anybody else is used, and no page loads a script, a font or a picture from another company. Using the app is therefore not a consent to anything of that kind: should we ever want to use such a service, it stays off until you have agreed.',
    ),
  );
}

function staff({ features }: DocumentFacts): Section {
  return section(
    'Who of us can see your data',
    ...(features.staffAccess
      ? [
          say(
            'Nobody has standing access. A member of support or development who needs to look at data of yours gets access for four hours at most, for a ticket, with a reason, and only with the consent of a second person. Everything that is read is recorded in a trail that cannot be changed without notice.',
          ),
        ]
      : [
          say(
            'No page and no command of the service shows our staff the content of your issues. The few people who run it in the cloud could reach stored records; content in them is encrypted, and the keys are used by the service and not by people.',
          ),
        ]),
    say(
      'Only authorised people in support, operation and development, and the processors on the list, may handle customer data, each for the stated purpose. All of them are bound to confidentiality.',
    ),
  );
}

function others(): Section {
  return section(
    'Companies that work for us',
    say(
      `The [list of processors](${paths.processors}) names each of them: what for, where, under which agreement, since when, and which data it receives. They are bound by contract to the same duties as we are, and may use the data for their service to us only. The program itself cannot call anybody who is not on the list.`,
    ),
    say(
      `Before a new company receives anything, we announce it at least ${NOTICE_DAYS} days ahead on the list and in its [machine-readable form](${paths.processorsFeed}). In that time you may object, or leave and have everything deleted. The details are in the [data processing agreement](${paths.agreement}).`,
    ),
    say('Apart from that, and from the two cases in the next sections, nobody gets your data. We do not sell them.'),
  );
}

function authorities(): Section {
  return section(
    'When the law demands it',
    say(
      'We hand out data to an authority only if we believe in good faith that the law obliges us to, or if it is needed to pursue a breach of our terms, fraud, abuse or a danger to somebody’s rights or safety. We hand out only what is demanded, of the one customer concerned, and write down who asked, on which basis, what was given and who agreed to it.',
    ),
    say(
      `We tell you within ${answerTimes.disclosureHours} hours, unless the law forbids it. If we have to keep something for a legal dispute, only that part is kept, for ${answerTimes.holdDays} days at a time, and the rest is deleted on time.`,
    ),
  );
}

function transfer(): Section {
  return section(
    'If our company changes hands',
    say(
      `Should the service be sold, merged or handed over, you hear of it at least ${answerTimes.transferNoticeDays} days before: who takes over, and what changes in this statement and in the list of processors. Until then you can leave and have everything deleted.`,
    ),
  );
}

function security(): Section {
  const areas = Object.keys(areaNames) as MeasureArea[];
  return section(
    'Security',
    say(
      `The measures match current practice and are reviewed at least once a year. These are the most important ones; the [security concept](${paths.security}) has all of them, each with the test that shows it.`,
    ),
    list(
      ...areas.flatMap((area) => {
        const [first] = measures.filter((measure) => measure.area === area);
        return first === undefined ? [] : [`${areaNames[area]}: ${first.text}`];
      }),
    ),
    say(
      `No software is without faults, and we do not promise that. A problem that you report is acknowledged within ${answerTimes.problemDays} day and put right without delay. If data of yours were ever affected by an incident, you hear of it without undue delay.`,
    ),
  );
}

function notOurs(): Section {
  return section(
    'What we never take',
    list(
      'Credit card and bank data: the Atlassian Marketplace handles payments, and no field of ours asks for them.',
      'Passwords and Atlassian API tokens: the two sites are connected by an invitation code.',
      'Telephone numbers and postal addresses: no field of ours asks for them.',
    ),
  );
}

function contact(): Section {
  return section(
    'Your rights, and whom to ask',
    say(
      'You and your people have the rights that the law gives them: to know what is stored, to get it, to have it corrected or deleted, and to object. Your people best turn to you, because you decide about the data; we help you to answer. We keep to the European rules (GDPR) for customers everywhere.',
    ),
    say(
      `The [contact page](${paths.contact}) says how to reach us. We confirm a request within ${answerTimes.acknowledgeDays} days and settle it within ${answerTimes.rightsDays}. If you ask for a copy of the security concept or want to discuss it, you get an answer within ${answerTimes.conceptWorkingDays} working days.`,
    ),
    say('You may also complain to a data protection authority, for example the one of the country in which you live.'),
  );
}

function changes(): Section {
  return section(
    'Changes to this statement',
    say(
      `Each version has a number, a date and a fingerprint (SHA-256), shown at the end of this page. Earlier versions stay [in the archive](${paths.archive}), with the differences from one to the next. A change that matters to you is announced ${answerTimes.changeNoticeDays} days before it takes effect. The statement is also available [as a PDF](${paths.pdf}).`,
    ),
  );
}

/** Where something may remain after the live data are gone. @see PROMISES.md §5 */
function lingering(facts: DocumentFacts): Section {
  return section(
    'In detail: where traces can remain after a deletion, and how long',
    say(
      'A deletion of live data does not reach every corner in the same second. These are the corners, and when each is empty, counted from the day on which the live data were deleted:',
    ),
    grid(
      ['Where', 'How long', 'What it is'],
      [
        [
          'older versions inside the database',
          `${residues.versionDays} days`,
          'needed to repair mistakes; your content in them is unreadable, because the key is gone',
        ],
        ['messages between the parts of the service', `${residues.messageDays} days`, 'hold ids only'],
        ['logs', `${residues.logDays} days`, 'hold ids, codes and times; no names, no content'],
        ...(facts.features.backups
          ? [
              [
                'backups',
                `${residues.backupKeptDays} days`,
                'encrypted; unreadable from the day on which the key is destroyed',
              ],
            ]
          : []),
        [
          'Google’s own storage',
          `about ${residues.providerActiveDays} days, in Google’s own backups up to ${residues.providerBackupDays} days`,
          'Google says so for its whole cloud; your content there is unreadable, because the key is gone',
        ],
        [
          'issues in Jira',
          'as long as you or your partner keep them',
          'what was synced into a Jira site belongs to that site; so does a small marker on synced issues, which names no person',
        ],
      ],
    ),
  );
}

function allFields(): Section {
  return section(
    'In detail: every stored field',
    say(
      'This is the program’s own list, with the names that the program uses. It is complete: the store refuses any other field.',
    ),
    ...storedClasses().flatMap((statement) => categoriesOf(statement).map(fieldsOf)),
  );
}

function fieldsOf(category: Category): Block {
  const { fields, database, purpose } = rowOf(category);
  const { name } = wordsOf(category);
  const sealed = new Set(sealedNames(fields));
  return fold(
    `${name} (${category})`,
    say(`Purpose: ${purpose}. Database: ${database}.`),
    grid(
      ['Field', 'Comes from', 'About people', 'Encrypted'],
      flatFields(fields).map(({ name: field, field: is }) => [
        field,
        originWords[is.origin],
        personalWord(is),
        sealed.has(field) ? 'yes' : 'no',
      ]),
    ),
  );
}
