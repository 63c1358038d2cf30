import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { ConnectionId, IssueId, ProjectKey, TwinId } from '../../shared/model/ids.ts';
import type { JiraIssue } from '../../shared/model/replica.ts';
import type { Start } from '../../shared/model/twin.ts';
import { twinIdOf } from '../../shared/sync/twinId.ts';
import type { Code } from '../../shared/verdict.ts';
import type { IssueName } from '../../shared/wire/pairsCsv.ts';
import { twinThatMade } from './bringUnderSync.ts';
import type { ConnectionRow, Sync, TwinPlace, TwinRow } from './context.ts';
import { connectionFence } from './fence.ts';
import type { Closed } from './fence.ts';
import { putLink } from './link.ts';

/** Two issues that shall become a pair, as somebody named them. */
export interface NamedPair {
  readonly a: IssueName;
  readonly b: IssueName;
  /** The twin that they were before, as an export says: it tells which issue was the origin. */
  readonly twin?: TwinId;
}

/** What pairs are judged by: who asks, and where the issues have to be. */
export interface PairFrame {
  readonly connection: ConnectionId;
  readonly fence: ConnectionRow;
  /** The side that asks; its issue is the origin when nothing says otherwise. */
  readonly side: Side;
  readonly projects: Readonly<Record<Side, ProjectKey>>;
}

/** Two issues that may become a pair. */
export interface FitPair {
  readonly a: IssueId;
  readonly b: IssueId;
  readonly originSide: Side;
}

/** Judges whether two issues may become a pair; reads both, writes nothing. `already-done`: they are one. */
export async function judgePair(sync: Sync, frame: PairFrame, named: NamedPair): Promise<FitPair | Code> {
  const a = await fitIssue(sync, frame, 'a', named.a);
  if (typeof a === 'string') return a;
  const b = await fitIssue(sync, frame, 'b', named.b);
  if (typeof b === 'string') return b;
  const { connection, fence } = frame;
  if (fence.a.tenant === fence.b.tenant && a.id === b.id) return 'pair-of-itself';
  const links = await Promise.all([
    sync.store.read('link', { tenant: fence.a.tenant, issue: a.id, connection }),
    sync.store.read('link', { tenant: fence.b.tenant, issue: b.id, connection }),
  ]);
  const refusal = refusalOf(links[0]?.row.twin, links[1]?.row.twin);
  if (refusal !== undefined) return refusal;
  // A worker may have made one of them and not have recorded it yet.
  const made =
    (await twinThatMade(sync, { connection, issue: a })) ?? (await twinThatMade(sync, { connection, issue: b }));
  if (made !== undefined) return 'pair-taken';
  return { a: a.id, b: b.id, originSide: originOf(frame, named.twin, a.id, b.id) };
}

async function fitIssue(sync: Sync, frame: PairFrame, side: Side, name: IssueName): Promise<JiraIssue | Code> {
  const issue = await sync.jira.at(frame.fence[side], frame.connection, 'bulk').readIssue(name, []);
  if (issue === 'gone') return 'pair-issue-missing';
  // The app can read more than the two sides agreed on.
  return issue.projectKey === frame.projects[side] ? issue : 'pair-wrong-project';
}

function refusalOf(a: TwinId | undefined, b: TwinId | undefined): Code | undefined {
  if (a === undefined && b === undefined) return undefined;
  return a === b ? 'already-done' : 'pair-taken';
}

function originOf({ connection, side }: PairFrame, twin: TwinId | undefined, a: IssueId, b: IssueId): Side {
  const issues = { a, b };
  const other = otherSide(side);
  return twin !== undefined && twin === twinIdOf(connection, other, issues[other]) ? other : side;
}

/**
 * Makes two issues a pair that begins as `start` says. Idempotent: the same pair again is `already-done`. The issues were judged
 * before; what became of them in between is looked at once more here, where nobody can come in between.
 */
export async function connectPair(
  sync: Sync,
  connection: ConnectionId,
  { a, b, originSide }: FitPair,
  start: Start,
): Promise<TwinPlace | Code | Closed> {
  const twin = twinIdOf(connection, originSide, originSide === 'a' ? a : b);
  return sync.store.transact(async (transaction) => {
    const fence = await connectionFence(transaction, connection);
    if (typeof fence === 'string') return fence;
    const places = {
      a: { tenant: fence.a.tenant, issue: a, connection },
      b: { tenant: fence.b.tenant, issue: b, connection },
    };
    const linkA = await transaction.read('link', places.a);
    const linkB = await transaction.read('link', places.b);
    const stored = await transaction.read('twin', { connection, twin });
    const refusal = refusalOf(linkA?.row.twin, linkB?.row.twin) ?? (stored === undefined ? undefined : 'pair-taken');
    if (refusal !== undefined) return refusal;
    const now = sync.clock.now();
    const base = { owners: fence.owners, connection, twin, originSide, dirty: false, attempts: 0, fields: {} };
    const row: TwinRow = { ...base, a, b, start, since: now, wakeAt: now };
    transaction.create('twin', { connection, twin }, row);
    for (const side of ['a', 'b'] as const) {
      putLink(transaction, fence, row, side, side === 'a' ? a : b);
      transaction.remove('apart', places[side]);
    }
    return { connection, twin };
  });
}
