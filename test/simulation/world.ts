/**
 * The world of one run: three sites, one agreed connection between two of them, the real function code over ports in memory, and
 * people. The third tenant has issues of its own and shares nothing: it must end as it began.
 */
import type { SyncPorts } from '../../functions/sync/context.ts';
import { install } from '../../functions/lifecycle/install.ts';
import { leave } from '../../functions/lifecycle/leave.ts';
import type { LifecyclePorts } from '../../functions/lifecycle/ports.ts';
import type { Happening, Site } from '../../infra/local/jira/model/types.ts';
import { addApp } from '../../infra/local/jira/model/world.ts';
import type { ProjectSpec, SiteSpec, UserSpec } from '../../infra/local/jira/model/world.ts';
import { queryHash } from '../../shared/auth/qsh.ts';
import { signAppToken } from '../../shared/auth/jwt.ts';
import { Purse } from '../../shared/purse.ts';
import { createJira } from '../../shared/jira/client.ts';
import { Keyring } from '../../shared/keyring.ts';
import { StoreLedger } from '../../shared/ledger.ts';
import { MemoryLog } from '../../shared/memory/log.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { MemoryVault } from '../../shared/memory/vault.ts';
import { isFieldName } from '../../shared/model/field.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { HalfSettings, Side } from '../../shared/model/connection.ts';
import { connectionId, connectionKey, halfOf, ownerOf, projectKey, tenantKey, twinId } from '../../shared/model/ids.ts';
import type { FieldRule, RuleDocument } from '../../shared/model/rules.ts';
import type { Principal, SiteFacts, TenantRef } from '../../shared/model/tenant.ts';
import type { ConnectDoor, Door, Ids, Keys, Store } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { contractOf } from '../../shared/rules/contract.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { BOT, PERSONS, ROBOT } from './fieldKinds.ts';
import { customFields, kindsOf, projectParts } from './moreKinds.ts';
import { gatedBus, gatedClock, gatedHttp, gatedKeys, gatedStore, gatedVault, idsOf, isWriting } from './gatedPorts.ts';
import { History } from './history.ts';
import type { Unseen } from './history.ts';
import type { HttpAsk } from '../../shared/http.ts';
import { APP_ROLE } from '../../infra/local/jira/model/scheme.ts';
import { READER_TABLE } from './readers.ts';
import { Absence, receiptSigner } from './absence.ts';
import { APP, APP_ACCOUNT, APP_KEY, jiraInside, secretOf } from '../../infra/local/inside.ts';
import type { JiraInside } from '../../infra/local/inside.ts';
import { Traffic, workNow } from './posts.ts';
import { Restore } from './restore.ts';
import { Scheduler } from './scheduler.ts';
import { StaleReads } from './staleReads.ts';
import { StoreRestore } from './storeRestore.ts';
import type { Process } from './scheduler.ts';
import type { PartKind, Setting } from './script.ts';

const START = Date.UTC(2026, 10, 23, 10);
export const LEASE_MS = 45_000;
/** Our clock and the site's are one here, so the longest lag of the index is a fact. */
const MARKER_LAG_MS = 61_000;
/** Clocks of two processes differ by less. @see Traffic */
const MAX_SKEW_MS = 500;

export const CONNECTION = connectionId('c-00000001');
/** Sites and projects by side; the third site is nobody's side. */
export const SITES = { a: 'alpha', b: 'beta' } as const satisfies Record<Side, string>;
export const PROJECTS = { a: 'ALPHA', b: 'BETA' } as const satisfies Record<Side, string>;
const STRANGER = 'gamma';
const LEDGER_KEYS = [Buffer.alloc(32, 7)];

/** A call about the links to elsewhere of an issue. */
const REMOTE_LINK = /^https:\/\/(\w+)\.atlassian\.net\/rest\/api\/3\/issue\/(\d+)\/remotelink/;

/** What the product remembers of a worklog or file. */
export type PartTrace = Readonly<Partial<Record<Side | 'blocked', string>>>;

