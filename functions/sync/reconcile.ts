import type { Side } from '../../shared/model/connection.ts';
import { halfOf, twinId } from '../../shared/model/ids.ts';
import type { IssueId, ProjectKey } from '../../shared/model/ids.ts';
import type { ChangedIssue, JiraSite, Page, Stored } from '../../shared/ports.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { freshJql } from '../../shared/rules/triggers.ts';
import { Fault, toFault, verdict } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import { readAhead } from './ahead.ts';
import { wakeArchived } from './archived.ts';
import { bringUnderSync } from './bringUnderSync.ts';
import type { ConnectionRow, Sync, TwinRow } from './context.ts';
import { COST_OF_PAIR, endOfWork } from './endOfWork.ts';
import { connectionFence } from './fence.ts';
import { readHalf } from './halves.ts';
import { orTrouble } from './keepWish.ts';
import { followScopes } from './leaving.ts';
import { putOrphan } from './orphans.ts';
import { beginAnew } from './restored.ts';
import { openRun, saveRun } from './runs.ts';
import type { RunAsk, RunRow } from './runs.ts';
import { syncTwin } from './syncTwin.ts';
import type { Ahead } from './take.ts';
import { allEnded } from '../../shared/model/allEnded.ts';

/** Issues per page of a search that asks for nothing but their last change. */
const PAGE = 500;
/** Twins per page of the listing. */
const TWIN_PAGE = 100;
/** Pairs that one run looks at at a time: it has no hurry, and people's work goes first. */
const AT_ONCE = 4;
/** No further pairs begin after this; those that are worked on may take their own time, together within the function's 60 s. */
const SLICE_MS = 20_000;
/** After a pair that a site has asked to wait for. */
const REST_MS = 60_000;
/** A site that is in trouble is left alone for this long; at first for as long as the run has lasted, and this at least. */
const TROUBLE_MS = 600_000;
const SOON_MS = 30_000;
/** Our mark in an issue. @see shared/wire/jira.ts */
const MARKED = 'issue.property[twinline].twin IS NOT EMPTY';

/**
 * Looks at what a connection may have missed and syncs it as a webhook would have: what changed since an instant on either side and,
 * when asked for in `full`, every twin. It runs in slices; each writes how far it came, and the message that asked for the run goes
 * on with it. May be repeated, and stopped at any line: a pair that is in step costs a look.
 *
 * ```
 *   a ──▶ b ──▶ (full: twins) ──▶ done        a, b: issues by their last change; new ones come under sync
 *   count ──▶ twins ──▶ done                  (rules) the twins that were settled under other rules than those that count now
 * ```
 */
export async function reconcile(sync: Sync, ask: RunAsk): Promise<Verdict> {
  const found = (await sync.store.read('connection', { connection: ask.connection }))?.row;
  if (found?.state === 'active' && !(await beginAnew(sync, ask.connection, found))) return askAgain(sync, ask);
  const fence = await connectionFence(sync.store, ask.connection);
  if (typeof fence === 'string') return verdict(fence);
  const opened = await openRun(sync, ask, fence);
  if (opened.row.stage === 'done') return verdict('already-done');
  const told = await orTrouble(() => slice({ sync, points: { a: 0, b: 0 } }, ask, fence, opened));
  if (!(told instanceof Fault)) return told;
  // The run waits at its record, and the tick brings it back.
  sync.log.fault('sync-reconcile', told.code, { ...told.facts, run: opened.row.run }, told.cause ?? told);
  return verdict(told.code, { run: opened.row.run });
}

/** Ports, and what their calls have cost since the run was last written. */
interface Metered {
  readonly sync: Sync;
  readonly points: { a: number; b: number };
}

/** The same ports, with the points counted that calls cost each side. A connection inside one site pays on side A. */
function counting({ sync, points }: Metered, fence: ConnectionRow): Sync {
  const at: Sync['jira']['at'] = (tenant, trace, priority, _meter, mayWrite) => {
    const meter = (count: number): void => {
      points[tenant.tenant === fence.a.tenant ? 'a' : 'b'] += count;
    };
    return sync.jira.at(tenant, trace, priority, meter, mayWrite);
  };
  return { ...sync, jira: { at } };
}

