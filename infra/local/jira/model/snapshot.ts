import { plainText } from './richText.ts';
import type { Field, Issue, Named, Site, Value, World } from './types.ts';

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
  }[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** All of a site's issues, by project and number. */
export interface SiteSnapshot {
  readonly site: string;
  readonly issues: readonly IssueSnapshot[];
}

/** What a site holds, as plain JSON. Ids of people stay: they are the same everywhere. */
export function snapshotOf(world: World, site: Site): SiteSnapshot {
  const issues = [...site.issues.values()].map(
    ({ issue, commentIds }): IssueSnapshot => ({
      id: issue.id,
      key: issue.key,
      status: nameOf(site.statuses, issue.statusId),
      fields: namedFields(site, issue),
      comments: commentIds.flatMap((id) => {
        const comment = site.comments.get(id);
        if (comment === undefined) return [];
        return [
          {
            id,
            author: world.people.get(comment.authorId)?.accountId ?? '',
            text: plainText(comment.body).trimEnd(),
            body: comment.body,
          },
        ];
      }),
      properties: issue.properties,
    }),
  );
  return {
    site: site.name,
    issues: issues.sort((one, other) => one.key.localeCompare(other.key, 'en', { numeric: true })),
  };
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
