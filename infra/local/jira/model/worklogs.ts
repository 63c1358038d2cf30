import { parseVisibility } from './comments.ts';
import { may, sees } from './permissions.ts';
import { badField, refuse } from './problem.ts';
import { propertiesWith, propertiesWithout } from './properties.ts';
import { type Found, findIssue, happen, partItem, projectById, writeItems } from './records.ts';
import { parseDocument } from './richText.ts';
import { secondsOf } from './timeTracking.ts';
import type { Worklog } from './parts.ts';
import type { Act, Issue, Permission } from './types.ts';
import { nextNumber } from './world.ts';

/** Most worklogs of one issue; more is 413. @see ATLASSIAN.md §6.2 */
export const WORKLOG_LIMIT = 10_000;

/** The body of a new or changed worklog; what is absent from a change stays. */
export interface WorklogInput {
  readonly comment?: unknown;
  /** An instant as Jira writes it. */
  readonly started?: string | undefined;
  readonly timeSpent?: string | undefined;
  readonly timeSpentSeconds?: number | undefined;
  readonly visibility?: unknown;
  readonly properties?: readonly { readonly key: string; readonly value: unknown }[] | undefined;
}

/** What becomes of the remaining estimate. `by` is the reduction of a new worklog, the increase of a deleted one. */
export interface Adjustment {
  readonly how: 'new' | 'leave' | 'manual' | 'auto';
  readonly newEstimate?: string | undefined;
  readonly by?: string | undefined;
}

/** A worklog with the issue it belongs to. */
export interface FoundWorklog extends Found {
  readonly worklog: Worklog;
}

/** Finds a worklog of an issue that the actor may read. @throws JiraProblem 404 */
export function findWorklog(act: Act, idOrKey: string, id: string): FoundWorklog {
  const found = findIssue(act, idOrKey);
  const worklog = act.site.worklogs.get(id);
  if (worklog?.issueId !== found.issue.id || !sees(act, found.project, worklog.visibility)) {
    throw refuse(404, `Cannot find worklog with id: '${id}'.`);
  }
  return { ...found, worklog };
}

/** The worklogs of an issue that the actor may read, oldest first. */
export function listWorklogs(act: Act, idOrKey: string): readonly Worklog[] {
  const { record, project } = findIssue(act, idOrKey);
  return record.worklogIds
    .flatMap((id) => act.site.worklogs.get(id) ?? [])
    .filter((worklog) => sees(act, project, worklog.visibility));
}

/** A worklog by its id alone, or nothing where the actor may not read it. */
export function readableWorklog(act: Act, id: string): Worklog | undefined {
  const worklog = act.site.worklogs.get(id);
  const issue = worklog === undefined ? undefined : act.site.issues.get(worklog.issueId)?.issue;
  const project = issue === undefined ? undefined : projectById(act.site, issue.projectId);
  if (worklog === undefined || project === undefined) return undefined;
  const isReadable =
    may(act.world, act.site, project, act.actor, 'BROWSE_PROJECTS') && sees(act, project, worklog.visibility);
  return isReadable ? worklog : undefined;
}

/**
 * Logs work in the actor's name.
 * @throws JiraProblem 404, 400 without WORK_ON_ISSUES or for a body Jira would not take, 413 when the issue is full
 */
export function addWorklog(act: Act, idOrKey: string, input: WorklogInput, adjust: Adjustment): Worklog {
  const found = findIssue(act, idOrKey);
  if (!may(act.world, act.site, found.project, act.actor, 'WORK_ON_ISSUES'))
    throw refuse(400, 'You do not have the permission to associate a worklog to this issue.');
  const spentSeconds = spentIn(act, input);
  if (spentSeconds === undefined) throw badField('timeLogged', 'You must indicate the time spent working.');
  const estimate = estimateAfter(act, found.issue, adjust, -spentSeconds);
  const worklog: Worklog = {
    id: String(nextNumber(act.site, 'entity')),
    issueId: found.issue.id,
    authorId: act.actor.accountId,
    updateAuthorId: act.actor.accountId,
    createdAt: act.now,
    updatedAt: act.now,
    startedAt: startedIn(input) ?? act.now,
    spentSeconds,
    comment: commentIn(act, input) ?? null,
    visibility: parseVisibility(act, found.project, input.visibility),
    properties: propertiesWith({}, input.properties ?? []),
  };
  if (found.record.worklogIds.length >= WORKLOG_LIMIT)
    throw refuse(413, `The issue has reached the limit of ${WORKLOG_LIMIT} worklogs.`);
  act.site.worklogs.set(worklog.id, worklog);
  found.record.worklogIds.push(worklog.id);
  tellWorklog(act, found, { worklog, spent: spentSeconds, estimate, kind: 'created' });
  return worklog;
}

