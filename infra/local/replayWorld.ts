/**
 * Two sites and the sync between them in this process, without a socket and on a virtual clock: the real function code over ports in
 * memory, the stand-in with its limits enforced. Time moves when somebody waits and with each call; an hour of a used-up pool of
 * points takes no time here. One piece of work after the other: who meets whom is what the simulation is about.
 */
import type { SyncPorts } from '../../functions/sync/context.ts';
import { syncHandler } from '../../functions/sync/event.ts';
import { pairsOver } from '../../functions/sync/previewPair.ts';
import { install } from '../../functions/lifecycle/install.ts';
import { receiveChange } from '../../functions/webhook/receiveChange.ts';
import { queryHash } from '../../shared/auth/qsh.ts';
import { signAppToken } from '../../shared/auth/jwt.ts';
import type { Http } from '../../shared/http.ts';
import { createJira } from '../../shared/jira/client.ts';
import { Keyring } from '../../shared/keyring.ts';
import { StoreLedger } from '../../shared/ledger.ts';
import { MemoryClock, MemoryIds } from '../../shared/memory/clock.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { MemoryVault } from '../../shared/memory/vault.ts';
import type { HalfSettings, Side } from '../../shared/model/connection.ts';
import { connectionId, connectionKey, halfOf, ownerOf, projectKey, tenantKey } from '../../shared/model/ids.ts';
import type { Message } from '../../shared/model/message.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { Principal, TenantRef } from '../../shared/model/tenant.ts';
import type { ConnectDoor, Keys, Log, Pairs, Store } from '../../shared/ports.ts';
import { Purse } from '../../shared/purse.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import { parseMessage } from '../../shared/wire/message.ts';
import { TRACE_HEADER } from '../../shared/wire/webhook.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { APP, APP_KEY, jiraInside, secretOf } from './inside.ts';
import type { JiraInside } from './inside.ts';
import type { Happening, Site } from './jira/model/types.ts';
import type { SiteSpec } from './jira/model/world.ts';

/** The top of an hour: the pool of points is full. */
const START = Date.UTC(2026, 10, 23, 10);
/** One way of a call to a site in the same region. */
const WAY_MS = 15;
/** From a change to its webhook. @see ATLASSIAN.md §5: most take a second */
const WEBHOOK_MS = 1_000;
/** Jira's index follows a write within seconds. */
const INDEX_LAG_MS = 3_000;
/** The scheduler's tick. @see infra/topology.ts */
const TICK_MS = 60_000;
/** As in the topology: how long a worker may be silent, and how a message that nobody could take comes again. */
const LEASE_MS = 30_000;
const MAX_ATTEMPTS = 20;
const FIRST_WAIT_MS = 10_000;
const LAST_WAIT_MS = 600_000;
/** Virtual time after which a world that does not come to rest is given up: a month. */
const PATIENCE_MS = 31 * 86_400_000;
/** What a twin may wait for that another one brings, and for how long it is waited for when nothing else goes on: three looks. */
const TIED: ReadonlySet<Code> = new Set<Code>(['parent-not-synced', 'link-target-not-synced']);
const LOOKS_MS = 900_000;
const MAX_TIED = 5_000;
const HOOK_FIELDS = { isActive: true } as const;

export const CONNECTION = connectionId('c-00000001');
export const SIDES = { a: { site: 'alpha', project: 'ALPHA' }, b: { site: 'beta', project: 'BETA' } } as const;

/** What no piece of work may end with. */
const FAILURES: ReadonlySet<Code> = new Set<Code>([
  ...(['bug', 'message-invalid', 'store-refused', 'store-record-odd', 'jira-answer-odd', 'row-too-large'] as const),
]);

/** Something that went wrong in our own code, with how often it did. */
export interface Failure {
  readonly what: string;
  count: number;
}

