import { addComment, deleteComment, updateComment } from '../model/comments.ts';
import type { IssueInput } from '../model/issueInput.ts';
import { createIssue, deleteIssue, editIssue, transitionIssue, transitionsOf } from '../model/issues.ts';
import { refuse } from '../model/problem.ts';
import { findIssue } from '../model/records.ts';
import type { Act, Adf } from '../model/types.ts';
import { textToAdf } from '../model/wiki.ts';

/** A rich text: a document, or plain text that becomes one. */
export type Text = string | Adf;

/** Fields as REST takes them; `project` and `issuetype` may be a key and a name, rich text a plain string. */
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
      does((act) => void transitionIssue(act, idOrKey, wayTo(act, idOrKey, toStatus), input)),
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

function restFields(act: Act, fields: PersonFields): PersonFields {
  return Object.fromEntries(
    Object.entries(fields).map(([id, value]) => {
      if (typeof value !== 'string') return [id, value];
      if (id === 'project') return [id, { key: value }];
      if (id === 'issuetype' || id === 'priority') return [id, { name: value }];
      if (id === 'assignee' || id === 'reporter') return [id, { accountId: value }];
      if (id === 'parent') return [id, { key: value }];
      const isRich = act.site.fields.some((field) => field.id === id && field.kind === 'richText');
      return [id, isRich ? textToAdf(value) : value];
    }),
  );
}

function wayTo(act: Act, idOrKey: string, toStatus: string): string {
  const status = act.site.statuses.find((one) => one.name === toStatus);
  const way = transitionsOf(findIssue(act, idOrKey)).find((transition) => transition.to === status?.id);
  if (way === undefined) throw refuse(400, `No transition leads from here to '${toStatus}'.`);
  return way.id;
}