/** Changes a worklog. @throws JiraProblem 404, 400 without permission (so Jira documents it) or for a wrong body */
export function updateWorklog(act: Act, idOrKey: string, id: string, input: WorklogInput, adjust: Adjustment): Worklog {
  const found = findWorklog(act, idOrKey, id);
  demandOwn(act, found, ['EDIT_OWN_WORKLOGS', 'EDIT_ALL_WORKLOGS'], 'edit');
  const before = found.worklog;
  const comment = commentIn(act, input);
  const spentSeconds = spentIn(act, input) ?? before.spentSeconds;
  const worklog: Worklog = {
    ...before,
    updateAuthorId: act.actor.accountId,
    updatedAt: act.now,
    startedAt: startedIn(input) ?? before.startedAt,
    spentSeconds,
    comment: comment === undefined ? before.comment : comment,
    visibility:
      input.visibility === undefined ? before.visibility : parseVisibility(act, found.project, input.visibility),
    properties: propertiesWith(before.properties, input.properties ?? []),
  };
  const spent = spentSeconds - before.spentSeconds;
  const estimate = estimateAfter(act, found.issue, adjust, -spent);
  act.site.worklogs.set(id, worklog);
  tellWorklog(act, found, { worklog, spent, estimate, kind: 'updated' });
  return worklog;
}

/** Deletes a worklog. @throws JiraProblem 404, 400 without permission (so Jira documents it) */
export function deleteWorklog(act: Act, idOrKey: string, id: string, adjust: Adjustment): void {
  const found = findWorklog(act, idOrKey, id);
  demandOwn(act, found, ['DELETE_OWN_WORKLOGS', 'DELETE_ALL_WORKLOGS'], 'delete');
  const { worklog } = found;
  const estimate = estimateAfter(act, found.issue, adjust, worklog.spentSeconds);
  forgetWorklog(act, worklog);
  found.record.worklogIds.splice(found.record.worklogIds.indexOf(id), 1);
  tellWorklog(act, found, { worklog, spent: -worklog.spentSeconds, estimate, kind: 'deleted' });
}

/** Takes a worklog out of its site, which remembers that it went. */
export function forgetWorklog(act: Act, worklog: Worklog): void {
  act.site.worklogs.delete(worklog.id);
  act.site.goneWorklogs.push({ id: worklog.id, at: act.now });
}

/** Sets a property of a worklog. Returns whether it is new. @throws JiraProblem 404, 403 */
export function setWorklogProperty(act: Act, idOrKey: string, id: string, key: string, value: unknown): boolean {
  const { worklog } = editableWorklog(act, idOrKey, id);
  act.site.worklogs.set(id, { ...worklog, properties: propertiesWith(worklog.properties, [{ key, value }]) });
  return !Object.hasOwn(worklog.properties, key);
}

/** Removes a property of a worklog. @throws JiraProblem 404, 403 */
export function deleteWorklogProperty(act: Act, idOrKey: string, id: string, key: string): void {
  const { worklog } = editableWorklog(act, idOrKey, id);
  act.site.worklogs.set(id, { ...worklog, properties: propertiesWithout(worklog.properties, key) });
}

function editableWorklog(act: Act, idOrKey: string, id: string): FoundWorklog {
  const found = findWorklog(act, idOrKey, id);
  if (!mayOwn(act, found, ['EDIT_OWN_WORKLOGS', 'EDIT_ALL_WORKLOGS']))
    throw refuse(403, 'You do not have the permission to edit this worklog.');
  return found;
}

type OwnOrAll = readonly [own: Permission, all: Permission];

function mayOwn(act: Act, { project, worklog }: FoundWorklog, [own, all]: OwnOrAll): boolean {
  const needed = worklog.authorId === act.actor.accountId ? [own, all] : [all];
  return needed.some((permission) => may(act.world, act.site, project, act.actor, permission));
}

function demandOwn(act: Act, found: FoundWorklog, permissions: OwnOrAll, verb: string): void {
  if (!mayOwn(act, found, permissions))
    throw refuse(400, `You do not have permission to ${verb} worklog with id: ${found.worklog.id}`);
}

function spentIn(act: Act, input: WorklogInput): number | undefined {
  const seconds =
    input.timeSpentSeconds ??
    (input.timeSpent === undefined ? undefined : durationIn(act, input.timeSpent, 'timeLogged'));
  if (seconds === undefined) return undefined;
  // Jira counts whole minutes and refuses a worklog of none.
  if (seconds < MINUTE) throw badField('timeLogged', 'You must indicate the time spent working.');
  return Math.floor(seconds / MINUTE) * MINUTE;
}

const MINUTE = 60;

/** @throws JiraProblem 400 in the name of the given field */
function durationIn(act: Act, text: string, field: string): number {
  const seconds = secondsOf(text, act.site.workingTime);
  if (seconds === undefined) throw badField(field, 'Invalid time duration entered.');
  return seconds;
}