/** One piece of a run. */
interface Work {
  readonly sync: Sync;
  readonly ask: RunAsk;
  readonly fence: ConnectionRow;
  readonly row: RunRow;
  readonly deadlineAt: number;
}

/** How far a piece came. */
interface Step {
  /** Where the stage goes on; absent: it is over. */
  readonly after?: string;
  readonly issues: number;
  readonly twins: number;
  readonly fresh: number;
  /** Twins that were counted before they are looked at. */
  readonly counted?: number;
  /** A site has asked to be left alone. */
  readonly rests?: boolean;
}

async function slice(metered: Metered, ask: RunAsk, fence: ConnectionRow, opened: Stored<'run'>): Promise<Verdict> {
  const { clock } = metered.sync;
  const sync = counting(metered, fence);
  const deadlineAt = clock.now() + SLICE_MS;
  await tried(sync, opened, metered, () => wakeArchived(sync, ask.connection, fence));
  let run = opened;
  while (run.row.stage !== 'done') {
    const step = await tried(sync, run, metered, () => work({ sync, ask, fence, row: run.row, deadlineAt }));
    const parts = next(run.row, step, metered, clock.now());
    const saved = await saveRun(sync, run, { ...parts, etaAt: await endOf(sync, fence, { ...run.row, ...parts }) });
    if (saved === undefined) return verdict('already-done', { run: run.row.run });
    run = saved;
    if (step.rests === true) return verdict('more-to-do', { run: run.row.run });
    if (run.row.stage !== 'done' && clock.now() >= deadlineAt) return goOn(sync, ask, run.row);
  }
  if (run.row.how !== 'rules') await moveWatermark(sync, run.row);
  const { issues, twins, fresh, aPoints, bPoints } = run.row;
  sync.log.note('sync-reconcile', {
    connection: ask.connection,
    run: run.row.run,
    issues,
    twins,
    fresh,
    aPoints,
    bPoints,
  });
  return verdict(twins + fresh === 0 ? 'nothing-to-do' : 'done', { run: run.row.run, issues, twins, fresh });
}

/**
 * Trouble of a site leaves the run where it is, to be tried again by the tick. A site that has just come back refuses its own app until
 * the install is answered, and for minutes after: a young run is tried soon. @see ATLASSIAN.md §10.3
 */
async function tried<T>(sync: Sync, run: Stored<'run'>, metered: Metered, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const fault = toFault(thrown);
    if (!fault.code.startsWith('jira-')) throw fault;
    const asked = fault.facts['retryAfterMs'];
    const now = sync.clock.now();
    const rest = Math.min(TROUBLE_MS, Math.max(SOON_MS, now - run.row.startedAt));
    const wakeAt = now + (typeof asked === 'number' ? asked : rest);
    await saveRun(sync, run, { ...spent(run.row, metered), wakeAt, code: fault.code });
    throw fault;
  }
}

async function goOn(sync: Sync, ask: RunAsk, { run }: RunRow): Promise<Verdict> {
  await askAgain(sync, ask);
  return verdict('more-to-do', { run });
}

async function askAgain(sync: Sync, ask: RunAsk): Promise<Verdict> {
  const { connection, since, askedAt, how } = ask;
  const message = { kind: 'reconcile', connection, since, askedAt } as const;
  await sync.bus.publish('sync-jobs', how === undefined ? message : { ...message, how });
  return verdict('more-to-do', { connection });
}

/** When the run will have looked at all that it has counted; a run that counts nothing before cannot say. */
async function endOf(sync: Sync, fence: ConnectionRow, row: Pick<RunRow, 'stage' | 'total' | 'twins'>) {
  if (row.stage !== 'twins' || row.total === undefined) return undefined;
  return endOfWork(sync, fence, Math.max(0, row.total - row.twins), COST_OF_PAIR);
}

