/** The Budget over any Store: slices of the hourly pool of points, taken by preconditions and spent in this process. */
import {
  APP_POINTS,
  freshHour,
  grantSlice,
  hourOf,
  nextWants,
  settleReport,
  viewOf,
  withNear,
  withPause,
  withSlice,
  withWait,
} from './budget/pool.ts';
import type { PoolWord, SliceAsk } from './budget/pool.ts';
import type { PoolHour, PoolView, Priority, SpendAsk } from './model/budget.ts';
import type { TenantId } from './model/ids.ts';
import type { Budget, Clock, Ids, Store, Stored } from './ports.ts';
import { Fault } from './verdict.ts';

/** What a purse stands on. */
export interface PurseNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Points of the pool that all tenants share. */
  readonly appPoints?: number;
  /** Tenants to which Atlassian has given a pool of their own (tier 2), with its points. */
  readonly tenantPoints?: Readonly<Record<string, number>>;
}

/** A slice as this process spends it. */
interface Held {
  readonly id: string;
  readonly hour: number;
  readonly until: number;
  readonly points: number;
  readonly takenAt: number;
  spent: number;
  told: number;
}

/** What this process knows of one pool. */
interface Pool {
  readonly name: string;
  readonly points: number;
  /** The running lease, so that one process asks for one slice at a time. */
  turn: Promise<unknown>;
  readonly held: Map<string, Held>;
  /** Slices that are not spent from any more and not told of yet. */
  readonly old: Held[];
  /** Until when asking is of no use, by tenant and priority. */
  readonly waits: Map<string, number>;
  word: PoolWord | undefined;
  pausedUntil: number;
  /** When it was last told that the pool is nearly used up. */
  nearAt: number;
}

/** Processes that meet at one record: each try reads it again. A precondition and a short retry, because locks queue up for seconds. */
const MAX_TRIES = 12;
const RETRY_MS = 20;
/** How often one process tells that a pool is nearly used up. */
const NEAR_MS = 60_000;
/** Tenants with a pool of their own, and keys within a pool, that one process remembers. */
const MAX_REMEMBERED = 2_000;

/**
 * One version for memory and cloud alike. A process that dies loses what it had not spent until Jira's next word; it never
 * spends what another has.
 */
export class Purse implements Budget {
  readonly #needs: PurseNeeds;
  readonly #pools = new Map<string, Pool>();
  /** Tenants that turned out to have a pool of their own, and its points. */
  readonly #learnt = new Map<string, number>();

  constructor(needs: PurseNeeds) {
    this.#needs = needs;
  }

