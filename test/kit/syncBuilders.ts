import type { AdfDoc, AdfNode } from '../../shared/model/adf.ts';
import type { Side } from '../../shared/model/connection.ts';
import { accountId, commentId, connectionId, issueId, issueKey, projectKey } from '../../shared/model/ids.ts';
import type { Abilities, SideView, SyncInput } from '../../shared/model/plan.ts';
import type { JiraComment, JiraIssue, Replica } from '../../shared/model/replica.ts';
import type { Policy, RuleDocument } from '../../shared/model/rules.ts';
import type { TwinMemory } from '../../shared/model/twin.ts';
import { twinIdOf } from '../../shared/sync/twinId.ts';

/** Whole valid values for the engine, with overrides; a test states only what matters to it. */

export const connection = connectionId('c-00000001');
export const twin = twinIdOf(connection, 'a', issueId('1'));
export const ann = accountId('account-ann');
export const bob = accountId('account-bob');

/** A document of one paragraph per text. */
export function doc(...texts: readonly string[]): AdfDoc {
  return docOf(...texts.map((text): AdfNode => ({ type: 'paragraph', content: [{ type: 'text', text }] })));
}

/** A document of the given blocks. */
export function docOf(...content: readonly AdfNode[]): AdfDoc {
  return { type: 'doc', version: 1, content };
}

/** A picture of the site, as a block. */
export function picture(alt?: string, id = 'file-1'): AdfNode {
  const attrs = { type: 'file', id, collection: '', ...(alt === undefined ? {} : { alt }) };
  return { type: 'mediaSingle', attrs: { layout: 'center' }, content: [{ type: 'media', attrs }] };
}

/** A paragraph that mentions somebody. */
export function mention(id: string, text: string): AdfNode {
  return { type: 'paragraph', content: [{ type: 'mention', attrs: { id, text } }] };
}

/** What every issue has. */
export const coreFields = [
  'summary',
  'description',
  'issueType',
  'priority',
  'labels',
  'status',
  'assignee',
  'reporter',
] as const;

export const plainFields: Replica = {
  summary: 'A summary',
  description: null,
  issueType: 'Task',
  priority: 'Medium',
  labels: [],
  status: 'To Do',
  assignee: null,
  reporter: null,
};

export function issueWith(fields: Replica = {}, more: Partial<JiraIssue> = {}): JiraIssue {
  return {
    id: issueId('1'),
    key: issueKey('ONE-1'),
    projectKey: projectKey('ONE'),
    createdAt: 1_000,
    updatedAt: 1_000,
    fields: { ...plainFields, ...fields },
    changedAt: {},
    isSubtask: false,
    ...more,
  };
}

export function commentWith(id: string, text: string, more: Partial<JiraComment> = {}): JiraComment {
  const createdAt = 10_000 + Number(id);
  return {
    id: commentId(id),
    author: ann,
    createdAt,
    updatedAt: createdAt,
    body: doc(text),
    isRestricted: false,
    ...more,
  };
}

export function abilitiesWith(more: Partial<Abilities> = {}): Abilities {
  return {
    issueTypes: [
      { name: 'Task', isSubtask: false },
      { name: 'Bug', isSubtask: false },
      { name: 'Sub-task', isSubtask: true },
    ],
    options: { priority: ['High', 'Medium', 'Low'] },
    creatable: coreFields.filter((field) => field !== 'status'),
    editable: coreFields.filter((field) => field !== 'status'),
    transitions: ['To Do', 'In Progress', 'Done'].map((to, at) => ({ id: String(at + 1), to })),
    usable: new Set([ann, bob]),
    self: accountId('account-app'),
    ...more,
  };
}

export function viewWith(more: Partial<SideView> = {}): SideView {
  return { issue: 'absent', comments: [], markers: new Map(), abilities: abilitiesWith(), ...more };
}

export function rulesWith(more: Partial<RuleDocument> = {}, policy: Policy = 'newest'): RuleDocument {
  return {
    version: 1,
    fields: coreFields.map((field) => ({ field, policy })),
    comments: true,
    values: {},
    fallbackIssueType: 'Task',
    ...more,
  };
}

export function memoryWith(more: Partial<TwinMemory> = {}): TwinMemory {
  return { twin, connection, originSide: 'a', a: issueId('1'), fields: {}, comments: [], ...more };
}

export function inputWith(more: Partial<SyncInput> = {}): SyncInput {
  return {
    memory: memoryWith(),
    a: viewWith({ issue: issueWith() }),
    b: viewWith(),
    rules: { a: rulesWith(), b: rulesWith() },
    ...more,
  };
}

/** The value with everything in it frozen, so that a change in place throws. Sets and maps cannot be frozen and are left. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    if (!(value instanceof Set) && !(value instanceof Map)) Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

/** The id of the issue that a world's side makes. */
export const issueOn: Readonly<Record<Side, string>> = { a: '1', b: '2' };
