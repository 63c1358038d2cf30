import { paragraphs, plainText } from '../adf/text.ts';
import { byFieldOrder, isFieldName, kindOf, type FieldName } from '../model/field.ts';
import type { FieldValue, JiraIssue, Replica } from '../model/replica.ts';
import type { FieldRule, RuleDocument, TableName, Transform } from '../model/rules.ts';
import { isDoc, isNothing } from './echo.ts';

/**
 * What leaves of an issue: the fields that the rules name, under the names that they have on the other side, transformed, with
 * names translated by the value tables. Texts show the files of their own side still. What the rules do not name never appears, and a new field kind
 * does not leave until a rule names it.
 */
export function outgoing(issue: JiraIssue | Replica, rules: RuleDocument): Replica {
  const fields = fieldsOf(issue);
  let next: Replica = {};
  for (const row of rules.fields) {
    const value = fields[row.field];
    if (value !== undefined) next = withField(next, row.target ?? row.field, leaving(row, value, rules));
  }
  return next;
}

/** The fields that the rules name, as the site shows them; what a stored copy may hold. */
export function shared(issue: JiraIssue | Replica, rules: RuleDocument): Replica {
  const fields = fieldsOf(issue);
  let next: Replica = {};
  for (const { field } of rules.fields) {
    const value = fields[field];
    if (value !== undefined) next = withField(next, field, value);
  }
  return next;
}

/** The replica with one field set. */
export function withField(replica: Replica, field: FieldName, value: FieldValue): Replica {
  return { ...replica, [field]: value };
}

/** The names of the fields that a replica holds, in the order in which plans name them. */
export function namesIn(replica: Replica): readonly FieldName[] {
  return Object.keys(replica).filter(isFieldName).sort(byFieldOrder);
}

/** One value as it leaves by a row: default, transform, value table. Nothing of the other site is known here. */
export function leaving(row: FieldRule, value: FieldValue, rules: RuleDocument): FieldValue {
  const full = row.default !== undefined && isNothing(row.field, value) ? row.default : value;
  const changed = row.transform === undefined ? full : transformed(full, row.transform);
  return translated(row.field, changed, rules);
}

/** A name as the tables have it; one without entry stays. */
export function tableName(rules: RuleDocument, table: TableName, name: string): string {
  const rows = rules.values[table];
  return rows !== undefined && Object.hasOwn(rows, name) ? (rows[name] ?? name) : name;
}

function fieldsOf(issue: JiraIssue | Replica): Replica {
  return isIssue(issue) ? issue.fields : issue;
}

function isIssue(issue: JiraIssue | Replica): issue is JiraIssue {
  return 'changedAt' in issue;
}

function translated(field: FieldName, value: FieldValue, rules: RuleDocument): FieldValue {
  if (value === null || typeof value === 'number' || isDoc(value)) return value;
  switch (kindOf(field)) {
    case 'option':
    case 'type':
    case 'status':
    case 'sprint':
      return typeof value === 'string' ? tableName(rules, field, value) : value;
    case 'options':
      return typeof value === 'string' ? value : setOf(value.map((name) => tableName(rules, field, name)));
    case 'cascade':
      return typeof value === 'string' ? value : value.map((name) => tableName(rules, field, name));
    case 'user':
      return typeof value === 'string' ? personIn(rules, value) : value;
    case 'users':
      return typeof value === 'string' ? value : setOf(value.map((person) => personIn(rules, person)));
    case 'labels':
    case 'links':
    case 'remoteLinks':
      return typeof value === 'string' ? value : setOf(value);
    case 'text':
    case 'url':
    case 'richText':
    case 'number':
    case 'duration':
    case 'date':
    case 'dateTime':
    case 'issue':
      return value;
  }
}

function personIn({ people }: RuleDocument, person: string): string {
  return people !== undefined && Object.hasOwn(people, person) ? (people[person] ?? person) : person;
}

function setOf(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}

function transformed(value: FieldValue, transform: Transform): FieldValue {
  if (isDoc(value)) return transform.kind === 'plain-text' ? paragraphs(plainText(value)) : value;
  if (typeof value === 'string') return word(value, transform);
  if (Array.isArray(value)) return elements(value, transform);
  return value;
}

function word(text: string, transform: Transform): string {
  switch (transform.kind) {
    case 'prefix':
      return transform.text + text;
    case 'suffix':
      return text + transform.text;
    case 'upper':
      return text.toUpperCase();
    case 'lower':
      return text.toLowerCase();
    case 'trim':
      return text.trim();
    case 'truncate':
      return Array.from(text).slice(0, transform.length).join('');
    case 'plain-text':
    case 'only':
    case 'without':
      return text;
  }
}

function elements(values: readonly string[], transform: Transform): readonly string[] {
  switch (transform.kind) {
    case 'only':
      return values.filter((value) => transform.values.includes(value));
    case 'without':
      return values.filter((value) => !transform.values.includes(value));
    case 'plain-text':
      return values;
    case 'prefix':
    case 'suffix':
    case 'upper':
    case 'lower':
    case 'trim':
    case 'truncate':
      return setOf(values.map((value) => word(value, transform)));
  }
}
