/** Schemas of trails and of heads, as they are given away and handed back to us, and of what operators send. */
import { z } from 'zod';
import { caseKinds, registers } from '../model/case.ts';
import { holdBases, holdRoles, holdStates } from '../model/hold.ts';
import { caseId, grantId, holdId, operatorId, owner } from '../model/ids.ts';
import { noticeStates } from '../model/notice.ts';
import { authorities, grantStates, purposes, trailActs } from '../model/staff.ts';
import type { SignedHead, TrailEntry, TrailFile } from '../model/staff.ts';
import { Fault, isCode } from '../verdict.ts';
import type { Code } from '../verdict.ts';
import { parseManifest } from './backup.ts';
import { jsonIn } from './json.ts';
import { idSchema } from './message.ts';
import { placeIn } from './place.ts';

const at = z.number().int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const link = z.union([z.literal(''), hash]);
const name = z.string().max(80);
/** Categories of the catalogue that one entry or grant may name. */
export const MAX_CATEGORIES = 60;
/** Lives that one entry names: two for each record of a page. */
const MAX_LIVES = 200;
/** A trail with more would be no trail of people. */
const MAX_ENTRIES = 1_000_000;

const code = z.string().transform((text, context): Code => {
  if (isCode(text)) return text;
  context.addIssue({ code: 'custom', message: 'is no code' });
  return z.NEVER;
});

const entry: z.ZodType<TrailEntry> = z.strictObject({
  number: z.number().int().positive(),
  at,
  act: z.enum(trailActs),
  by: idSchema(operatorId),
  about: name,
  lives: z.array(idSchema(owner)).max(MAX_LIVES),
  categories: z.array(name).max(MAX_CATEGORIES),
  purpose: name.exactOptional(),
  ticket: name.exactOptional(),
  code: code.exactOptional(),
  records: at.exactOptional(),
  step: hash.exactOptional(),
  previous: link,
  previousAt: at,
});
const head: z.ZodType<SignedHead> = z.strictObject({
  head: z.strictObject({ version: z.literal(1), number: at, hash: link, at }),
  keyId: z.string().min(1).max(300),
  signature: z.string().max(200),
});

/** A trail as it is given away. */
export const trailFile: z.ZodType<TrailFile> = z.strictObject({ entries: z.array(entry).max(MAX_ENTRIES), head });

/** Reads a trail. @throws Fault `trail-malformed` naming the path, never the value */
export function parseTrail(text: string): TrailFile {
  return parsed(trailFile, jsonIn(text));
}

/** What names an entry of the trail under a signature of ours. */
export type Anchor =
  | { readonly kind: 'head'; readonly signed: SignedHead }
  | { readonly kind: 'manifest'; readonly signed: ReturnType<typeof parseManifest> };

/** Reads a head, or the manifest of a backup, which names one. @throws Fault `trail-malformed`, `backup-odd` */
export function parseAnchor(text: string): Anchor {
  const value = jsonIn(text);
  if (typeof value === 'object' && value !== null && 'manifest' in value)
    return { kind: 'manifest', signed: parseManifest(text) };
  return { kind: 'head', signed: parsed(head, value) };
}

// ── What operators send and get ─────────────────────────────────────────────────────────────────────────────────

export const ticket = z.string().regex(/^[A-Za-z0-9-]{1,40}$/);

/** Who asks for access to what, and why. */
export const grantAsk = z.strictObject({
  by: idSchema(operatorId),
  site: z.string().max(80),
  purpose: z.enum(purposes),
  ticket,
  categories: z.array(name).min(1).max(MAX_CATEGORIES),
});
/** Who agrees, and for how long. */
export const grantAgree = z.strictObject({
  by: idSchema(operatorId),
  grant: idSchema(grantId),
  hours: z.number().int().positive().exactOptional(),
});
export const grantEnd = z.strictObject({ by: idSchema(operatorId), grant: idSchema(grantId) });
/** Who deletes a customer's data under which grant; `authority`: how it was checked that whoever asked may ask. */
export const deletionOrder = z.strictObject({
  by: idSchema(operatorId),
  grant: idSchema(grantId),
  authority: z.enum(authorities),
});
export const staffRead = z.strictObject({
  by: idSchema(operatorId),
  grant: idSchema(grantId),
  category: name,
  after: z.string().max(1_500).exactOptional(),
});
export const reportAsk = z.strictObject({ by: idSchema(operatorId), days: z.number().int().positive().max(396) });

