/**
 * Two stand-in sites, one agreed connection and the sync over memory ports: what the flow tests of the sync and the tests of the
 * client share. Time moves only when somebody sleeps, calls a site, or the test says so. Changes become messages in a queue that the
 * test delivers, drops, doubles or turns around.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SyncPorts } from '../../functions/sync/context.ts';
import { syncHandler } from '../../functions/sync/event.ts';
import { descriptorOf } from '../../functions/lifecycle/descriptor.ts';
import { serveJira } from '../../infra/local/jira/http/serve.ts';
import type { JiraServer, SiteSpec } from '../../infra/local/jira/http/serve.ts';
import { queryHash } from '../../shared/auth/qsh.ts';
import { signAppToken } from '../../shared/auth/jwt.ts';
import { createHttp } from '../../shared/http.ts';
import type { Http, HttpAsk } from '../../shared/http.ts';
import { createJira } from '../../shared/jira/client.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import type { StoreCall } from '../../shared/memory/store.ts';
import type { HalfSettings, Side, Triggers } from '../../shared/model/connection.ts';
import { connectionId, connectionKey, halfOf, issueId, ownerOf, tenantId, tenantKey } from '../../shared/model/ids.ts';
import type { IssueChange, Message } from '../../shared/model/message.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { LimitNumbers } from '../../infra/local/jira/model/limits.ts';
import type { Budget, Bus, Clock, Door, Jira, Keys, Log, Script } from '../../shared/ports.ts';
import { Purse } from '../../shared/purse.ts';
import { processors } from '../../shared/retention/processors.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { NONCE_BYTES, openSealed, sealValue } from '../../shared/seal.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { parseTrace } from '../../shared/wire/webhook.ts';
import { serveAddon } from '../system/jira/standIn.ts';

const APP = 'https://addon.example';
const KEY = 'app.twinline';
const START = Date.UTC(2026, 10, 23, 10);
/** What a call of a site takes; keeps the sites' own limits honest under a clock that stands still otherwise. */
const CALL_MS = 30;
/** More messages than any of these histories has; a loop of echoes ends here. */
const MAX_DELIVERIES = 400;

/** One connection, from the side that invited to the side that accepted. */
export const CONNECTION = connectionId('c-00000001');
export const TENANTS = {
  a: { tenant: tenantId('t-00000001'), generation: 1 },
  b: { tenant: tenantId('t-00000002'), generation: 1 },
} as const satisfies Record<Side, TenantRef>;
const NAMES = { a: 'alpha', b: 'beta' } as const;

const own = ({ tenant, generation }: TenantRef) => ownerOf(tenant, generation);
const OWNERS = [own(TENANTS.a), own(TENANTS.b)];

/** A call of a site, as the client made it. */
export interface SiteCall {
  readonly method: string;
  readonly url: string;
}