function startedIn({ started }: WorklogInput): number | undefined {
  if (started === undefined) return undefined;
  const at = Date.parse(started.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(at)) throw badField('startDate', 'Invalid date format. Please enter the date in the right format.');
  return at;
}

function commentIn(act: Act, { comment }: WorklogInput): Worklog['comment'] | undefined {
  return comment === undefined || comment === null ? comment : parseDocument(act, comment, 'comment');
}

/** Seconds that remain; null where nobody estimated. */
function estimateOf(issue: Issue): number | null {
  const held = issue.values['timeestimate'];
  return typeof held === 'number' ? held : null;
}

/** The remaining estimate after `delta` seconds were added to it, or as the caller asks. @throws JiraProblem 400 */
function estimateAfter(act: Act, issue: Issue, adjust: Adjustment, delta: number): number | null {
  const before = estimateOf(issue);
  switch (adjust.how) {
    case 'leave':
      return before;
    case 'new':
      if (adjust.newEstimate === undefined) throw badField('newEstimate', 'You must supply a valid new estimate.');
      return durationIn(act, adjust.newEstimate, 'newEstimate');
    case 'manual': {
      if (adjust.by === undefined)
        throw badField('adjustmentAmount', 'You must supply a valid amount of time to adjust the estimate by.');
      const by = durationIn(act, adjust.by, 'adjustmentAmount');
      return Math.max(0, (before ?? 0) + (delta < 0 ? -by : by));
    }
    case 'auto':
      // Logging work where nobody estimated leaves nothing to do, as recorded changelogs of Jira Cloud show.
      return Math.max(0, (before ?? 0) + delta);
  }
}

interface Told {
  readonly worklog: Worklog;
  /** Seconds by which the time spent on the issue grows. */
  readonly spent: number;
  readonly estimate: number | null;
  readonly kind: 'created' | 'updated' | 'deleted';
}

/** Jira's names of the three changes of an issue. */
const TYPE_NAMES = {
  created: 'issue_work_logged',
  updated: 'issue_worklog_updated',
  deleted: 'issue_worklog_deleted',
} as const;

/** Writes the totals and the changelog, and tells both of the worklog and of the changed issue. */
function tellWorklog(act: Act, found: Found, { worklog, spent, estimate, kind }: Told): void {
  const { values } = found.record.issue;
  const before = typeof values['timespent'] === 'number' ? values['timespent'] : null;
  const total = Math.max(0, (before ?? 0) + spent);
  const next = {
    ...found.record.issue,
    values: { ...values, timespent: total, ...(estimate === null ? {} : { timeestimate: estimate }) },
  };
  const id: readonly [string, string] = [worklog.id, worklog.id];
  const item = partItem('WorklogId', kind === 'created' ? null : id, kind === 'deleted' ? null : id);
  const history = writeItems(act, found.record, [item], next);
  const { issue } = found.record;
  happen(act, { event: `worklog_${kind}`, issue, worklog });
  happen(act, { event: 'jira:issue_updated', eventTypeName: TYPE_NAMES[kind], issue, history });
}

/** Ids in one page of changed worklogs. @see GET worklog/updated */
export const CHANGED_PAGE = 1_000;
/** What happened within the last minute is not told yet. @see GET worklog/updated, "does not return worklogs updated during the minute preceding the request" */
const CHANGED_HELD_MS = 60_000;

/** One page of worklogs that changed or went, oldest first, from `since` on. */
export interface ChangedPage {
  readonly values: readonly { readonly id: string; readonly at: number }[];
  readonly until: number;
  readonly isLast: boolean;
}

/** Worklogs changed at or after an instant that the actor may read. */
export function worklogsUpdatedSince(act: Act, since: number): ChangedPage {
  const changed = [...act.site.worklogs.values()]
    .map(({ id, updatedAt }) => ({ id, at: updatedAt }))
    .filter(({ id, at }) => isTold(act, since, at) && readableWorklog(act, id) !== undefined)
    .sort((one, other) => one.at - other.at || Number(one.id) - Number(other.id));
  return changedPage(act, changed);
}

/** Worklogs deleted at or after an instant: everybody's, since nobody knows any more who could read them. */
export function worklogsDeletedSince(act: Act, since: number): ChangedPage {
  return changedPage(
    act,
    act.site.goneWorklogs.filter(({ at }) => isTold(act, since, at)),
  );
}

function isTold(act: Act, since: number, at: number): boolean {
  return at >= since && at < act.now - CHANGED_HELD_MS;
}

function changedPage(act: Act, all: ChangedPage['values']): ChangedPage {
  const values = all.slice(0, CHANGED_PAGE);
  const isLast = values.length === all.length;
  return { values, isLast, until: isLast ? act.now - CHANGED_HELD_MS : (values.at(-1)?.at ?? act.now) };
}
