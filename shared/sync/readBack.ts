import type { Side } from '../model/connection.ts';
import type { FieldName } from '../model/field.ts';
import type { CommentId, ValueHash } from '../model/ids.ts';
import type { Plan, SideView, Step, StepResult, SyncInput } from '../model/plan.ts';
import type { JiraComment, Replica, Visibility } from '../model/replica.ts';
import { hashOf, hashOfBody, isNothing } from './echo.ts';
import { namesIn } from './outgoing.ts';
import { heldAfter } from './settle.ts';
import { issueOf } from './view.ts';

/** Writes that show in an issue's fields or among its comments; links, worklogs and files are not read back. */
const SHOWN: ReadonlySet<Step['kind']> = new Set<Step['kind']>([
  ...(['create-issue', 'edit-issue', 'transition', 'add-comment', 'edit-comment', 'delete-comment'] as const),
]);

/** The sides on which a plan has written; none of them may have changed by itself otherwise. */
export function writtenSides(plan: Plan, results: readonly StepResult[]): ReadonlySet<Side> {
  const keys = new Set(results.map(({ key }) => key));
  return new Set(plan.steps.filter(({ key }) => keys.has(key)).map(({ side }) => side));
}

/** True when what was written on a side can be read back from its issue at all. */
export function canReadBack(plan: Plan, results: readonly StepResult[]): boolean {
  const keys = new Map(results.map((result) => [result.key, result]));
  return plan.steps.every(({ key, kind }) => {
    const result = keys.get(key);
    return result !== undefined && SHOWN.has(kind) && !(result.ok && result.found === true);
  });
}

/**
 * True when a side, read again after the act, shows what was written and beside it nothing that was not seen before. Only then is there
 * nothing to learn from the announcements of these writes: what a workflow, a default or a person has added shows as a difference.
 */
export function isAsWritten(
  input: SyncInput,
  plan: Plan,
  results: readonly StepResult[],
  side: Side,
  seen: Pick<SideView, 'issue' | 'comments'>,
): boolean {
  const issue = issueOf(seen);
  const held = heldAfter(input, plan, results, side);
  if (issue === undefined || held === undefined || !isSameFields(held, issue.fields)) return false;
  const before = issueOf(input[side]);
  if (before !== undefined && before.projectKey !== issue.projectKey) return false;
  const expected = commentsAfter(input[side].comments, plan, results, side);
  if (expected === undefined || expected.size !== seen.comments.length) return false;
  return seen.comments.every((comment) => expected.get(comment.id)?.(comment) === true);
}

function isSameFields(held: Replica, shown: Replica): boolean {
  const names = new Set<FieldName>([...namesIn(held), ...namesIn(shown)]);
  return [...names].every((name) => {
    const [expected, value] = [held[name], shown[name]];
    if (value === undefined) return expected === undefined || isNothing(name, expected);
    return expected === undefined ? isNothing(name, value) : hashOf(name, expected) === hashOf(name, value);
  });
}

type Check = (shown: JiraComment) => boolean;

/** What each comment has to show; `undefined` when a comment was made whose id nobody knows. */
function commentsAfter(
  before: readonly JiraComment[],
  plan: Plan,
  results: readonly StepResult[],
  side: Side,
): ReadonlyMap<CommentId, Check> | undefined {
  const expected = new Map<CommentId, Check>(before.map((comment) => [comment.id, untouched(comment)]));
  const readers = new Map(before.map(({ id, visibility }) => [id, visibility]));
  const ends = new Map(results.map((result) => [result.key, result]));
  for (const step of plan.steps) {
    const result = ends.get(step.key);
    if (step.side !== side || result?.ok !== true) continue;
    if (step.kind === 'delete-comment') expected.delete(step.comment);
    else if (step.kind === 'edit-comment')
      expected.set(step.comment, saying(hashOfBody(step.body), step.visibility ?? readers.get(step.comment)));
    else if (step.kind === 'add-comment') {
      if (result.comment === undefined) return undefined;
      expected.set(result.comment, saying(hashOfBody(step.body), step.visibility));
    }
  }
  return expected;
}

function untouched({ updatedAt, visibility, isRestricted }: JiraComment): Check {
  return (shown) =>
    shown.updatedAt === updatedAt && shown.isRestricted === isRestricted && isSameReaders(shown.visibility, visibility);
}

function saying(hash: ValueHash, visibility: Visibility | undefined): Check {
  return (shown) =>
    hashOfBody(shown.body) === hash &&
    shown.isRestricted === (visibility !== undefined) &&
    isSameReaders(shown.visibility, visibility);
}

function isSameReaders(one: Visibility | undefined, other: Visibility | undefined): boolean {
  return one?.type === other?.type && one?.name === other?.name;
}
