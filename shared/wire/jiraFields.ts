/**
 * The fields of one site: which of Jira's field ids is which of our names, and how each value is read. Ids of custom fields differ
 * between sites; a custom field of a kind that cannot be synced has no name here.
 */
import { z } from 'zod';
import { customField, kindOf } from '../model/field.ts';
import type { CustomKind, FieldKind, FieldName, SystemField } from '../model/field.ts';
import { accountId, issueId } from '../model/ids.ts';
import type { FieldValue } from '../model/replica.ts';
import { Fault } from '../verdict.ts';
import { adfDoc } from './adf.ts';
import { issueLinks, linksIn } from './jiraLinks.ts';
import { idSchema } from './message.ts';
import { placeIn } from './place.ts';

/** Jira's ids of its own fields. A sprint is a custom field of every site, and remote links are asked for apart. */
export const systemIds = {
  summary: 'summary',
  description: 'description',
  environment: 'environment',
  issueType: 'issuetype',
  parent: 'parent',
  priority: 'priority',
  labels: 'labels',
  components: 'components',
  fixVersions: 'fixVersions',
  affectsVersions: 'versions',
  status: 'status',
  resolution: 'resolution',
  assignee: 'assignee',
  reporter: 'reporter',
  dueDate: 'duedate',
  originalEstimate: 'timeoriginalestimate',
  remainingEstimate: 'timeestimate',
  links: 'issuelinks',
} as const satisfies Partial<Record<SystemField, string>>;

/** Under which both estimates are written, and on screens. */
export const TIME_TRACKING = 'timetracking';

/** What changelogs call fields whose ids they leave out, in lower case. */
const changelogNames: Readonly<Record<string, SystemField>> = {
  component: 'components',
  'fix version': 'fixVersions',
  version: 'affectsVersions',
  'issue type': 'issueType',
  'due date': 'dueDate',
  issueparentassociation: 'parent',
  'epic link': 'parent',
  link: 'links',
  remoteissuelink: 'remoteLinks',
  sprint: 'sprint',
};

const customTypes: Readonly<Record<string, CustomKind>> = {
  textfield: 'text',
  textarea: 'richText',
  url: 'url',
  float: 'number',
  datepicker: 'date',
  datetime: 'dateTime',
  select: 'option',
  radiobuttons: 'option',
  multiselect: 'options',
  multicheckboxes: 'options',
  cascadingselect: 'cascade',
  userpicker: 'user',
  multiuserpicker: 'users',
  labels: 'labels',
};
const CUSTOM_TYPE = /^com\.atlassian\.jira\.plugin\.system\.customfieldtypes:([a-z]+)$/;
const SPRINT_TYPE = 'com.pyxis.greenhopper.jira:gh-sprint';

/** The fields of a site, both ways. */
export interface SiteFields {
  /** Jira's id of a field; `undefined` when the site has no such field. */
  idOf(name: FieldName): string | undefined;
  /** Our name of one of Jira's ids; `undefined` for a field that cannot be synced. */
  nameOf(id: string): FieldName | undefined;
  /** Our name of a field as a changelog calls it without its id. */
  nameInChangelog(name: string): FieldName | undefined;
  /** Every custom field that can be synced. */
  readonly custom: readonly FieldName[];
}

const listed = z.array(
  z.object({ id: z.string(), name: z.string(), schema: z.object({ custom: z.string().optional() }).optional() }),
);

/** Reads the list of a site's fields. @throws Fault `jira-answer-odd` */
export function parseSiteFields(body: unknown): SiteFields {
  const parsed = listed.safeParse(body);
  if (!parsed.success) throw odd('fields', parsed.error, listed);
  return siteFieldsOf(
    parsed.data.flatMap(({ id, name, schema }) => {
      const field = nameFor(name, schema?.custom);
      return field === undefined ? [] : [{ id, field, shown: name }];
    }),
  );
}

function nameFor(name: string, type: string | undefined): FieldName | undefined {
  if (type === undefined) return undefined;
  if (type === SPRINT_TYPE) return 'sprint';
  const kind = customTypes[CUSTOM_TYPE.exec(type)?.[1] ?? ''];
  return kind === undefined || name.trim() === '' || /[\r\n]/.test(name) ? undefined : customField(kind, name.trim());
}

