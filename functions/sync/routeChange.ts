import type { ConnectionId, IssueId, TwinId } from '../../shared/model/ids.ts';
import type { IssueChange } from '../../shared/model/message.ts';
import type { JiraIssue } from '../../shared/model/replica.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { wantOf } from '../../shared/rules/triggers.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import { isApart } from './apart.ts';
import { join, twinThatMade } from './bringUnderSync.ts';
import type { ConnectionRow, Sync, TwinPlace } from './context.ts';
import { connectionFence, tenantFence } from './fence.ts';
import { openSettings } from './halves.ts';
import { keepWish, orTrouble } from './keepWish.ts';
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
  if (!isOpen) return syncAll(sync, known);
  const linked = new Set<string>(links.map(({ row }) => row.connection));
  const wanting = await wantingHalves(sync, change, (one) => !linked.has(one));
  const { targets, waits } = await newTargets(sync, toldBy(change), wanting);
  return syncAll(sync, [...known, ...targets], waits);
}

/**
 * Brings an issue that has waited under sync where a side of this connection wants it.
 * @throws Fault `jira-…`, `site-not-ready`
 */
export async function routeWish(sync: Sync, told: Told, connection: ConnectionId): Promise<Verdict> {
  const wanting = await wantingHalves(sync, told.tenant, (one) => one === connection);
  const issue = wanting.length === 0 ? 'gone' : await readNew(sync, told);
  const targets: Target[] = [];
  if (issue !== 'gone') for (const one of wanting) targets.push(...(await targetOf(sync, told, one, issue)));
  return syncAll(sync, targets);
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
async function syncAll(
  sync: Sync,
  targets: readonly Target[],
  idle: Verdict = verdict('not-under-sync'),
): Promise<Verdict> {
  let ended = idle;
  for (const { place, hint } of targets) {
    const next = await syncTwin(sync, place, hint);
    if (ended === idle || next.code !== 'nothing-to-do') ended = next;
  }
  return ended;
}

interface Wanting {
  readonly half: RecordOf<'half'>;
  readonly connection: ConnectionRow;
}

/** What is known of an issue that has no twin. */
export interface Told {
  readonly tenant: TenantRef;
  readonly issue: IssueId;
  /** Told as made; told as changed. */
  readonly isNew: boolean;
  readonly isChanged: boolean;
  readonly eventAt?: number;
  /** When we were told; absent: long enough ago. */
  readonly receivedAt?: number;
}

function toldBy({ tenant, generation, issue, what, eventAt, receivedAt }: IssueChange): Told {
  const isNew = what === 'created';
  return { tenant: { tenant, generation }, issue, isNew, isChanged: !isNew, eventAt, receivedAt };
}

/** A tenant's halves of active connections, of those that are meant. */
async function wantingHalves(
  sync: Sync,
  ref: TenantRef,
  isMeant: (connection: ConnectionId) => boolean,
): Promise<readonly Wanting[]> {
  const { items } = await sync.store.list('half', { tenant: ref.tenant }, { limit: MAX_HALVES });
  const wanting: Wanting[] = [];
  for (const { row: half } of items) {
    if (half.state !== 'active' || !isMeant(half.connection)) continue;
    const row = (await sync.store.read('connection', { connection: half.connection }))?.row;
    if (row?.state === 'active' && row[half.side].generation === ref.generation)
      wanting.push({ half, connection: row });
  }
  return wanting;
}

/** Trouble that the next question to the site would meet as well. */
const OF_WHOLE_SITE: ReadonlySet<Code> = new Set<Code>(['jira-rate-limited', 'jira-unavailable', 'jira-unauthorised']);

/**
 * The twins that the issue gets, and whether it waits for any: where the site cannot be asked, the wish is kept, and everything else
 * goes on.
 */
async function newTargets(
  sync: Sync,
  told: Told,
  wanting: readonly Wanting[],
): Promise<{ readonly targets: readonly Target[]; readonly waits?: Verdict }> {
  if (wanting.length === 0) return { targets: [] };
  const issue = await orTrouble(() => readNew(sync, told));
  if (issue === 'gone') return { targets: [] };
  const targets: Target[] = [];
  let waits: Verdict | undefined;
  let trouble: Fault | undefined;
  for (const one of wanting) {
    const found =
      issue instanceof Fault ? issue : (trouble ?? (await orTrouble(() => targetOf(sync, told, one, issue))));
    if (!(found instanceof Fault)) {
      targets.push(...found);
      continue;
    }
    if (OF_WHOLE_SITE.has(found.code)) trouble = found;
    const { tenant, issue: id, isNew, isChanged, eventAt } = told;
    const wish = { isNew, isChanged, ...(eventAt === undefined ? {} : { eventAt }) };
    const kept = await keepWish(sync, { tenant, connection: one.half.connection, issue: id, wish, fault: found });
    if ('code' in kept) waits = kept;
    else targets.push({ place: kept, hint: eventAt === undefined ? {} : { eventAt } });
  }
  return { targets, ...(waits === undefined ? {} : { waits }) };
}

/** A replica that lags does not have a new issue yet. What is gone for good is asked for no longer than that may last. */
async function readNew(sync: Sync, { tenant, issue, isNew, receivedAt = -NEW_MS }: Told): Promise<JiraIssue | 'gone'> {
  const read = await sync.jira.at(tenant, issue).readIssue(issue, []);
  if (read === 'gone' && isNew && sync.clock.now() - receivedAt < NEW_MS) throw new Fault('site-lagging', { issue });
  return read;
}

/**
 * The twin that the issue gets, or has without knowing; none or one. An issue that any connection's sync has made is not new: brought
 * under sync by itself once more, two connections would copy it to and fro for ever. A person may still bring it in by hand.
 */
async function targetOf(
  sync: Sync,
  told: Told,
  { half, connection }: Wanting,
  issue: JiraIssue,
): Promise<readonly Target[]> {
  const { tenant, isChanged, eventAt } = told;
  const when = eventAt === undefined ? {} : { eventAt };
  const { side } = half;
  // It was there a moment ago: what the first look shows is not older, or lags.
  const shown = { tenant: tenant.tenant, issue: issue.id, floor: { updatedAt: issue.updatedAt } };
  const hint: TakeHint = { ...when, told: shown };
  if (issue.marker !== undefined) {
    const made = await twinThatMade(sync, { connection: half.connection, issue });
    return made?.side === side ? [{ place: made.place, hint: { ...hint, seen: { side, issue: issue.id } } }] : [];
  }
  // Told as created it is new, whatever its date says: an import keeps the dates of another place.
  const isNew = told.isNew || issue.createdAt >= connection.activatedAt;
  const settings = await openSettings(sync, tenant, half);
  if (issue.projectKey !== settings.projectKey) return [];
  const want = wantOf(settings, { isNew, isChanged });
  if (want === 'none' || (await isApart(sync, tenant.tenant, issue.id, half.connection))) return [];
  if (want !== 'all') {
    const matched = await sync.jira.at(tenant, told.issue).match(want.jql, [issue.id]);
    if (!matched.includes(issue.id)) return [];
  }
  const place = await join(sync, { connection: half.connection, side, issue: issue.id, isInside: true });
  return typeof place === 'string' ? [] : [{ place, hint }];
}
