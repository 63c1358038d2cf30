import type { SyncInput } from '../model/plan.ts';
import type { JiraComment } from '../model/replica.ts';
import { hashOfBody } from './echo.ts';
import { decideNotes, type NoteDecision, type NoteKind } from './notes.ts';

export type CommentDecision = NoteDecision<JiraComment>;

const comments: NoteKind<JiraComment> = {
  shelfOf: ({ memory, a, b }) => ({
    twin: memory.twin,
    traces: memory.comments,
    things: { a: a.comments, b: b.comments },
    markers: { a: a.markers, b: b.markers },
  }),
  mayLeave: (rules) => rules.comments,
  hashOf: (_, body) => hashOfBody(body),
  emptyCode: 'comment-empty',
  restrictedCode: 'comment-restricted',
  isOrdered: true,
  copyDeletedCode: 'comment-copy-deleted',
  verbs: { add: 'add', edit: 'edit', delete: 'delete' },
};

/** Decides every comment of both issues. */
export function decideComments(input: SyncInput): readonly CommentDecision[] {
  return decideNotes(input, comments);
}