/** One run's world. */
export interface SimWorld {
  readonly setting: Setting;
  readonly scheduler: Scheduler;
  readonly jira: JiraInside;
  readonly history: History;
  readonly traffic: Traffic;
  readonly store: MemoryStore;
  readonly log: MemoryLog;
  readonly tenants: Readonly<Record<Side, TenantRef>>;
  /** Calls of sites that write, made and redundant ones. */
  readonly writes: { all: number; redundant: number };
  /** What a piece of work ended with that no piece may end with. */
  readonly bugs: string[];
  /** Answers a happening that the app caused, as an automation does. */
  onApp: (side: Side, site: Site, happening: Happening) => void;
  /** Notices what a person has just changed without an event. */
  glance(site: Site): void;
  /** Runs a piece of the lifecycle function in a process of its own. */
  job(name: string, work: (ports: LifecyclePorts) => Promise<unknown>): Promise<void>;
  leave(side: Side): Promise<void>;
  /** Installs again; after a purge that is another life, which has nothing to do with the one before. */
  comeBack(side: Side, isOther?: boolean): void;
  /** Publishes rules with the contract that belongs to them, or without: then nobody has agreed to them. */
  publishRules(side: Side, change: (rules: RuleDocument) => RuleDocument, isAgreed?: boolean): Promise<void>;
  readonly restore: Restore;
  readonly absence: Absence;
  readonly storeRestore: StoreRestore;
  readonly stale: StaleReads;
  setLicence(side: Side, licensed: boolean): Promise<void>;
  twins(): Promise<readonly RecordOf<'twin'>[]>;
  traces(): Promise<readonly RecordOf<'trace'>[]>;
  partTraces(kind: PartKind): Promise<readonly PartTrace[]>;
  /** Whether the connection's watermark came after the start. */
  isWatermarkMoved(): Promise<boolean>;
  /** Everything that must not change, as text. */
  strangers(): string;
}

const own = ({ tenant, generation }: TenantRef) => ownerOf(tenant, generation);

function usersOf(site: string): readonly UserSpec[] {
  const persons = PERSONS.map((accountId, index) => ({
    accountId,
    displayName: `Person ${index}`,
    admin: index === 0,
  }));
  const here = site === SITES.a ? persons : persons.slice(0, -1);
  return [...here, { accountId: BOT, displayName: 'Automation', admin: true }];
}

function specsOf({ workflows, more, seed, readers }: Setting): readonly SiteSpec[] {
  // Some sites give a part of the comments along with an issue, and the others have to be asked for.
  const along = (rest: number, commentsAlong: number) => (seed % 3 === rest ? { commentsAlong } : {});
  const shared = (side: Side): ProjectSpec => {
    const parts = more === undefined ? {} : projectParts(side);
    // Whoever restricts a comment to a role has it: the administrator has the app's.
    const roles = readers === true ? { roles: { [APP_ROLE]: PERSONS.slice(0, 1) } } : {};
    return { key: PROJECTS[side], workflow: workflows[side], ...parts, ...roles };
  };
  const site = (side: Side) => ({
    ...{ name: SITES[side], users: usersOf(SITES[side]), customFields: customFields(side) },
  });
  return [
    { ...along(1, 1), ...site('a'), projects: [shared('a'), { key: 'OTHER' }] },
    { ...along(0, 0), ...site('b'), projects: [shared('b')] },
    { name: STRANGER, projects: [{ key: 'GAMMA' }], users: usersOf(STRANGER) },
  ];
}

/** The rules of a side in this setting. */
export function rulesOf({ policies, kept, more = [], parts = [], readers }: Setting, side: Side): RuleDocument {
  const rules = defaultRules();
  const also = more.filter(isFieldName).map((field): FieldRule => ({ field, policy: 'newest' }));
  const fields = [...rules.fields, ...also]
    .filter(({ field }) => !kept[side].includes(field))
    .map((row) => ({ ...row, policy: policies[row.field] ?? row.policy }));
  const shared = {
    ...(parts.includes('worklogs') ? { worklogs: true } : {}),
    ...(parts.includes('files') ? { attachments: {} } : {}),
    ...(readers === true ? { visibility: READER_TABLE } : {}),
  };
  return { ...rules, ...shared, fields };
}

