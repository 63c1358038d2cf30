/** Reads the environment once, into one typed value. The only reader of `process.env`. */
import { z } from 'zod';
import { mailAddress } from './model/mail.ts';
import type { MailAddress } from './model/mail.ts';
import { partyIds } from './model/party.ts';
import type { Deployment, Operator, Parties, Residency } from './model/party.ts';
import { Fault } from './verdict.ts';

/** Longest days that a class may be kept after the mark; settings may only shorten them. @see DESIGN.md §5 */
export const LIMITS = { liveDays: 120, copyDays: 30, backupDays: 28, identityHours: 24 } as const;

/** A lease outlives the longest function (60 s) never: a worker renews it step by step. */
const LEASE_SECONDS = 30;

/** `name=value,name=value` */
const pairs = z.string().transform((text) =>
  Object.fromEntries(
    text
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split('=', 2) as [string, string]),
  ),
);

const hosts = pairs.pipe(z.record(z.url(), z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/)));

/** Largest pool that a tenant can have. @see ATLASSIAN.md §6.1 */
const MAX_TENANT_POINTS = 500_000;

const points = z
  .string()
  .regex(/^\d{4,6}$/)
  .transform(Number)
  .refine((value) => value <= MAX_TENANT_POINTS);

const pools = pairs.pipe(z.record(z.string().regex(/^t-/), points));

const address = z.string().transform((text, context): MailAddress => {
  try {
    return mailAddress(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'no plain mail address' });
    return z.NEVER;
  }
});

const day = z.iso.date();
const party = z.strictObject({
  name: z.string().trim().min(1).max(120).optional(),
  region: z.string().trim().min(1).max(120).optional(),
  host: z
    .string()
    .regex(/^(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}$/)
    .optional(),
  agreement: z.string().trim().min(1).max(200).optional(),
  since: day.optional(),
  announced: day.optional(),
});

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
});
const parties = json.pipe(z.partialRecord(z.enum(partyIds), party));

const page = z.url({ protocol: /^https$/ }).optional();
const operator = json.pipe(
  z
    .strictObject({
      name: z.string().trim().min(1).max(120),
      address: z.string().trim().min(1).max(300).optional(),
      mail: z.email().optional(),
      privacyMail: z.email().optional(),
      website: page,
      desk: page,
      releases: page,
      community: page,
    })
    .refine(({ mail, desk }) => mail !== undefined || desk !== undefined),
);

const hexKeys = z
  .string()
  .transform((text) => text.split(',').filter(Boolean))
  .pipe(z.array(z.string().regex(/^[0-9a-f]{64}$/)).min(1));

