/**
 * Our own store, put back to an older copy in the middle of the work, and the admin who says afterwards which side counts. The ledger
 * is in no copy. What both sides showed at that moment is kept for the judge.
 */
import { StoreGuard } from '../../functions/sync/storeGuard.ts';
import type { Side } from '../../shared/model/connection.ts';
import { MemoryLog } from '../../shared/memory/log.ts';
import type { MemoryStore } from '../../shared/memory/store.ts';
import { between, chanceOf, pick } from './chance.ts';
import { KEEPS } from './restore.ts';
import type { Keep, RestoreNeeds, Shown } from './restore.ts';

/** How old the copy is when it is put back, in steps of the run: people do a few things meanwhile, or many. */
const AGE_STEPS = [15, 60, 200, 500] as const;
/** How long it takes to put a store back. Longer than a site's index lags, which is all that counts here. */
const IMPORT_MS = 900_000;
/** Steps until the next tick, and until an admin comes to it. */
const TICK_STEPS = { low: 1, high: 90 } as const;
const ANSWER_STEPS = { low: 1, high: 150 } as const;
/** Ticks that an admin waits for; one may go with its process. At peace there is one more. */
const MAX_TICKS = 4;

/** What putting the store back needs of the run. */
export interface StoreRestoreNeeds extends Omit<RestoreNeeds, 'jira' | 'store'> {
  readonly store: MemoryStore;
}

/** One restore of the store in one run. */
export class StoreRestore {
  readonly #needs: StoreRestoreNeeds;
  #isBegun = false;
  #wanted: Keep = 'newest';
  /** What the admin has said; absent until then. */
  keep: Keep | undefined;
  /** The history's number when the store was put back, and when the admin had answered. */
  number = Infinity;
  answered = Infinity;
  /** Words of the pairs that the copy knows with both their issues. */
  readonly known = new Set<string>();
  /** What both sides showed when the store was put back, by the word of the pair. */
  readonly shown = new Map<string, Partial<Record<Side, Shown>>>();
  /** The history's number at which a pair had begun anew, by its word. */
  readonly settled = new Map<string, number>();

  constructor(needs: StoreRestoreNeeds) {
    this.#needs = needs;
  }

  /** Takes the copy now and puts it back some steps later, when the ledger has gone on. One in a run is enough. */
  begin(seed: number): void {
    const { scheduler, store, history, twins, siteOf } = this.#needs;
    if (this.#isBegun) return;
    this.#isBegun = true;
    const chance = chanceOf(seed);
    this.#wanted = pick(chance, KEEPS);
    const back = store.backup();
    scheduler.note('a copy of the store is taken');
    // Only microtasks: both are done before the next step.
    void this.#moveEpoch();
    void twins().then((rows) => {
      for (const { a, b } of rows)
        if (a !== undefined && b !== undefined) this.known.add(history.tokenOf(siteOf('a'), a));
    });
    scheduler.afterSteps(pick(chance, AGE_STEPS), () => this.#putBack(back, chance));
  }

  /** The ticks of two minutes: a copy that is younger cannot be told from the store. @see SPEC.md S116 */
  async #moveEpoch(): Promise<void> {
    const { scheduler, store } = this.#needs;
    const clock = { now: () => scheduler.now, sleep: async () => undefined };
    const guard = new StoreGuard({ store, clock, log: new MemoryLog() });
    await guard.tick();
    await guard.tick();
  }

  #putBack(back: () => void, chance: () => number): void {
    const { scheduler, history, traffic, kinds, siteOf } = this.#needs;
    if (!scheduler.jump(IMPORT_MS)) {
      scheduler.afterSteps(1, () => this.#putBack(back, chance));
      return;
    }
    scheduler.count('store-restored');
    traffic.endAll();
    back();
    history.number += 1;
    this.number = history.number;
    for (const at of ['a', 'b'] as const)
      for (const { issue } of siteOf(at).issues.values()) {
        const token = history.tokenOf(siteOf(at), issue.id);
        const shown = Object.fromEntries(kinds.map((kind) => [kind.name, kind.show(siteOf(at), issue)]));
        this.shown.set(token, { ...this.shown.get(token), [at]: shown });
      }
    this.#planTick(chance, MAX_TICKS);
  }

  #planTick(chance: () => number, left: number): void {
    const { scheduler } = this.#needs;
    if (left === 0) return;
    scheduler.afterSteps(between(chance, TICK_STEPS.low, TICK_STEPS.high), () => void this.#tick());
    scheduler.afterSteps(between(chance, TICK_STEPS.high, TICK_STEPS.high + ANSWER_STEPS.high), () => {
      void this.answer().then((isAnswered) => {
        if (!isAnswered) this.#planTick(chance, left - 1);
      });
    });
  }

  #tick(): Promise<void> {
    const { scheduler, traffic } = this.#needs;
    return traffic.publish('sync-jobs', { kind: 'wake', askedAt: scheduler.now });
  }

  /** True while nobody may write anything to a site. */
  isGuarded(): boolean {
    return this.number !== Infinity && this.keep === undefined;
  }

  /** Whether a deed came before its pair began anew in a store that was put back: when it was made, nothing of it is known. */
  hasForgotten({ token, number }: { readonly token: string; readonly number: number }): boolean {
    return this.number !== Infinity && number <= (this.settled.get(token) ?? Infinity);
  }

  /** Ticks once more for an admin that has not been asked yet; false when that is not so. */
  async ask(): Promise<boolean> {
    if (!this.isGuarded()) return false;
    await this.#tick();
    return true;
  }

  /** The admin looks, and answers when the connection has stopped; says whether that is so or was. */
  async answer(): Promise<boolean> {
    const { scheduler, store, traffic, connection, history } = this.#needs;
    if (!this.isGuarded()) return true;
    const stored = await store.read('connection', { connection });
    if (stored?.row.restored?.side !== 'store' || stored.row.restored.keep !== undefined) return false;
    const keep = this.#wanted;
    [this.keep, this.answered] = [keep, history.number];
    scheduler.note(`admin: the store was restored, ${keep} counts`);
    const row = { ...stored.row, restored: { ...stored.row.restored, keep } };
    await store.replace('connection', { connection }, row, stored.version);
    const ask = { connection, since: stored.row.activatedAt, askedAt: scheduler.now, how: 'full' } as const;
    await traffic.publish('sync-jobs', { kind: 'reconcile', ...ask });
    return true;
  }

  /** Notes which pairs have begun anew by now. */
  async look(): Promise<void> {
    const { store, connection, history, twins, siteOf } = this.#needs;
    if (this.keep === undefined) return;
    if ((await store.read('connection', { connection }))?.row.restored !== undefined) return;
    for (const { a, readAt, lease } of await twins()) {
      const token = a === undefined ? '' : history.tokenOf(siteOf('a'), a);
      if (readAt !== undefined && lease === undefined && !this.settled.has(token))
        this.settled.set(token, history.number);
    }
  }
}
