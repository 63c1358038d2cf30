import { dropLink } from './links.ts';
import { demand, isAdmin } from './permissions.ts';
import { badField, refuse } from './problem.ts';
import {
  type Found,
  childrenOf,
  findIssue,
  findProject,
  happen,
  leave,
  partItem,
  projectById,
  replace,
  writeItems,
} from './records.ts';
import type { Act, Issue, Permission, Project } from './types.ts';
import { statusIdsOf, workflowFor } from './workflows.ts';
import { nextNumber } from './world.ts';

/** Values that mean nothing in another project. */
const LEFT_BEHIND = ['components', 'versions', 'fixVersions'] as const;

/**
 * Moves an issue and its sub-tasks to another project: new keys, the old ones still lead to it. Type and status stay
 * where the project has them, else the first type and the workflow's first status take their place.
 * One `jira:issue_updated` each, with the changed project, key and whatever else changed.
 * @throws JiraProblem 404, 403 without MOVE_ISSUES here or CREATE_ISSUES there, 400 for a sub-task on its own
 */
export function moveIssue(act: Act, idOrKey: string, projectKey: string): Issue {
  const found = findIssue(act, idOrKey);
  const project = findProject(act, projectKey);
  if (project === undefined) throw badField('project', 'valid project is required');
  demand(act, found.project, 'MOVE_ISSUES');
  demand(act, project, 'CREATE_ISSUES');
  if (isSubtask(act, found.issue)) throw refuse(400, 'A sub-task moves only with its parent.');
  if (project.id === found.project.id) return found.issue;
  const subtasks = childrenOf(act.site, found.issue).filter((child) => isSubtask(act, child));
  moveOne(act, found, project);
  for (const subtask of subtasks) moveOne(act, findIssue(act, subtask.id), project);
  return found.record.issue;
}

function isSubtask(act: Act, issue: Issue): boolean {
  return act.site.issueTypes.some((type) => type.subtask && type.id === issue.values['issuetype']);
}

function moveOne(act: Act, { record, issue, project: from }: Found, project: Project): void {
  const key = `${project.key}-${nextNumber(act.site, `issues of ${project.key}`)}`;
  const types = act.site.issueTypes.filter((type) => project.typeIds.includes(type.id));
  const type =
    types.find(({ id }) => id === issue.values['issuetype']) ??
    types.find(({ subtask }) => subtask === isSubtask(act, issue));
  const typeId = type?.id ?? issue.values['issuetype'] ?? null;
  const workflow = workflowFor(project, typeId);
  const next: Issue = {
    ...issue,
    key,
    projectId: project.id,
    statusId: statusIdsOf(workflow).has(issue.statusId) ? issue.statusId : workflow.initial,
    values: {
      ...issue.values,
      ...Object.fromEntries(LEFT_BEHIND.map((id) => [id, []])),
      issuetype: typeId,
    },
  };
  act.site.idByKey.set(key, issue.id);
  const items = [
    partItem('project', [from.id, from.name], [project.id, project.name], 'project'),
    // Recorded changelogs have the keys as texts alone.
    { ...partItem('Key', ['', issue.key], ['', key]), from: null, to: null },
  ];
  const history = writeItems(act, record, items, next);
  happen(act, { event: 'jira:issue_updated', eventTypeName: 'issue_moved', issue: record.issue, history });
}

/** A project that an administrator may change. @throws JiraProblem 404, 403 */
function administered(act: Act, idOrKey: string): Project {
  const project = findProject(act, idOrKey);
  if (project === undefined) throw refuse(404, `No project could be found with key '${idOrKey}'.`);
  if (!isAdmin(act.site, act.actor)) throw refuse(403, 'You must be a Jira administrator to do this.');
  return project;
}

/**
 * Archives a project, or restores it. While archived its issues are read by their ids alone: no search finds them and
 * nobody changes them. No webhook tells of a single issue. @see support.atlassian.com, "Archive a project"
 * @throws JiraProblem 404, 403 for others than administrators
 */
export function setArchived(act: Act, idOrKey: string, archived: boolean): Project {
  const project = { ...administered(act, idOrKey), archived };
  act.site.projects.set(project.key, project);
  return project;
}

/**
 * Archives an issue with its sub-tasks, or restores them. Its change log and its last change stay as they are.
 * @see PUT /rest/api/3/issue/archive: "you can't archive subtasks directly, only through their parent issues"
 * @throws JiraProblem 404, 403 for others than administrators, 400 for a sub-task
 */
export function setIssueArchived(act: Act, idOrKey: string, archived: boolean): void {
  const { record, issue } = findIssue(act, idOrKey);
  if (!isAdmin(act.site, act.actor)) throw refuse(403, 'Only admins can archive or unarchive issues. Access denied.');
  const type = act.site.issueTypes.find((one) => one.id === issue.values['issuetype']);
  if (type?.subtask === true) throw refuse(400, 'No valid issue to archive or unarchive. Bad request.');
  const subtasks = childrenOf(act.site, issue).flatMap(({ id }) => act.site.issues.get(id) ?? []);
  for (const one of [record, ...subtasks]) replace(act, one, { ...one.issue, archived });
}

/**
 * Changes which roles hold a permission in a project, as editing its permission scheme does. No webhook tells of it,
 * even where issues are seen no more. @see ATLASSIAN.md §5 @throws JiraProblem 404, 403 for others than administrators
 */
export function setPermission(act: Act, idOrKey: string, permission: Permission, roles: readonly string[]): void {
  const project = administered(act, idOrKey);
  act.site.projects.set(project.key, { ...project, permissions: { ...project.permissions, [permission]: roles } });
}

/**
 * Deletes a project with all that is in it. No webhook tells of a single issue. @see ATLASSIAN.md §5
 * @throws JiraProblem 404, 403 for others than administrators, 400 while it is archived
 */
export function deleteProject(act: Act, idOrKey: string): void {
  const project = administered(act, idOrKey);
  if (project.archived === true) throw refuse(400, 'An archived project cannot be deleted. Restore it first.');
  for (const record of [...act.site.issues.values()]) {
    if (projectById(act.site, record.issue.projectId)?.id !== project.id) continue;
    clearParts(act, record.issue.id);
    leave(act, record.issue);
  }
  act.site.projects.delete(project.key);
}

/** Takes all that hangs on an issue out of its site. */
function clearParts(act: Act, issueId: string): void {
  const { site } = act;
  for (const parts of [site.comments, site.worklogs, site.attachments, site.remoteLinks])
    for (const [id, part] of parts) if (part.issueId === issueId) parts.delete(id);
  for (const link of [...site.links.values()])
    if (link.sourceId === issueId || link.destinationId === issueId) dropLink(act, link);
}