/** Of two custom fields of one name and kind the first counts; nobody could tell which one a rule means. */
function siteFieldsOf(
  custom: readonly { readonly id: string; readonly field: FieldName; readonly shown: string }[],
): SiteFields {
  const ids = new Map<FieldName, string>(Object.entries(systemIds) as [SystemField, string][]);
  const shownNames = new Map<string, FieldName>();
  for (const { id, field, shown } of custom) {
    if (ids.has(field)) continue;
    ids.set(field, id);
    if (field !== 'sprint') shownNames.set(shown.toLowerCase(), field);
  }
  const names = new Map([...ids].map(([field, id]) => [id, field]));
  return {
    idOf: (name) => ids.get(name),
    nameOf: (id) => names.get(id),
    nameInChangelog: (name) =>
      names.get(name.toLowerCase()) ?? changelogNames[name.toLowerCase()] ?? shownNames.get(name.toLowerCase()),
    custom: custom
      .map(({ field }) => field)
      .filter((field, at, all) => field !== 'sprint' && all.indexOf(field) === at),
  };
}

/** The fields that every site has; for readings that no custom field plays a part in. */
export const systemOnly: SiteFields = siteFieldsOf([]);

const named = z.object({ name: z.string() });
const option = z.object({ value: z.string() });
const person = z.object({ accountId: idSchema(accountId) });
const sprints = z.array(z.object({ name: z.string(), state: z.string() }));
/** Jira writes `2021-01-17T12:34:00.000+0000`, whose offset lacks the colon that the standard asks for. */
export const stamp = z.string().transform((text, context) => {
  const at = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(at)) context.addIssue({ code: 'custom', message: 'is not an instant' });
  return at;
});

const sorted = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

/** How a value of each kind is read; `null` is an empty field of any kind. */
const readers: Readonly<Record<FieldKind, z.ZodType<FieldValue>>> = {
  text: z.string(),
  url: z.string(),
  richText: adfDoc,
  number: z.number(),
  duration: z.number().int(),
  date: z.string(),
  dateTime: stamp.transform((at) => new Date(at).toISOString()),
  // Jira's own lists have names, those of custom fields values.
  option: z.union([named.transform(({ name }) => name), option.transform(({ value }) => value)]),
  type: named.transform(({ name }) => name),
  status: named.transform(({ name }) => name),
  sprint: sprints.transform((all) => all.find(({ state }) => state !== 'closed')?.name ?? null),
  cascade: option
    .extend({ child: option.optional() })
    .transform(({ value, child }) => (child === undefined ? [value] : [value, child.value])),
  user: person.transform((found) => found.accountId),
  issue: z.object({ id: idSchema(issueId) }).transform(({ id }) => id),
  options: z.union([
    z.array(named).transform((all) => sorted(all.map(({ name }) => name))),
    z.array(option).transform((all) => sorted(all.map(({ value }) => value))),
  ]),
  users: z.array(person).transform((all) => sorted(all.map((one) => one.accountId))),
  labels: z.array(z.string()).transform(sorted),
  links: issueLinks.transform((all) => sorted(linksIn(all).map(({ element }) => element))),
  remoteLinks: z.array(z.string()).transform(sorted),
};

const sets: ReadonlySet<FieldKind> = new Set(['options', 'users', 'labels', 'links', 'remoteLinks']);

/** Reads a value of a field as Jira shows it. @throws Fault `jira-answer-odd` that names the field's id and no value */
export function readValue(field: FieldName, id: string, raw: unknown): FieldValue {
  const kind = kindOf(field);
  if (raw === null) return sets.has(kind) ? [] : null;
  const parsed = readers[kind].safeParse(raw);
  if (parsed.success) return parsed.data;
  throw odd(`fields.${id}`, parsed.error, readers[kind]);
}

function odd(path: string, error: z.ZodError, schema: z.ZodType): Fault {
  const rest = placeIn(error, schema);
  return new Fault('jira-answer-odd', { what: 'issue', path: rest === '' ? path : `${path}.${rest}` });
}
