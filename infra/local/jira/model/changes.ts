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
/** What Jira's changelogs write without the field's id, as the public dumps show. */
const NO_FIELD_ID: ReadonlySet<string> = new Set(['parent']);

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
    ...(NO_FIELD_ID.has(fieldId) ? {} : { fieldId }),
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
  if (isNothing(value)) return NOTHING[field.kind] ?? [null, null];
  if (isRecord(value)) return [null, adfToWiki(value)];
  const ids = Array.isArray(value) ? (value as readonly string[]) : [];
  const text = String(value);
  switch (field.kind) {
    case 'labels':
      return [null, ids.join(' ')];
    case 'user':
      return [text, personName(world, text)];
    case 'users':
      return [listed(ids), listed(ids.map((id) => personName(world, id)))];
    case 'priority':
      return named(site.priorities, text);
    case 'issuetype':
      return named(site.issueTypes, text);
    case 'resolution':
      return named(site.resolutions, text);
    case 'option':
      return named(field.options ?? [], text);
    case 'options':
      return [listed(ids), ids.map((id) => named(field.options ?? [], id)[1]).join(',')];
    case 'cascade':
      return [null, cascadeText(field, ids)];
    case 'sprint':
      return [ids.join(', '), ids.map((id) => site.sprints.get(id)?.name ?? id).join(', ')];
    case 'issue':
      return [text, site.issues.get(text)?.issue.key ?? null];
    case 'date':
      return [text, field.custom ? shortDay(Date.parse(text)) : `${text} 00:00:00.0`];
    case 'datetime':
      return [new Date(Number(value)).toISOString().replace(/\.\d+Z$/, '+0000'), shortInstant(Number(value))];
    case 'duration':
      return [text, text];
    case 'string':
    case 'url':
    case 'number':
    case 'richText':
    case 'components':
    case 'versions':
    case 'timetracking':
      return [null, text];
  }
}

/** Fields whose emptiness Jira writes as an empty text. */
const NOTHING: Readonly<Partial<Record<Field['kind'], Side>>> = { labels: [null, ''], sprint: ['', ''] };

function isNothing(value: Value): value is null {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function personName(world: World, accountId: string): string {
  return world.people.get(accountId)?.displayName ?? accountId;
}

function listed(words: readonly string[]): string {
  return `[${words.join(', ')}]`;
}

function cascadeText(field: Field, [parentId, childId]: readonly string[]): string {
  const parent = field.options?.find((option) => option.id === parentId);
  const child = parent?.children.find((option) => option.id === childId);
  const first = `Parent values: ${parent?.name ?? ''}(${parentId ?? ''})`;
  return child === undefined ? first : `${first}Level 1 values: ${child.name}(${child.id})`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A day as people see it: 12/Jun/20. */
function shortDay(at: number): string {
  const day = new Date(at);
  const year = String(day.getUTCFullYear() % 100).padStart(2, '0');
  return `${String(day.getUTCDate()).padStart(2, '0')}/${MONTHS[day.getUTCMonth()] ?? ''}/${year}`;
}

/** An instant as people see it: 22/Jul/20 3:25 PM. */
function shortInstant(at: number): string {
  const instant = new Date(at);
  const [hour, minute] = [instant.getUTCHours(), String(instant.getUTCMinutes()).padStart(2, '0')];
  return `${shortDay(at)} ${hour % 12 === 0 ? 12 : hour % 12}:${minute} ${hour < 12 ? 'AM' : 'PM'}`;
}
