/**
 * Schemas of what Jira answers, reduced to what we use, and the readers that turn answers into the model's words: names instead of
 * ids, account ids instead of people, epoch milliseconds instead of texts.
 */
import { z } from 'zod';
import { accountId, commentId, issueId, issueKey, projectKey } from '../model/ids.ts';
import type { AccountId, CommentId, IssueId } from '../model/ids.ts';
import { isSystemField, type FieldName, type SystemField } from '../model/field.ts';
import type { JiraComment, JiraIssue, Marker, Replica } from '../model/replica.ts';
import { Fault } from '../verdict.ts';
import { adfDoc } from './adf.ts';
import { idSchema } from './message.ts';

/** The key of our marker among the properties of an issue or a comment. The descriptor declares its `twin` for JQL. */
export const MARKER_KEY = 'twinline';

/** Our field names and Jira's. */
export const jiraFields = {
  summary: 'summary',
  description: 'description',
  issueType: 'issuetype',
  priority: 'priority',
  labels: 'labels',
  status: 'status',
  assignee: 'assignee',
  reporter: 'reporter',
} as const satisfies Partial<Record<SystemField, string>>;

/** A field that the client reads and writes. */
export type WiredField = keyof typeof jiraFields;

/** True for a field that the client reads and writes. */
export function isWired(name: FieldName): name is WiredField {
  return isSystemField(name) && Object.hasOwn(jiraFields, name);
}

const ourNames: ReadonlyMap<string, WiredField> = new Map(
  (Object.entries(jiraFields) as [WiredField, string][]).map(([ours, theirs]) => [theirs, ours]),
);

/** Our name of one of Jira's fields; `undefined` for a field that we do not know. */
export function fieldNameOf(jiraField: string): WiredField | undefined {
  return ourNames.get(jiraField);
}

/** Jira writes `2021-01-17T12:34:00.000+0000`, whose offset lacks the colon that the standard asks for. */
const stamp = z.string().transform((text, context) => {
  const at = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(at)) context.addIssue({ code: 'custom', message: 'is not an instant' });
  return at;
});

const named = z.object({ id: z.string(), name: z.string() });
const person = z.object({ accountId: idSchema(accountId) });
const marker: z.ZodType<Marker> = z.object({
  twin: z.string().max(64),
  origin: z.enum(['a', 'b']).exactOptional(),
  source: z.string().max(64).exactOptional(),
});

const history = z.object({
  created: stamp,
  items: z.array(z.object({ field: z.string(), fieldId: z.string().optional() })),
});

const issue = z.object({
  id: idSchema(issueId),
  key: idSchema(issueKey),
  properties: z.record(z.string(), z.unknown()).optional(),
  fields: z.object({
    summary: z.string().optional(),
    description: adfDoc.nullable().optional(),
    issuetype: z.object({ name: z.string(), subtask: z.boolean() }).optional(),
    priority: z.object({ name: z.string() }).nullable().optional(),
    labels: z.array(z.string()).optional(),
    status: z.object({ name: z.string() }).optional(),
    assignee: person.nullable().optional(),
    reporter: person.nullable().optional(),
    project: z.object({ key: idSchema(projectKey) }),
    created: stamp,
    updated: stamp,
  }),
  changelog: z.object({ histories: z.array(history) }).optional(),
});

/** The fields that {@link parseIssue} needs, as the `fields` of a request. */
export const ISSUE_FIELDS: readonly string[] = [...Object.values(jiraFields), 'project', 'created', 'updated'];

/** Reads one issue, with its changelog and our marker when they were asked for. @throws Fault `jira-answer-odd` */
export function parseIssue(body: unknown): JiraIssue {
  const found = read('issue', issue, body);
  const { fields } = found;
  const mark = marker.safeParse(found.properties?.[MARKER_KEY]);
  return {
    id: found.id,
    key: found.key,
    projectKey: fields.project.key,
    createdAt: fields.created,
    updatedAt: fields.updated,
    fields: replicaOf(fields),
    changedAt: lastChanges(found.changelog?.histories ?? []),
    isSubtask: fields.issuetype?.subtask ?? false,
    ...(mark.success ? { marker: mark.data } : {}),
  };
}

