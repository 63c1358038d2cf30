import type { CommentId, IssueId, WorklogId } from '../model/ids.ts';
import type { Side } from '../model/connection.ts';
import type { Step, SyncInput } from '../model/plan.ts';
import type { Visibility } from '../model/replica.ts';
import type { FileDecision } from './attachments.ts';
import type { CommentDecision } from './comments.ts';
import type { Decisions } from './decide.ts';
import { digest } from './echo.ts';
import type { Note, NoteDecision } from './notes.ts';
import { byAge } from './pairs.ts';
import { issueOf } from './view.ts';
import { adjustmentOn, workOf, type WorklogDecision } from './worklogs.ts';

/** The same decision always has the same key: twin, kind, target and the hash of what is written. */
export function keyOf(input: SyncInput, kind: Step['kind'], side: Side, target: string, value: string): string {
  return digest(['step', input.memory.twin, kind, side, target, value]);
}

/** The steps of files: what must disappear first, then new ones by age. */
export function fileSteps(input: SyncInput, { files }: Pick<Decisions, 'files'>): readonly Step[] {
  const asked = files.filter((decision) => decision.kind === 'add' || decision.kind === 'delete');
  const rank = (decision: FileDecision): number => (decision.kind === 'delete' ? 0 : 1);
  return [...asked]
    .sort((one, other) => {
      const isAdding = one.kind === 'add' && other.kind === 'add';
      return rank(one) - rank(other) || (isAdding ? byAge(one.source, other.source) : 0);
    })
    .flatMap((decision) => fileStep(input, decision));
}

/** The steps of comments and worklogs: what must disappear first, changed ones, and new ones by the age of their originals. */
export function noteSteps(
  input: SyncInput,
  { comments, worklogs }: Pick<Decisions, 'comments' | 'worklogs'>,
): readonly Step[] {
  const kinds = ['delete', 'edit', 'add'] as const;
  return kinds.flatMap((kind) => [
    ...inOrder(comments, kind).flatMap((decision) => commentStep(input, decision)),
    ...inOrder(worklogs, kind).flatMap((decision) => worklogStep(input, decision)),
  ]);
}

function inOrder<T extends Note>(decisions: readonly NoteDecision<T>[], kind: 'delete' | 'edit' | 'add') {
  return decisions
    .filter((decision) => decision.kind === kind)
    .sort((one, other) =>
      one.kind === 'add' && other.kind === 'add' ? byAge(one.arriving.from, other.arriving.from) : 0,
    );
}

/** The key of the step that carries out a comment's decision. */
export function commentKey(input: SyncInput, decision: CommentDecision): string {
  return noteKey(input, decision, 'comment');
}

/** The key of the step that carries out a worklog's decision. */
export function worklogKey(input: SyncInput, decision: WorklogDecision): string {
  return noteKey(input, decision, 'worklog');
}

/** The key of the step that carries out a file's decision. */
export function fileKey(input: SyncInput, decision: FileDecision): string {
  switch (decision.kind) {
    case 'add':
      return keyOf(input, 'add-attachment', decision.on, decision.source.id, decision.onlyFind === true ? 'find' : '');
    case 'delete':
      return keyOf(input, 'delete-attachment', decision.on, decision.id, '');
    case 'rest':
    case 'blocked':
      return '';
  }
}

function noteKey<T extends Note>(input: SyncInput, decision: NoteDecision<T>, name: 'comment' | 'worklog'): string {
  switch (decision.kind) {
    case 'add':
      return keyOf(input, `add-${name}`, decision.on, decision.arriving.from.id, decision.arriving.hash);
    case 'edit':
      return keyOf(input, `edit-${name}`, decision.on, decision.id, decision.arriving.hash);
    case 'delete':
      return keyOf(input, `delete-${name}`, decision.on, decision.id, '');
    case 'rest':
    case 'await':
    case 'blocked':
      return '';
  }
}

function commentStep(input: SyncInput, decision: CommentDecision): Step[] {
  if (decision.kind === 'rest' || decision.kind === 'await' || decision.kind === 'blocked') return [];
  const { on: side } = decision;
  const key = commentKey(input, decision);
  const issue: IssueId | undefined = issueOf(input[side])?.id;
  if (decision.kind === 'add') {
    const { arriving, marker } = decision;
    if (arriving.body === null) return [];
    const { body } = arriving;
    return [{ key, side, kind: 'add-comment', issue: issue ?? 'created', body, ...readers(arriving), marker }];
  }
  if (issue === undefined) return [];
  const comment: CommentId = decision.id;
  if (decision.kind === 'delete') return [{ key, side, kind: 'delete-comment', issue, comment }];
  const { arriving } = decision;
  if (arriving.body === null) return [];
  return [{ key, side, kind: 'edit-comment', issue, comment, body: arriving.body, ...readers(arriving) }];
}

function readers({ visibility }: { readonly visibility: Visibility | null }): { readonly visibility?: Visibility } {
  return visibility === null ? {} : { visibility };
}

function worklogStep(input: SyncInput, decision: WorklogDecision): Step[] {
  if (decision.kind === 'rest' || decision.kind === 'await' || decision.kind === 'blocked') return [];
  const { on: side } = decision;
  const key = worklogKey(input, decision);
  const adjust = adjustmentOn(input, side);
  const issue: IssueId | undefined = issueOf(input[side])?.id;
  if (decision.kind === 'add') {
    const { arriving, marker } = decision;
    return [{ key, side, kind: 'add-worklog', issue: issue ?? 'created', work: workOf(arriving), adjust, marker }];
  }
  if (issue === undefined) return [];
  const worklog: WorklogId = decision.id;
  if (decision.kind === 'delete') return [{ key, side, kind: 'delete-worklog', issue, worklog, adjust }];
  return [{ key, side, kind: 'edit-worklog', issue, worklog, work: workOf(decision.arriving), adjust }];
}

function fileStep(input: SyncInput, decision: FileDecision): Step[] {
  const key = fileKey(input, decision);
  if (decision.kind === 'add') {
    const { on: side, source, onlyFind } = decision;
    const candidates = decision.candidates.map(({ id }) => id);
    const issue = issueOf(input[side])?.id ?? 'created';
    const limit = onlyFind === true ? { onlyFind } : {};
    return [{ key, side, kind: 'add-attachment', issue, source, candidates, ...limit }];
  }
  if (decision.kind !== 'delete') return [];
  const { on: side, id: attachment } = decision;
  const issue = issueOf(input[side])?.id;
  return issue === undefined ? [] : [{ key, side, kind: 'delete-attachment', issue, attachment }];
}
