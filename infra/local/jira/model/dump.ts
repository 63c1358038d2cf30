import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AdfDoc } from './adfNodes.ts';
import { wikiToAdf } from './wiki.ts';

/** Somebody a dump mentions, under an account id that follows from the user key alone. */
export interface DumpPerson {
  readonly accountId: string;
  readonly key: string;
  readonly displayName: string;
  readonly active: boolean;
}

/** A comment of a dump. Instants are epoch ms. */
export interface DumpComment {
  readonly id: string;
  /** Null where the dump names nobody: the account is gone. */
  readonly author: DumpPerson | null;
  /** Null where the dump has the comment without its text. */
  readonly body: AdfDoc | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Who may read it; null is everybody. */
  readonly visibility: { readonly type: 'group' | 'role'; readonly value: string } | null;
}

/** A file of a dump: its description, for dumps have no bytes. */
export interface DumpAttachment {
  readonly filename: string;
  readonly author: DumpPerson | null;
  readonly createdAt: number;
  readonly sizeBytes: number;
  readonly mimeType: string;
}

/** A link of a dump as one of its issues shows it; the same link shows on the other issue under the same id. */
export interface DumpLink {
  readonly id: string;
  readonly type: { readonly name: string; readonly inward: string; readonly outward: string };
  /** Whether the issue that shows it is the one that "blocks", or the one that "is blocked by". */
  readonly direction: 'inward' | 'outward';
  readonly otherKey: string;
}

/** Work that a dump has logged. Instants are epoch ms. */
export interface DumpWorklog {
  readonly author: DumpPerson | null;
  readonly comment: AdfDoc | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number;
  readonly spentSeconds: number;
}

/** A version of a dump. */
export interface DumpVersion {
  readonly name: string;
  readonly released: boolean;
  readonly archived: boolean;
  /** `2026-11-23`, or null. */
  readonly releaseDate: string | null;
}

/** An issue of a dump, its markup already read. Instants are epoch ms; comments keep the dump's order. */
export interface DumpIssue {
  readonly id: string;
  readonly key: string;
  readonly projectKey: string;
  /** The key where the dump has none: Jira has no issue without a summary. */
  readonly summary: string;
  readonly description: AdfDoc | null;
  readonly environment: AdfDoc | null;
  readonly issueType: {
    readonly id: string;
    readonly name: string;
    readonly subtask: boolean;
    /** Null where the dump is older than levels. */
    readonly level: number | null;
  };
  /** Names, not ids: ids mean nothing on another site. */
  readonly priority: string | null;
  readonly status: { readonly name: string; readonly category: 'new' | 'indeterminate' | 'done' };
  readonly labels: readonly string[];
  readonly assignee: DumpPerson | null;
  readonly reporter: DumpPerson | null;
  readonly creator: DumpPerson | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly resolvedAt: number | null;
  /** A name; null is unresolved. */
  readonly resolution: string | null;
  /** `2026-11-23`, or null. */
  readonly dueDate: string | null;
  readonly components: readonly string[];
  readonly versions: readonly DumpVersion[];
  readonly fixVersions: readonly DumpVersion[];
  readonly originalEstimateSeconds: number | null;
  readonly remainingEstimateSeconds: number | null;
  readonly spentSeconds: number | null;
  /** The issue a sub-task belongs to, or the epic. */
  readonly parentKey: string | null;
  readonly comments: readonly DumpComment[];
  readonly attachments: readonly DumpAttachment[];
  readonly links: readonly DumpLink[];
  readonly worklogs: readonly DumpWorklog[];
}

/** A line that is no issue. The message has the line's number and paths, never content. */
export class BadDumpLine extends Error {
  readonly line: number;

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.name = 'BadDumpLine';
    this.line = line;
  }
}

