import type { JobEnd } from '../../shared/model/job.ts';
import { twinErrorsOf } from '../../shared/model/twinState.ts';
import { Fault, meaningOf } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import { markEnding } from './apart.ts';
import { bringUnderSync } from './bringUnderSync.ts';
import { connectPair } from './connectPair.ts';
import type { Sync, TwinPlace } from './context.ts';
import type { JobHold, JobItem } from './jobHold.ts';
import { syncTwin } from './syncTwin.ts';

/** How one thing ended; or that it has to wait, with everything that comes after it. */
export type Done =
  | { readonly end: JobEnd; readonly code?: Code }
  | { readonly waits: Code; readonly retryAfterMs: number };

/** A site that does not say how long it wants to be left alone is asked again after this. */
const RETRY_MS = 60_000;
/** What stops a whole job and not one thing of it. */
const STOPPING: ReadonlySet<Code> = new Set<Code>([
  'jira-rate-limited',
  'jira-unavailable',
  'jira-unauthorised',
  'connection-not-active',
  'tenant-not-active',
  'generation-expired',
]);

/** Does one thing of a job. Done twice it ends the same: the twin, the link and the marker say what is there. */
export async function doItem(sync: Sync, hold: JobHold, item: JobItem): Promise<Done> {
  try {
    return await work(sync, hold, item);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || !thrown.code.startsWith('jira-')) throw thrown;
    return ended(thrown.code, thrown.facts['retryAfterMs']);
  }
}

/** A refusal of one thing, or trouble that every other one would meet. */
function ended(code: Code, retryAfterMs: unknown): Done {
  if (!STOPPING.has(code)) return { end: 'refused', code };
  return { waits: code, retryAfterMs: typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : RETRY_MS };
}

async function work(sync: Sync, hold: JobHold, item: JobItem): Promise<Done> {
  const { kind, side, isAgain } = hold.row();
  const { connection } = hold.place;
  const { issue, twin } = item;
  switch (kind) {
    case 'share': {
      if (issue === undefined) return { end: 'refused', code: 'bug' };
      const may = isAgain === true ? { isApartToo: true } : {};
      const told = await bringUnderSync(sync, { tenant: hold.fence[side], connection, issue, ...may });
      return afterSync(sync, told, 'made', await linkedTwin(sync, hold, issue));
    }
    case 'connect':
      return connect(sync, hold, item);
    case 'resync': {
      if (twin === undefined) return { end: 'refused', code: 'bug' };
      const told = await syncTwin(sync, { connection, twin }, { isAfresh: true });
      const done = await afterSync(sync, told, 'done', { connection, twin });
      return 'end' in done && done.end === 'done' ? stillBlocked(sync, { connection, twin }) : done;
    }
    case 'unlink': {
      if (twin === undefined) return { end: 'refused', code: 'bug' };
      const isThere = await markEnding(sync, { connection, twin }, hold.row().isForced === true);
      const told = isThere ? await syncTwin(sync, { connection, twin }) : undefined;
      // What a site keeps waiting ends by itself in its time: the mark is on the pair.
      const kept = Number(told?.facts?.['markersKept'] ?? 0);
      return kept > 0 ? { end: 'done', code: 'marker-kept' } : { end: 'done' };
    }
  }
}

async function connect(sync: Sync, hold: JobHold, { a, b, originSide }: JobItem): Promise<Done> {
  const { connection } = hold.place;
  if (a === undefined || b === undefined || originSide === undefined) return { end: 'refused', code: 'bug' };
  const place = await connectPair(sync, connection, { a, b, originSide }, hold.ask.start ?? 'baseline');
  // Fit a moment ago and a pair now: we made it, and died before we could say so.
  if (place === 'already-done') return { end: 'connected' };
  if (typeof place === 'string') return ended(place, undefined);
  return afterSync(sync, await syncTwin(sync, place), 'connected', place);
}

async function linkedTwin(sync: Sync, hold: JobHold, issue: string): Promise<TwinPlace | undefined> {
  const { connection } = hold.place;
  const link = await sync.store.read('link', { tenant: hold.fence[hold.row().side].tenant, issue, connection });
  return link === undefined ? undefined : { connection, twin: link.row.twin };
}

/**
 * What a sync's verdict means to a job. A pair that waits for its site is there and goes on by itself; but when the site wants to be
 * left alone, the job has to stop, or every other pair would run into the same.
 */
async function afterSync(sync: Sync, told: Verdict, end: JobEnd, place: TwinPlace | undefined): Promise<Done> {
  if (told.code === 'twin-parked' && place !== undefined) {
    const row = (await sync.store.read('twin', place))?.row;
    const code = row?.error?.code;
    if (code === undefined || !STOPPING.has(code)) return { end, ...(code === undefined ? {} : { code }) };
    return { waits: code, retryAfterMs: Math.max(1, (row?.wakeAt ?? 0) - sync.clock.now()) };
  }
  if (told.code === 'not-under-sync') return { end: 'outside' };
  const { kind } = meaningOf(told.code);
  if (kind === 'done' || kind === 'later' || told.code === 'nothing-to-do' || told.code === 'already-done')
    return { end };
  return ended(told.code, undefined);
}

async function stillBlocked(sync: Sync, place: TwinPlace): Promise<Done> {
  const row = (await sync.store.read('twin', place))?.row;
  const [code] = row === undefined ? [] : twinErrorsOf(row);
  return code === undefined ? { end: 'done' } : { end: 'done', code };
}
