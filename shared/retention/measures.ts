/**
 * The technical and organisational measures, each with what shows it: a test of this repository or a command. The
 * security concept and Annex II of the processing agreement are made from it. A measure that nothing shows does not
 * belong here; one whose review is overdue fails the build. Data and pure functions. @see PROMISES.md E-11, E-12, X-25
 */

/** The headings of Article 32(1) GDPR and of Annex II of the standard contractual clauses, in plain words. */
export type MeasureArea =
  | 'encryption'
  | 'access'
  | 'separation'
  | 'input'
  | 'availability'
  | 'erasure'
  | 'minimisation'
  | 'development';

/** What shows a measure: the beginning of a test's title, or a command with what it prints. */
export type Shown = { readonly test: string } | { readonly command: string; readonly shows: string };

/** One measure. */
export interface Measure {
  readonly id: string;
  readonly area: MeasureArea;
  /** Plain sentences for a customer. */
  readonly text: string;
  readonly shown: readonly Shown[];
}

/** What each area is called in documents. */
export const areaNames: Readonly<Record<MeasureArea, string>> = {
  encryption: 'Encryption and keys',
  access: 'Who gets in',
  separation: 'Keeping customers apart',
  input: 'Hostile input',
  availability: 'Staying available and recovering',
  erasure: 'Erasure',
  minimisation: 'Keeping little',
  development: 'How the software is made',
};

/** The day by which all measures must have been looked at again. */
export const REVIEW_BY = '2027-05-25';

/** Direct packages at run time, at most. (Ours.) @see THREATS.md T33 */
export const MAX_RUNTIME_PACKAGES = 40;

/**
 * Packages that may run a script of their own when they are installed. The last two try to build native code that they do without: npm passes their scripts over unless they are approved, and a failure too. @see THREATS.md T33
 */
export const mayRunAtInstall: readonly string[] = ['esbuild', 'protobufjs', 'cpu-features', 'ssh2'];

/**
 * Days within which a weakness in our software or in a package is mended, by severity: Atlassian's times from
 * 2026-09-01. @see PROMISES.md E-12
 */
export const fixDays = { critical: 10, high: 28, medium: 84, low: 175 } as const;

