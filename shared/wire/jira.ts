/**
 * Schemas of what Jira answers, reduced to what we use, and the readers that turn answers into the model's words: names instead of
 * ids, account ids instead of people, epoch milliseconds instead of texts.
 */
import { z } from 'zod';
import { accountId, commentId, issueId, issueKey, projectKey } from '../model/ids.ts';
import type { AccountId, CommentId, IssueId, IssueKey } from '../model/ids.ts';
import type { Way } from '../model/plan.ts';
import type { FieldName } from '../model/field.ts';
import type { FieldValue, JiraComment, JiraIssue, Marker, Replica } from '../model/replica.ts';
import { mailAddress } from '../model/mail.ts';
import type { MailAddress } from '../model/mail.ts';
import { Fault } from '../verdict.ts';
import { adfDoc } from './adf.ts';
import { history, lastChanges } from './changelog.ts';
import { linksByWords } from './jiraLinks.ts';
import { readValue, stamp, TIME_TRACKING } from './jiraFields.ts';
import type { SiteFields } from './jiraFields.ts';
import { idSchema } from './message.ts';
import { placeIn } from './place.ts';

/** The key of our marker among the properties of an issue or a comment. The descriptor declares its `twin` for JQL. */
export const MARKER_KEY = 'twinline';

const named = z.object({ id: z.string(), name: z.string() });
export const person = z.object({ accountId: idSchema(accountId) });
export const marker: z.ZodType<Marker> = z.object({
  twin: z.string().max(64),
  origin: z.enum(['a', 'b']).exactOptional(),
  source: z.string().max(64).exactOptional(),
});

const issue = z.object({
  id: idSchema(issueId),
  key: idSchema(issueKey),
  properties: z.record(z.string(), z.unknown()).optional(),
  fields: z
    .object({
      issuetype: z.looseObject({ subtask: z.boolean() }).optional(),
      project: z.object({ key: idSchema(projectKey) }),
      created: stamp,
      updated: stamp,
    })
    .catchall(z.unknown()),
  changelog: z.object({ histories: z.array(history) }).optional(),
});

/** What every issue is asked for beside the fields that are synced. */
const ALWAYS = ['project', 'created', 'updated', 'issuetype'];

/** The `fields` of a request for these fields of ours; those that the site does not have are not asked for. */
export function issueFields(site: SiteFields, names: readonly FieldName[]): readonly string[] {
  const ids = names.map((name) => site.idOf(name)).filter((id) => id !== undefined);
  return [...new Set([...ids, ...ALWAYS])];
}

/**
 * Reads one issue that was asked for the fields of these names, with its changelog and our marker when they were asked for.
 * @throws Fault `jira-answer-odd`
 */
export function parseIssue(body: unknown, site: SiteFields, names: readonly FieldName[]): JiraIssue {
  const found = read('issue', issue, body);
  const { fields } = found;
  const mark = marker.safeParse(found.properties?.[MARKER_KEY]);
  const { changedAt, ...told } = lastChanges(
    found.changelog?.histories ?? [],
    site,
    linksByWords(fields['issuelinks']),
  );
  return {
    id: found.id,
    key: found.key,
    projectKey: fields.project.key,
    createdAt: fields.created,
    updatedAt: fields.updated,
    fields: replicaOf(fields, site, names),
    changedAt,
    ...told,
    isSubtask: fields.issuetype?.subtask ?? false,
    ...(mark.success ? { marker: mark.data } : {}),
  };
}

/**
 * A field that the app may not see is not in the answer, and so not in the replica: it is unknown, not empty. Only a parent is left
 * out by Jira when there is none.
 */
function replicaOf(fields: Readonly<Record<string, unknown>>, site: SiteFields, names: readonly FieldName[]): Replica {
  const replica: Record<string, FieldValue> = {};
  for (const name of names) {
    const id = site.idOf(name);
    const raw =
      id === undefined ? undefined : (fields[id] ?? (name === 'parent' || fields[id] === null ? null : undefined));
    if (id !== undefined && raw !== undefined) replica[name] = readValue(name, id, raw);
  }
  return replica;
}