function next(row: RunRow, step: Step, metered: Metered, now: number) {
  const total = row.how === 'rules' ? { total: (row.total ?? 0) + (step.counted ?? 0) } : {};
  const counts = { issues: row.issues + step.issues, twins: row.twins + step.twins, fresh: row.fresh + step.fresh };
  const parts = { ...counts, ...total, ...spent(row, metered), code: undefined };
  if (step.rests === true) return { ...parts, after: step.after, wakeAt: now + REST_MS };
  if (step.after !== undefined) return { ...parts, after: step.after };
  const stage = nextStage(row);
  return { ...parts, stage, after: undefined, ...(stage === 'done' ? { endedAt: now, wakeAt: undefined } : {}) };
}

/** What was spent since the run was last written, and nothing twice. */
function spent(row: RunRow, { points }: Metered) {
  const parts = { aPoints: row.aPoints + points.a, bPoints: row.bPoints + points.b };
  [points.a, points.b] = [0, 0];
  return parts;
}

function nextStage({ stage, how }: RunRow): RunRow['stage'] {
  if (stage === 'a') return 'b';
  if (stage === 'count') return 'twins';
  return stage === 'b' && how === 'full' ? 'twins' : 'done';
}

function work(piece: Work): Promise<Step> {
  const { stage } = piece.row;
  if (stage === 'count') return countTwins(piece);
  return stage === 'a' || stage === 'b' ? lookAtSide(piece, stage) : lookAtTwins(piece);
}

// ── Twins ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function lookAtTwins({ sync, ask, fence, row, deadlineAt }: Work): Promise<Step> {
  const { connection } = ask;
  const from = row.after === undefined ? {} : { after: row.after };
  const page = await sync.store.list('twin', { connection }, { limit: TWIN_PAGE, ...from });
  await followScopes(
    sync,
    connection,
    fence,
    page.items.map(({ row: twin }) => twin),
  );
  const isDue = row.how === 'rules' ? await dueForRules(sync, fence, connection) : (): boolean => true;
  // What other rules want of a pair is seldom what it shows.
  const ahead = row.how === 'full' ? await readAhead(sync, connection, fence, page.items) : new Map<string, Ahead>();
  let [done, seen, after, rests] = [0, 0, row.after, false];
  while (done < page.items.length && !rests) {
    const some = page.items.slice(done, done + AT_ONCE);
    const due = some.filter(({ row: twin }) => isDue(twin));
    const ends = await allEnded(due.map(({ row: twin }) => look(sync, row, twin.twin, ahead.get(twin.twin))));
    rests = ends.includes('rest');
    if (rests) break;
    done += some.length;
    seen += due.length;
    const last = some.at(-1);
    if (last !== undefined) after = pathOf('twin', last.place);
    if (sync.clock.now() >= deadlineAt) break;
  }
  const isOver = done === page.items.length && page.next === undefined;
  const step = { issues: 0, twins: seen, fresh: 0, rests };
  return (isOver && !rests) || after === undefined ? step : { ...step, after };
}

/** Counts a page of the twins that new rules have not reached. */
async function countTwins({ sync, ask, fence, row }: Work): Promise<Step> {
  const { connection } = ask;
  const from = row.after === undefined ? {} : { after: row.after };
  const page = await sync.store.list('twin', { connection }, { limit: TWIN_PAGE, ...from });
  const isDue = await dueForRules(sync, fence, connection);
  const counted = page.items.filter(({ row: twin }) => isDue(twin)).length;
  const step = { issues: 0, twins: 0, fresh: 0, counted };
  return page.next === undefined ? step : { ...step, after: page.next };
}

/** Tells the twins that were settled under other rules than those that count now. One that a person has paused hears when it goes on. */
async function dueForRules(
  sync: Sync,
  fence: ConnectionRow,
  connection: Work['ask']['connection'],
): Promise<(twin: TwinRow) => boolean> {
  const rules = await rulesNow(sync, fence, connection);
  return (twin) => twin.pausedAt === undefined && !isRuledBy(twin, rules);
}

