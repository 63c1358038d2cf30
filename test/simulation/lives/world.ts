/**
 * Some sites and the house through a year of their lives. Time leaps from one instant at which something can happen to the next; in
 * between, hourly ticks would find nothing to do. @see THREATS.md T15–T20, T23–T28, G7, G16
 */
import { restoreSet, wholeSets } from '../../../infra/cli/restoreSet.ts';
import { MemoryStore } from '../../../shared/memory/store.ts';
import { connectionId, ownerOf } from '../../../shared/model/ids.ts';
import type { ConnectionId, Owner } from '../../../shared/model/ids.ts';
import type { Message } from '../../../shared/model/message.ts';
import type { Verdict } from '../../../shared/verdict.ts';
import { fillEverything } from '../../kit/records.ts';
import { between, chanceOf, mix, pick } from '../chance.ts';
import type { Chance } from '../chance.ts';
import { answerOn, closeTickets, fillBeside, fillPeople, fillReport, isForLife, RECORDS, requestOf } from './beside.ts';
import type { Person, Report } from './beside.ts';
import { DAY, DAY_0, HOUR, House, parts } from './house.ts';
import type { Part, Passage } from './house.ts';
import { judge } from './judge.ts';
import { act, come, refIn } from './people.ts';
import { Life, Site } from './site.ts';
import { wantedAt } from './wanted.ts';

/** What is asked of one world. */
export interface WorldAsk {
  readonly seed: number;
  readonly tenants: number;
  readonly days: number;
  /** How many days are between runs of restores from backups; absent: there are none. */
  readonly restoreDays?: number;
}

/** Faults of the bus and of processes in a row; more is an outage, and counts as one. */
const MAX_MISHAPS = 3;
/** Sweeps find nothing to do for days; so many pass at most without one. */
const QUIET_DAYS = 5;
/** The bus keeps a message for 31 days at most. */
const MAX_LATE_HOURS = 31 * 24;
const OUTAGE_TICK_MS = 16 * HOUR;
const BACKUP_DAYS = 40;

interface Outage {
  readonly part: Part;
  readonly from: number;
  readonly to: number;
}

/** Something that has to be told until then. */
export interface Expected {
  readonly life: Life;
  readonly since: number;
  readonly at: number;
}

export class World {
  readonly chance: Chance;
  readonly house: House;
  readonly sites: readonly Site[];
  readonly lives = new Map<Owner, Life>();
  readonly faults: Record<string, number> = {};
  readonly violations: { readonly kind: string; readonly what: string }[] = [];
  readonly story: string[] = [];
  /** By name of a set, when it began and the lives that it may hold. */
  readonly sets = new Map<string, { readonly beganAt: number; readonly owners: Set<Owner> }>();
  readonly expected: Expected[] = [];
  /** Entries and receipts that the judge has looked at. */
  readonly seen = new Set<string>();
  readonly receipts = new Map<string, number>();
  readonly connections = new Map<string, { readonly lives: readonly [Life, Life]; readonly records: Set<string> }>();
  restoredAt = -Infinity;
  /** Those whose accounts are closed one day, and reports by their ids. */
  readonly people: Person[] = [];
  readonly reports = new Map<string, Report>();
  lostReports = 0;
  /** Names of sites by how receipts call them. */
  readonly subjects = new Map<string, string>();
  /** All messages that our functions ever got, for those that come a month late. */
  readonly sent: Message[] = [];
  readonly #ask: WorldAsk;
  readonly #outages: Outage[] = [];
  #outage: Outage | undefined;
  #nextOutageAt: number;
  #mishaps: number[] = [];
  #tickAt: number;
  #heartbeatAt: number;
  /** During an outage nothing is tried before this. */
  #wantedFrom = 0;
  #backupAt: number;
  #restoreAt: number;
  #connections = 0;
  readonly #backupDays: number;

