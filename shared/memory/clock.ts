/** Time and chance that a test or a simulation decides. */
import { createHash } from 'node:crypto';
import type { Clock, Ids } from '../ports.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still until it is moved. `sleeping: 'skips'` (the default) moves it by the time that somebody
 * wants to sleep; `'waits'` keeps sleepers until the clock is moved to their time.
 */
export class MemoryClock implements Clock {
  #now: number;
  readonly #sleeping: 'skips' | 'waits';
  #sleepers: readonly Sleeper[] = [];

  constructor(now: number, sleeping: 'skips' | 'waits' = 'skips') {
    this.#now = now;
    this.#sleeping = sleeping;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    const until = this.#now + Math.max(0, ms);
    if (this.#sleeping === 'skips') this.set(until);
    else if (ms > 0) await new Promise<void>((wake) => (this.#sleepers = [...this.#sleepers, { until, wake }]));
  }

  /** Moves on by `ms` and wakes who has slept long enough. */
  advance(ms: number): void {
    this.set(this.#now + ms);
  }

  /** Moves to an instant, back included. */
  set(now: number): void {
    this.#now = now;
    const woken = this.#sleepers.filter(({ until }) => until <= now);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > now);
    for (const { wake } of woken.toSorted((one, other) => one.until - other.until)) wake();
  }

  /** The instant at which the first sleeper wakes. */
  nextWakeAt(): number | undefined {
    return this.#sleepers.length === 0 ? undefined : Math.min(...this.#sleepers.map(({ until }) => until));
  }
}

const ID_DIGITS = 12;

/** Chance that is the same for the same seed. Not for production: who knows the seed knows all. */
export class MemoryIds implements Ids {
  readonly #seed: string;
  #count = 0;

  constructor(seed: string | number = 0) {
    this.#seed = String(seed);
  }

  next(): string {
    const count = (this.#count += 1);
    return `${count.toString(16).padStart(ID_DIGITS, '0')}-${this.#block(count).toString('hex').slice(0, 20)}`;
  }

  bytes(length: number): Uint8Array {
    const blocks: Buffer[] = [];
    for (let have = 0; have < length; have += 32) blocks.push(this.#block((this.#count += 1)));
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  }

  #block(count: number): Buffer {
    return createHash('sha256').update(`${this.#seed}/${count}`).digest();
  }
}
