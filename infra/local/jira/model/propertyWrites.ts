import { commentWithIssue } from './comments.ts';
import { demand, may } from './permissions.ts';
import { refuse } from './problem.ts';
import { propertiesWith, propertiesWithout } from './properties.ts';
import { findIssue, happen, replace } from './records.ts';
import type { Act, Comment } from './types.ts';

/** Sets an issue's property; `updated` stays, as in Jira. Returns whether it is new. */
export function setIssueProperty(act: Act, idOrKey: string, key: string, value: unknown): boolean {
  const { record, issue, project } = findIssue(act, idOrKey);
  demand(act, project, 'EDIT_ISSUES');
  const isNew = !Object.hasOwn(issue.properties, key);
  replace(act, record, { ...issue, properties: propertiesWith(issue.properties, [{ key, value }]) });
  happen(act, { event: 'issue_property_set', issue: record.issue, property: { key, value } });
  return isNew;
}

/** Removes an issue's property. @throws JiraProblem 404, 403 without EDIT_ISSUES */
export function deleteIssueProperty(act: Act, idOrKey: string, key: string): void {
  const { record, issue, project } = findIssue(act, idOrKey);
  demand(act, project, 'EDIT_ISSUES');
  replace(act, record, { ...issue, properties: propertiesWithout(issue.properties, key) });
  happen(act, { event: 'issue_property_deleted', issue: record.issue, property: { key, value: null } });
}

/** Removes a comment's property. @throws JiraProblem 404, 403 */
export function deleteCommentProperty(act: Act, commentId: string, key: string): void {
  const comment = editableComment(act, commentId);
  act.site.comments.set(comment.id, { ...comment, properties: propertiesWithout(comment.properties, key) });
}

/** Sets a comment's property; needs what editing the comment needs. Returns whether it is new. */
export function setCommentProperty(act: Act, commentId: string, key: string, value: unknown): boolean {
  const comment = editableComment(act, commentId);
  const isNew = !Object.hasOwn(comment.properties, key);
  act.site.comments.set(comment.id, { ...comment, properties: propertiesWith(comment.properties, [{ key, value }]) });
  return isNew;
}

function editableComment(act: Act, commentId: string): Comment {
  const { comment, project } = commentWithIssue(act, commentId);
  const own =
    comment.authorId === act.actor.accountId && may(act.world, act.site, project, act.actor, 'EDIT_OWN_COMMENTS');
  if (!own && !may(act.world, act.site, project, act.actor, 'EDIT_ALL_COMMENTS')) {
    throw refuse(403, 'You do not have the permission to edit this comment.');
  }
  return comment;
}
