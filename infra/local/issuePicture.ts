/**
 * An issue of the stand-in as a value that can be compared with one of another site: names instead of ids, documents without what a
 * site adds by itself, other issues as what the caller calls them. Reads the stand-in's model and none of the product's code.
 */
import type { Issue, IssueRecord, Named, Project, Site, Value, Visibility } from './jira/model/types.ts';

/** A comment, a worklog or a file, with the id that it has on its site. */
export interface PicturePart {
  readonly id: string;
  readonly value: unknown;
}

/** What is compared of one issue. */
export interface Picture {
  readonly key: string;
  /** By the names that the product has for the fields. Sets are sorted. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly comments: readonly PicturePart[];
  readonly worklogs: readonly PicturePart[];
  readonly files: readonly PicturePart[];
}

/** What another issue of the same site is called; nothing when it has no name that both sites know. */
export type NameIssue = (id: string) => string;

/** Shows an issue. */
export function pictureOf(site: Site, record: IssueRecord, nameIssue: NameIssue): Picture {
  const { issue } = record;
  const project = projectOf(site, issue);
  const parts = <T extends { readonly id: string }>(
    ids: readonly string[],
    all: ReadonlyMap<string, T>,
    show: (one: T) => unknown,
  ): readonly PicturePart[] =>
    ids.flatMap((id) => {
      const one = all.get(id);
      return one === undefined ? [] : [{ id, value: show(one) }];
    });
  return {
    key: issue.key,
    fields: {
      ...namesOf(site, project, issue),
      ...plainOf(issue),
      parent: typeof issue.values['parent'] === 'string' ? nameIssue(issue.values['parent']) : null,
      links: linksOf(site, record, nameIssue),
      remoteLinks: parts(record.remoteLinkIds, site.remoteLinks, ({ object, relationship }) => [object, relationship])
        .map(({ value }) => JSON.stringify(value))
        .sort(),
    },
    comments: parts(record.commentIds, site.comments, ({ body, visibility }) => ({
      body: plainDoc(body),
      readers: readersOf(visibility),
    })),
    worklogs: parts(record.worklogIds, site.worklogs, ({ startedAt, spentSeconds, comment, visibility }) => {
      // Jira keeps whole minutes of what is logged.
      const minutes = Math.floor(spentSeconds / 60);
      return { startedAt, minutes, comment: plainDoc(comment), readers: readersOf(visibility) };
    }),
    files: parts(record.attachmentIds, site.attachments, ({ filename, sizeBytes, mimeType }) => ({
      ...{ filename, sizeBytes, mimeType },
    })),
  };
}

export function projectOf(site: Site, issue: Issue): Project {
  const project = [...site.projects.values()].find(({ id }) => id === issue.projectId);
  if (project === undefined) throw new Error(`${issue.key} is in no project`);
  return project;
}

function namesOf(site: Site, project: Project, { values, statusId }: Issue): Record<string, unknown> {
  const name = (among: readonly Named[], id: Value | undefined): string | null =>
    among.find((one) => one.id === id)?.name ?? null;
  const names = (among: readonly Named[], ids: Value | undefined): readonly string[] =>
    (Array.isArray(ids) ? (ids as readonly string[]) : []).map((id) => name(among, id) ?? `? ${id}`).sort();
  return {
    issueType: name(site.issueTypes, values['issuetype']),
    priority: name(site.priorities, values['priority']),
    status: name(site.statuses, statusId),
    resolution: name(site.resolutions, values['resolution']),
    components: names(project.components, values['components']),
    affectsVersions: names(project.versions, values['versions']),
    fixVersions: names(project.versions, values['fixVersions']),
  };
}

function plainOf({ values }: Issue): Record<string, unknown> {
  const labels = Array.isArray(values['labels']) ? [...(values['labels'] as readonly string[])].sort() : [];
  return {
    summary: values['summary'] ?? null,
    description: plainDoc(values['description']),
    environment: plainDoc(values['environment']),
    labels,
    assignee: values['assignee'] ?? null,
    reporter: values['reporter'] ?? null,
    dueDate: values['duedate'] ?? null,
    originalEstimate: values['timeoriginalestimate'] ?? null,
    remainingEstimate: values['timeestimate'] ?? null,
  };
}

/** Each link as this end reads it; two that read the same are one. */
function linksOf(site: Site, { issue, linkIds }: IssueRecord, nameIssue: NameIssue): readonly string[] {
  const read = linkIds.flatMap((id) => {
    const link = site.links.get(id);
    const type = site.linkTypes.find((one) => one.id === link?.typeId);
    if (link === undefined || type === undefined) return [];
    const isSource = link.sourceId === issue.id;
    return [`${isSource ? type.outward : type.inward} ${nameIssue(isSource ? link.destinationId : link.sourceId)}`];
  });
  return [...new Set(read)].sort();
}

function readersOf(visibility: Visibility | null): string {
  return visibility === null ? 'everybody' : `${visibility.type}:${visibility.value}`;
}

/** A document without local ids; no text and one of empty paragraphs are the same. */
function plainDoc(doc: unknown): unknown {
  if (doc === undefined || doc === null) return null;
  const plain = stripped(doc);
  const blocks = isRecord(plain) && Array.isArray(plain['content']) ? (plain['content'] as unknown[]) : [];
  return blocks.every(isEmptyParagraph) ? null : plain;
}

function isEmptyParagraph(block: unknown): boolean {
  if (!isRecord(block) || block['type'] !== 'paragraph') return false;
  const { content } = block;
  return content === undefined || (Array.isArray(content) && content.length === 0);
}

/** A document without the ids that a site gives to its parts. */
export function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'localId')
      .map(([name, inner]) => [name, stripped(inner)]),
  );
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
