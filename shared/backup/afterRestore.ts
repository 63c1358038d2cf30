/**
 * What becomes of one record of an older copy of the store. Only the ledger says which lives there are and in what state: nothing that
 * was purged comes back, and nobody who came back is purged for an old mark. Pure. @see SPEC.md B18–B23, THREATS.md T15–T17
 */
import type { Owner } from '../model/ids.ts';
import type { Tenancy } from '../model/tenant.ts';
import { isOwned } from '../retention/address.ts';
import { rowOf } from '../retention/catalogue.ts';
import type { Category } from '../retention/catalogue.ts';
import { dueOf } from '../retention/clocks.ts';
import type { RetentionDays } from '../retention/clocks.ts';
import type { Life } from '../retention/ledgerTruth.ts';
import { isBackedUp } from './contents.ts';

/** Why a record does not come back. */
export type DropWhy =
  /** The life was purged meanwhile. */
  | 'purged'
  /** The ledger knows no such life, or the copy holds no tenant of it. */
  | 'life-unknown'
  /** Its connection is not there. */
  | 'connection-gone'
  /** Its own end, or that of its category after a mark, has come. */
  | 'past-its-day'
  /** No backup may hold it: an identity, a key, the ledger, the running house. */
  | 'not-of-a-backup';

export type Fate =
  | { readonly fate: 'keep' }
  | { readonly fate: 'drop'; readonly why: DropWhy }
  /** Of a side whose partner is gone. */
  | { readonly fate: 'partner-left' };

/** What is known when the records of a copy are judged. */
export interface Judged {
  /** Lives by the ledger as it is now, of all owners whose tenant is in the copy. */
  readonly lives: ReadonlyMap<Owner, Life>;
  /** Connections that come back; their ids. */
  readonly connections: ReadonlySet<string>;
  readonly now: number;
  readonly days: RetentionDays;
}

const keep: Fate = { fate: 'keep' };

/** Judges one record. Connections are judged before what hangs on them. */
export function afterRestore(
  record: {
    readonly category: Category;
    readonly place: Readonly<Record<string, string>>;
    readonly row: Readonly<Record<string, unknown>>;
  },
  judged: Judged,
): Fate {
  const { category, place, row } = record;
  if (!isBackedUp(category)) return drop('not-of-a-backup');
  if (isPastItsEnd(category, row, judged.now)) return drop('past-its-day');
  if (!isOwned(category)) return keep;
  const owners = ownersIn(row);
  const lives = owners.map((owner) => judged.lives.get(owner));
  if (owners.length === 0 || lives.includes(undefined)) return drop('life-unknown');
  const known = lives.filter((life) => life !== undefined);
  if (known.some(({ tenancy }) => tenancy.state === 'purged')) return drop('purged');
  if (known.some(({ tenancy }) => dueOf(tenancy, judged.now, judged.days).categories.includes(category)))
    return drop('past-its-day');
  return withConnection(category, place, row, judged);
}

function withConnection(
  category: Category,
  place: Readonly<Record<string, string>>,
  row: Readonly<Record<string, unknown>>,
  { connections }: Judged,
): Fate {
  if (category === 'connection') return keep;
  const connection = place['connection'] ?? row['connection'];
  if (typeof connection !== 'string' || connections.has(connection)) return keep;
  if (rowOf(category).owner === 'connection') return drop('connection-gone');
  if (category !== 'half') return keep;
  // A side keeps its half, which is its own. One that invites has no connection yet.
  const rests = ['pending', 'ended', 'partner-left'].includes(String(row['state']));
  return rests ? keep : { fate: 'partner-left' };
}

/**
 * The tenancy with which a tenant comes back: the ledger's, with the flags of the copy, which the ledger does not know. A life that is
 * being purged stays so, and its purge goes on.
 */
export function tenancyAfterRestore({ enabled, licensed }: Pick<Tenancy, 'enabled' | 'licensed'>, life: Life): Tenancy {
  return { ...life.tenancy, enabled, licensed };
}

function drop(why: DropWhy): Fate {
  return { fate: 'drop', why };
}

function isPastItsEnd(category: Category, row: Readonly<Record<string, unknown>>, now: number): boolean {
  const { retention } = rowOf(category);
  if (retention.starts !== 'own') return false;
  const until = row[retention.until];
  return typeof until === 'number' && until <= now;
}

function ownersIn(row: Readonly<Record<string, unknown>>): readonly Owner[] {
  const owners = row['owners'];
  return Array.isArray(owners) ? (owners as readonly Owner[]) : [];
}
