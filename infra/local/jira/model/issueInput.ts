import { parseField } from './fields.ts';
import { may } from './permissions.ts';
import { JiraProblem, badField } from './problem.ts';
import { isRecord } from './richText.ts';
import { sprintsAfter } from './sprints.ts';
import { estimatesAfter } from './timeTracking.ts';
import type { Act, Field, FieldKind, Project, Value } from './types.ts';

/** The part of a REST body that changes an issue. */
export interface IssueInput {
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  /** Operations by field, each an object with one of `set`, `add`, `remove`, `edit`. */
  readonly update?: Readonly<Record<string, readonly unknown[]>> | undefined;
  readonly properties?: readonly { readonly key: string; readonly value: unknown }[] | undefined;
}

type Values = Readonly<Record<string, Value>>;

/** Fields of a body that are no values of an issue. */
const APART = new Set(['project', 'comment']);

/**
 * Applies a body's `fields` and `update` to an issue's values, collecting all refusals as Jira does.
 * @throws JiraProblem 400 with one error per field
 */
export function applyInput(
  act: Act,
  project: Project,
  screen: readonly string[],
  before: Values,
  input: IssueInput,
): Values {
  const errors: Record<string, string> = {};
  const after: Record<string, Value> = { ...before };
  const attempt = (id: string, work: (field: Field) => Values): void => {
    try {
      Object.assign(after, work(settable(act, project, screen, id)));
    } catch (problem) {
      // What names no field cannot be collected under one.
      const isOfField =
        problem instanceof JiraProblem &&
        problem.status === 400 &&
        problem.violation === undefined &&
        Object.keys(problem.body.errors).length > 0;
      if (!isOfField) throw problem;
      Object.assign(errors, problem.body.errors);
    }
  };
  for (const [id, raw] of Object.entries(input.fields ?? {})) {
    if (!APART.has(id)) attempt(id, (field) => set(act, project, field, after, raw));
  }
  for (const [id, operations] of Object.entries(input.update ?? {})) {
    for (const operation of APART.has(id) ? [] : operations) {
      attempt(id, (field) => operate(act, project, field, after, operation));
    }
  }
  if (Object.keys(errors).length > 0) throw new JiraProblem(400, { errorMessages: [], errors });
  return after;
}

/** What Jira says of a field that cannot be set here, for whatever reason. */
function offScreen(id: string): JiraProblem {
  return badField(id, `Field '${id}' cannot be set. It is not on the appropriate screen, or unknown.`);
}

/** Jira hides assignee and reporter from screens of those who may not set them; the refusal is the screen's. */
function settable(act: Act, project: Project, screen: readonly string[], id: string): Field {
  const field = act.site.fields.find((candidate) => candidate.id === id);
  if (field === undefined || !screen.includes(id)) throw offScreen(id);
  if (id === 'assignee' && !may(act.world, act.site, project, act.actor, 'ASSIGN_ISSUES')) throw offScreen(id);
  if (id === 'reporter' && !may(act.world, act.site, project, act.actor, 'MODIFY_REPORTER')) throw offScreen(id);
  return field;
}

/** What setting a field changes: one value, or both estimates for `timetracking`. */
function set(act: Act, project: Project, field: Field, before: Values, raw: unknown): Values {
  if (field.kind === 'timetracking') return estimatesAfter(act.site.workingTime, before, raw);
  const value =
    field.kind === 'sprint'
      ? sprintsAfter(act.site, field, before[field.id] ?? null, raw)
      : parseField(act, project, field, raw);
  demandValue(project, field, value);
  return { [field.id]: value };
}

function demandValue(project: Project, field: Field, value: Value): void {
  if (project.requiredFields.includes(field.id) && isEmpty(value))
    throw badField(field.id, `${field.name} is required.`);
}

/** Whether a field holds nothing. */
export function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** What of a project's fields a new issue must have and has not. @throws JiraProblem 400 with one error per field */
export function demandFilled(act: Act, ids: readonly string[], values: Values): void {
  const empty = act.site.fields.filter((field) => ids.includes(field.id) && isMissing(field, values));
  if (empty.length === 0) return;
  const errors = Object.fromEntries(empty.map((field) => [field.id, `${field.name} is required.`]));
  throw new JiraProblem(400, { errorMessages: [], errors });
}

function isMissing(field: Field, values: Values): boolean {
  return isEmpty(values[field.kind === 'timetracking' ? 'timeoriginalestimate' : field.id]);
}

function operate(act: Act, project: Project, field: Field, before: Values, operation: unknown): Values {
  if (!isRecord(operation)) throw badField(field.id, 'Operation must be an object');
  const [name, raw] = Object.entries(operation)[0] ?? [];
  if (name === 'set' || name === 'edit') return set(act, project, field, before, raw);
  if (!isList(field) || (name !== 'add' && name !== 'remove')) {
    throw badField(field.id, `Field does not support operation '${name ?? ''}'.`);
  }
  const named = parseField(act, project, field, [raw]) as readonly string[];
  const list = (before[field.id] ?? []) as readonly string[];
  const next = name === 'add' ? [...new Set([...list, ...named])] : list.filter((entry) => !named.includes(entry));
  demandValue(project, field, next);
  return { [field.id]: next };
}

const LISTS: ReadonlySet<FieldKind> = new Set(['labels', 'components', 'versions', 'options', 'users']);

/** Whether a field holds several values. */
export function isList(field: Field): boolean {
  return LISTS.has(field.kind);
}
