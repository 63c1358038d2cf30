import type { Side } from '../../shared/model/connection.ts';
import type { ConnectionId, IssueId } from '../../shared/model/ids.ts';
import { freshJql } from '../../shared/rules/triggers.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import type { ConnectionRow, Sync } from './context.ts';
import { connectionFence } from './fence.ts';
import { readHalf } from './halves.ts';

/** Ids per page of a search that asks for nothing else. */
const PAGE = 500;
/** Pages of one job and side: 10,000 issues; a longer absence needs more than one job. */
const MAX_PAGES = 20;

/** What a reconcile has to look at. */
export interface ReconcileAsk {
  readonly connection: ConnectionId;
  /** Changes since this instant. */
  readonly since: number;
}

/**
 * Asks both sites what has changed since an instant and requests the same sync that a webhook would: for twins at once, for issues
 * that are not under sync when the side's scope wants them. Says how many it found. May be repeated.
 */
export async function reconcile(sync: Sync, ask: ReconcileAsk): Promise<Verdict> {
  const startedAt = sync.clock.now();
  const fence = await connectionFence(sync.store, ask.connection);
  if (typeof fence === 'string') return verdict(fence);
  const twins = new Set<string>();
  const a = await reconcileSide(sync, ask, fence, 'a', twins);
  const b = await reconcileSide(sync, ask, fence, 'b', twins);
  const isWhole = a.isWhole && b.isWhole;
  if (isWhole) await moveWatermark(sync, ask.connection, startedAt);
  const facts = { connection: ask.connection, changed: a.changed + b.changed, fresh: a.fresh + b.fresh, isWhole };
  sync.log.note('sync-reconcile', { ...facts, ms: sync.clock.now() - startedAt });
  return verdict(facts.changed + facts.fresh === 0 ? 'nothing-to-do' : 'done', facts);
}

interface Found {
  readonly changed: number;
  readonly fresh: number;
  readonly isWhole: boolean;
}

async function reconcileSide(
  sync: Sync,
  ask: ReconcileAsk,
  row: ConnectionRow,
  side: Side,
  twins: Set<string>,
): Promise<Found> {
  const tenant = row[side];
  const site = sync.jira.at(tenant, ask.connection, 'bulk');
  const { settings } = await readHalf(sync, { connection: ask.connection, side, tenant });
  // What changed before the connection was made was never its business.
  const since = Math.max(ask.since, row.activatedAt);
  const changedJql = `project = "${settings.projectKey}" AND updated >= ${since}`;
  const wanted = freshJql(settings, row.activatedAt);
  let [changed, fresh, after] = [0, 0, undefined as string | undefined];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const found = await site.search(changedJql, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    const unlinked = await askTwins(sync, ask.connection, tenant.tenant, found.items, twins);
    changed += found.items.length - unlinked.length;
    for (const issue of wanted === undefined ? [] : await site.match(wanted, unlinked)) {
      await sync.bus.publish('sync-jobs', {
        kind: 'bring-under-sync',
        ...tenant,
        ...ids(ask, issue),
        askedAt: sync.clock.now(),
        isBulk: true,
      });
      fresh += 1;
    }
    if (found.next === undefined) return { changed, fresh, isWhole: true };
    after = found.next;
  }
  return { changed, fresh, isWhole: false };
}

function ids({ connection }: ReconcileAsk, issue: IssueId) {
  return { connection, issue };
}

/** Requests each twin once; returns the issues that have none. */
async function askTwins(
  sync: Sync,
  connection: ConnectionId,
  tenant: string,
  issues: readonly IssueId[],
  twins: Set<string>,
): Promise<readonly IssueId[]> {
  const unlinked: IssueId[] = [];
  for (const issue of issues) {
    const link = (await sync.store.read('link', { tenant, issue, connection }))?.row;
    if (link === undefined) unlinked.push(issue);
    else if (!twins.has(link.twin)) {
      twins.add(link.twin);
      await sync.bus.publish('sync-jobs', {
        kind: 'sync-twin',
        connection,
        twin: link.twin,
        askedAt: sync.clock.now(),
      });
    }
  }
  return unlinked;
}

/** Only forwards; a change of the record meanwhile wins, because the next job moves the mark anyway. */
async function moveWatermark(sync: Sync, connection: ConnectionId, to: number): Promise<void> {
  const stored = await sync.store.read('connection', { connection });
  if (stored === undefined || stored.row.watermarkAt >= to) return;
  try {
    await sync.store.replace('connection', { connection }, { ...stored.row, watermarkAt: to }, stored.version);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'store-changed') throw thrown;
  }
}
