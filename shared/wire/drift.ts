/** What the console's API takes and answers about reconcile runs, what they found, and the lag. Instants are epoch milliseconds. */
import { z } from 'zod';
import { driftWhys, runHows } from '../model/drift.ts';
import { lagKinds } from '../model/lag.ts';
import { connectionId, issueId, twinId } from '../model/ids.ts';
import { idSchema } from './message.ts';

const side = z.enum(['a', 'b']);
const at = z.number().int().nonnegative();
const count = z.number().int().nonnegative();

/** A run as `runId` of `model/drift.ts` names it. */
export const runName = z.string().regex(/^\d{13}-[a-z]{4,8}$/);

/** POST /console/api/connections/{connection}/reconcile */
export const runBody = z.object({ how: z.enum(['light', 'full']) });
/**
 * PUT /console/api/connections/{connection}/reconcile. Looks cost Jira's points, which all tenants share: none oftener than each five
 * minutes and six hours. At least once a week everything is looked at.
 */
export const periodsBody = z.object({
  lightMinutes: z.number().int().min(5).max(1440),
  fullHours: z.number().int().min(6).max(168),
});

export const runStarted = z.object({ connection: idSchema(connectionId), how: z.enum(runHows) });
export const periodsAnswer = z.object({ connection: idSchema(connectionId), ...periodsBody.shape });

const runLine = z.object({
  run: z.string(),
  how: z.enum(runHows),
  since: at,
  startedAt: at,
  endedAt: at.exactOptional(),
  issues: count,
  twins: count,
  fresh: count,
  /** What it cost of each site's points. */
  points: z.object({ a: count, b: count }),
  /** Pairs that had drifted, and those of them that are in step again. `hasMore`: only so many were counted. */
  drifted: count,
  repaired: count,
  hasMore: z.boolean(),
  code: z.string().exactOptional(),
  /** Pairs to look at, of a run that has counted them, and when that will be done. */
  total: count.exactOptional(),
  etaAt: at.exactOptional(),
});
export const runPage = z.object({
  lightMinutes: z.number(),
  fullHours: z.number(),
  nextLightAt: at.exactOptional(),
  nextFullAt: at.exactOptional(),
  /** New rules count, and the run that brings them to every pair has not begun. */
  rulesDueAt: at.exactOptional(),
  runs: z.array(runLine),
  next: z.string().exactOptional(),
});

const driftLine = z.object({
  twin: idSchema(twinId),
  a: idSchema(issueId).exactOptional(),
  b: idSchema(issueId).exactOptional(),
  foundAt: at,
  repairedAt: at.exactOptional(),
  things: z.array(
    z.object({
      side,
      what: z.string(),
      part: z.string().exactOptional(),
      why: z.enum(driftWhys),
      code: z.string().exactOptional(),
      says: z.string().exactOptional(),
    }),
  ),
});
export const driftPage = z.object({ run: z.string(), drifts: z.array(driftLine), next: z.string().exactOptional() });

const figures = { count, p50: count, p95: count, p99: count, max: count };

/** GET /console/api/connections/{connection}/lag. Milliseconds from a person's change to its arrival on the other side. */
export const lagView = z.object({
  connection: idSchema(connectionId),
  total: z.object(figures),
  kinds: z.array(z.object({ kind: z.enum(lagKinds), ...figures })),
  /** The oldest first. */
  days: z.array(z.object({ day: z.string(), ...figures })),
});

/** POST /console/api/connections/{connection}/restored */
export const restoredBody = z.object({ keep: z.enum(['a', 'b', 'newest', 'hold']) });
export const restoredAnswer = z.object({ connection: idSchema(connectionId), ...restoredBody.shape });

export type LagView = z.infer<typeof lagView>;
export type Periods = z.infer<typeof periodsBody>;
export type RunLine = z.infer<typeof runLine>;
export type RunPage = z.infer<typeof runPage>;
export type DriftLine = z.infer<typeof driftLine>;
export type DriftPage = z.infer<typeof driftPage>;
