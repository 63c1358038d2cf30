import { lagDay, mergedLags, noLag, withLag } from '../../shared/model/lag.ts';
import type { LagKind, LagSketch } from '../../shared/model/lag.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { Clock, Store, Version } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { REPORT_DAYS } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';
import type { ConnectionRow } from './context.ts';

const DAY_MS = 86_400_000;
/** A quiet connection's figures are written at once, a busy one's once in this time: one record for all workers of a connection. */
const WRITE_EVERY_MS = 10_000;
/** Workers that meet at the record of one connection. */
const MAX_TRIES = 4;
/**
 * What was measured longer ago is not written any more: a process that stood still meanwhile would write figures of a customer who is
 * gone. Longer than from one tick to the next, and shorter than a purge waits before it counts (90 s). @see functions/purge/event.ts
 */
const FRESH_MS = 80_000;
/** Connections that one process counts for at once; beyond that all are written, and forgotten when nothing is left of them. */
const MAX_OPEN = 200;

interface Page {
  readonly connection: ConnectionId;
  readonly owners: ConnectionRow['owners'];
  sketches: Map<LagKind, LagSketch>;
  /** When the first of them was measured. */
  since: number;
  writtenAt: number;
  /** The day's record as this process last wrote it: it is read again only when another one has written meanwhile. */
  stored?: { readonly row: RecordOf<'lag'>; readonly version: Version };
}

/**
 * What this process has measured and not written yet. Figures only: a process that dies loses those of ten seconds at most, and a
 * record that cannot be written never holds up a sync.
 */
export class LagBook {
  readonly #store: Pick<Store, 'read' | 'create' | 'replace'>;
  readonly #clock: Clock;
  readonly #pages = new Map<ConnectionId, Page>();

  constructor(store: Pick<Store, 'read' | 'create' | 'replace'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Counts one change that has arrived. */
  note(connection: ConnectionId, owners: ConnectionRow['owners'], kind: LagKind, lagMs: number): void {
    const since = this.#clock.now();
    const empty: Page = { connection, owners, sketches: new Map(), since, writtenAt: 0 };
    const page = this.#pages.get(connection) ?? empty;
    if (page.sketches.size === 0) page.since = since;
    page.sketches.set(kind, withLag(page.sketches.get(kind) ?? noLag, lagMs));
    this.#pages.delete(connection);
    this.#pages.set(connection, page);
  }

  /** Writes what has waited long enough, or at a tick all that there is. */
  async write(how: 'due' | 'all' = 'due'): Promise<void> {
    const now = this.#clock.now();
    for (const page of [...this.#pages.values()]) {
      const isWanted = how === 'all' || this.#pages.size > MAX_OPEN;
      if (page.sketches.size === 0) {
        if (this.#pages.size > MAX_OPEN) this.#pages.delete(page.connection);
      } else if (now - page.writtenAt >= WRITE_EVERY_MS || isWanted) await this.#writePage(page, now);
    }
  }

  async #writePage(page: Page, now: number): Promise<void> {
    const { sketches } = page;
    page.sketches = new Map();
    page.writtenAt = now;
    if (now - page.since > FRESH_MS) return;
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      try {
        await this.#add(page, sketches, now);
        return;
      } catch (thrown) {
        const isRace = thrown instanceof Fault && (thrown.code === 'store-changed' || thrown.code === 'store-exists');
        delete page.stored;
        if (!isRace) break;
      }
    }
    // Not written, and not lost yet: it is tried again with what is measured next.
    for (const [kind, sketch] of sketches)
      page.sketches.set(kind, mergedLags(page.sketches.get(kind) ?? noLag, sketch));
  }

  async #add(page: Page, sketches: ReadonlyMap<LagKind, LagSketch>, now: number): Promise<void> {
    const { connection, owners } = page;
    const place = { connection, day: lagDay(now) };
    const stored = page.stored?.row.day === place.day ? page.stored : await this.#store.read('lag', place);
    const before: Readonly<Record<string, LagSketch>> = stored?.row.kinds ?? {};
    const added = [...sketches].map(([kind, sketch]) => [kind, mergedLags(before[kind] ?? noLag, sketch)] as const);
    const kinds = { ...before, ...Object.fromEntries(added) };
    const row: RecordOf<'lag'> = { owners, day: place.day, kinds, removeAt: now + REPORT_DAYS * DAY_MS };
    const version =
      stored === undefined
        ? await this.#store.create('lag', place, row)
        : await this.#store.replace('lag', place, row, stored.version);
    page.stored = { row, version };
  }
}