/** Who asks to hold what. */
export const holdAsk = z.strictObject({
  by: idSchema(operatorId),
  site: z.string().max(80),
  basis: z.enum(holdBases),
  role: z.enum(holdRoles),
  ticket,
  categories: z.array(name).min(1).max(MAX_CATEGORIES),
  only: z.array(z.string().max(1_500)).max(500),
});
export const holdAct = z.strictObject({ by: idSchema(operatorId), hold: idSchema(holdId) });

const caseText = z.string().max(120);
const step = {
  by: idSchema(operatorId),
  ticket,
  basis: caseText.exactOptional(),
  party: caseText.exactOptional(),
};
/** Opens a case; a disclosure names the site that it is about. */
export const caseOpen = z.strictObject({
  ...step,
  register: z.enum(registers),
  site: z.string().max(80).exactOptional(),
  categories: z.array(name).max(MAX_CATEGORIES),
  fromAt: at.exactOptional(),
  untilAt: at.exactOptional(),
});
export const caseNext = z.strictObject({ ...step, case: idSchema(caseId), kind: z.enum(caseKinds) });
/** Sends the letters of an incident, or shows them. */
export const caseSend = z.strictObject({ ...step, case: idSchema(caseId), isDryRun: z.boolean() });
export const caseView = z.object({
  case: z.string(),
  register: z.enum(registers),
  steps: z.array(z.object({ number: z.number(), kind: z.enum(caseKinds), at: z.number(), by: z.string() })),
  affected: z.array(z.string()),
  categories: z.array(z.string()),
  due: z.array(z.object({ what: z.enum(caseKinds), byAt: z.number(), isLate: z.boolean() })),
  isWhole: z.boolean(),
});
export type CaseView = z.infer<typeof caseView>;
export const caseViews = z.array(caseView);
export const caseLetters = z.array(
  z.object({
    life: z.string(),
    state: z.enum(['ready', 'gone', ...noticeStates]),
    subject: z.string(),
    text: z.string(),
  }),
);
export const caseDrafts = z.array(z.object({ life: z.string(), subject: z.string(), text: z.string() }));

export const holdView = z.object({
  hold: z.string(),
  tenant: z.string(),
  generation: z.number(),
  state: z.enum(holdStates),
  basis: z.enum(holdBases),
  role: z.enum(holdRoles),
  ticket: z.string(),
  categories: z.array(z.string()),
  renewals: z.number(),
  endsAt: z.number().exactOptional(),
});
export type HoldView = z.infer<typeof holdView>;

export const grantView = z.object({
  grant: z.string(),
  tenant: z.string(),
  generation: z.number(),
  state: z.enum(grantStates),
  purpose: z.enum(purposes),
  ticket: z.string(),
  categories: z.array(z.string()),
  askedBy: z.string(),
  agreedBy: z.string().exactOptional(),
  until: z.number(),
  reads: z.number(),
});
export type GrantView = z.infer<typeof grantView>;

export const staffShown = z.object({
  category: z.string(),
  records: z.array(z.object({ path: z.string(), row: z.record(z.string(), z.unknown()) })),
  next: z.string().exactOptional(),
});
export type StaffShown = z.infer<typeof staffShown>;

export const accessReport = z.object({
  since: z.number(),
  until: z.number(),
  reads: z.array(
    z.object({
      at: z.number(),
      by: z.string(),
      grant: z.string(),
      purpose: z.string(),
      ticket: z.string(),
      agreedBy: z.string(),
      lives: z.array(z.string()),
      categories: z.array(z.string()),
      records: z.number(),
      odd: z.array(z.string()),
    }),
  ),
  deeds: z.array(
    z.object({
      at: z.number(),
      by: z.string(),
      act: z.enum(trailActs),
      grant: z.string(),
      ticket: z.string(),
      agreedBy: z.string(),
      lives: z.array(z.string()),
    }),
  ),
  refused: z.number(),
  /** Reads and deeds in the trail without a grant that covers them: none, or something is wrong. */
  uncovered: z.number(),
  live: z.array(grantView),
  trail: z.string(),
});
export type AccessReport = z.infer<typeof accessReport>;

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (!read.success) throw new Fault('trail-malformed', { path: placeIn(read.error, schema) });
  return read.data;
}
