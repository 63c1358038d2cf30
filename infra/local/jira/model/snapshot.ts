import { plainText } from './richText.ts';
import type { Field, Issue, IssueRecord, Named, Site, Value, Visibility, World } from './types.ts';

/** An issue by names instead of ids, so that two sites can be compared. */
export interface IssueSnapshot {
  readonly id: string;
  readonly key: string;
  readonly status: string;
  /** By id; custom fields by name, as their ids differ between sites. */
  readonly fields: Readonly<Record<string, Value>>;
  readonly comments: readonly {
    readonly id: string;
    readonly author: string;
    readonly text: string;
    readonly body: unknown;
    readonly visibility: Visibility | null;
  }[];
  readonly attachments: readonly {
    readonly id: string;
    readonly filename: string;
    readonly mimeType: string;
    readonly sizeBytes: number;
    readonly sha256: string | null;
    readonly mediaId: string;
  }[];
  readonly worklogs: readonly {
    readonly id: string;
    readonly author: string;
    readonly startedAt: number;
    readonly spentSeconds: number;
    readonly text: string;
    readonly body: unknown;
  }[];
  /** "This issue {words} {other}": the other one's key. */
  readonly links: readonly { readonly id: string; readonly words: string; readonly other: string }[];
  readonly remoteLinks: readonly { readonly id: string; readonly url: string; readonly title: string }[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** All of a site's issues, by project and number. */
export interface SiteSnapshot {
  readonly site: string;
  readonly issues: readonly IssueSnapshot[];
}

/** What a site holds, as plain JSON. Ids of people stay: they are the same everywhere. */
export function snapshotOf(world: World, site: Site): SiteSnapshot {
  const issues = [...site.issues.values()].map((record) => snapshotIssue(world, site, record));
  return {
    site: site.name,
    issues: issues.sort((one, other) => one.key.localeCompare(other.key, 'en', { numeric: true })),
  };
}

function snapshotIssue(world: World, site: Site, record: IssueRecord): IssueSnapshot {
  const { issue, commentIds } = record;
  return {
    id: issue.id,
    key: issue.key,
    status: nameOf(site.statuses, issue.statusId),
    fields: namedFields(site, issue),
    comments: commentIds
      .flatMap((id) => site.comments.get(id) ?? [])
      .map(({ id, authorId, body, visibility }) => {
        const author = world.people.get(authorId)?.accountId ?? '';
        return { id, author, text: plainText(body).trimEnd(), body, visibility };
      }),
    ...partsOf(site, record),
    properties: issue.properties,
  };
}

type Parts = Pick<IssueSnapshot, 'attachments' | 'worklogs' | 'links' | 'remoteLinks'>;

/** What hangs on an issue. */
function partsOf(site: Site, record: IssueRecord): Parts {
  return {
    attachments: record.attachmentIds
      .flatMap((id) => site.attachments.get(id) ?? [])
      .map(({ id, filename, mimeType, sizeBytes, sha256, mediaId }) => {
        return { id, filename, mimeType, sizeBytes, sha256, mediaId };
      }),
    worklogs: record.worklogIds
      .flatMap((id) => site.worklogs.get(id) ?? [])
      .map(({ id, authorId, startedAt, spentSeconds, comment }) => {
        return { id, author: authorId, startedAt, spentSeconds, text: plainText(comment).trimEnd(), body: comment };
      }),
    links: record.linkIds.flatMap((id) => linkOf(site, record.issue.id, id)),
    remoteLinks: record.remoteLinkIds
      .flatMap((id) => site.remoteLinks.get(id) ?? [])
      .map(({ id, object }) => ({ id, url: String(object['url']), title: String(object['title']) })),
  };
}

function linkOf(site: Site, issueId: string, id: string): Parts['links'] {
  const link = site.links.get(id);
  const type = site.linkTypes.find((one) => one.id === link?.typeId);
  if (link === undefined || type === undefined) return [];
  const [words, other] = link.sourceId === issueId ? [type.outward, link.destinationId] : [type.inward, link.sourceId];
  return [{ id, words, other: site.issues.get(other)?.issue.key ?? other }];
}

function nameOf(all: readonly Named[], id: string): string {
  return all.find((one) => one.id === id)?.name ?? id;
}

function namedFields(site: Site, issue: Issue): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    site.fields.map((field) => [
      field.custom ? field.name : field.id,
      namedValue(site, field, issue.values[field.id] ?? null),
    ]),
  );
}

function namedValue(site: Site, field: Field, value: Value): Value {
  const text = typeof value === 'string' ? value : '';
  if (field.kind === 'issue') return text === '' ? null : (site.issues.get(text)?.issue.key ?? text);
  const among = namedIn(site, field);
  if (among === undefined || value === null) return value;
  return Array.isArray(value) ? (value as readonly string[]).map((id) => nameOf(among, id)) : nameOf(among, text);
}

function namedIn(site: Site, field: Field): readonly Named[] | undefined {
  const projects = [...site.projects.values()];
  if (field.kind === 'priority') return site.priorities;
  if (field.kind === 'issuetype') return site.issueTypes;
  if (field.kind === 'resolution') return site.resolutions;
  if (field.kind === 'option' || field.kind === 'options' || field.kind === 'cascade')
    return (field.options ?? []).flatMap((option) => [option, ...option.children]);
  if (field.kind === 'sprint') return [...site.sprints.values()];
  if (field.kind === 'components') return projects.flatMap((project) => project.components);
  return field.kind === 'versions' ? projects.flatMap((project) => project.versions) : undefined;
}
