/** Virtual time: many workers in one process, and an hour that takes seconds. */
import type { Clock } from '../../shared/ports.ts';

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly ring: () => void;
}

/**
 * A clock that jumps to the next timer whenever nobody has anything to do at this instant. Calls that leave the process (the sockets of
 * the stand-in) are announced with {@link VirtualClock.outside}: time stands still until they are back.
 */
export class VirtualClock implements Clock {
  #at: number;
  #number = 0;
  #outside = 0;
  /** A heap by time, then by age. */
  readonly #timers: Timer[] = [];

  constructor(startAt: number) {
    this.#at = startAt;
  }

  now(): number {
    return this.#at;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) =>
      this.#push({ at: this.#at + Math.max(0, ms), number: (this.#number += 1), ring: resolve }),
    );
  }

  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#outside += 1;
    try {
      return await work();
    } finally {
      this.#outside -= 1;
    }
  }

  /** Lets time pass until the work is done. @throws when nobody will ever wake again, or after `limitMs` of virtual time */
  async run<T>(work: Promise<T>, limitMs: number): Promise<T> {
    const endsAt = this.#at + limitMs;
    const state = { isOver: false };
    const watched = work.finally(() => {
      state.isOver = true;
    });
    watched.catch(() => undefined);
    for (;;) {
      await this.#quiet();
      if (state.isOver) return watched;
      const timer = this.#pop();
      if (timer === undefined) throw new Error('everybody waits for ever');
      if (timer.at > endsAt) throw new Error('the virtual time is over');
      this.#at = Math.max(this.#at, timer.at);
      timer.ring();
    }
  }

  /** Until every promise that can go on has gone on. */
  async #quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#outside > 0);
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const [one, other] = [heap[index], heap[parent]];
      if (one === undefined || other === undefined || !isBefore(one, other)) return;
      [heap[index], heap[parent]] = [other, one];
      index = parent;
    }
  }

  #pop(): Timer | undefined {
    const heap = this.#timers;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let index = 0; ; ) {
      const children = [2 * index + 1, 2 * index + 2].filter((child) => child < heap.length);
      const [least] = children.sort((one, other) => (isBefore(heap[one] ?? last, heap[other] ?? last) ? -1 : 1));
      const [here, there] = [heap[index], least === undefined ? undefined : heap[least]];
      if (least === undefined || here === undefined || there === undefined || !isBefore(there, here)) return first;
      [heap[index], heap[least]] = [there, here];
      index = least;
    }
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.number < other.number);
}
