import type { Side } from '../../shared/model/connection.ts';
import type { Agreed, Contract } from '../../shared/model/contract.ts';
import { connectionKey, ownerOf } from '../../shared/model/ids.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { contextOf, parseContract } from '../../shared/wire/stored.ts';
import type { ConnectionRow, Sync } from './context.ts';
import type { Hold } from './take.ts';

/**
 * What each side may send, as agreed. The connection was read when the twin was taken, the rules a little later: a contract that
 * belongs to another version is read once more, so that a publication in between refuses nothing.
 */
export async function readAgreed(
  sync: Sync,
  hold: Hold,
  rules: Readonly<Partial<Record<Side, RuleDocument>>>,
): Promise<Agreed> {
  const agreed = await openAll(sync, hold, hold.connection, rules);
  const isOld = (['a', 'b'] as const).some(
    (side) => agreed[side] !== undefined && agreed[side].version !== rules[side]?.version,
  );
  if (!isOld) return agreed;
  const { connection } = hold.place;
  const row = (await sync.store.read('connection', { connection }))?.row;
  return row === undefined ? agreed : openAll(sync, hold, row, rules);
}

async function openAll(
  sync: Sync,
  hold: Hold,
  row: ConnectionRow,
  rules: Readonly<Partial<Record<Side, RuleDocument>>>,
): Promise<Agreed> {
  const [a, b] = await Promise.all([openOne(sync, hold, row, 'a', rules.a), openOne(sync, hold, row, 'b', rules.b)]);
  return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

async function openOne(
  sync: Sync,
  { place }: Hold,
  row: ConnectionRow,
  side: Side,
  rules: RuleDocument | undefined,
): Promise<Contract | undefined> {
  const sealed = side === 'a' ? row.aContract : row.bContract;
  if (sealed === undefined || rules === undefined) return undefined;
  const { a, b } = row;
  const key = connectionKey(place.connection, ownerOf(a.tenant, a.generation), ownerOf(b.tenant, b.generation));
  return parseContract(await sync.keys.open(key, contextOf('connection.contract', place.connection, side), sealed));
}
