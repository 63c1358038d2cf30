import { may } from '../../model/permissions.ts';
import { isList } from '../../model/issueInput.ts';
import { noSuchIssue, refuse } from '../../model/problem.ts';
import { findIssue, findProject } from '../../model/records.ts';
import type { Act, Field, Option, Project } from '../../model/types.ts';
import { type Call, type Handlers, ok, pageOf, param } from '../call.ts';
import { customNumber, showIssueType, showNamed, showPriority, showSchema, showVersion } from '../show.ts';
import { showOption } from '../showValue.ts';

/** Most entries of one page. @see ATLASSIAN.md §6.3 */
const META_PAGE = 200;
/** Fields without which there is no issue. */
const REQUIRED = new Set(['summary', 'issuetype', 'project']);

/** What fields there are and how they can be set. */
export const metaHandlers: Handlers = {
  getCreateIssueMetaIssueTypes: (call) => {
    const { site } = call.act;
    const project = creatable(call);
    const types = site.issueTypes.filter((type) => project.typeIds.includes(type.id));
    const { startAt, maxResults, total, values } = pageOf(call, types, META_PAGE, (type) =>
      showIssueType(site, 3, type),
    );
    return ok({ startAt, maxResults, total, issueTypes: values }, values.length);
  },
  getCreateIssueMetaIssueTypeId: (call) => {
    const project = creatable(call);
    const typeId = param(call, 'issueTypeId');
    if (!project.typeIds.includes(typeId)) throw refuse(400, 'The issue type is not available in this project.');
    const ids = ['summary', 'issuetype', 'project', ...project.createScreen.filter((id) => !REQUIRED.has(id))];
    const shown = ids.filter((id) => settable(call.act, project, id));
    const isSubtask = call.act.site.issueTypes.some((type) => type.id === typeId && type.subtask);
    const required = [...project.requiredFields, ...(isSubtask ? ['parent'] : [])];
    const { startAt, maxResults, total, values } = pageOf(call, shown, META_PAGE, (id) => ({
      ...fieldMeta(call.act, project, id, required),
      fieldId: id,
    }));
    return ok({ startAt, maxResults, total, fields: values }, values.length);
  },
  getEditIssueMeta: (call) => {
    const { project } = findIssue(call.act, param(call, 'issueIdOrKey'));
    const canEdit = may(call.act.world, call.act.site, project, call.act.actor, 'EDIT_ISSUES');
    const ids = canEdit ? project.editScreen.filter((id) => settable(call.act, project, id)) : [];
    return ok({
      fields: Object.fromEntries(ids.map((id) => [id, fieldMeta(call.act, project, id, project.requiredFields)])),
    });
  },
  getFields: (call) => ok(allFields(call.act)),
};

function creatable(call: Call): Project {
  const project = findProject(call.act, param(call, 'projectIdOrKey'));
  if (project === undefined)
    throw refuse(404, `No project could be found with key or id '${param(call, 'projectIdOrKey')}'.`);
  if (!may(call.act.world, call.act.site, project, call.act.actor, 'CREATE_ISSUES')) throw noSuchIssue();
  return project;
}

/** Assignee and reporter are on no screen of those who may not set them. */
function settable(act: Act, project: Project, id: string): boolean {
  if (id === 'assignee') return may(act.world, act.site, project, act.actor, 'ASSIGN_ISSUES');
  if (id === 'reporter') return may(act.world, act.site, project, act.actor, 'MODIFY_REPORTER');
  return true;
}

/** How one field can be set in a project; `required` are ids of those that must hold something here. */
export function fieldMeta(act: Act, project: Project, id: string, required: readonly string[]) {
  if (id === 'project') {
    return {
      required: true,
      schema: { type: 'project', system: 'project' },
      name: 'Project',
      key: 'project',
      hasDefaultValue: false,
      operations: ['set'],
    };
  }
  const field = act.site.fields.find((one) => one.id === id);
  if (field === undefined) throw new Error(`the screen of ${project.key} names the unknown field ${id}`);
  const allowedValues = allowed(act, project, field);
  return {
    required: required.includes(id) || REQUIRED.has(id),
    schema: showSchema(field),
    name: field.name,
    key: id,
    hasDefaultValue: id === 'priority',
    operations: isList(field) ? ['add', 'set', 'remove'] : field.kind === 'timetracking' ? ['set', 'edit'] : ['set'],
    ...(allowedValues === undefined ? {} : { allowedValues }),
  };
}

function allowed(act: Act, project: Project, field: Field): readonly unknown[] | undefined {
  const { site } = act;
  switch (field.kind) {
    case 'priority':
      return site.priorities.map((one) => showPriority(site, 3, one));
    case 'issuetype':
      return site.issueTypes
        .filter((one) => project.typeIds.includes(one.id))
        .map((one) => showIssueType(site, 3, one));
    case 'resolution':
      return site.resolutions.map((one) => showNamed(site, 3, 'resolution', one));
    case 'components':
      return project.components.map((one) => showNamed(site, 3, 'component', one));
    case 'versions':
      return project.versions.filter((one) => !one.archived).map((one) => showVersion(site, 3, one));
    case 'option':
    case 'options':
      return offered(field).map((one) => showOption(site, 3, one));
    case 'cascade':
      return offered(field).map((one) => ({
        ...showOption(site, 3, one),
        ...(one.children.length === 0 ? {} : { children: one.children.map((child) => showOption(site, 3, child)) }),
      }));
    default:
      return undefined;
  }
}

function offered(field: Field): readonly Option[] {
  return (field.options ?? []).filter((option) => !option.disabled);
}

/** Fields that are no values of an issue but that sites list all the same. */
const FIXED: readonly (readonly [id: string, name: string, type: string])[] = [
  ['project', 'Project', 'project'],
  ['status', 'Status', 'status'],
  ['creator', 'Creator', 'user'],
  ['created', 'Created', 'datetime'],
  ['updated', 'Updated', 'datetime'],
  ['resolutiondate', 'Resolved', 'datetime'],
  ['comment', 'Comment', 'comments-page'],
];

function allFields(act: Act): readonly unknown[] {
  const fixed = FIXED.map(([id, name, type]) => ({
    id,
    key: id,
    name,
    custom: false,
    orderable: false,
    navigable: true,
    searchable: true,
    clauseNames: [id],
    schema: { type, system: id },
  }));
  const own = act.site.fields.map((field) => ({
    id: field.id,
    key: field.id,
    name: field.name,
    custom: field.custom,
    orderable: field.kind !== 'duration',
    navigable: field.kind !== 'timetracking',
    searchable: true,
    clauseNames: clauseNames(field),
    schema: showSchema(field),
  }));
  return [...fixed, ...own];
}

/** What queries call the fields that they do not call by their ids. */
const CLAUSE_NAMES: Readonly<Record<string, readonly string[]>> = {
  components: ['component'],
  versions: ['affectedVersion'],
  fixVersions: ['fixVersion'],
  duedate: ['due', 'duedate'],
  timetracking: [],
  timeoriginalestimate: ['originalEstimate', 'timeoriginalestimate'],
  timeestimate: ['remainingEstimate', 'timeestimate'],
};

function clauseNames(field: Field): readonly string[] {
  if (!field.custom) return CLAUSE_NAMES[field.id] ?? [field.id];
  return [`cf[${customNumber(field)}]`, field.name];
}