/** Looks at one pair; `rest` when a site has asked to be left alone. What else blocks a pair is that pair's alone. */
async function look(sync: Sync, { connection, run }: RunRow, twin: string, ahead?: Ahead): Promise<'done' | 'rest'> {
  const hint = { run, ...(ahead === undefined ? {} : { ahead }) };
  const ended = await syncTwin(sync, { connection, twin: twinId(twin) }, hint);
  return ended.code === 'twin-parked' && ended.facts?.['code'] === 'jira-rate-limited' ? 'rest' : 'done';
}

// ── Issues ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The issues of one side by their last change. The place where it goes on is the instant of the last one and no page of Jira's: what
 * we write moves issues to the end of that order while we go through it. Only among issues of one instant, more than a page of them,
 * Jira's page leads on.
 */
async function lookAtSide(piece: Work, side: Side): Promise<Step> {
  const { sync, ask, fence, row, deadlineAt } = piece;
  const tenant = fence[side];
  const site = sync.jira.at(tenant, ask.connection, 'bulk');
  const { settings } = await readHalf(sync, { connection: ask.connection, side, tenant });
  const { since, token } = placeIn(row);
  const jql = `project = "${settings.projectKey}" AND updated >= ${since}`;
  const page = await changedOrNone(site, settings.projectKey, jql, token);
  const fresh = new Set(await wanted(piece, side, site, page.items, freshJql(settings, fence.activatedAt)));
  const count = { issues: 0, twins: 0, fresh: 0, rests: false };
  let after = since;
  while (count.issues < page.items.length) {
    const some = page.items.slice(count.issues, count.issues + AT_ONCE);
    const ends = await allEnded(some.map((found) => lookAtIssue(piece, side, found, fresh)));
    if (ends.includes('rest')) return { ...count, after: reached(row, after), rests: true };
    count.issues += some.length;
    count.twins += ends.filter((end) => end === 'twin').length;
    count.fresh += ends.filter((end) => end === 'fresh').length;
    after = some.at(-1)?.updatedAt ?? after;
    if (sync.clock.now() >= deadlineAt) break;
  }
  const isWhole = count.issues === page.items.length;
  if (isWhole && page.next === undefined) return count;
  const isOneInstant = isWhole && after === since;
  return { ...count, after: isOneInstant ? `${since} ${page.next}` : reached(row, after) };
}

/** Where a run goes on that has looked at all that was changed before an instant. */
function reached(row: RunRow, instant: number): string {
  return instant > placeIn(row).since ? String(instant) : (row.after ?? String(instant));
}

/** Where a run goes on: an instant, and a page of Jira's among the issues of that instant. */
function placeIn({ after, since }: RunRow): { readonly since: number; readonly token?: string } {
  const [instant = '', token] = (after ?? String(since)).split(' ');
  return { since: Number(instant), ...(token === undefined ? {} : { token }) };
}

/** A page of changed issues; none of an archived project, of which Jira's search does not know. */
async function changedOrNone(
  site: JiraSite,
  project: ProjectKey,
  jql: string,
  after: string | undefined,
): Promise<Page<ChangedIssue>> {
  try {
    return await site.searchChanged(jql, { limit: PAGE, ...(after === undefined ? {} : { after }) });
  } catch (thrown) {
    const isRefused = thrown instanceof Fault && thrown.code === 'jira-refused';
    if (isRefused && (await site.archivedPart(project)) !== undefined) return { items: [] };
    throw thrown;
  }
}

/** Issues without a twin that the side's triggers want; those with our mark are no new ones. */
async function wanted(
  piece: Work,
  side: Side,
  site: JiraSite,
  found: readonly ChangedIssue[],
  trigger: string | undefined,
): Promise<readonly IssueId[]> {
  const unlinked: IssueId[] = [];
  for (const { issue } of found) if ((await linkOf(piece, side, issue)) === undefined) unlinked.push(issue);
  if (unlinked.length === 0) return [];
  if (piece.row.how === 'full') await tellOrphans(piece, side, site, await site.match(MARKED, unlinked));
  return trigger === undefined ? [] : site.match(trigger, unlinked);
}

