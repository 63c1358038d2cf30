import type { AdfDoc } from '../model/adf.ts';
import type { CommentId, IssueId, WorklogId } from '../model/ids.ts';
import { issueId } from '../model/ids.ts';
import type { EstimateAdjustment, Work } from '../model/plan.ts';
import type { JiraWorklog, Marker, Visibility } from '../model/replica.ts';
import type { WorklogChanges, WriteResult } from '../ports.ts';
import { Fault } from '../verdict.ts';
import type { Code } from '../verdict.ts';
import { MARKER_KEY, parseCreatedComment, parseRefusal } from '../wire/jira.ts';
import { parseCreatedWorklog, parseWorklogChanges, parseWorklogPlaces, parseWorklogs } from '../wire/jiraParts.ts';
import { call, target, write } from './call.ts';
import type { Answer, Call, Site } from './call.ts';
import { REFUSALS, refusalOf } from './write.ts';

/** Worklogs per page; Jira gives at most 5,000. @see ATLASSIAN.md §6.3 */
const WORKLOGS_PER_PAGE = 5_000;
/** An issue holds at most 10,000 worklogs; Jira may give pages of 1,000. @see ATLASSIAN.md §6.2 */
const MAX_WORKLOG_PAGES = 20;
/** Worklog ids per `worklog/list` call. @see ATLASSIAN.md §6.3 */
const IDS_PER_LIST = 1_000;
/** The property by which Jira Service Management hides a comment from customers. @see ATLASSIAN.md §6.3 */
const INTERNAL_KEY = 'sd.public.comment';
const INTERNAL = { internal: true };

type Refusal = Extract<WriteResult, { readonly ok: false }>;

/** Adds a comment with its marker, restricted from the first moment when it shall be. */
export async function addComment(
  site: Site,
  issue: IssueId,
  body: AdfDoc,
  marker: Marker,
  visibility?: Visibility,
): Promise<WriteResult & { readonly comment?: CommentId }> {
  const internal = visibility?.type === 'internal' ? [{ key: INTERNAL_KEY, value: INTERNAL }] : [];
  const properties = [{ key: MARKER_KEY, value: marker }, ...internal];
  const ask: Call = {
    method: 'POST',
    target: target('/issue/{}/comment', [issue]),
    body: { body, properties, ...restriction(visibility) },
    accept: REFUSALS,
  };
  const answer = await write(site, issue, ask);
  if (answer.status < 300) return { ok: true, comment: parseCreatedComment(answer.body) };
  return refused(answer, visibility, 'comment-limit');
}

/**
 * Changes the text of a comment and says who may read it: what is left out stays as it is. An internal one is hidden before its new
 * text is written.
 */
export async function editComment(
  site: Site,
  issue: IssueId,
  comment: CommentId,
  body: AdfDoc,
  visibility?: Visibility,
): Promise<WriteResult> {
  if (visibility?.type === 'internal') {
    const path = target('/comment/{}/properties/{}', [comment, INTERNAL_KEY]);
    const hidden = await write(site, issue, { method: 'PUT', target: path, body: INTERNAL, accept: REFUSALS });
    if (hidden.status >= 300) return refused(hidden, visibility);
  }
  const path = target('/issue/{}/comment/{}', [issue, comment]);
  const ask: Call = { method: 'PUT', target: path, body: { body, ...restriction(visibility) }, accept: REFUSALS };
  return ended(await write(site, issue, ask), visibility);
}

/** Deletes a comment. Gone already counts as done. */
export async function deleteComment(site: Site, issue: IssueId, comment: CommentId): Promise<WriteResult> {
  const path = target('/issue/{}/comment/{}', [issue, comment]);
  return gone(await write(site, issue, { method: 'DELETE', target: path, accept: REFUSALS }));
}

/** Reads all worklogs, oldest first, with our markers on them. One that moves between two pages is given once. */
export async function readWorklogs(
  site: Site,
  issue: IssueId,
): Promise<{ readonly worklogs: readonly JiraWorklog[]; readonly markers: ReadonlyMap<WorklogId, Marker> }> {
  const found = new Map<WorklogId, JiraWorklog>();
  const markers = new Map<WorklogId, Marker>();
  for (let page = 0, startAt = 0; page < MAX_WORKLOG_PAGES; page += 1) {
    const query = { startAt, maxResults: WORKLOGS_PER_PAGE, expand: 'properties' };
    const read = parseWorklogs(
      (await call(site, { method: 'GET', target: target('/issue/{}/worklog', [issue], query) })).body,
    );
    for (const worklog of read.worklogs) found.set(worklog.id, worklog);
    for (const [id, marker] of read.markers) markers.set(id, marker);
    startAt += read.worklogs.length;
    if (read.worklogs.length === 0 || startAt >= read.total) return { worklogs: [...found.values()], markers };
  }
  // Going on with a part would look as if the rest had been deleted.
  throw new Fault('jira-answer-odd', { what: 'worklogs', count: found.size });
}

