import type { TwinId } from '../../shared/model/ids.ts';
import type { IssueChange } from '../../shared/model/message.ts';
import type { JiraIssue } from '../../shared/model/replica.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { wishOf } from '../../shared/rules/triggers.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { isApart } from './apart.ts';
import { join, twinThatMade } from './bringUnderSync.ts';
import type { ConnectionRow, Sync, TwinPlace } from './context.ts';
import { connectionFence, tenantFence } from './fence.ts';
import { openSettings } from './halves.ts';
import { linksOf } from './link.ts';
import { syncTwin } from './syncTwin.ts';
import type { TakeHint } from './take.ts';
import { withParts } from './twinRow.ts';

/** Connections of one tenant. */
const MAX_HALVES = 100;

/** An issue that was announced as new may not be there yet for so long. */
const NEW_MS = 20_000;

/** One twin to sync and what is known of it. */
interface Target {
  readonly place: TwinPlace;
  readonly hint: TakeHint;
}

/**
 * Leads a change to the twins of its issue, or brings a new issue under sync where a side wants it. The message is a hint: nothing
 * in it is believed but whose issue to look at.
 */
export async function routeChange(sync: Sync, change: IssueChange): Promise<Verdict> {
  const closed = await tenantFence(sync.store, change);
  if (closed !== undefined) return verdict(closed);
  const links = await linksOf(sync, change, change.issue);
  const known = links.map(({ row }) => ({
    place: { connection: row.connection, twin: row.twin },
    hint: hintOf(change, row.twin),
  }));
  if (change.what === 'deleted') for (const { place } of known) await markDeleted(sync, place, change);
  // A new issue may be wanted by several connections, and a worker may have died after the first of them.
  const isOpen = change.what === 'created' || (known.length === 0 && change.what !== 'deleted');
  const linked = new Set<string>(links.map(({ row }) => row.connection));
  const fresh = isOpen ? await newTargets(sync, change, linked) : [];
  return syncAll(sync, [...known, ...fresh]);
}

/** Our own write of this twin is nobody's change and nobody waits for it; to the issue's other twins it is a change like any other. */
function hintOf(
  { what, eventAt, receivedAt, echoOf, tenant, issue, told: floor }: IssueChange,
  twin: TwinId,
): TakeHint {
  const isEcho = echoOf?.twin === twin && what !== 'deleted';
  const told = floor === undefined ? {} : { told: { tenant, issue, floor } };
  return isEcho ? { receivedAt, echoOf: echoOf.turn, ...told } : { eventAt, receivedAt, ...told };
}

/** Remembers on a pair that the site has told of its issue's deletion: that it cannot be read is no evidence, later or now. */
async function markDeleted(sync: Sync, place: TwinPlace, { tenant, generation, issue }: IssueChange): Promise<void> {
  await sync.store.transact(async (transaction) => {
    const fence = await connectionFence(transaction, place.connection);
    const row = (await transaction.read('twin', place))?.row;
    if (typeof fence === 'string' || row === undefined || row.deletedOn !== undefined) return;
    const deletedOn = (['a', 'b'] as const).find(
      (side) => row[side] === issue && fence[side].tenant === tenant && fence[side].generation === generation,
    );
    if (deletedOn !== undefined) transaction.put('twin', place, withParts(row, { deletedOn }));
  });
}

/** Syncs one after the other; says how the last one that was not idle ended. */
async function syncAll(sync: Sync, targets: readonly Target[]): Promise<Verdict> {
  let ended = verdict('not-under-sync');
  for (const { place, hint } of targets) {
    const next = await syncTwin(sync, place, hint);
    if (ended.code === 'not-under-sync' || next.code !== 'nothing-to-do') ended = next;
  }
  return ended;
}

interface Wanting {
  readonly half: RecordOf<'half'>;
  readonly connection: ConnectionRow;
}

async function newTargets(sync: Sync, change: IssueChange, linked: ReadonlySet<string>): Promise<readonly Target[]> {
  const wanting = await wantingHalves(sync, change, linked);
  if (wanting.length === 0) return [];
  const issue = await sync.jira.at(change, change.issue).readIssue(change.issue, []);
  if (issue === 'gone') {
    // A replica that lags does not have it yet. What is gone for good is asked for no longer than that may last.
    if (change.what === 'created' && sync.clock.now() - change.receivedAt < NEW_MS)
      throw new Fault('site-lagging', { issue: change.issue });
    return [];
  }
  const targets: Target[] = [];
  for (const one of wanting) {
    const target = await targetOf(sync, change, one, issue);
    if (target !== undefined) targets.push(target);
  }
  return targets;
}

/** Halves of active connections that do not have the issue yet. */
async function wantingHalves(
  sync: Sync,
  change: IssueChange,
  linked: ReadonlySet<string>,
): Promise<readonly Wanting[]> {
  const { items } = await sync.store.list('half', { tenant: change.tenant }, { limit: MAX_HALVES });
  const wanting: Wanting[] = [];
  for (const { row: half } of items) {
    if (half.state !== 'active' || linked.has(half.connection)) continue;
    const connection = (await sync.store.read('connection', { connection: half.connection }))?.row;
    if (connection?.state === 'active' && connection[half.side].generation === change.generation)
      wanting.push({ half, connection });
  }
  return wanting;
}

/**
 * The twin that the issue gets, or has without knowing. An issue that any connection's sync has made is not new: brought under sync
 * by itself once more, two connections would copy it to and fro for ever. A person may still bring it in by hand.
 */
async function targetOf(
  sync: Sync,
  change: IssueChange,
  { half, connection }: Wanting,
  issue: JiraIssue,
): Promise<Target | undefined> {
  const { side } = half;
  // It was there a moment ago: what the first look shows is not older, or lags.
  const told = { tenant: change.tenant, issue: issue.id, floor: { updatedAt: issue.updatedAt } };
  const hint: TakeHint = { eventAt: change.eventAt, told };
  if (issue.marker !== undefined) {
    const made = await twinThatMade(sync, { connection: half.connection, issue });
    if (made?.side !== side) return undefined;
    return { place: made.place, hint: { ...hint, seen: { side, issue: issue.id } } };
  }
  const isChanged = change.what !== 'created';
  // Told as created it is new, whatever its date says: an import keeps the dates of another place.
  const isNew = !isChanged || issue.createdAt >= connection.activatedAt;
  const settings = await openSettings(sync, change, half);
  if (issue.projectKey !== settings.projectKey) return undefined;
  const wish = wishOf(settings, { isNew, isChanged });
  if (wish === 'none' || (await isApart(sync, change.tenant, issue.id, half.connection))) return undefined;
  if (wish !== 'all') {
    const matched = await sync.jira.at(change, change.issue).match(wish.jql, [issue.id]);
    if (!matched.includes(issue.id)) return undefined;
  }
  const place = await join(sync, { connection: half.connection, side, issue: issue.id, isInside: true });
  return typeof place === 'string' ? undefined : { place, hint };
}