const schema = z.object({
  /** `production`: Google Cloud only. `local`: this computer, with emulators, a moved clock and mapped hosts allowed. */
  TWINLINE_MODE: z.enum(['production', 'local']),
  /** `google`: Firestore, Pub/Sub (or their emulators). `memory`: everything in this process. */
  TWINLINE_BACKEND: z.enum(['google', 'memory']).default('google'),
  /** Where Jira reaches us; the audience of signed installs. No slash at the end. */
  TWINLINE_BASE_URL: z.url({ protocol: /^https$/ }).refine((url) => !url.endsWith('/')),
  TWINLINE_ADDON_KEY: z
    .string()
    .regex(/^[a-zA-Z0-9-._]{1,64}$/)
    .default('app.twinline'),
  GOOGLE_CLOUD_PROJECT: z.string().min(1).default('twinline-local'),
  /** Folder of the key files on a computer without a cloud. */
  TWINLINE_KEY_DIR: z.string().optional(),
  /** Cloud KMS resource names: the key that wraps data keys, and the key version that signs receipts. */
  TWINLINE_KMS_DATA_KEY: z.string().optional(),
  TWINLINE_KMS_RECEIPT_KEY: z.string().optional(),
  /** Keys of the ledger's identity hash, hex, the newest first. Older ones stay while their entries do. */
  TWINLINE_LEDGER_KEYS: hexKeys.optional(),
  /** Keys of links in mails and of the list of those who want no news, hex, the newest first. An older one stays for good. */
  TWINLINE_MAIL_KEYS: hexKeys.optional(),
  /** File that holds the shared clock offset in milliseconds. */
  TWINLINE_CLOCK_FILE: z.string().optional(),
  /** `https://site.atlassian.net=http://127.0.0.1:port,…`: where public hosts listen on this computer. */
  TWINLINE_LOCAL_HOSTS: hosts.optional(),
  TWINLINE_LEASE_SECONDS: z.coerce.number().int().min(1).max(LEASE_SECONDS).default(LEASE_SECONDS),
  /** How long to wait for the search index before an issue without a marker is created again. Shorter on this computer only. */
  TWINLINE_MARKER_LAG_SECONDS: z.coerce.number().int().min(1).optional(),
  /** How long a purge waits out work under way. Shorter on this computer only. */
  TWINLINE_FENCE_SECONDS: z.coerce.number().int().min(1).optional(),
  TWINLINE_LIVE_DAYS: z.coerce.number().int().min(0).max(LIMITS.liveDays).default(LIMITS.liveDays),
  /** How long names of people are kept. */
  TWINLINE_IDENTITY_HOURS: z.coerce.number().int().min(0).max(LIMITS.identityHours).default(LIMITS.identityHours),
  TWINLINE_COPY_DAYS: z.coerce.number().int().min(0).max(LIMITS.copyDays).default(LIMITS.copyDays),
  /** Points per hour of the pool that all tenants share (tier 1). */
  TWINLINE_APP_POINTS: z.coerce.number().int().min(1_000).max(500_000).default(65_000),
  /** `t-…=150000,…`: tenants to which Atlassian has given a pool of their own (tier 2). */
  TWINLINE_TENANT_POINTS: pools.default({}),
  /** `selfHosted`: a customer runs it for itself, and nothing of it is processed by the vendor. */
  TWINLINE_DEPLOYMENT: z.enum(['cloud', 'selfHosted']).default('cloud'),
  /** Where data may be. */
  TWINLINE_RESIDENCY: z.enum(['be+zrh', 'eu']).default('be+zrh'),
  /**
   * JSON: what the operator says about outside parties, by their ids in `retention/processors.ts`:
   * `{"google":{"agreement":"…"},"mail":{"name":"…","region":"…","host":"…","agreement":"…","since":"2026-12-01"}}`.
   */
  TWINLINE_PARTIES: parties.default({}),
  /** JSON: who runs this installation and how to reach it, for the public contact page; a mail address or a desk at least. */
  TWINLINE_OPERATOR: operator.optional(),
  /** The address that our mails come from. Without it, or without the party `mail`, no mail is sent. */
  TWINLINE_MAIL_FROM: address.optional(),
  TWINLINE_SMTP_PORT: z.coerce.number().int().min(1).max(65_535).default(465),
  TWINLINE_SMTP_USER: z.string().min(1).max(255).optional(),
  TWINLINE_SMTP_PASSWORD: z.string().min(1).max(255).optional(),
  /** Where the mail server listens on this computer. */
  TWINLINE_SMTP_LOCAL_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  /** News by mail, to those who have asked for them. */
  TWINLINE_MAIL_MARKETING: z.enum(['on', 'off']).default('off'),
  /** The project of the service desk and the kind of request that reports are; the desk's host is the party `desk`. */
  TWINLINE_DESK_ID: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  TWINLINE_DESK_REQUEST_TYPE: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  /** The agent in whose name we call it, and its API token. */
  TWINLINE_DESK_USER: address.optional(),
  TWINLINE_DESK_TOKEN: z.string().min(1).max(500).optional(),
  /** `sftp://user@host[:port]/folder`, `bucket:name` or (on this computer only) `disk:folder`: where backups go. */
  TWINLINE_BACKUP_PLACE: z
    .string()
    .regex(
      /^(sftp:\/\/[a-z0-9_-]{1,32}@[a-z0-9.-]{1,253}(:\d{1,5})?\/[\w./-]{0,200}|bucket:[a-z0-9._-]{3,63}|disk:.{1,1000})$/,
    )
    .optional(),
  /** What this process may do there: one of the three, never two. `all` on this computer only. */
  TWINLINE_BACKUP_CREDENTIAL: z.enum(['none', 'append', 'prune', 'restore', 'all']).optional(),
  /** The private key of that credential (OpenSSH or PEM), and the server's host key: `SHA256:…`. */
  TWINLINE_BACKUP_KEY: z.string().max(20_000).optional(),
  TWINLINE_BACKUP_HOST_KEY: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/)
    .optional(),
  TWINLINE_KMS_BACKUP_KEY: z.string().optional(),
  TWINLINE_BACKUP_DAYS: z.coerce.number().int().min(1).max(LIMITS.backupDays).default(LIMITS.backupDays),
  /** The database that holds the tenants: after a restore, the restored one. */
  TWINLINE_DATABASE: z
    .string()
    .regex(/^(\(default\)|[a-z][a-z0-9-]{3,62})$/)
    .default('(default)'),
  /** `host:port`; Google's own clients read it, too. */
  FIRESTORE_EMULATOR_HOST: z.string().min(1).optional(),
  TWINLINE_COMMIT: z.string().default('unknown'),
});

