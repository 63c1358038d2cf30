/** What every part of the sync gets. */
import type { ConnectionId, TwinId } from '../../shared/model/ids.ts';
import type { Ports } from '../../shared/ports.ts';
import { HalfMemory } from './halves.ts';
import { LagBook } from './lagBook.ts';
import { StoreGuard } from './storeGuard.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';

/** What the sync needs of the world. */
export type SyncPorts = Pick<Ports, 'clock' | 'ids' | 'store' | 'keys' | 'bus' | 'jira' | 'log'> & {
  /** Only to say when bulk work will end; without it nobody can. */
  readonly budget?: Ports['budget'];
  /** Runs rule scripts; without it a pair whose rules have one is parked. */
  readonly script?: Ports['script'];
};

/** How long things take here. Milliseconds. */
export interface SyncSettings {
  /** How long a worker may go without a sign of life. */
  readonly leaseMs: number;
  /** How long Jira's search index may lag behind a create; a computer's stand-in is faster. */
  readonly markerLagMs?: number;
}

/** Ports and settings together, with every setting filled in. */
export interface Sync extends SyncPorts {
  readonly settings: Required<SyncSettings>;
  /** What this process has measured of its changes' lag. */
  readonly lags: LagBook;
  /** Knows an older copy of our store. */
  readonly guard: StoreGuard;
  /** What this process has opened of its halves. */
  readonly opened: HalfMemory;
}

/** Jira promises no bound for its index; a minute covers what is seen in practice. @see DESIGN.md §9, markers */
const MARKER_LAG_MS = 60_000;

/** Fills the settings in. */
export function syncOf(ports: SyncPorts, settings: SyncSettings): Sync {
  const filled = { leaseMs: settings.leaseMs, markerLagMs: settings.markerLagMs ?? MARKER_LAG_MS };
  return {
    ...ports,
    settings: filled,
    lags: new LagBook(ports.store, ports.clock),
    guard: new StoreGuard(ports),
    opened: new HalfMemory(ports.clock),
  };
}

/** Where a twin is stored. */
export interface TwinPlace {
  readonly connection: ConnectionId;
  readonly twin: TwinId;
}

export type TwinRow = RecordOf<'twin'>;
export type ConnectionRow = RecordOf<'connection'>;
