import type { FieldName } from '../model/field.ts';
import type { AccountId, CommentId, IssueId, IssueKey, ProjectKey, TwinId } from '../model/ids.ts';
import type { Audience, JiraComment, JiraIssue, Marker } from '../model/replica.ts';
import type { ChangedIssue, Page, PageAsk, SearchAsk, WholeIssue } from '../ports.ts';
import type { MailAddress } from '../model/mail.ts';
import { Fault } from '../verdict.ts';
import {
  issueFields,
  MARKER_KEY,
  parseAlong,
  parseChanged,
  parseComments,
  parseFetched,
  parseFound,
  parseGranted,
  parseMail,
  parseIssue,
  parseKeys,
  parseMarkers,
  parseProjectId,
} from '../wire/jira.ts';
import { parseAudience, parseNames } from '../wire/jiraParts.ts';
import { filesIn } from './attachments.ts';
import { readRemoteLinks } from './links.ts';
import { readWorklogs } from './notes.ts';
import { siteFields } from './meta.ts';
import type { MetaCache } from './meta.ts';
import { call, target } from './call.ts';
import type { Site } from './call.ts';
import { allEnded } from '../model/allEnded.ts';

/** Comments per page; Jira gives at most 5,000 and shortens pages that ask for more than it likes. */
const COMMENTS_PER_PAGE = 1_000;
/** An issue holds at most 5,000 comments; Jira may give pages of 100. @see ATLASSIAN.md §6.2 */
const MAX_COMMENT_PAGES = 50;
/** Comment ids per `comment/list` call. @see ATLASSIAN.md §6.3 */
const IDS_PER_LIST = 1_000;
/** Issues that one search reads as they are now. @see ATLASSIAN.md §6.3, `reconcileIssues` */
const IDS_PER_MATCH = 50;
/** Issues of one bulk reading. @see ATLASSIAN.md §6.3, bulkfetch */
const ISSUES_PER_FETCH = 100;
/** A marker is on one issue; more are copies that a person made, or a lost race. */
const MAX_MARKED = 20;

/** Reads fields of one issue, with its changelog and our marker. `gone` for 404. */
export async function readIssue(
  site: Site,
  cache: MetaCache,
  issue: IssueId | IssueKey,
  names: readonly FieldName[],
): Promise<JiraIssue | 'gone'> {
  const read = await readRaw(site, cache, issue, names, []);
  return read === 'gone' ? 'gone' : read.issue;
}

/** The issue and the answer that it was read from, with these lists beside its fields. */
async function readRaw(
  site: Site,
  cache: MetaCache,
  issue: IssueId | IssueKey,
  names: readonly FieldName[],
  lists: readonly string[],
): Promise<{ readonly issue: JiraIssue; readonly body: unknown } | 'gone'> {
  const known = await siteFields(site, cache);
  const fields = [...issueFields(known, names), ...lists].join(',');
  const query = { fields, expand: 'changelog', properties: MARKER_KEY };
  const answer = await call(site, { method: 'GET', target: target('/issue/{}', [issue], query), accept: [404] });
  if (answer.status === 404) return 'gone';
  const found = parseIssue(answer.body, known, names);
  return { issue: names.includes('remoteLinks') ? await withRemoteLinks(site, found) : found, body: answer.body };
}

/** What hangs on an issue and may come along with it. */
export interface PartsAsk {
  readonly comments: boolean;
  readonly worklogs: boolean;
  readonly attachments: boolean;
}

/**
 * Reads an issue together with what hangs on it, in one call as far as the site gives all of it along: an answer that holds only a part
 * of the comments, or any worklog (whose markers it does not hold), is followed by the reading of that list.
 * @throws Fault `jira-not-found` when the issue is there and a list is not: what cannot be read must not look deleted; `jira-forbidden`
 * when the site hides files
 */
export async function readWhole(
  site: Site,
  cache: MetaCache,
  issue: IssueId,
  names: readonly FieldName[],
  parts: PartsAsk,
): Promise<WholeIssue | 'gone'> {
  const { comments, worklogs, attachments } = parts;
  const read = await readRaw(site, cache, issue, names, listsOf(parts));
  if (read === 'gone') return 'gone';
  const [found, along] = [read.issue, parseAlong(read.body)];
  const [ofComments, ofWork] = await allEnded([
    comments ? (along.comments ?? readComments(site, issue)) : [],
    worklogs ? (along.hasNoWorklogs ? NO_WORK : readWorklogs(site, issue)) : undefined,
  ]);
  return {
    issue: found,
    comments: ofComments,
    ...(along.commentCount === undefined || !comments
      ? {}
      : { listed: along.commentCount === ofComments.length ? ('alike' as const) : ('unlike' as const) }),
    ...(ofWork === undefined ? {} : { worklogs: ofWork.worklogs, worklogMarkers: ofWork.markers }),
    ...(attachments ? { attachments: filesIn(read.body) } : {}),
  };
}

/** The lists that come along with an issue, by Jira's names of them. */
function listsOf({ comments, worklogs, attachments }: PartsAsk): readonly string[] {
  return [...(comments ? ['comment'] : []), ...(worklogs ? ['worklog'] : []), ...(attachments ? ['attachment'] : [])];
}

