/**
 * A site that uninstalls while people go on, and what follows: it comes back within days, or when the copies of its issues are gone, or
 * its data are deleted by the real sweep and the real purge, and it comes as another life. Time leaps between these; people's deeds and
 * faults are in between, as far as steps are left to them.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import type { Side } from '../../shared/model/connection.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Signer } from '../../shared/ports.ts';
import type { MemoryStore } from '../../shared/memory/store.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { between, chanceOf, mix, pick } from './chance.ts';
import type { Chance } from './chance.ts';
import type { Traffic } from './posts.ts';
import type { Scheduler } from './scheduler.ts';
import type { endings } from './script.ts';

export type Ending = (typeof endings)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Days after which copies go, and after which a purge begins, a little later than on the hour. @see shared/retention/clocks.ts */
const COPIES_GONE_MS = 30 * DAY_MS + HOUR_MS;
const PURGE_MS = 119.6 * DAY_MS;
/** The latest day of a return that finds its pairs. */
const LAST_RETURN_DAYS = 118;
/** A purge waits for its fence between its steps: ticks that are a little farther apart bring it on. */
const TICK_MS = 100_000;
/** Ticks that a purge may need, with faults around it; more is a purge that does not end. */
const MAX_TICKS = 12;
const MAX_TICKS_IN_PEACE = 12;
/** Steps of the run between two happenings. */
const STEPS = [5, 40, 150] as const;
/** A site comes back while its purge goes on, by tick. */
const BACK_EARLY = 0.15;
/** Old messages that come again at once. */
const AGAIN = 3;
const AGAIN_AT_REST = 25;
/** The longest stall, and a lease: later no worker of before is at work. */
const LATEST_WORKER_MS = 170_000;

const pair = generateKeyPairSync('ed25519');

