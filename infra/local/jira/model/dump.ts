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
  readonly issueType: { readonly id: string; readonly name: string; readonly subtask: boolean };
  /** Names, not ids: ids mean nothing on another site. */
  readonly priority: string | null;
  readonly status: { readonly name: string; readonly category: 'new' | 'indeterminate' | 'done' };
  readonly labels: readonly string[];
  readonly assignee: DumpPerson | null;
  readonly reporter: DumpPerson | null;
  readonly creator: DumpPerson | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly parentKey: string | null;
  readonly comments: readonly DumpComment[];
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
  .object({ name: z.string().optional(), key: z.string(), displayName: z.string(), active: z.boolean() })
  .transform(({ key, displayName, active }): DumpPerson => ({ accountId: accountIdOf(key), key, displayName, active }))
  .nullish()
  .transform((value) => value ?? null);

const markup = z
  .string()
  .nullish()
  .transform((text) => (text === undefined || text === null || text === '' ? null : wikiToAdf(text)));

const comment = z
  .object({ id: z.string(), author: person, body: markup, created: instant, updated: instant })
  .transform(({ id, author, body, created, updated }): DumpComment => {
    return { id, author, body, createdAt: created, updatedAt: updated };
  });

const status = z
  .object({ name: z.string(), statusCategory: z.object({ key: z.string() }).optional() })
  .transform(({ name, statusCategory }) => ({ name, category: categoryOf(statusCategory?.key) }));

const line = z
  .object({
    id: z.string(),
    key: z.string().regex(/^[A-Z][A-Z0-9_]+-\d+$/),
    fields: z.object({
      summary: z.string().nullish(),
      description: markup,
      environment: markup,
      issuetype: z.object({ id: z.string(), name: z.string(), subtask: z.boolean() }),
      priority: z.object({ name: z.string() }).nullish(),
      status,
      labels: z.array(z.string()).default([]),
      assignee: person,
      reporter: person,
      creator: person,
      created: instant,
      updated: instant,
      parent: z.object({ key: z.string() }).nullish(),
      comment: z.object({ comments: z.array(comment) }).default({ comments: [] }),
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
      parentKey: fields.parent?.key ?? null,
      comments: fields.comment.comments,
    };
  });

/**
 * Reads one line of a dump: an issue as Jira Server's REST v2 gives it, with wiki markup.
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

/** An account id that looks like one of Atlassian's and follows from the key alone, so that two dumps agree on a person. */
export function accountIdOf(userKey: string): string {
  const hash = createHash('sha256').update(userKey).digest('hex');
  const parts = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)];
  return `712020:${parts.join('-')}`;
}

function categoryOf(key: string | undefined): 'new' | 'indeterminate' | 'done' {
  return key === 'done' || key === 'new' ? key : 'indeterminate';
}