/**
 * Reads many issues with what hangs on them, a hundred in a call, for a point each. An issue is given only when all of it came: what is
 * missing, was refused or may be a part is left out, to be read alone.
 */
export async function readMany(
  site: Site,
  cache: MetaCache,
  issues: readonly IssueId[],
  names: readonly FieldName[],
  parts: PartsAsk,
): Promise<ReadonlyMap<IssueId, WholeIssue>> {
  const found = new Map<IssueId, WholeIssue>();
  if (names.includes('remoteLinks')) return found;
  const known = await siteFields(site, cache);
  const fields = [...issueFields(known, names), ...listsOf(parts)];
  for (let from = 0; from < issues.length; from += ISSUES_PER_FETCH) {
    const ids = issues.slice(from, from + ISSUES_PER_FETCH);
    const body = { issueIdsOrKeys: ids, fields, expand: ['changelog'], properties: [MARKER_KEY] };
    const answer = await call(site, { method: 'POST', target: target('/issue/bulkfetch'), body });
    for (const one of parseFetched(answer.body)) {
      const whole = undoubted(() => wholeIn(one, parseIssue(one, known, names), parts));
      if (whole !== undefined && ids.includes(whole.issue.id)) found.set(whole.issue.id, whole);
    }
  }
  return found;
}

/** The issue with its lists, when all of them are in the answer. @throws Fault `jira-answer-odd`, `jira-forbidden` */
function wholeIn(
  body: unknown,
  issue: JiraIssue,
  { comments, worklogs, attachments }: PartsAsk,
): WholeIssue | undefined {
  const along = parseAlong(body);
  if ((comments && along.comments === undefined) || (worklogs && !along.hasNoWorklogs)) return undefined;
  return {
    issue,
    comments: comments ? (along.comments ?? []) : [],
    ...(worklogs ? { worklogs: NO_WORK.worklogs, worklogMarkers: NO_WORK.markers } : {}),
    ...(attachments ? { attachments: filesIn(body) } : {}),
  };
}

/** What cannot be read out of an answer for many is read alone, where a fault has its code. */
function undoubted<T>(reads: () => T): T | undefined {
  try {
    return reads();
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined;
    throw thrown;
  }
}

const NO_WORK: Awaited<ReturnType<typeof readWorklogs>> = { worklogs: [], markers: new Map() };

/** Remote links are no field of an issue: they cost a call of their own. */
async function withRemoteLinks(site: Site, issue: JiraIssue): Promise<JiraIssue> {
  const links = await readRemoteLinks(site, issue.id);
  const fields = { ...issue.fields, remoteLinks: links.map(({ element }) => element).sort() };
  // The changelog knows them by their ids.
  const put = issue.putByPeople?.remoteLinks ?? [];
  if (put.length === 0) return { ...issue, fields };
  const elements = links.flatMap(({ id, element }) => (put.includes(id) ? [element] : []));
  return { ...issue, fields, putByPeople: { ...issue.putByPeople, remoteLinks: elements } };
}

/** Reads how many people watch an issue and voted for it. The answer names nobody. */
export async function readAudience(site: Site, issue: IssueId): Promise<Audience | 'gone'> {
  const path = target('/issue/{}', [issue], { fields: 'watches,votes' });
  const answer = await call(site, { method: 'GET', target: path, accept: [404] });
  return answer.status === 404 ? 'gone' : parseAudience(answer.body);
}

/** Reads all comments, oldest first. A comment that moves between two pages is given once. */
export async function readComments(site: Site, issue: IssueId): Promise<readonly JiraComment[]> {
  const found = new Map<CommentId, JiraComment>();
  for (let page = 0, startAt = 0; page < MAX_COMMENT_PAGES; page += 1) {
    const query = { startAt, maxResults: COMMENTS_PER_PAGE, orderBy: 'created' };
    const answer = await call(site, { method: 'GET', target: target('/issue/{}/comment', [issue], query) });
    const { comments, total } = parseComments(answer.body);
    for (const comment of comments) found.set(comment.id, comment);
    startAt += comments.length;
    if (comments.length === 0 || startAt >= total) return [...found.values()];
  }
  // Going on with a part would look as if the rest had been deleted.
  throw new Fault('jira-answer-odd', { what: 'comments', count: found.size });
}

/** Reads our markers on these comments; comments without one are left out. */
export async function readMarkers(site: Site, comments: readonly CommentId[]): Promise<ReadonlyMap<CommentId, Marker>> {
  const markers = new Map<CommentId, Marker>();
  for (let from = 0; from < comments.length; from += IDS_PER_LIST) {
    const ids = comments.slice(from, from + IDS_PER_LIST).map(Number);
    const path = target('/comment/list', [], { expand: 'properties' });
    const answer = await call(site, { method: 'POST', target: path, body: { ids } });
    for (const [id, marker] of parseMarkers(answer.body)) markers.set(id, marker);
  }
  return markers;
}