const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:?\d{2})$/)
  .transform((text) => Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')));

const person = z
  .object({ displayName: z.string(), active: z.boolean() })
  // Server names people by a key, Cloud by an account that is the same everywhere.
  .and(z.union([z.object({ accountId: z.string() }), z.object({ key: z.string() })]))
  .transform((one): DumpPerson => {
    const { displayName, active } = one;
    if ('accountId' in one) return { accountId: one.accountId, key: one.accountId, displayName, active };
    return { accountId: accountIdOf(one.key), key: one.key, displayName, active };
  })
  .nullish()
  .transform((value) => value ?? null);

const markup = z
  .string()
  .nullish()
  .transform((text) => (text === undefined || text === null || text === '' ? null : wikiToAdf(text)));

const comment = z
  .object({
    id: z.string(),
    author: person,
    body: markup,
    created: instant,
    updated: instant,
    visibility: z.object({ type: z.enum(['group', 'role']), value: z.string() }).nullish(),
  })
  .transform(({ id, author, body, created, updated, visibility }): DumpComment => {
    return { id, author, body, createdAt: created, updatedAt: updated, visibility: visibility ?? null };
  });

const attachment = z
  .object({ filename: z.string().min(1), author: person, created: instant, size: z.int().min(0), mimeType: z.string() })
  .transform(({ filename, author, created, size, mimeType }): DumpAttachment => {
    return { filename, author, createdAt: created, sizeBytes: size, mimeType };
  });

const linkedIssue = z.object({ key: z.string() });
const link = z
  .object({
    id: z.string(),
    type: z.object({ name: z.string(), inward: z.string(), outward: z.string() }),
    inwardIssue: linkedIssue.optional(),
    outwardIssue: linkedIssue.optional(),
  })
  .transform(({ id, type, inwardIssue, outwardIssue }): DumpLink => {
    const direction = outwardIssue === undefined ? 'inward' : 'outward';
    return { id, type, direction, otherKey: (outwardIssue ?? inwardIssue)?.key ?? '' };
  });

const worklog = z
  .object({
    author: person,
    comment: markup,
    created: instant,
    updated: instant,
    started: instant,
    timeSpentSeconds: z.int().min(0),
  })
  .transform(({ author, comment: said, created, updated, started, timeSpentSeconds }): DumpWorklog => {
    const instants = { createdAt: created, updatedAt: updated, startedAt: started };
    return { author, comment: said, ...instants, spentSeconds: timeSpentSeconds };
  });

const status = z
  .object({ name: z.string(), statusCategory: z.object({ key: z.string() }).optional() })
  .transform(({ name, statusCategory }) => ({ name, category: categoryOf(statusCategory?.key) }));

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .nullish()
  .transform((value) => value ?? null);

const seconds = z
  .int()
  .min(0)
  .nullish()
  .transform((value) => value ?? null);

const version = z.object({
  name: z.string(),
  released: z.boolean().default(false),
  archived: z.boolean().default(false),
  releaseDate: day,
});

const issueType = z
  .object({ id: z.string(), name: z.string(), subtask: z.boolean(), hierarchyLevel: z.int().nullish() })
  .transform(({ hierarchyLevel, ...type }) => ({ ...type, level: hierarchyLevel ?? null }));

const line = z
  .object({
    id: z.string(),
    key: z.string().regex(/^[A-Z][A-Z0-9_]+-\d+$/),
    fields: z.object({
      summary: z.string().nullish(),
      description: markup,
      environment: markup,
      issuetype: issueType,
      priority: z.object({ name: z.string() }).nullish(),
      status,
      labels: z.array(z.string()).default([]),
      assignee: person,
      reporter: person,
      creator: person,
      created: instant,
      updated: instant,
      resolutiondate: instant.nullish(),
      resolution: z.object({ name: z.string() }).nullish(),
      duedate: day,
      components: z.array(z.object({ name: z.string() })).default([]),
      versions: z.array(version).default([]),
      fixVersions: z.array(version).default([]),
      timeoriginalestimate: seconds,
      timeestimate: seconds,
      timespent: seconds,
      parent: z.object({ key: z.string() }).nullish(),
      epic: z.object({ key: z.string() }).nullish(),
      comment: z.object({ comments: z.array(comment) }).default({ comments: [] }),
      attachment: z.array(attachment).default([]),
      issuelinks: z.array(link).default([]),
      worklog: z.object({ worklogs: z.array(worklog) }).default({ worklogs: [] }),
    }),
  })
  .transform(({ id, key, fields }): DumpIssue => {
    return {
      id,
      key,
      projectKey: key.slice(0, key.lastIndexOf('-')),
      summary: fields.summary ?? key,
      description: fields.description,
      environment: fields.environment,
      issueType: fields.issuetype,
      priority: fields.priority?.name ?? null,
      status: fields.status,
      labels: fields.labels,
      assignee: fields.assignee,
      reporter: fields.reporter,
      creator: fields.creator,
      createdAt: fields.created,
      updatedAt: fields.updated,
      resolvedAt: fields.resolutiondate ?? null,
      resolution: fields.resolution?.name ?? null,
      dueDate: fields.duedate,
      components: fields.components.map(({ name }) => name),
      versions: fields.versions,
      fixVersions: fields.fixVersions,
      originalEstimateSeconds: fields.timeoriginalestimate,
      remainingEstimateSeconds: fields.timeestimate,
      spentSeconds: fields.timespent,
      parentKey: fields.parent?.key ?? fields.epic?.key ?? null,
      comments: fields.comment.comments,
      attachments: fields.attachment,
      links: fields.issuelinks,
      worklogs: fields.worklog.worklogs,
    };
  });

/**
 * Reads one line of a dump: an issue as REST v2 of Server or Cloud gives it, with wiki markup.
 * @throws BadDumpLine with the number and the path of what is wrong
 */
export function parseDumpLine(text: string, number: number): DumpIssue {
  const parsed = line.safeParse(jsonOf(text, number));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BadDumpLine(number, `${issue?.path.join('.') ?? ''}: ${issue?.code ?? 'is no issue'}`);
}

function jsonOf(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new BadDumpLine(number, 'is no JSON');
  }
}

/**
 * Reads one worklog as Cloud's REST v2 gives it on its own, apart from its issue.
 * @throws BadDumpLine with the number and the path of what is wrong
 */
export function parseDumpWorklog(text: string, number: number): DumpWorklog {
  const parsed = worklog.safeParse(jsonOf(text, number));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BadDumpLine(number, `${issue?.path.join('.') ?? ''}: ${issue?.code ?? 'is no worklog'}`);
}

/** An account id that looks like one of Atlassian's and follows from the key alone, so that two dumps agree on a person. */
export function accountIdOf(userKey: string): string {
  const hash = createHash('sha256').update(userKey).digest('hex');
  const parts = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)];
  return `712020:${parts.join('-')}`;
}

function categoryOf(key: string | undefined): 'new' | 'indeterminate' | 'done' {
  return key === 'done' || key === 'new' ? key : 'indeterminate';
}
