/**
 * The whole of Twinline on this computer: emulators (or memory), every function of the topology in a process of its own,
 * the front door, the stand-in Jira, one clock. What `npm start`, the demo, the replay and the system tests stand on.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { MailingSettings } from '../../functions/console/mailings.ts';
import { compose } from '../../functions/compose.ts';
import { readConfig } from '../../shared/config.ts';
import type { TenantId } from '../../shared/model/ids.ts';
import type { Ports } from '../../shared/ports.ts';
import { SETTINGS_FILE } from '../cli/restore.ts';
import { functions, schedules } from '../topology.ts';
import type { FunctionName } from '../topology.ts';
import { openClock } from './clock.ts';
import type { LocalClock } from './clock.ts';
import { openFrontDoor } from './frontDoor.ts';
import { serveJira } from './jira/http/serve.ts';
import type { JiraServer } from './jira/http/serve.ts';
import { openParties } from './parties.ts';
import type { LocalParties } from './parties.ts';
import { bundlePage } from './page/bundle.ts';
import { localServer } from './page/server.ts';
import { SitePerson } from './person.ts';
import { startRuntime } from './runtime.ts';
import type { Runtime } from './runtime.ts';
import { heardFrom } from './telling.ts';
import { Timeline } from './timeline.ts';
import { ADMIN, BASE_URL, PROJECTS, SITES, siteSpecs } from './world.ts';
import type { SiteName } from './world.ts';

/** Jira waits 5 to 15 minutes before it sends a webhook again; nobody wants to watch that. */
const WEBHOOK_RETRY_GAP_MS = 700;
/** A lease of production's 30 s would make every killed worker a pause of 30 s. */
const LEASE_SECONDS = 4;
/** The stand-in's index lags by 3 s. */
const MARKER_LAG_SECONDS = 5;
/** After the mark the purge waits out what may still be running; here that is one lease and one act. */
const FENCE_SECONDS = 8;
/** The tick that wakes parked twins comes every minute in production. */
const WAKE_EVERY_MS = 1_000;
/** A message needs some 50 ms from publish to delivery, more on a busy computer. */
const SETTLED_FOR_MS = 1_000;
const LOOK_EVERY_MS = 100;

export interface StackOptions {
  /** Port of the front door; 0 takes a free one. */
  readonly port: number;
  readonly backend: 'emulators' | 'memory';
  /** Keeps data, keys, sites and clock here between runs. */
  readonly persist?: string;
  readonly seed?: number;
  /** Each line that a function prints. */
  readonly onLine?: (line: string) => void;
}

/** One site as the local world sees it. */
export interface Site {
  readonly name: SiteName;
  readonly baseUrl: string;
  readonly address: string;
  readonly project: string;
  /** The administrator, over REST. */
  readonly person: SitePerson;
  readonly issueTypes: readonly string[];
  readonly priorities: readonly string[];
  people(): readonly { readonly accountId: string; readonly displayName: string; readonly active: boolean }[];
  /** Issues that are there, the newest first. */
  issueIds(): readonly string[];
}

