import { DEFAULT_CUSTOM_FIELDS, type FieldSpec, customFieldsOf } from './customFields.ts';
import type { LinkType } from './parts.ts';
import type { Field, FieldKind, IssueType, Named, Permission, Status } from './types.ts';

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
  ['timetracking', 'Time tracking', 'timetracking'],
  ['timeoriginalestimate', 'Original estimate', 'duration'],
  ['timeestimate', 'Remaining Estimate', 'duration'],
  ['timespent', 'Time Spent', 'duration'],
];

/** Field ids on screens unless a project says otherwise: all but the resolution, which transitions set, and durations. */
export function screenFields(fields: readonly Field[]): readonly string[] {
  return fields.filter((field) => field.id !== 'resolution' && field.kind !== 'duration').map((field) => field.id);
}

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

/** What a site's specification may say of its own; what it leaves out is as in the scheme above. */
export interface SchemeSpec {
  readonly statuses?: readonly { readonly name: string; readonly category: Status['category'] }[];
  /** From high to low. */
  readonly priorities?: readonly string[];
  readonly issueTypes?: readonly { readonly name: string; readonly hierarchyLevel: number }[];
  readonly resolutions?: readonly string[];
  readonly customFields?: readonly FieldSpec[];
}

/** The configuration of the n-th site; ids of two sites never agree. */
export function schemeOf(siteIndex: number, spec: SchemeSpec = {}): Scheme {
  const base = 10_000 + siteIndex * 300;
  const types = spec.issueTypes ?? TYPES.map(([name, hierarchyLevel]) => ({ name, hierarchyLevel }));
  const statuses = spec.statuses ?? STATUSES.map(([name, category]) => ({ name, category }));
  return {
    issueTypes: ids(types, base, 1).map(([id, { name, hierarchyLevel }]) => ({
      id,
      name,
      hierarchyLevel,
      subtask: hierarchyLevel < 0,
    })),
    priorities: ids(spec.priorities ?? PRIORITIES, 1 + siteIndex * 20, 1).map(([id, name]) => ({ id, name })),
    resolutions: ids(spec.resolutions ?? RESOLUTIONS, base + 50, 1).map(([id, name]) => ({ id, name })),
    statuses: ids(statuses, base + 100, 2).map(([id, { name, category }]) => ({ id, name, category })),
    fields: [
      ...FIELDS.map(([id, name, kind]) => ({ id, name, kind, custom: false })),
      ...customFieldsOf(siteIndex, spec.customFields ?? DEFAULT_CUSTOM_FIELDS),
    ],
  };
}

/** Jira's own link types: name, inward, outward. @see rest-samples/jira-cli/issue-link-types.json */
export const LINK_TYPES: readonly (readonly [name: string, inward: string, outward: string])[] = [
  ['Blocks', 'is blocked by', 'blocks'],
  ['Cloners', 'is cloned by', 'clones'],
  ['Duplicate', 'is duplicated by', 'duplicates'],
  ['Relates', 'relates to', 'relates to'],
];

/** The link types of the n-th site; ids of two sites never agree. */
export function linkTypesOf(
  named: readonly (readonly [name: string, inward: string, outward: string])[],
  siteIndex: number,
): readonly LinkType[] {
  return ids(named, 10_000 + siteIndex * 300 + 250, 1).map(([id, [name, inward, outward]]) => {
    return { id, name, inward, outward };
  });
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
  WORK_ON_ISSUES: ['Users', APP_ROLE],
  EDIT_OWN_WORKLOGS: ['Users', APP_ROLE],
  EDIT_ALL_WORKLOGS: ['Administrators', APP_ROLE],
  DELETE_OWN_WORKLOGS: ['Users', APP_ROLE],
  DELETE_ALL_WORKLOGS: ['Administrators', APP_ROLE],
  CREATE_ATTACHMENTS: ['Users', APP_ROLE],
  DELETE_OWN_ATTACHMENTS: ['Users', APP_ROLE],
  DELETE_ALL_ATTACHMENTS: ['Administrators', APP_ROLE],
  LINK_ISSUES: ['Users', APP_ROLE],
  MANAGE_WATCHERS: ['Administrators', APP_ROLE],
  MOVE_ISSUES: ['Users', APP_ROLE],
};
