/** How far a purge has come: one record per purged life, read at the start of every message and written after every step. */
import type { Owner } from '../../shared/model/ids.ts';
import type { CategoryCount } from '../../shared/model/receipt.ts';
import type { Page, Ports, Seen, Stored, Version } from '../../shared/ports.ts';
import type { OwnedCategory, RecordOf } from '../../shared/retention/catalogue.ts';
import type { RetentionDays } from '../../shared/retention/clocks.ts';
import { Fault } from '../../shared/verdict.ts';

/** What the purge function can be told. */
export interface PurgeSettings extends RetentionDays {
  /** See `FENCE_MS` in `event.ts`. Only the local world may shorten it. */
  readonly fenceMs: number;
  /** How long the deletion waits for the last notice to be sent; absent: not at all. See `FAREWELL_MS` in `event.ts`. */
  readonly farewellMs?: number | undefined;
  /** The parties of the register whose first day is still to come; absent: none. */
  readonly planned?: (() => readonly { readonly id: string; readonly since: string }[]) | undefined;
  /** How long the receipt waits for the desk to erase tickets; absent: not at all. See `TICKET_MS` in `event.ts`. */
  readonly ticketMs?: number | undefined;
  /** The commit that runs; the receipt names it. */
  readonly commit: string;
}

/** The ports that the purge uses. */
export type PurgePorts = Pick<
  Ports,
  'clock' | 'ids' | 'store' | 'keys' | 'ledger' | 'signer' | 'bus' | 'jira' | 'log' | 'backups'
>;

/** What every step of a message gets. */
export interface Work {
  readonly ports: PurgePorts;
  readonly settings: PurgeSettings;
  /** The message gives up its turn when this has come: it publishes itself and ends. */
  readonly untilAt: number;
}

export type PurgeRow = RecordOf<'purge'>;
export type Counts = Readonly<Record<string, Omit<CategoryCount, 'category'>>>;

/** A purge record as it was read. */
export interface Progress {
  readonly owner: Owner;
  readonly row: PurgeRow;
  readonly version: Version;
  /** What this message has listed already, by category: for the next step alone, and lost with the message. */
  readonly listed?: Listed;
}

/** First pages of what is to be deleted. */
export type Listed = ReadonlyMap<OwnedCategory, Page<Seen<OwnedCategory>>>;

/** The progress of a purge, if it has begun. */
export async function readProgress(ports: PurgePorts, owner: Owner): Promise<Progress | undefined> {
  const stored: Stored<'purge'> | undefined = await ports.store.read('purge', { owner });
  return stored === undefined ? undefined : { owner, row: stored.row, version: stored.version };
}

/** Records a step. @throws Fault `store-changed` when another worker was faster: its progress counts, not ours. */
export async function advance(ports: PurgePorts, from: Progress, row: PurgeRow): Promise<Progress> {
  const version = await ports.store.replace('purge', { owner: from.owner }, row, from.version);
  return { owner: from.owner, row, version };
}

/** The progress as it is stored now. @throws Fault `store-changed` when it is gone */
export async function reread(ports: PurgePorts, of: Progress): Promise<Progress> {
  const progress = await readProgress(ports, of.owner);
  if (progress === undefined) throw new Fault('store-changed', { category: 'purge' });
  return progress;
}

/** Has the message still time for another page? */
export function hasTime(work: Work): boolean {
  return work.ports.clock.now() < work.untilAt;
}

/** The counts with some figures of one category changed. */
export function counted(counts: Counts, category: string, change: Partial<Omit<CategoryCount, 'category'>>): Counts {
  const before = counts[category] ?? { before: 0, deleted: 0, foundA: 0, foundB: 0 };
  return { ...counts, [category]: { ...before, ...change } };
}
