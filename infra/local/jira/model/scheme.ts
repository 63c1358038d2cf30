import type { Field, FieldKind, IssueType, Named, Permission, Status, Transition, Workflow } from './types.ts';

/** Issue type names: Jira's own and those of the public issue dumps. */
const TYPES: readonly (readonly [name: string, hierarchyLevel: number])[] = [
  ['Task', 0],
  ['Bug', 0],
  ['Story', 0],
  ['Epic', 1],
  ['Sub-task', -1],
  ['Improvement', 0],
  ['New Feature', 0],
  ['Technical task', -1],
  ['Documentation', 0],
  ['Patch', 0],
];
/** Priority names from high to low: Jira's own five and those of the dumps. */
const PRIORITIES = [
  'Highest',
  'High',
  'Medium',
  'Low',
  'Lowest',
  'Blocker',
  'Critical',
  'Major',
  'Minor',
  'Trivial',
  'None',
];
const RESOLUTIONS = [
  'Done',
  'Fixed',
  "Won't Fix",
  "Won't Do",
  'Duplicate',
  'Incomplete',
  'Cannot Reproduce',
  'Invalid',
  'Needs more info',
  'Not Our Bug',
  'Hold',
];
const STATUSES: readonly (readonly [name: string, category: Status['category']])[] = [
  ['To Do', 'new'],
  ['In Progress', 'indeterminate'],
  ['Done', 'done'],
  ['Open', 'new'],
  ['Reopened', 'new'],
  ['In Review', 'indeterminate'],
  ['In QE Test', 'indeterminate'],
  ['Resolved', 'done'],
  ['Closed', 'done'],
];
const FIELDS: readonly (readonly [id: string, name: string, kind: FieldKind])[] = [
  ['summary', 'Summary', 'string'],
  ['description', 'Description', 'richText'],
  ['environment', 'Environment', 'richText'],
  ['issuetype', 'Issue Type', 'issuetype'],
  ['priority', 'Priority', 'priority'],
  ['labels', 'Labels', 'labels'],
  ['assignee', 'Assignee', 'user'],
  ['reporter', 'Reporter', 'user'],
  ['resolution', 'Resolution', 'resolution'],
  ['components', 'Components', 'components'],
  ['versions', 'Affects versions', 'versions'],
  ['fixVersions', 'Fix versions', 'versions'],
  ['duedate', 'Due date', 'date'],
  ['parent', 'Parent', 'issue'],
  ['customfield_10016', 'Story point estimate', 'number'],
  ['customfield_10031', 'Customer', 'string'],
  ['customfield_10032', 'Acceptance criteria', 'richText'],
  ['customfield_10033', 'Severity', 'option'],
];

/** Field ids on screens unless a project says otherwise: everything but the resolution, which transitions set. */
export const SCREEN_FIELDS: readonly string[] = FIELDS.map(([id]) => id).filter((id) => id !== 'resolution');

/** Ids that differ between sites on purpose, so that nobody carries an id across. */
function ids<T>(names: readonly T[], first: number, step: number): (readonly [id: string, of: T])[] {
  return names.map((of, index) => [String(first + index * step), of] as const);
}

/** What a site is made of before it has projects. */
export interface Scheme {
  readonly issueTypes: readonly IssueType[];
  readonly priorities: readonly Named[];
  readonly resolutions: readonly Named[];
  readonly statuses: readonly Status[];
  readonly fields: readonly Field[];
}

/** The configuration of the n-th site; ids of two sites never agree. */
export function schemeOf(siteIndex: number): Scheme {
  const base = 10_000 + siteIndex * 300;
  return {
    issueTypes: ids(TYPES, base, 1).map(([id, [name, hierarchyLevel]]) => ({
      id,
      name,
      hierarchyLevel,
      subtask: hierarchyLevel < 0,
    })),
    priorities: ids(PRIORITIES, 1 + siteIndex * 20, 1).map(([id, name]) => ({ id, name })),
    resolutions: ids(RESOLUTIONS, base + 50, 1).map(([id, name]) => ({ id, name })),
    statuses: ids(STATUSES, base + 100, 2).map(([id, [name, category]]) => ({ id, name, category })),
    fields: FIELDS.map(([id, name, kind]) => ({
      id,
      name,
      kind,
      custom: id.startsWith('customfield_'),
      ...(kind === 'option'
        ? {
            options: ids(['Minor', 'Serious', 'Severe'], base + 200, 1).map(([optionId, option]) => ({
              id: optionId,
              name: option,
            })),
          }
        : {}),
    })),
  };
}

