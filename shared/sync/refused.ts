import { otherSide, type Side } from '../model/connection.ts';
import { refusedByContract } from '../model/contract.ts';
import type { Blocked, SyncInput } from '../model/plan.ts';
import type { FileDecision } from './attachments.ts';
import { decideAttachments } from './attachments.ts';
import { decideComments } from './comments.ts';
import { lanesOf, sendsLane, type Lane } from './lanes.ts';
import type { Note, NoteDecision } from './notes.ts';
import { decideSets, leavingSet, passages } from './sets.ts';
import { bothSides, issueOf, issuesOf } from './view.ts';
import { decideWorklogs } from './worklogs.ts';

/**
 * What the senders' own rules would carry over and the two sides have not agreed: sets, comments, worklogs and files, each by name.
 * Nothing of it is done, because the rules that count leave it out; fields of one value are refused where they are offered.
 */
export function refusedOf(input: SyncInput): readonly Blocked[] {
  const { offered, ...rest } = input;
  if (offered === undefined) return [];
  const whole: SyncInput = { ...rest, rules: offered };
  return [
    ...refusedSets(input, whole),
    ...refusedNotes(decideComments(whole), decideComments(input), (comment) => ({ comment })),
    ...refusedNotes(decideWorklogs(whole), decideWorklogs(input), (worklog) => ({ worklog })),
    ...refusedFiles(decideAttachments(whole), decideAttachments(input)),
  ];
}

const code = 'contract-refused';

function refusedSets(input: SyncInput, whole: SyncInput): readonly Blocked[] {
  const isBirth = issuesOf(whole) === undefined;
  const open = isBirth ? bothSides.flatMap((from) => born(whole, from)) : flowing(whole);
  return open
    .filter(({ lane, from }) => !sendsLane(input.rules, from, lane, isBirth ? 'create' : 'update'))
    .filter(({ lane, from }) => {
      const act = isBirth ? 'create' : 'update';
      return refusedByContract(input.agreed, from, lane[otherSide(from)], act) !== undefined;
    })
    .map(({ lane, from }) => ({ side: otherSide(from), field: lane[otherSide(from)], code }));
}

interface Open {
  readonly lane: Lane;
  readonly from: Side;
}

function flowing(whole: SyncInput): readonly Open[] {
  const issues = issuesOf(whole);
  return issues === undefined
    ? []
    : decideSets(whole, issues).filter(({ add, remove }) => add.length + remove.length > 0);
}

/** Sets that a new issue would get. */
function born(whole: SyncInput, from: Side): readonly Open[] {
  const source = issueOf(whole[from]);
  if (source === undefined || whole[otherSide(from)].issue !== 'absent') return [];
  return lanesOf(whole.rules)
    .filter((lane) => lane.isSet && sendsLane(whole.rules, from, lane, 'create'))
    .filter((lane) => passages(whole, from, lane, leavingSet(whole, source, from, lane) ?? []).length > 0)
    .map((lane) => ({ lane, from }));
}

function refusedNotes<T extends Note>(
  wanted: readonly NoteDecision<T>[],
  done: readonly NoteDecision<T>[],
  nameOf: (id: T['id']) => Partial<Blocked>,
): readonly Blocked[] {
  const kept = new Set(done.flatMap(actOf).map(({ name }) => name));
  return wanted
    .flatMap(actOf)
    .filter(({ name }) => !kept.has(name))
    .map(({ side, id }) => ({ side, ...nameOf(id), code }));
}

/** What a decision would do, by the side and the thing that it is told of. */
function actOf<T extends Note>(
  one: NoteDecision<T>,
): readonly { readonly name: string; readonly side: Side; readonly id: T['id'] }[] {
  switch (one.kind) {
    case 'add':
    case 'edit':
      return [
        { name: `${one.kind} ${one.on} ${one.arriving.from.id}`, side: otherSide(one.on), id: one.arriving.from.id },
      ];
    case 'delete':
      return [{ name: `${one.kind} ${one.on} ${one.id}`, side: one.on, id: one.id }];
    case 'await':
    case 'rest':
    case 'blocked':
      return [];
  }
}

function refusedFiles(wanted: readonly FileDecision[], done: readonly FileDecision[]): readonly Blocked[] {
  const kept = new Set(done.flatMap(fileOf).map(({ id }) => id));
  return wanted
    .flatMap(fileOf)
    .filter(({ id }) => !kept.has(id))
    .map(({ side, id }) => ({ side, attachment: id, code }));
}

function fileOf(one: FileDecision) {
  if (one.kind === 'add') return [{ side: otherSide(one.on), id: one.source.id }];
  return one.kind === 'delete' ? [{ side: one.on, id: one.id }] : [];
}
