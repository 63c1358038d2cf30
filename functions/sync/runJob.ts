import type { RemainingWork } from '../../shared/budget/eta.ts';
import { counted, noCounts, totalOf } from '../../shared/model/job.ts';
import type { JobEnd, JobKind } from '../../shared/model/job.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { toFault, verdict } from '../../shared/verdict.ts';
import type { Code, Fault, Verdict } from '../../shared/verdict.ts';
import type { Sync } from './context.ts';
import { COST_OF_PAIR, endOfWork } from './endOfWork.ts';
import { ended, takeJob } from './jobHold.ts';
import type { JobHold, JobItem, JobPlace, JobRow } from './jobHold.ts';
import { nextPage, partPlace } from './jobItems.ts';
import type { JobPage } from './jobItems.ts';
import { doItem } from './jobWork.ts';
import type { Done } from './jobWork.ts';

/** A slice begins nothing new after this; what has begun may take another twenty seconds. A third of the function's 60 s. */
const SLICE_MS = 20_000;
/** Things done at once: enough to hide a site's answer time, few enough that people's work finds room beside them. */
const AT_ONCE = 5;
/** What a job remembers of its failures; more are counted. About 100 bytes each, far below the limit of a record. */
export const MAX_FAILURES = 1_000;
/** What one thing costs in points and in calls of the endpoint that it calls most, about: read, ask for abilities, write, read. */
const COST: Readonly<Record<JobKind, RemainingWork>> = {
  share: { points: 14, calls: 2 },
  connect: { points: 10, calls: 4 },
  resync: COST_OF_PAIR,
  unlink: { points: 8, calls: 4 },
};

/**
 * Works on a job for one slice and asks for the next. First it goes over everything and counts, which a dry run is all of; then it
 * does it. Each step stores what it is about to do, does it, and stores the ends with the next step's intent, so that a stop anywhere
 * costs one step once more, and no thing is counted or made twice.
 *
 * ```
 *   page read and judged ──▶ cursor, counts, intent ──▶ done one by one ──▶ ends, next page's intent ──▶ …
 * ```
 */
export async function runJob(sync: Sync, place: JobPlace, run: string): Promise<Verdict> {
  const hold = await takeJob(sync, place, run);
  if (typeof hold === 'string') return verdict(hold, { connection: place.connection });
  try {
    return await slice(sync, hold).catch((thrown: unknown) => waitFor(sync, hold, toFault(thrown)));
  } catch (thrown) {
    const fault = toFault(thrown);
    // Another worker has it: the slice took longer than its lease.
    if (fault.code === 'lease-lost') return verdict('job-taken', { connection: place.connection });
    throw fault;
  }
}

/** Trouble of a site makes the job wait; everything else is ours, and the queue brings it again. */
async function waitFor(sync: Sync, hold: JobHold, fault: Fault): Promise<Verdict> {
  if (fault.code === 'lease-lost') throw fault;
  if (!fault.code.startsWith('jira-')) {
    await hold.write(({ lease: _lease, ...row }) => ({ ...row, wakeAt: sync.clock.now() + MIN_WAIT_MS }));
    throw fault;
  }
  const asked = fault.facts['retryAfterMs'];
  await rest(sync, hold, fault.code, typeof asked === 'number' ? asked : 0, []);
  return verdict(fault.code, { connection: hold.place.connection });
}

/** A site that refuses is not asked again at once. */
const MIN_WAIT_MS = 60_000;

async function slice(sync: Sync, hold: JobHold): Promise<Verdict> {
  const deadlineAt = sync.clock.now() + SLICE_MS;
  const { place } = hold;
  do {
    const { state, chunk = [] } = hold.row();
    if (state !== 'counting' && state !== 'running') break;
    const { dones, left, waits } = await doAll(sync, hold, state === 'running' ? chunk : [], deadlineAt);
    if (waits !== undefined) {
      await rest(sync, hold, waits.waits, waits.retryAfterMs, dones, left);
      return verdict('job-waits', { connection: place.connection, code: waits.waits });
    }
    if (left.length > 0) await hold.write((row, transaction) => told(hold, transaction, afterDones(row, dones, left)));
    else await goOn(sync, hold, dones);
  } while (sync.clock.now() < deadlineAt);
  return leave(sync, hold);
}