/** A field that the app may not see is not in the answer, and so not in the replica: it is unknown, not empty. */
function replicaOf(fields: z.infer<typeof issue>['fields']): Replica {
  const { summary, description, issuetype, priority, labels, status, assignee, reporter } = fields;
  return {
    ...(summary === undefined ? {} : { summary }),
    ...(description === undefined ? {} : { description }),
    ...(issuetype === undefined ? {} : { issueType: issuetype.name }),
    ...(priority === undefined ? {} : { priority: priority?.name ?? null }),
    ...(labels === undefined ? {} : { labels: [...new Set(labels)].sort() }),
    ...(status === undefined ? {} : { status: status.name }),
    ...(assignee === undefined ? {} : { assignee: assignee?.accountId ?? null }),
    ...(reporter === undefined ? {} : { reporter: reporter?.accountId ?? null }),
  };
}

/** The order of histories is not guaranteed and `fieldId` is often absent. @see ATLASSIAN.md §6.3 */
function lastChanges(histories: readonly z.infer<typeof history>[]): JiraIssue['changedAt'] {
  const latest: Partial<Record<FieldName, number>> = {};
  for (const { created, items } of histories) {
    for (const item of items) {
      const field = fieldNameOf(item.fieldId ?? item.field.toLowerCase());
      if (field !== undefined) latest[field] = Math.max(created, latest[field] ?? 0);
    }
  }
  return latest;
}

const comment = z.object({
  id: idSchema(commentId),
  // Only told, never acted on: an account of an unusual form must not hide the comments of an issue.
  author: person.optional().catch(undefined),
  created: stamp,
  updated: stamp,
  body: adfDoc.nullish(),
  visibility: z.unknown().optional(),
  jsdPublic: z.boolean().optional(),
  properties: z.array(z.object({ key: z.string(), value: z.unknown() })).optional(),
});
const commentPage = z.object({ comments: z.array(comment), total: z.number().int() });

/** Reads one page of an issue's comments. @throws Fault `jira-answer-odd` */
export function parseComments(body: unknown): { readonly comments: readonly JiraComment[]; readonly total: number } {
  const page = read('comments', commentPage, body);
  return { comments: page.comments.map(commentOf), total: page.total };
}

function commentOf(found: z.infer<typeof comment>): JiraComment {
  return {
    id: found.id,
    author: found.author?.accountId ?? null,
    createdAt: found.created,
    updatedAt: found.updated,
    body: found.body ?? null,
    isRestricted: (found.visibility ?? null) !== null || found.jsdPublic === false,
  };
}

/** Reads our markers out of a list of comments with their properties. @throws Fault `jira-answer-odd` */
export function parseMarkers(body: unknown): ReadonlyMap<CommentId, Marker> {
  const { values } = read('comment list', z.object({ values: z.array(comment) }), body);
  const found = new Map<CommentId, Marker>();
  for (const { id, properties } of values) {
    const mark = marker.safeParse(properties?.find(({ key }) => key === MARKER_KEY)?.value);
    if (mark.success) found.set(id, mark.data);
  }
  return found;
}

/** Reads the id of a created issue. @throws Fault `jira-answer-odd` */
export function parseCreatedIssue(body: unknown): IssueId {
  return read('created issue', z.object({ id: idSchema(issueId) }), body).id;
}

/** Reads the id of a created comment. @throws Fault `jira-answer-odd` */
export function parseCreatedComment(body: unknown): CommentId {
  return read('created comment', z.object({ id: idSchema(commentId) }), body).id;
}

const foundPage = z.object({
  issues: z.array(z.object({ id: idSchema(issueId) })),
  isLast: z.boolean().optional(),
  nextPageToken: z.string().nullish(),
});

/** Reads one page of a search. @throws Fault `jira-answer-odd` */
export function parseFound(body: unknown): { readonly items: readonly IssueId[]; readonly next?: string } {
  const page = read('search', foundPage, body);
  const items = page.issues.map(({ id }) => id);
  const next = page.isLast === true ? undefined : page.nextPageToken;
  return next === undefined || next === null ? { items } : { items, next };
}

const fieldMeta = z.object({ allowedValues: z.array(z.unknown()).optional() });