  constructor(ask: WorldAsk) {
    this.#ask = ask;
    this.#backupDays = ask.restoreDays === undefined ? BACKUP_DAYS : 6;
    this.chance = chanceOf(mix(ask.seed, 4_711));
    const { chance } = this;
    this.sites = Array.from({ length: ask.tenants }, (_, index) => new Site(`s${ask.seed}-${index}`));
    for (const site of this.sites) site.nextAt = DAY_0 + between(chance, 0, 40 * 24) * HOUR;
    this.house = new House({
      chance,
      site: (tenant) => this.sites.find(({ life }) => life?.ref.tenant === tenant)?.says() ?? 'jira-not-found',
      passage: (message) => this.#passage(message),
      people: (tenant, accounts) => {
        const said = this.sites.find(({ life }) => life?.ref.tenant === tenant)?.says() ?? 'jira-not-found';
        return typeof said === 'string' ? said : answerOn(this, accounts);
      },
      writer: (message) => this.#writer(message),
      kept: (set) => this.#kept(set),
    });
    this.#nextOutageAt = DAY_0 + between(chance, 1, 60 * 24) * HOUR;
    this.#tickAt = DAY_0;
    this.#heartbeatAt = DAY_0;
    this.#backupAt = DAY_0 + between(chance, 0, BACKUP_DAYS * 24) * HOUR;
    this.#restoreAt = ask.restoreDays === undefined ? Infinity : DAY_0 + between(chance, 20, 60) * DAY;
  }

  get now(): number {
    return this.house.now;
  }