const comment = z.object({
  id: idSchema(commentId),
  // An account of an unusual form must not hide the comments of an issue.
  author: person.extend({ accountType: z.string().optional() }).optional().catch(undefined),
  updateAuthor: person.optional().catch(undefined),
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

const along = z.object({
  fields: z.object({
    comment: commentPage.optional(),
    worklog: z.object({ total: z.number().int() }).optional(),
  }),
});

/**
 * Reads which lists came along with an issue in full. Comments are given when the answer holds all of them, oldest first; a list that
 * is not in the answer, or not all of it, is for its own operation. @throws Fault `jira-answer-odd`
 */
export function parseAlong(body: unknown): {
  readonly comments?: readonly JiraComment[];
  /** How many comments the issue has, when the answer does not hold them all. */
  readonly commentCount?: number;
  readonly hasNoWorklogs: boolean;
} {
  const { comment: page, worklog } = read('issue with its lists', along, body).fields;
  const hasNoWorklogs = worklog?.total === 0;
  if (page === undefined) return { hasNoWorklogs };
  if (page.comments.length < page.total) return { commentCount: page.total, hasNoWorklogs };
  const comments = page.comments.map(commentOf).sort((one, other) => one.createdAt - other.createdAt);
  return { comments, hasNoWorklogs };
}

const fetched = z.object({
  issues: z.array(z.unknown()),
  issueErrors: z.array(z.object({ id: z.string() })).nullish(),
});
const fetchedIssue = z.object({
  id: z.string(),
  changelog: z.object({ histories: z.array(z.unknown()), total: z.number().int().optional() }),
});
/** Histories that come along with an issue of a bulk answer at most. Its `total` may count those alone. @see POST issue/bulkfetch, `changelog` */
const FETCHED_HISTORIES = 40;

/** Reads the issues of a bulk answer that came without an error and with all of their changelog, each as it came. @throws Fault `jira-answer-odd` */
export function parseFetched(body: unknown): readonly unknown[] {
  const { issues, issueErrors } = read('issues', fetched, body);
  const failed = new Set((issueErrors ?? []).map(({ id }) => id));
  return issues.filter((one) => {
    const parsed = fetchedIssue.safeParse(one);
    if (!parsed.success || failed.has(parsed.data.id)) return false;
    const { histories, total = 0 } = parsed.data.changelog;
    return histories.length < FETCHED_HISTORIES && total <= histories.length;
  });
}

/** The types of accounts that people have; apps have one of their own, and of some accounts the type is not known. */
const PEOPLE: ReadonlySet<string> = new Set(['atlassian', 'customer']);

function commentOf(found: z.infer<typeof comment>): JiraComment {
  return {
    id: found.id,
    author: found.author?.accountId ?? null,
    ...(PEOPLE.has(found.author?.accountType ?? '') ? { isByPerson: true } : {}),
    createdAt: found.created,
    updatedAt: found.updated,
    ...(found.updateAuthor === undefined ? {} : { editor: found.updateAuthor.accountId }),
    body: found.body ?? null,
    ...readersOf(found.visibility, found.jsdPublic === false),
  };
}

const restriction = z.object({ type: z.enum(['role', 'group']), value: z.string().min(1) });

/** Who may read a note. A restriction of a kind that we do not know, or of two kinds at once, is told without its name. */
export function readersOf(visibility: unknown, isInternal: boolean): Pick<JiraComment, 'isRestricted' | 'visibility'> {
  const isNamed = (visibility ?? null) !== null;
  if (!isNamed)
    return isInternal ? { isRestricted: true, visibility: { type: 'internal', name: '' } } : { isRestricted: false };
  const known = restriction.safeParse(visibility);
  if (!known.success || isInternal) return { isRestricted: true };
  return { isRestricted: true, visibility: { type: known.data.type, name: known.data.value } };
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

const keyPage = z.object({ issues: z.array(z.object({ id: idSchema(issueId), key: idSchema(issueKey) })) });

/** Reads the keys of found issues. @throws Fault `jira-answer-odd` */
export function parseKeys(body: unknown): readonly (readonly [IssueId, IssueKey])[] {
  return read('keys', keyPage, body).issues.map(({ id, key }) => [id, key] as const);
}

/** Reads one page of a search. @throws Fault `jira-answer-odd` */
export function parseFound(body: unknown): { readonly items: readonly IssueId[]; readonly next?: string } {
  const page = read('search', foundPage, body);
  const items = page.issues.map(({ id }) => id);
  const next = page.isLast === true ? undefined : page.nextPageToken;
  return next === undefined || next === null ? { items } : { items, next };
}

const changedPage = z.object({
  issues: z.array(z.object({ id: idSchema(issueId), fields: z.object({ updated: stamp }) })),
  isLast: z.boolean().optional(),
  nextPageToken: z.string().nullish(),
});

/** Reads one page of a search that asked for the last change of each issue. @throws Fault `jira-answer-odd` */
export function parseChanged(body: unknown): {
  readonly items: readonly { readonly issue: IssueId; readonly updatedAt: number }[];
  readonly next?: string;
} {
  const page = read('search', changedPage, body);
  const items = page.issues.map(({ id, fields }) => ({ issue: id, updatedAt: fields.updated }));
  const next = page.isLast === true ? undefined : page.nextPageToken;
  return next === undefined || next === null ? { items } : { items, next };
}

const choice = z.object({
  id: z.string(),
  name: z.string().optional(),
  value: z.string().optional(),
  children: z.array(z.unknown()).optional(),
});

/** One value of a list; of a cascading field with the values beneath it. */
export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly children: ReadonlyMap<string, Choice>;
}

/** What a screen says of one of its fields. */
export interface ScreenField {
  /** Under which Jira takes it. */
  readonly id: string;
  readonly isRequired: boolean;
  /** Of a field with a list of values: by name. */
  readonly choices?: ReadonlyMap<string, Choice>;
}

/** A screen: the fields on it that can be synced. */
export type Screen = ReadonlyMap<FieldName, ScreenField>;

const fieldMeta = z.object({ required: z.boolean().optional(), allowedValues: z.array(z.unknown()).optional() });
type FieldMeta = z.infer<typeof fieldMeta>;

/** Reads the edit screen of an issue. @throws Fault `jira-answer-odd` */
export function parseEditMeta(body: unknown, site: SiteFields): Screen {
  const { fields } = read('editmeta', z.object({ fields: z.record(z.string(), fieldMeta) }), body);
  return screenOf(Object.entries(fields), site);
}

const createFields = z.object({ fields: z.array(fieldMeta.extend({ fieldId: z.string() })) });

/** Reads the create screen of one issue type. @throws Fault `jira-answer-odd` */
export function parseCreateMeta(body: unknown, site: SiteFields): Screen {
  return screenOf(
    read('createmeta', createFields, body).fields.map((field) => [field.fieldId, field]),
    site,
  );
}

function screenOf(fields: readonly (readonly [id: string, meta: FieldMeta])[], site: SiteFields): Screen {
  const screen = new Map<FieldName, ScreenField>();
  for (const [id, { required = false, allowedValues }] of fields) {
    const names: readonly (FieldName | undefined)[] =
      id === TIME_TRACKING ? ['originalEstimate', 'remainingEstimate'] : [site.nameOf(id)];
    const known = choicesOf(allowedValues ?? []);
    const choices = allowedValues === undefined ? {} : { choices: new Map(known.map((one) => [one.name, one])) };
    for (const name of names) if (name !== undefined) screen.set(name, { id, isRequired: required, ...choices });
  }
  return screen;
}

/** Jira's own lists have names, those of custom fields values. */
function choicesOf(values: readonly unknown[]): readonly Choice[] {
  return values.flatMap((value): Choice[] => {
    const parsed = choice.safeParse(value);
    if (!parsed.success) return [];
    const { id, name, value: shown, children = [] } = parsed.data;
    return [{ id, name: name ?? shown ?? '', children: new Map(choicesOf(children).map((one) => [one.name, one])) }];
  });
}

const issueType = named.extend({ subtask: z.boolean() });

/** Reads the issue types that a project's create screens know. @throws Fault `jira-answer-odd` */
export function parseIssueTypes(body: unknown) {
  const { issueTypes } = read('issue types', z.object({ issueTypes: z.array(issueType) }), body);
  return issueTypes.map(({ id, name, subtask }) => ({ id, name, isSubtask: subtask }));
}

const transitions = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      to: z.object({ name: z.string() }),
      isAvailable: z.boolean().optional(),
      fields: z.record(z.string(), fieldMeta).optional(),
    }),
  ),
});

