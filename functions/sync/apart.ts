import { pathOf, categoryOfPath, placeOf } from '../../shared/retention/check.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { ConnectionId, IssueId, TenantId } from '../../shared/model/ids.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import type { Sync, TwinPlace, TwinRow } from './context.ts';
import { connectionFence } from './fence.ts';
import type { Hold } from './take.ts';
import { withParts } from './twinRow.ts';

/** What is still under way at the end of a pair gets this long; then it ends as it stands. A quarter of an hour is twelve ticks. */
const DRAIN_MS = 900_000;
/** Records beneath one twin: shards and copies; far above what there can be. */
const MAX_BENEATH = 500;
/** Refusals that a repetition would meet again. */
const LASTING: ReadonlySet<Code> = new Set<Code>([
  'jira-refused',
  'jira-unauthorised',
  'jira-forbidden',
  'jira-not-found',
]);

/**
 * Says on a twin that its pair shall end, and since when: from now on each sync of it carries out what is open and then ends it. Told
 * twice it stays as it was, but `isForced` counts from whoever says it. False when there is no such twin.
 * @throws Fault `store-changed`
 */
export async function markEnding(sync: Sync, place: TwinPlace, isForced: boolean): Promise<boolean> {
  return sync.store.transact(async (transaction) => {
    const fence = await connectionFence(transaction, place.connection);
    const row = (await transaction.read('twin', place))?.row;
    if (typeof fence === 'string' || row === undefined) return false;
    const now = sync.clock.now();
    const ending = { at: row.ending?.at ?? now, isForced: isForced || row.ending?.isForced === true };
    // A worker that has it now works again before it leaves; nobody else may have been told.
    transaction.put('twin', place, withParts(row, { ending, dirty: true, wakeAt: row.wakeAt ?? now }));
    return true;
  });
}

/** True when a pair that shall end need not wait for what is open any more. */
export function isOverdue({ ending }: TwinRow, now: number): boolean {
  return ending !== undefined && (ending.isForced || now - ending.at >= DRAIN_MS);
}

/**
 * Ends a pair: takes our marker out of its issues where the sites let us, then removes the twin with all that is beneath it and both
 * links. The issues stay. Each is noted as taken out, so that no trigger brings it in again behind people's backs. A stop anywhere
 * ends the same with the next sync of the twin.
 * @throws Fault `lease-lost`; `jira-…` for trouble of a site that may pass, while there is time
 */
export async function endPair(sync: Sync, hold: Hold): Promise<Verdict> {
  const row = hold.row();
  let markersKept = 0;
  for (const side of ['a', 'b'] as const) {
    const issue = row[side];
    const code = issue === undefined ? undefined : await clearMarker(sync, hold, side, issue);
    await hold.renew();
    if (code === undefined) continue;
    markersKept += 1;
    sync.log.note('sync-apart', { twin: row.twin, side, code });
  }
  await removeBeneath(sync, hold.place);
  await removeTwin(sync, hold);
  return verdict('unlinked', { twin: row.twin, markersKept });
}

/** Why the marker is still there; `undefined` when it is not, or is another twin's. */
async function clearMarker(sync: Sync, hold: Hold, side: Side, id: IssueId): Promise<Code | undefined> {
  const site = sync.jira.at(hold.connection[side], hold.place.twin, 'bulk', undefined, () => hold.renew());
  try {
    const issue = await site.readIssue(id, []);
    if (issue === 'gone' || issue.marker?.twin !== hold.place.twin) return undefined;
    const result = await site.removeMarker(id);
    return result.ok ? undefined : result.code;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || !thrown.code.startsWith('jira-')) throw thrown;
    if (LASTING.has(thrown.code) || isOverdue(hold.row(), sync.clock.now())) return thrown.code;
    throw thrown;
  }
}

/** Whatever is beneath a twin, of kinds that this file need not know. */
async function removeBeneath(sync: Sync, place: TwinPlace): Promise<void> {
  const own = pathOf('twin', place);
  for (const path of await sync.store.beneath(own, MAX_BENEATH)) {
    const category = path === own ? undefined : categoryOfPath('(default)', path);
    if (category !== undefined) await sync.store.remove(category, placeOf(category, path));
  }
}

async function removeTwin(sync: Sync, { place, token, connection }: Hold): Promise<void> {
  await sync.store.transact(async (transaction) => {
    const row = (await transaction.read('twin', place))?.row;
    const now = sync.clock.now();
    if (row?.lease?.token !== token || row.lease.until <= now) throw new Fault('lease-lost');
    for (const side of ['a', 'b'] as const) {
      const issue = row[side];
      if (issue === undefined) continue;
      const at = { tenant: connection[side].tenant, issue, connection: place.connection };
      transaction.remove('link', at);
      transaction.put('apart', at, { owners: row.owners, connection: place.connection, at: now });
    }
    transaction.remove('twin', place);
  });
}

/** True for an issue that people, or rules that end pairs, have taken out of the sync: only people bring it in again. */
export async function isApart(
  sync: Sync,
  tenant: TenantId,
  issue: IssueId,
  connection: ConnectionId,
): Promise<boolean> {
  return (await sync.store.read('apart', { tenant, issue, connection })) !== undefined;
}
