import { createHash } from 'node:crypto';
import { may, sees } from './permissions.ts';
import { refuse } from './problem.ts';
import { type Found, findIssue, happen, partItem, writeItems } from './records.ts';
import { isRecord } from './richText.ts';
import type { Attachment } from './parts.ts';
import type { Act, IssueRecord, Project } from './types.ts';
import { nextNumber } from './world.ts';

/** Most attachments of one issue, and most files of one call; more is 413. @see ATLASSIAN.md §6.2; POST issue attachments, "more than 60 files" */
export const ATTACHMENT_LIMIT = 2_000;
export const UPLOAD_FILES = 60;
/** Longest name of a file. @see Jira's own column */
const NAME_LIMIT = 255;

/** A file whose bytes the server has, on its way to an issue. */
export interface NewFile {
  readonly filename: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly fileId: string | null;
  readonly sha256: string | null;
}

/** An attachment with the issue it belongs to. */
export interface FoundAttachment extends Found {
  readonly attachment: Attachment;
}

/**
 * Says whether the actor may attach files at all: what can be refused before a byte is read.
 * @throws JiraProblem 404 for the issue or while attachments are disabled, 403 without CREATE_ATTACHMENTS, 413 when full
 */
export function demandAttaching(act: Act, idOrKey: string, files = 1): Found {
  demandEnabled(act);
  const found = findIssue(act, idOrKey);
  if (!may(act.world, act.site, found.project, act.actor, 'CREATE_ATTACHMENTS'))
    throw refuse(403, 'You do not have permission to create attachments for this issue.');
  if (files > UPLOAD_FILES) throw refuse(413, `More than ${UPLOAD_FILES} files cannot be attached at once.`);
  if (found.record.attachmentIds.length + files > ATTACHMENT_LIMIT)
    throw refuse(413, `The issue has reached the limit of ${ATTACHMENT_LIMIT} attachments.`);
  return found;
}

/** Attachments that are disabled do not exist. @throws JiraProblem 404 */
export function demandEnabled(act: Act): void {
  if (!act.site.attachmentSettings.enabled) throw refuse(404, 'Attachments are disabled.');
}

/** Attaches files in the actor's name: one `attachment_created` each, one changed issue for all of them. @throws as {@link demandAttaching} */
export function attach(act: Act, idOrKey: string, files: readonly NewFile[]): readonly Attachment[] {
  const found = demandAttaching(act, idOrKey, files.length);
  const tooLarge = files.find((file) => file.sizeBytes > act.site.attachmentSettings.uploadLimit);
  if (tooLarge !== undefined) throw tooLargeFile(act.site.attachmentSettings.uploadLimit);
  const attachments = files.map((file) => enterAttachment(act, found.record, file));
  const items = attachments.map(({ id, filename }) => partItem('Attachment', null, [id, filename], 'attachment'));
  const history = writeItems(act, found.record, items);
  const { issue } = found.record;
  for (const attachment of attachments) happen(act, { event: 'attachment_created', issue, attachment });
  happen(act, { event: 'jira:issue_updated', eventTypeName: 'issue_updated', issue, history });
  return attachments;
}

/** What Jira says of a file that is larger than its site allows. */
export function tooLargeFile(limit: number): Error {
  return refuse(413, `The file exceeds its maximum permitted size of ${limit} bytes.`);
}

/** Puts a file's description into a site. The media id follows from site and id alone. */
export function enterAttachment(
  act: Act,
  record: IssueRecord,
  file: NewFile,
  by: { readonly authorId: string; readonly createdAt: number } = {
    authorId: act.actor.accountId,
    createdAt: act.now,
  },
): Attachment {
  const id = String(nextNumber(act.site, 'entity'));
  const attachment: Attachment = {
    ...file,
    ...by,
    id,
    issueId: record.issue.id,
    mediaId: mediaIdOf(act.site.cloudId, id),
    filename: file.filename.slice(0, NAME_LIMIT),
  };
  act.site.attachments.set(id, attachment);
  record.attachmentIds.push(id);
  return attachment;
}

function mediaIdOf(cloudId: string, id: string): string {
  const hash = createHash('sha256').update(`${cloudId}/${id}`).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}

/** Finds an attachment that the actor may read. @throws JiraProblem 404 */
export function findAttachment(act: Act, id: string): FoundAttachment {
  demandEnabled(act);
  const attachment = act.site.attachments.get(id);
  if (attachment === undefined) throw noSuchAttachment(id);
  const found = findIssue(act, attachment.issueId);
  if (!isReadable(act, found.record, found.project, attachment)) throw noSuchAttachment(id);
  return { ...found, attachment };
}

function noSuchAttachment(id: string): Error {
  return refuse(404, `The attachment with id '${id}' does not exist.`);
}

/** Deletes an attachment. @throws JiraProblem 404, 403 without permission */
export function deleteAttachment(act: Act, id: string): void {
  const { attachment, record, project } = findAttachment(act, id);
  const own = attachment.authorId === act.actor.accountId;
  const isAllowed =
    (own && may(act.world, act.site, project, act.actor, 'DELETE_OWN_ATTACHMENTS')) ||
    may(act.world, act.site, project, act.actor, 'DELETE_ALL_ATTACHMENTS');
  if (!isAllowed) throw refuse(403, `You do not have permission to delete attachment with id: ${id}`);
  act.site.attachments.delete(id);
  record.attachmentIds.splice(record.attachmentIds.indexOf(id), 1);
  const item = partItem('Attachment', [id, attachment.filename], null, 'attachment');
  const history = writeItems(act, record, [item]);
  happen(act, { event: 'attachment_deleted', issue: record.issue, attachment });
  happen(act, { event: 'jira:issue_updated', eventTypeName: 'issue_updated', issue: record.issue, history });
}

/** The attachments of an issue that the actor may read, oldest first. */
export function attachmentsOf(act: Act, record: IssueRecord, project: Project): readonly Attachment[] {
  return record.attachmentIds
    .flatMap((id) => act.site.attachments.get(id) ?? [])
    .filter((attachment) => isReadable(act, record, project, attachment));
}

/**
 * A file that only restricted comments show is as restricted as they are. A file belongs to the comments whose documents
 * name its media id. @see GET attachment/content, "if attachments are added in private comments, the comment-level
 * restriction will be applied"
 */
function isReadable(act: Act, record: IssueRecord, project: Project, { mediaId }: Attachment): boolean {
  const comments = record.commentIds.flatMap((id) => act.site.comments.get(id) ?? []);
  if (comments.every((comment) => comment.visibility === null)) return true;
  const showing = comments.filter((comment) => namesMedia(comment.body, mediaId));
  if (showing.length === 0 || showing.some((comment) => sees(act, project, comment.visibility))) return true;
  return Object.values(record.issue.values).some((value) => isRecord(value) && namesMedia(value, mediaId));
}

function namesMedia(node: unknown, mediaId: string): boolean {
  if (!isRecord(node)) return false;
  if (isRecord(node['attrs']) && node['attrs']['id'] === mediaId) return true;
  return Array.isArray(node['content']) && (node['content'] as unknown[]).some((child) => namesMedia(child, mediaId));
}
