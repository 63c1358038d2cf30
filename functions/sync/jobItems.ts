import type { ConnectionId, IssueId } from '../../shared/model/ids.ts';
import type { JobEnd } from '../../shared/model/job.ts';
import { twinErrorsOf } from '../../shared/model/twinState.ts';
import type { Page } from '../../shared/ports.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { scopeJql } from '../../shared/rules/scope.ts';
import type { Code } from '../../shared/verdict.ts';
import { issueNamed } from '../../shared/wire/pairsCsv.ts';
import { isApart } from './apart.ts';
import { judgePair } from './connectPair.ts';
import type { Sync } from './context.ts';
import type { JobHold, JobItem } from './jobHold.ts';
import { matchOf } from './matchPair.ts';

/** Issues or pairs of one step: few enough that a step ends well within a function's time. */
const PAGE = 25;

/** One thing that a job met: what there is to do about it, or how it ends without doing anything. */
export type Judged =
  | { readonly item: JobItem; readonly would: JobEnd }
  | { readonly item: JobItem; readonly end: JobEnd; readonly code?: Code };

/** A step of a job's list. `next` is where the following one begins; absent at the end. */
export interface JobPage {
  readonly judged: readonly Judged[];
  readonly next?: string;
}

/** Reads the next things of a job's list and judges each. Writes nothing, so a dry run is made of it alone. */
export async function nextPage(sync: Sync, hold: JobHold): Promise<JobPage> {
  const { kind, cursor, parts } = hold.row();
  if (parts !== undefined) return listed(sync, hold, parts, Number(cursor ?? 0));
  switch (kind) {
    case 'share':
      return searched(sync, hold, (issues) => toShare(sync, hold, issues));
    case 'connect':
      return searched(sync, hold, (issues) => toMatch(sync, hold, issues));
    case 'resync':
    case 'unlink':
      return hold.ask.jql === undefined
        ? twinPage(sync, hold)
        : searched(sync, hold, (issues) => Promise.all(issues.map((issue) => twinOf(sync, hold, { issue }))));
  }
}

/** Issues of the asker's project that its query finds, or its scope. The order is that of their making, which no sync changes. */
async function searched(
  sync: Sync,
  hold: JobHold,
  judge: (issues: readonly IssueId[]) => Promise<readonly Judged[]>,
): Promise<JobPage> {
  const { side, cursor } = hold.row();
  const jql = scopeJql(hold.projects[side], hold.ask.jql ?? hold.scope);
  const site = sync.jira.at(hold.fence[side], hold.place.connection, 'bulk');
  const page: Page<IssueId> = await site.search(jql, {
    limit: PAGE,
    order: 'created',
    ...(cursor === undefined ? {} : { after: cursor }),
  });
  return { judged: await judge(page.items), ...(page.next === undefined ? {} : { next: page.next }) };
}

/** Those that are no pair yet and that the side's own scope wants. */
async function toShare(sync: Sync, hold: JobHold, issues: readonly IssueId[]): Promise<readonly Judged[]> {
  const { side, isAgain } = hold.row();
  const fresh = await unlinked(sync, hold, issues);
  const isNarrowed = hold.ask.jql !== undefined && hold.scope.trim() !== '';
  const site = sync.jira.at(hold.fence[side], hold.place.connection, 'bulk');
  const wanted = new Set(isNarrowed ? await site.match(scopeJql(hold.projects[side], hold.scope), [...fresh]) : fresh);
  return Promise.all(
    issues.map(async (issue): Promise<Judged> => {
      const item = { issue };
      if (!fresh.has(issue)) return { item, end: 'already' };
      if (!wanted.has(issue)) return { item, end: 'outside' };
      const wasTakenOut =
        isAgain !== true && (await isApart(sync, hold.fence[side].tenant, issue, hold.place.connection));
      return wasTakenOut ? { item, end: 'refused', code: 'unlinked-before' } : { item, would: 'made' };
    }),
  );
}

async function unlinked(sync: Sync, hold: JobHold, issues: readonly IssueId[]): Promise<ReadonlySet<IssueId>> {
  const { tenant } = hold.fence[hold.row().side];
  const { connection } = hold.place;
  const links = await Promise.all(issues.map((issue) => sync.store.read('link', { tenant, issue, connection })));
  return new Set(issues.filter((_, at) => links[at] === undefined));
}

