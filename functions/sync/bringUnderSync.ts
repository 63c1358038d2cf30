import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { ConnectionId, IssueId, TwinId } from '../../shared/model/ids.ts';
import { twinId } from '../../shared/model/ids.ts';
import type { JiraIssue } from '../../shared/model/replica.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import { twinIdOf } from '../../shared/sync/twinId.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { isApart } from './apart.ts';
import type { ConnectionRow, Sync, TwinPlace, TwinRow } from './context.ts';
import { connectionFence } from './fence.ts';
import type { Closed } from './fence.ts';
import { readHalf } from './halves.ts';
import { LONG_AGO, putLink } from './link.ts';
import { priorityOf } from './priority.ts';
import { syncTwin } from './syncTwin.ts';
import { sidePart } from './twinRow.ts';

/** Which issue shall come under sync through which connection. */
export interface BringAsk {
  readonly tenant: TenantRef;
  readonly connection: ConnectionId;
  readonly issue: IssueId;
  /** Since when a person waits for it; absent when a job asks. */
  readonly eventAt?: number;
  /** The reconcile run that has found it. */
  readonly run?: string;
  /** Also when people took it out of the sync before; a person who asks means it anyway. */
  readonly isApartToo?: boolean;
}

/**
 * Brings one issue under sync and syncs it. Asked for by a person or by the reconcile job. Idempotent: the same issue makes the same
 * twin, and an issue that the sync itself has made leads to the twin that made it.
 */
export async function bringUnderSync(sync: Sync, ask: BringAsk): Promise<Verdict> {
  const { tenant, connection, eventAt } = ask;
  const fence = await connectionFence(sync.store, connection);
  if (typeof fence === 'string') return verdict(fence);
  const sides = (['a', 'b'] as const).filter((side) => isSame(fence[side], tenant));
  if (sides.length === 0) return verdict('generation-expired');
  const linked = await sync.store.read('link', { tenant: tenant.tenant, issue: ask.issue, connection });
  const hint = { ...(eventAt === undefined ? {} : { eventAt }), ...(ask.run === undefined ? {} : { run: ask.run }) };
  if (linked !== undefined) return syncTwin(sync, { connection, twin: linked.row.twin }, hint);
  const isSkipped = eventAt === undefined && ask.isApartToo !== true;
  if (isSkipped && (await isApart(sync, tenant.tenant, ask.issue, connection)))
    return verdict('unlinked-before', { issue: ask.issue });
  const issue = await sync.jira.at(tenant, connection, priorityOf(ask)).readIssue(ask.issue, []);
  if (issue === 'gone') return verdict('not-under-sync', { issue: ask.issue });
  const made = await twinThatMade(sync, { connection, issue });
  if (made !== undefined) return syncTwin(sync, made.place, { ...hint, seen: { side: made.side, issue: issue.id } });
  // What some sync has made is no new issue; a person may bring it in by hand, a job may not.
  if (ask.run !== undefined && issue.marker !== undefined) return verdict('not-under-sync', { issue: ask.issue });
  const side = await sideOf(sync, fence, { connection, sides, issue });
  // The app can read more than the two sides agreed on: an issue of another project stays out.
  if (side === undefined) return verdict('not-under-sync', { issue: ask.issue });
  // A run brings only what a trigger wants.
  const isWanted = ask.run !== undefined;
  const place = await join(sync, { connection, side, issue: issue.id, isSought: isWanted, isInside: isWanted });
  return typeof place === 'string' ? verdict(place) : syncTwin(sync, place, hint);
}

function isSame(one: TenantRef, other: TenantRef): boolean {
  return one.tenant === other.tenant && one.generation === other.generation;
}

async function sideOf(
  sync: Sync,
  row: ConnectionRow,
  ask: { readonly connection: ConnectionId; readonly sides: readonly Side[]; readonly issue: JiraIssue },
): Promise<Side | undefined> {
  for (const side of ask.sides) {
    const half = await readHalf(sync, { connection: ask.connection, side, tenant: row[side] });
    if (half.settings.projectKey === ask.issue.projectKey) return side;
  }
  return undefined;
}

/**
 * The twin of this connection that made the issue, by the marker in it; it may not have recorded it yet. `undefined` for an issue
 * that people made, and for one whose twin has another issue: people copy issues with their properties.
 */
export async function twinThatMade(
  sync: Sync,
  { connection, issue }: { readonly connection: ConnectionId; readonly issue: JiraIssue },
): Promise<{ readonly place: TwinPlace; readonly side: Side } | undefined> {
  const twin = markedTwin(issue);
  if (twin === undefined) return undefined;
  const stored = await sync.store.read('twin', { connection, twin });
  if (stored === undefined) return undefined;
  const side = otherSide(stored.row.originSide);
  const known = stored.row[side];
  return known === undefined || known === issue.id ? { place: { connection, twin }, side } : undefined;
}

/** Other apps and people may write anything into a property. */
function markedTwin({ marker }: JiraIssue): TwinId | undefined {
  try {
    return marker === undefined ? undefined : twinId(marker.twin);
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined;
    throw thrown;
  }
}

/** Which issue joins on which side. */
export interface JoinAsk {
  readonly connection: ConnectionId;
  readonly side: Side;
  readonly issue: IssueId;
  /** It should have been under sync already: before the other issue is made, it is looked for by its marker. */
  readonly isSought?: boolean;
  /** The side's scope has let it in, and no person. */
  readonly isInside?: boolean;
}

/**
 * Creates the twin and the link from its origin, in a transaction that reads both tenancies. What is there already stays: two
 * workers that meet the same new issue make the same twin.
 */
export async function join(
  sync: Sync,
  { connection, side, issue, isSought, isInside }: JoinAsk,
): Promise<TwinPlace | Closed> {
  const twin = twinIdOf(connection, side, issue);
  return sync.store.transact(async (transaction) => {
    const fence = await connectionFence(transaction, connection);
    if (typeof fence === 'string') return fence;
    const linkPlace = { tenant: fence[side].tenant, issue, connection };
    const [linked, stored] = [
      await transaction.read('link', linkPlace),
      await transaction.read('twin', { connection, twin }),
    ];
    if (linked !== undefined) return { connection, twin: linked.row.twin };
    transaction.remove('apart', linkPlace);
    const base = { owners: fence.owners, connection, twin, originSide: side, dirty: false, attempts: 0, fields: {} };
    // The tick finds it if this worker dies before it takes the lease.
    const isUnsure = isSought === true || fence.storeRestoredAt !== undefined;
    const sought = isUnsure ? { creatingAt: LONG_AGO } : {};
    const now = sync.clock.now();
    const inside = isInside === true ? { insideAt: now } : {};
    const row: TwinRow = { ...base, ...sidePart(side, issue), ...sought, ...inside, wakeAt: now, since: now };
    if (stored === undefined) transaction.create('twin', { connection, twin }, row);
    putLink(transaction, fence, row, side, issue);
    return { connection, twin };
  });
}