/** A transition with what its screen says of its fields. */
export interface OfferedWay extends Way {
  readonly screen: Screen;
}

/** Reads the transitions that can be made now. @throws Fault `jira-answer-odd` */
export function parseTransitions(body: unknown, site: SiteFields): readonly OfferedWay[] {
  const offered = read('transitions', transitions, body).transitions.filter((way) => way.isAvailable !== false);
  return offered.map(({ id, to, fields }) => {
    const screen = screenOf(Object.entries(fields ?? {}), site);
    const names = [...screen.keys()];
    const required = names.filter((name) => screen.get(name)?.isRequired === true);
    const parts = names.length === 0 ? {} : { fields: names, ...(required.length === 0 ? {} : { required }) };
    return { id, to: to.name, screen, ...parts };
  });
}

const boards = z.object({ values: z.array(z.object({ id: z.number().int(), type: z.string() })) });
const sprintPage = z.object({ values: z.array(z.object({ id: z.number().int(), name: z.string() })) });

/** Reads the ids of those boards of a page that have sprints. @throws Fault `jira-answer-odd` */
export function parseScrumBoards(body: unknown): readonly number[] {
  return read('boards', boards, body)
    .values.filter(({ type }) => type === 'scrum')
    .map(({ id }) => id);
}

/** Reads the sprints of a page: name → id. @throws Fault `jira-answer-odd` */
export function parseSprints(body: unknown): ReadonlyMap<string, number> {
  return new Map(read('sprints', sprintPage, body).values.map(({ id, name }) => [name, id]));
}

