/**
 * The bodies of the console's JSON API: what it takes and what it answers. The function, the pages and the command line
 * all read them here. Instants are epoch milliseconds.
 */
import { z } from 'zod';
import { connectionId, issueId, issueKey, projectKey, twinId } from '../model/ids.ts';
import { jobKinds, jobStates } from '../model/job.ts';
import { twinStates } from '../model/twinState.ts';
import { Fault } from '../verdict.ts';
import { idSchema } from './message.ts';
import { ruleProblem } from './rules.ts';
import { halfSettings, ruleDocument, scopeText, matchRule, startMode } from './stored.ts';
import { placeIn } from './place.ts';

const side = z.enum(['a', 'b']);
const connectionState = z.enum(['pending', 'active', 'paused', 'ended', 'partner-left']);
const at = z.number().int().nonnegative();
/** A page of a listing goes on with the `next` of the page before. */
const next = z.string().exactOptional();

/** A list of 5,000 pairs as the export writes them; below the largest body that the console takes. */
export const MAX_CSV_CHARACTERS = 750_000;

/** A code as a person may paste it, with room for spaces and dashes. */
const MAX_CODE_CHARACTERS = 80;

// ── What the API takes ──────────────────────────────────────────────────────────────────────────────────────────────

/** POST /console/api/invitations */
export const inviteBody = z
  .object({ scope: z.string().default('') })
  .loose()
  .transform((body): unknown => body)
  .pipe(halfSettings);
/** POST /console/api/invitations/accept */
export const acceptBody = z.object({ code: z.string().max(MAX_CODE_CHARACTERS) }).and(inviteBody);
/** POST /console/api/connections/{connection}/sync: an issue's key or Jira's id of it. */
export const syncBody = z.object({ issue: z.union([idSchema(issueId), idSchema(issueKey)]) });

/** PUT /console/api/connections/{connection}/triggers */
export const triggersBody = z.object({
  isActive: z.boolean(),
  onCreate: z.boolean(),
  onUpdate: scopeText.exactOptional(),
  scope: scopeText.exactOptional(),
});

/** Two names of fields and the sign between them. */
const MAX_LANE = 600;
/** `?field=…&side=…`: a field's name, or `a>b` of two that are kept in step under two names. */
export const explainQuery = z.object({ field: z.string().min(1).max(MAX_LANE) }).loose();
/** POST /console/api/connections/{connection}/jobs/{job} */
export const jobBody = z.object({
  /** Only the numbers; nothing is written. */
  dryRun: z.boolean().default(false),
  /** Narrows what the job goes over, on the asker's side. */
  jql: scopeText.exactOptional(),
  /** Pairs to connect, or to end. */
  csv: z.string().min(1).max(MAX_CSV_CHARACTERS).exactOptional(),
  match: matchRule.exactOptional(),
  start: startMode.exactOptional(),
  errorsOnly: z.boolean().default(false),
  force: z.boolean().default(false),
  /** Shares also what people took out of the sync before. */
  again: z.boolean().default(false),
});

/** POST /console/api/connections/{connection}/twins/{twin}/unlink; the twin by its own id or by the asker's issue. */
export const unlinkBody = z.object({ force: z.boolean().default(false) });

/** `?after=…&side=…` of every listing and view; `with` names the other version of a comparison. */
export const viewQuery = z.object({
  after: z.string().exactOptional(),
  side: side.exactOptional(),
  with: z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .exactOptional(),
});

// ── What the API answers ────────────────────────────────────────────────────────────────────────────────────────────

/** 201: the code is shown here and nowhere else, ever. */
export const invitationMade = z.object({ connection: idSchema(connectionId), code: z.string(), expiresAt: at });

/** A connection as a list shows it to one of its sides. */
export const connectionLine = z.object({
  connection: idSchema(connectionId),
  side,
  state: connectionState,
  name: z.string(),
  projectKey: idSchema(projectKey),
});
export const connectionPage = z.object({ connections: z.array(connectionLine), next });

