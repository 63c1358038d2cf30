/**
 * The sync function over memory ports and stand-in sites with enforced limits, on a virtual clock: topics, subscriptions with workers,
 * a tick, and processes that can be killed at any of their awaits.
 */
import { randomBytes } from 'node:crypto';
import { syncHandler } from '../../functions/sync/event.ts';
import { descriptorOf } from '../../functions/lifecycle/descriptor.ts';
import { serveJira } from '../../infra/local/jira/http/serve.ts';
import type { JiraServer, SiteSpec } from '../../infra/local/jira/http/serve.ts';
import type { LimitNumbers } from '../../infra/local/jira/model/limits.ts';
import { signAppToken } from '../../shared/auth/jwt.ts';
import { queryHash } from '../../shared/auth/qsh.ts';
import { endpointOf } from '../../shared/budget/bursts.ts';
import { createHttp } from '../../shared/http.ts';
import type { Http } from '../../shared/http.ts';
import { createJira } from '../../shared/jira/client.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { issueId } from '../../shared/model/ids.ts';
import type { TenantId } from '../../shared/model/ids.ts';
import type { IssueChange, Message } from '../../shared/model/message.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Bus, Door, Keys, Log, Store } from '../../shared/ports.ts';
import { Purse } from '../../shared/purse.ts';
import { processors } from '../../shared/retention/processors.ts';
import { subscriptions } from '../../infra/topology.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseTrace } from '../../shared/wire/webhook.ts';
import { CONNECTION, TENANTS, agree, memoryKeys, modulesWithoutWebhooks } from '../kit/syncWorld.ts';
import { serveAddon } from '../system/jira/standIn.ts';
import { counted, newTally } from './tally.ts';
import type { Tally } from './tally.ts';
import { VirtualClock } from './virtual.ts';

const APP = 'https://addon.example';
const KEY = 'app.twinline';
/** The top of an hour, so that the pool is full. */
export const START = Date.UTC(2026, 10, 23, 10);
/** One way of a call; both ways are what a site in the same region takes at best. */
const WAY_MS = 15;
/** From a change to its webhook, published. @see ATLASSIAN.md §5: up to 30 s; most take a second */
const WEBHOOK_MS = 1_000;
/** The scheduler's tick. */
export const TICK_MS = 60_000;
/** How long a worker may go without a sign of life. */
export const LEASE_MS = 30_000;
/**
 * When a message comes again that was refused, or whose process has died: that breaks its connections, so that the push fails at
 * once. Doubled with each try.
 */
const [{ minBackoffSeconds, maxBackoffSeconds } = { minBackoffSeconds: 1, maxBackoffSeconds: 60 }] = subscriptions;
const HOUR_MS = 3_600_000;

/** What a bench may choose. */
export interface BenchOptions {
  readonly sites: readonly SiteSpec[];
  /** Workers per subscription. */
  readonly workers: { readonly people: number; readonly bulk: number };
  readonly limits?: LimitNumbers;
  readonly appPoints?: number;
  /** Asked at each await of a worker; true kills its process there. */
  readonly kills?: () => boolean;
}

/** Processes that were killed. */
interface Kills {
  count: number;
  lastAt: number | undefined;
}

/** One message on its way through the sync. */
export interface Handled {
  readonly message: Message;
  readonly queuedAt: number;
  readonly endedAt: number;
  readonly code: string;
}

export interface BenchWorld {
  readonly clock: VirtualClock;
  readonly server: JiraServer;
  readonly store: MemoryStore;
  readonly tally: Tally;
  readonly handled: Handled[];
  readonly kills: Kills;
  readonly budget: Purse;
  send(message: Message, delayMs?: number): void;
  /** Runs until no message is left and no twin has anything to do. */
  settle(limitMs: number): Promise<void>;
  /** When somebody last wrote to a site. */
  lastWriteAt(): number;
  close(): Promise<void>;
}

