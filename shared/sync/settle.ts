import { otherSide, type Side } from '../model/connection.ts';
import { commentId, worklogId, type IssueId } from '../model/ids.ts';
import type { Blocked, Plan, Settled, Step, StepResult, SyncInput } from '../model/plan.ts';
import { isFieldName, type FieldName } from '../model/field.ts';
import type { Marker, Replica } from '../model/replica.ts';
import type { FieldTraces, TwinMemory } from '../model/twin.ts';
import { decide, type Decisions } from './decide.ts';
import { fieldOutcome, outcomeOf, type Outcome } from './outcome.ts';
import { lanesOf } from './lanes.ts';
import { namesIn, shared, withField } from './outgoing.ts';
import { commentKey, fileKey, worklogKey } from './partSteps.ts';
import { settleAttachment } from './settleAttachments.ts';
import { settleNote } from './settleNotes.ts';
import type { SetFlow } from './sets.ts';
import { settleCreation, settleField } from './settleFields.ts';
import { settleSet } from './settleSets.ts';
import { elementKey, isOfElements } from './steps.ts';
import { bothSides, issueOf, issuesOf } from './view.ts';
import { wereRead } from './worklogs.ts';

/**
 * Turns a plan and what really happened into the twin's next memory. `results` may be short: a step without result may have
 * happened or not, and the next plan over fresh readings goes on without loss or duplicate either way.
 * With no results at all it gives the memory of the intent; a shell that stores it before acting survives a stop at any step.
 * `input` and `plan` are those that were acted on. When nothing changes, the same memory object comes back.
 */
export function settleTwin(input: SyncInput, plan: Plan, results: readonly StepResult[]): Settled {
  const decisions = decide(input);
  const ends = endsOf(plan, results);
  const next: TwinMemory = {
    ...withoutParts(withIds(input, decisions, ends)),
    fields: fieldsAfter(input, decisions, ends),
    ...partsAfter(input, decisions, ends),
  };
  const isWaiting = decisions.fields.some(({ kind }) => kind === 'await');
  return {
    memory: isSame(next, input.memory) ? input.memory : next,
    ...(isWaiting ? {} : { copies: copiesAfter(input, ends) }),
    blocked: [...plan.blocked, ...ends.flatMap(refusalsOf)],
    isComplete: !plan.again && ends.every(isFinal),
  };
}

/** One step and how it ended. */
interface End {
  readonly step: Step;
  readonly result: StepResult | undefined;
}

function endsOf(plan: Plan, results: readonly StepResult[]): readonly End[] {
  const byKey = new Map(results.map((result) => [result.key, result]));
  return plan.steps.map((step) => ({ step, result: byKey.get(step.key) }));
}

function withIds(input: SyncInput, { creation }: Decisions, ends: readonly End[]): TwinMemory {
  const ids: { a?: IssueId; b?: IssueId } = {};
  for (const side of bothSides) {
    const id = issueOf(input[side])?.id;
    if (id !== undefined && input.memory[side] === undefined) ids[side] = id;
  }
  const created = resultOf(ends, 'create-issue', creation?.to);
  if (creation !== undefined && created?.ok === true && created.issue !== undefined) ids[creation.to] = created.issue;
  return { ...input.memory, ...ids };
}

function fieldsAfter(input: SyncInput, decisions: Decisions, ends: readonly End[]): FieldTraces {
  if (decisions.creation !== undefined) {
    return settleCreation(input, decisions.creation, resultOf(ends, 'create-issue', decisions.creation.to));
  }
  let traces: FieldTraces = input.memory.fields;
  for (const decision of decisions.fields) {
    const { key } = decision.lane;
    const trace = settleField(input.memory.fields[key], decision, ({ field, to }) => writeOutcome(ends, field, to));
    if (trace !== undefined) traces = { ...traces, [key]: trace };
  }
  const issues = issuesOf(input);
  if (issues === undefined) return traces;
  for (const lane of lanesOf(input.rules).filter(({ isSet }) => isSet)) {
    const flows = decisions.sets.filter((flow) => flow.lane.key === lane.key);
    const trace = settleSet(input, issues, lane, flows, (flow, element) => elementOutcome(input, ends, flow, element));
    if (trace !== undefined) traces = { ...traces, [lane.key]: trace };
  }
  return traces;
}

function elementOutcome(input: SyncInput, ends: readonly End[], flow: SetFlow, element: string): Outcome {
  if (!isOfElements(flow)) return writeOutcome(ends, flow.field, flow.to);
  const key = elementKey(input, flow, element);
  return outcomeOf(ends.find(({ step }) => step.key === key)?.result);
}

function writeOutcome(ends: readonly End[], field: FieldName, to: Side): Outcome {
  return field === 'status'
    ? outcomeOf(resultOf(ends, 'transition', to))
    : fieldOutcome(resultOf(ends, 'edit-issue', to), field);
}

function resultOf(ends: readonly End[], kind: Step['kind'], side: Side | undefined): StepResult | undefined {
  return ends.find(({ step }) => step.kind === kind && step.side === side)?.result;
}

