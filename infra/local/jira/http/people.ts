import { attach, deleteAttachment, demandAttaching } from '../model/attachments.ts';
import { addVote, addWatcher, removeVote, removeWatcher } from '../model/audience.ts';
import { addComment, deleteComment, updateComment } from '../model/comments.ts';
import { fieldNamed } from '../model/customFields.ts';
import type { IssueInput } from '../model/issueInput.ts';
import { createIssue, deleteIssue, editIssue, transitionIssue, transitionsOf } from '../model/issues.ts';
import { deleteLink, linkIssues, linksOf } from '../model/links.ts';
import { deleteProject, moveIssue, setArchived, setIssueArchived, setPermission } from '../model/move.ts';
import { refuse } from '../model/problem.ts';
import { findIssue } from '../model/records.ts';
import { deleteRemoteLink, putRemoteLink, remoteLinkById } from '../model/remoteLinks.ts';
import type { Act, Adf, Field, Permission } from '../model/types.ts';
import { textToAdf } from '../model/wiki.ts';
import { type Adjustment, type WorklogInput, addWorklog, deleteWorklog, updateWorklog } from '../model/worklogs.ts';
import type { Files } from './files.ts';
import { stamp } from './show.ts';

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
  /** `internal` is what Jira Service Management calls a comment that only agents see. */
  comment(idOrKey: string, text: Text, more?: CommentMore & { readonly internal?: boolean }): { readonly id: string };
  editComment(idOrKey: string, commentId: string, text: Text, more?: CommentMore): void;
  deleteComment(idOrKey: string, commentId: string): void;
  deleteIssue(idOrKey: string, withSubtasks?: boolean): void;
  /** Moves an issue, with its sub-tasks, to another project, where it gets the key that is answered. */
  moveIssue(idOrKey: string, projectKey: string): { readonly id: string; readonly key: string };

  /** Logs work; `timeSpent` as Jira writes it, `3h 20m`. */
  logWork(idOrKey: string, work: PersonWork & { readonly timeSpent: string }): { readonly id: string };
  editWork(idOrKey: string, worklogId: string, work: PersonWork): void;
  deleteWork(idOrKey: string, worklogId: string, adjust?: Adjustment): void;

  /** Attaches a file; `mediaId` is what media nodes of documents call it. */
  attach(idOrKey: string, file: PersonFile): { readonly id: string; readonly mediaId: string };
  deleteAttachment(attachmentId: string): void;

  /** Says "source {type's outward words} destination"; the type by its name. */
  link(source: string, typeName: string, destination: string): void;
  unlink(linkId: string): void;
  /** The links of an issue as it reads them. */
  links(idOrKey: string): readonly PersonLink[];
  remoteLink(idOrKey: string, link: PersonRemoteLink): { readonly id: string };
  deleteRemoteLink(idOrKey: string, remoteLinkId: string): void;

  /** Watches, or makes somebody else watch. */
  watch(idOrKey: string, accountId?: string): void;
  unwatch(idOrKey: string, accountId?: string): void;
  vote(idOrKey: string): void;
  unvote(idOrKey: string): void;

  /** What administrators do to whole projects. No webhook tells of a single issue. */
  archiveProject(projectKey: string): void;
  restoreProject(projectKey: string): void;
  deleteProject(projectKey: string): void;
  /** An issue with its sub-tasks. */
  archiveIssue(idOrKey: string): void;
  restoreIssue(idOrKey: string): void;
  /** Gives a permission to these roles and to no other. */
  setPermission(projectKey: string, permission: Permission, roles: readonly string[]): void;
}

/** What a comment may have besides its text. */
export interface CommentMore {
  /** `{ type: 'role' | 'group', value }`. */
  readonly visibility?: unknown;
}

/** Work that a person logs or changes. */
export interface PersonWork {
  readonly timeSpent?: string;
  readonly comment?: Text;
  /** Epoch ms. */
  readonly startedAt?: number;
  readonly visibility?: unknown;
  readonly adjust?: Adjustment;
}

/** A file that a person attaches. */
export interface PersonFile {
  readonly filename: string;
  readonly bytes: Uint8Array | string;
  /** `application/octet-stream` when absent. */
  readonly mimeType?: string;
}

/** A link as one of its issues reads it: "this issue {words} {other}". */
export interface PersonLink {
  readonly id: string;
  readonly type: string;
  readonly words: string;
  readonly other: string;
}

/** A link to a page outside. */
export interface PersonRemoteLink {
  readonly url: string;
  readonly title: string;
  readonly globalId?: string;
  readonly relationship?: string;
  readonly summary?: string;
}