/** Starts a world; everything is installed and agreed. */
export async function benchWorld(options: BenchOptions): Promise<BenchWorld> {
  const clock = new VirtualClock(START);
  const { server, secrets, close } = await sites(options, clock);
  const tally = newTally();
  const memory = new MemoryStore();
  const keys = memoryKeys();
  await agree(memory, keys, clock, {});
  const tenants = tenantsOf(server);
  const notes = { lastWriteAt: START };
  const plain = createHttp({
    register: processors,
    localHosts: Object.fromEntries(server.sites.map(({ baseUrl, address }) => [baseUrl, address])),
  });
  const spent = new Map<number, number>();
  const http: Http = {
    open: (ask) => clock.outside(() => plain.open(ask)),
    send: async (ask) => {
      await clock.sleep(WAY_MS);
      const sentAt = clock.now();
      const answer = await clock.outside(() => plain.send(ask));
      countCall(tally, ask, answer.status);
      if (answer.status < 300 && isWrite(ask.method, ask.url)) notes.lastWriteAt = sentAt;
      countPoints(tally, spent, answer.headers, sentAt);
      await clock.sleep(WAY_MS);
      return answer;
    },
  };
  const door = doorOf(server, clock, secrets, tenants);
  const handled: Handled[] = [];
  const kills: Kills = { count: 0, lastAt: undefined };
  const queues: Record<'people' | 'bulk', { readonly message: Message; readonly queuedAt: number }[]> = {
    people: [],
    bulk: [],
  };
  const sleeping: Record<'people' | 'bulk', (() => void)[]> = { people: [], bulk: [] };
  let onTheWay = 0;
  let busy = 0;
  const enqueue = (message: Message, queuedAt: number): void => {
    const lane = message.kind === 'issue-change' ? 'people' : 'bulk';
    queues[lane].push({ message, queuedAt });
    sleeping[lane].shift()?.();
  };
  const send = (message: Message, delayMs = 0): void => {
    const queuedAt = clock.now();
    if (delayMs === 0) {
      enqueue(message, queuedAt);
      return;
    }
    onTheWay += 1;
    void clock.sleep(delayMs).then(() => {
      onTheWay -= 1;
      enqueue(message, queuedAt);
    });
  };
  const tries = new WeakMap<Message, number>();
  const sendAgain = (message: Message): void => {
    const before = tries.get(message) ?? 0;
    tries.set(message, before + 1);
    send(message, Math.min(maxBackoffSeconds, minBackoffSeconds * 2 ** before) * 1_000);
  };
  const outer: Parts = {
    ...{ clock, keys, http, door, store: counted(memory, tally), tally, options, kills },
    bus: {
      publish: async (_topic, message) => {
        tally.messages += 1;
        send(message);
      },
    },
  };
  let process = startProcess(outer);
  const worker = async (lane: 'people' | 'bulk'): Promise<never> => {
    for (;;) {
      const next = queues[lane].shift();
      if (next === undefined) {
        await new Promise<void>((resolve) => sleeping[lane].push(resolve));
        continue;
      }
      busy += 1;
      const mine = process;
      const code = await Promise.race([outcomeOf(mine, next.message), mine.death]);
      busy -= 1;
      // A process that dies takes all its workers' work along; a new one starts at once.
      if (code === 'killed' && process === mine) process = startProcess(outer);
      if (code === 'killed' || code.startsWith('again ')) sendAgain(next.message);
      handled.push({ ...next, endedAt: clock.now(), code });
    }
  };
  for (let n = 0; n < options.workers.people; n += 1) void worker('people');
  for (let n = 0; n < options.workers.bulk; n += 1) void worker('bulk');
  server.onEvent((event) => {
    const tenant = event.kind === 'change' ? tenants.get(event.site) : undefined;
    if (event.kind !== 'change' || tenant === undefined) return;
    tally.messages += 1;
    const at = event.at;
    const trace = parseTrace(event.trace);
    const change: IssueChange = {
      ...{ kind: 'issue-change', ...tenant, issue: issueId(event.issueId), what: whatOf(event.event), eventAt: at },
      receivedAt: at + WEBHOOK_MS,
      ...(trace === undefined ? {} : { echoOf: trace }),
    };
    send(change, WEBHOOK_MS);
  });
  const life = { isOver: false };
  const tick = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(TICK_MS);
      if (life.isOver) return;
      send({ kind: 'wake', askedAt: clock.now() });
    }
  };
  void tick();
  const isRestless = (): boolean =>
    [...memory.everything('(default)')].some(
      ([path, data]) => path.startsWith(`connections/${CONNECTION}/twins/`) && hasWake(data),
    );
  return {
    ...{ clock, server, store: memory, tally, handled, kills, send },
    budget: new Purse({
      store: memory,
      clock,
      ids: IDS,
      ...(options.appPoints === undefined ? {} : { appPoints: options.appPoints }),
    }),
    settle: (limitMs) =>
      clock.run(
        (async () => {
          do await clock.sleep(500);
          while (busy > 0 || onTheWay > 0 || queues.people.length + queues.bulk.length > 0 || isRestless());
        })(),
        limitMs,
      ),
    lastWriteAt: () => notes.lastWriteAt,
    close: async () => {
      life.isOver = true;
      await close();
    },
  };
}