/** One world. */
export interface ReplayWorld {
  readonly clock: MemoryClock;
  readonly jira: JiraInside;
  readonly store: MemoryStore;
  readonly pairs: Pairs;
  readonly failures: readonly Failure[];
  readonly counts: { calls: number; refused: number; messages: number; deadLetters: number };
  site(side: Side): Site;
  /** Publishes a message now. */
  send(message: Message): void;
  /** Messages and webhooks on their way. */
  owed(): number;
  /** Works off what is due; true when something was. Time does not pass but for the work. */
  work(): Promise<boolean>;
  /** Lets time pass until something is due. */
  pass(): Promise<boolean>;
  /** Goes on, and lets time pass, until nothing is on its way and no twin, wish or run waits for its time. */
  rest(): Promise<void>;
  twins(): Promise<readonly RecordOf<'twin'>[]>;
}

/** A webhook of a site on its way to us, or a message of ours. */
export type Piece =
  | { readonly kind: 'hook'; readonly site: string }
  | { readonly kind: 'post'; readonly message: Message };

/** Who looks on while the world works: benches count what it costs. */
export interface Watching {
  /** The store as everything in this world sees it. */
  readonly over?: (store: Store) => Store;
  /** Around each piece of work; must do it and pass on how it ended. */
  readonly around?: (piece: Piece, work: () => Promise<unknown>) => Promise<unknown>;
}

interface Post {
  readonly kind: 'post' | 'hook';
  readonly number: number;
  readonly take: () => Promise<unknown>;
  readyAt: number;
  attempt: number;
}

/** Makes the world with both sides installed and agreed on these rules. */
export async function replayWorld(
  rules: RuleDocument,
  sites: readonly SiteSpec[],
  { over = (store) => store, around = (_piece, work) => work() }: Watching = {},
): Promise<ReplayWorld> {
  const clock = new MemoryClock(START);
  const ids = new MemoryIds('replay');
  const memory = new MemoryStore();
  const store = over(memory);
  const keys = new Keyring({ store, vault: new MemoryVault(ids), ids, clock });
  const counts = { calls: 0, refused: 0, messages: 0, deadLetters: 0 };
  const failures: Failure[] = [];
  const queue: Post[] = [];
  let number = 0;
  let nextTickAt = START + TICK_MS;
  const tenants = new Map<string, TenantRef>();
  const post = (kind: Post['kind'], readyAt: number, take: Post['take']): void => {
    number += 1;
    queue.push({ kind, number, readyAt, attempt: 1, take });
  };
  const send = (message: Message): void => {
    counts.messages += 1;
    const text = JSON.stringify(message);
    post('post', clock.now(), () => around({ kind: 'post', message }, () => handle(parseMessage(JSON.parse(text)))));
  };
  const bus = { publish: async (_topic: string, message: Message): Promise<void> => send(message) };
  const hear = (site: Site, happening: Happening): void => {
    const tenant = tenants.get(site.name);
    if (tenant === undefined || site.installation?.webhooks.some(({ event }) => event === happening.event) !== true)
      return;
    const receivedAt = happening.at + WEBHOOK_MS;
    const principal = { tenant, ...HOOK_FIELDS } as Principal;
    const headers = { [TRACE_HEADER]: happening.trace };
    const receive = () => receiveChange(bus, principal, { body: jira.bodyOf(site, happening), headers, receivedAt });
    post('hook', receivedAt, () => around({ kind: 'hook', site: site.name }, receive));
  };
  const jira = jiraInside({ clock, seed: 11, sites, indexLagMs: INDEX_LAG_MS, hear });
  for (const { site } of Object.values(SIDES))
    tenants.set(site, await installed(jira, { clock, ids, store, keys }, site));
  await agree({ store, keys }, rules, tenants);

  const fail = (what: string): void => {
    const known = failures.find((one) => one.what === what);
    if (known === undefined) failures.push({ what, count: 1 });
    else known.count += 1;
  };
  const log: Log = {
    work: () => undefined,
    note: () => undefined,
    fault: (name, code, facts, cause) => {
      if (FAILURES.has(code))
        fail(`${name}: ${code} ${JSON.stringify({ ...facts, twin: undefined })} ${causeOf(cause)}`);
    },
  };
  const http = httpInside(jira, clock, counts);
  const budget = new Purse({ store, clock, ids });
  const client = createJira({ doors: { connect: doorOf(jira, clock, tenants) }, http, clock, budget });
  const ports: SyncPorts = { clock, ids, store, keys, bus, log, jira: client };
  const settings = { leaseMs: LEASE_MS };
  const handle = syncHandler(ports, settings);

  const tick = async (): Promise<void> => {
    if (clock.now() < nextTickAt) return;
    nextTickAt = clock.now() + TICK_MS;
    send({ kind: 'wake', askedAt: clock.now() });
  };
  const again = (one: Post, thrown: unknown): void => {
    const fault = toFault(thrown);
    if (FAILURES.has(fault.code)) fail(`${fault.code} ${JSON.stringify(fault.facts)} ${causeOf(fault.cause)}`);
    if (one.attempt >= MAX_ATTEMPTS) {
      counts.deadLetters += 1;
      return;
    }
    const wait = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** (one.attempt - 1));
    queue.push({ ...one, readyAt: clock.now() + wait, attempt: one.attempt + 1 });
  };
  const work = async (): Promise<boolean> => {
    await tick();
    const index = queue.findIndex(({ readyAt }) => readyAt <= clock.now());
    const [one] = index < 0 ? [] : queue.splice(index, 1);
    if (one === undefined) return false;
    try {
      await one.take();
    } catch (thrown) {
      again(one, thrown);
    }
    return true;
  };
  /** Since when nothing was left but looks at what waits for another issue; a look does not begin it anew. */
  let idleSince: number | undefined;
  /** The next thing that is due; false when there is none. */
  const pass = async (): Promise<boolean> => {
    let nextAt = Math.min(...queue.map(({ readyAt }) => readyAt), await wakeAt(memory));
    if (nextAt === Number.POSITIVE_INFINITY) {
      idleSince ??= clock.now();
      nextAt = Math.max(clock.now(), await lookAt(memory));
      if (nextAt > idleSince + LOOKS_MS) return false;
    }
    if (queue.every(({ readyAt }) => readyAt > nextAt)) nextTickAt = nextAt;
    clock.set(Math.max(clock.now(), nextAt));
    return true;
  };
  return {
    ...{ clock, jira, store: memory, failures, counts, send, work, pass, pairs: pairsOver(ports, settings) },
    site: (side) => jira.site(SIDES[side].site),
    owed: () => queue.length,
    rest: async () => {
      const until = clock.now() + PATIENCE_MS;
      do {
        while (await work());
        if (clock.now() > until) throw new Error('the world does not come to rest');
      } while (await pass());
    },
    twins: async () => {
      const all: RecordOf<'twin'>[] = [];
      for (let after: string | undefined; ; ) {
        const page = await memory.list(
          'twin',
          { connection: CONNECTION },
          { limit: 500, ...(after === undefined ? {} : { after }) },
        );
        all.push(...page.items.map(({ row }) => row));
        if (page.next === undefined) return all;
        after = page.next;
      }
    },
  };
}