interface DoneItem {
  readonly item: JobItem;
  readonly done: { readonly end: JobEnd; readonly code?: Code };
}

interface Doing {
  readonly dones: readonly DoneItem[];
  readonly left: readonly JobItem[];
  readonly waits?: Extract<Done, { readonly waits: Code }>;
}

/** Does things a few at a time, until they are done, the time is over, or a site wants to be left alone. */
async function doAll(sync: Sync, hold: JobHold, items: readonly JobItem[], deadlineAt: number): Promise<Doing> {
  const dones: DoneItem[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    if (sync.clock.now() >= deadlineAt) return { dones, left: items.slice(at) };
    const batch = items.slice(at, at + AT_ONCE);
    // All of them end before anything is said: nothing of ours may go on behind the answer.
    const settled = await Promise.allSettled(
      batch.map(async (item) => ({ item, done: await doItem(sync, hold, item) })),
    );
    const results = settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    const waiting: JobItem[] = [];
    let waits: Doing['waits'];
    for (const { item, done } of results) {
      if ('end' in done) dones.push({ item, done });
      else {
        waiting.push(item);
        if (waits === undefined || done.retryAfterMs > waits.retryAfterMs) waits = done;
      }
    }
    if (waits !== undefined) return { dones, left: [...waiting, ...items.slice(at + AT_ONCE)], waits };
  }
  return { dones, left: [] };
}

/** Stores the ends, reads the next page and stores what is to be done of it; or ends the pass over the list. */
async function goOn(sync: Sync, hold: JobHold, dones: readonly DoneItem[]): Promise<void> {
  const isRead = hold.row().isRead === true;
  const page: JobPage = isRead ? { judged: [] } : await nextPage(sync, hold);
  await hold.write((row, transaction) => {
    const after = afterDones(row, dones, []);
    if (isRead) return told(hold, transaction, { ...after, row: passed(sync, after.row) });
    const more = withPage(after.row, page);
    return told(hold, transaction, { row: more.row, ends: [...after.ends, ...more.ends] });
  });
}

/** A record and the ends that have led to it. */
interface Told {
  readonly row: JobRow;
  readonly ends: readonly Ended[];
}

/** The record after some things have ended; `left` is what is still to be done of the step. */
function afterDones(row: JobRow, dones: readonly DoneItem[], left: readonly JobItem[]): Told {
  const { chunk: _chunk, ...rest } = row;
  const after = withEnds(
    rest,
    dones.map(({ item, done }) => ({ item, ...done })),
  );
  return { ...after, row: { ...after.row, ...(left.length === 0 ? {} : { chunk: left }) } };
}

function withPage(row: JobRow, page: JobPage): Told {
  const isCounting = row.state === 'counting';
  const ends = page.judged.flatMap((one) =>
    'end' in one ? [one] : isCounting ? [{ item: one.item, end: one.would }] : [],
  );
  const todo = isCounting ? [] : page.judged.flatMap((one) => ('would' in one ? [one.item] : []));
  const after = withEnds(row, ends);
  const { cursor: _cursor, ...rest } = after.row;
  return {
    ends,
    row: {
      ...rest,
      ...(page.next === undefined ? { isRead: true } : { cursor: page.next }),
      ...(todo.length === 0 ? {} : { chunk: todo }),
    },
  };
}

interface Ended {
  readonly item: JobItem;
  readonly end: JobEnd;
  readonly code?: Code;
}

function withEnds(row: JobRow, ends: readonly Ended[]): Told {
  const failed = ends.flatMap(({ item, code }) => (code === undefined ? [] : [failureOf(row, item, code)]));
  const counts = counted(
    row.counts,
    ends.map(({ end }) => end),
  );
  const failures = [...row.failures, ...failed].slice(0, MAX_FAILURES);
  return { row: { ...row, counts, failures, failed: row.failed + failed.length }, ends };
}

function failureOf({ side }: JobRow, { issue, twin, line, a, b }: JobItem, code: Code): JobRow['failures'][number] {
  const own = issue ?? (side === 'a' ? a : b);
  return {
    code,
    ...(own === undefined ? {} : { issue: own }),
    ...(twin === undefined ? {} : { twin }),
    ...(line === undefined ? {} : { line }),
  };
}

