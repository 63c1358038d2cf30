/** Schemas of worklogs and attachments as Jira answers them, and the readers that turn them into the model's words. */
import { z } from 'zod';
import { accountId, attachmentId, worklogId } from '../model/ids.ts';
import type { AccountId, AttachmentId, WorklogId } from '../model/ids.ts';
import type { Abilities } from '../model/plan.ts';
import type { Audience, JiraAttachment, JiraWorklog, Marker } from '../model/replica.ts';
import { adfDoc } from './adf.ts';
import { MARKER_KEY, marker, person, read, readersOf } from './jira.ts';
import { stamp } from './jiraFields.ts';
import { idSchema } from './message.ts';

/** Jira's own names are shorter. */
const MAX_PERSON_NAME = 1_000;

const worklog = z.object({
  id: idSchema(worklogId),
  // Only told, never acted on: an account of an unusual form must not hide the worklogs of an issue.
  author: person.optional().catch(undefined),
  updateAuthor: person.optional().catch(undefined),
  created: stamp,
  updated: stamp,
  started: stamp,
  timeSpentSeconds: z.number().int().nonnegative(),
  comment: adfDoc.nullish(),
  visibility: z.unknown().optional(),
  properties: z.array(z.object({ key: z.string(), value: z.unknown() })).optional(),
});
const worklogPage = z.object({ worklogs: z.array(worklog), total: z.number().int() });

/** One page of an issue's worklogs with our markers on them. */
export interface WorklogPage {
  readonly worklogs: readonly JiraWorklog[];
  readonly markers: readonly (readonly [WorklogId, Marker])[];
  readonly total: number;
}

/** Reads one page of an issue's worklogs with their properties. @throws Fault `jira-answer-odd` */
export function parseWorklogs(body: unknown): WorklogPage {
  const page = read('worklogs', worklogPage, body);
  const markers = page.worklogs.flatMap(({ id, properties }) => {
    const mark = marker.safeParse(properties?.find(({ key }) => key === MARKER_KEY)?.value);
    return mark.success ? [[id, mark.data] as const] : [];
  });
  return { worklogs: page.worklogs.map(worklogOf), markers, total: page.total };
}

function worklogOf(found: z.infer<typeof worklog>): JiraWorklog {
  return {
    id: found.id,
    author: found.author?.accountId ?? null,
    createdAt: found.created,
    updatedAt: found.updated,
    ...(found.updateAuthor === undefined ? {} : { editor: found.updateAuthor.accountId }),
    startedAt: found.started,
    spentSeconds: found.timeSpentSeconds,
    body: found.comment ?? null,
    ...readersOf(found.visibility, false),
  };
}

/** Reads the id of a created worklog. @throws Fault `jira-answer-odd` */
export function parseCreatedWorklog(body: unknown): WorklogId {
  return read('created worklog', z.object({ id: idSchema(worklogId) }), body).id;
}

const numericId = z.number().int().nonnegative().transform(String).pipe(idSchema(worklogId));
const changes = z.object({
  until: z.number().int().nonnegative(),
  lastPage: z.boolean(),
  values: z.array(z.object({ worklogId: numericId })),
});

/** Reads one page of changed or deleted worklogs. @throws Fault `jira-answer-odd` */
export function parseWorklogChanges(body: unknown): {
  readonly ids: readonly WorklogId[];
  readonly until: number;
  readonly isLast: boolean;
} {
  const { until, lastPage, values } = read('worklog changes', changes, body);
  return { ids: values.map((one) => one.worklogId), until, isLast: lastPage };
}

const issueOfWorklog = z.array(z.object({ id: idSchema(worklogId), issueId: z.string().regex(/^\d{1,19}$/) }));

/** Reads which issue each worklog of a list belongs to. @throws Fault `jira-answer-odd` */
export function parseWorklogPlaces(body: unknown): ReadonlyMap<WorklogId, string> {
  return new Map(read('worklog list', issueOfWorklog, body).map(({ id, issueId }) => [id, issueId]));
}