/** What a screen says of its fields: which there are, and the names and ids of those with a list of values. */
export interface ScreenFields {
  readonly fields: readonly WiredField[];
  readonly issueTypes: ReadonlyMap<string, string>;
  readonly priorities: ReadonlyMap<string, string>;
}

/** Reads the edit screen of an issue. @throws Fault `jira-answer-odd` */
export function parseEditMeta(body: unknown): ScreenFields {
  return screenOf(
    new Map(Object.entries(read('editmeta', z.object({ fields: z.record(z.string(), fieldMeta) }), body).fields)),
  );
}

const createFields = z.object({ fields: z.array(fieldMeta.extend({ fieldId: z.string() })) });

/** Reads the create screen of one issue type. @throws Fault `jira-answer-odd` */
export function parseCreateMeta(body: unknown): ScreenFields {
  return screenOf(new Map(read('createmeta', createFields, body).fields.map((field) => [field.fieldId, field])));
}

function screenOf(fields: ReadonlyMap<string, z.infer<typeof fieldMeta>>): ScreenFields {
  return {
    fields: [...fields.keys()].map(fieldNameOf).filter((name) => name !== undefined),
    issueTypes: idsByName(fields.get('issuetype')?.allowedValues),
    priorities: idsByName(fields.get('priority')?.allowedValues),
  };
}

function idsByName(values: readonly unknown[] = []): ReadonlyMap<string, string> {
  const known = values.map((value) => named.safeParse(value)).filter((parsed) => parsed.success);
  return new Map(known.map(({ data }) => [data.name, data.id]));
}

const issueType = named.extend({ subtask: z.boolean() });

/** Reads the issue types that a project's create screens know. @throws Fault `jira-answer-odd` */
export function parseIssueTypes(body: unknown) {
  const { issueTypes } = read('issue types', z.object({ issueTypes: z.array(issueType) }), body);
  return issueTypes.map(({ id, name, subtask }) => ({ id, name, isSubtask: subtask }));
}

const transitions = z.object({
  transitions: z.array(
    z.object({ id: z.string(), to: z.object({ name: z.string() }), isAvailable: z.boolean().optional() }),
  ),
});

/** Reads the transitions that can be made now. @throws Fault `jira-answer-odd` */
export function parseTransitions(body: unknown): readonly { readonly id: string; readonly to: string }[] {
  const offered = read('transitions', transitions, body).transitions.filter((way) => way.isAvailable !== false);
  return offered.map(({ id, to }) => ({ id, to: to.name }));
}

const assignable = z.array(z.object({ accountId: z.string(), active: z.boolean() }));

/** Whether a list of assignable people holds this one, active. @throws Fault `jira-answer-odd` */
export function parseAssignable(body: unknown, account: AccountId): boolean {
  return read('assignable people', assignable, body).some((one) => one.accountId === account && one.active);
}

/** Reads a project's id. @throws Fault `jira-answer-odd` */
export function parseProjectId(body: unknown): string {
  return read('project', z.object({ id: z.string().regex(/^\d+$/) }), body).id;
}

const granted = z.object({
  globalPermissions: z.array(z.string()),
  projectPermissions: z.array(z.object({ permission: z.string(), projects: z.array(z.number().int()) })),
});

/** Whether an answer grants the permission, for one project when it is named. @throws Fault `jira-answer-odd` */
export function parseGranted(body: unknown, permission: string, projectId?: number): boolean {
  const answer = read('permissions', granted, body);
  if (projectId === undefined) return answer.globalPermissions.includes(permission);
  return answer.projectPermissions.some((one) => one.permission === permission && one.projects.includes(projectId));
}

const refusal = z.object({ errors: z.record(z.string(), z.string()).optional() });

/** What a refusal says per field, by Jira's field ids; empty when it is worded otherwise. */
export function parseRefusal(body: unknown): Readonly<Record<string, string>> {
  const parsed = refusal.safeParse(body);
  return parsed.success ? (parsed.data.errors ?? {}) : {};
}

/** An error names the path, never the value. */
function read<T>(what: string, schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Fault('jira-answer-odd', { what, path: parsed.error.issues[0]?.path.join('.') ?? '' });
}
