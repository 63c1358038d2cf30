import type { Side } from '../model/connection.ts';
import type { Step, SyncInput } from '../model/plan.ts';
import type { Replica } from '../model/replica.ts';
import type { Decisions } from './decide.ts';
import { digest, hashOf } from './echo.ts';
import type { FieldDecision, Write } from './fields.ts';
import { namesIn, withField } from './outgoing.ts';
import { fileSteps, keyOf, noteSteps } from './partSteps.ts';
import { isAsked, type SetFlow } from './sets.ts';
import { bothSides, issueOf } from './view.ts';

/**
 * The steps of a decision, in the order in which they shall run: a new issue, files (texts may show them), fields, transitions,
 * links, then comments and worklogs.
 */
export function stepsOf(input: SyncInput, decisions: Decisions): readonly Step[] {
  return [
    ...deleteSteps(input, decisions),
    ...createSteps(input, decisions),
    ...fileSteps(input, decisions),
    ...bothSides.flatMap((side) => editSteps(input, decisions, side)),
    ...bothSides.flatMap((side) => transitionSteps(input, decisions, side)),
    ...decisions.sets.flatMap((flow) => linkSteps(input, flow)),
    ...noteSteps(input, decisions),
  ];
}

function deleteSteps(input: SyncInput, { deletion }: Decisions): Step[] {
  if (deletion === undefined) return [];
  const { on: side, issue } = deletion;
  return [{ key: keyOf(input, 'delete-issue', side, issue, ''), side, kind: 'delete-issue', issue }];
}

function createSteps(input: SyncInput, { creation }: Decisions): Step[] {
  if (creation?.fields === undefined) return [];
  const { to: side, fields } = creation;
  const key = keyOf(input, 'create-issue', side, '', hashOfFields(fields));
  return [{ key, side, kind: 'create-issue', fields, marker: { twin: input.memory.twin } }];
}

/** The writes of a decision: one, or of a merge up to one for each side. */
export function writesOf(decision: FieldDecision): readonly Write[] {
  if (decision.kind === 'write') return [decision.write];
  return decision.kind === 'merge' ? decision.writes : [];
}

/** True for a set whose elements are things of their own at the site and not a value of the issue. */
export function isOfElements({ lane }: SetFlow): boolean {
  return lane.kind === 'links' || lane.kind === 'remoteLinks';
}

function editSteps(input: SyncInput, decisions: Decisions, side: Side): Step[] {
  const issue = issueOf(input[side]);
  if (issue === undefined) return [];
  let fields: Replica = {};
  for (const { to, field, value } of decisions.fields.flatMap(writesOf)) {
    if (to === side && field !== 'status') fields = withField(fields, field, value);
  }
  for (const flow of decisions.sets) {
    if (flow.to === side && isAsked(flow) && !isOfElements(flow)) fields = withField(fields, flow.field, flow.value);
  }
  if (Object.keys(fields).length === 0) return [];
  const key = keyOf(input, 'edit-issue', side, issue.id, hashOfFields(fields));
  return [{ key, side, kind: 'edit-issue', issue: issue.id, fields }];
}

function transitionSteps(input: SyncInput, decisions: Decisions, side: Side): Step[] {
  const issue = issueOf(input[side]);
  const wanted = decisions.fields.flatMap(writesOf).find(({ to, move }) => move !== undefined && to === side);
  if (issue === undefined || wanted?.move === undefined) return [];
  const { id, to, fields } = wanted.move;
  const key = keyOf(input, 'transition', side, issue.id, digest([to, hashOfFields(fields)]));
  const screen = Object.keys(fields).length === 0 ? {} : { fields };
  return [{ key, side, kind: 'transition', issue: issue.id, transition: id, to, ...screen }];
}

/** The key of the step that adds or removes one element of a set. */
export function elementKey(input: SyncInput, flow: SetFlow, element: string): string {
  const act = flow.remove.includes(element) ? 'remove' : 'add';
  return keyOf(input, 'link', flow.to, `${flow.field}/${act}`, digest([element]));
}

/** Links are made and removed one by one. */
function linkSteps(input: SyncInput, flow: SetFlow): Step[] {
  const issue = issueOf(input[flow.to]);
  if (issue === undefined || !isAsked(flow) || !isOfElements(flow)) return [];
  const field = flow.lane.kind === 'links' ? 'links' : 'remoteLinks';
  const step = (act: 'add' | 'remove', element: string): Step => ({
    key: elementKey(input, flow, element),
    side: flow.to,
    kind: 'link',
    issue: issue.id,
    field,
    act,
    element,
  });
  return [
    ...flow.remove.map((element) => step('remove', element)),
    ...flow.add.map(({ element }) => step('add', element)),
  ];
}

function hashOfFields(fields: Replica): string {
  return digest(
    namesIn(fields).map((field) => {
      const value = fields[field];
      return [field, value === undefined ? '' : hashOf(field, value)];
    }),
  );
}
