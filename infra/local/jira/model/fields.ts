import {
  parseCascade,
  parseDate,
  parseDateTime,
  parseNumber,
  parseOption,
  parseOptions,
  parsePerson,
  parsePersons,
  parseUrl,
} from './customValues.ts';
import { may } from './permissions.ts';
import { badField } from './problem.ts';
import { isRecord, parseDocument } from './richText.ts';
import type { Act, Field, FieldKind, Named, Project, Value } from './types.ts';

/** Longest summary and longest label. @see Jira's field limits */
const SHORT_LIMIT = 255;

/**
 * Turns a value of a REST body into the model's value of that field.
 * @throws JiraProblem 400 with the field's name when Jira would not take it
 */
export function parseField(act: Act, project: Project, field: Field, raw: unknown): Value {
  switch (field.kind) {
    case 'string':
      return field.id === 'summary' ? parseSummary(raw) : parseString(field, raw);
    case 'richText':
      return raw === null ? null : parseDocument(act, raw, field.id);
    case 'labels':
      return parseLabels(field, raw);
    case 'user':
      return field.custom ? parsePerson(act, field, raw) : parseUser(act, project, field, raw);
    case 'users':
      return parsePersons(act, field, raw);
    case 'priority':
      return pick(field, act.site.priorities, raw);
    case 'issuetype':
      return required(
        field,
        pick(
          field,
          act.site.issueTypes.filter((type) => project.typeIds.includes(type.id)),
          raw,
        ),
      );
    case 'resolution':
      return pick(field, act.site.resolutions, raw);
    case 'components':
      return pickMany(field, project.components, raw);
    case 'versions':
      return pickMany(field, project.versions, raw);
    case 'date':
      return parseDate(field, raw);
    case 'issue':
      return parseParent(act, raw);
    case 'number':
      return parseNumber(field, raw);
    case 'url':
      return parseUrl(field, raw);
    case 'datetime':
      return parseDateTime(field, raw);
    case 'option':
      return parseOption(field, field.options ?? [], raw);
    case 'options':
      return parseOptions(field, raw);
    case 'cascade':
      return parseCascade(field, raw);
    case 'sprint':
    case 'timetracking':
    case 'duration':
      // The first two depend on what was there and are the business of `issueInput.ts`; the last is on no screen.
      throw new Error(`${field.id} has no value of its own`);
  }
}

function parseString(field: Field, raw: unknown): string | null {
  if (raw === null) return null;
  if (typeof raw !== 'string') throw badField(field.id, 'Operation value must be a string');
  if (raw.length > SHORT_LIMIT)
    throw badField(
      field.id,
      `The entered text is too long. It exceeds the allowed limit of ${SHORT_LIMIT} characters.`,
    );
  return raw === '' ? null : raw;
}

function parseSummary(raw: unknown): string {
  if (raw !== null && typeof raw !== 'string') throw badField('summary', 'Operation value must be a string');
  const summary = (raw ?? '').trim();
  if (summary === '') throw badField('summary', 'You must specify a summary of the issue.');
  if (/[\r\n]/.test(summary))
    throw badField('summary', 'The summary is invalid because it contains newline characters.');
  if (summary.length > SHORT_LIMIT) throw badField('summary', `Summary must be less than ${SHORT_LIMIT} characters.`);
  return summary;
}

/** Takes labels: no spaces, each once, in the order given. @throws JiraProblem 400 */
export function parseLabels(field: Pick<Field, 'id'>, raw: unknown): readonly string[] {
  if (raw === null) return [];
  if (!Array.isArray(raw)) throw badField(field.id, 'data was not an array');
  const labels = (raw as unknown[]).map((label) => {
    if (typeof label !== 'string' || label === '') throw badField(field.id, 'Operation value must be a string');
    if (/\s/u.test(label)) throw badField(field.id, `The label '${label}' contains spaces which is invalid.`);
    if (label.length > SHORT_LIMIT)
      throw badField(field.id, `The label exceeds the maximum length of ${SHORT_LIMIT} characters.`);
    return label;
  });
  return [...new Set(labels)];
}

function parseUser(act: Act, project: Project, field: Field, raw: unknown): string | null {
  if (raw === null) return null;
  if (!isRecord(raw)) throw badField(field.id, 'data was not an object');
  const accountId = raw['accountId'] ?? raw['id'] ?? null;
  if (accountId === null) return null;
  // Jira's sign for "whoever is assigned by default"; projects here leave issues unassigned.
  if (accountId === '-1' && field.id === 'assignee') return null;
  const person =
    typeof accountId === 'string' && act.site.members.has(accountId) ? act.world.people.get(accountId) : undefined;
  if (person?.active !== true) throw badField(field.id, `Specify a valid value for ${field.id}`);
  if (field.id === 'assignee' && !may(act.world, act.site, project, person, 'ASSIGNABLE_USER')) {
    throw badField('assignee', `User '${person.accountId}' cannot be assigned issues.`);
  }
  return person.accountId;
}

function parseParent(act: Act, raw: unknown): string | null {
  if (raw === null || (isRecord(raw) && raw['none'] === true)) return null;
  const named = isRecord(raw) ? (raw['id'] ?? raw['key']) : undefined;
  const id = typeof named === 'string' ? (act.site.idByKey.get(named) ?? named) : '';
  if (!act.site.issues.has(id)) throw badField('parent', 'Could not find valid parent issue.');
  return id;
}

function pick(field: Field, among: readonly Named[], raw: unknown): string | null {
  if (raw === null) return null;
  if (!isRecord(raw)) throw badField(field.id, 'expected Object');
  const id = raw['id'];
  const name = raw['name'];
  const found = among.find((item) => (id === undefined ? item.name === name : item.id === id));
  if (found === undefined) throw badField(field.id, noValue(field, id, name));
  return found.id;
}

/** What Jira calls one of a field's values in its refusals. */
const VALUE_NAMES: Readonly<Partial<Record<FieldKind, string>>> = {
  components: 'Component',
  versions: 'Version',
  priority: 'Priority',
  resolution: 'Resolution',
};

function noValue(field: Field, id: unknown, name: unknown): string {
  const what = VALUE_NAMES[field.kind];
  if (what === undefined) return 'Specify a valid issue type';
  if (typeof id === 'string') return `${what} id '${id}' is not valid`;
  return typeof name === 'string'
    ? `${what} name '${name}' is not valid`
    : `Specify a valid 'id' or 'name' for ${what}`;
}

function pickMany(field: Field, among: readonly Named[], raw: unknown): readonly string[] {
  if (raw === null) return [];
  if (!Array.isArray(raw)) throw badField(field.id, 'data was not an array');
  return [...new Set((raw as unknown[]).map((item) => required(field, pick(field, among, item))))];
}

function required(field: Field, value: string | null): string {
  if (value === null) throw badField(field.id, `${field.name} is required.`);
  return value;
}
