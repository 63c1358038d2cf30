import { ADMIN_GROUP, USER_GROUP, demand, may, sees } from './permissions.ts';
import { badField, refuse } from './problem.ts';
import { propertiesWith } from './properties.ts';
import { type Found, findIssue, happen, replace } from './records.ts';
import { isRecord, parseDocument } from './richText.ts';
import type { Act, Comment, Permission, Project, Visibility } from './types.ts';
import { nextNumber } from './world.ts';

/** Most comments of one issue; more is 413. @see ATLASSIAN.md §6.2 */
export const COMMENT_LIMIT = 5_000;

/** The body of a new or changed comment. Absent visibility leaves what is there. */
export interface CommentInput {
  readonly body: unknown;
  readonly visibility?: unknown;
  readonly properties?: readonly { readonly key: string; readonly value: unknown }[] | undefined;
}

/** A comment with the issue it belongs to. */
export interface FoundComment extends Found {
  readonly comment: Comment;
}

/** Finds a comment the actor may read, whatever its issue. @throws JiraProblem 404 */
export function commentWithIssue(act: Act, commentId: string): FoundComment {
  const comment = act.site.comments.get(commentId);
  if (comment === undefined) throw noSuchComment(commentId);
  const found = findIssue(act, comment.issueId);
  if (!sees(act, found.project, comment.visibility)) throw noSuchComment(commentId);
  return { ...found, comment };
}

/** Finds a comment of a given issue. @throws JiraProblem 404 */
export function findComment(act: Act, idOrKey: string, commentId: string): FoundComment {
  const issue = findIssue(act, idOrKey).issue;
  const found = commentWithIssue(act, commentId);
  if (found.issue.id !== issue.id) throw noSuchComment(commentId);
  return found;
}

function noSuchComment(id: string): Error {
  return refuse(404, `Can not find a comment for the id: ${id}.`);
}

/** The comments of an issue that the actor may read, oldest first. */
export function listComments(act: Act, idOrKey: string): readonly Comment[] {
  const { record, project } = findIssue(act, idOrKey);
  return record.commentIds
    .map((id) => act.site.comments.get(id))
    .filter((comment) => comment !== undefined)
    .filter((comment) => sees(act, project, comment.visibility));
}

/**
 * Adds a comment, written by the actor.
 * @throws JiraProblem 404, 403 without ADD_COMMENTS, 413 when the issue is full, 400 for a body Jira would not take
 */
export function addComment(act: Act, idOrKey: string, input: CommentInput): Comment {
  const found = findIssue(act, idOrKey);
  const checked = checkComment(act, found.project, input);
  if (found.record.commentIds.length >= COMMENT_LIMIT)
    throw refuse(413, `The issue has reached the limit of ${COMMENT_LIMIT} comments.`);
  const comment: Comment = {
    id: String(nextNumber(act.site, 'entity')),
    issueId: found.issue.id,
    authorId: act.actor.accountId,
    updateAuthorId: act.actor.accountId,
    createdAt: act.now,
    updatedAt: act.now,
    ...checked,
  };
  act.site.comments.set(comment.id, comment);
  found.record.commentIds.push(comment.id);
  touch(act, found);
  happen(act, { event: 'comment_created', issue: found.record.issue, comment });
  return comment;
}

/** Everything about a new comment that can be refused but the issue's limit. @throws JiraProblem 403, 400 */
export function checkComment(
  act: Act,
  project: Project,
  input: CommentInput,
): Pick<Comment, 'body' | 'visibility' | 'properties'> {
  demand(act, project, 'ADD_COMMENTS');
  return {
    body: parseBody(act, input.body),
    visibility: parseVisibility(act, project, input.visibility),
    properties: propertiesWith({}, input.properties ?? []),
  };
}

/** A comment moves its issue's `updated` but leaves the changelog alone. */
function touch(act: Act, found: Found): void {
  replace(act, found.record, { ...found.record.issue, updatedAt: act.now });
}

/** Changes a comment. @throws JiraProblem 404, 400 without permission (so Jira documents it) or for a wrong body */
export function updateComment(act: Act, idOrKey: string, commentId: string, input: CommentInput): Comment {
  const found = findComment(act, idOrKey, commentId);
  demandOwn(act, found, 'EDIT_OWN_COMMENTS', 'EDIT_ALL_COMMENTS', 'edit');
  const comment: Comment = {
    ...found.comment,
    updateAuthorId: act.actor.accountId,
    updatedAt: act.now,
    body: parseBody(act, input.body),
    visibility:
      input.visibility === undefined ? found.comment.visibility : parseVisibility(act, found.project, input.visibility),
    properties: propertiesWith(found.comment.properties, input.properties ?? []),
  };
  act.site.comments.set(comment.id, comment);
  touch(act, found);
  happen(act, { event: 'comment_updated', issue: found.record.issue, comment });
  return comment;
}

/** Deletes a comment. @throws JiraProblem 404, 400 without permission (so Jira documents it) */
export function deleteComment(act: Act, idOrKey: string, commentId: string): void {
  const found = findComment(act, idOrKey, commentId);
  demandOwn(act, found, 'DELETE_OWN_COMMENTS', 'DELETE_ALL_COMMENTS', 'delete');
  act.site.comments.delete(commentId);
  found.record.commentIds.splice(found.record.commentIds.indexOf(commentId), 1);
  touch(act, found);
  happen(act, { event: 'comment_deleted', issue: found.record.issue, comment: found.comment });
}

function demandOwn(act: Act, found: FoundComment, own: Permission, all: Permission, verb: string): void {
  const needed = found.comment.authorId === act.actor.accountId ? [own, all] : [all];
  if (needed.some((permission) => may(act.world, act.site, found.project, act.actor, permission))) return;
  throw refuse(400, `You do not have permission to ${verb} comment with id: ${found.comment.id}`);
}

function parseBody(act: Act, raw: unknown): Comment['body'] {
  const body = parseDocument(act, raw, 'comment');
  if (!Array.isArray(body['content']) || body['content'].length === 0)
    throw badField('comment', 'Comment body can not be empty!');
  return body;
}

/** Who may read something: a role or a group that there is and that the actor is in. @throws JiraProblem 400 */
export function parseVisibility(act: Act, project: Project, raw: unknown): Visibility | null {
  if (!isRecord(raw)) return null;
  const { type, value } = { type: raw['type'], value: raw['value'] ?? raw['identifier'] };
  const known = type === 'role' ? Object.keys(project.roles) : [ADMIN_GROUP, USER_GROUP];
  if ((type !== 'role' && type !== 'group') || typeof value !== 'string' || !known.includes(value)) {
    throw badField('commentLevel', `${type === 'role' ? 'Role' : 'Group'} does not exist.`);
  }
  const visibility: Visibility = { type, value };
  if (!sees(act, project, visibility)) throw badField('commentLevel', `You are currently not a member of the ${type}.`);
  return visibility;
}
