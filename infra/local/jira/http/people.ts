import { addComment, deleteComment, updateComment } from '../model/comments.ts';
import { fieldNamed } from '../model/customFields.ts';
import type { IssueInput } from '../model/issueInput.ts';
import { createIssue, deleteIssue, editIssue, transitionIssue, transitionsOf } from '../model/issues.ts';
import { refuse } from '../model/problem.ts';
import { findIssue } from '../model/records.ts';
import type { Act, Adf, Field } from '../model/types.ts';
import { textToAdf } from '../model/wiki.ts';

/** A rich text: a document, or plain text that becomes one. */
export type Text = string | Adf;

/**
 * Fields as REST takes them, or as people speak of them: custom fields by name; projects, types, options, versions,
 * components, sprints by key or name; a cascade as `Europe > Berlin`; persons by account id; rich text as a string.
 */
export type PersonFields = Readonly<Record<string, unknown>>;

/**
 * A person working in Jira. Same rules and same webhooks as over REST, in process.
 * Every method throws `JiraProblem` where Jira would refuse.
 */
export interface People {
  createIssue(fields: PersonFields): { readonly id: string; readonly key: string };
  editIssue(idOrKey: string, fields: PersonFields, more?: Omit<IssueInput, 'fields'>): void;
  /** Takes the transition offered now that leads to the status of that name. */
  transition(idOrKey: string, toStatus: string, input?: IssueInput): void;
  comment(idOrKey: string, text: Text, more?: { readonly visibility?: unknown }): { readonly id: string };
  editComment(idOrKey: string, commentId: string, text: Text): void;
  deleteComment(idOrKey: string, commentId: string): void;
  deleteIssue(idOrKey: string, withSubtasks?: boolean): void;
}

/** Makes a person's hands. `begin` gives a fresh act for each deed, `end` sends out what it made happen. */
export function personActing(begin: () => Act, end: () => void): People {
  const does = <T>(deed: (act: Act) => T): T => {
    try {
      return deed(begin());
    } finally {
      end();
    }
  };
  return {
    createIssue: (fields) =>
      does((act) => picked(createIssue(act, { fields: { issuetype: { name: 'Task' }, ...restFields(act, fields) } }))),
    editIssue: (idOrKey, fields, more = {}) =>
      does((act) => void editIssue(act, idOrKey, { ...more, fields: restFields(act, fields) })),
    transition: (idOrKey, toStatus, input = {}) =>
      does((act) => {
        const fields = restFields(act, input.fields ?? {});
        transitionIssue(act, idOrKey, wayTo(act, idOrKey, toStatus), { ...input, fields });
      }),
    comment: (idOrKey, text, more = {}) =>
      does((act) => ({ id: addComment(act, idOrKey, { body: toAdf(text), visibility: more.visibility }).id })),
    editComment: (idOrKey, commentId, text) =>
      does((act) => void updateComment(act, idOrKey, commentId, { body: toAdf(text) })),
    deleteComment: (idOrKey, commentId) => does((act) => deleteComment(act, idOrKey, commentId)),
    deleteIssue: (idOrKey, withSubtasks = false) => does((act) => deleteIssue(act, idOrKey, withSubtasks)),
  };
}

function picked(issue: { readonly id: string; readonly key: string }) {
  return { id: issue.id, key: issue.key };
}

function toAdf(text: Text): Adf {
  return typeof text === 'string' ? textToAdf(text) : text;
}

/** Fields as people speak of them, as REST takes them: custom fields by name, things by theirs. */
function restFields(act: Act, fields: PersonFields): PersonFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const field = fieldNamed(act.site.fields, name);
      return [field?.id ?? name, field === undefined ? restProject(name, value) : restValue(act, field, value)];
    }),
  );
}

function restProject(name: string, value: unknown): unknown {
  return name === 'project' && typeof value === 'string' ? { key: value } : value;
}

function restValue(act: Act, field: Field, value: unknown): unknown {
  if (Array.isArray(value) && field.kind !== 'labels')
    return (value as unknown[]).map((one) => restValue(act, field, one));
  if (typeof value !== 'string') return value;
  switch (field.kind) {
    case 'issuetype':
    case 'priority':
    case 'resolution':
    case 'components':
    case 'versions':
      return { name: value };
    case 'option':
    case 'options':
      return { value };
    case 'cascade': {
      const [parent, child] = value.split(' > ');
      return { value: parent, ...(child === undefined ? {} : { child: { value: child } }) };
    }
    case 'user':
    case 'users':
      return { accountId: value };
    case 'issue':
      return { key: value };
    case 'sprint':
      return Number([...act.site.sprints.values()].find((sprint) => sprint.name === value)?.id ?? value);
    case 'richText':
      return textToAdf(value);
    default:
      return value;
  }
}

function wayTo(act: Act, idOrKey: string, toStatus: string): string {
  const status = act.site.statuses.find((one) => one.name === toStatus);
  const way = transitionsOf(findIssue(act, idOrKey)).find((transition) => transition.to === status?.id);
  if (way === undefined) throw refuse(400, `No transition leads from here to '${toStatus}'.`);
  return way.id;
}