/** When the first twin wants to be looked at again. */
async function wakeAt(store: Store): Promise<number> {
  const ever = Number.MAX_SAFE_INTEGER;
  const first = [
    ...(await store.due('twin', 'wakeAt', ever, 1)),
    ...(await store.due('wish', 'wakeAt', ever, 1)),
    ...(await store.due('run', 'wakeAt', ever, 1)),
  ];
  return Math.min(...first.map(({ row }) => row.wakeAt ?? Number.POSITIVE_INFINITY));
}

/** When the first twin is looked at again that waits for the counterpart of another issue. */
async function lookAt(store: Store): Promise<number> {
  const waiting = await store.due('twin', 'lookAt', Number.MAX_SAFE_INTEGER, MAX_TIED);
  const first = waiting.find(({ row }) => row.troubles?.some(({ code }) => TIED.has(code)));
  return first?.row.lookAt ?? Number.POSITIVE_INFINITY;
}

/** Where in our code it went wrong; the message of an outside thing may hold content and stays away. */
function causeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  const frames = (cause.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return `${cause.name} ${frames
    .slice(0, 3)
    .map((line) => line.trim())
    .join(' ')}`;
}

function httpInside(jira: JiraInside, clock: MemoryClock, counts: ReplayWorld['counts']): Http {
  const around = async <T extends { readonly status: number }>(work: () => Promise<T>): Promise<T> => {
    await clock.sleep(WAY_MS);
    counts.calls += 1;
    const answer = await work();
    if (answer.status === 429) counts.refused += 1;
    await clock.sleep(WAY_MS);
    return answer;
  };
  return { send: (ask) => around(() => jira.answer(ask)), open: (ask) => around(() => jira.open(ask)) };
}

