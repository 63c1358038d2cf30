import { withoutMedia } from '../adf/media.ts';
import { fieldNames, type FieldName, type JiraIssue, type Replica } from '../model/replica.ts';
import type { RuleDocument } from '../model/rules.ts';
import { isDoc, type FieldValue } from './echo.ts';

/**
 * What leaves of an issue: the fields that the rules name, with names translated by the value tables and media replaced by
 * words. What the rules do not name never appears, and a new field kind does not leave until a rule names it.
 */
export function outgoing(issue: JiraIssue | Replica, rules: RuleDocument): Replica {
  return rebuilt(shared(issue, rules), (field, value) => translated(field, value, rules));
}

/** The fields that the rules name, as the site shows them; what a stored copy may hold. */
export function shared(issue: JiraIssue | Replica, rules: RuleDocument): Replica {
  const named = new Set(rules.fields.map((row) => row.field));
  return rebuilt('fields' in issue ? issue.fields : issue, (field, value) => (named.has(field) ? value : undefined));
}

/** The replica with one field set. */
export function withField(replica: Replica, field: FieldName, value: FieldValue): Replica {
  return { ...replica, [field]: value };
}

function rebuilt(replica: Replica, change: (field: FieldName, value: FieldValue) => FieldValue | undefined): Replica {
  let next: Replica = {};
  for (const field of fieldNames) {
    const value = replica[field];
    const changed = value === undefined ? undefined : change(field, value);
    if (changed !== undefined) next = withField(next, field, changed);
  }
  return next;
}

function translated(field: FieldName, value: FieldValue, rules: RuleDocument): FieldValue {
  if (value === null) return null;
  if (isDoc(value)) return withoutMedia(value);
  if (typeof value !== 'string') return [...new Set(value)].sort();
  if (field !== 'issueType' && field !== 'priority' && field !== 'status') return value;
  const table = rules.values[field];
  return Object.hasOwn(table, value) ? (table[value] ?? value) : value;
}
