import { type CommentInput, addComment, checkComment } from './comments.ts';
import { type IssueInput, applyInput, demandFilled } from './issueInput.ts';
import { dropLink } from './links.ts';
import { demand, may } from './permissions.ts';
import { JiraProblem, badField, refuse } from './problem.ts';
import { propertiesWith } from './properties.ts';
import {
  type Found,
  childrenOf,
  enter,
  findIssue,
  findProject,
  happen,
  leave,
  replace,
  writeChange,
} from './records.ts';
import { isRecord } from './richText.ts';
import type { Act, Happening, History, Issue, Project, Transition, Value, Workflow } from './types.ts';
import { statusIdsOf, workflowFor } from './workflows.ts';
import { forgetWorklog } from './worklogs.ts';
import { nextNumber } from './world.ts';

/** Fields of every create screen: without them there is no issue. */
const ALWAYS_ON_CREATE = ['summary', 'issuetype'];

/**
 * Creates an issue in the project that `fields.project` names.
 * @throws JiraProblem 400 for values Jira would not take, 403 without CREATE_ISSUES
 */
export function createIssue(
  act: Act,
  input: IssueInput & { readonly transition?: { readonly id: string } | undefined },
): Issue {
  const fields = input.fields ?? {};
  const project = namedProject(act, fields['project']);
  demand(act, project, 'CREATE_ISSUES');
  if (fields['issuetype'] === undefined) throw badField('issuetype', 'Specify an issue type');
  if (fields['summary'] === undefined) throw badField('summary', 'You must specify a summary of the issue.');
  const comments = commentsIn(act, project, input);
  const values = applyInput(act, project, [...ALWAYS_ON_CREATE, ...project.createScreen], defaults(act), input);
  checkParent(act, project, values);
  demandFilled(act, project.requiredFields, values);
  const issue = newIssue(act, project, values, propertiesWith({}, input.properties ?? []));
  enter(act, issue);
  happen(act, { event: 'jira:issue_created', eventTypeName: 'issue_created', issue });
  if (input.transition !== undefined) transitionIssue(act, issue.id, input.transition.id, {});
  for (const comment of comments) addComment(act, issue.id, comment);
  return issue;
}

function namedProject(act: Act, raw: unknown): Project {
  const named = isRecord(raw) ? (raw['key'] ?? raw['id']) : undefined;
  const project = typeof named === 'string' ? findProject(act, named) : undefined;
  if (project === undefined) throw badField('project', 'valid project is required');
  return project;
}

function defaults(act: Act): Readonly<Record<string, Value>> {
  const medium = act.site.priorities.find((priority) => priority.name === 'Medium');
  return { priority: medium?.id ?? null, reporter: act.actor.accountId, labels: [] };
}

/** A sub-task needs a parent of its own project; whatever has a parent is one level below it. */
function checkParent(act: Act, project: Project, values: Readonly<Record<string, Value>>): void {
  const levelOf = (typeId: Value | undefined): number =>
    act.site.issueTypes.find((type) => type.id === typeId)?.hierarchyLevel ?? 0;
  const level = levelOf(values['issuetype']);
  const parentId = values['parent'] ?? null;
  if (parentId === null) {
    if (level < 0) throw badField('parentId', 'Issue type is a sub-task but parent issue key or id not specified.');
    return;
  }
  const parent = typeof parentId === 'string' ? act.site.issues.get(parentId)?.issue : undefined;
  const isFar = level < 0 && parent?.projectId !== project.id;
  if (parent === undefined || isFar || levelOf(parent.values['issuetype']) !== level + 1) {
    throw badField('parentId', 'Given parent work item does not belong to appropriate hierarchy.');
  }
}

/** Jira turns sub-tasks into issues and back, and moves an issue to a workflow without its status, by other operations. */
function checkType(act: Act, { project, issue: before }: Found, values: Readonly<Record<string, Value>>): void {
  const isSubtask = (typeId: Value | undefined): boolean =>
    act.site.issueTypes.find((type) => type.id === typeId)?.subtask ?? false;
  const hasStatus = statusIdsOf(workflowFor(project, values['issuetype'])).has(before.statusId);
  if (isSubtask(before.values['issuetype']) === isSubtask(values['issuetype']) && hasStatus) return;
  throw badField('issuetype', 'The issue type selected is invalid.');
}

