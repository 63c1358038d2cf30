import { isDeepStrictEqual } from 'node:util';
import { adfToWiki } from './wiki.ts';
import { isRecord } from './richText.ts';
import type { ChangeItem, Field, Issue, Named, Site, Value, World } from './types.ts';

/** Names that Jira's changelogs use instead of the field's id. */
const LOG_NAMES: Readonly<Record<string, string>> = {
  components: 'Component',
  versions: 'Version',
  fixVersions: 'Fix Version',
  parent: 'IssueParentAssociation',
};

/** What differs between two versions of an issue, one item per changed value, in the order of the site's fields. */
export function changeItems(world: World, site: Site, before: Issue, after: Issue): readonly ChangeItem[] {
  const items = site.fields.flatMap((field) =>
    fieldItems(world, site, field, before.values[field.id] ?? null, after.values[field.id] ?? null),
  );
  if (before.statusId !== after.statusId) {
    items.push(item('status', 'status', named(site.statuses, before.statusId), named(site.statuses, after.statusId)));
  }
  return items;
}

type Side = readonly [raw: string | null, text: string | null];

function item(field: string, fieldId: string, from: Side, to: Side, custom = false): ChangeItem {
  return {
    field,
    fieldtype: custom ? 'custom' : 'jira',
    fieldId,
    from: from[0],
    fromString: from[1],
    to: to[0],
    toString: to[1],
  };
}

function fieldItems(world: World, site: Site, field: Field, before: Value, after: Value): ChangeItem[] {
  if (sameValue(before, after)) return [];
  const name = field.custom ? field.name : (LOG_NAMES[field.id] ?? field.id);
  if (field.kind === 'components' || field.kind === 'versions') return memberItems(site, field, name, before, after);
  return [item(name, field.id, side(world, site, field, before), side(world, site, field, after), field.custom)];
}

/** Whether two values are one; an empty list is the same as none. */
export function sameValue(one: Value, other: Value): boolean {
  const empty = (value: Value): Value => (Array.isArray(value) && value.length === 0 ? null : value);
  return isDeepStrictEqual(empty(one), empty(other));
}

/** Components and versions get one item per thing that came or went. */
function memberItems(site: Site, field: Field, name: string, before: Value, after: Value): ChangeItem[] {
  const among = [...site.projects.values()].flatMap((project) =>
    field.kind === 'components' ? project.components : project.versions,
  );
  const had = texts(before);
  const has = texts(after);
  const none: Side = [null, null];
  return [
    ...had.filter((id) => !has.includes(id)).map((id) => item(name, field.id, named(among, id), none)),
    ...has.filter((id) => !had.includes(id)).map((id) => item(name, field.id, none, named(among, id))),
  ];
}

function texts(value: Value): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

function named(among: readonly Named[], id: string): Side {
  return [id, among.find((one) => one.id === id)?.name ?? null];
}

/** How a changelog writes one side of a change. */
function side(world: World, site: Site, field: Field, value: Value): Side {
  if (value === null) return [null, field.kind === 'labels' ? '' : null];
  if (Array.isArray(value)) return [null, value.join(' ')];
  if (isRecord(value)) return [null, adfToWiki(value)];
  const text = String(value);
  switch (field.kind) {
    case 'user':
      return [text, world.people.get(text)?.displayName ?? text];
    case 'priority':
      return named(site.priorities, text);
    case 'issuetype':
      return named(site.issueTypes, text);
    case 'resolution':
      return named(site.resolutions, text);
    case 'option':
      return named(field.options ?? [], text);
    case 'issue':
      return [text, site.issues.get(text)?.issue.key ?? null];
    case 'date':
      return [text, `${text} 00:00:00.0`];
    case 'string':
    case 'number':
    case 'richText':
    case 'labels':
    case 'components':
    case 'versions':
      return [null, text];
  }
}
