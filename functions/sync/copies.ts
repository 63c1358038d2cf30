import type { Side } from '../../shared/model/connection.ts';
import { connectionKey, ownerOf } from '../../shared/model/ids.ts';
import type { KeyName, Sealed } from '../../shared/model/ids.ts';
import type { SyncInput } from '../../shared/model/plan.ts';
import type { Replica } from '../../shared/model/replica.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { contextOf, parseCopy } from '../../shared/wire/stored.ts';
import type { ConnectionRow, Sync, TwinPlace, TwinRow } from './context.ts';
import type { Keeping } from './keep.ts';
import type { Hold } from './take.ts';

/** What is stored of both sides, without its owners. */
export type Copies = Omit<RecordOf<'copy'>, 'owners'>;

/** Opens what each side showed at the last settle. Copies go 30 days after a mark, so either may be absent. */
export async function readBase(sync: Sync, hold: Hold): Promise<NonNullable<SyncInput['base']>> {
  const stored = await sync.store.read('copy', { ...hold.place, age: 'latest' });
  const { connection, twin } = hold.place;
  const key = contentKey(hold.place, hold.connection);
  const open = async (side: Side): Promise<Replica | undefined> => {
    const sealed = stored?.row[side];
    if (sealed === undefined) return undefined;
    return parseCopy(await sync.keys.open(key, contextOf(`copy.${side}`, connection, twin), sealed));
  };
  const [a, b] = await Promise.all([open('a'), open('b')]);
  return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

/** Seals what each side holds now; nothing when no field has changed since the last time, or a text still needs what is stored. */
export async function sealCopies(sync: Sync, hold: Hold, { look, settled }: Keeping): Promise<Copies | undefined> {
  const { copies } = settled;
  if (copies === undefined) return undefined;
  const isUnchanged = JSON.stringify(settled.memory.fields) === JSON.stringify(look.input.memory.fields);
  if (isUnchanged && hold.row().settledAt !== undefined) return undefined;
  const { connection, twin } = hold.place;
  const key = contentKey(hold.place, hold.connection);
  const sealOne = async (side: Side, copy: Replica | undefined): Promise<Sealed | undefined> =>
    copy === undefined ? undefined : sync.keys.seal(key, contextOf(`copy.${side}`, connection, twin), copy);
  const [a, b] = await Promise.all([sealOne('a', copies.a), sealOne('b', copies.b)]);
  return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }), readAt: look.readAt };
}

/** The key under which a connection's content is sealed. */
export function contentKey({ connection }: Pick<TwinPlace, 'connection'>, { a, b }: ConnectionRow): KeyName {
  return connectionKey(connection, ownerOf(a.tenant, a.generation), ownerOf(b.tenant, b.generation));
}

/** The latest copy becomes the previous one, unopened. */
export async function putCopies(
  transaction: Transaction,
  place: TwinPlace,
  owners: TwinRow['owners'],
  copies: Copies,
): Promise<void> {
  const latest = await transaction.read('copy', { ...place, age: 'latest' });
  if (latest !== undefined) transaction.put('copy', { ...place, age: 'previous' }, latest.row);
  transaction.put('copy', { ...place, age: 'latest' }, { owners, ...copies });
}
