/**
 * The register of everybody outside who gets to see any data, and of the hosts where they are. The outgoing door and
 * the adapters for mail and backups refuse a host that no row names; the public list of processors is made from it.
 * Data and pure functions. @see PROMISES.md E-35, X-12, X-19 to X-21
 */
import type { Deployment, Parties, Party, PartyId, Residency } from '../model/party.ts';
import type { Statement } from './catalogue.ts';

/** What binds a party to handle data as we do. */
export interface Agreement {
  readonly title: string;
  /** The operator's own number or date of it. Never invented: without it, production does not start. */
  readonly reference?: string | undefined;
  /** True for the agreements that the operator itself has to conclude. */
  readonly isOperators: boolean;
}

/** How a party is reached: `door` through `shared/http.ts`, `client` through the maker's own client library. */
export type Reach = 'door' | 'client' | 'smtp' | 'sftp';

/** One outside party and where it is reached. */
export interface Processor {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  /** Where the data are: a region of ours, or the place that the customer chose at its own provider. */
  readonly region: string;
  /**
   * `sub-processor`: works for us. `customer`: the customer's own provider, chosen and bound by the customer itself.
   * `no-data`: is asked for something public and learns nothing of a customer.
   */
  readonly role: 'sub-processor' | 'customer' | 'no-data';
  readonly agreement: Agreement;
  /** The day from which it may be used, `YYYY-MM-DD`. */
  readonly since: string;
  /** The day on which customers were told of it; needed for whoever came after the first day. */
  readonly announced?: string | undefined;
  /**
   * `host`: exactly this name. `*.domain`: one label before the domain, never two.
   */
  readonly hosts: readonly string[];
  readonly by: Reach;
  /** The statement's classes of data that reach it. */
  readonly receives: readonly Exclude<Statement, 'system'>[];
  /** True when it only ever holds what it cannot read. */
  readonly isSealed?: true;
}

/** Days between telling the customers of a new party and the first byte to it. (Ours.) @see PROMISES.md X-12 */
export const NOTICE_DAYS = 30;

const since = '2026-11-23';

/** Those without whom there is no product. */
export const processors: readonly Processor[] = [
  {
    id: 'jira',
    name: 'Atlassian: the customer’s own Jira site',
    purpose: 'reads and writes the issues that the customer puts under sync',
    region: 'the customer’s choice at Atlassian',
    role: 'customer',
    agreement: { title: 'the customer’s own agreement with Atlassian', isOperators: false },
    since,
    hosts: ['*.atlassian.net', '*.jira.com'],
    by: 'door',
    receives: ['operation', 'customer-uploaded'],
  },
  {
    id: 'installKeys',
    name: 'Atlassian: install keys',
    purpose: 'public keys that prove an install or an uninstall; receives key ids only',
    region: 'no customer data',
    role: 'no-data',
    agreement: { title: 'none needed: public keys, fetched without any customer data', isOperators: false },
    since,
    hosts: ['asap-distribution.us-west-2.prod.atl-asap.net', 'connect-install-keys.atlassian.com'],
    by: 'door',
    receives: [],
  },
  {
    id: 'google',
    name: 'Google Cloud',
    purpose: 'runs the functions, stores the records, carries the messages, wraps the keys',
    region: 'europe-west1',
    role: 'sub-processor',
    agreement: { title: 'Google’s Cloud Data Processing Addendum', isOperators: true },
    since,
    hosts: [
      'firestore.googleapis.com',
      'pubsub.googleapis.com',
      'cloudkms.googleapis.com',
      'cloudscheduler.googleapis.com',
      'logging.googleapis.com',
    ],
    by: 'client',
    receives: ['account', 'operation', 'customer-uploaded', 'session', 'support', 'identity', 'evidence'],
  },
];

/** A party that an installation may do without: it is on the register once the operator has set what `asks` names. */
export interface OptionalProcessor extends Omit<Processor, 'since' | 'name' | 'region' | 'hosts'> {
  readonly id: Exclude<PartyId, 'google'>;
  readonly optional: 'configured';
  /** Absent: allowed under every residency. */
  readonly residency?: Residency;
  readonly name?: string;
  readonly region?: string;
  readonly hosts?: readonly string[];
  readonly asks: readonly (keyof Party)[];
}

/** Where the bucket of backups is, by residency. */
export const backupRegion = { 'be+zrh': 'europe-west6', eu: 'europe-west4' } as const satisfies Record<
  Residency,
  string
