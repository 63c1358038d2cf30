import { attachmentsOf } from '../model/attachments.ts';
import { type LinkEnd, linksOf } from '../model/links.ts';
import { sees } from '../model/permissions.ts';
import { projectById } from '../model/records.ts';
import type { Attachment, IssueLink, LinkType, RemoteLink, Worklog } from '../model/parts.ts';
import { wordsOf } from '../model/timeTracking.ts';
import type { Act, Issue, IssueRecord, Site } from '../model/types.ts';
import { adfToWiki } from '../model/wiki.ts';
import { type Version, self, showIssueRef, stamp } from './show.ts';
import { showPerson } from './showValue.ts';

/** Worklogs that an issue shows with itself; the rest is for `GET worklog`. @see GET issue, recorded answers */
const SHOWN_WORKLOGS = 20;

/** How an issue shows what hangs on it, by the field's id. */
export function showParts(act: Act, issue: Issue, version: Version): Readonly<Record<string, () => unknown>> {
  const { site } = act;
  const record = site.issues.get(issue.id);
  const project = projectById(site, issue.projectId);
  if (record === undefined || project === undefined) return { attachment: () => [], issuelinks: () => [] };
  return {
    attachment: () => attachmentsOf(act, record, project).map((one) => showAttachment(act, one, version)),
    issuelinks: () => linksOf(act, record).map((end) => showLinkEnd(site, end, version)),
    worklog: () => worklogPage(act, record, version),
    watches: () => showWatches(act, record, version),
    votes: () => showVotes(act, record, version),
  };
}

/** An attachment inside an issue. */
export function showAttachment(act: Act, attachment: Attachment, version: Version) {
  const { site } = act;
  const { id, filename, createdAt, sizeBytes, mimeType } = attachment;
  const author = showPerson(act, attachment.authorId, version);
  return {
    self: self(site, version, `attachment/${id}`),
    id,
    filename,
    ...(author === null ? {} : { author }),
    created: stamp(createdAt),
    size: sizeBytes,
    mimeType,
    content: self(site, version, `attachment/content/${id}`),
    ...(mimeType.startsWith('image/') ? { thumbnail: self(site, version, `attachment/thumbnail/${id}`) } : {}),
  };
}

/** A worklog; its properties only when asked for. */
export function showWorklog(act: Act, worklog: Worklog, version: Version, withProperties = false) {
  const author = showPerson(act, worklog.authorId, version);
  const updateAuthor = showPerson(act, worklog.updateAuthorId, version);
  const { comment, visibility } = worklog;
  return {
    self: self(act.site, version, `issue/${worklog.issueId}/worklog/${worklog.id}`),
    ...(author === null ? {} : { author }),
    ...(updateAuthor === null ? {} : { updateAuthor }),
    ...(comment === null ? {} : { comment: version === 3 ? comment : adfToWiki(comment) }),
    created: stamp(worklog.createdAt),
    updated: stamp(worklog.updatedAt),
    ...(visibility === null ? {} : { visibility: { ...visibility, identifier: visibility.value } }),
    started: stamp(worklog.startedAt),
    timeSpent: wordsOf(worklog.spentSeconds, act.site.workingTime),
    timeSpentSeconds: worklog.spentSeconds,
    id: worklog.id,
    issueId: worklog.issueId,
    ...(withProperties
      ? { properties: Object.entries(worklog.properties).map(([key, value]) => ({ key, value })) }
      : {}),
  };
}

function worklogPage(act: Act, record: IssueRecord, version: Version) {
  const project = projectById(act.site, record.issue.projectId);
  const all = record.worklogIds
    .flatMap((id) => act.site.worklogs.get(id) ?? [])
    .filter((worklog) => project !== undefined && sees(act, project, worklog.visibility));
  const worklogs = all.slice(0, SHOWN_WORKLOGS).map((worklog) => showWorklog(act, worklog, version));
  return { startAt: 0, maxResults: SHOWN_WORKLOGS, total: all.length, worklogs };
}

/** A link type. */
export function showLinkType(site: Site, version: Version, type: LinkType) {
  return { ...type, self: self(site, version, `issueLinkType/${type.id}`) };
}

/** A link as one of its issues shows it: the other end alone. */
function showLinkEnd(site: Site, { link, type, direction, other }: LinkEnd, version: Version) {
  return {
    id: link.id,
    self: self(site, version, `issueLink/${link.id}`),
    type: showLinkType(site, version, type),
    [`${direction}Issue`]: showIssueRef(site, version, other.issue),
  };
}

/** A link as webhooks tell it: bare ids, as numbers. */
export function showLinkEvent(site: Site, link: IssueLink) {
  const type = site.linkTypes.find((one) => one.id === link.typeId);
  return {
    id: Number(link.id),
    sourceIssueId: Number(link.sourceId),
    destinationIssueId: Number(link.destinationId),
    ...(type === undefined
      ? {}
      : {
          issueLinkType: {
            id: Number(type.id),
            name: type.name,
            outwardName: type.outward,
            inwardName: type.inward,
            isSubTaskLinkType: false,
            isSystemLinkType: false,
          },
        }),
    systemLink: false,
  };
}

/** A remote link. */
export function showRemoteLink(site: Site, version: Version, link: RemoteLink) {
  return {
    id: Number(link.id),
    self: self(site, version, `issue/${link.issueId}/remotelink/${link.id}`),
    ...(link.globalId === null ? {} : { globalId: link.globalId }),
    application: link.application,
    ...(link.relationship === null ? {} : { relationship: link.relationship }),
    object: link.object,
  };
}

/** Who watches, as an issue shows it: a number. */
export function showWatches(act: Act, record: IssueRecord, version: Version) {
  return {
    self: self(act.site, version, `issue/${record.issue.key}/watchers`),
    watchCount: record.watcherIds.length,
    isWatching: record.watcherIds.includes(act.actor.accountId),
  };
}

/** Who voted, as an issue shows it: a number. */
export function showVotes(act: Act, record: IssueRecord, version: Version) {
  return {
    self: self(act.site, version, `issue/${record.issue.key}/votes`),
    votes: record.voterIds.length,
    hasVoted: record.voterIds.includes(act.actor.accountId),
  };
}