/** One line of the log. */
export interface Noted {
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What a test may choose. */
export interface WorldOptions {
  readonly sites?: readonly SiteSpec[];
  readonly scope?: string;
  /** Of both sides. */
  readonly triggers?: Triggers;
  readonly rules?: Partial<Record<Side, RuleDocument>>;
  readonly markerLagMs?: number;
  /** Runs rule scripts. */
  readonly script?: Script;
  /** Jira's limits, as the stand-in enforces them. */
  readonly limits?: LimitNumbers;
}

/** Everything a test of the sync works with. */
export interface SyncWorld {
  readonly server: JiraServer;
  readonly clock: Clock & { at: number };
  readonly store: MemoryStore;
  readonly jira: Jira;
  /** What the functions over this world get. */
  readonly ports: SyncPorts & { readonly budget: Budget };
  readonly queue: Message[];
  readonly calls: SiteCall[];
  readonly notes: Noted[];
  /** Set to fail or watch store calls. */
  hooks: { onCall?: (call: StoreCall) => void | Promise<void>; onDone?: (call: StoreCall) => void | Promise<void> };
  /** Set to fail calls of sites on their way out. */
  onSend: ((call: SiteCall) => void) | undefined;
  readonly handle: (message: Message) => Promise<Verdict>;
  /** Delivers until the queue is empty; a fault that the queue would repeat is repeated. Returns the verdicts' codes. */
  settle(): Promise<readonly string[]>;
  /** Moves time and ticks. */
  wait(ms: number): Promise<readonly string[]>;
  /** The issues of a side as names and texts. */
  issues(side: Side): ReturnType<JiraServer['snapshot']>['issues'];
  /** Writes to sites since the last call of this function. */
  writes(): readonly SiteCall[];
  twins(): Promise<readonly RecordOf<'twin'>[]>;
  close(): Promise<void>;
}

const SITES: readonly SiteSpec[] = [
  { name: 'alpha', projects: [{ key: 'ALPHA' }, { key: 'OTHER' }] },
  { name: 'beta', projects: [{ key: 'BETA' }] },
];

/** Starts a world with both sites installed and the connection active. */
export async function syncWorld(options: WorldOptions = {}): Promise<SyncWorld> {
  const clock = makeClock();
  const addon = await serveAddon({
    ...descriptorOf({ baseUrl: APP, addonKey: KEY }),
    modules: modulesWithoutWebhooks(),
  });
  const server = await serveJira({
    clock,
    seed: 11,
    sites: options.sites ?? SITES,
    appBaseUrl: APP,
    resolve: () => addon.address,
    indexLagMs: 3_000,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  for (const site of Object.values(NAMES)) await server.install(site);
  const secrets = new Map(
    addon.received
      .filter(({ target }) => target.startsWith('/lifecycle/installed'))
      .map(({ body }) => [body.clientKey, body.sharedSecret]),
  );
  const hooks: SyncWorld['hooks'] = {};
  const store = new MemoryStore({
    onCall: (call) => hooks.onCall?.(call),
    onDone: (call) => hooks.onDone?.(call),
  });
  const keys = memoryKeys();
  const calls: SiteCall[] = [];
  const notes: Noted[] = [];
  const queue: Message[] = [];
  const localHosts = Object.fromEntries(server.sites.map(({ baseUrl, address }) => [baseUrl, address]));
  const plain = createHttp({ register: processors, localHosts });
  const noted = (ask: HttpAsk): void => {
    clock.at += CALL_MS;
    const call = { method: ask.method, url: ask.url };
    calls.push(call);
    world.onSend?.(call);
  };
  const http: Http = {
    send: async (ask) => {
      noted(ask);
      return plain.send(ask);
    },
    open: async (ask) => {
      noted(ask);
      return plain.open(ask);
    },
  };
  const door = doorOf(server, clock, secrets);
  const ids = { next: () => randomBytes(8).toString('hex'), bytes: (length: number) => randomBytes(length) };
  const budget = new Purse({
    ...{ store, clock, ids },
    ...(options.limits === undefined ? {} : { appPoints: options.limits.pointsPerHour }),
  });
  const jira = createJira({ doors: { connect: door }, http, clock, budget });
  const bus: Bus = { publish: async (_topic, message) => void queue.push(message) };
  const log: Log = {
    work: () => undefined,
    note: (name, facts) => void notes.push({ name, facts }),
    fault: (name, code, facts) => void notes.push({ name, facts: { ...facts, code } }),
  };
  const { script } = options;
  const ports = {
    clock,
    ids,
    store,
    keys,
    bus,
    jira,
    log,
    budget,
    ...(script === undefined ? {} : { script }),
  };
  const handle = syncHandler(ports, { leaseMs: 30_000, markerLagMs: options.markerLagMs ?? 5_000 });
  server.onEvent((event) => {
    if (event.kind === 'change') queue.push(changeOf(event));
  });
  await agree(store, keys, clock, options);
  let seen = 0;

  const world: SyncWorld = {
    ...{ server, clock, store, jira, ports, queue, calls, notes, hooks, handle },
    onSend: undefined,
    settle: async () => {
      const codes: string[] = [];
      for (let count = 0; queue.length > 0; count += 1) {
        if (count >= MAX_DELIVERIES) throw new Error('the sync does not come to rest');
        const message = queue.shift();
        if (message !== undefined) codes.push(await deliver(handle, queue, message));
      }
      return codes;
    },
    wait: async (ms) => {
      clock.at += ms;
      queue.push({ kind: 'wake', askedAt: clock.at });
      return world.settle();
    },
    issues: (side) => server.snapshot(NAMES[side]).issues,
    writes: () => {
      const fresh = calls.slice(seen).filter(isWrite);
      seen = calls.length;
      return fresh;
    },
    twins: async () =>
      (await store.list('twin', { connection: CONNECTION }, { limit: 100 })).items.map(({ row }) => row),
    close: async () => {
      await server.close();
      await addon.close();
    },
  };
  return world;
}

function makeClock(): SyncWorld['clock'] {
  const clock = {
    at: START,
    now: () => clock.at,
    sleep: async (ms: number) => {
      clock.at += ms;
    },
  };
  return clock;
}

/** The descriptor's modules as these worlds install them: changes become messages without HTTP. */
export function modulesWithoutWebhooks() {
  const { jiraEntityProperties } = descriptorOf({ baseUrl: APP, addonKey: KEY }).modules;
  return { webhooks: [], jiraEntityProperties };
}

function changeOf(event: {
  readonly site: string;
  readonly event: string;
  readonly issueId: string;
  readonly at: number;
  readonly trace?: string;
}): IssueChange {
  const side: Side = event.site === NAMES.a ? 'a' : 'b';
  const what = event.event.startsWith('comment') ? 'comment' : whatOf(event.event);
  const { issueId: id, at } = event;
  const trace = parseTrace(event.trace);
  const told = { what, eventAt: at, receivedAt: at, ...(trace === undefined ? {} : { echoOf: trace }) };
  return { kind: 'issue-change', ...TENANTS[side], issue: issueId(id), ...told };
}

function whatOf(event: string): IssueChange['what'] {
  return event === 'jira:issue_created' ? 'created' : event === 'jira:issue_deleted' ? 'deleted' : 'updated';
}

/** What is retried goes to the end of the queue, as a push subscription would. */
async function deliver(handle: SyncWorld['handle'], queue: Message[], message: Message): Promise<string> {
  try {
    return (await handle(message)).code;
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    if (thrown.code === 'bug') throw thrown;
    queue.push(message);
    return thrown.code;
  }
}

function isWrite({ method, url }: SiteCall): boolean {
  const asks = ['/search/jql', '/jql/match', '/comment/list', '/issue/bulkfetch', '/permissions/check'];
  return method !== 'GET' && !asks.some((path) => url.includes(path));
}

function doorOf(server: JiraServer, clock: Clock, secrets: ReadonlyMap<string, string>): Door {
  const refuse = async (): Promise<never> => {
    throw new Fault('token-kind');
  };
  return {
    name: 'connect',
    verifySite: refuse,
    verifyPerson: refuse,
    authorise: async ({ tenant }, method, target) => {
      const name = tenant === TENANTS.a.tenant ? NAMES.a : NAMES.b;
      const site = server.sites.find((one) => one.name === name);
      if (site === undefined) throw new Fault('site-not-ready');
      const facts = { addonKey: KEY, clientKey: site.clientKey, hash: queryHash({ method, target }), now: clock.now() };
      return { baseUrl: site.baseUrl, authorization: `JWT ${signAppToken(facts, secrets.get(site.clientKey) ?? '')}` };
    },
  };
}

/** Keys made from their names: sealing is real, keeping is not what these tests are about. */
export function memoryKeys(): Keys {
  const keyOf = (name: string): Uint8Array => createHash('sha256').update(name).digest();
  return {
    make: async () => undefined,
    seal: async (name, context, value) => sealValue(keyOf(name), randomBytes(NONCE_BYTES), context, value),
    open: async (name, context, value) => openSealed(keyOf(name), context, value),
    destroy: async () => undefined,
  };
}

/** What the lifecycle and the console would have stored. */
export async function agree(store: MemoryStore, keys: Keys, clock: Clock, options: WorldOptions): Promise<void> {
  const now = clock.now();
  for (const side of ['a', 'b'] as const) {
    const ref = TENANTS[side];
    const { tenant, generation } = ref;
    await store.create(
      'tenant',
      { tenant },
      {
        ...{ owners: [own(ref)], generation, state: 'active', enabled: true, licensed: true, door: 'connect' },
        ...{
          addonKey: KEY,
          productType: 'jira',
          clientKey: `key-${side}`,
          baseUrl: 'https://x.atlassian.net',
          installedAt: now,
        },
      },
    );
    const half = halfOf(CONNECTION, side);
    const settings: HalfSettings = {
      name: side,
      projectKey: projectOf(side),
      scope: options.scope ?? '',
      ...(options.triggers === undefined ? {} : { triggers: options.triggers }),
    } as HalfSettings;
    const rules = options.rules?.[side] ?? defaultRules();
    await store.create(
      'half',
      { tenant, half },
      {
        ...{ owners: [own(ref)], connection: CONNECTION, side, state: 'active', rulesVersion: 1, createdAt: now },
        settings: await keys.seal(tenantKey(own(ref)), contextOf('half.settings', tenant, half), settings),
      },
    );
    await store.create(
      'rules',
      { tenant, half, version: '1' },
      {
        ...{ owners: [own(ref)], version: 1, createdAt: now },
        document: await keys.seal(tenantKey(own(ref)), contextOf('rules.document', tenant, half, 1), rules),
      },
    );
  }
  await keys.make(connectionKey(CONNECTION, own(TENANTS.a), own(TENANTS.b)), OWNERS);
  await store.create(
    'connection',
    { connection: CONNECTION },
    { owners: OWNERS, a: TENANTS.a, b: TENANTS.b, state: 'active', activatedAt: now, watermarkAt: now },
  );
}

function projectOf(side: Side): string {
  return side === 'a' ? 'ALPHA' : 'BETA';
}
