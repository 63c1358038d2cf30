import { demand } from './permissions.ts';
import { badField, refuse } from './problem.ts';
import { type Found, findIssue, partItem, writeItems } from './records.ts';
import { isRecord } from './richText.ts';
import type { RemoteLink } from './parts.ts';
import type { Act } from './types.ts';
import { nextNumber } from './world.ts';

/** Most remote links of one issue; more is 413. @see ATLASSIAN.md §6.2 */
export const REMOTE_LINK_LIMIT = 2_000;
/** Longest global id and title. @see POST issue remotelink, "globalId … maximum length 255" */
const TEXT_LIMIT = 255;

/** A remote link as its maker describes it; what is absent is emptied on a change. */
export interface RemoteLinkInput {
  readonly globalId?: string | undefined;
  readonly application?: unknown;
  readonly relationship?: string | undefined;
  readonly object?: unknown;
}

/** The remote links of an issue in the order in which they were made. @throws JiraProblem 404 */
export function listRemoteLinks(act: Act, idOrKey: string): readonly RemoteLink[] {
  return findIssue(act, idOrKey).record.remoteLinkIds.flatMap((id) => act.site.remoteLinks.get(id) ?? []);
}

/** The remote link of an issue that has a global id. @throws JiraProblem 404 */
export function remoteLinkByGlobalId(act: Act, idOrKey: string, globalId: string): RemoteLink {
  const found = listRemoteLinks(act, idOrKey).find((link) => link.globalId === globalId);
  if (found === undefined) throw refuse(404, `No remote issue link with the given global id exists.`);
  return found;
}

/** A remote link of an issue by its id. @throws JiraProblem 404 */
export function remoteLinkById(act: Act, idOrKey: string, id: string): RemoteLink {
  const found = listRemoteLinks(act, idOrKey).find((link) => link.id === id);
  if (found === undefined) throw refuse(404, `No remote issue link with id '${id}' exists.`);
  return found;
}

/**
 * Makes a remote link, or changes the one of that global id; its changelog tells it. Jira has no webhook event for it,
 * and `jira:issue_updated` is not sent [inf]: only the issue's `updated` moves.
 * @throws JiraProblem 404, 403 without LINK_ISSUES, 400 without url or title, 413 when the issue is full
 */
export function putRemoteLink(
  act: Act,
  idOrKey: string,
  input: RemoteLinkInput,
): { readonly link: RemoteLink; readonly isNew: boolean } {
  const found = findIssue(act, idOrKey);
  demand(act, found.project, 'LINK_ISSUES');
  const { globalId } = input;
  const before =
    globalId === undefined ? undefined : listRemoteLinks(act, idOrKey).find((one) => one.globalId === globalId);
  if (before !== undefined) return { link: writeRemoteLink(act, found, before, input), isNew: false };
  const content = contentOf(input);
  if (found.record.remoteLinkIds.length >= REMOTE_LINK_LIMIT)
    throw refuse(413, `The issue has reached the limit of ${REMOTE_LINK_LIMIT} remote links.`);
  const link: RemoteLink = { id: String(nextNumber(act.site, 'entity')), issueId: found.issue.id, ...content };
  act.site.remoteLinks.set(link.id, link);
  found.record.remoteLinkIds.push(link.id);
  writeItems(act, found.record, [partItem('RemoteIssueLink', null, sideOf(link))]);
  return { link, isNew: true };
}

/** Changes a remote link by its id. @throws as {@link putRemoteLink} */
export function updateRemoteLink(act: Act, idOrKey: string, id: string, input: RemoteLinkInput): void {
  const found = findIssue(act, idOrKey);
  demand(act, found.project, 'LINK_ISSUES');
  writeRemoteLink(act, found, remoteLinkById(act, idOrKey, id), input);
}

function writeRemoteLink(act: Act, found: Found, before: RemoteLink, input: RemoteLinkInput): RemoteLink {
  const link: RemoteLink = { ...before, ...contentOf(input) };
  act.site.remoteLinks.set(link.id, link);
  writeItems(act, found.record, [partItem('RemoteIssueLink', sideOf(before), sideOf(link))]);
  return link;
}

/** Takes a remote link away. @throws JiraProblem 404, 403 without LINK_ISSUES */
export function deleteRemoteLink(act: Act, idOrKey: string, link: RemoteLink): void {
  const { record, project } = findIssue(act, idOrKey);
  demand(act, project, 'LINK_ISSUES');
  act.site.remoteLinks.delete(link.id);
  record.remoteLinkIds.splice(record.remoteLinkIds.indexOf(link.id), 1);
  writeItems(act, record, [partItem('RemoteIssueLink', sideOf(link), null)]);
}

function contentOf(input: RemoteLinkInput): Omit<RemoteLink, 'id' | 'issueId'> {
  const object = isRecord(input.object) ? input.object : {};
  for (const name of ['url', 'title'])
    if (typeof object[name] !== 'string' || object[name] === '') throw badField(name, `'${name}' is required.`);
  for (const [name, text] of [
    ['globalId', input.globalId],
    ['title', object['title']],
  ] as const)
    if (typeof text === 'string' && text.length > TEXT_LIMIT)
      throw badField(name, `'${name}' must not be longer than ${TEXT_LIMIT} characters.`);
  return {
    globalId: input.globalId ?? null,
    application: isRecord(input.application) ? input.application : {},
    relationship: input.relationship ?? null,
    object,
  };
}

/** As recorded changelogs of Jira Cloud write it. */
function sideOf(link: RemoteLink): readonly [string, string] {
  const kind = typeof link.application['name'] === 'string' ? link.application['name'] : 'Web Link';
  return [link.id, `This issue links to "${String(link.object['title'])} (${kind})"`];
}