/** A connection as one of its sides sees it: all of its own half, of the other only whether it has paused. */
export const connectionView = connectionLine.extend({
  scope: z.string(),
  rulesVersion: z.number(),
  isPausedHere: z.boolean(),
  isPausedThere: z.boolean(),
  /** A side whose site, or our own store, was restored from a backup: nothing syncs until somebody has said which side counts. */
  restored: z
    .object({ side: z.enum(['a', 'b', 'store']), at, keep: z.enum(['a', 'b', 'newest', 'hold']).exactOptional() })
    .exactOptional(),
  activatedAt: at.exactOptional(),
  /** Why the pairs wait although nobody has paused them. */
  waits: z.object({ code: z.string(), says: z.string() }).exactOptional(),
  /** `hasMore`: only the first `counted` twins were looked at. */
  twins: z.object({ byState: z.record(z.enum(twinStates), z.number()), counted: z.number(), hasMore: z.boolean() }),
  errors: z.array(z.object({ code: z.string(), says: z.string(), count: z.number(), lastAt: at.exactOptional() })),
});

/** After pause, resume and end: how the connection stands now. */
export const lifeAnswer = z.object({ connection: idSchema(connectionId), state: connectionState });

export const rulesView = z.object({ connection: idSchema(connectionId), side, document: ruleDocument });

/** What brings issues of a side under sync by itself; `scope` says which new ones. */
export const triggersView = z.object({
  connection: idSchema(connectionId),
  side,
  scope: z.string(),
  isActive: z.boolean(),
  onCreate: z.boolean(),
  onUpdate: z.string().exactOptional(),
});

/** 202: the issue comes under sync soon. */
export const syncAccepted = z.object({ connection: idSchema(connectionId), issue: idSchema(issueId) });

/** PUT /console/api/contact: where notices of the contract and of the deletion of data go. */
export const contactBody = z.object({ address: z.string() });
/** GET /console/api/news: addresses of the site that were entered for news by mail. */
export const newsList = z.object({
  wishes: z.array(
    z.object({
      id: z.string(),
      address: z.string(),
      source: z.enum(['double-opt-in', 'in-person']),
      /** Absent: not confirmed yet. */
      liveSince: at.exactOptional(),
    }),
  ),
});
/** The site's contact; empty when there is none. `source`: who told it. */
export const contactView = z.object({
  address: z.string().exactOptional(),
  source: z.enum(['atlassian', 'admin']).exactOptional(),
  since: at.exactOptional(),
});

/** POST /console/api/deletion/confirm: the code of the first step, and the site's host as a person typed it. */
export const deletionConfirmBody = z.object({ code: z.string().max(100), host: z.string().max(300) });
/** 201: the first step of a deletion. Nothing has changed yet; the code is not shown again. */
export const deletionAsked = z.object({
  code: z.string(),
  host: z.string(),
  validUntil: at,
  goneBy: at,
  backupsGoneBy: at,
});
/**
 * How a deletion stands. `counting`: it can be taken back until `beginsAt`. `left`: the site left without asking.
 * `deleting`: nothing stops it any more.
 */
export const deletionView = z.object({
  state: z.enum(['none', 'asked', 'counting', 'left', 'deleting']),
  host: z.string().exactOptional(),
  askedAt: at.exactOptional(),
  confirmedAt: at.exactOptional(),
  beginsAt: at.exactOptional(),
  remainingMs: z.number().exactOptional(),
  goneBy: at.exactOptional(),
  backupsGoneBy: at.exactOptional(),
  mayWithdraw: z.boolean(),
});

const hashes = z.object({ a: z.string().exactOptional(), b: z.string().exactOptional() });

/** Why a field was changed last. Hashes of values, no values. */
export const explainView = z.object({
  twin: idSchema(twinId),
  field: z.string(),
  at,
  eventAt: at.exactOptional(),
  rules: z.object({ a: z.number(), b: z.number() }),
  why: z.enum(['birth', 'meeting', 'one-side', 'merge', 'answer', 'policy', 'elements']),
  to: side,
  policy: z.string(),
  base: hashes,
  now: hashes,
  /** Deciding it again gave the same steps, byte for byte. */
  isSame: z.boolean(),
  stepBytes: z.number(),
});