>;

const dpa = (title: string): Agreement => ({ title, isOperators: true });

/** Those that the operator may add, with the place of the data fixed where a promise fixes it. */
export const optionalProcessors: readonly OptionalProcessor[] = [
  {
    id: 'mail',
    optional: 'configured',
    purpose: 'carries our mails to the customer’s contact',
    role: 'sub-processor',
    agreement: dpa('data processing agreement with the mail provider'),
    by: 'smtp',
    receives: ['account'],
    asks: ['name', 'region', 'host', 'agreement', 'since'],
  },
  {
    id: 'desk',
    optional: 'configured',
    purpose: 'holds the tickets that customers open with us',
    role: 'sub-processor',
    agreement: dpa('data processing agreement with the provider of the service desk'),
    by: 'door',
    receives: ['support'],
    asks: ['name', 'region', 'host', 'agreement', 'since'],
  },
  {
    id: 'offline',
    optional: 'configured',
    residency: 'be+zrh',
    name: 'rsync.net',
    purpose: 'keeps sealed backups away from Google Cloud; has no key to them',
    region: 'Zurich, Switzerland',
    role: 'sub-processor',
    agreement: dpa('data processing agreement with rsync.net'),
    hosts: ['*.rsync.net'],
    by: 'sftp',
    receives: ['account', 'operation', 'customer-uploaded', 'session', 'support', 'evidence'],
    isSealed: true,
    asks: ['agreement', 'since'],
  },
  {
    id: 'bucket',
    optional: 'configured',
    name: 'Google Cloud Storage',
    purpose: 'keeps sealed backups in another data centre; has no key to them',
    role: 'sub-processor',
    agreement: dpa('Google’s Cloud Data Processing Addendum'),
    hosts: ['storage.googleapis.com'],
    by: 'door',
    receives: ['account', 'operation', 'customer-uploaded', 'session', 'support', 'evidence'],
    isSealed: true,
    asks: ['agreement', 'since'],
  },
];

/** What an installation has set. */
export interface RegisterSettings {
  readonly residency: Residency;
  readonly parties: Parties;
  /** Left out: the cloud service. */
  readonly deployment?: Deployment;
}

/**
 * The register of one installation: the fixed rows and those optional ones that are configured and allowed under the
 * residency, each filled with what the operator has set. Whoever runs it for itself has providers of its own and no
 * processor of ours: the vendor's service desk is not among them, whatever is set. @see PROMISES.md E-07
 */
export function registerOf({ residency, parties, deployment = 'cloud' }: RegisterSettings): readonly Processor[] {
  const fixed = processors.map((row) => (row.id === 'google' ? filled(row, parties.google) : row));
  const chosen = optionalProcessors
    .filter((row) => parties[row.id] !== undefined && (row.residency ?? residency) === residency)
    .map((row) => filled({ name: '', since: '', hosts: [], ...row, region: placeOf(row, residency) }, parties[row.id]));
  const register = [...fixed, ...chosen];
  if (deployment === 'cloud') return register;
  return register
    .filter(({ id }) => id !== 'desk')
    .map((row) => (row.role === 'sub-processor' ? { ...row, role: 'customer' } : row));
}

function placeOf(row: OptionalProcessor, residency: Residency): string {
  return row.id === 'bucket' ? backupRegion[residency] : (row.region ?? '');
}

/** A fixed place or host stays as it is: the operator cannot move what a promise has fixed. */
function filled(row: Processor, party: Party = {}): Processor {
  const { id, purpose, role, by, receives, isSealed } = row;
  return {
    id,
    name: row.name === '' ? (party.name ?? '') : row.name,
    purpose,
    region: row.region === '' ? (party.region ?? '') : row.region,
    role,
    agreement: { ...row.agreement, reference: party.agreement },
    since: party.since ?? row.since,
    announced: party.announced ?? row.announced,
    hosts: party.host === undefined || row.hosts.length > 0 ? row.hosts : [party.host],
    by,
    receives,
    ...(isSealed === undefined ? {} : { isSealed }),
  };
}

