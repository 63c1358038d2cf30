import { isFieldName } from '../model/field.ts';
import type { FieldName } from '../model/field.ts';
import type { Replica } from '../model/replica.ts';
import type { Code } from '../verdict.ts';
import { fieldNameOf, isWired, jiraFields } from '../wire/jira.ts';
import type { ScreenFields, WiredField } from '../wire/jira.ts';

/** Why fields were not written. */
export type Refused = Readonly<Partial<Record<FieldName, Code>>>;

/** A body's `fields`, and what was left out of it before anybody was asked. */
export interface FieldsToWrite {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly refused: Refused;
}

/**
 * Turns a replica into the `fields` of a request: names become ids of the screen's own lists. A field that the screen does not
 * have and a name that its list does not know are left out and said. A status is never a field: it needs a transition.
 */
export function fieldsToWrite(replica: Replica, screen: ScreenFields, issueTypeId?: string): FieldsToWrite {
  const fields: Record<string, unknown> = {};
  const refused: Partial<Record<FieldName, Code>> = {};
  for (const name of Object.keys(replica).filter((one) => isFieldName(one))) {
    const value = replica[name];
    if (value === undefined || name === 'status') continue;
    if (!isWired(name)) {
      refused[name] = 'field-not-on-screen';
      continue;
    }
    const isChosen = name === 'issueType' && issueTypeId !== undefined;
    const written = isChosen ? { id: issueTypeId } : writtenForm(name, replica, screen);
    if (!isChosen && !screen.fields.includes(name)) refused[name] = 'field-not-on-screen';
    else if (written === undefined) refused[name] = 'value-unknown';
    else fields[jiraFields[name]] = written;
  }
  return { fields, refused };
}

/** The value as Jira takes it; `undefined` when the site does not know it. */
function writtenForm(name: WiredField, replica: Replica, screen: ScreenFields): unknown {
  switch (name) {
    case 'summary':
    case 'description':
    case 'labels':
    case 'status':
      return replica[name];
    case 'issueType':
      return idForm(replica.issueType ?? null, screen.issueTypes);
    case 'priority':
      return idForm(replica.priority ?? null, screen.priorities);
    case 'assignee':
    case 'reporter': {
      const account = replica[name] ?? null;
      return account === null ? null : { accountId: account };
    }
  }
}

function idForm(name: string | null, ids: ReadonlyMap<string, string>): { readonly id: string } | null | undefined {
  if (name === null) return null;
  const id = ids.get(name);
  return id === undefined ? undefined : { id };
}

/** What a 400 says of the fields that were sent, as codes; errors about anything else are not ours to read. */
export function refusedFields(errors: Readonly<Record<string, string>>): Refused {
  const refused: Partial<Record<FieldName, Code>> = {};
  for (const [jiraField, message] of Object.entries(errors)) {
    const field = fieldNameOf(jiraField);
    if (field !== undefined) refused[field] = refusalCode(field, message);
  }
  return refused;
}

/** Jira's words depend on the language of the app user; only the most useful distinction hangs on them. */
function refusalCode(field: FieldName, message: string): Code {
  if (/not on the appropriate screen|cannot be set/i.test(message)) return 'field-not-on-screen';
  if (field === 'assignee' || field === 'reporter') return 'user-not-assignable';
  return field === 'priority' || field === 'issueType' ? 'value-unknown' : 'field-refused';
}

/** The body's fields without the refused ones. */
export function withoutRefused(fields: FieldsToWrite['fields'], refused: Refused): FieldsToWrite['fields'] {
  return Object.fromEntries(
    Object.entries(fields).filter(([jiraField]) => {
      const name = fieldNameOf(jiraField);
      return name === undefined || refused[name] === undefined;
    }),
  );
}