const forbiddenInProduction = [
  'TWINLINE_MARKER_LAG_SECONDS',
  'TWINLINE_FENCE_SECONDS',
  'TWINLINE_CLOCK_FILE',
  'TWINLINE_LOCAL_HOSTS',
  'TWINLINE_KEY_DIR',
  'TWINLINE_SMTP_LOCAL_PORT',
  'FIRESTORE_EMULATOR_HOST',
  'PUBSUB_EMULATOR_HOST',
];
const neededInProduction = [
  'TWINLINE_KMS_DATA_KEY',
  'TWINLINE_KMS_RECEIPT_KEY',
  'TWINLINE_LEDGER_KEYS',
  'TWINLINE_MAIL_KEYS',
  'TWINLINE_OPERATOR',
  'TWINLINE_KMS_BACKUP_KEY',
  'TWINLINE_BACKUP_PLACE',
];

/** The mail server; its host is the party `mail` of the register. */
export interface MailConfig {
  readonly from: MailAddress;
  readonly host: string;
  readonly port: number;
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly localPort: number | undefined;
  readonly isMarketingOn: boolean;
}

/** The service desk (Jira Service Management): where it is, and as whom we call it. */
export interface DeskConfig {
  readonly host: string;
  readonly deskId: string;
  readonly requestType: string;
  readonly user: MailAddress;
  readonly token: string;
}

/** Where backups go and what this process may do there. */
export interface BackupConfig {
  readonly place: string;
  readonly credential: 'none' | 'append' | 'prune' | 'restore' | 'all';
  readonly key: string | undefined;
  readonly hostKey: string | undefined;
}

/** All settings, checked. */
export interface Config {
  readonly mode: 'production' | 'local';
  readonly backend: 'google' | 'memory';
  readonly baseUrl: string;
  readonly addonKey: string;
  readonly project: string;
  readonly keyDir: string | undefined;
  readonly kms: { readonly dataKey: string; readonly receiptKey: string } | undefined;
  readonly ledgerKeys: readonly string[] | undefined;
  readonly mailKeys: readonly string[] | undefined;
  readonly clockFile: string | undefined;
  readonly localHosts: Readonly<Record<string, string>>;
  readonly leaseMs: number;
  /** Absent: the production value beside the code that waits. */
  readonly markerLagMs: number | undefined;
  readonly fenceMs: number | undefined;
  readonly liveDays: number;
  readonly copyDays: number;
  readonly identityMs: number;
  readonly appPoints: number;
  readonly tenantPoints: Readonly<Record<string, number>>;
  readonly deployment: Deployment;
  readonly residency: Residency;
  readonly parties: Parties;
  readonly operator: Operator | undefined;
  /** Absent: no mail is sent. */
  readonly mail: MailConfig | undefined;
  /** Absent: reports cannot be sent. */
  readonly desk: DeskConfig | undefined;
  /** Absent: no backups are made. */
  readonly backup: BackupConfig | undefined;
  readonly kmsBackupKey: string | undefined;
  readonly backupDays: number;
  readonly database: string;
  readonly firestoreEmulator: string | undefined;
  readonly commit: string;
}