function doorOf(jira: JiraInside, clock: MemoryClock, tenants: ReadonlyMap<string, TenantRef>): ConnectDoor {
  const refuse = async (): Promise<never> => {
    throw new Fault('token-kind');
  };
  const siteOf = new Map([...tenants].map(([name, { tenant }]) => [tenant, jira.site(name)]));
  return {
    ...{ name: 'connect', verifySite: refuse, verifyPerson: refuse, verifyInstall: refuse },
    authorise: async ({ tenant }, method, target) => {
      const site = siteOf.get(tenant);
      if (site === undefined) throw new Fault('site-not-ready');
      const { clientKey, baseUrl, name } = site;
      const facts = { addonKey: APP_KEY, clientKey, hash: queryHash({ method, target }), now: clock.now() };
      return { baseUrl, authorization: `JWT ${signAppToken(facts, secretOf(name, 1))}` };
    },
  };
}

interface Founding {
  readonly clock: MemoryClock;
  readonly ids: MemoryIds;
  readonly store: Store;
  readonly keys: Keys;
}

async function installed(jira: JiraInside, { clock, ids, store, keys }: Founding, name: string): Promise<TenantRef> {
  jira.install(name, 1);
  const { clientKey, baseUrl } = jira.site(name);
  const ports = {
    ...{ clock, ids, store, keys },
    ledger: new StoreLedger({ store, hashKeys: [ids.bytes(32)] }),
    bus: { publish: async () => undefined },
    doors: { connect: undefined as unknown as ConnectDoor },
  };
  const facts = { addonKey: APP_KEY, productType: 'jira', clientKey, baseUrl, sharedSecret: secretOf(name, 1) };
  const ended = await install(ports, { baseUrl: APP, addonKey: APP_KEY, liveDays: 120 }, facts);
  const doors = (await store.scan('door', { limit: 10 })).items.map(({ row }) => row);
  const door = doors.find(({ tenant }) => tenant === ended.facts?.['tenant']);
  if (door === undefined) throw new Error(`${name} was not installed`);
  return { tenant: door.tenant, generation: door.generation };
}

/** What the console would have stored: an active connection between the two projects, with the same rules on both sides. */
async function agree(
  { store, keys }: { readonly store: Store; readonly keys: Keys },
  rules: RuleDocument,
  tenants: ReadonlyMap<string, TenantRef>,
): Promise<void> {
  const refOf = (side: Side): TenantRef => {
    const ref = tenants.get(SIDES[side].site);
    if (ref === undefined) throw new Error(`${side} is not installed`);
    return ref;
  };
  const own = ({ tenant, generation }: TenantRef) => ownerOf(tenant, generation);
  for (const side of ['a', 'b'] as const) {
    const ref = refOf(side);
    const { tenant } = ref;
    const half = halfOf(CONNECTION, side);
    const key = tenantKey(own(ref));
    const settings: HalfSettings = { name: side, projectKey: projectKey(SIDES[side].project), scope: '' };
    const row: RecordOf<'half'> = {
      ...{ owners: [own(ref)], connection: CONNECTION, side, state: 'active', rulesVersion: 1, createdAt: START },
      settings: await keys.seal(key, contextOf('half.settings', tenant, half), settings),
    };
    await store.create('half', { tenant, half }, row);
    const document = await keys.seal(key, contextOf('rules.document', tenant, half, 1), rules);
    await store.create(
      'rules',
      { tenant, half, version: '1' },
      { owners: [own(ref)], version: 1, createdAt: START, document },
    );
  }
  const [a, b] = [refOf('a'), refOf('b')];
  const owners = [own(a), own(b)];
  await keys.make(connectionKey(CONNECTION, own(a), own(b)), owners);
  const connection = { owners, a, b, state: 'active' as const, activatedAt: START, watermarkAt: START };
  await store.create('connection', { connection: CONNECTION }, connection);
}
