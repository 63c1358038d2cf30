/**
 * What is inside our sealed values: the contexts that bind each to its place, and the schemas that read them back. The
 * console writes settings and rules, the sync reads them; both meet here.
 */
import { z } from 'zod';
import type { HalfSettings, Side, Triggers } from '../model/connection.ts';
import type { Contract } from '../model/contract.ts';
import { accountId, projectKey } from '../model/ids.ts';
import type { AccountId, HalfId, Owner } from '../model/ids.ts';
import { mailAddress } from '../model/mail.ts';
import { isFieldName, kindOf } from '../model/field.ts';
import type { FieldKind, FieldName } from '../model/field.ts';
import type { FieldValue, Replica } from '../model/replica.ts';
import type { AttachmentRule, FieldRule, RuleDocument, Transform } from '../model/rules.ts';
import type { Start } from '../model/twin.ts';
import { Fault } from '../verdict.ts';
import { adfDoc } from './adf.ts';
import { idSchema } from './message.ts';
import { placeIn } from './place.ts';

/** Each sealed field with the ids that say where it is. */
interface SealedPlaces {
  /** Current and previous alike: at a rotation the one becomes the other as it is. */
  'tenant.secret': readonly [owner: Owner];
  'contact.address': readonly [owner: Owner];
  'consent.address': readonly [tenant: string, consent: string];
  'person.name': readonly [owner: Owner, account: AccountId];
  'report.address': readonly [tenant: string, report: string];
  'report.message': readonly [tenant: string, report: string];
  'bundle.content': readonly [tenant: string, report: string];
  /** What a link to a bundle says of itself. */
  'support.link': readonly [tenant: string];
  'half.settings': readonly [tenant: string, half: HalfId];
  'rules.document': readonly [tenant: string, half: HalfId, version: number];
  /** What the side `of` may send. */
  'connection.contract': readonly [connection: string, of: Side];
  /** What a job was asked for. */
  'job.ask': readonly [connection: string, kind: string, run: string];
  /** The age is left out on purpose: the latest copy becomes the previous one as it is, without opening it. */
  'decision.content': readonly [connection: string, twin: string, decision: string];
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

/** JQL that narrows a project; empty: all of it. */
export const scopeText = z.string().trim().max(MAX_SCOPE_CHARACTERS);

/** What brings issues under sync by itself; for bodies of our API as well. */
export const triggers: z.ZodType<Triggers> = z.object({
  isActive: z.boolean(),
  onCreate: z.boolean(),
  onUpdate: scopeText.exactOptional(),
});

/** What an admin may say of a half; for bodies of our API as well. */
export const halfSettings: z.ZodType<HalfSettings> = z.object({
  name: z.string().trim().min(1).max(MAX_NAME_CHARACTERS),
  projectKey: idSchema(projectKey),
  scope: scopeText,
  triggers: triggers.exactOptional(),
});

const name = z.string().min(1).max(255);
/** Names here → names there. */
export const nameTable = z.record(name, name);

/** A field of Jira's own or a custom one, by kind and name. */
export const fieldName: z.ZodType<FieldName> = z.custom<FieldName>(
  (value) => typeof value === 'string' && isFieldName(value),
  'is no field that can be synced',
);

/** Elements of a set; far above what an issue holds. */
const MAX_ELEMENTS = 5_000;
/** Far above any transform of use; a text field of Jira holds as much. */
const MAX_TRANSFORM_TEXT = 255;
/** Rows of one document: more fields than any screen shows. */
export const MAX_RULE_ROWS = 200;
/** A script is a page of code, not a program. @see DESIGN.md §7 */
export const MAX_SCRIPT_CHARACTERS = 100_000;

/** A value of any kind; which kind, the field's name says: see {@link valueOf}. */
export const fieldValue: z.ZodType<FieldValue> = z.union([
  z.string(),
  z.number(),
  adfDoc,
  z.array(z.string()).max(MAX_ELEMENTS),
  z.null(),
]);

/** True when a value has the form that the kind asks for; `null` is an empty field of any kind. */
export function isOfKind(value: FieldValue, kind: FieldKind): boolean {
  if (value === null) return kind !== 'type' && kind !== 'status';
  switch (kind) {
    case 'richText':
      return typeof value === 'object' && 'type' in value;
    case 'number':
    case 'duration':
      return typeof value === 'number';
    case 'cascade':
    case 'options':
    case 'users':
    case 'labels':
    case 'links':
    case 'remoteLinks':
      return Array.isArray(value);
    case 'text':
    case 'url':
    case 'date':
    case 'dateTime':
    case 'option':
    case 'type':
    case 'status':
    case 'sprint':
    case 'user':
    case 'issue':
      return typeof value === 'string';
  }
}

const transformText = z.string().max(MAX_TRANSFORM_TEXT);

/** What happens to a value on its way. */
export const transform: z.ZodType<Transform> = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['prefix', 'suffix']), text: transformText }),
  z.object({ kind: z.enum(['upper', 'lower', 'trim', 'plain-text']) }),
  z.object({ kind: z.literal('truncate'), length: z.number().int().positive() }),
  z.object({ kind: z.enum(['only', 'without']), values: z.array(name).max(MAX_ELEMENTS) }),
]);

