/**
 * What is inside our sealed values: the contexts that bind each to its place, and the schemas that read them back. The
 * console writes settings and rules, the sync reads them; both meet here.
 */
import { z } from 'zod';
import type { HalfSettings } from '../model/connection.ts';
import { accountId, projectKey } from '../model/ids.ts';
import type { HalfId, Owner } from '../model/ids.ts';
import { fieldNames } from '../model/replica.ts';
import type { Replica } from '../model/replica.ts';
import type { RuleDocument } from '../model/rules.ts';
import { Fault } from '../verdict.ts';
import { adfDoc } from './adf.ts';
import { idSchema } from './message.ts';

/** Each sealed field with the ids that say where it is. */
interface SealedPlaces {
  /** Current and previous alike: at a rotation the one becomes the other as it is. */
  'tenant.secret': readonly [owner: Owner];
  'half.settings': readonly [tenant: string, half: HalfId];
  'rules.document': readonly [tenant: string, half: HalfId, version: number];
  /** The age is left out on purpose: the latest copy becomes the previous one as it is, without opening it. */
  'copy.a': readonly [connection: string, twin: string];
  'copy.b': readonly [connection: string, twin: string];
}

/**
 * The context under which a sealed field is bound to its place: `contextOf('half.settings', tenant, half)`. A value that was
 * moved to another place does not open there.
 */
export function contextOf<N extends keyof SealedPlaces>(name: N, ...place: SealedPlaces[N]): string {
  return `${name}:${place.join('/')}`;
}

/** JQL that Jira itself would take: its own limit is far above what an admin writes by hand. */
const MAX_SCOPE_CHARACTERS = 2_000;
const MAX_NAME_CHARACTERS = 100;

/** What an admin may say of a half; for bodies of our API as well. */
export const halfSettings: z.ZodType<HalfSettings> = z.object({
  name: z.string().trim().min(1).max(MAX_NAME_CHARACTERS),
  projectKey: idSchema(projectKey),
  scope: z.string().trim().max(MAX_SCOPE_CHARACTERS),
});

const nameTable = z.record(z.string().min(1).max(255), z.string().min(1).max(255));

/** A rule document; for bodies of our API as well. Each field at most once. */
export const ruleDocument: z.ZodType<RuleDocument> = z.object({
  version: z.number().int().nonnegative(),
  fields: z
    .array(z.object({ field: z.enum(fieldNames), policy: z.enum(['newest', 'a', 'b', 'hold']) }))
    .max(fieldNames.length)
    .refine((rows) => new Set(rows.map((row) => row.field)).size === rows.length, 'names a field twice'),
  comments: z.boolean(),
  values: z.object({ issueType: nameTable, priority: nameTable, status: nameTable }),
  fallbackIssueType: z.string().min(1).max(255),
});

const person = idSchema(accountId).nullable().exactOptional();

const replica: z.ZodType<Replica> = z.object({
  summary: z.string().exactOptional(),
  description: adfDoc.nullable().exactOptional(),
  issueType: z.string().exactOptional(),
  priority: z.string().nullable().exactOptional(),
  labels: z.array(z.string()).exactOptional(),
  status: z.string().exactOptional(),
  assignee: person,
  reporter: person,
});

/** Opens what a tenant's `sharedSecret` or `previousSecret` held. @throws Fault `store-record-odd` */
export const parseSecret = reader('tenant.secret', z.string().min(1));
/** Opens what `half.settings` held. @throws Fault `store-record-odd` */
export const parseHalfSettings = reader('half.settings', halfSettings);
/** Opens what `rules.document` held. @throws Fault `store-record-odd` */
export const parseRuleDocument = reader('rules.document', ruleDocument);
/** Opens what `copy.a` or `copy.b` held. @throws Fault `store-record-odd` */
export const parseCopy = reader('copy', replica);

function reader<T>(name: string, schema: z.ZodType<T>): (value: unknown) => T {
  return (value) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new Fault('store-record-odd', { field: name, path: parsed.error.issues[0]?.path.join('.') ?? '' });
  };
}
