import { fieldNamed } from './customFields.ts';
import type { Field, Permission, Project, Status, Transition, Value, Workflow } from './types.ts';

/** A step of a workflow's specification. Statuses and custom fields go by name. */
export interface TransitionSpec {
  readonly name: string;
  /** `any` makes the transition global. */
  readonly from: readonly string[] | 'any';
  readonly to: string;
  /** Set on the way into done and cleared on the way out unless told otherwise. */
  readonly resolution?: Transition['resolution'];
  /** Field ids or names of custom fields. */
  readonly screen?: readonly string[];
  /** Those of the screen that must be filled in. */
  readonly required?: readonly string[];
  /** A condition: who lacks it is not offered the transition. */
  readonly permission?: Permission;
}

/** A workflow of a site's specification. */
export interface WorkflowSpec {
  readonly initial: string;
  readonly transitions: readonly TransitionSpec[];
}

/** What Jira's resolve screen holds. */
const RESOLVE_SCREEN = ['resolution', 'fixVersions', 'assignee'];

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

/** The names of the workflows that are ready to use. */
export type WorkflowName = keyof typeof WORKFLOWS;

/** Ids of a workflow's transitions differ by this much. */
const ID_STEP = 10;
/** Where the ids of a specified workflow's transitions start; more than 40 steps would meet the next site's. */
const FIRST_OWN_ID = 60_001;
const OWN_SPAN = 400;

/** What a workflow is made on. */
export interface Ground {
  readonly statuses: readonly Status[];
  readonly fields: readonly Field[];
  readonly siteIndex: number;
}

/** Builds a workflow with ids of its own: neither the site's nor another workflow's transition ids. */
export function workflowOf(wanted: WorkflowName | WorkflowSpec, ground: Ground): Workflow {
  if (typeof wanted !== 'string') {
    return build('own', wanted, FIRST_OWN_ID + ground.siteIndex * OWN_SPAN, ground);
  }
  const { steps, initial, firstId } = WORKFLOWS[wanted];
  const isDone = (name: string): boolean => ground.statuses.some((one) => one.name === name && one.category === 'done');
  const transitions = steps.map(
    ([name, from, to]): TransitionSpec => ({ name, from, to, ...(isDone(to) ? { screen: RESOLVE_SCREEN } : {}) }),
  );
  return build(wanted, { initial, transitions }, firstId + ground.siteIndex * 100, ground);
}

/** The workflow of a project's issues of one type. */
export function workflowFor(project: Project, typeId: Value | undefined): Workflow {
  return (typeof typeId === 'string' ? project.workflows[typeId] : undefined) ?? project.workflow;
}

/** Ids of the statuses that a workflow reaches. */
export function statusIdsOf(workflow: Workflow): ReadonlySet<string> {
  return new Set([workflow.initial, ...workflow.transitions.map((transition) => transition.to)]);
}

function build(name: string, spec: WorkflowSpec, firstId: number, ground: Ground): Workflow {
  const status = (wanted: string): Status => {
    const found = ground.statuses.find((one) => one.name === wanted);
    if (found === undefined) throw new Error(`a workflow names the unknown status ${wanted}`);
    return found;
  };
  const fieldIds = (names: readonly string[] | undefined): readonly string[] =>
    (names ?? []).map((one) => {
      const found = fieldNamed(ground.fields, one);
      if (found === undefined) throw new Error(`a transition's screen names the unknown field ${one}`);
      return found.id;
    });
  const transitions = spec.transitions.map(
    (step, index): Transition => ({
      id: String(firstId + index * ID_STEP),
      name: step.name,
      from: step.from === 'any' ? 'any' : step.from.map((one) => status(one).id),
      to: status(step.to).id,
      resolution: step.resolution ?? (status(step.to).category === 'done' ? 'set' : 'clear'),
      screen: [...new Set([...fieldIds(step.screen), ...fieldIds(step.required)])],
      required: fieldIds(step.required),
      permission: step.permission ?? null,
    }),
  );
  return { name, initial: status(spec.initial).id, transitions };
}