/**
 * Parses the settings.
 * @throws Fault `config-invalid` naming the setting, never its value
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) throw new Fault('config-invalid', { setting: String(parsed.error.issues[0]?.path[0] ?? '') });
  const is = parsed.data;
  if (is.TWINLINE_MODE === 'production') checkProduction(environment, is.TWINLINE_BACKEND);
  return {
    mode: is.TWINLINE_MODE,
    backend: is.TWINLINE_BACKEND,
    baseUrl: is.TWINLINE_BASE_URL,
    addonKey: is.TWINLINE_ADDON_KEY,
    project: is.GOOGLE_CLOUD_PROJECT,
    keyDir: is.TWINLINE_KEY_DIR,
    kms:
      is.TWINLINE_KMS_DATA_KEY === undefined || is.TWINLINE_KMS_RECEIPT_KEY === undefined
        ? undefined
        : { dataKey: is.TWINLINE_KMS_DATA_KEY, receiptKey: is.TWINLINE_KMS_RECEIPT_KEY },
    ledgerKeys: is.TWINLINE_LEDGER_KEYS,
    mailKeys: is.TWINLINE_MAIL_KEYS,
    clockFile: is.TWINLINE_CLOCK_FILE,
    localHosts: is.TWINLINE_LOCAL_HOSTS ?? {},
    leaseMs: is.TWINLINE_LEASE_SECONDS * 1000,
    markerLagMs: inMs(is.TWINLINE_MARKER_LAG_SECONDS),
    fenceMs: inMs(is.TWINLINE_FENCE_SECONDS),
    liveDays: is.TWINLINE_LIVE_DAYS,
    copyDays: is.TWINLINE_COPY_DAYS,
    identityMs: is.TWINLINE_IDENTITY_HOURS * 3_600_000,
    appPoints: is.TWINLINE_APP_POINTS,
    tenantPoints: is.TWINLINE_TENANT_POINTS,
    deployment: is.TWINLINE_DEPLOYMENT,
    residency: is.TWINLINE_RESIDENCY,
    parties: is.TWINLINE_PARTIES,
    operator: is.TWINLINE_OPERATOR,
    mail: mailOf(is),
    desk: deskOf(is),
    backup: backupOf(is),
    kmsBackupKey: is.TWINLINE_KMS_BACKUP_KEY,
    backupDays: is.TWINLINE_BACKUP_DAYS,
    database: is.TWINLINE_DATABASE,
    firestoreEmulator: is.FIRESTORE_EMULATOR_HOST,
    commit: is.TWINLINE_COMMIT,
  };
}

/** @throws Fault `config-invalid` for one half of a login, or a sender without a server */
function mailOf(is: z.infer<typeof schema>): MailConfig | undefined {
  const { TWINLINE_MAIL_FROM: from, TWINLINE_SMTP_USER: user, TWINLINE_SMTP_PASSWORD: password } = is;
  const host = is.TWINLINE_PARTIES.mail?.host;
  if ((user === undefined) !== (password === undefined))
    throw new Fault('config-invalid', { setting: 'TWINLINE_SMTP_PASSWORD' });
  if (from === undefined) return undefined;
  if (host === undefined) throw new Fault('config-invalid', { setting: 'TWINLINE_PARTIES', party: 'mail' });
  return {
    from,
    host,
    port: is.TWINLINE_SMTP_PORT,
    login: user === undefined || password === undefined ? undefined : { user, password },
    localPort: is.TWINLINE_SMTP_LOCAL_PORT,
    isMarketingOn: is.TWINLINE_MAIL_MARKETING === 'on',
  };
}

/** @throws Fault `config-invalid` for a part of what a desk needs. A process that does not call it has the party only. */
function deskOf(is: z.infer<typeof schema>): DeskConfig | undefined {
  const [deskId, requestType] = [is.TWINLINE_DESK_ID, is.TWINLINE_DESK_REQUEST_TYPE];
  const [user, token] = [is.TWINLINE_DESK_USER, is.TWINLINE_DESK_TOKEN];
  const host = is.TWINLINE_PARTIES.desk?.host;
  const given = [deskId, requestType, user, token].filter((one) => one !== undefined);
  if (given.length === 0) return undefined;
  if (deskId === undefined || requestType === undefined || user === undefined || token === undefined)
    throw new Fault('config-invalid', { setting: 'TWINLINE_DESK_TOKEN' });
  if (host === undefined) throw new Fault('config-invalid', { setting: 'TWINLINE_PARTIES', party: 'desk' });
  return { host, deskId, requestType, user, token };
}

/** On this computer every function may do all, where nothing else is said. */
function backupOf(is: z.infer<typeof schema>): BackupConfig | undefined {
  if (is.TWINLINE_BACKUP_PLACE === undefined) return undefined;
  return {
    place: is.TWINLINE_BACKUP_PLACE,
    credential: is.TWINLINE_BACKUP_CREDENTIAL ?? (is.TWINLINE_MODE === 'local' ? 'all' : 'none'),
    key: is.TWINLINE_BACKUP_KEY,
    hostKey: is.TWINLINE_BACKUP_HOST_KEY,
  };
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function checkProduction(environment: Readonly<Record<string, string | undefined>>, backend: string): void {
  const odd = forbiddenInProduction.find((name) => environment[name] !== undefined);
  if (odd !== undefined) throw new Fault('config-invalid', { setting: odd });
  const missing = neededInProduction.find((name) => environment[name] === undefined);
  if (missing !== undefined) throw new Fault('config-invalid', { setting: missing });
  const { TWINLINE_BACKUP_PLACE: place = '', TWINLINE_BACKUP_CREDENTIAL: credential } = environment;
  if (place.startsWith('disk:')) throw new Fault('config-invalid', { setting: 'TWINLINE_BACKUP_PLACE' });
  if (credential === 'all') throw new Fault('config-invalid', { setting: 'TWINLINE_BACKUP_CREDENTIAL' });
  if (backend !== 'google') throw new Fault('config-invalid', { setting: 'TWINLINE_BACKEND' });
}