/** Makes the world, with everything installed, agreed and quiet. */
export async function makeSimWorld(setting: Setting): Promise<SimWorld> {
  const { seed } = setting;
  const scheduler = new Scheduler(seed, START);
  const history = new History(kindsOf(setting));
  const store = new MemoryStore();
  const log = new MemoryLog();
  const writes = { all: 0, redundant: 0 };
  const bugs: string[] = [];
  const lives: Record<string, number> = { [SITES.a]: 1, [SITES.b]: 1, [STRANGER]: 1 };
  const reads = new WeakMap<object, Map<string, number>>();
  const agreed: { tenants?: Readonly<Record<Side, TenantRef>>; stranger?: TenantRef } = {};
  const tenantOf = (side: Side): TenantRef => {
    if (agreed.tenants === undefined) throw new Error('the world is not ready');
    return agreed.tenants[side];
  };
  const activity = new Map<Side, boolean>([
    ['a', true],
    ['b', true],
  ]);
  const sideOf = (site: string): Side | undefined => (site === SITES.a ? 'a' : site === SITES.b ? 'b' : undefined);

  const jira: JiraInside = jiraInside({
    ...{ clock: scheduler, seed, sites: specsOf(setting), indexLagMs: setting.indexLagMs },
    clock: { now: () => scheduler.now },
    hear: (site, happening) => hear(site, happening),
  });
  const stale = new StaleReads({ scheduler, jira, history, siteOf: (side) => SITES[side] });

  const isUnseen =
    (site: string, issue: string) =>
    (part: 'issue' | 'comments', number: number): boolean => {
      const work = workNow.getStore();
      const seen = work === undefined ? undefined : reads.get(work)?.get(`${site}/${issue}/${part}`);
      return seen !== undefined && number > seen;
    };

  /** A side is away for longer than any worker that began before may live. */
  const isFenced = (at: number): boolean => [...awaySince.values()].some((since) => at > since + LEASE_MS);
  const awaySince = new Map<Side, number>();
  const setAway = (side: Side, isAway: boolean, isOther = false): void => {
    activity.set(side, !isAway);
    if (isAway) awaySince.set(side, scheduler.now);
    // What was between the sides has ended for good when another life begins.
    else if (!isOther) awaySince.delete(side);
  };

  const hear = (site: Site, happening: Happening): void => {
    const side = observe(site, happening);
    if (side === undefined) return;
    world.onApp(side, site, happening);
    if (site.installation?.state !== 'enabled') return;
    if (!site.installation.webhooks.some(({ event }) => event === happening.event)) return;
    const principal = (): Principal => ({ tenant: tenantOf(side), isActive: activity.get(side) ?? true }) as Principal;
    traffic.send(principal, () => jira.bodyOf(site, happening), happening.trace);
  };

  /** Writes down what happened on a site, and says on whose side, when anybody shares it. */
  const observe = (site: Site, happening: Happening): Side | undefined => {
    marks.changedAt = happening.at;
    stale.hear(site.name);
    const side = sideOf(site.name);
    const isShared = side !== undefined && happening.issue.key.startsWith(`${PROJECTS[side]}-`);
    if (!isShared) {
      if (agreed.tenants !== undefined) bugs.push(`something changed on ${site.name} that nobody shares`);
      return undefined;
    }
    // A link is at both of its ends.
    const { link, issue } = happening;
    const ends = link === undefined ? [issue.id] : [link.sourceId, link.destinationId];
    const unseen = ends.map((end) => isUnseen(site.name, end));
    const twin = history.twinOf(side, history.tokenOf(site, issue.id));
    const isUnseenThere: Unseen = (part, number) =>
      twin !== undefined && isUnseen(SITES[otherSide(side)], twin)(part, number);
    const isUnseenHere: Unseen = (part, number) => unseen.some((one) => one(part, number));
    const lines = history.take(side, site, happening, isUnseenHere, isUnseenThere);
    for (const line of lines) scheduler.note(line);
    for (const end of ends) noteTouched(side, site, end, happening);
    return side;
  };

  const noteTouched = (side: Side, site: Site, issue: string, happening: Happening): void => {
    const token = history.tokenOf(site, issue);
    if (happening.actorId === APP_ACCOUNT && isFenced(happening.at))
      history.wrongs.push({ kind: 'fenced', what: `the sync wrote on ${side} although a side was away` });
    // A link is made from the pair of one end; that the other end's site was restored is seen when that pair is looked at.
    if (happening.actorId === APP_ACCOUNT && happening.link === undefined && restore.isGuarded(token))
      history.wrongs.push({ kind: 'restored-written', what: `${token} on ${side} before an admin was asked` });
    if (happening.actorId === APP_ACCOUNT && storeRestore.isGuarded())
      history.wrongs.push({ kind: 'restored-written', what: `${token} on ${side} from an older copy of the store` });
    if (happening.actorId !== APP_ACCOUNT) restore.touch(side, token);
    if (happening.actorId !== APP_ACCOUNT) latest.set(`${site.name}/${issue}`, history.number);
  };

  /** Links to elsewhere change without an event: looked for after each deed that may have changed one. */
  const glance = (site: Site, id: string, actorId: string): void => {
    const issue = site.issues.get(id)?.issue;
    if (issue === undefined || !history.isNews(site, issue)) return;
    observe(site, { event: 'jira:issue_updated', flow: 'Primary', at: scheduler.now, issue, actorId });
  };

  const doorOf = (process: Process): Door => {
    const refuse = async (): Promise<never> => {
      throw new Fault('token-kind');
    };
    return {
      ...{ name: 'connect', verifySite: refuse, verifyPerson: refuse },
      authorise: async ({ tenant }, method, target) => {
        const side: Side | undefined =
          tenant === tenantOf('a').tenant ? 'a' : tenant === tenantOf('b').tenant ? 'b' : undefined;
        const name = side === undefined ? (tenant === agreed.stranger?.tenant ? STRANGER : undefined) : SITES[side];
        if (name === undefined) throw new Fault('site-not-ready');
        const site = jira.site(name);
        const hash = queryHash({ method, target });
        const facts = { addonKey: APP_KEY, clientKey: site.clientKey, hash, now: scheduler.now + process.skewMs };
        const secret = secretOf(site.name, lives[site.name] ?? 0);
        return { baseUrl: site.baseUrl, authorization: `JWT ${signAppToken(facts, secret)}` };
      },
    };
  };

  const vault = new MemoryVault(idsOf(seed, 'vault'));
  /** Runs that end a life have keys that can be destroyed. */
  const keysOf = (process: Process | undefined, ids: Ids, shop: Store): Keys => {
    if (setting.hasKeys !== true) return gatedKeys(scheduler, process, ids);
    const gated = process === undefined ? vault : gatedVault(scheduler, process, vault);
    return new Keyring({
      store: shop,
      vault: gated,
      ids,
      clock: { now: () => scheduler.now, sleep: async () => undefined },
    });
  };

  const portsOf = (process: Process): SyncPorts => {
    const clock = gatedClock(scheduler, process);
    const ids = notedIds(idsOf(seed, process.name));
    const http = gatedHttp(
      scheduler,
      process,
      { answer: stale.answer, open: (ask) => jira.open(ask) },
      {
        before: async (_process, ask) => {
          if (!isWriting(ask)) return;
          marks.effects = history.number;
          await judgeLease(ask);
        },
        after: (_process, ask, answer) => {
          if (answer === undefined) return;
          if (ask.method === 'GET') noteRead(ask.url, stale.numberOf(answer));
          if (ask.url.includes('/search/jql') && scheduler.now - marks.changedAt < setting.indexLagMs)
            scheduler.count('stale-search');
          if (!isWriting(ask)) return;
          const [, siteName = '', issue = ''] = REMOTE_LINK.exec(ask.url) ?? [];
          if (issue !== '') glance(jira.site(siteName), issue, APP_ACCOUNT);
          if (answer.status >= 300) {
            scheduler.note(`${process.name} ${ask.method} ${ask.url.replace(/^.*api.3/, '')}: ${answer.status}`);
            return;
          }
          writes.all += 1;
          scheduler.note(`${process.name} ${ask.method} ${ask.url.replace(/^.*api.3/, '')}: ${answer.status}`);
          noteWrite(ask);
          if (history.number === marks.effects && hadSeenAll(ask.url)) writes.redundant += 1;
        },
      },
    );
    const shop = notedStore(gatedStore(scheduler, process, store));
    const budget = new Purse({ store: shop, clock, ids });
    return {
      ...{ clock, ids, log, store: shop, keys: keysOf(process, ids, shop) },
      bus: gatedBus(scheduler, process, (topic, message) => traffic.publish(topic, message)),
      jira: createJira({ doors: { connect: doorOf(process) }, http, clock, budget }),
    };
  };
  const marks = { effects: 0, changedAt: -Infinity };
  /** Which work made which token: a lease tells who has it. */
  const makers = new Map<string, object>();
  const notedIds = (ids: Ids): Ids => ({
    bytes: (count) => ids.bytes(count),
    next: () => {
      const [id, work] = [ids.next(), workNow.getStore()];
      if (work !== undefined) makers.set(id, work);
      return id;
    },
  });

  /** Counts the workers that find out that their lease is over. */
  const notedStore = (shop: Store): Store => ({
    ...shop,
    transact: async (work) => {
      try {
        return await shop.transact(work);
      } catch (thrown) {
        if (thrown instanceof Fault && thrown.code === 'lease-lost') scheduler.count('lease-expired');
        throw thrown;
      }
    },
  });

  /** Whoever writes has the lease of the twin at that moment; the trace of the call names the twin. */
  const judgeLease = async ({ headers, url }: HttpAsk): Promise<void> => {
    const [name = ''] = (headers?.['x-atlassian-webhook-trace'] ?? '').split(' ');
    const twin = twinId(name);
    const lease = (await store.read('twin', { connection: CONNECTION, twin }))?.row.lease;
    const isHeld = lease !== undefined && lease.until > scheduler.now - MAX_SKEW_MS;
    if (isHeld && makers.get(lease.token) === workNow.getStore()) return;
    history.wrongs.push({ kind: 'no-lease', what: `a write without the lease: ${url.replace(/^.*api.3/, '')}` });
  };
  let jobs = Promise.resolve();

  /** A worker has seen the issue, or its comments, as they were at this number of the history. */
  const noteRead = (url: string, number: number): void => {
    const work = workNow.getStore();
    const match = /^https:\/\/(\w+)\.atlassian\.net\/rest\/api\/3\/issue\/(\d+)(\/comment)?\?/.exec(url);
    // Looked at for the ids of its links alone, or whether it is there: nothing is decided by it.
    if (work === undefined || match === null || /[?&]fields=(?:issuelinks|project)(?:&|$)/.test(url)) return;
    const seen = reads.get(work) ?? new Map<string, number>();
    const isWhole = match[3] === undefined && /[=,]comment\b/.test(decodeURIComponent(url));
    const parts = match[3] !== undefined ? ['comments'] : isWhole ? ['issue', 'comments'] : ['issue'];
    for (const part of parts) seen.set(`${match[1]}/${match[2]}/${part}`, number);
    reads.set(work, seen);
  };

  const noteWrite = ({ method, url, json }: HttpAsk): void => {
    const match = /^https:\/\/(\w+)\.atlassian\.net\/rest\/api\/3\/issue\/(\d+)(\/transitions)?(?:\?|$)/.exec(url);
    const side = sideOf(match?.[1] ?? '');
    const issue = match?.[2];
    if (side === undefined || issue === undefined || !(method === 'PUT' || match?.[3] !== undefined)) return;
    const { fields = {} } = (json ?? {}) as { readonly fields?: object };
    const names = [...Object.keys(fields), ...(match?.[3] === undefined ? [] : ['status'])];
    history.takeWrite(side, jira.site(SITES[side]), issue, names, isUnseen(SITES[side], issue));
  };

  /** False when a person changed the issue after this work had read it: it could not know. */
  const hadSeenAll = (url: string): boolean => {
    // Both ends of a link may be at work on it at once: Jira makes one.
    if (url.endsWith('/issueLink')) return false;
    // Who may read a comment is written before what it says, whether or not that is news.
    if (url.includes('/properties/')) return false;
    const work = workNow.getStore();
    const match = /^https:\/\/(\w+)\.atlassian\.net\/rest\/api\/3\/issue\/(\d+)/.exec(url);
    if (work === undefined || match === null) return true;
    const seen = reads.get(work)?.get(`${match[1]}/${match[2]}/issue`) ?? 0;
    return (latest.get(`${match[1]}/${match[2]}`) ?? 0) <= seen;
  };
  const latest = new Map<string, number>();

  const traffic = new Traffic({
    purgeOf: (ports) => ({
      ...ports,
      ledger: new StoreLedger({ store: ports.store, hashKeys: LEDGER_KEYS }),
      signer: receiptSigner,
    }),
    ...{ scheduler, processes: setting.processes, lostWebhooks: setting.lostWebhooks ?? 0, portsOf },
    settings: { leaseMs: LEASE_MS, markerLagMs: MARKER_LAG_MS },
    onEnd: (what, code, thrown) => {
      if (what !== 'webhook') scheduler.note(`${what}: ${code}`);
      if (code === 'bug' || code === 'message-invalid' || code === 'store-refused' || code === 'store-record-odd')
        bugs.push(`${what} ended with ${code}: ${causeOf(thrown)}`);
      // The queue's back-off is shared by all tenants: what a site does must never get there.
      if (thrown !== undefined && (code.startsWith('jira-') || code === 'site-not-ready'))
        history.wrongs.push({ kind: 'nacked', what: `${what} went back to the queue for ${code}` });
    },
  });
  scheduler.addSource(traffic);

  const settings = { baseUrl: APP, addonKey: APP_KEY, liveDays: 120 };
  const startIds = idsOf(seed, 'start');
  const lifecycleOf = (process: Process | undefined): LifecyclePorts => {
    const base = process === undefined ? undefined : portsOf(process);
    const ids = base?.ids ?? startIds;
    const shop = base?.store ?? store;
    return {
      ...{ ids, store: shop, clock: base?.clock ?? { now: () => scheduler.now, sleep: async () => undefined } },
      keys: base?.keys ?? keysOf(undefined, ids, store),
      ledger: new StoreLedger({ store: shop, hashKeys: LEDGER_KEYS }),
      bus: base?.bus ?? { publish: async () => undefined },
      doors: { connect: undefined as unknown as ConnectDoor },
    };
  };
  const factsOf = (name: string): SiteFacts => {
    const { clientKey, baseUrl } = jira.site(name);
    const sharedSecret = secretOf(name, lives[name] ?? 0);
    return { addonKey: APP_KEY, productType: 'jira', clientKey, baseUrl, sharedSecret };
  };

  const restore: Restore = new Restore({
    ...{ scheduler, jira, history, store, traffic, connection: CONNECTION, kinds: kindsOf(setting) },
    siteOf: (side) => jira.site(SITES[side]),
    twins: () => world.twins(),
  });
  const absence = new Absence({
    ...{ scheduler, store, traffic },
    isHere: (side) => jira.site(SITES[side]).installation?.state === 'enabled',
    tenants: () => world.tenants,
    twins: () => world.twins(),
    leave: (side) => world.leave(side),
    comeBack: (side, isOther) => world.comeBack(side, isOther),
  });
  const storeRestore = new StoreRestore({
    ...{ scheduler, history, store, traffic, connection: CONNECTION, kinds: kindsOf(setting) },
    siteOf: (side) => jira.site(SITES[side]),
    twins: () => world.twins(),
  });
  const world: SimWorld = {
    ...{ setting, scheduler, jira, history, traffic, store, log, writes, bugs, restore, absence, storeRestore, stale },
    get tenants() {
      return { a: tenantOf('a'), b: tenantOf('b') };
    },
    onApp: () => undefined,
    glance: (site) => {
      for (const id of [...site.issues.keys()]) glance(site, id, PERSONS[0] ?? '');
    },
    job: (name, work) => {
      // One after the other, as a site sends them; they are not repeated, so nothing goes wrong in them here.
      const process: Process = {
        name: `${name}-${scheduler.step}`,
        isDead: false,
        frozenUntil: 0,
        skewMs: 0,
        isSteady: true,
      };
      jobs = jobs.then(async () => {
        try {
          await workNow.run({}, () => work(lifecycleOf(process)));
        } catch (thrown) {
          bugs.push(`${name} failed: ${String(thrown)}`);
        }
      });
      return jobs;
    },
    leave: (side) => {
      setAway(side, true);
      const facts = factsOf(SITES[side]);
      jira.uninstall(SITES[side]);
      return world.job(`leave-${side}`, (ports) => leave(ports, settings, facts));
    },
    comeBack: (side, isOther = false) => {
      lives[SITES[side]] = (lives[SITES[side]] ?? 0) + 1;
      jira.install(SITES[side], lives[SITES[side]] ?? 0);
      setAway(side, false, isOther);
      void world.job(`return-${side}`, async (ports) => {
        await install(ports, settings, factsOf(SITES[side]));
        const ref = tenantOf(side);
        const generation = (await store.read('tenant', { tenant: ref.tenant }))?.row.generation ?? ref.generation;
        agreed.tenants = { ...world.tenants, [side]: { tenant: ref.tenant, generation } };
      });
    },
    publishRules: async (side, change, isAgreed = true) => {
      const ref = tenantOf(side);
      const { tenant } = ref;
      const half = halfOf(CONNECTION, side);
      const key = tenantKey(own(ref));
      const keys = keysOf(undefined, idsOf(seed, `rules-${scheduler.step}`), store);
      await store.transact(async (transaction) => {
        const stored = await transaction.read('half', { tenant, half });
        if (stored === undefined) return;
        const version = stored.row.rulesVersion + 1;
        const document = { ...change(rulesOf(setting, side)), version };
        const sealed = await keys.seal(key, contextOf('rules.document', tenant, half, version), document);
        const row = { owners: [own(ref)], version, createdAt: scheduler.now, document: sealed };
        const connection = (await transaction.read('connection', { connection: CONNECTION }))?.row;
        transaction.create('rules', { tenant, half, version: String(version) }, row);
        transaction.put('half', { tenant, half }, { ...stored.row, rulesVersion: version });
        if (connection === undefined) return;
        // What was agreed on before stays agreed on, and belongs to the new version.
        const agreed = isAgreed ? document : { ...rulesOf(setting, side), version };
        const contract = await sealedContract(keys, { a: own(tenantOf('a')), b: own(tenantOf('b')) }, side, agreed);
        transaction.put('connection', { connection: CONNECTION }, { ...connection, ...contract });
      });
    },
    setLicence: async (side, licensed) => {
      setAway(side, !licensed);
      const place = { tenant: tenantOf(side).tenant };
      await store.transact(async (transaction) => {
        const stored = await transaction.read('tenant', place);
        if (stored !== undefined) transaction.put('tenant', place, { ...stored.row, licensed });
      });
    },
    twins: async () =>
      (await store.list('twin', { connection: CONNECTION }, { limit: 500 })).items.map(({ row }) => row),
    partTraces: async (kind) => {
      const category = kind === 'worklogs' ? 'worklogTrace' : 'fileTrace';
      const { items } = await store.scan(category, { limit: 500 });
      return items.flatMap(({ row }): readonly PartTrace[] => row.rows);
    },
    traces: async () => (await store.scan('trace', { limit: 500 })).items.map(({ row }) => row),
    isWatermarkMoved: async () =>
      ((await store.read('connection', { connection: CONNECTION }))?.row.watermarkAt ?? 0) > START,
    strangers: () => {
      const site = jira.site(STRANGER);
      // People may link to it, which moves its stamp.
      const other = [...jira.site(SITES.a).issues.values()]
        .filter(({ issue }) => issue.key.startsWith('OTHER-'))
        .map(({ issue, commentIds }) => [issue.key, issue.statusId, issue.values, issue.properties, commentIds]);
      const stored = [...store.everything('(default)')].filter(([, data]) =>
        JSON.stringify(data).includes(site.clientKey),
      );
      return JSON.stringify([[...site.issues], [...site.comments], other, stored]);
    },
  };

  const refs: TenantRef[] = [];
  for (const name of [SITES.a, SITES.b, STRANGER]) {
    jira.install(name, 1);
    addApp(jira.world, jira.site(name), ROBOT.key, 'Robot');
    await install(lifecycleOf(undefined), settings, factsOf(name));
    const door = (await store.scan('door', { limit: 10 })).items.map(({ row }) => row);
    const fresh = door.find(({ tenant }) => !refs.some((ref) => ref.tenant === tenant));
    if (fresh === undefined) throw new Error(`${name} was not installed`);
    refs.push({ tenant: fresh.tenant, generation: fresh.generation });
  }
  const [a, b, stranger] = refs;
  if (a === undefined || b === undefined || stranger === undefined) throw new Error('two sides are needed');
  const people = jira.people(STRANGER, PERSONS[0] ?? '');
  const strange = people.createIssue({ project: 'GAMMA', summary: 'strange', labels: ['own'] });
  people.comment(strange.id, 'nobody shares this');
  jira.people(SITES.a, PERSONS[0] ?? '').createIssue({ project: 'OTHER', summary: 'of another project' });
  await agree(store, setting, { a, b }, keysOf(undefined, idsOf(seed, 'agree'), store));
  [agreed.tenants, agreed.stranger] = [{ a, b }, stranger];
  return world;
}