const fieldRule: z.ZodType<FieldRule> = z.object({
  field: fieldName,
  target: fieldName.exactOptional(),
  policy: z.enum(['newest', 'a', 'b', 'hold']),
  when: z.enum(['create', 'update', 'both']).exactOptional(),
  transform: transform.exactOptional(),
  default: (fieldValue as z.ZodType<FieldRule['default']>).exactOptional(),
}) as z.ZodType<FieldRule>;

/** Which files leave. */
export const attachmentRule: z.ZodType<AttachmentRule> = z.object({
  maxBytes: z.number().int().positive().exactOptional(),
  types: z.array(name).exactOptional(),
  names: z.array(name).exactOptional(),
});

const isTable = (key: string): boolean => key === 'linkType' || isFieldName(key);
const tables = z.custom<RuleDocument['values']>((value) => {
  const parsed = z.record(z.string(), nameTable).safeParse(value);
  return parsed.success && Object.keys(parsed.data).every(isTable);
}, 'is no list of value tables');

/** Fields of a transition's screen, each with a value of its kind. */
export const fieldsOfStatus = z
  .record(z.string(), fieldValue)
  .refine(
    (values) => Object.entries(values).every(([field, value]) => isFieldName(field) && isOfKind(value, kindOf(field))),
    'holds a value that its field cannot have',
  );

/** A rule document; for bodies of our API as well. Each field at most once. */
export const ruleDocument: z.ZodType<RuleDocument> = z.object({
  version: z.number().int().nonnegative(),
  fields: z
    .array(fieldRule)
    .max(MAX_RULE_ROWS)
    .refine((rows) => new Set(rows.map((row) => row.field)).size === rows.length, 'names a field twice'),
  comments: z.boolean(),
  visibility: nameTable.exactOptional(),
  worklogs: z.boolean().exactOptional(),
  attachments: attachmentRule.exactOptional(),
  values: tables,
  fallbackIssueType: name,
  people: z.record(idSchema(accountId), idSchema(accountId)).exactOptional(),
  fallbackPerson: idSchema(accountId).exactOptional(),
  transitionFields: z.record(name, fieldsOfStatus).exactOptional(),
  leaving: z.enum(['keep', 'end']).exactOptional(),
  deletion: z.enum(['keep', 'delete']).exactOptional(),
  script: z.string().max(MAX_SCRIPT_CHARACTERS).exactOptional(),
});

const contract: z.ZodType<Contract> = z.object({
  version: z.number().int().nonnegative(),
  fields: z.custom<Contract['fields']>((value) => {
    const parsed = z.record(z.string(), z.enum(['create', 'update', 'both'])).safeParse(value);
    return parsed.success && Object.keys(parsed.data).every(isFieldName);
  }, 'is no list of fields'),
  comments: z.boolean(),
  restricted: z.boolean(),
  worklogs: z.boolean(),
  attachments: z.boolean(),
  deletion: z.boolean(),
});

