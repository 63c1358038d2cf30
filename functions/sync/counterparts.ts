import type { Side } from '../../shared/model/connection.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { IssueId } from '../../shared/model/ids.ts';
import type { SyncInput } from '../../shared/model/plan.ts';
import type { Sync } from './context.ts';
import type { Hold } from './take.ts';

type Counterparts = NonNullable<SyncInput['counterparts']>;

/** Issues that one issue names and that are looked up for it: as many links as Jira allows. @see ATLASSIAN.md §6.2 */
const MAX_NAMED = 2_000;
/** Looked up at once. */
const AT_ONCE = 20;

/** For issues of either side, the issue that the same connection keeps in step with it; what is not under sync is left out. */
export async function counterpartsOf(
  sync: Sync,
  hold: Hold,
  named: Readonly<Record<Side, readonly IssueId[]>>,
): Promise<Counterparts> {
  const [fromA, fromB] = await Promise.all([pairsOf(sync, hold, 'a', named.a), pairsOf(sync, hold, 'b', named.b)]);
  // A pair that one side names tells as much of the other direction.
  const turned = (pairs: readonly Pair[]): readonly Pair[] => pairs.map(([one, other]) => [other, one]);
  return { a: new Map([...turned(fromB), ...fromA]), b: new Map([...turned(fromA), ...fromB]) };
}

type Pair = readonly [IssueId, IssueId];

async function pairsOf(sync: Sync, hold: Hold, side: Side, issues: readonly IssueId[]): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  const asked = issues.slice(0, MAX_NAMED);
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const found = await Promise.all(asked.slice(from, from + AT_ONCE).map((issue) => pairOf(sync, hold, side, issue)));
    pairs.push(...found.filter((pair) => pair !== undefined));
  }
  return pairs;
}

async function pairOf(sync: Sync, hold: Hold, side: Side, issue: IssueId): Promise<Pair | undefined> {
  const { connection } = hold.place;
  const { tenant } = hold.connection[side];
  const link = (await sync.store.read('link', { tenant, issue, connection }))?.row;
  if (link === undefined) return undefined;
  const row = (await sync.store.read('twin', { connection, twin: link.twin }))?.row;
  // Both sides may be projects of one site: the issue may stand on either side of its twin.
  const stands = row?.[side] === issue ? side : row?.[otherSide(side)] === issue ? otherSide(side) : undefined;
  const other = stands === undefined ? undefined : row?.[otherSide(stands)];
  return other === undefined ? undefined : [issue, other];
}