const IDS = {
  next: () => randomBytes(8).toString('hex'),
  bytes: (length: number) => new Uint8Array(randomBytes(length)),
};

function hasWake(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'wakeAt' in data && 'originSide' in data;
}

async function sites(options: BenchOptions, clock: VirtualClock) {
  const addon = await serveAddon({
    ...descriptorOf({ baseUrl: APP, addonKey: KEY }),
    modules: modulesWithoutWebhooks(),
  });
  const server = await serveJira({
    ...{ clock, seed: 11, sites: options.sites, appBaseUrl: APP, resolve: () => addon.address, indexLagMs: 3_000 },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  for (const { name } of options.sites) await server.install(name);
  const secrets = new Map(
    addon.received
      .filter(({ target }) => target.startsWith('/lifecycle/installed'))
      .map(({ body }) => [body.clientKey, body.sharedSecret]),
  );
  const close = async (): Promise<void> => {
    await server.close();
    await addon.close();
  };
  return { server, secrets, close };
}

/** The names of the two sites, by their side. */
const NAMES = { a: 'alpha', b: 'beta' } as const;

function tenantsOf(server: JiraServer): ReadonlyMap<string, TenantRef> {
  for (const name of Object.values(NAMES))
    if (!server.sites.some((site) => site.name === name)) throw new Error(`no site ${name}`);
  return new Map<string, TenantRef>([
    [NAMES.a, TENANTS.a],
    [NAMES.b, TENANTS.b],
  ]);
}

function whatOf(event: string): IssueChange['what'] {
  if (event.startsWith('comment')) return 'comment';
  return event === 'jira:issue_created' ? 'created' : event === 'jira:issue_deleted' ? 'deleted' : 'updated';
}

function isWrite(method: string, url: string): boolean {
  return method !== 'GET' && !/\/search\/jql|\/jql\/match|\/comment\/list|\/permissions\/check|\/bulkfetch/.test(url);
}

function countCall(tally: Tally, ask: { readonly method: string; readonly url: string }, status: number): void {
  tally.calls += 1;
  if (status === 429) tally.refused += 1;
  const { host, pathname } = new URL(ask.url);
  const name = `${host.split('.')[0]} ${ask.method} ${endpointOf(pathname.replace('/rest/api/3', ''))}`;
  tally.endpoints.set(name, (tally.endpoints.get(name) ?? 0) + 1);
}

/** What the stand-in says that it has counted, hour by hour. */
function countPoints(
  tally: Tally,
  spent: Map<number, number>,
  headers: Readonly<Record<string, string>>,
  at: number,
): void {
  const left = /r=(\d+)/.exec(headers['ratelimit'] ?? '')?.[1];
  const limit = /q=(\d+)/.exec(headers['ratelimit-policy'] ?? '')?.[1];
  if (left === undefined || limit === undefined) return;
  const hour = Math.floor(at / HOUR_MS);
  spent.set(hour, Math.max(spent.get(hour) ?? 0, Number(limit) - Number(left)));
  tally.points = [...spent.values()].reduce((sum, one) => sum + one, 0);
}

function doorOf(
  server: JiraServer,
  clock: VirtualClock,
  secrets: ReadonlyMap<string, string>,
  tenants: ReadonlyMap<string, TenantRef>,
): Door {
  const refuse = async (): Promise<never> => {
    throw new Fault('token-kind');
  };
  const nameOf = new Map<TenantId, string>([...tenants].map(([name, { tenant }]) => [tenant, name]));
  return {
    ...{ name: 'connect', verifySite: refuse, verifyPerson: refuse },
    authorise: async ({ tenant }, method, target) => {
      const site = server.sites.find(({ name }) => name === nameOf.get(tenant));
      if (site === undefined) throw new Fault('site-not-ready');
      const facts = { addonKey: KEY, clientKey: site.clientKey, hash: queryHash({ method, target }), now: clock.now() };
      return { baseUrl: site.baseUrl, authorization: `JWT ${signAppToken(facts, secrets.get(site.clientKey) ?? '')}` };
    },
  };
}

// ── Processes ───────────────────────────────────────────────────────────────────────────────────────────────────

interface Parts {
  readonly clock: VirtualClock;
  readonly keys: Keys;
  readonly http: Http;
  readonly door: Door;
  readonly store: Store;
  readonly bus: Bus;
  readonly tally: Tally;
  readonly options: BenchOptions;
  readonly kills: Kills;
}

interface Process {
  readonly handle: (message: Message) => Promise<{ readonly code: string }>;
  readonly death: Promise<'killed'>;
}

const SILENT: Log = { work: () => undefined, note: () => undefined, fault: () => undefined };

/** One process: its own client, governor, purse and caches over what outlives it. */
function startProcess({ clock, keys, http, door, store, bus, options, kills }: Parts): Process {
  let isDead = false;
  let die: (how: 'killed') => void = () => undefined;
  const death = new Promise<'killed'>((resolve) => {
    die = resolve;
  });
  const never = new Promise<never>(() => undefined);
  /** Before and after each call a process may die; then the call, or what comes after it, never happens. */
  const gate = async (): Promise<void> => {
    if (!isDead && options.kills?.() === true) {
      isDead = true;
      kills.count += 1;
      kills.lastAt = clock.now();
      die('killed');
    }
    if (isDead) await never;
  };
  const mortal = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...given: unknown[]): Promise<unknown> => {
          await gate();
          const result: unknown = await Reflect.apply(method, target, given);
          await gate();
          return result;
        };
      },
    });
  const own =
    options.kills === undefined ? { store, bus, http } : { store: mortal(store), bus: mortal(bus), http: mortal(http) };
  const points = options.appPoints === undefined ? {} : { appPoints: options.appPoints };
  const budget = new Purse({ store: own.store, clock, ids: IDS, ...points });
  const jira = createJira({ doors: { connect: door }, http: own.http, clock, budget });
  const handle = syncHandler(
    { clock, ids: IDS, store: own.store, keys, bus: own.bus, jira, log: SILENT },
    { leaseMs: LEASE_MS, markerLagMs: 5_000 },
  );
  return { handle, death };
}

async function outcomeOf({ handle }: Process, message: Message): Promise<string> {
  try {
    return (await handle(message)).code;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code === 'bug') throw thrown;
    return `again ${thrown.code}`;
  }
}