  /** Runs all days, and judges after every step of time, before anything is done about what has become due. */
  async run(): Promise<this> {
    const endAt = DAY_0 + this.#ask.days * DAY;
    const isGood = (): boolean => this.violations.length === 0;
    for (let steps = 0; this.now < endAt && isGood(); steps += 1) {
      if (steps > MAX_STEPS) throw new Error('time stands still');
      const next = Math.min(
        ...this.sites.map(({ nextAt }) => nextAt),
        ...[this.#outage?.to ?? Infinity, this.#outage === undefined ? this.#nextOutageAt : Infinity],
        ...[this.#tickAt, this.#restoreAt, endAt],
      );
      this.house.now = Math.max(this.now, next);
      await judge(this);
      if (!isGood()) break;
      await this.#step();
      if (isGood()) await judge(this);
      this.#plan();
    }
    return this;
  }

  async #step(): Promise<void> {
    this.#changeOutage();
    closeTickets(this);
    if (this.now >= this.#restoreAt) await this.#restore();
    for (const site of this.sites) {
      if (site.nextAt > this.now) continue;
      site.nextAt = Infinity;
      await act(this, site);
      if (site.nextAt === Infinity) site.nextAt = this.now + DAY;
    }
    if (this.now >= this.#tickAt && !this.house.away.has('scheduler')) await this.#tick();
  }

  async #tick(): Promise<void> {
    const { house } = this;
    this.#perhapsStop();
    if (this.now >= this.#backupAt) {
      const isMade = (await house.attempt(() => house.handle({ kind: 'backup', askedAt: this.now }))) === undefined;
      this.#backupAt = this.now + (isMade ? between(this.chance, 20, this.#backupDays * 24) * HOUR : HOUR);
    }
    // Hourly ticks of a long outage fail all the same.
    const again = this.#outage === undefined ? HOUR : OUTAGE_TICK_MS;
    const swept = await house.attempt(() => house.handle({ kind: 'sweep', askedAt: this.now }));
    if (swept === 'stopped') this.#mishap('crash');
    const reported = await house.attempt(() => house.handle({ kind: 'report-people', askedAt: this.now }));
    const isClean = (await house.drain(again / 2)) && swept === undefined && reported === undefined;
    house.stop = undefined;
    this.#heartbeatAt = this.now + (isClean ? between(this.chance, 1, QUIET_DAYS * 24) * HOUR : again);
    this.#wantedFrom = isClean ? this.now : this.#heartbeatAt;
  }

  /** The next whole hour at which a tick has something to do. */
  #plan(): void {
    const wanted = Math.max(wantedAt(this), this.#outage === undefined ? 0 : this.#wantedFrom);
    const at = Math.min(this.#heartbeatAt, wanted, ...this.house.queue.map(({ at: due }) => due));
    const next = Math.max(this.now + 1, Math.min(at, this.#heartbeatAt));
    this.#tickAt = Math.ceil(next / HOUR) * HOUR;
    // A purge that begins takes a set with it half of the time: the worst case of the second receipt.
    if (this.chance() < 0.01) this.#backupAt = Math.min(this.#backupAt, this.#tickAt);
  }

  /** The next tick of the hour looks again. */
  look(): void {
    this.#heartbeatAt = Math.min(this.#heartbeatAt, this.now + HOUR);
  }

  count(fault: string): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
    if (this.story.length < MAX_STORY) this.story.push(`day ${((this.now - DAY_0) / DAY).toFixed(2)} ${fault}`);
  }

  tell(what: string): void {
    if (this.story.length < MAX_STORY) this.story.push(`day ${((this.now - DAY_0) / DAY).toFixed(2)} ${what}`);
  }

  violate(kind: string, what: string): void {
    this.violations.push({ kind, what });
    this.tell(`→ ${kind} ${what}`);
  }

  // ── What goes wrong ─────────────────────────────────────────────────────────────────────────────────────────

  #changeOutage(): void {
    const { house, chance } = this;
    if (this.#outage !== undefined && this.now >= this.#outage.to) {
      house.away.clear();
      this.#outage = undefined;
      this.#nextOutageAt = this.now + between(chance, 24, 80 * 24) * HOUR;
      this.look();
    }
    if (this.#outage !== undefined || this.now < this.#nextOutageAt) return;
    const part = pick(chance, parts);
    const hours = Math.floor(240 ** chance());
    this.#outage = { part, from: this.now, to: this.now + hours * HOUR };
    this.#outages.push(this.#outage);
    house.away.add(part);
    this.count(`no-${part}`);
    this.tell(`  for ${hours} h`);
  }

  #passage(message: Message): Passage {
    this.sent.push(message);
    const dice = this.chance();
    if (dice > 0.12 || !this.#mayFail()) return 'delivered';
    const what = dice < 0.03 ? 'lost' : dice < 0.06 ? 'late' : 'twice';
    this.#mishap(`message-${what}`);
    if (what === 'lost') return what;
    const lateMs = between(this.chance, 1, MAX_LATE_HOURS) * HOUR;
    // The second of two may come a month later: whatever has become of that life meanwhile.
    return { lateMs: what === 'late' ? [lateMs] : [0, this.chance() < 0.5 ? 0 : lateMs] };
  }

  /** An admin's request that has read the fence before the purge gets on, and is written after it. */
  #writer(message: Message): (() => Promise<unknown>) | undefined {
    if (message.kind !== 'purge-tenant' || this.chance() > 0.4) return undefined;
    const life = this.lives.get(ownerOf(message.tenant, message.generation));
    if (life === undefined) return undefined;
    this.count('writer');
    return async () => {
      await requestOf(this, life);
      this.house.store.each('(default)', (path, row) => {
        if (path === `purges/${life.owner}` && (row as { stage: string }).stage !== 'done')
          this.violate('written-past-the-fence', life.owner);
      });
    };
  }

  #perhapsStop(): void {
    if (this.chance() > 0.04 || !this.#mayFail()) return;
    this.house.stop = { calls: between(this.chance, 0, 120), when: this.chance() < 0.5 ? 'before' : 'after' };
  }

  #mayFail(): boolean {
    this.#mishaps = this.#mishaps.filter((at) => at > this.now - 12 * HOUR);
    return this.#mishaps.length < MAX_MISHAPS;
  }

  #mishap(what: string): void {
    this.#mishaps.push(this.now);
    this.count(what);
  }

  /** What nobody can do anything about in this time is no fault of ours. */
  excuse(from: number, to: number): void {
    this.#outages.push({ part: 'scheduler', from, to });
  }

  /** How much of a time something was away. */
  downtime(from: number, to: number): number {
    return this.#outages.reduce((all, one) => all + Math.max(0, Math.min(to, one.to) - Math.max(from, one.from)), 0);
  }

  // ── Lives and their data ────────────────────────────────────────────────────────────────────────────────────

  lifeOf(ended: Verdict): Life {
    const { ref, owner } = refIn(ended);
    const have = this.lives.get(owner);
    if (have !== undefined) {
      if (have.claimedAt !== undefined) this.violate('generation-reused', owner);
      return have;
    }
    const life = new Life(ref);
    this.lives.set(owner, life);
    this.tell(`${owner} begins`);
    return life;
  }

  /** Fills the stores as work would: with a neighbour, if there is one. */
  async settleIn(life: Life): Promise<void> {
    // Nobody connects with a site that has paid again and of which we do not know it yet.
    const others = this.sites
      .map((site) => site.life)
      .filter((one) => one !== undefined && one !== life && one.isLive && this.stateOf(one) === 'active');
    if (others.length === 0) return;
    const other = pick(this.chance, others);
    if (other === undefined) return;
    const id = connectionId(`c-${String((this.#connections += 1)).padStart(8, '0')}`);
    const before = new Set<string>();
    this.house.store.each('(default)', (path) => void before.add(path));
    const tenants = [life, other].map(({ ref }) => ({ ref, clientKey: '' }));
    await this.calmly(() => fillEverything(this.house.ports, tenants, [{ id, a: life.ref, b: other.ref }], RECORDS));
    await this.calmly(() => this.#settleBeside(life, other, id));
    const records = new Set<string>();
    this.house.store.each('(default)', (path, row) => {
      if (before.has(path) || !isForLife(path)) return;
      const { owners } = row as { owners: readonly Owner[] };
      if (owners.length === 2) records.add(path);
      else for (const one of [life, other]) if (owners.includes(one.owner)) one.records.add(path);
    });
    this.connections.set(id, { lives: [life, other], records });
  }

  /** What only some lives have: a world of them costs more than all the rest. */
  async #settleBeside(life: Life, other: Life, id: ConnectionId): Promise<void> {
    const { chance } = this;
    if (chance() < 0.25) await fillBeside(this, life, other, id);
    if (chance() < 0.2) await fillPeople(this, life);
    if (chance() < 0.25) await fillReport(this, life);
  }

  /** Work of the world itself, which nothing fails. */
  async calmly(work: () => Promise<unknown>): Promise<void> {
    const { away } = this.house;
    const were = [...away];
    away.clear();
    await work();
    for (const part of were) away.add(part);
  }

  #kept(set: string): void {
    const known = this.sets.get(set) ?? { beganAt: this.now, owners: new Set() };
    this.sets.set(set, known);
    this.house.store.each('(default)', (_path, row) => {
      // What a restore brings back of a life whose keys are destroyed cannot be sealed, and is left out.
      for (const owner of (row as { owners?: readonly Owner[] }).owners ?? [])
        if (this.lives.get(owner)?.purgedAt === undefined) known.owners.add(owner);
    });
  }