/** Makes a person's hands. `begin` gives a fresh act for each deed, `end` sends out what it made happen. */
export function personActing(begin: () => Act, end: () => void, files: Files): People {
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
      does((act) => ({
        id: addComment(act, idOrKey, {
          body: toAdf(text),
          visibility: more.visibility,
          properties: more.internal === true ? [{ key: 'sd.public.comment', value: { internal: true } }] : [],
        }).id,
      })),
    editComment: (idOrKey, commentId, text, more = {}) =>
      does((act) => void updateComment(act, idOrKey, commentId, { body: toAdf(text), visibility: more.visibility })),
    deleteComment: (idOrKey, commentId) => does((act) => deleteComment(act, idOrKey, commentId)),
    deleteIssue: (idOrKey, withSubtasks = false) => does((act) => deleteIssue(act, idOrKey, withSubtasks)),
    moveIssue: (idOrKey, projectKey) => does((act) => picked(moveIssue(act, idOrKey, projectKey))),
    ...workHands(does),
    ...fileHands(does, files),
    ...linkHands(does),
    ...audienceHands(does),
    archiveProject: (projectKey) => does((act) => void setArchived(act, projectKey, true)),
    restoreProject: (projectKey) => does((act) => void setArchived(act, projectKey, false)),
    archiveIssue: (idOrKey) => does((act) => setIssueArchived(act, idOrKey, true)),
    restoreIssue: (idOrKey) => does((act) => setIssueArchived(act, idOrKey, false)),
    deleteProject: (projectKey) => does((act) => deleteProject(act, projectKey)),
    setPermission: (projectKey, permission, roles) => does((act) => setPermission(act, projectKey, permission, roles)),
  };
}

type Does = <T>(deed: (act: Act) => T) => T;

const AUTO: Adjustment = { how: 'auto' };

function workHands(does: Does): Pick<People, 'logWork' | 'editWork' | 'deleteWork'> {
  const input = ({ timeSpent, comment, startedAt, visibility }: PersonWork): WorklogInput => ({
    timeSpent,
    comment: comment === undefined ? undefined : toAdf(comment),
    started: startedAt === undefined ? undefined : stamp(startedAt),
    visibility,
  });
  return {
    logWork: (idOrKey, work) => does((act) => ({ id: addWorklog(act, idOrKey, input(work), work.adjust ?? AUTO).id })),
    editWork: (idOrKey, id, work) =>
      does((act) => void updateWorklog(act, idOrKey, id, input(work), work.adjust ?? AUTO)),
    deleteWork: (idOrKey, id, adjust = AUTO) => does((act) => deleteWorklog(act, idOrKey, id, adjust)),
  };
}

function fileHands(does: Does, files: Files): Pick<People, 'attach' | 'deleteAttachment'> {
  return {
    attach: (idOrKey, { filename, bytes, mimeType = 'application/octet-stream' }) =>
      does((act) => {
        demandAttaching(act, idOrKey);
        const stored = files.keep(Buffer.from(bytes));
        try {
          const [attachment] = attach(act, idOrKey, [{ filename, mimeType, ...stored }]);
          return { id: attachment?.id ?? '', mediaId: attachment?.mediaId ?? '' };
        } catch (problem) {
          files.remove(stored.fileId);
          throw problem;
        }
      }),
    deleteAttachment: (id) => does((act) => deleteAttachment(act, id)),
  };
}

function linkHands(does: Does): Pick<People, 'link' | 'unlink' | 'links' | 'remoteLink' | 'deleteRemoteLink'> {
  return {
    link: (source, name, destination) => does((act) => linkIssues(act, { type: { name }, source, destination })),
    unlink: (id) => does((act) => deleteLink(act, id)),
    links: (idOrKey) =>
      does((act) =>
        linksOf(act, findIssue(act, idOrKey).record).map(({ link, type, direction, other }) => {
          return { id: link.id, type: type.name, words: type[direction], other: other.issue.key };
        }),
      ),
    remoteLink: (idOrKey, { globalId, relationship, ...object }) =>
      does((act) => ({ id: putRemoteLink(act, idOrKey, { globalId, relationship, object }).link.id })),
    deleteRemoteLink: (idOrKey, id) => does((act) => deleteRemoteLink(act, idOrKey, remoteLinkById(act, idOrKey, id))),
  };
}

function audienceHands(does: Does): Pick<People, 'watch' | 'unwatch' | 'vote' | 'unvote'> {
  return {
    watch: (idOrKey, accountId) => does((act) => addWatcher(act, idOrKey, accountId)),
    unwatch: (idOrKey, accountId) => does((act) => removeWatcher(act, idOrKey, accountId ?? act.actor.accountId)),
    vote: (idOrKey) => does((act) => addVote(act, idOrKey)),
    unvote: (idOrKey) => does((act) => removeVote(act, idOrKey)),
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