  async spend(ask: SpendAsk): Promise<void> {
    const pool = this.#poolOf(ask.tenant);
    if (this.#take(pool, ask)) return;
    const turn = pool.turn.then(async () => {
      // The one before in the queue may have brought enough for both, or been told to wait for both.
      if (!this.#take(pool, ask)) await this.#lease(pool, ask);
    });
    pool.turn = turn.catch(() => undefined);
    await turn;
  }

  async pause(tenant: TenantId, scope: 'app' | 'tenant', until: number): Promise<void> {
    const name = scope === 'tenant' ? tenant : this.#poolOf(tenant).name;
    const pool = this.#named(name);
    if (pool.pausedUntil >= until) return;
    pool.pausedUntil = until;
    await this.#change(pool, (hour) => withPause(hour, until));
  }

  correct(ask: SpendAsk, points: number): void {
    const held = this.#poolOf(ask.tenant).held.get(keyOf(ask));
    if (held !== undefined) held.spent += points;
  }

  hear(tenant: TenantId, { isOwn, ...word }: PoolWord & { readonly isOwn?: true }): void {
    // Atlassian gives a tenant a pool of its own without asking us: from its first answer on it is counted apart.
    if (isOwn === true && this.#poolOf(tenant).name !== tenant) remember(this.#learnt, tenant, word.limit);
    const pool = this.#poolOf(tenant);
    if (pool.word === undefined || word.at >= pool.word.at) pool.word = word;
  }

  async hearNear(tenant: TenantId, at: number): Promise<void> {
    const pool = this.#poolOf(tenant);
    // Told once in a while: the headers come with every answer.
    if (at < pool.nearAt + NEAR_MS) return;
    pool.nearAt = at;
    await this.#change(pool, (hour) => withNear(hour, at));
  }

  async view(tenant: TenantId): Promise<PoolView & { readonly scope: 'app' | 'tenant' }> {
    const pool = this.#poolOf(tenant);
    const now = this.#needs.clock.now();
    const stored = await this.#needs.store.read('budget', { hour: recordOf(pool.name, now) });
    const report = { ...NOTHING_TOLD, word: wordOf(pool, now) };
    const view = viewOf(settleReport(stored?.row ?? freshHour(pool.points, now), report, now), now);
    return { ...view, scope: pool.name === tenant ? 'tenant' : 'app' };
  }

  /** From the slice that this process has, if it suffices. @throws Fault `jira-rate-limited` when it is known that none will be given */
  #take(pool: Pool, ask: SpendAsk): boolean {
    const now = this.#needs.clock.now();
    const key = keyOf(ask);
    const until = Math.max(pool.pausedUntil, this.#ownPause(ask.tenant), pool.waits.get(key) ?? 0);
    if (until > now) throw waiting(until - now, pool.pausedUntil > now ? 'paused' : 'points');
    const held = pool.held.get(key);
    if (held === undefined) return false;
    const isGood = held.hour === hourOf(now) && held.until > now && held.points - held.spent >= ask.points;
    if (isGood) held.spent += ask.points;
    return isGood;
  }

  /** A tenant of the shared pool may be paused alone. */
  #ownPause(tenant: TenantId): number {
    return this.#pools.get(tenant)?.pausedUntil ?? 0;
  }

  async #lease(pool: Pool, ask: SpendAsk): Promise<void> {
    const { clock, ids } = this.#needs;
    const key = keyOf(ask);
    const before = pool.held.get(key);
    if (before !== undefined) pool.old.push(before);
    pool.held.delete(key);
    const id = ids.next();
    const sliceAsk: SliceAsk = { ...ask, wants: nextWants(before, clock.now()) };
    let waitMs = 0;
    let why = '';
    let taken: Held | undefined;
    await this.#change(pool, (hour, now) => {
      const grant = grantSlice(hour, sliceAsk, now);
      taken = undefined;
      if (grant.kind === 'wait') {
        [waitMs, why] = [grant.waitMs, grant.why];
        return withWait(hour, ask, grant, now);
      }
      const { points, until } = grant;
      taken = { id, hour: hourOf(now), until, points, takenAt: now, spent: ask.points, told: 0 };
      return withSlice(hour, id, sliceAsk, grant);
    });
    if (taken === undefined) {
      remember(pool.waits, key, clock.now() + waitMs);
      throw waiting(waitMs, why);
    }
    pool.waits.delete(key);
    pool.held.set(key, taken);
  }

  /** Reads the hour, tells what this process knows, changes it, and writes it if it is still the same. @throws Fault `store-changed` */
  async #change(pool: Pool, change: (hour: PoolHour, now: number) => PoolHour): Promise<void> {
    const { store, clock } = this.#needs;
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      const now = clock.now();
      const place = { hour: recordOf(pool.name, now) };
      const stored = await store.read('budget', place);
      const telling = tellingOf(pool, hourOf(now));
      const before = stored?.row ?? freshHour(pool.points, now);
      const settled = settleReport(before, { ...telling.report, word: wordOf(pool, now) }, now);
      if (await this.#write(place, stored, change(settled, now))) {
        told(pool, telling);
        return;
      }
      await clock.sleep(RETRY_MS * attempt);
    }
    throw new Fault('store-changed', { what: 'budget' });
  }

  async #write(
    place: { readonly hour: string },
    stored: Stored<'budget'> | undefined,
    row: PoolHour,
  ): Promise<boolean> {
    const { store } = this.#needs;
    try {
      if (stored === undefined) await store.create('budget', place, row);
      else await store.replace('budget', place, row, stored.version);
      return true;
    } catch (thrown) {
      if (thrown instanceof Fault && (thrown.code === 'store-changed' || thrown.code === 'store-exists')) return false;
      throw thrown;
    }
  }

  #poolOf(tenant: TenantId): Pool {
    const isOwn = this.#needs.tenantPoints?.[tenant] !== undefined || this.#learnt.has(tenant);
    return this.#named(isOwn ? tenant : 'app');
  }

  #named(name: string): Pool {
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const own = this.#needs.tenantPoints?.[name] ?? this.#learnt.get(name);
    const points = own ?? this.#needs.appPoints ?? APP_POINTS;
    const pool: Pool = {
      ...{ name, points, turn: Promise.resolve(), held: new Map(), old: [], waits: new Map() },
      ...{ word: undefined, pausedUntil: 0, nearAt: Number.NEGATIVE_INFINITY },
    };
    this.#pools.set(name, pool);
    return pool;
  }
}

/** Jira's last word to this process, if it is of this hour. */
function wordOf({ word }: Pool, now: number): PoolWord | undefined {
  return word !== undefined && hourOf(word.at) === hourOf(now) ? word : undefined;
}

const NOTHING_TOLD = { spent: {}, ended: [] };

function keyOf({ tenant, priority }: { readonly tenant: TenantId; readonly priority: Priority }): string {
  return `${tenant} ${priority}`;
}

function recordOf(pool: string, now: number): string {
  return `${pool}-${hourOf(now)}`;
}

function waiting(waitMs: number, reason: string): Fault {
  return new Fault('jira-rate-limited', { retryAfterMs: Math.max(1, Math.ceil(waitMs)), reason });
}

/** What is about to be told, so that it can be crossed off when the telling has succeeded. */
interface Telling {
  readonly report: { readonly spent: Readonly<Record<string, number>>; readonly ended: readonly string[] };
  readonly amounts: ReadonlyMap<Held, number>;
}

/** Of the hour's slices only: an earlier hour's book is closed. */
function tellingOf(pool: Pool, hour: number): Telling {
  const all = [...pool.held.values(), ...pool.old].filter((held) => held.hour === hour);
  return {
    report: {
      spent: Object.fromEntries(all.map((held) => [held.id, held.spent - held.told])),
      ended: pool.old.map(({ id }) => id),
    },
    amounts: new Map(all.map((held) => [held, held.spent])),
  };
}

function told(pool: Pool, { amounts, report }: Telling): void {
  for (const [held, spent] of amounts) held.told = spent;
  const ended = new Set(report.ended);
  const open = pool.old.filter(({ id }) => !ended.has(id));
  pool.old.splice(0, pool.old.length, ...open);
}

function remember(waits: Map<string, number>, key: string, until: number): void {
  waits.delete(key);
  waits.set(key, until);
  const eldest = waits.keys().next().value;
  if (waits.size > MAX_REMEMBERED && eldest !== undefined) waits.delete(eldest);
}
