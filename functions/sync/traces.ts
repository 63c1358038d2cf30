import type { SyncInput } from '../../shared/model/plan.ts';
import type { CommentTrace, FileTrace, TwinMemory, WorklogTrace } from '../../shared/model/twin.ts';
import { canonical } from '../../shared/evidence/canonical.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { Sync, TwinPlace, TwinRow } from './context.ts';

/** Traces in one record: about 300 bytes each, far below the limit of a record. */
const ROWS_PER_SHARD = 500;
/** Twice the worklogs that an issue can hold, in shards; comments and files are fewer. @see ATLASSIAN.md §6.2 */
const MAX_SHARDS = 40;

/** The stored traces of one kind, in order. */
export type ShardsOf<T> = readonly { readonly id: string; readonly rows: readonly T[] }[];

/** The stored traces of a twin. Those of a kind that no rule wants are not read, and stay as they are. */
export interface Shards {
  readonly comments: ShardsOf<CommentTrace>;
  readonly worklogs?: ShardsOf<WorklogTrace>;
  readonly files?: ShardsOf<FileTrace>;
}

/** Reads the traces of a twin's comments. */
export async function readTraces(sync: Sync, place: TwinPlace): Promise<Shards> {
  const { items } = await sync.store.list('trace', { ...place }, { limit: MAX_SHARDS });
  return { comments: items.map((stored) => ({ id: stored.place.shard, rows: stored.row.rows })) };
}

/** Reads the other traces that the rules make worth reading: each costs a query, and most connections share neither kind. */
export async function withMoreTraces(
  sync: Sync,
  place: TwinPlace,
  shards: Shards,
  { a, b }: SyncInput['rules'],
): Promise<Shards> {
  return withTracesOf(sync, place, shards, {
    worklogs: a.worklogs === true || b.worklogs === true,
    files: a.attachments !== undefined || b.attachments !== undefined,
  });
}

/** Reads all traces of a twin, of whatever kind. */
export async function readAllTraces(sync: Sync, place: TwinPlace): Promise<Shards> {
  return withTracesOf(sync, place, await readTraces(sync, place), { worklogs: true, files: true });
}

async function withTracesOf(
  sync: Sync,
  place: TwinPlace,
  shards: Shards,
  wants: { readonly worklogs: boolean; readonly files: boolean },
): Promise<Shards> {
  const ask = { limit: MAX_SHARDS };
  const [worklogs, files] = await Promise.all([
    wants.worklogs ? sync.store.list('worklogTrace', { ...place }, ask) : undefined,
    wants.files ? sync.store.list('fileTrace', { ...place }, ask) : undefined,
  ]);
  return {
    ...shards,
    ...(worklogs === undefined
      ? {}
      : { worklogs: worklogs.items.map(({ place: { shard }, row }) => ({ id: shard, rows: row.rows })) }),
    ...(files === undefined
      ? {}
      : { files: files.items.map(({ place: { shard }, row }) => ({ id: shard, rows: row.rows })) }),
  };
}

/** What the shards hold, as the engine knows it. */
export function tracesIn({ comments, worklogs, files }: Shards): Pick<TwinMemory, 'comments' | 'worklogs' | 'files'> {
  const work = worklogs?.flatMap(({ rows }) => rows) ?? [];
  const attached = files?.flatMap(({ rows }) => rows) ?? [];
  return {
    comments: comments.flatMap(({ rows }) => rows),
    ...(work.length === 0 ? {} : { worklogs: work }),
    ...(attached.length === 0 ? {} : { files: attached }),
  };
}

/** Writes the shards that changed and removes those that are not needed any more. */
export function putTraces(
  transaction: Transaction,
  place: TwinPlace,
  owners: TwinRow['owners'],
  before: Shards,
  after: Pick<TwinMemory, 'comments' | 'worklogs' | 'files'>,
): Shards {
  const comments = putShards(before.comments, after.comments, {
    put: (shard, rows) => transaction.put('trace', { ...place, shard }, { owners, rows }),
    remove: (shard) => transaction.remove('trace', { ...place, shard }),
  });
  const worklogs = putShards(before.worklogs, after.worklogs ?? [], {
    put: (shard, rows) => transaction.put('worklogTrace', { ...place, shard }, { owners, rows }),
    remove: (shard) => transaction.remove('worklogTrace', { ...place, shard }),
  });
  const files = putShards(before.files, after.files ?? [], {
    put: (shard, rows) => transaction.put('fileTrace', { ...place, shard }, { owners, rows }),
    remove: (shard) => transaction.remove('fileTrace', { ...place, shard }),
  });
  return {
    comments: comments ?? [],
    ...(worklogs === undefined ? {} : { worklogs }),
    ...(files === undefined ? {} : { files }),
  };
}

/** True when these traces are what the shards hold: nothing of them has to be written. */
export function areStored(
  { comments, worklogs, files }: Shards,
  after: Pick<TwinMemory, 'comments' | 'worklogs' | 'files'>,
): boolean {
  const holds = <T>(shards: ShardsOf<T> | undefined, traces: readonly T[] = []): boolean =>
    shards === undefined ||
    isSame(
      shards.flatMap(({ rows }) => rows),
      traces,
    );
  return holds(comments, after.comments) && holds(worklogs, after.worklogs) && holds(files, after.files);
}

interface Writing<T> {
  readonly put: (shard: string, rows: readonly T[]) => void;
  readonly remove: (shard: string) => void;
}

function putShards<T>(
  before: ShardsOf<T> | undefined,
  traces: readonly T[],
  { put, remove }: Writing<T>,
): ShardsOf<T> | undefined {
  if (before === undefined) return undefined;
  const next = shardsOf(traces);
  for (const shard of next) {
    const old = before.find(({ id }) => id === shard.id);
    if (!isSame(old?.rows, shard.rows)) put(shard.id, shard.rows);
  }
  for (const { id } of before) if (!next.some((shard) => shard.id === id)) remove(id);
  return next;
}

/** Whatever order their members have: the store gives them in another one than the engine. */
function isSame<T>(one: readonly T[] | undefined, other: readonly T[]): boolean {
  return one !== undefined && canonical(one) === canonical(other);
}

/** Packs traces into shards. */
export function shardsOf<T>(traces: readonly T[]): ShardsOf<T> {
  const count = Math.ceil(traces.length / ROWS_PER_SHARD);
  return Array.from({ length: count }, (_, index) => ({
    id: String(index).padStart(4, '0'),
    rows: traces.slice(index * ROWS_PER_SHARD, (index + 1) * ROWS_PER_SHARD),
  }));
}
