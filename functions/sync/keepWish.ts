/** An issue that has no twin to park: what is wanted of it is written down while its site cannot be asked. */
import type { Side } from '../../shared/model/connection.ts';
import { wishOf } from '../../shared/model/ids.ts';
import type { ConnectionId, IssueId, WishId } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import { WISH_DAYS } from '../../shared/retention/catalogue.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import type { Stored } from '../../shared/ports.ts';
import { joinedWish, waitMs } from '../../shared/sync/wishes.ts';
import type { Wish } from '../../shared/sync/wishes.ts';
import { Fault, meaningOf, toFault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import type { ConnectionRow, Sync, TwinPlace } from './context.ts';
import { connectionFence } from './fence.ts';

export type WishRow = RecordOf<'wish'>;

/** Where a wish is stored: one for each issue in a connection. */
export interface WishPlace {
  readonly connection: ConnectionId;
  readonly wish: WishId;
}

/** What is wanted of which issue, and the trouble that its site has. */
export interface WishAsk {
  readonly tenant: TenantRef;
  readonly connection: ConnectionId;
  readonly issue: IssueId;
  readonly wish: Wish;
  readonly fault: Fault;
}

const DAY_MS = 86_400_000;

/** True for trouble that one site has with us: it may pass, and concerns no other tenant. */
function isOfSite({ code }: Fault): boolean {
  return code.startsWith('jira-') || code === 'site-not-ready' || code === 'site-lagging';
}

/** What `work` gives, or a site's trouble with it as a value. @throws whatever is no trouble of a site */
export async function orTrouble<T>(work: () => Promise<T>): Promise<T | Fault> {
  try {
    return await work();
  } catch (thrown) {
    const fault = toFault(thrown);
    if (isOfSite(fault)) return fault;
    throw thrown;
  }
}

/** The side whose issue it is; in a connection inside one site, the first: which of the two, only the site can tell. */
export function sideFor(fence: Pick<ConnectionRow, Side>, { tenant, generation }: TenantRef): Side | undefined {
  return (['a', 'b'] as const).find((side) => fence[side].tenant === tenant && fence[side].generation === generation);
}

/**
 * Writes down what is wanted of an issue, joined to what was wanted before, in a transaction that reads both tenancies. The place of
 * the twin when the issue has one meanwhile: then that is the one to sync.
 */
export async function keepWish(sync: Sync, ask: WishAsk): Promise<TwinPlace | Verdict> {
  const { tenant, connection, issue, fault } = ask;
  const told = await sync.store.transact(async (transaction) => {
    const fence = await connectionFence(transaction, connection);
    if (typeof fence === 'string') return verdict(fence);
    const side = sideFor(fence, tenant);
    if (side === undefined) return verdict('generation-expired');
    const link = await transaction.read('link', { tenant: tenant.tenant, issue, connection });
    if (link !== undefined) return { connection, twin: link.row.twin };
    const place = { connection, wish: wishOf(side, issue) };
    const before = (await transaction.read('wish', place))?.row;
    const row = wishRow({ owners: fence.owners, side }, ask, before, sync.clock.now());
    transaction.put('wish', place, row);
    return verdict('issue-waits', { issue, code: fault.code });
  });
  if ('code' in told) noteWaiting(sync, { connection, issue }, fault);
  return told;
}

/** A message is a try of its own and no try of the wish: a burst of them must not make it wait for hours. */
function wishRow(
  { owners, side }: Pick<WishRow, 'owners' | 'side'>,
  { connection, issue, wish, fault }: WishAsk,
  before: WishRow | undefined,
  now: number,
): WishRow {
  const attempts = before?.attempts ?? 1;
  return {
    ...{ owners, connection, side, issue, attempts },
    ...(before === undefined ? wish : joinedWish(before, wish)),
    ...waiting(fault, attempts, before, now),
    removeAt: before?.removeAt ?? now + WISH_DAYS * DAY_MS,
  };
}

/** When a wish is tried next after so many tries, and why not before. */
export function waiting(
  { code, facts }: Fault,
  attempts: number,
  before: Pick<WishRow, 'error'> | undefined,
  now: number,
): Pick<WishRow, 'wakeAt' | 'error'> {
  const { retryAfterMs } = facts;
  const since = before?.error.code === code ? before.error.since : now;
  const wakeAt = now + waitMs(attempts - 1, typeof retryAfterMs === 'number' ? retryAfterMs : 0);
  return { wakeAt, error: { code, at: now, since } };
}

/** Says why an issue waits; trouble that ought not to be wakes somebody. */
export function noteWaiting(sync: Sync, about: Pick<WishAsk, 'connection' | 'issue'>, fault: Fault): void {
  const { connection, issue } = about;
  if (meaningOf(fault.code).alarm)
    sync.log.fault('sync-wish', fault.code, { ...fault.facts, connection, issue }, fault.cause ?? fault);
  else sync.log.note('sync-wish', { connection, issue, code: fault.code });
}

/** Whoever has written the wish meanwhile knows more. False when it was changed or is gone. */
export async function replaceWish(sync: Sync, { place, version }: Stored<'wish'>, row: WishRow): Promise<boolean> {
  try {
    await sync.store.replace('wish', place, row, version);
    return true;
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'store-changed') return false;
    throw thrown;
  }
}