/** What a job was asked for, beside its flags. */
export interface JobAsk {
  /** Narrows what the job goes over. */
  readonly jql?: string;
  /** Two issues with the same value become a pair. */
  readonly match?: { readonly field: FieldName; readonly target?: FieldName };
  readonly start?: Start;
}

/** How two issues that are connected begin; for bodies of our API as well. */
export const startMode: z.ZodType<Start> = z.enum(['baseline', 'newest', 'hold', 'a', 'b']);
/** By which field issues are matched; for bodies of our API as well. */
export const matchRule = z.object({ field: fieldName, target: fieldName.exactOptional() });
const jobAsk: z.ZodType<JobAsk> = z.object({
  jql: scopeText.exactOptional(),
  match: matchRule.exactOptional(),
  start: startMode.exactOptional(),
});

/** A stored copy: each field with a value of its kind. */
const replica = z.custom<Replica>((value) => {
  const parsed = z.record(z.string(), fieldValue).safeParse(value);
  return (
    parsed.success &&
    Object.entries(parsed.data).every(([field, of]) => isFieldName(field) && isOfKind(of, kindOf(field)))
  );
}, 'is no copy of an issue') as z.ZodType<Replica>;

const sideSnapshot = z.object({
  issue: z.union([z.enum(['absent', 'gone']), z.looseObject({ id: z.string(), fields: replica })]),
  abilities: z.looseObject({ usable: z.array(z.string()), transitions: z.array(z.unknown()) }),
});
const pairs = z.array(z.tuple([z.string(), z.string()]));

const across = z.object({
  ...{ there: pairs, awaited: z.array(z.string()) },
  ...{ gone: z.array(z.string()), shared: z.array(z.string()) },
});

/** What a decision was made from (a snapshot of the engine's input) and the text of the steps that came out. */
const decisionContent = z.object({
  input: z.looseObject({
    memory: z.looseObject({
      twin: z.string(),
      originSide: z.enum(['a', 'b']),
      fields: z.record(z.string(), z.unknown()),
    }),
    rules: z.object({ a: ruleDocument, b: ruleDocument }),
    a: sideSnapshot,
    b: sideSnapshot,
    counterparts: z.object({ a: pairs, b: pairs }).exactOptional(),
    across: z.object({ a: across, b: across }).exactOptional(),
  }),
  steps: z.string(),
});

/** Opens what a tenant's `sharedSecret` or `previousSecret` held. @throws Fault `store-record-odd` */
export const parseSecret = reader('tenant.secret', z.string().min(1));
/** Opens what `person.name` held. @throws Fault `store-record-odd` */
export const parseName = reader('person.name', z.string().min(1));
/** Opens what `contact.address` held. @throws Fault `store-record-odd` */
export const parseAddress = reader('contact.address', idSchema(mailAddress));
/** Opens what `report.message` or `bundle.content` held. @throws Fault `store-record-odd` */
export const parseMessageText = reader('report.message', z.string());
/** Opens what `half.settings` held. @throws Fault `store-record-odd` */
export const parseHalfSettings = reader('half.settings', halfSettings);
/** Opens what `rules.document` held. @throws Fault `store-record-odd` */
export const parseRuleDocument = reader('rules.document', ruleDocument);
/** Opens what a connection's `aContract` or `bContract` held. @throws Fault `store-record-odd` */
export const parseContract = reader('connection.contract', contract);
/** Opens what `job.ask` held. @throws Fault `store-record-odd` */
export const parseJobAsk = reader('job.ask', jobAsk);
/** Opens what `copy.a` or `copy.b` held. @throws Fault `store-record-odd` */
export const parseCopy = reader('copy', replica);
/** Opens what `decision.content` held. @throws Fault `store-record-odd` */
export const parseDecision = reader('decision.content', decisionContent);

function reader<T>(name: string, schema: z.ZodType<T>): (value: unknown) => T {
  return (value) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new Fault('store-record-odd', { field: name, path: placeIn(parsed.error, schema) });
  };
}