function partsAfter(
  input: SyncInput,
  decisions: Decisions,
  ends: readonly End[],
): Pick<TwinMemory, 'comments' | 'worklogs' | 'files'> {
  const { memory } = input;
  const isUndecided = decisions.gone.length > 0 || (decisions.creation !== undefined && !decisions.creation.fields);
  if (isUndecided) {
    return { comments: memory.comments, ...listed('worklogs', memory.worklogs), ...listed('files', memory.files) };
  }
  const resultFor = (key: string): StepResult | undefined => ends.find(({ step }) => step.key === key)?.result;
  const comments = decisions.comments.flatMap((decision) => {
    const result = resultFor(commentKey(input, decision));
    return settleNote(decision, result, result?.ok === true ? result.comment : undefined) ?? [];
  });
  const worklogs = decisions.worklogs.flatMap((decision) => {
    const result = resultFor(worklogKey(input, decision));
    return settleNote(decision, result, result?.ok === true ? result.worklog : undefined) ?? [];
  });
  const files = decisions.files.flatMap(
    (decision) => settleAttachment(input, decision, resultFor(fileKey(input, decision))) ?? [],
  );
  return {
    comments,
    ...listed('worklogs', wereRead(input, (view) => view.worklogs) ? worklogs : memory.worklogs),
    ...listed('files', wereRead(input, (view) => view.attachments) ? files : memory.files),
  };
}

function withoutParts(memory: TwinMemory): Omit<TwinMemory, 'worklogs' | 'files'> {
  const { worklogs: _worklogs, files: _files, ...rest } = memory;
  return rest;
}

/** An empty list is left out, as in a memory that never had one. */
function listed<Name extends string, T>(
  name: Name,
  list: readonly T[] | undefined,
): { readonly [N in Name]?: readonly T[] } {
  return list === undefined || list.length === 0 ? {} : ({ [name]: list } as { readonly [N in Name]: readonly T[] });
}

/** What a side's issue holds after the act, as far as it was read or written; `undefined` when there is none. */
export function heldAfter(
  input: SyncInput,
  plan: Plan,
  results: readonly StepResult[],
  side: Side,
): Replica | undefined {
  return heldOn(input, endsOf(plan, results), side);
}

function heldOn(input: SyncInput, ends: readonly End[], side: Side): Replica | undefined {
  const written = ends.filter(({ step, result }) => step.side === side && result?.ok === true && result.found !== true);
  return written.reduce(withWritten, issueOf(input[side])?.fields);
}

/** What each side holds after the act, reduced to what its rules share. */
function copiesAfter(input: SyncInput, ends: readonly End[]): NonNullable<Settled['copies']> {
  const copyOf = (side: Side): Replica | undefined => {
    const held = heldOn(input, ends, side);
    return held === undefined ? undefined : shared(held, input.rules[side]);
  };
  const a = copyOf('a');
  const b = copyOf('b');
  return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

function withWritten(held: Replica | undefined, { step, result }: End): Replica | undefined {
  if (step.kind === 'transition') return { ...held, ...step.fields, status: step.to };
  if (step.kind === 'link') return withElement(held, step);
  if (step.kind !== 'create-issue' && step.kind !== 'edit-issue') return held;
  return namesIn(step.fields).reduce((replica: Replica, field) => {
    const value = step.fields[field];
    return value === undefined || result?.refusedFields?.[field] !== undefined
      ? replica
      : withField(replica, field, value);
  }, held ?? {});
}

function withElement(held: Replica | undefined, { field, act, element }: Step & { readonly kind: 'link' }): Replica {
  const before = held?.[field] ?? [];
  const rest = before.filter((one) => one !== element);
  return { ...held, [field]: act === 'remove' ? rest : [...rest, element].sort() };
}

/** What the sites refused while the plan was carried out. */
function refusalsOf({ step, result }: End): Blocked[] {
  if (result === undefined) return [];
  const { side } = step;
  const named = Object.entries(result.refusedFields ?? {}).flatMap(([field, code]): Blocked[] =>
    isFieldName(field) && code !== undefined ? [{ side, field, code }] : [],
  );
  if (result.ok || named.length > 0) return named;
  switch (step.kind) {
    case 'transition':
      return [{ side, field: 'status', code: result.code }];
    case 'link':
      return [{ side, field: step.field, code: result.code }];
    case 'edit-comment':
    case 'delete-comment':
      return [{ side, comment: step.comment, code: result.code }];
    case 'add-comment':
      return [
        { side: otherSide(side), ...sourceOf(step.marker, (id) => ({ comment: commentId(id) })), code: result.code },
      ];
    case 'edit-worklog':
    case 'delete-worklog':
      return [{ side, worklog: step.worklog, code: result.code }];
    case 'add-worklog':
      return [
        { side: otherSide(side), ...sourceOf(step.marker, (id) => ({ worklog: worklogId(id) })), code: result.code },
      ];
    case 'add-attachment':
      return [{ side: otherSide(side), attachment: step.source.id, code: result.code }];
    case 'delete-attachment':
      return [{ side, attachment: step.attachment, code: result.code }];
    case 'create-issue':
    case 'edit-issue':
    case 'delete-issue':
      return [{ side, code: result.code }];
  }
}

/**
 * A step is final when planning it again would not bring it back: it was done now, or refused for good. A copy that could not be
 * kept from readers who may not have it goes with the next plan. A file that was found is as good as one that was made.
 */
function isFinal({ step, result }: End): boolean {
  if (result === undefined || (result.ok && result.found === true && step.kind !== 'add-attachment')) return false;
  if (result.ok) return true;
  if (result.code === 'visibility-unknown' && (step.kind === 'edit-comment' || step.kind === 'edit-worklog'))
    return false;
  return step.kind !== 'create-issue' && outcomeOf(result).kind === 'refused' && result.refusedFields === undefined;
}

function sourceOf({ source }: Marker, nameOf: (id: string) => Partial<Blocked>): Partial<Blocked> {
  return source === undefined ? {} : nameOf(source);
}

function isSame(one: TwinMemory, other: TwinMemory): boolean {
  return JSON.stringify(one, inKeyOrder) === JSON.stringify(other, inKeyOrder);
}

function inKeyOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