  /** A customer that rested is caught up: somebody has to hear of it. */
  expectReturn(life: Life): void {
    this.house.store.each('(default)', (path, row) => {
      if (path !== `tenants/${life.ref.tenant}`) return;
      const { state, generation, markedAt } = row as { state: string; generation: number; markedAt?: number };
      if (state !== 'marked' || generation !== life.ref.generation || markedAt === undefined) return;
      this.unexpect(life);
      this.expected.push({ life, since: markedAt, at: this.now });
    });
  }

  /** How its record calls a life. */
  stateOf({ ref, owner }: Life): string | undefined {
    let state: string | undefined;
    this.house.store.each('(default)', (path, row) => {
      const stored = row as { readonly state: string; readonly owners: readonly Owner[] };
      if (path === `tenants/${ref.tenant}` && stored.owners.includes(owner)) ({ state } = stored);
    });
    return state;
  }

  /** The day of a life, as its record has it. */
  dueAtOf({ ref }: Life): number | undefined {
    let dueAt: number | undefined;
    this.house.store.each('(default)', (path, row) => {
      if (path === `tenants/${ref.tenant}`) dueAt = (row as { dueAt?: number }).dueAt;
    });
    return dueAt;
  }

  unexpect(life: Life): void {
    const index = this.expected.findIndex((one) => one.life === life);
    if (index >= 0) this.expected.splice(index, 1);
  }