function newIssue(
  act: Act,
  project: Project,
  values: Readonly<Record<string, Value>>,
  properties: Issue['properties'],
): Issue {
  const number = nextNumber(act.site, `issues of ${project.key}`);
  return {
    id: String(nextNumber(act.site, 'entity')),
    key: `${project.key}-${number}`,
    projectId: project.id,
    statusId: workflowFor(project, values['issuetype']).initial,
    creatorId: act.actor.accountId,
    createdAt: act.now,
    updatedAt: act.now,
    resolvedAt: null,
    values,
    properties,
  };
}

/**
 * Changes fields and properties of an issue. A change that changes nothing leaves no trace.
 * @throws JiraProblem 404, 403 without EDIT_ISSUES, 400 for values Jira would not take
 */
export function editIssue(act: Act, idOrKey: string, input: IssueInput): Issue {
  const found = findIssue(act, idOrKey);
  demand(act, found.project, 'EDIT_ISSUES');
  const comments = commentsIn(act, found.project, input);
  const values = applyInput(act, found.project, found.project.editScreen, found.issue.values, input);
  if (values['issuetype'] !== found.issue.values['issuetype']) checkType(act, found, values);
  if (values['issuetype'] !== found.issue.values['issuetype'] || values['parent'] !== found.issue.values['parent'])
    checkParent(act, found.project, values);
  if ((input.properties ?? []).length > 0) {
    replace(act, found.record, {
      ...found.issue,
      properties: propertiesWith(found.issue.properties, input.properties ?? []),
    });
  }
  const resolvedAt = resolvedAtAfter(act, found.issue, values['resolution'] ?? null);
  const history = writeChange(act, found.record, { ...found.record.issue, values, resolvedAt });
  if (history !== undefined)
    announceChange(act, found, history, onlyAssignee(history) ? 'issue_assigned' : 'issue_updated');
  for (const comment of comments) addComment(act, found.issue.id, comment);
  return found.record.issue;
}

/** An issue is resolved from the moment it has a resolution. */
function resolvedAtAfter(act: Act, before: Issue, resolution: Value): number | null {
  return resolution === null ? null : (before.resolvedAt ?? act.now);
}

function onlyAssignee(history: History): boolean {
  return history.items.every((item) => item.fieldId === 'assignee');
}

function announceChange(act: Act, found: Found, history: History, eventTypeName: string): void {
  happen(act, { event: 'jira:issue_updated', eventTypeName, issue: found.record.issue, history });
}

/** The comments that a change brings along, checked before anything is written. */
function commentsIn(act: Act, project: Project, input: IssueInput): readonly CommentInput[] {
  return (input.update?.['comment'] ?? []).map((operation) => {
    const added = isRecord(operation) ? operation['add'] : undefined;
    if (!isRecord(added)) throw badField('comment', 'Comments can only be added here.');
    const comment: CommentInput = { body: added['body'], visibility: added['visibility'] };
    checkComment(act, project, comment);
    return comment;
  });
}

/** A transition with whether the actor may take it now. */
export interface Offered {
  readonly transition: Transition;
  readonly isAvailable: boolean;
}

/** The transitions that start at an issue's status; none for who may transition no issue, as Jira has it. */
export function offeredTransitions(act: Act, found: Found): readonly Offered[] {
  const { world, site, actor } = act;
  if (!may(world, site, found.project, actor, 'TRANSITION_ISSUES')) return [];
  return transitionsOf(found).map((transition) => {
    const { permission } = transition;
    return { transition, isAvailable: permission === null || may(world, site, found.project, actor, permission) };
  });
}

function workflowOfIssue({ project, issue }: Found): Workflow {
  return workflowFor(project, issue.values['issuetype']);
}

/** The transitions that lead away from an issue's status, whoever asks. */
export function transitionsOf(found: Found): readonly Transition[] {
  const status = found.issue.statusId;
  return workflowOfIssue(found).transitions.filter(
    (transition) => transition.from === 'any' || transition.from.includes(status),
  );
}

/**
 * Moves an issue along a transition that starts at its present status.
 * @throws JiraProblem 404, 403 without TRANSITION_ISSUES, 400 for a transition that is not offered now, or a required
 * field of its screen that is left empty
 */
