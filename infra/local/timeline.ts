import type { TimelineEvent } from './page/api.ts';

/** Events kept for a page that opens late; older ones are dropped. */
const KEPT_EVENTS = 2_000;

export type NewEvent = Omit<TimelineEvent, 'number'>;

/** What happened on this computer's stack, in order; ids, codes and milliseconds only. */
export class Timeline {
  readonly #events: TimelineEvent[] = [];
  readonly #listeners = new Set<(event: TimelineEvent) => void>();
  #count = 0;

  add(event: NewEvent): void {
    this.#count += 1;
    const numbered = { number: this.#count, ...event };
    this.#events.push(numbered);
    if (this.#events.length > KEPT_EVENTS) this.#events.shift();
    for (const listener of this.#listeners) listener(numbered);
  }

  /** All kept events, oldest first. */
  all(): readonly TimelineEvent[] {
    return this.#events;
  }

  /** Calls back for each event from now on; the answer ends it. */
  listen(listener: (event: TimelineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