/** Reads the names of a site's types of links. @throws Fault `jira-answer-odd` */
export function parseLinkTypes(body: unknown): readonly string[] {
  return read(
    'link types',
    z.object({ issueLinkTypes: z.array(z.object({ name: z.string() })) }),
    body,
  ).issueLinkTypes.map(({ name }) => name);
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

const visibleUser = z.object({ emailAddress: z.string().optional() });

/** The mail address in an answer about a person, where there is one that can be written to. @throws Fault `jira-answer-odd` */
export function parseMail(body: unknown): MailAddress | undefined {
  const parsed = visibleUser.safeParse(body);
  if (!parsed.success) throw new Fault('jira-answer-odd', { path: 'user' });
  const { emailAddress } = parsed.data;
  try {
    return emailAddress === undefined || emailAddress === '' ? undefined : mailAddress(emailAddress);
  } catch {
    return undefined;
  }
}

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

/**
 * True when a refusal says that a text shows a file which the site does not have. The word is a constant of Jira's media service and
 * the same in every language.
 */
export function isFileUnknown(body: unknown): boolean {
  const parsed = z.looseObject({ errorMessages: z.array(z.string()).exactOptional() }).safeParse(body);
  return (
    parsed.success && (parsed.data.errorMessages ?? []).some((said) => said.includes('ATTACHMENT_VALIDATION_ERROR'))
  );
}

/** An error names the path, never the value. */
export function read<T>(what: string, schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Fault('jira-answer-odd', { what, path: placeIn(parsed.error, schema) });
}