type Step = readonly [name: string, from: readonly string[] | 'any', to: string];

/** To Do, In Progress, Done: every status from every status, as in Jira's simplified workflow. */
const SIMPLE: readonly Step[] = [
  ['To Do', 'any', 'To Do'],
  ['In Progress', 'any', 'In Progress'],
  ['Done', 'any', 'Done'],
];
/** The workflow of the dumps. In QE Test is reached only through In Review; Closed only from Resolved. */
const CLASSIC: readonly Step[] = [
  ['Start Progress', ['Open', 'Reopened'], 'In Progress'],
  ['Stop Progress', ['In Progress'], 'Open'],
  ['Send to Review', ['In Progress'], 'In Review'],
  ['Reject', ['In Review', 'In QE Test'], 'In Progress'],
  ['Send to QE', ['In Review'], 'In QE Test'],
  ['Resolve Issue', ['Open', 'In Progress', 'Reopened', 'In QE Test'], 'Resolved'],
  ['Close Issue', ['Resolved'], 'Closed'],
  ['Reopen Issue', ['Resolved', 'Closed'], 'Reopened'],
];

/** Every status of the dumps from every status, as Jira draws a workflow in which "all" may go everywhere. */
const OPEN: readonly Step[] = ['Open', 'In Progress', 'In Review', 'In QE Test', 'Resolved', 'Closed', 'Reopened'].map(
  (name) => [name, 'any', name],
);

/** The workflows a project may have: their steps, the status they begin with, and where the ids of their transitions start. */
const WORKFLOWS = {
  simple: { steps: SIMPLE, initial: 'To Do', firstId: 11 },
  classic: { steps: CLASSIC, initial: 'Open', firstId: 201 },
  open: { steps: OPEN, initial: 'Open', firstId: 401 },
} as const;

/** The names of the workflows a project may have. */
export type WorkflowName = keyof typeof WORKFLOWS;

/** Ids of a workflow's transitions differ by this much. */
const ID_STEP = 10;

/** Builds a workflow with ids of its own: neither the site's nor another workflow's transition ids. */
export function workflowOf(name: WorkflowName, statuses: readonly Status[], siteIndex: number): Workflow {
  const byName = new Map(statuses.map((status) => [status.name, status]));
  const { steps, initial, firstId } = WORKFLOWS[name];
  const idOf = (status: string): string => byName.get(status)?.id ?? '';
  const transitions = steps.map(
    ([label, from, to], index): Transition => ({
      id: String(firstId + siteIndex * 100 + index * ID_STEP),
      name: label,
      from: from === 'any' ? 'any' : from.map(idOf),
      to: idOf(to),
      resolution: byName.get(to)?.category === 'done' ? 'set' : 'clear',
    }),
  );
  return { name, initial: idOf(initial), transitions };
}

/** The role that holds add-on users in every project, by Jira's name. */
export const APP_ROLE = 'atlassian-addons-project-access';

/** Who holds what unless a project says otherwise: role names by permission. */
export const DEFAULT_PERMISSIONS: Readonly<Record<Permission, readonly string[]>> = {
  BROWSE_PROJECTS: ['Users', APP_ROLE],
  CREATE_ISSUES: ['Users', APP_ROLE],
  EDIT_ISSUES: ['Users', APP_ROLE],
  TRANSITION_ISSUES: ['Users', APP_ROLE],
  RESOLVE_ISSUES: ['Users', APP_ROLE],
  ASSIGN_ISSUES: ['Users', APP_ROLE],
  ASSIGNABLE_USER: ['Users'],
  DELETE_ISSUES: ['Administrators', APP_ROLE],
  MODIFY_REPORTER: ['Administrators', APP_ROLE],
  ADD_COMMENTS: ['Users', APP_ROLE],
  EDIT_OWN_COMMENTS: ['Users', APP_ROLE],
  EDIT_ALL_COMMENTS: ['Administrators', APP_ROLE],
  DELETE_OWN_COMMENTS: ['Users', APP_ROLE],
  DELETE_ALL_COMMENTS: ['Administrators', APP_ROLE],
  ADMINISTER_PROJECTS: ['Administrators'],
};
