/** The fields of an issue that can be synced: their names and what kind of value each holds. */

/**
 * What a field's value is. Every kind but the sets is one value; `null` is empty.
 *
 * | kind | value |
 * | --- | --- |
 * | text, url | one line of text |
 * | richText | a document |
 * | number | a finite number |
 * | duration | whole seconds |
 * | date | `2026-11-25` |
 * | dateTime | an instant as `2026-11-25T15:20:00.000Z` |
 * | option, type, status, sprint | a name of a list of the site |
 * | cascade | one or two names: the option and the option beneath it |
 * | user | an account id |
 * | issue | an issue id of the same site |
 * | options, users, labels, links, remoteLinks | a set: sorted, without repeats |
 */
export const fieldKinds = [
  'text',
  'url',
  'richText',
  'number',
  'duration',
  'date',
  'dateTime',
  'option',
  'type',
  'status',
  'sprint',
  'cascade',
  'user',
  'issue',
  'options',
  'users',
  'labels',
  'links',
  'remoteLinks',
] as const;

export type FieldKind = (typeof fieldKinds)[number];

/** The kinds that are sets: merged element by element, and only what we added is removed by us. */
export type SetKind = 'options' | 'users' | 'labels' | 'links' | 'remoteLinks';

/** Jira's own fields and their kinds, in the order in which plans name them. */
export const systemFields = {
  summary: 'text',
  description: 'richText',
  environment: 'richText',
  issueType: 'type',
  parent: 'issue',
  priority: 'option',
  labels: 'labels',
  components: 'options',
  fixVersions: 'options',
  affectsVersions: 'options',
  status: 'status',
  resolution: 'option',
  assignee: 'user',
  reporter: 'user',
  dueDate: 'date',
  originalEstimate: 'duration',
  remainingEstimate: 'duration',
  sprint: 'sprint',
  links: 'links',
  remoteLinks: 'remoteLinks',
} as const satisfies Record<string, FieldKind>;

/** A field that every Jira site has. */
export type SystemField = keyof typeof systemFields;

/** The kinds that a custom field can have. A field of any other kind is none that can be synced. */
export const customKinds = [
  'text',
  'url',
  'richText',
  'number',
  'date',
  'dateTime',
  'option',
  'cascade',
  'user',
  'options',
  'users',
  'labels',
] as const satisfies readonly FieldKind[];

export type CustomKind = (typeof customKinds)[number];

/**
 * A custom field by kind and name, for example `custom:option:Severity`. Ids of fields differ between sites and names can be read,
 * so the name is what rules speak of; the kind is a part of it, because sites may use one name for two kinds.
 */
export type CustomField = `custom:${CustomKind}:${string}`;

export type FieldName = SystemField | CustomField;

/** Every system field, in the order in which plans name them; custom fields follow by name. */
export const fieldNames = Object.keys(systemFields) as readonly SystemField[];

/** Jira's limit for the name of a custom field. */
const MAX_CUSTOM_NAME = 255;
const customPattern = new RegExp(`^custom:(${customKinds.join('|')}):(.{1,${MAX_CUSTOM_NAME}})$`, 'u');

/** True for a name of a system field. */
export function isSystemField(name: string): name is SystemField {
  return Object.hasOwn(systemFields, name);
}

/** True for a name that can be a custom field's: a kind of the list and a name without line breaks. */
export function isCustomField(name: string): name is CustomField {
  return customPattern.test(name);
}

/** True for a name of any field that can be synced. */
export function isFieldName(name: string): name is FieldName {
  return isSystemField(name) || isCustomField(name);
}

/** Between the names of the two fields of a lane. */
export const LANE_SIGN = '>';

/** True for what a lane may be called: a field, or the fields of side A and of side B when the two differ. */
export function isLaneName(name: string): boolean {
  if (isFieldName(name)) return true;
  // The sign may be a part of a custom field's name.
  for (let at = name.indexOf(LANE_SIGN); at >= 0; at = name.indexOf(LANE_SIGN, at + 1))
    if (isFieldName(name.slice(0, at)) && isFieldName(name.slice(at + 1))) return true;
  return false;
}

/** The custom field of that kind and name. */
export function customField(kind: CustomKind, name: string): CustomField {
  return `custom:${kind}:${name}`;
}

/** The name of a custom field as people see it. */
export function customNameOf(field: CustomField): string {
  return field.split(':').slice(2).join(':');
}

/** The kind of a field. */
export function kindOf(field: FieldName): FieldKind {
  if (isSystemField(field)) return systemFields[field];
  const kind = field.split(':')[1];
  return customKinds.find((known) => known === kind) ?? 'text';
}

const setKinds: ReadonlySet<FieldKind> = new Set<SetKind>(['options', 'users', 'labels', 'links', 'remoteLinks']);

/** True for a field whose value is a set. */
export function isSetField(field: FieldName): boolean {
  return setKinds.has(kindOf(field));
}

/** Compares two field names in the order in which plans name them. */
export function byFieldOrder(one: FieldName, other: FieldName): number {
  const rank = (name: FieldName): number => (isSystemField(name) ? fieldNames.indexOf(name) : fieldNames.length);
  return rank(one) - rank(other) || (one < other ? -1 : one > other ? 1 : 0);
}