/** Writes beside each line of a list how it ended; reads all parts concerned before it writes any. Answers the job's record. */
async function told(hold: JobHold, transaction: Transaction, { row, ends }: Told): Promise<JobRow> {
  const ofParts = Map.groupBy(ends, ({ item }) => item.part);
  const changed: { readonly place: ReturnType<typeof partPlace>; readonly row: RecordOf<'jobPart'> }[] = [];
  for (const [part, those] of ofParts) {
    const place = part === undefined ? undefined : partPlace(hold, part);
    const stored = place === undefined ? undefined : await transaction.read('jobPart', place);
    if (place === undefined || stored === undefined) continue;
    const byLine = new Map(
      those.map(({ item, end, code }) => [item.line, { end, ...(code === undefined ? {} : { code }) }]),
    );
    changed.push({
      place,
      row: { ...stored.row, rows: stored.row.rows.map((one) => ({ ...one, ...byLine.get(one.line) })) },
    });
  }
  for (const { place, row: part } of changed) transaction.put('jobPart', place, part);
  return row;
}

/** A pass over the list is over: a dry run ends with its numbers, the count of a real one leads to the work. */
function passed(sync: Sync, row: JobRow): JobRow {
  const now = sync.clock.now();
  // Paused or cancelled meanwhile: a resume comes here again.
  if (row.state !== 'counting' && row.state !== 'running') return row;
  if (row.state === 'running') return ended(row, 'done', now);
  if (row.isDryRun) return ended({ ...row, planned: row.counts }, 'done', now);
  const { cursor: _cursor, isRead: _isRead, ...rest } = row;
  return {
    ...rest,
    ...{ state: 'running', planned: row.counts, total: totalOf(row.counts) },
    ...{ counts: noCounts, failures: [], failed: 0 },
  };
}

/** Lets the job go until a site may be asked again. */
async function rest(
  sync: Sync,
  hold: JobHold,
  code: Code,
  retryAfterMs: number,
  dones: readonly DoneItem[],
  left?: readonly JobItem[],
): Promise<void> {
  const until = sync.clock.now() + (retryAfterMs > 0 ? retryAfterMs : MIN_WAIT_MS);
  const etaAt = await endOf(sync, hold);
  await hold.write(async (row, transaction) => {
    const after = left === undefined ? row : await told(hold, transaction, afterDones(row, dones, left));
    const { lease: _lease, wakeAt: _wakeAt, etaAt: _etaAt, ...free } = after;
    if (row.state === 'cancelled') return ended(after, 'cancelled', row.endedAt ?? sync.clock.now());
    if (row.state === 'paused') return free;
    return { ...free, wakeAt: until, waits: { code, until }, ...(etaAt === undefined ? {} : { etaAt }) };
  });
}

/** Frees the job at the end of a slice and asks for the next one. The tick finds it if that message gets lost. */
async function leave(sync: Sync, hold: JobHold): Promise<Verdict> {
  const now = sync.clock.now();
  const etaAt = await endOf(sync, hold);
  await hold.write((row) => {
    const { lease: _lease, wakeAt: _wakeAt, etaAt: _etaAt, ...free } = row;
    if (row.state === 'cancelled') return ended(row, 'cancelled', row.endedAt ?? now);
    if (row.state !== 'counting' && row.state !== 'running') return free;
    return { ...free, wakeAt: now, ...(etaAt === undefined ? {} : { etaAt }) };
  });
  const { state, run, kind, counts } = hold.row();
  const { connection } = hold.place;
  sync.log.note('sync-job', { connection, kind, state, ...counts });
  if (state !== 'counting' && state !== 'running') return verdict('done', { connection, kind, state });
  await sync.bus.publish('sync-jobs', { kind: 'run-job', connection, job: kind, run, askedAt: now });
  return verdict('more-to-do', { connection, kind });
}

/** When the job will have ended, as the limits of both sites have it; `undefined` while nobody can say. */
async function endOf(sync: Sync, hold: JobHold): Promise<number | undefined> {
  const { total, counts, kind, state } = hold.row();
  if (total === undefined || state !== 'running') return undefined;
  return endOfWork(sync, hold.fence, Math.max(0, total - totalOf(counts)), COST[kind]);
}
