/** What admins are shown of Jira's limits: points, bulk work and its end, and who waits. Instants are epoch milliseconds. */
import { z } from 'zod';
import { waitReasons } from '../model/budget.ts';
import { runHows } from '../model/drift.ts';
import { connectionId } from '../model/ids.ts';
import { jobKinds, jobStates } from '../model/job.ts';
import { idSchema } from './message.ts';

const side = z.enum(['a', 'b']);
const at = z.number().int().nonnegative();
const points = z.number();

/** Why something waits, and until when at least. `says`: the code in one sentence. */
const wait = z.object({ code: z.string(), says: z.string(), help: z.string(), until: at.exactOptional() });

/** The points of this hour. */
const pool = z.object({
  /** True when all sites that have the app share them. */
  isShared: z.boolean(),
  limit: points,
  remaining: points,
  /** Of the remaining, what bulk work leaves to people. */
  reserve: points,
  resetAt: at,
  /** When Jira last said what remains; absent: it has not spoken in this hour, and we have counted. */
  saidAt: at.exactOptional(),
  /** Jira has refused calls for the quota: nothing is called before. */
  pausedUntil: at.exactOptional(),
});

/** The asking site's part of them. */
const share = z.object({
  spent: points,
  bulk: points,
  /** Given to processes and not spent yet. */
  held: points,
  /** What it may spend of this hour at most, as things stand. */
  most: points,
  waitsUntil: at.exactOptional(),
  waitsFor: z.enum(waitReasons).exactOptional(),
});

/** Bulk work that is not done. */
const job = z.object({
  kind: z.enum(jobKinds),
  state: z.enum(jobStates),
  side,
  done: z.number(),
  total: z.number().exactOptional(),
  startedAt: at,
  /** When it will have ended, as the limits have it; absent while nobody can say. */
  etaAt: at.exactOptional(),
  waits: wait.exactOptional(),
});

/** A look at what was missed that is not done. */
const run = z.object({
  run: z.string(),
  how: z.enum(runHows),
  done: z.number(),
  total: z.number().exactOptional(),
  startedAt: at,
  etaAt: at.exactOptional(),
  waits: wait.exactOptional(),
});

const work = z.object({ connection: idSchema(connectionId), jobs: z.array(job), runs: z.array(run) });

/** GET /console/api/budget */
export const budgetView = z.object({
  pool,
  own: share,
  work: z.array(work),
  /** There are more connections than one answer looks at. */
  hasMore: z.boolean(),
});

/**
 * Pairs that are held back for one reason: how many, how many issues beside them that have no pair yet, for how many of both a person
 * waits, and when the first and the last go on.
 */
const held = wait
  .omit({ until: true })
  .extend({ count: z.number(), fresh: z.number(), people: z.number(), firstAt: at, lastAt: at });

/**
 * GET /console/api/connections/{connection}/budget; `counted` pairs were looked at, and `next` leads on. Issues without a pair come with
 * the first page, as many as one query of the store gives.
 */
export const heldView = budgetView.extend({
  held: z.array(held),
  counted: z.number(),
  next: z.string().exactOptional(),
});

export type BudgetView = z.infer<typeof budgetView>;
export type HeldView = z.infer<typeof heldView>;
export type HeldLine = HeldView['held'][number];
export type WorkLine = BudgetView['work'][number];