const attachment = z.object({
  id: idSchema(attachmentId),
  author: person.optional().catch(undefined),
  created: stamp,
  filename: z.string().min(1),
  size: z.number().int().nonnegative(),
  mimeType: z.string().catch('application/octet-stream'),
});
const withAttachments = z.object({ fields: z.object({ attachment: z.array(attachment).optional() }) });

/**
 * Reads the files of an issue, oldest first; `undefined` when the site hides them, which is not the same as having none.
 * @throws Fault `jira-answer-odd`
 */
export function parseAttachments(body: unknown): readonly JiraAttachment[] | undefined {
  return read('attachments', withAttachments, body).fields.attachment?.map(attachmentOf);
}

function attachmentOf({ id, author, created, filename, size, mimeType }: z.infer<typeof attachment>): JiraAttachment {
  return {
    ...{ id, author: author?.accountId ?? null, createdAt: created },
    ...{ name: filename, type: mimeType, bytes: size, isRestricted: false },
  };
}

/** Reads what became of an uploaded file: its id, and how many bytes the site has of it. @throws Fault `jira-answer-odd` */
export function parseUploaded(body: unknown): { readonly id: AttachmentId; readonly bytes: number } {
  const [made] = read('uploaded file', z.array(attachment.pick({ id: true, size: true })).length(1), body);
  return { id: made?.id ?? attachmentId(''), bytes: made?.size ?? 0 };
}

const uploadMeta = z.object({ enabled: z.boolean(), uploadLimit: z.number().int().nonnegative() });

/** Reads whether a site takes files, and how large ones. @throws Fault `jira-answer-odd` */
export function parseUploadMeta(body: unknown): NonNullable<Abilities['upload']> {
  const { enabled, uploadLimit } = read('attachment settings', uploadMeta, body);
  return { isEnabled: enabled, maxBytes: uploadLimit };
}

/** Reads the account of whoever asks. @throws Fault `jira-answer-odd` */
export function parseSelf(body: unknown): NonNullable<Abilities['self']> {
  return read('account', z.object({ accountId: idSchema(accountId) }), body).accountId;
}

/** Whether a project is one of a service desk, whose comments may be internal. @throws Fault `jira-answer-odd` */
export function parseHasInternal(body: unknown): boolean {
  return read('project', z.object({ projectTypeKey: z.string().optional() }), body).projectTypeKey === 'service_desk';
}

const audience = z.object({
  fields: z.object({
    watches: z.object({ watchCount: z.number().int().nonnegative() }).nullable().default(null),
    votes: z.object({ votes: z.number().int().nonnegative() }).nullable().default(null),
  }),
});

/** How many people watch an issue and voted for it. Sites may have both switched off. @throws Fault `jira-answer-odd` */
export function parseAudience(body: unknown): Audience {
  const { watches, votes } = read('audience', audience, body).fields;
  return {
    ...(watches === null ? {} : { watchers: watches.watchCount }),
    ...(votes === null ? {} : { votes: votes.votes }),
  };
}

/** Whether a project is archived. @throws Fault `jira-answer-odd` */
export function parseIsArchived(body: unknown): boolean {
  return read('project', z.object({ archived: z.boolean().optional() }), body).archived === true;
}

/** The media id in the signed address that a file's content is redirected to; `undefined` when it is built otherwise. */
export function mediaIdIn(location: string | undefined): string | undefined {
  return /\/file\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\//i.exec(location ?? '')?.[1];
}

const shownPerson = z.object({
  accountId: idSchema(accountId),
  displayName: z.string().trim().min(1).max(MAX_PERSON_NAME),
});

/** People with the names that the site shows. */
export function parseNames(body: unknown): ReadonlyMap<AccountId, string> {
  const { values } = read('people', z.object({ values: z.array(shownPerson) }), body);
  return new Map(values.map((one) => [one.accountId, one.displayName]));
}