export interface Stack {
  /** Where this run keeps its files. */
  readonly folder: string;
  readonly backend: 'emulators' | 'memory';
  /** Why this backend: a sentence for people. */
  readonly why: string;
  readonly address: string;
  readonly addresses: readonly { readonly name: string; readonly url: string }[];
  readonly sites: readonly Site[];
  readonly jira: JiraServer;
  /** What has arrived at the mail server of this computer, the oldest first. */
  readonly mails: LocalParties['mails'];
  /** The service desk of this computer. */
  readonly desk: LocalParties['desk'];
  /** The stack's own ports: for looking at the store and for publishing ticks. */
  readonly ports: Ports;
  /** What a mailing of news needs to know of the settings. */
  readonly news: MailingSettings;
  readonly timeline: Timeline;
  readonly clock: LocalClock;
  site(name: SiteName): Site;
  /** A context token of a site's administrator, as a page inside Jira gets it. */
  adminToken(site: SiteName): string;
  isInstalled(site: SiteName): boolean;
  install(site: SiteName): Promise<void>;
  uninstall(site: SiteName): Promise<void>;
  /** A tick of the scheduler. */
  tick(kind: 'wake' | 'sweep' | 'backup'): Promise<void>;
  /** `site/issue id` → key of its twin on the other site. */
  twinKeys(): Promise<ReadonlyMap<string, string>>;
  /** Resolves when nothing is under way and nothing waits. @throws Error after `timeoutMs`, saying what still waits */
  settled(timeoutMs: number): Promise<void>;
  /** Kills a function's process as a crash would; it is started again. Does nothing on the memory backend. */
  kill(name: FunctionName): void;
  stop(): Promise<void>;
}

/** Brings the stack up. Sites are there but not installed: see `install`. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = resolve(options.persist ?? join('.twinline', `run-${process.pid}`));
  mkdirSync(join(folder, 'keys'), { recursive: true, mode: 0o700 });
  const clockFile = join(folder, 'clock');
  const clock = openClock(clockFile);
  const timeline = new Timeline();
  const files = await bundlePage();
  // The front door is open before there is anything behind it.
  const behind: { stack?: Stack; runtime?: Runtime } = {};
  const ready = (): Stack => {
    if (behind.stack === undefined) throw new Error('the stack is still starting');
    return behind.stack;
  };
  const door = await openFrontDoor({
    port: options.port,
    addressOf: (name) => behind.runtime?.addressOf(name) ?? 'http://127.0.0.1:9',
    page: localServer(ready, files),
  });
  const jira = await serveJira({
    clock,
    seed: options.seed ?? 1,
    sites: siteSpecs(),
    appBaseUrl: BASE_URL,
    webhookRetryGapMs: WEBHOOK_RETRY_GAP_MS,
    resolve: (origin) => (origin === BASE_URL ? door.address : origin),
    ...(options.persist === undefined ? {} : { statePath: join(folder, 'jira.json') }),
  });
  const parties = await openParties({
    now: () => clock.now(),
    statePath: options.persist === undefined ? undefined : join(folder, 'desk.json'),
  });
  const environment = settingsFor({ folder, clockFile, jira, parties, backend: options.backend });
  const runtime = await startRuntime({
    folder,
    environment,
    timeline,
    clock,
    backend: options.backend,
    isKept: options.persist !== undefined,
    onLine: options.onLine,
  });
  behind.runtime = runtime;
  // Who restores has to know with what the functions run.
  writeFileSync(join(folder, SETTINGS_FILE), JSON.stringify({ ...environment, ...runtime.environment }), {
    mode: 0o600,
  });
  const config = readConfig({ ...environment, ...runtime.environment });
  const ports = compose(config);
  const known = listenToJira(jira, timeline);
  const ticking = setInterval(() => void publishTick(ports, 'wake').catch(() => undefined), WAKE_EVERY_MS);

  const stack: Stack = {
    folder,
    backend: runtime.backend,
    why: runtime.why,
    address: door.address,
    addresses: [
      { name: 'page', url: `${door.address}/` },
      ...jira.sites.map((site) => ({ name: `stand-in Jira ${site.name}`, url: site.address })),
      { name: 'key server', url: jira.keyServer.address },
      { name: 'media server', url: jira.mediaServer.address },
      ...functions.map((row) => ({ name: `function ${row.name}`, url: runtime.addressOf(row.name) })),
      ...parties.hosts.map(([origin, url]) => ({ name: `desk ${new URL(origin).hostname}`, url })),
      ...runtime.addresses,
    ],
    sites: SITES.map((name) => siteFor(name, jira, known)),
    jira,
    mails: parties.mails,
    desk: parties.desk,
    ports,
    news: { mailKeys: ports.mailKeys, isMarketingOn: config.mail?.isMarketingOn === true },
    timeline,
    clock,
    site: (name) => siteFor(name, jira, known),
    adminToken: (name) => jira.contextToken(name, ADMIN),
    isInstalled: (name) => isInstalled(jira, name),
    install: async (name) => expectTaken(await jira.install(name), `installing on ${name}`),
    uninstall: async (name) => expectTaken(await jira.uninstall(name), `uninstalling from ${name}`),
    tick: (kind) => publishTick(ports, kind),
    twinKeys: () => twinKeys(ports, jira, known),
    settled: (timeoutMs) => settled({ jira, ports, runtime, timeoutMs }),
    kill: (name) => runtime.kill(name),
    stop: async () => {
      clearInterval(ticking);
      await jira.close();
      await door.close();
      await runtime.stop();
      await parties.close();
    },
  };
  behind.stack = stack;
  return stack;
}

function isInstalled(jira: JiraServer, name: SiteName): boolean {
  const state = jira.sites.find((site) => site.name === name)?.installationState();
  return state === 'enabled' || state === 'disabled' || state === 'installed';
}

interface SettingsAsk {
  readonly folder: string;
  readonly clockFile: string;
  readonly jira: JiraServer;
  readonly parties: LocalParties;
  readonly backend: StackOptions['backend'];
}

function settingsFor({ folder, clockFile, jira, parties, backend }: SettingsAsk): Readonly<Record<string, string>> {
  const hosts = [
    ...jira.sites.map((site) => [site.baseUrl, site.address]),
    [jira.keyServer.origin, jira.keyServer.address],
    [jira.mediaServer.origin, jira.mediaServer.address],
    ...parties.hosts,
  ];
  return {
    ...parties.environment,
    TWINLINE_MODE: 'local',
    TWINLINE_BACKEND: backend === 'memory' ? 'memory' : 'google',
    TWINLINE_BASE_URL: BASE_URL,
    TWINLINE_KEY_DIR: join(folder, 'keys'),
    TWINLINE_BACKUP_PLACE: `disk:${join(folder, 'backups')}`,
    TWINLINE_CLOCK_FILE: clockFile,
    TWINLINE_LOCAL_HOSTS: hosts.map((pair) => pair.join('=')).join(','),
    TWINLINE_LEASE_SECONDS: String(LEASE_SECONDS),
    TWINLINE_MARKER_LAG_SECONDS: String(MARKER_LAG_SECONDS),
    TWINLINE_FENCE_SECONDS: String(FENCE_SECONDS),
    GOOGLE_CLOUD_PROJECT: 'twinline-local',
  };
}

function expectTaken(outcome: { readonly status: number }, what: string): void {
  if (outcome.status < 200 || outcome.status > 299) throw new Error(`${what} was answered with ${outcome.status}`);
}

/** Issue ids and keys by site, as the sites tell of them. */
type Known = ReadonlyMap<string, Map<string, string>>;