/** What is wrong with a row. */
export interface RegisterProblem {
  readonly id: string;
  readonly problem:
    | 'name'
    | 'purpose'
    | 'region'
    | 'agreement'
    | 'reference'
    | 'date'
    | 'notice'
    | 'hosts'
    | 'receives';
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** The first instant of a day, epoch milliseconds; NaN for what is none. */
export function dayAt(day: string): number {
  return DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
}

/**
 * Everything that keeps a register from being used: a row needs a name, a purpose, a region, an agreement, a day and
 * hosts, and whoever comes later than the first day needs a notice of 30 days. `needsReferences` asks, as production
 * does, for the operator's own numbers of its agreements, too.
 */
export function lintRegister(
  register: readonly Processor[],
  { needsReferences }: { readonly needsReferences: boolean },
): readonly RegisterProblem[] {
  const firstAt = Math.min(...register.map((row) => dayAt(row.since)).filter(Number.isFinite));
  return register.flatMap((row) =>
    problemsOf(row, firstAt, needsReferences).map((problem) => ({ id: row.id, problem })),
  );
}

function problemsOf(row: Processor, firstAt: number, needsReferences: boolean): readonly RegisterProblem['problem'][] {
  const { agreement, role } = row;
  const checks: readonly (readonly [RegisterProblem['problem'], boolean])[] = [
    ['name', row.name.trim() !== ''],
    ['purpose', row.purpose.trim() !== ''],
    ['region', row.region.trim() !== ''],
    ['agreement', agreement.title.trim() !== ''],
    ['reference', !needsReferences || !agreement.isOperators || (agreement.reference ?? '').trim() !== ''],
    ['date', Number.isFinite(dayAt(row.since))],
    ['notice', isToldInTime(row, firstAt)],
    ['hosts', row.hosts.length > 0],
    ['receives', (role === 'no-data') === (row.receives.length === 0)],
  ];
  return checks.filter(([, holds]) => !holds).map(([problem]) => problem);
}

function isToldInTime({ since: day, announced }: Processor, firstAt: number): boolean {
  const at = dayAt(day);
  if (!(at > firstAt)) return true;
  return announced !== undefined && at - dayAt(announced) >= NOTICE_DAYS * DAY_MS;
}

/** The rows that may be used at an instant: whose day has come. */
export function inUse(register: readonly Processor[], now: number): readonly Processor[] {
  return register.filter((row) => dayAt(row.since) <= now);
}

/** The rows of which customers are told and whose day has not come. */
export function planned(register: readonly Processor[], now: number): readonly Processor[] {
  return register.filter((row) => dayAt(row.since) > now);
}

/** What differs between two registers: what customers have to be told of. */
export interface RegisterChange {
  readonly added: readonly Processor[];
  readonly removed: readonly Processor[];
  /** The same party with another purpose, place, agreement, or more data. */
  readonly changed: readonly { readonly before: Processor; readonly after: Processor }[];
}

/** The difference. Hosts and days of notice are no change in what a customer agreed to. */
export function changesBetween(before: readonly Processor[], after: readonly Processor[]): RegisterChange {
  const old = new Map(before.map((row) => [row.id, row]));
  const fresh = new Map(after.map((row) => [row.id, row]));
  return {
    added: after.filter(({ id }) => !old.has(id)),
    removed: before.filter(({ id }) => !fresh.has(id)),
    changed: before.flatMap((row) => {
      const now = fresh.get(row.id);
      return now === undefined || gist(row) === gist(now) ? [] : [{ before: row, after: now }];
    }),
  };
}

/** The first day on which a change that is told of on a day may take effect. */
export function effectiveFrom(announced: string): number {
  return dayAt(announced) + NOTICE_DAYS * DAY_MS;
}

function gist({ name, purpose, region, role, agreement, receives }: Processor): string {
  return JSON.stringify([name, purpose, region, role, agreement.title, receives]);
}

/** One label of a host name, in lower case. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Does a host fit a pattern? Exact, or with one label in the place of a leading `*`. */
export function fitsHost(host: string, pattern: string): boolean {
  if (!pattern.startsWith('*.')) return host === pattern;
  const domain = pattern.slice(1);
  return host.endsWith(domain) && LABEL.test(host.slice(0, -domain.length));
}

/** The party that a host belongs to, among those that are reached in one way (the outgoing door, unless it is said). */
export function processorOf(
  host: string,
  register: readonly Processor[] = processors,
  by: Reach = 'door',
): Processor | undefined {
  return register.find((row) => row.by === by && row.hosts.some((pattern) => fitsHost(host, pattern)));
}