  // ── Restores ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Brings one of the backups back into an empty database, as the command does, and lets that take the main one's place. */
  async #restore(): Promise<void> {
    const { chance, house } = this;
    const days = this.#ask.restoreDays ?? 0;
    // In runs, one right after the other, and then long enough apart that every bound counts again.
    this.#restoreAt = this.now + between(chance, 1, chance() < 0.9 ? 24 : days * 48) * HOUR;
    await this.calmly(async () => {
      const sets = await wholeSets(house.store);
      if (sets.length === 0) return;
      const set = chance() < 0.6 ? (sets[0] ?? pick(chance, sets)) : pick(chance, sets);
      const target = new MemoryStore();
      const report = await restoreSet({ ...house.ports, ...house.restoring, target }, set);
      if (report.foundByOwner + report.foundByPath > 0 || report.dropped.odd !== undefined)
        this.violate('restored-purged', JSON.stringify(report));
      this.count('restore');
      this.tell(`  of ${(report.lostMs / DAY).toFixed(2)} days ago`);
      await house.switchTo(target);
      this.restoredAt = this.now;
      this.#afterRestore(this.now - report.lostMs);
    });
    this.look();
  }

  /** What was written since the copy is lost, and who came since has to install again. */
  #afterRestore(since: number): void {
    const there = new Set<string>();
    const tenants = new Map<string, string>();
    this.house.store.each('(default)', (path, row) => {
      there.add(path);
      const { generation, state } = row as { generation?: number; state?: string };
      if (/^tenants\/[^/]+$/.test(path) && generation !== undefined) tenants.set(path, `${generation} ${state ?? ''}`);
    });
    for (const { records } of [...this.lives.values(), ...this.connections.values()])
      for (const path of records) if (!there.has(path)) records.delete(path);
    // A report that came after the copy is lost, and nobody knows of its ticket any more: support has to look for it.
    const known = [...there].flatMap((path) => /(?:^tickets|\/reports)\/([^/]+)$/.exec(path)?.[1] ?? []);
    for (const report of this.reports.keys())
      if (!known.includes(report)) {
        this.reports.delete(report);
        this.lostReports += 1;
      }
    for (const site of this.sites) {
      const { life } = site;
      if (life === undefined || life.purgedAt !== undefined) continue;
      const [generation, state] = (tenants.get(`tenants/${life.ref.tenant}`) ?? '').split(' ');
      const isThere = generation === String(life.ref.generation);
      if (!isThere && site.isInstalled) {
        // As the restore's report asks for it.
        site.again = () => come(this, site);
        site.nextAt = Math.min(site.nextAt, this.now + between(this.chance, 1, 20) * HOUR);
      }
      life.isLost = !isThere;
      life.lostAt = isThere ? undefined : (life.lostAt ?? this.now);
      this.unexpect(life);
      // Whoever is there is caught up since the backup.
      if (life.isLive && state === 'active') this.expected.push({ life, since, at: this.now });
    }
  }
}

const MAX_STEPS = 1_000_000;
const MAX_STORY = 2_000;