/** Logs work with its marker. */
export async function addWorklog(
  site: Site,
  issue: IssueId,
  work: Work,
  adjust: EstimateAdjustment,
  marker: Marker,
): Promise<WriteResult & { readonly worklog?: WorklogId }> {
  const properties = [{ key: MARKER_KEY, value: marker }];
  const path = target('/issue/{}/worklog', [issue], { adjustEstimate: adjust });
  const body = { ...bodyOf(work), properties };
  const answer = await write(site, issue, { method: 'POST', target: path, body, accept: REFUSALS });
  if (answer.status < 300) return { ok: true, worklog: parseCreatedWorklog(answer.body) };
  return refused(answer, work.visibility, 'worklog-limit');
}

/** Changes all of a worklog that travels. */
export async function editWorklog(
  site: Site,
  issue: IssueId,
  worklog: WorklogId,
  work: Work,
  adjust: EstimateAdjustment,
): Promise<WriteResult> {
  const path = target('/issue/{}/worklog/{}', [issue, worklog], { adjustEstimate: adjust });
  const ask: Call = { method: 'PUT', target: path, body: bodyOf(work, true), accept: REFUSALS };
  return ended(await write(site, issue, ask), work.visibility);
}

/** Deletes a worklog. Gone already counts as done. */
export async function deleteWorklog(
  site: Site,
  issue: IssueId,
  worklog: WorklogId,
  adjust: EstimateAdjustment,
): Promise<WriteResult> {
  const path = target('/issue/{}/worklog/{}', [issue, worklog], { adjustEstimate: adjust });
  return gone(await write(site, issue, { method: 'DELETE', target: path, accept: REFUSALS }));
}

/** One page of the site's worklogs that changed or went since an instant. Jira leaves the last minute out. */
export async function worklogChanges(
  site: Site,
  what: 'updated' | 'deleted',
  sinceAt: number,
): Promise<WorklogChanges> {
  const path = target(`/worklog/${what}`, [], { since: sinceAt });
  return parseWorklogChanges((await call(site, { method: 'GET', target: path })).body);
}

/** Which issue each of these worklogs belongs to; those that the app may not see are left out. */
export async function placesOfWorklogs(
  site: Site,
  worklogs: readonly WorklogId[],
): Promise<ReadonlyMap<WorklogId, IssueId>> {
  const places = new Map<WorklogId, IssueId>();
  for (let from = 0; from < worklogs.length; from += IDS_PER_LIST) {
    const ids = worklogs.slice(from, from + IDS_PER_LIST).map(Number);
    const answer = await call(site, { method: 'POST', target: target('/worklog/list'), body: { ids } });
    for (const [id, issue] of parseWorklogPlaces(answer.body)) places.set(id, issueId(issue));
  }
  return places;
}

/** What is left out of an edit would stay, so a text that is gone is written as an empty one. */
function bodyOf({ startedAt, spentSeconds, body, visibility }: Work, isEdit = false) {
  // Jira takes an offset without a colon only. @see ATLASSIAN.md §6.3, worklogs
  const started = new Date(startedAt).toISOString().replace('Z', '+0000');
  const empty: AdfDoc = { type: 'doc', version: 1, content: [] };
  const comment = body === null && !isEdit ? {} : { comment: body ?? empty };
  return { started, timeSpentSeconds: spentSeconds, ...comment, ...restriction(visibility) };
}

function restriction(visibility: Visibility | undefined) {
  if (visibility === undefined || visibility.type === 'internal') return {};
  return { visibility: { type: visibility.type, value: visibility.name } };
}

function ended(answer: Answer, visibility: Visibility | undefined): WriteResult {
  return answer.status < 300 ? { ok: true } : refused(answer, visibility);
}

function gone(answer: Answer): WriteResult {
  return answer.status === 404 ? { ok: true } : ended(answer, undefined);
}

/** Jira names the restriction `commentLevel` or by its own name when it does not know it or the app is not one of them. */
function refused(answer: Answer, visibility: Visibility | undefined, full?: Code): Refusal {
  if (answer.status === 413 && full !== undefined) return { ok: false, code: full };
  const isReaders =
    visibility !== undefined &&
    answer.status === 400 &&
    Object.keys(parseRefusal(answer.body)).some((name) => /level|visibility/i.test(name));
  return { ok: false, code: isReaders ? 'visibility-unknown' : refusalOf(answer) };
}
