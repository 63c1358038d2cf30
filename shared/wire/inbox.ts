/** The bodies of the console's API about what waits: conflicts, errors, and what people say of them. */
import { z } from 'zod';
import { issueId, twinId, connectionId } from '../model/ids.ts';
import { troubleParts } from '../model/trouble.ts';
import { isCode } from '../verdict.ts';
import type { Code } from '../verdict.ts';
import { idSchema } from './message.ts';
import { fieldValue } from './stored.ts';

const side = z.enum(['a', 'b']);
const at = z.number().int().nonnegative();
const next = z.string().exactOptional();
const code = z.custom<Code>((value) => typeof value === 'string' && isCode(value), 'is no code');
/** Two names of fields and the sign between them. */
const MAX_LANE = 600;
const lane = z.string().min(1).max(MAX_LANE);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What may be said of a field that waits. `edit`: a new value for the own side, which then counts. */
export const picks = ['a', 'b', 'both', 'edit', 'ignore'] as const;

// ── What the API takes ──────────────────────────────────────────────────────────────────────────────────────────────

/** POST …/conflicts/{twin}/{field}: the answer, and the hashes of the values that the person saw. */
export const resolveBody = z.object({
  pick: z.enum(picks),
  a: hash.exactOptional(),
  b: hash.exactOptional(),
  value: fieldValue.exactOptional(),
});

const cause = {
  code,
  /** The side where it cannot be carried out. */
  on: side.exactOptional(),
  field: lane.exactOptional(),
  part: z.enum(troubleParts).exactOptional(),
};
/** GET …/errors/twins?code=…&field=…&part=…&on=…: one cause, as `…/errors` tells it. */
export const causeQuery = z.object({ ...cause, after: next }).loose();
/** POST …/errors/retry: all twins with one cause, page by page. */
export const retryBody = z.object({ ...cause, after: next });

// ── What the API answers ────────────────────────────────────────────────────────────────────────────────────────────

const pair = {
  twin: idSchema(twinId),
  issue: idSchema(issueId).exactOptional(),
  otherIssue: idSchema(issueId).exactOptional(),
};

/** A conflict as the inbox lists it: no values. */
export const conflictLine = z.object({ ...pair, field: z.string(), since: at.exactOptional() });
/** A page may be empty and go on: pages are made of pairs, and most pairs are in step. */
export const conflictPage = z.object({ conflicts: z.array(conflictLine), next });

/** What a side shows; of the other side only what its rules let leave, as it would arrive. */
const shown = z.object({ hash: hash.exactOptional(), value: fieldValue.exactOptional() });
export const conflictView = z.object({
  ...pair,
  field: z.string(),
  /** The asker's side. */
  side,
  code: z.string(),
  a: shown,
  b: shown,
  /** What may be answered. */
  picks: z.array(z.enum(picks)),
});

/** 202: the answer is written down and the pair is looked at soon. */
export const resolveAnswer = z.object({ twin: idSchema(twinId), field: z.string(), pick: z.enum(picks) });

/** One cause over all pairs of a connection that were looked at. */
export const errorGroup = z.object({
  code: z.string(),
  says: z.string(),
  help: z.string(),
  on: side.exactOptional(),
  field: z.string().exactOptional(),
  part: z.enum(troubleParts).exactOptional(),
  /** Pairs, not fields. */
  count: z.number(),
  firstAt: at,
  lastAt: at,
  /** Twinline looks again without being asked. */
  heals: z.boolean(),
});
export const errorPage = z.object({ errors: z.array(errorGroup), counted: z.number(), next });

export const failingLine = z.object({ ...pair, since: at, lastAt: at, nextAt: at.exactOptional() });
export const failingPage = z.object({ twins: z.array(failingLine), next });

/** 202: so many pairs try again. */
export const retryAnswer = z.object({ connection: idSchema(connectionId), asked: z.number(), next });
/** How a pair stands after pause, resume and retry. */
export const twinActAnswer = z.object({ twin: idSchema(twinId), isPaused: z.boolean() });

export type ConflictLine = z.infer<typeof conflictLine>;
export type ConflictPage = z.infer<typeof conflictPage>;
export type ConflictView = z.infer<typeof conflictView>;
export type ResolveAnswer = z.infer<typeof resolveAnswer>;
export type ErrorGroup = z.infer<typeof errorGroup>;
export type ErrorPage = z.infer<typeof errorPage>;
export type FailingLine = z.infer<typeof failingLine>;
export type FailingPage = z.infer<typeof failingPage>;
export type RetryAnswer = z.infer<typeof retryAnswer>;
export type TwinActAnswer = z.infer<typeof twinActAnswer>;
