import type { CommentTrace } from '../../shared/model/twin.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { Sync, TwinPlace, TwinRow } from './context.ts';

/** Comment traces in one record: about 300 bytes each, far below the limit of a record. */
const ROWS_PER_SHARD = 500;
/** Twice the comments that an issue can hold, in shards. @see ATLASSIAN.md §6.2 */
const MAX_SHARDS = 20;

/** The stored comment traces of a twin, in order. */
export type Shards = readonly { readonly id: string; readonly rows: readonly CommentTrace[] }[];

/** Reads the traces of a twin. */
export async function readTraces(sync: Sync, place: TwinPlace): Promise<Shards> {
  const { items } = await sync.store.list('trace', { ...place }, { limit: MAX_SHARDS });
  return items.map((stored) => ({ id: stored.place.shard, rows: stored.row.rows }));
}

/** Writes the shards that changed and removes those that are not needed any more. */
export function putTraces(
  transaction: Transaction,
  place: TwinPlace,
  owners: TwinRow['owners'],
  before: Shards,
  after: readonly CommentTrace[],
): Shards {
  const next = shardsOf(after);
  for (const shard of next) {
    const old = before.find(({ id }) => id === shard.id);
    if (JSON.stringify(old?.rows) === JSON.stringify(shard.rows)) continue;
    transaction.put('trace', { ...place, shard: shard.id }, { owners, rows: shard.rows });
  }
  for (const { id } of before) {
    if (!next.some((shard) => shard.id === id)) transaction.remove('trace', { ...place, shard: id });
  }
  return next;
}

/** Packs traces into shards. */
export function shardsOf(comments: readonly CommentTrace[]): Shards {
  const count = Math.ceil(comments.length / ROWS_PER_SHARD);
  return Array.from({ length: count }, (_, index) => ({
    id: String(index).padStart(4, '0'),
    rows: comments.slice(index * ROWS_PER_SHARD, (index + 1) * ROWS_PER_SHARD),
  }));
}