/** Those that have exactly one issue of the other side with the same value. */
async function toMatch(sync: Sync, hold: JobHold, issues: readonly IssueId[]): Promise<readonly Judged[]> {
  const fresh = await unlinked(sync, hold, issues);
  const judged: Judged[] = [];
  for (const issue of issues) {
    const item = { issue };
    if (!fresh.has(issue)) judged.push({ item, end: 'already' });
    else {
      const found = await matchOf(sync, hold, issue);
      judged.push(
        found === undefined
          ? { item, end: 'outside' }
          : typeof found === 'string'
            ? { item, end: 'refused', code: found }
            : { item: { ...item, ...found }, would: 'connected' },
      );
    }
  }
  return judged;
}

/** The pairs of the connection by id. */
async function twinPage(sync: Sync, hold: JobHold): Promise<JobPage> {
  const { cursor, onlyErrors } = hold.row();
  const { connection } = hold.place;
  const after = cursor === undefined ? {} : { after: pathOf('twin', { connection, twin: cursor }) };
  const page = await sync.store.list('twin', { connection }, { limit: PAGE, ...after });
  const judged = page.items
    .filter(({ row }) => onlyErrors !== true || twinErrorsOf(row).length > 0)
    .map(({ row }): Judged => ({ item: { twin: row.twin }, would: 'done' }));
  const last = page.next === undefined ? undefined : page.items.at(-1)?.row.twin;
  return { judged, ...(last === undefined ? {} : { next: last }) };
}

/** The pair of an issue of the asker. */
async function twinOf(sync: Sync, hold: JobHold, item: JobItem & { readonly issue: IssueId }): Promise<Judged> {
  const { connection } = hold.place;
  const { tenant } = hold.fence[hold.row().side];
  const link = (await sync.store.read('link', { tenant, issue: item.issue, connection }))?.row;
  if (link === undefined) return { item, end: 'outside' };
  const row = (await sync.store.read('twin', { connection, twin: link.twin }))?.row;
  if (row === undefined) return { item, end: 'already' };
  const isPassed = hold.row().onlyErrors === true && twinErrorsOf(row).length === 0;
  return isPassed ? { item, end: 'outside' } : { item: { ...item, twin: link.twin }, would: 'done' };
}

/** The lines of one part of a list that was handed in. */
async function listed(sync: Sync, hold: JobHold, parts: number, part: number): Promise<JobPage> {
  const stored = await sync.store.read('jobPart', partPlace(hold, part));
  const rows = stored?.row.rows ?? [];
  const judged: Judged[] = [];
  for (const row of rows) judged.push(await judgeLine(sync, hold, part, row));
  return { judged, ...(part + 1 < parts ? { next: String(part + 1) } : {}) };
}

interface Line {
  readonly line: number;
  readonly a: string;
  readonly b: string;
  readonly twin?: JobItem['twin'];
}

async function judgeLine(sync: Sync, hold: JobHold, part: number, { line, a, b, twin }: Line): Promise<Judged> {
  const item = { part, line };
  const names = { a: issueNamed(a), b: issueNamed(b) };
  const own = names[hold.row().side];
  if (hold.row().kind !== 'connect') {
    if (own === undefined) return { item, end: 'refused', code: 'pair-malformed' };
    const { side } = hold.row();
    const issue = await sync.jira.at(hold.fence[side], hold.place.connection, 'bulk').readIssue(own, []);
    return issue === 'gone'
      ? { item, end: 'refused', code: 'pair-issue-missing' }
      : twinOf(sync, hold, { ...item, issue: issue.id });
  }
  if (names.a === undefined || names.b === undefined) return { item, end: 'refused', code: 'pair-malformed' };
  const frame = { ...hold, connection: hold.place.connection, side: hold.row().side };
  const fit = await judgePair(sync, frame, { a: names.a, b: names.b, ...(twin === undefined ? {} : { twin }) });
  if (typeof fit !== 'string') return { item: { ...item, ...fit }, would: 'connected' };
  return fit === 'already-done' ? { item, end: 'already' } : { item, end: 'refused', code: fit };
}

/** Where a part of a job's list is. */
export function partPlace(
  { place, row }: Pick<JobHold, 'place' | 'row'>,
  part: number,
): { readonly connection: ConnectionId; readonly job: string; readonly part: string } {
  return { ...place, part: partName(row().run, part) };
}

/** The name of a part; a run has its own, so that what an earlier one left behind is not taken for its. */
export function partName(run: string, part: number): string {
  return `${run}-${String(part).padStart(4, '0')}`;
}