/** How much of a job ended how; see `model/job.ts`. */
const jobCounts = z.object({
  made: z.number(),
  connected: z.number(),
  done: z.number(),
  already: z.number(),
  outside: z.number(),
  refused: z.number(),
});

/** A job: what it counted before it began (`planned`), what it has done so far, and when it will end as the limits have it. */
export const jobView = z.object({
  kind: z.enum(jobKinds),
  state: z.enum(jobStates),
  side,
  isDryRun: z.boolean(),
  counts: jobCounts,
  planned: jobCounts.exactOptional(),
  total: z.number().exactOptional(),
  failed: z.number(),
  startedAt: at,
  endedAt: at.exactOptional(),
  etaAt: at.exactOptional(),
  waits: z.object({ code: z.string(), until: at }).exactOptional(),
});
export const jobList = z.object({ jobs: z.array(jobView) });

/** A page of the export of all pairs: text to be put behind the page before. */
export const pairsPage = z.object({ csv: z.string(), next });

/** 202: the pair is looked at, or ended, soon. */
export const twinAccepted = z.object({ connection: idSchema(connectionId), twin: idSchema(twinId) });

export const twinLine = z.object({
  twin: idSchema(twinId),
  state: z.enum(twinStates),
  issue: idSchema(issueId).exactOptional(),
  otherIssue: idSchema(issueId).exactOptional(),
  errors: z.array(z.string()),
  settledAt: at.exactOptional(),
  /** When a look last found both issues equal under the rules. */
  verifiedAt: at.exactOptional(),
});
/** Watchers and votes of one issue, as numbers; or why its site does not tell them. */
const audience = z.object({
  watchers: z.number().exactOptional(),
  votes: z.number().exactOptional(),
  code: z.string().exactOptional(),
});

/** One pair. */
export const twinView = twinLine.extend({
  side,
  originSide: side,
  /** Lanes that wait, and why. */
  waiting: z.array(z.object({ field: z.string(), code: z.string() })),
  audience: z.object({ a: audience.exactOptional(), b: audience.exactOptional() }),
  since: at.exactOptional(),
  /** When the issue from which the pair began was first seen inside its side's scope. */
  insideAt: at.exactOptional(),
  endingSince: at.exactOptional(),
  deletedOn: side.exactOptional(),
});
export const twinPage = z.object({ twins: z.array(twinLine), next });

/** Every refusal and fault: its code, one sentence, and where it applies. */
export const failure = z.object({
  code: z.string(),
  says: z.string(),
  path: z.string().exactOptional(),
  /** Where the page of the code is, on the public address of the service. */
  help: z.string().exactOptional(),
  problems: z.array(ruleProblem).exactOptional(),
});

export type InvitationMade = z.infer<typeof invitationMade>;
export type ConnectionLine = z.infer<typeof connectionLine>;
export type ConnectionPage = z.infer<typeof connectionPage>;
export type ConnectionView = z.infer<typeof connectionView>;
export type LifeAnswer = z.infer<typeof lifeAnswer>;
export type RulesView = z.infer<typeof rulesView>;
export type TriggersView = z.infer<typeof triggersView>;
export type SyncAccepted = z.infer<typeof syncAccepted>;
export type NewsList = z.infer<typeof newsList>;
export type ContactView = z.infer<typeof contactView>;
export type DeletionAsked = z.infer<typeof deletionAsked>;
export type DeletionView = z.infer<typeof deletionView>;
export type ExplainView = z.infer<typeof explainView>;
export type JobView = z.infer<typeof jobView>;
export type PairsPage = z.infer<typeof pairsPage>;
export type TwinAccepted = z.infer<typeof twinAccepted>;
export type TwinView = z.infer<typeof twinView>;
export type TwinLine = z.infer<typeof twinLine>;
export type TwinPage = z.infer<typeof twinPage>;
export type Failure = z.infer<typeof failure>;

/**
 * Reads a body or a query by its schema.
 * @throws Fault `body-invalid` naming the path, never the value
 */
export function parseAs<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Fault('body-invalid', { path: placeIn(parsed.error, schema) });
}
