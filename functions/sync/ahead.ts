/** What a full run reads of its pairs in hundreds, before it looks at each of them. */
import type { Side } from '../../shared/model/connection.ts';
import type { ConnectionId, IssueId } from '../../shared/model/ids.ts';
import { allEnded } from '../../shared/model/allEnded.ts';
import type { Stored, WholeIssue } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';
import type { ConnectionRow, Sync, TwinRow } from './context.ts';
import { readHalves } from './halves.ts';
import { wantedOf } from './look.ts';
import { wantedParts } from './lookParts.ts';
import type { Ahead, WholeAsk } from './take.ts';

/**
 * Reads both issues of those twins that have come to rest, by twin. A twin of which one side did not come whole is left out and read
 * alone, and so are all when a site has trouble with the question.
 * @throws Fault `jira-rate-limited`
 */
export async function readAhead(
  sync: Sync,
  connection: ConnectionId,
  fence: ConnectionRow,
  twins: readonly Stored<'twin'>[],
): Promise<ReadonlyMap<string, Ahead>> {
  const calm = twins.filter(({ row }) => isCalm(row));
  const found = new Map<string, Ahead>();
  if (calm.length === 0) return found;
  const asks = await asksOf(sync, connection, fence);
  const at = sync.clock.now();
  const readSide = (side: Side): Promise<ReadonlyMap<IssueId, WholeIssue>> => {
    const ids = calm.flatMap(({ row }) => row[side] ?? []);
    const site = sync.jira.at(fence[side], connection, 'bulk');
    return unlessTrouble(() => site.readMany(ids, asks[side].fields, asks[side].parts));
  };
  const [ofA, ofB] = await allEnded([readSide('a'), readSide('b')]);
  for (const { row, version } of calm) {
    const a = row.a === undefined ? undefined : ofA.get(row.a);
    const b = row.b === undefined ? undefined : ofB.get(row.b);
    if (a === undefined || b === undefined) continue;
    found.set(row.twin, { at, version, a: { asked: asks.a, whole: a }, b: { asked: asks.b, whole: b } });
  }
  return found;
}

/** True for a pair that was settled and waits for nothing: likely to be in step still. Of others, two readings would be one too many. */
function isCalm(row: TwinRow): boolean {
  const { a, b, readAt, lease, wakeAt, error, troubles, retryAt, pausedAt, eventAt, creatingAt, ending } = row;
  if (a === undefined || b === undefined || readAt === undefined || row.dirty) return false;
  const waits = [lease, wakeAt, error, troubles, retryAt, pausedAt, eventAt, creatingAt, ending];
  return waits.every((one) => one === undefined);
}

/** What a look asks both sides for, as long as no comments are remembered that no rule shares any more. */
async function asksOf(
  sync: Sync,
  connection: ConnectionId,
  fence: ConnectionRow,
): Promise<Readonly<Record<Side, WholeAsk>>> {
  const { a, b } = await readHalves(sync, connection, fence);
  const rules = { a: a.rules, b: b.rules };
  const parts = { comments: rules.a.comments || rules.b.comments, ...wantedParts(rules) };
  return { a: { fields: wantedOf(rules, 'a'), parts }, b: { fields: wantedOf(rules, 'b'), parts } };
}

const NONE: ReadonlyMap<IssueId, WholeIssue> = new Map();

/** A site that asks to be left alone ends the slice; what else is wrong is each pair's own when it is read alone. */
async function unlessTrouble(read: () => Promise<ReadonlyMap<IssueId, WholeIssue>>) {
  try {
    return await read();
  } catch (thrown) {
    const isTrouble = thrown instanceof Fault && thrown.code.startsWith('jira-');
    if (isTrouble && thrown.code !== 'jira-rate-limited') return NONE;
    throw thrown;
  }
}
