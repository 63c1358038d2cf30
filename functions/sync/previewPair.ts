/** Looks at a pair as the sync would, with other rules if asked, and writes nothing: what a preview is made of. */
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { JiraIssue } from '../../shared/model/replica.ts';
import type { PairAsk, PairLook } from '../../shared/model/preview.ts';
import type { Pairs } from '../../shared/ports.ts';
import { twinIdOf } from '../../shared/sync/twinId.ts';
import { Fault } from '../../shared/verdict.ts';
import { twinThatMade } from './bringUnderSync.ts';
import { syncOf } from './context.ts';
import type { ConnectionRow, Sync, SyncPorts, SyncSettings, TwinPlace, TwinRow } from './context.ts';
import { connectionFence } from './fence.ts';
import { readHalf } from './halves.ts';
import { look } from './look.ts';
import type { Hold } from './take.ts';
import { sidePart } from './twinRow.ts';

/** The reading of pairs, for the function that answers people. */
export function pairsOver(ports: SyncPorts, settings: SyncSettings): Pairs {
  const sync = syncOf(ports, settings);
  return { look: (ask) => lookAt(sync, ask) };
}

async function lookAt(sync: Sync, ask: PairAsk): Promise<PairLook> {
  const { connection, side } = ask;
  const fence = await connectionFence(sync.store, connection);
  if (typeof fence === 'string') return { code: fence };
  const issue = await sync.jira.at(fence[side], connection).readIssue(ask.issue, []);
  if (issue === 'gone') return { code: 'not-found' };
  const { settings } = await readHalf(sync, { connection, side, tenant: fence[side] });
  // The app can read more than the two sides agreed on: an issue of another project stays out.
  if (settings.projectKey !== issue.projectKey) return { code: 'not-under-sync' };
  const found = await twinOf(sync, fence, ask, issue);
  const { input, plan } = await look(sync, readingHold(fence, found), ask.rules);
  return { input, plan, issue: issue.id };
}

interface FoundTwin {
  readonly place: TwinPlace;
  readonly row: TwinRow;
}

/** The twin of the issue: the one that there is, the one that has made it, or the one that it would get. */
async function twinOf(sync: Sync, fence: ConnectionRow, ask: PairAsk, issue: JiraIssue): Promise<FoundTwin> {
  const { connection, side } = ask;
  const link = (await sync.store.read('link', { tenant: fence[side].tenant, issue: issue.id, connection }))?.row;
  const made = link === undefined ? await twinThatMade(sync, { connection, issue }) : undefined;
  const twin = link?.twin ?? made?.place.twin;
  if (twin !== undefined) {
    const row = (await sync.store.read('twin', { connection, twin }))?.row;
    if (row !== undefined) return { place: { connection, twin }, row: withIssue(row, side, issue) };
  }
  const place = { connection, twin: twinIdOf(connection, side, issue.id) };
  const base = { owners: fence.owners, ...place, originSide: side, dirty: false, attempts: 0, fields: {} };
  return { place, row: { ...base, ...sidePart(side, issue.id) } };
}

/** A worker may have made the issue and not have recorded it yet. */
function withIssue(row: TwinRow, side: Side, { id }: JiraIssue): TwinRow {
  return row[side] === undefined && row.originSide === otherSide(side) ? { ...row, ...sidePart(side, id) } : row;
}

/** A hold that only reads: it takes no lease, and a write through it is a fault of ours. */
function readingHold(connection: ConnectionRow, { place, row }: FoundTwin): Hold {
  const refuse = async (): Promise<never> => {
    throw new Fault('bug', { what: 'a preview writes' });
  };
  return { place, connection, token: '', row: () => row, write: refuse, rewrite: refuse, renew: refuse };
}