export const measures: readonly Measure[] = [
  {
    id: 'sealed-content',
    area: 'encryption',
    text: 'Issue content, rules and secrets are encrypted with AES-256-GCM before they are stored. A changed byte does not open.',
    shown: [
      { test: 'refuses content where a sealed value belongs' },
      { test: 'does not open when any one byte is changed' },
    ],
  },
  {
    id: 'own-keys',
    area: 'encryption',
    text: 'Each customer and each connection has a data key of its own. It is kept wrapped by Google Cloud KMS, in a database without backups.',
    shown: [
      { test: 'the stored key is wrapped and names its owners' },
      { test: 'a value does not open elsewhere, nor under another key' },
    ],
  },
  {
    id: 'destroyed-keys',
    area: 'encryption',
    text: 'At the end the data key is destroyed, and it is proven that a sample no longer opens. What may be left in a backup or at a provider is then unreadable.',
    shown: [
      { test: 'a destroyed key opens and seals nothing, and may be destroyed again' },
      { test: 'R16 gets no receipt while a sealed value still opens' },
    ],
  },
  {
    id: 'transport',
    area: 'encryption',
    text: 'Data travel over HTTPS only, and every answer tells browsers to keep to it for a year.',
    shown: [
      { test: 'serves the descriptor to anybody, with the headers that the vendor wants' },
      { test: 'refuses %j and connects to nothing' },
    ],
  },
  {
    id: 'guarded-routes',
    area: 'access',
    text: 'Every address of the service is either meant for everybody or asks for a signed token of Jira; there is no third kind.',
    shown: [
      { test: 'is one of those that everybody may call, or guarded' },
      { test: '%s refuses a call without a token and a person who is no admin' },
    ],
  },
  {
    id: 'admins-only',
    area: 'access',
    text: 'Only people who administer the site according to Jira itself can see or change its settings. A lost permission counts within a minute.',
    shown: [
      { test: 'nobody who does not administer the site, on any route, and nothing changes' },
      { test: 'who loses the permission is refused within a minute, and Jira is not asked each time' },
    ],
  },
  {
    id: 'staff-grants',
    area: 'access',
    text: 'Our staff have no standing access to data of customers. A second person agrees to each access, which ends after four hours at most.',
    shown: [
      { test: 'R80 is asked for by one person, agreed to by another, and over after four hours' },
      { test: 'R81 refuses a read with %s, and the trail has it' },
    ],
  },
  {
    id: 'staff-trail',
    area: 'access',
    text: 'What our staff read is recorded before it is shown, in a chain of hashes whose end goes out with every backup. A changed or missing entry is found.',
    shown: [
      { test: 'R82 nothing is shown when the trail cannot be read or written' },
      { test: 'R76 every single bit of the file that is flipped is found' },
    ],
  },
  {
    id: 'least-rights',
    area: 'access',
    text: 'The app asks Jira for no more rights than it uses. It never asks for a password or an API token.',
    shown: [{ test: 'asks for no right that nothing uses' }],
  },
  {
    id: 'own-accounts',
    area: 'access',
    text: 'Each part of the service runs under an account of its own with the rights that its work needs, each with a reason.',
    shown: [{ command: 'npm run plan -- --empty --json', shows: 'each account and each right with its reason' }],
  },
  {
    id: 'one-region',
    area: 'separation',
    text: 'Every database, queue, key, log and file store is in one region; the service does not start with one that is elsewhere.',
    shown: [
      { test: 'P25 every resource that the topology wants is where the residency allows it' },
      { test: 'P27 a start with a database elsewhere is refused' },
    ],
  },
  {
    id: 'no-leftovers',
    area: 'erasure',
    text: 'Features of the cloud that keep what was deleted are off or bounded: no undelete, no versions of files, older versions of records and messages for a week at most, logs for a month.',
    shown: [
      { test: 'P26 a %s with %s is refused' },
      { command: 'npm run plan -- --empty --json', shows: 'each setting that decides how long something stays' },
    ],
  },
  {
    id: 'tenants-apart',
    area: 'separation',
    text: 'A customer is known by its token alone, never by what a request says. What belongs to another customer looks as if it did not exist.',
    shown: [
      { test: '%s tells a stranger that there is nothing, and changes nothing' },
      { test: 'is answered exactly like one that never was, on every route' },
    ],
  },
  {
    id: 'agreed-sharing',
    area: 'separation',
    text: 'Only what a side’s rules name leaves it, and rules that send more wait for the partner’s yes.',
    shown: [{ test: 'U12 waits until the partner says yes; then it rules, and the contract follows' }],
  },
  {
    id: 'tokens',
    area: 'input',
    text: 'Tokens are checked with a fixed algorithm, issuer, audience, time and request. Tokens that are forged, altered or meant for another address are refused.',
    shown: [{ test: 'refuses $name' }, { test: 'covers every route of its functions that is not public' }],
  },
  {
    id: 'egress',
    area: 'input',
    text: 'The service calls only hosts that are on the list of processors, and follows no redirect.',
    shown: [
      { test: 'P5 every host that the code names is on the register' },
      { test: 'returns a redirect instead of following it' },
    ],
  },
  {
    id: 'scripts',
    area: 'input',
    text: 'Scripts that customers write run in a sandbox without network, files, clock or access to anybody else’s data, and are stopped from outside.',
    shown: [{ test: 'X8 a script that $name is stopped and harms nobody' }],
  },
  {
    id: 'repeat-safe',
    area: 'availability',
    text: 'Any part of the service may stop at any moment: work is repeated without losing or doubling anything.',
    shown: [{ command: 'npm run simulate -- --seeds 200', shows: 'random faults, and nothing lost or made twice' }],
  },
  {
    id: 'sealed-backups',
    area: 'encryption',
    text: 'Backups are encrypted twice, with the customer’s key inside and a key of the backup outside, and hold no key and no name. With the customer’s key gone, its part of every backup is unreadable.',
    shown: [
      { test: 'B7 is unreadable for a life whose key was destroyed, and for no other' },
      { test: 'B8 shows nothing at its place: no canary, no key, no identity, no name of a tenant' },
    ],
  },
  {
    id: 'daily-backups',
    area: 'availability',
    text: 'A backup is made at least once a day. Its manifest is signed, and any changed byte is found.',
    shown: [
      { test: 'B16 wakes somebody when no set becomes whole, and not before' },
      { test: 'B9 fails with any edited byte' },
    ],
  },
  {
    id: 'backups-end',
    area: 'erasure',
    text: 'A backup is removed on its day. It counts as gone only when its place no longer lists it, and only then the second receipt is signed.',
    shown: [
      { test: 'B15 comes with the first sweep after its day, with its key' },
      { test: 'B17 comes when the last set with the life is gone, and not an hour earlier' },
    ],
  },
  {
    id: 'restores',
    area: 'availability',
    text: 'After a restore of our own store nothing is written to a customer’s site until an administrator has decided which side counts.',
    shown: [{ test: 'S117 is known before anything is written, and stops every connection until an admin chooses' }],
  },
  {
    id: 'no-return',
    area: 'erasure',
    text: 'A restore does not bring a deleted customer back: what a record outside every backup calls deleted is deleted again.',
    shown: [{ test: 'R18 purges again what a restore brought back, without a second receipt' }],
  },
  {
    id: 'whole-erasure',
    area: 'erasure',
    text: 'A purge works from the list of all stored data and is checked twice by searches that do not use that list.',
    shown: [
      { test: 'R14 leaves nothing of any category, and its neighbours are unchanged' },
      { test: 'R16 %s is found by its path, removed, and looked for again' },
    ],
  },
  {
    id: 'erasure-stops',
    area: 'erasure',
    text: 'A purge that is interrupted at any point ends in the same place.',
    shown: [
      { test: 'R22 %s its effect: the next ticks end in the same place, with one receipt and never an early one' },
    ],
  },
  {
    id: 'late-alarms',
    area: 'erasure',
    text: 'A deletion that is late wakes somebody, again on day 150 and on day 170, until it is done.',
    shown: [{ test: 'R38 when a mark is not purged on its day, from day 150 and from day 170 on' }],
  },
  {
    id: 'early-deletion',
    area: 'erasure',
    text: 'An administrator can have everything deleted early, in two steps, also while the app is installed.',
    shown: [
      { test: 'R34 confirms with the code and the typed host; R35 the countdown is shown' },
      { test: 'R35 is served within 72 hours while the app is still installed, and its next life is a new one' },
    ],
  },
  {
    id: 'receipts',
    area: 'erasure',
    text: 'A finished deletion leaves a signed receipt without personal data that anybody can check without us.',
    shown: [
      { test: 'R22 ends with one genuine receipt that the ledger names and that holds nothing of the customer' },
      { test: 'is refused when any byte of it is another' },
    ],
  },
  {
    id: 'allow-list',
    area: 'minimisation',
    text: 'The store takes only fields that the list of stored data names, and refuses the rest.',
    shown: [{ test: 'refuses a category, an id and a field that the catalogue does not name' }],
  },
  {
    id: 'mail-classes',
    area: 'minimisation',
    text: 'Mails about the subscription and advertising are two different things in the program, which cannot be confused; advertising is off, and goes only to those who asked for it.',
    shown: [
      { test: 'M3 cannot be written down by hand, nor taken for each other: the compiler refuses it' },
      { test: 'M3 news are refused while they are switched off, and notices go all the same' },
    ],
  },
  {
    id: 'ids-only',
    area: 'minimisation',
    text: 'Messages between the parts of the service hold ids only. Logs hold ids, codes and numbers: no content, no names, no secrets.',
    shown: [
      { test: 'keeps the secret sealed and out of every log line and message' },
      { test: 'names causes by class and code, never by message' },
    ],
  },
  {
    id: 'no-trackers',
    area: 'minimisation',
    text: 'No analytics, advertising or error tracking of others is used, and no page loads anything from elsewhere.',
    shown: [{ test: 'P5 %s is no party of ours: nothing analyses, advertises or loads scripts from elsewhere' }],
  },
  {
    id: 'mutants',
    area: 'development',
    text: 'Safeguards are taken out on purpose to see that the tests notice.',
    shown: [{ command: 'npm run mutants', shows: 'each broken build, and that it was caught' }],
  },
  {
    id: 'packages',
    area: 'development',
    text: `Packages of others are few and pinned to exact versions with checksums. Weaknesses in them and in our own software are mended within ${fixDays.critical} days when critical, ${fixDays.high} when high, ${fixDays.medium} when medium and ${fixDays.low} when low.`,
    shown: [{ test: 'P8 packages are few, pinned exactly, and run nothing at install that is not allowed to' }],
  },
];

/** The measures of which a review is overdue on a day: all or none, as they are reviewed together. */
export function isReviewOverdue(now: number, reviewBy: string = REVIEW_BY): boolean {
  const at = Date.parse(`${reviewBy}T23:59:59Z`);
  return !(now <= at);
}