/** Signs receipts; nothing here is about keys of receipts. */
export const receiptSigner: Signer = {
  keyId: 'simulation',
  sign: (text) => Promise.resolve(sign(null, Buffer.from(text), pair.privateKey).toString('base64')),
  publicKey: () => Promise.resolve(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
};

/** What an absence needs of the run. */
export interface AbsenceNeeds {
  readonly scheduler: Scheduler;
  readonly store: MemoryStore;
  readonly traffic: Traffic;
  readonly isHere: (side: Side) => boolean;
  readonly tenants: () => Readonly<Record<Side, TenantRef>>;
  readonly twins: () => Promise<readonly RecordOf<'twin'>[]>;
  readonly leave: (side: Side) => Promise<void>;
  readonly comeBack: (side: Side, isOther: boolean) => void;
}

/** One absence of one run. */
export class Absence {
  readonly #needs: AbsenceNeeds;
  #seed = 0;
  #leftAt = 0;
  /** The site's call has been answered. */
  #hasLeft = false;
  #isBack = false;
  #peaceTicks = 0;
  kind: Ending | undefined;
  side: Side = 'a';
  /** The life that has left. */
  life: TenantRef | undefined;
  /** Pairs with a worker that was at work when time leapt: what it tells then is what a site had answered before. */
  readonly #leaptOver = new Set<string>();
  /** Codes of errors that pairs showed for nothing but the absence. */
  readonly rude: string[] = [];

  constructor(needs: AbsenceNeeds) {
    this.#needs = needs;
  }

  /** A site leaves now. One in a run is enough. */
  begin(kind: Ending, side: Side, seed: number): void {
    const { scheduler, isHere, leave, tenants } = this.#needs;
    if (this.kind !== undefined || !isHere(side)) return;
    [this.kind, this.side, this.#seed, this.#leftAt, this.life] = [kind, side, seed, scheduler.now, tenants()[side]];
    scheduler.count(kind);
    void leave(side).then(() => {
      this.#hasLeft = true;
    });
    const chance = chanceOf(seed + 1);
    this.#after(chance, () => this.#stayAway(chance));
  }

  /** True when a life has ended in a purge, or shall. */
  isOver(): boolean {
    return this.kind === 'site-purged';
  }

  #after(chance: Chance, run: () => void): void {
    this.#needs.scheduler.afterSteps(between(chance, 1, pick(chance, STEPS)), run);
  }

  #stayAway(chance: Chance): void {
    const back = (): void => this.#after(chance, () => void this.#return());
    switch (this.kind) {
      case 'site-back':
        this.#leapTo(between(chance, 1, 29 * 24) * HOUR_MS, () => {
          this.#sweep();
          back();
        });
        return;
      case 'site-back-late':
        this.#leapTo(COPIES_GONE_MS, () => {
          this.#sweep();
          this.#after(chance, () =>
            this.#leapTo(between(chance, 31, LAST_RETURN_DAYS) * DAY_MS, () => {
              this.#sweep();
              back();
            }),
          );
        });
        return;
      case 'site-purged':
        this.#leapTo(PURGE_MS, () => {
          this.#sweep();
          this.#after(chance, () => void this.#purge(chance, MAX_TICKS));
        });
        return;
      case undefined:
    }
  }

  /** Lets time leap to an instant after the leave, as soon as no call is on its way. */
  #leapTo(ms: number, then: () => void): void {
    const { scheduler, twins } = this.#needs;
    if (this.#hasLeft && scheduler.jump(Math.max(0, this.#leftAt + ms - scheduler.now))) {
      // Only microtasks: it is done before the next step.
      void twins().then((rows) => {
        for (const { twin, lease } of rows) if (lease !== undefined) this.#leaptOver.add(twin);
      });
      then();
    } else scheduler.afterSteps(1, () => this.#leapTo(ms, then));
  }

  #sweep(): void {
    const { scheduler, traffic } = this.#needs;
    void traffic.publish('purge-jobs', { kind: 'sweep', askedAt: scheduler.now });
  }

  /** Ticks until the purge is over; the site may come back in between. */
  async #purge(chance: Chance, left: number): Promise<void> {
    const { scheduler } = this.#needs;
    const stage = await this.stage();
    if (stage !== 'marked' && (stage === 'purged' || chance() < BACK_EARLY)) await this.#return();
    if (chance() < 0.5) this.#again(chance, AGAIN);
    if (stage === 'purged' || left === 0) return;
    this.#leapTo(scheduler.now + TICK_MS - this.#leftAt, () => {
      this.#sweep();
      scheduler.afterSteps(between(chance, 20, 120), () => void this.#purge(chance, left - 1));
    });
  }

  /** How far the life that has left has come, as the ledger tells. */
  async stage(): Promise<'marked' | 'purging' | 'purged'> {
    const { items } = await this.#needs.store.scan('ledger', { limit: 500 });
    const kinds = items
      .filter(({ row }) => row.tenant === this.life?.tenant && row.generation === this.life.generation)
      .map(({ row }) => row.kind);
    return kinds.includes('purged') ? 'purged' : kinds.includes('purging') ? 'purging' : 'marked';
  }

  async #return(): Promise<void> {
    const { comeBack, twins, scheduler, store, traffic } = this.#needs;
    if (this.#isBack) return;
    this.#isBack = true;
    for (const { twin, error } of await twins())
      if (error !== undefined && error.at > this.#leftAt + LATEST_WORKER_MS && !this.#leaptOver.has(twin))
        this.rude.push(error.code);
    const connections = (await store.scan('connection', { limit: 10 })).items;
    if (!traffic.isUnderWay('tenant-change') && connections.some(({ row }) => row.state === 'active'))
      this.rude.push('connection-active');
    scheduler.note(`${this.side} comes back`);
    comeBack(this.side, this.isOver());
  }

  /** In peace: what the purge still needs. False when nothing is left to do. */
  async goOn(): Promise<boolean> {
    if (!this.isOver()) return false;
    const stage = await this.stage();
    if (stage === 'purged' && this.#isBack) return false;
    if (stage === 'purged') {
      await this.#return();
      return true;
    }
    this.#peaceTicks += 1;
    this.#needs.scheduler.now += TICK_MS;
    this.#sweep();
    return this.#peaceTicks <= MAX_TICKS_IN_PEACE;
  }

  /** Brings messages of all times again, as a queue does that has kept them for a month. */
  bringAgain(): void {
    this.#again(chanceOf(mix(this.#seed, 3)), AGAIN_AT_REST);
  }

  #again(chance: Chance, count: number): void {
    const { traffic } = this.#needs;
    // What a tick does is done by every tick.
    const old = traffic.published.filter(({ text }) => !/^\{"kind":"(?:sweep|wake|probe-tenant)"/.test(text));
    for (let number = 0; number < count && old.length > 0; number += 1) traffic.again(pick(chance, old));
  }

  /** Everything that is stored, but for what is written with the time. */
  picture(): ReadonlyMap<string, string> {
    const all = (['(default)', 'vault', 'identity', 'ledger'] as const).flatMap((database) => [
      ...this.#needs.store.everything(database),
    ]);
    return new Map(
      all
        .filter(([path]) => !/^(?:budgets|lags|epochs|storeEpochs?)\//.test(path))
        .map(([path, row]) => [path, JSON.stringify(row)]),
    );
  }
}