export function transitionIssue(act: Act, idOrKey: string, transitionId: string, input: IssueInput): Issue {
  const found = findIssue(act, idOrKey);
  demand(act, found.project, 'TRANSITION_ISSUES');
  const offered = offeredTransitions(act, found).find((one) => one.isAvailable && one.transition.id === transitionId);
  const transition = offered?.transition;
  if (transition === undefined) throw refuse(400, `Transition id '${transitionId}' is not valid for this issue.`);
  const comments = commentsIn(act, found.project, input);
  const values = applyInput(act, found.project, transition.screen, found.issue.values, input);
  demandFilled(act, transition.required, values);
  const resolution = resolutionAfter(act, found, transition, values['resolution'] ?? null, input);
  const history = writeChange(act, found.record, {
    ...found.issue,
    statusId: transition.to,
    values: { ...values, resolution },
    resolvedAt: resolvedAtAfter(act, found.issue, resolution),
  });
  if (history !== undefined) announceChange(act, found, history, 'issue_generic');
  for (const comment of comments) addComment(act, found.issue.id, comment);
  return found.record.issue;
}

function resolutionAfter(act: Act, found: Found, transition: Transition, given: Value, input: IssueInput): Value {
  if (transition.resolution === 'clear') return null;
  const asked = input.fields?.['resolution'] !== undefined || input.update?.['resolution'] !== undefined;
  if (transition.resolution === 'keep' || asked || given !== null) return given;
  const usual = workflowOfIssue(found).name === 'simple' ? 'Done' : 'Fixed';
  const { resolutions } = act.site;
  return (resolutions.find((resolution) => resolution.name === usual) ?? resolutions[0])?.id ?? null;
}

/**
 * Deletes an issue. The events of what hung on it follow in the Secondary flow, as ATLASSIAN.md §5 has it; the other
 * ends of its links get no changelog entry.
 * @throws JiraProblem 404, 403 without DELETE_ISSUES, 400 when it has sub-tasks and they may not go with it
 */
export function deleteIssue(act: Act, idOrKey: string, withSubtasks: boolean): void {
  const found = findIssue(act, idOrKey);
  demand(act, found.project, 'DELETE_ISSUES');
  const subtasks = subtasksOf(act, found.issue);
  if (subtasks.length > 0 && !withSubtasks) {
    const message = `The issue '${found.issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter to delete this issue and all its subtasks.`;
    throw new JiraProblem(400, { errorMessages: [message], errors: {} });
  }
  for (const subtask of subtasks) deleteIssue(act, subtask.id, false);
  leave(act, found.issue);
  happen(act, { event: 'jira:issue_deleted', issue: found.issue });
  dropParts(act, found);
}

/** Takes what hung on a deleted issue out of its site, and tells each. */
function dropParts(act: Act, { issue, record }: Found): void {
  const tell = (what: Pick<Happening, 'event' | 'comment' | 'worklog' | 'attachment' | 'link'>): void =>
    happen(act, { ...what, issue, flow: 'Secondary' });
  for (const id of record.commentIds) {
    const comment = act.site.comments.get(id);
    act.site.comments.delete(id);
    if (comment !== undefined) tell({ event: 'comment_deleted', comment });
  }
  for (const worklog of record.worklogIds.flatMap((id) => act.site.worklogs.get(id) ?? [])) {
    forgetWorklog(act, worklog);
    tell({ event: 'worklog_deleted', worklog });
  }
  for (const attachment of record.attachmentIds.flatMap((id) => act.site.attachments.get(id) ?? [])) {
    act.site.attachments.delete(attachment.id);
    tell({ event: 'attachment_deleted', attachment });
  }
  for (const link of record.linkIds.flatMap((id) => act.site.links.get(id) ?? [])) {
    dropLink(act, link);
    tell({ event: 'issuelink_deleted', link });
  }
  for (const id of record.remoteLinkIds) act.site.remoteLinks.delete(id);
}

/** The sub-tasks of an issue. */
export function subtasksOf(act: Act, parent: Issue): readonly Issue[] {
  const subtypes = new Set<unknown>(act.site.issueTypes.filter((type) => type.subtask).map((type) => type.id));
  return childrenOf(act.site, parent).filter((issue) => subtypes.has(issue.values['issuetype']));
}
