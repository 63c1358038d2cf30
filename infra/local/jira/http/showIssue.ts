import { subtasksOf } from '../model/issues.ts';
import { projectById } from '../model/records.ts';
import { isRecord } from '../model/richText.ts';
import { sees } from '../model/permissions.ts';
import type { Act, Comment, History, Issue } from '../model/types.ts';
import { adfToWiki } from '../model/wiki.ts';
import { type Version, self, showIssueRef, showProjectRef, showSchema, showStatus, showUser, stamp } from './show.ts';
import { showParts } from './showParts.ts';
import { showPerson, showValue } from './showValue.ts';

/** Which fields of an issue to show. */
export type FieldFilter = (id: string) => boolean;

/** Fields that `*navigable` leaves out. */
const NOT_NAVIGABLE = new Set(['comment', 'attachment', 'worklog', 'issuelinks', 'subtasks', 'timetracking']);

/** Reads a list of fields as Jira does: ids, `*all`, `*navigable`, and `-id` to leave one out. */
export function fieldFilter(given: readonly string[] | undefined, fallback: readonly string[]): FieldFilter {
  const list = given === undefined || given.length === 0 ? fallback : given;
  const without = new Set(list.filter((word) => word.startsWith('-')).map((word) => word.slice(1)));
  const wanted = new Set(list);
  const onlyWithout = list.every((word) => word.startsWith('-'));
  return (id) => {
    if (without.has(id)) return false;
    if (wanted.has(id) || wanted.has('*all') || onlyWithout) return true;
    return wanted.has('*navigable') && !NOT_NAVIGABLE.has(id);
  };
}

/** What to show of an issue. */
export interface View {
  readonly version: Version;
  readonly fields: FieldFilter;
  readonly properties?: readonly string[] | undefined;
  readonly expand?: readonly string[] | undefined;
  /** Most histories of the expanded changelog, where the operation gives fewer. */
  readonly histories?: number;
}

/** An issue as REST (version 3, documents) or a webhook (version 2, wiki markup) shows it. */
export function showIssue(act: Act, issue: Issue, view: View) {
  const { site } = act;
  const expand = view.expand ?? [];
  return {
    expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
    id: issue.id,
    self: self(site, view.version, `issue/${issue.id}`),
    key: issue.key,
    fields: showFields(act, issue, view),
    ...(view.properties === undefined ? {} : { properties: chosen(issue.properties, view.properties) }),
    ...(expand.includes('names')
      ? { names: Object.fromEntries(site.fields.map((field) => [field.id, field.name])) }
      : {}),
    ...(expand.includes('schema')
      ? { schema: Object.fromEntries(site.fields.map((field) => [field.id, showSchema(field)])) }
      : {}),
    ...(expand.includes('changelog') ? { changelog: showRecent(act, issue, view) } : {}),
  };
}

function chosen(properties: Issue['properties'], keys: readonly string[]): Record<string, unknown> {
  const all = keys.includes('*all');
  return Object.fromEntries(Object.entries(properties).filter(([key]) => all || keys.includes(key)));
}

/** Most histories that the expanded changelog of an issue holds. @see GET issue, `expand=changelog` */
const EXPANDED_HISTORIES = 100;

function showRecent(act: Act, issue: Issue, { version, histories: most = EXPANDED_HISTORIES }: View) {
  const all = act.site.issues.get(issue.id)?.histories ?? [];
  const histories = all
    .slice(-most)
    .reverse()
    .map((history) => showHistory(act, history, version));
  return { startAt: 0, maxResults: histories.length, total: all.length, histories };
}

/** One entry of a changelog. */
export function showHistory(act: Act, history: History, version: Version) {
  const author = act.world.people.get(history.authorId);
  return {
    id: history.id,
    ...(author === undefined ? {} : { author: showUser(act.site, version, author) }),
    created: stamp(history.createdAt),
    items: history.items,
  };
}

/** The fields of an issue by id. */
/** An issue whose parent was deleted has none. */
function hasParent({ site }: Act, { values }: Issue): boolean {
  const { parent } = values;
  return typeof parent === 'string' && site.issues.has(parent);
}

function showFields(act: Act, issue: Issue, view: View): Record<string, unknown> {
  const { site } = act;
  const fields: Record<string, unknown> = {};
  const put = (id: string, show: () => unknown): void => {
    if (view.fields(id)) fields[id] = show();
  };
  for (const field of site.fields) {
    // Jira leaves the parent of an issue without one out altogether.
    if (field.id === 'parent' && !hasParent(act, issue)) continue;
    put(field.id, () => showValue(act, field, issue.values, view.version));
  }
  const status = site.statuses.find((one) => one.id === issue.statusId);
  const project = projectById(site, issue.projectId);
  put('status', () => (status === undefined ? null : showStatus(site, view.version, status)));
  put('project', () => (project === undefined ? null : showProjectRef(site, view.version, project)));
  put('creator', () => showPerson(act, issue.creatorId, view.version));
  put('created', () => stamp(issue.createdAt));
  put('updated', () => stamp(issue.updatedAt));
  put('resolutiondate', () => (issue.resolvedAt === null ? null : stamp(issue.resolvedAt)));
  for (const [id, show] of Object.entries(showParts(act, issue, view.version))) put(id, show);
  put('subtasks', () => subtasksOf(act, issue).map((subtask) => showIssueRef(site, view.version, subtask)));
  put('comment', () => commentPage(act, issue, view.version));
  return fields;
}

function commentPage(act: Act, issue: Issue, version: Version) {
  const project = projectById(act.site, issue.projectId);
  const comments = (act.site.issues.get(issue.id)?.commentIds ?? [])
    .map((id) => act.site.comments.get(id))
    .filter((comment) => comment !== undefined)
    .filter((comment) => project !== undefined && sees(act, project, comment.visibility))
    .map((comment) => showComment(act, comment, version));
  const shown = comments.slice(0, act.site.commentsAlong);
  return {
    self: self(act.site, version, `issue/${issue.id}/comment`),
    comments: shown,
    maxResults: shown.length,
    total: comments.length,
    startAt: 0,
  };
}

/** A comment; its properties only when asked for. */
export function showComment(act: Act, comment: Comment, version: Version, withProperties = false) {
  const author = showPerson(act, comment.authorId, version);
  const updateAuthor = showPerson(act, comment.updateAuthorId, version);
  return {
    self: self(act.site, version, `issue/${comment.issueId}/comment/${comment.id}`),
    id: comment.id,
    ...(author === null ? {} : { author }),
    body: version === 3 ? comment.body : adfToWiki(comment.body),
    ...(updateAuthor === null ? {} : { updateAuthor }),
    created: stamp(comment.createdAt),
    updated: stamp(comment.updatedAt),
    ...(comment.visibility === null
      ? {}
      : { visibility: { ...comment.visibility, identifier: comment.visibility.value } }),
    jsdPublic: !isInternal(comment),
    ...(withProperties
      ? { properties: Object.entries(comment.properties).map(([key, value]) => ({ key, value })) }
      : {}),
  };
}

/** Jira Service Management marks internal comments by this property. */
function isInternal(comment: Comment): boolean {
  const mark = comment.properties['sd.public.comment'];
  return isRecord(mark) && mark['internal'] === true;
}