/** Issues of the project that carry the twin's marker, the eldest first. The index lags. */
export async function findMarked(site: Site, project: ProjectKey, twin: TwinId): Promise<readonly IssueId[]> {
  const jql = `project = "${project}" AND issue.property[${MARKER_KEY}].twin = "${twin}" ORDER BY created ASC`;
  const body = { jql, maxResults: MAX_MARKED };
  return parseFound((await call(site, { method: 'POST', target: target('/search/jql'), body })).body).items;
}

/**
 * Which of the issues match, by Jira's own answer. A search that names the issues to reconcile, and not `jql/match`: that one
 * reads the index alone, which does not know an issue that was just made.
 * @throws Fault `jira-refused` for JQL that Jira does not take
 */
export async function match(site: Site, jql: string, issues: readonly IssueId[]): Promise<readonly IssueId[]> {
  const matched: IssueId[] = [];
  for (let from = 0; from < issues.length; from += IDS_PER_MATCH) {
    const ids = issues.slice(from, from + IDS_PER_MATCH);
    const body = {
      jql: `(${jql}) AND id IN (${ids.join(', ')})`,
      maxResults: IDS_PER_MATCH,
      fields: ['id'],
      reconcileIssues: ids.map(Number),
    };
    matched.push(...parseFound((await call(site, { method: 'POST', target: target('/search/jql'), body })).body).items);
  }
  return matched;
}

/** One page of the issues that match, oldest change first. */
export async function search(
  site: Site,
  jql: string,
  { after, limit, order = 'updated' }: SearchAsk,
): Promise<Page<IssueId>> {
  const body = {
    jql: `${jql} ORDER BY ${order} ASC`,
    maxResults: limit,
    fields: ['id'],
    ...(after === undefined ? {} : { nextPageToken: after }),
  };
  return parseFound((await call(site, { method: 'POST', target: target('/search/jql'), body })).body);
}

/** The same with the instant of each issue's last change. */
export async function searchChanged(site: Site, jql: string, { after, limit }: PageAsk): Promise<Page<ChangedIssue>> {
  const body = {
    jql: `${jql} ORDER BY updated ASC`,
    maxResults: limit,
    fields: ['updated'],
    ...(after === undefined ? {} : { nextPageToken: after }),
  };
  return parseChanged((await call(site, { method: 'POST', target: target('/search/jql'), body })).body);
}

/** The keys of issues, as they are now. */
export async function readKeys(site: Site, issues: readonly IssueId[]): Promise<ReadonlyMap<IssueId, IssueKey>> {
  const keys = new Map<IssueId, IssueKey>();
  for (let from = 0; from < issues.length; from += IDS_PER_MATCH) {
    const ids = issues.slice(from, from + IDS_PER_MATCH);
    const body = {
      jql: `id IN (${ids.join(', ')})`,
      maxResults: IDS_PER_MATCH,
      fields: ['created'],
      reconcileIssues: ids.map(Number),
    };
    const answer = await call(site, { method: 'POST', target: target('/search/jql'), body });
    for (const [id, key] of parseKeys(answer.body)) keys.set(id, key);
  }
  return keys;
}

/** The numeric id of a project; `undefined` when it is not there or hidden. */
export async function projectIdOf(site: Site, project: ProjectKey): Promise<string | undefined> {
  const answer = await call(site, { method: 'GET', target: target('/project/{}', [project]), accept: [404] });
  return answer.status === 404 ? undefined : parseProjectId(answer.body);
}

/** Whether a person holds a permission, globally or in a project. Whom or what the site does not know holds nothing. */
export async function mayPerson(
  site: Site,
  account: string,
  permission: string,
  project: ProjectKey | undefined,
): Promise<boolean> {
  const id = project === undefined ? undefined : await projectIdOf(site, project);
  if (project !== undefined && id === undefined) return false;
  const projectId = id === undefined ? undefined : Number(id);
  const asked =
    projectId === undefined
      ? { globalPermissions: [permission] }
      : { projectPermissions: [{ permissions: [permission], projects: [projectId] }] };
  const body = { accountId: account, ...asked };
  const answer = await call(site, { method: 'POST', target: target('/permissions/check'), body, accept: [400, 404] });
  return answer.status === 200 && parseGranted(answer.body, permission, projectId);
}

/** The names of people; as many as one page of the answer holds. @see GET user/bulk */
export async function readNames(site: Site, accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, string>> {
  const query = accounts.map((account) => `accountId=${encodeURIComponent(account)}`).join('&');
  const path = `${target('/user/bulk')}?maxResults=${accounts.length}&${query}`;
  return parseNames((await call(site, { method: 'GET', target: path })).body);
}

/**
 * The mail address of a person, as the site tells it to apps: only where the person's own profile lets everybody see it. We have
 * neither the scope nor the approval for more, and want none. @see ATLASSIAN.md §8
 */
export async function readMail(site: Site, account: string): Promise<MailAddress | undefined> {
  const answer = await call(site, {
    method: 'GET',
    target: target('/user', [], { accountId: account }),
    accept: [404],
  });
  return answer.status === 200 ? parseMail(answer.body) : undefined;
}
