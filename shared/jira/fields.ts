import { mediaIn } from '../adf/media.ts';
import type { AdfDoc } from '../model/adf.ts';
import { isFieldName, isSetField, kindOf } from '../model/field.ts';
import type { FieldName } from '../model/field.ts';
import type { FieldValue, Replica } from '../model/replica.ts';
import type { Code } from '../verdict.ts';
import type { Screen, ScreenField } from '../wire/jira.ts';
import { TIME_TRACKING } from '../wire/jiraFields.ts';
import type { SiteFields } from '../wire/jiraFields.ts';

/** Why fields were not written. */
export type Refused = Readonly<Partial<Record<FieldName, Code>>>;

/** A body's `fields`, and what was left out of it before anybody was asked. */
export interface FieldsToWrite {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly refused: Refused;
}

/** What is known of the site beside the screen. */
export interface WriteFacts {
  readonly issueTypeId?: string;
  /** Sprints that are open or planned: name → id. */
  readonly sprints?: ReadonlyMap<string, number>;
}

/**
 * Turns a replica into the `fields` of a request: names become ids of the screen's own lists. A field that the screen does not
 * have and a name that its list does not know are left out and said. A status is never a field: it needs a transition; links are
 * things of their own.
 */
export function fieldsToWrite(replica: Replica, screen: Screen, facts: WriteFacts = {}): FieldsToWrite {
  const fields: Record<string, unknown> = {};
  const refused: Partial<Record<FieldName, Code>> = {};
  for (const name of Object.keys(replica).filter((one) => isFieldName(one))) {
    const value = replica[name];
    if (value === undefined || name === 'status') continue;
    if (name === 'issueType' && facts.issueTypeId !== undefined) {
      fields['issuetype'] = { id: facts.issueTypeId };
      continue;
    }
    const field = screen.get(name);
    if (field === undefined) refused[name] = 'field-not-on-screen';
    else {
      const written = writtenForm(name, value, field, facts);
      if (written === undefined) refused[name] = 'value-unknown';
      else fields[field.id] = field.id === TIME_TRACKING ? joined(fields[TIME_TRACKING], written) : written;
    }
  }
  return { fields, refused };
}

/**
 * What becomes of lists, by the site's field id: each element that comes or goes, in the form of an `update`. A list of which it is
 * not known what it showed, or with an element that the site does not know, has none and is written as a whole.
 */
