/** Bulk work on the pairs of a connection: begun, watched, paused, cancelled, and told in full. */
import type { Side } from '../../shared/model/connection.ts';
import { connectionKey, ownerOf } from '../../shared/model/ids.ts';
import { isOpen, jobKinds, jobLife, noCounts } from '../../shared/model/job.ts';
import type { JobEvent, JobKind } from '../../shared/model/job.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';
import { jobBody, parseAs } from '../../shared/wire/console.ts';
import type { JobView } from '../../shared/wire/console.ts';
import { csvLine } from '../../shared/wire/csv.ts';
import { issueNamed, readPairs } from '../../shared/wire/pairsCsv.ts';
import type { PairLine } from '../../shared/wire/pairsCsv.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import type { JobAsk } from '../../shared/wire/stored.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { checkJql, connectionOf, findHalf, openSettings, shownState } from './halves.ts';
import type { OwnHalf } from './halves.ts';

type JobRow = RecordOf<'job'>;
type ConnectionRow = RecordOf<'connection'>;

/** Lines that one record holds. A step of a job takes one part. */
const PART_LINES = 50;
/** Parts that are written, or taken away, at once. */
const AT_ONCE = 20;
/** Parts of one connection's jobs of a kind, this run's and what an earlier one left: two full lists. */
const MAX_PARTS = 500;
/** A list goes when its job's record does at the latest. */
const KEPT_MS = 60 * 86_400_000;

/**
 * Begins a job: it counts first, and unless only the numbers were asked for it then does what it counted. Of each kind one runs at a
 * time; the one before is forgotten. Not idempotent: asked again while it runs, `job-open`.
 */
export async function startJob(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const kind = kindOf(ask);
  const agreed = await activeConnection(ask, own);
  const { csv, dryRun, again, errorsOnly, force, jql, match, start } = parseAs(jobBody, ask.request.body ?? {});
  if (kind === 'connect' && (csv === undefined) === (match === undefined))
    throw new Fault('body-invalid', { path: 'csv' });
  if (csv !== undefined && (kind === 'share' || jql !== undefined)) throw new Fault('body-invalid', { path: 'csv' });
  if (jql !== undefined) await checkJql(ask, (await openSettings(ask, own)).projectKey, jql, 'jql');
  const { clock, ids, keys, store, bus } = ask.ports;
  const run = ids.next();
  const { connection } = own;
  const place = { connection, job: kind };
  await refuseOpen(ask, place);
  const lines = csv === undefined ? undefined : readPairs(csv, own.row.side);
  const parts = lines === undefined ? undefined : await putParts(ask, agreed, { ...place, run, lines });
  const asked: JobAsk = {
    ...(jql === undefined ? {} : { jql }),
    ...(match === undefined ? {} : { match }),
    ...(start === undefined ? {} : { start }),
  };
  const key = connectionKey(
    connection,
    ownerOf(agreed.a.tenant, agreed.a.generation),
    ownerOf(agreed.b.tenant, agreed.b.generation),
  );
  const sealed = await keys.seal(key, contextOf('job.ask', connection, kind, run), asked);
  const now = clock.now();
  // Judging a list costs as much as pairing it: the work itself tells its numbers.
  const isCounted = lines === undefined || dryRun;
  const row: JobRow = {
    ...{ owners: agreed.owners, connection, kind, run, side: own.row.side, isDryRun: dryRun, ask: sealed },
    ...{
      state: isCounted ? 'counting' : 'running',
      counts: noCounts,
      failures: [],
      failed: 0,
      startedAt: now,
      wakeAt: now,
    },
    ...(parts === undefined ? {} : { parts, total: lines?.length ?? 0 }),
    ...(again ? { isAgain: true } : {}),
    ...(errorsOnly ? { onlyErrors: true } : {}),
    ...(force ? { isForced: true } : {}),
  };
  await store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const before = await transaction.read('job', place);
    const still = await transaction.read('connection', { connection });
    if (still?.row.state !== 'active') throw new Fault('state-refused', { state: still?.row.state ?? 'ended' });
    if (before !== undefined && isOpen(before.row.state)) throw new Fault('job-open', { job: kind });
    transaction.put('job', place, row);
  });
  await bus.publish('sync-jobs', { kind: 'run-job', connection, job: kind, run, askedAt: now });
  return answer(viewOf(row), 'accepted', 202);
}

async function refuseOpen(ask: Ask, place: { readonly connection: string; readonly job: JobKind }): Promise<void> {
  const before = await ask.ports.store.read('job', place);
  if (before !== undefined && isOpen(before.row.state)) throw new Fault('job-open', { job: place.job });
}

/** @throws Fault `not-found` for a kind of job that there is not */
function kindOf(ask: Ask): JobKind {
  const kind = jobKinds.find((one) => one === ask.request.params['job']);
  if (kind === undefined) throw new Fault('not-found');
  return kind;
}

async function activeConnection(ask: Ask, own: OwnHalf): Promise<ConnectionRow> {
  const agreed = await connectionOf(ask, own);
  const state = shownState(own, agreed);
  if (agreed === undefined || state !== 'active') throw new Fault('state-refused', { state });
  return agreed;
}

interface NewList {
  readonly connection: string;
  readonly job: JobKind;
  readonly run: string;
  readonly lines: readonly PairLine[];
}