async function linkOf({ sync, ask, fence }: Work, side: Side, issue: IssueId): Promise<string | undefined> {
  const place = { tenant: fence[side].tenant, issue, connection: ask.connection };
  return (await sync.store.read('link', place))?.row.twin;
}

/** Issues that carry the mark of a twin which nobody knows: the twin was lost, or a person has copied the issue with its properties. */
async function tellOrphans(piece: Work, side: Side, site: JiraSite, marked: readonly IssueId[]): Promise<void> {
  for (const id of marked) {
    const issue = await site.readIssue(id, []);
    if (issue !== 'gone') await putOrphan(piece.sync, piece.row, side, issue);
  }
}

async function lookAtIssue(
  { sync, ask, fence, row }: Work,
  side: Side,
  { issue, updatedAt }: ChangedIssue,
  fresh: ReadonlySet<IssueId>,
): Promise<'twin' | 'fresh' | 'none' | 'rest'> {
  const { connection } = ask;
  const link = (await sync.store.read('link', { tenant: fence[side].tenant, issue, connection }))?.row;
  if (link === undefined) {
    if (!fresh.has(issue)) return 'none';
    const brought = await bringUnderSync(sync, { tenant: fence[side], connection, issue, run: row.run });
    return isRest(brought) ? 'rest' : 'fresh';
  }
  const twin = (await sync.store.read('twin', { connection, twin: link.twin }))?.row;
  // As it was last settled: an event was faster. A full run comes to every twin by itself.
  const stamp = side === 'a' ? twin?.aUpdatedAt : twin?.bUpdatedAt;
  if (twin === undefined || row.how === 'full') return 'none';
  const isAsSettled = stamp === updatedAt && !twin.dirty && twin.error === undefined;
  if (isAsSettled && (await isRuledAsNow(sync, fence, connection, twin))) return 'none';
  return (await look(sync, row, link.twin)) === 'rest' ? 'rest' : 'twin';
}

/** True when the twin was last settled under the rules that are active now: other rules may want other things of the same issues. */
async function isRuledAsNow(
  sync: Sync,
  fence: Work['fence'],
  connection: Work['ask']['connection'],
  twin: TwinRow,
): Promise<boolean> {
  return isRuledBy(twin, await rulesNow(sync, fence, connection));
}

/** The versions of both sides' rules. */
interface RulesNow {
  readonly a: number | undefined;
  readonly b: number | undefined;
}

function isRuledBy({ ruledBy }: TwinRow, now: RulesNow): boolean {
  return ruledBy !== undefined && ruledBy.a === now.a && ruledBy.b === now.b;
}

async function rulesNow(sync: Sync, fence: Work['fence'], connection: Work['ask']['connection']): Promise<RulesNow> {
  const [a, b] = await Promise.all(
    (['a', 'b'] as const).map((side) =>
      sync.store.read('half', { tenant: fence[side].tenant, half: halfOf(connection, side) }),
    ),
  );
  return { a: a?.row.rulesVersion, b: b?.row.rulesVersion };
}

function isRest({ code, facts }: Verdict): boolean {
  return code === 'twin-parked' && facts?.['code'] === ('jira-rate-limited' satisfies Code);
}

/** Only forwards; a change of the record meanwhile wins, because the next run moves the mark anyway. */
async function moveWatermark(sync: Sync, { connection, startedAt: to }: RunRow): Promise<void> {
  const stored = await sync.store.read('connection', { connection });
  if (stored === undefined || stored.row.watermarkAt >= to) return;
  try {
    await sync.store.replace('connection', { connection }, { ...stored.row, watermarkAt: to }, stored.version);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'store-changed') throw thrown;
  }
}