function listenToJira(jira: JiraServer, timeline: Timeline): Known {
  const known = new Map(jira.sites.map((site) => [site.name, new Map<string, string>()]));
  for (const site of jira.sites)
    for (const issue of jira.snapshot(site.name).issues) known.get(site.name)?.set(issue.id, issue.key);
  jira.onEvent((event) => {
    if (event.kind === 'change') {
      const issues = known.get(event.site);
      if (event.event === 'jira:issue_deleted') issues?.delete(event.issueId);
      else issues?.set(event.issueId, event.issueKey);
    }
    const heard = heardFrom(event);
    if (heard !== undefined) timeline.add(heard);
  });
  return known;
}

function siteFor(name: SiteName, jira: JiraServer, known: Known): Site {
  const site = jira.sites.find((candidate) => candidate.name === name);
  if (site === undefined) throw new Error(`there is no site ${name}`);
  const admin = site.users.find((user) => user.accountId === ADMIN);
  if (admin === undefined) throw new Error(`${name} has no administrator`);
  return {
    name,
    baseUrl: site.baseUrl,
    address: site.address,
    project: PROJECTS[name],
    person: new SitePerson({ address: site.address, email: admin.emailAddress, token: admin.apiToken }),
    issueTypes: ['Task', 'Bug', 'Story', 'Improvement', 'New Feature'],
    priorities: ['Highest', 'High', 'Medium', 'Low', 'Lowest'],
    people: () => site.users.map(({ accountId, displayName, active }) => ({ accountId, displayName, active })),
    issueIds: () => [...(known.get(name)?.keys() ?? [])].reverse(),
  };
}