/** Stores a list in parts; what an earlier run left goes first. What is no key or id is left out: it may be anything. */
async function putParts(
  ask: Ask,
  { owners }: ConnectionRow,
  { connection, job, run, lines }: NewList,
): Promise<number> {
  const { store, clock } = ask.ports;
  const old = await store.list('jobPart', { connection, job }, { limit: MAX_PARTS });
  if (old.items.length > 0) await store.removeAll(old.items);
  const named = (text: string): string => (issueNamed(text) === undefined ? '' : text);
  const count = Math.ceil(lines.length / PART_LINES);
  for (let from = 0; from < count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => from + at);
    await Promise.all(
      numbers.map((number) => {
        const rows = lines
          .slice(number * PART_LINES, (number + 1) * PART_LINES)
          .map((line) => ({ ...line, a: named(line.a), b: named(line.b) }));
        const part = `${run}-${String(number).padStart(4, '0')}`;
        return store.create('jobPart', { connection, job, part }, { owners, rows, removeAt: clock.now() + KEPT_MS });
      }),
    );
  }
  return count;
}

/** The last job of each kind. */
export async function listJobs(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const agreed = await connectionOf(ask, own);
  const { connection } = own;
  const found = await Promise.all(jobKinds.map((job) => ask.ports.store.read('job', { connection, job })));
  const jobs =
    agreed === undefined ? [] : found.flatMap((stored) => (stored === undefined ? [] : [viewOf(stored.row)]));
  return answer({ jobs });
}

/** One job. */
export async function showJob(ask: Ask): Promise<EdgeAnswer> {
  return answer(viewOf((await jobOf(ask)).row));
}

async function jobOf(ask: Ask): Promise<{ readonly own: OwnHalf; readonly row: JobRow }> {
  const own = await findHalf(ask);
  const agreed = await connectionOf(ask, own);
  const stored = await ask.ports.store.read('job', { connection: own.connection, job: kindOf(ask) });
  if (agreed === undefined || stored === undefined) throw new Fault('not-found');
  return { own, row: stored.row };
}

/** Pauses, resumes or cancels a job; either side may. What has been done stays done. */
export async function changeJob(ask: Ask, event: JobEvent): Promise<EdgeAnswer> {
  const { own } = await jobOf(ask);
  const { connection } = own;
  const job = kindOf(ask);
  const now = ask.ports.clock.now();
  const row = await ask.ports.store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const stored = await transaction.read('job', { connection, job });
    if (stored === undefined) throw new Fault('not-found');
    const next = nextRow(stored.row, event, now);
    if (next !== stored.row) transaction.put('job', { connection, job }, next);
    return next;
  });
  const isGoing = row.state === 'counting' || row.state === 'running';
  if (event === 'resume' && isGoing)
    await ask.ports.bus.publish('sync-jobs', { kind: 'run-job', connection, job, run: row.run, askedAt: now });
  return answer(viewOf(row));
}

/** Finished jobs are kept for so long. */
const REMOVED_MS = 30 * 86_400_000;

function nextRow(row: JobRow, event: JobEvent, now: number): JobRow {
  const told = jobLife[row.state][event];
  if (told === 'refused') throw new Fault('state-refused', { state: row.state });
  const state = told === 'before' ? (row.before ?? 'running') : told;
  if (state === row.state) return row;
  const { before: _before, waits: _waits, wakeAt: _wakeAt, etaAt: _etaAt, ...rest } = row;
  if (state === 'paused' && (row.state === 'counting' || row.state === 'running'))
    return { ...rest, state, before: row.state };
  if (state === 'cancelled') return { ...rest, state, endedAt: now, removeAt: now + REMOVED_MS };
  return { ...rest, state, wakeAt: now };
}

/** What failed, as a table: the issue of the side that asked, the pair or the line, and the code. */
export async function listFailures(ask: Ask): Promise<EdgeAnswer> {
  const { row } = await jobOf(ask);
  const head = csvLine(['side', 'issue', 'twin', 'line', 'code']);
  const lines = row.failures.map(({ issue = '', twin = '', line, code }) =>
    csvLine([row.side, issue, twin, line === undefined ? '' : String(line), code]),
  );
  return text([head, ...lines]);
}

/** How each line of a list ended, as a table; under `a,b`, so that it may be handed in again. */
export async function listLines(ask: Ask): Promise<EdgeAnswer> {
  const { own, row } = await jobOf(ask);
  const shelf = { connection: own.connection, job: row.kind };
  const { items } = await ask.ports.store.list('jobPart', shelf, { limit: MAX_PARTS });
  const head = csvLine(['a', 'b', 'line', 'end', 'code']);
  const lines = items
    .filter(({ place }) => place.part.startsWith(`${row.run}-`))
    .flatMap(({ row: part }) => part.rows)
    .map(({ a, b, line, end = '', code = '' }) => csvLine([a, b, String(line), end, code]));
  return text([head, ...lines]);
}

function text(lines: readonly string[]): EdgeAnswer {
  return { ...answer(lines.join('')), contentType: 'text/csv; charset=utf-8' };
}

function viewOf(row: JobRow): JobView {
  const { kind, state, side, isDryRun, counts, planned, total, failed, startedAt, endedAt, waits, etaAt } = row;
  return {
    ...{ kind, state, side: side satisfies Side, isDryRun, counts, failed, startedAt },
    ...(planned === undefined ? {} : { planned }),
    ...(total === undefined ? {} : { total }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(etaAt === undefined ? {} : { etaAt }),
    ...(waits === undefined ? {} : { waits }),
  };
}