/** What lies behind a fault, for the story. */
function causeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  return thrown.cause instanceof Error ? (thrown.cause.stack ?? thrown.cause.message) : thrown.message;
}

/** What a side may send, as both have agreed, sealed as the console seals it. */
async function sealedContract(
  keys: Keys,
  owners: Readonly<Record<Side, ReturnType<typeof own>>>,
  side: Side,
  rules: RuleDocument,
): Promise<Pick<RecordOf<'connection'>, 'aContract' | 'bContract'>> {
  const context = contextOf('connection.contract', CONNECTION, side);
  const sealed = await keys.seal(connectionKey(CONNECTION, owners.a, owners.b), context, contractOf(rules));
  return side === 'a' ? { aContract: sealed } : { bContract: sealed };
}

/** What the console would have stored. */
async function agree(
  store: MemoryStore,
  setting: Setting,
  refs: Readonly<Record<Side, TenantRef>>,
  keys: Keys,
): Promise<void> {
  for (const side of ['a', 'b'] as const) {
    const ref = refs[side];
    const { tenant } = ref;
    const half = halfOf(CONNECTION, side);
    const key = tenantKey(own(ref));
    const settings: HalfSettings = { name: side, projectKey: projectKey(PROJECTS[side]), scope: '' };
    const row = {
      ...{ owners: [own(ref)], connection: CONNECTION, side, state: 'active', rulesVersion: 1, createdAt: START },
      settings: await keys.seal(key, contextOf('half.settings', tenant, half), settings),
    };
    await store.create('half', { tenant, half }, row as RecordOf<'half'>);
    const document = await keys.seal(key, contextOf('rules.document', tenant, half, 1), rulesOf(setting, side));
    const rules = { owners: [own(ref)], version: 1, createdAt: START, document };
    await store.create('rules', { tenant, half, version: '1' }, rules);
  }
  const owners = [own(refs.a), own(refs.b)];
  await keys.make(connectionKey(CONNECTION, own(refs.a), own(refs.b)), owners);
  const both = { a: own(refs.a), b: own(refs.b) };
  const connection = {
    ...{ owners, a: refs.a, b: refs.b, state: 'active', activatedAt: START, watermarkAt: START },
    ...(await sealedContract(keys, both, 'a', { ...rulesOf(setting, 'a'), version: 1 })),
    ...(await sealedContract(keys, both, 'b', { ...rulesOf(setting, 'b'), version: 1 })),
  };
  await store.create('connection', { connection: CONNECTION }, connection as RecordOf<'connection'>);
}
