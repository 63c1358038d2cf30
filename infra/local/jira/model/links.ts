import { type CommentInput, addComment, checkComment } from './comments.ts';
import { may } from './permissions.ts';
import { refuse } from './problem.ts';
import { type Found, findIssue, happen, lookUp, partItem, writeItems } from './records.ts';
import type { IssueLink, LinkType } from './parts.ts';
import type { Act, IssueRecord } from './types.ts';
import { nextNumber } from './world.ts';

/** Most links of one issue; more is 413. @see ATLASSIAN.md §6.2 */
export const LINK_LIMIT = 2_000;

/** "source {outward} destination", by ids or keys; the type by its id or name. */
export interface LinkInput {
  readonly type: { readonly id?: string | undefined; readonly name?: string | undefined };
  readonly source: string;
  readonly destination: string;
  /** Goes to the destination, which the OpenAPI document calls the outward issue. */
  readonly comment?: CommentInput | undefined;
}

/** A link with its type and both of its issues. */
export interface FoundLink {
  readonly link: IssueLink;
  readonly type: LinkType;
  readonly source: Found;
  readonly destination: Found;
}

/**
 * Links two issues. A link that is there already is left alone, but its comment is added.
 * Both changelogs tell it and both issues' `updated` moves; Jira sends `issuelink_created` and no `jira:issue_updated` [inf].
 * @throws JiraProblem 404 for issues, type or without LINK_ISSUES, 400 for a link to itself or a wrong comment, 413 when full
 */
export function linkIssues(act: Act, input: LinkInput): void {
  const [source, destination] = [findIssue(act, input.source), findIssue(act, input.destination)];
  const type = act.site.linkTypes.find((one) =>
    input.type.id === undefined ? one.name.toLowerCase() === input.type.name?.toLowerCase() : one.id === input.type.id,
  );
  if (type === undefined) throw refuse(404, 'No issue link type with the given name or id found.');
  if (!mayLink(act, source) && !mayLink(act, destination)) throw refuse(404, 'No Link Issue Permission for issue.');
  if (source.issue.id === destination.issue.id) throw refuse(400, 'You cannot link an issue to itself.');
  if (input.comment !== undefined) checkComment(act, destination.project, input.comment);
  if (!isLinked(act, source, destination, type)) makeLink(act, source, destination, type);
  if (input.comment !== undefined) addComment(act, destination.issue.id, input.comment);
}

function mayLink(act: Act, { project }: Found): boolean {
  return may(act.world, act.site, project, act.actor, 'LINK_ISSUES');
}

/** A link of a type that reads the same from both ends is there in either direction. */
function isLinked(act: Act, source: Found, destination: Found, type: LinkType): boolean {
  const ends = [source.issue.id, destination.issue.id];
  return source.record.linkIds
    .flatMap((id) => act.site.links.get(id) ?? [])
    .some((link) => {
      if (link.typeId !== type.id) return false;
      const [from, to] = [link.sourceId, link.destinationId];
      return (
        (from === ends[0] && to === ends[1]) || (type.inward === type.outward && from === ends[1] && to === ends[0])
      );
    });
}

function makeLink(act: Act, source: Found, destination: Found, type: LinkType): void {
  for (const { record } of [source, destination])
    if (record.linkIds.length >= LINK_LIMIT)
      throw refuse(413, `The issue has reached the limit of ${LINK_LIMIT} issue links.`);
  const link = enterLink(act, type, source.record, destination.record);
  noteLink(act, { link, type, source, destination }, 'created');
}

/** Puts a link into a site. */
export function enterLink(act: Act, type: LinkType, source: IssueRecord, destination: IssueRecord): IssueLink {
  const link: IssueLink = {
    id: String(nextNumber(act.site, 'entity')),
    typeId: type.id,
    sourceId: source.issue.id,
    destinationId: destination.issue.id,
  };
  act.site.links.set(link.id, link);
  source.linkIds.push(link.id);
  destination.linkIds.push(link.id);
  return link;
}

/** Finds a link both of whose issues the actor may browse. @throws JiraProblem 404 */
export function findLink(act: Act, id: string): FoundLink {
  const link = act.site.links.get(id);
  const type = act.site.linkTypes.find((one) => one.id === link?.typeId);
  if (link === undefined || type === undefined) throw noSuchLink(id);
  return { link, type, source: findIssue(act, link.sourceId), destination: findIssue(act, link.destinationId) };
}

function noSuchLink(id: string): Error {
  return refuse(404, `No issue link with id '${id}' exists.`);
}

/** Takes a link away. @throws JiraProblem 404 when it is missing or LINK_ISSUES is missing on both ends */
export function deleteLink(act: Act, id: string): void {
  const found = findLink(act, id);
  if (!mayLink(act, found.source) && !mayLink(act, found.destination))
    throw refuse(404, 'No Link Issue Permission for issue.');
  dropLink(act, found.link);
  noteLink(act, found, 'deleted');
}

/** Takes a link out of its site without a word. */
export function dropLink(act: Act, link: IssueLink): void {
  act.site.links.delete(link.id);
  for (const issueId of [link.sourceId, link.destinationId]) {
    const ids = act.site.issues.get(issueId)?.linkIds ?? [];
    if (ids.includes(link.id)) ids.splice(ids.indexOf(link.id), 1);
  }
}

/** Writes both changelogs and tells the link. */
function noteLink(act: Act, { link, type, source, destination }: FoundLink, kind: 'created' | 'deleted'): void {
  noteEnd(act, source.record, type.outward, destination.issue.key, kind);
  noteEnd(act, destination.record, type.inward, source.issue.key, kind);
  happen(act, { event: `issuelink_${kind}`, issue: source.record.issue, link });
}

/** One end's changelog: "This issue blocks ABC-1", as recorded changelogs of Jira Cloud write it. */
export function noteEnd(
  act: Act,
  record: IssueRecord,
  verb: string,
  otherKey: string,
  kind: 'created' | 'deleted',
): void {
  const side: readonly [string, string] = [otherKey, `This issue ${verb} ${otherKey}`];
  const item = kind === 'created' ? partItem('Link', null, side) : partItem('Link', side, null);
  writeItems(act, record, [item]);
}

/** A link as one of its issues sees it. */
export interface LinkEnd {
  readonly link: IssueLink;
  readonly type: LinkType;
  readonly direction: 'inward' | 'outward';
  readonly other: Found;
}

/** The links of an issue whose other ends the actor may browse, in the order in which they were made. */
export function linksOf(act: Act, record: IssueRecord): readonly LinkEnd[] {
  return record.linkIds.flatMap((id): LinkEnd[] => {
    const link = act.site.links.get(id);
    const type = act.site.linkTypes.find((one) => one.id === link?.typeId);
    if (link === undefined || type === undefined) return [];
    const isSource = link.sourceId === record.issue.id;
    const other = lookUp(act.site, isSource ? link.destinationId : link.sourceId);
    if (other === undefined || !may(act.world, act.site, other.project, act.actor, 'BROWSE_PROJECTS')) return [];
    return [{ link, type, direction: isSource ? 'outward' : 'inward', other }];
  });
}