export function listOperations(replica: Replica, seen: Replica, screen: Screen): Readonly<Record<string, unknown>> {
  const operations: Record<string, unknown> = {};
  for (const name of Object.keys(replica).filter((one) => isFieldName(one))) {
    const [want, have, field] = [replica[name], seen[name], screen.get(name)];
    if (!isSetField(name) || field === undefined || !isList(want) || !isList(have)) continue;
    const form = (elements: readonly string[]): unknown => writtenForm(name, elements, field, {});
    const added = form(want.filter((element) => !have.includes(element)));
    const removed = form(have.filter((element) => !want.includes(element)));
    if (!isList(added) || !isList(removed)) continue;
    operations[field.id] = [...added.map((add) => ({ add })), ...removed.map((remove) => ({ remove }))];
  }
  return operations;
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

/** Both estimates share one field of Jira's. */
function joined(before: unknown, written: unknown): unknown {
  return { ...(typeof before === 'object' ? before : {}), ...(typeof written === 'object' ? written : {}) };
}

/** The value as Jira takes it; `undefined` when the site does not know it. */
function writtenForm(name: FieldName, value: FieldValue, field: ScreenField, { sprints }: WriteFacts): unknown {
  switch (kindOf(name)) {
    case 'option':
    case 'type':
      return typeof value === 'string' ? idForm(field, value) : value;
    case 'options':
      return listForm(value, (one) => idForm(field, one));
    case 'cascade':
      return cascadeForm(field, value);
    case 'user':
      return typeof value === 'string' ? { accountId: value } : value;
    case 'users':
      return listForm(value, (account) => ({ accountId: account }));
    case 'issue':
      return typeof value === 'string' ? { id: value } : value;
    case 'sprint':
      return typeof value === 'string' ? sprints?.get(value) : value;
    case 'duration':
      return estimateForm(name, value);
    case 'dateTime':
      return typeof value === 'string' ? value.replace(/Z$/, '+0000') : value;
    case 'text':
    case 'url':
    case 'richText':
    case 'number':
    case 'date':
    case 'labels':
    case 'status':
    case 'links':
    case 'remoteLinks':
      return value;
  }
}

function idForm({ choices }: ScreenField, name: string): { readonly id: string } | undefined {
  const id = choices?.get(name)?.id;
  return id === undefined ? undefined : { id };
}

function listForm(value: FieldValue, form: (element: string) => unknown): readonly unknown[] | undefined {
  if (value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const forms = (value as readonly string[]).map(form);
  return forms.includes(undefined) ? undefined : forms;
}

function cascadeForm({ choices }: ScreenField, value: FieldValue): unknown {
  if (!Array.isArray(value)) return value;
  const [parent = '', child] = value as readonly string[];
  const upper = choices?.get(parent);
  const lower = child === undefined ? undefined : upper?.children.get(child);
  if (upper === undefined || (child !== undefined && lower === undefined)) return undefined;
  return { id: upper.id, ...(lower === undefined ? {} : { child: { id: lower.id } }) };
}

const SECONDS_PER_MINUTE = 60;

/** Jira takes estimates in words and keeps whole minutes; an empty text clears one. */
function estimateForm(name: FieldName, value: FieldValue): unknown {
  const part = name === 'originalEstimate' ? 'originalEstimate' : 'remainingEstimate';
  if (typeof value !== 'number') return { [part]: '' };
  return { [part]: `${Math.round(value / SECONDS_PER_MINUTE)}m` };
}

/** What a 400 says of the fields that were sent, as codes; errors about anything else are not ours to read. */
export function refusedFields(errors: Readonly<Record<string, string>>, site: SiteFields): Refused {
  const refused: Partial<Record<FieldName, Code>> = {};
  for (const [jiraField, message] of Object.entries(errors)) {
    for (const field of namesOf(jiraField, site)) refused[field] = refusalCode(field, message);
  }
  return refused;
}

/** Jira does not say which text shows a file that it does not have: it may be each that shows one. */
export function refusedMedia(fields: FieldsToWrite['fields'], site: SiteFields): Refused {
  const shown = Object.entries(fields).filter(([, value]) => isAdf(value) && mediaIn(value).length > 0);
  const named = shown.flatMap(([jiraField]) => namesOf(jiraField, site));
  return Object.fromEntries(named.map((name) => [name, 'rich-text-media' as const]));
}

function isAdf(value: unknown): value is AdfDoc {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'doc' && 'content' in value;
}

/** Jira names the two estimates by its input fields, or both by their one. */
function namesOf(jiraField: string, site: SiteFields): readonly FieldName[] {
  if (jiraField === TIME_TRACKING) return ['originalEstimate', 'remainingEstimate'];
  if (jiraField === `${TIME_TRACKING}_originalestimate`) return ['originalEstimate'];
  if (jiraField === `${TIME_TRACKING}_remainingestimate`) return ['remainingEstimate'];
  // What may not stand beneath what is told of another name than the field's.
  if (jiraField === 'parentId') return ['parent'];
  const name = site.nameOf(jiraField);
  return name === undefined ? [] : [name];
}

/** Jira's words depend on the language of the app user; only the most useful distinctions hang on them. */
function refusalCode(field: FieldName, message: string): Code {
  if (/not on the appropriate screen|cannot be set/i.test(message)) return 'field-not-on-screen';
  if (/too long|exceeds the allowed limit/i.test(message)) return 'text-too-long';
  switch (kindOf(field)) {
    case 'user':
    case 'users':
      return 'user-not-assignable';
    case 'option':
    case 'options':
    case 'cascade':
    case 'type':
    case 'sprint':
      return 'value-unknown';
    default:
      return 'field-refused';
  }
}

/** The body's fields without the refused ones. */
export function withoutRefused(
  fields: FieldsToWrite['fields'],
  refused: Refused,
  site: SiteFields,
): FieldsToWrite['fields'] {
  const isRefused = (jiraField: string): boolean =>
    namesOf(jiraField, site).some((name) => refused[name] !== undefined);
  return Object.fromEntries(Object.entries(fields).filter(([jiraField]) => !isRefused(jiraField)));
}