async function publishTick(ports: Ports, kind: 'wake' | 'sweep' | 'backup'): Promise<void> {
  const schedule = schedules.find((row) => row.kind === kind);
  if (schedule === undefined) throw new Error(`the topology has no tick ${kind}`);
  const askedAt = ports.clock.now();
  if (kind === 'wake') await ports.bus.publish('sync-jobs', { kind, askedAt });
  else if (kind === 'sweep') {
    await ports.bus.publish('purge-jobs', { kind, askedAt });
    // Here both ticks of an hour are one: nobody waits half an hour.
    await ports.bus.publish('purge-jobs', { kind: 'report-people', askedAt });
  } else await ports.bus.publish('backup-jobs', { kind, askedAt });
}

/** A computer's worth of twins. */
const MAX_TWINS = 5_000;

async function twinKeys(ports: Ports, jira: JiraServer, known: Known): Promise<ReadonlyMap<string, string>> {
  const { store } = ports;
  const [twins, connections, tenants] = await Promise.all([
    store.scan('twin', { limit: MAX_TWINS }),
    store.scan('connection', { limit: MAX_TWINS }),
    store.scan('tenant', { limit: MAX_TWINS }),
  ]);
  const siteOf = new Map<TenantId | string, string>();
  for (const { place, row } of tenants.items)
    siteOf.set(place.tenant, jira.sites.find((site) => site.baseUrl === row.baseUrl)?.name ?? '');
  const sidesOf = new Map(connections.items.map(({ place, row }) => [place.connection, row]));
  const keys = new Map<string, string>();
  for (const { row } of twins.items) {
    const sides = sidesOf.get(row.connection);
    if (sides === undefined || row.a === undefined || row.b === undefined) continue;
    const [a, b] = [siteOf.get(sides.a.tenant) ?? '', siteOf.get(sides.b.tenant) ?? ''];
    keys.set(`${a}/${row.a}`, known.get(b)?.get(row.b) ?? row.b);
    keys.set(`${b}/${row.b}`, known.get(a)?.get(row.a) ?? row.a);
  }
  return keys;
}

interface SettledAsk {
  readonly jira: JiraServer;
  readonly ports: Ports;
  readonly runtime: Runtime;
  readonly timeoutMs: number;
}

/** Twins that are leased, parked or wait for a tick carry a `wakeAt`. */
async function settled({ jira, ports, runtime, timeoutMs }: SettledAsk): Promise<void> {
  const until = Date.now() + timeoutMs;
  let quietSince = Date.now();
  let waiting = '';
  while (Date.now() < until) {
    const twins = await ports.store.due('twin', 'wakeAt', Number.MAX_SAFE_INTEGER, 1);
    waiting = `${jira.pending()} webhooks, ${runtime.busy()} messages, ${twins.length === 0 ? 'no' : 'some'} twins`;
    const isQuiet = jira.pending() === 0 && runtime.busy() === 0 && twins.length === 0;
    if (!isQuiet) quietSince = Date.now();
    else if (Date.now() - quietSince >= SETTLED_FOR_MS) return;
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
  throw new Error(`still not settled after ${Math.round(timeoutMs / 1000)} s: ${waiting}`);
}
