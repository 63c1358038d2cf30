/**
 * The bodies of the console's API about rules: what it takes and what it answers. The function, the pages and the command line all
 * read them here. Instants are epoch milliseconds.
 */
import { z } from 'zod';
import { fieldKinds } from '../model/field.ts';
import { ruleStates, ruleSteps } from '../model/ruleLife.ts';
import { accountId, connectionId, issueId, issueKey } from '../model/ids.ts';
import { idSchema } from './message.ts';
import { attachmentRule, fieldsOfStatus, fieldValue, MAX_RULE_ROWS, MAX_SCRIPT_CHARACTERS } from './stored.ts';
import { fieldName, nameTable, ruleDocument, transform } from './stored.ts';

const side = z.enum(['a', 'b']);
const at = z.number().int().nonnegative();
const version = z.number().int().positive();
const issueName = z.union([idSchema(issueId), idSchema(issueKey)]);

/** Of a posted name: far above what any field or table has, so that the checks tell what is wrong. */
const MAX_POSTED_NAME = 500;
const postedName = z.string().max(MAX_POSTED_NAME);

/**
 * A posted rule document. Its form is checked here; `shared/rules` says what is wrong inside. With a `version`, the document is meant
 * to follow that active version, or is refused.
 */
export const postedRules = z.object({
  version: version.exactOptional(),
  fields: z
    .array(
      z.object({
        field: postedName,
        target: postedName.exactOptional(),
        policy: postedName,
        when: z.enum(['create', 'update', 'both']).exactOptional(),
        transform: transform.exactOptional(),
        default: fieldValue.refine((value) => value !== null).exactOptional(),
      }),
    )
    .max(MAX_RULE_ROWS),
  comments: z.boolean(),
  visibility: nameTable.exactOptional(),
  worklogs: z.boolean().exactOptional(),
  attachments: attachmentRule.exactOptional(),
  values: z.record(postedName, z.record(postedName, postedName)).default({}),
  fallbackIssueType: postedName,
  people: z.record(idSchema(accountId), idSchema(accountId)).exactOptional(),
  fallbackPerson: idSchema(accountId).exactOptional(),
  transitionFields: z.record(postedName, fieldsOfStatus).exactOptional(),
  leaving: z.enum(['keep', 'end']).exactOptional(),
  deletion: z.enum(['keep', 'delete']).exactOptional(),
  script: z.string().max(MAX_SCRIPT_CHARACTERS).exactOptional(),
});

/** PUT …/rules/versions/{version}: the edit counts only if nobody else has edited since that revision. */
export const editBody = z.object({ revision: z.number().int().nonnegative(), document: postedRules });

/** POST …/rules/versions/{version}/publish: `over`, the active version that is replaced; absent: the one it was based on. */
export const publishBody = z.object({ over: version.exactOptional() }).prefault({});

/** One thing that is wrong with a document, and where. */
export const ruleProblem = z.object({
  path: z.string(),
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  says: z.string(),
  names: z.array(z.string()).exactOptional(),
  line: z.number().exactOptional(),
  column: z.number().exactOptional(),
});

/** A version as a list shows it. */
export const versionLine = z.object({
  version,
  state: z.enum(ruleStates),
  revision: z.number(),
  createdAt: at,
  basedOn: z.number().exactOptional(),
  restoredFrom: z.number().exactOptional(),
  steps: z.array(z.object({ step: z.enum(ruleSteps), at, by: idSchema(accountId).exactOptional() })),
});

/** Names by account id, as far as they are known now. */
const names = z.record(z.string(), z.string()).exactOptional();

/** The versions of a side, the newest first; `next` leads to the older ones. */
export const versionPage = z.object({
  connection: idSchema(connectionId),
  side,
  active: version,
  versions: z.array(versionLine),
  names,
  next: z.string().exactOptional(),
});

/** One version with its content. */
export const versionView = versionLine.extend({ document: ruleDocument, names });

/** One thing that a version lets leave beyond what was agreed. */
export const wideningRow = z.object({
  code: z.string(),
  says: z.string(),
  field: fieldName.exactOptional(),
  target: fieldName.exactOptional(),
  kind: z.enum(fieldKinds).exactOptional(),
});

/** After a step of a version's life: how it stands now, what the checks said, and what the partner is asked for, if there is any. */
export const versionAnswer = versionLine.extend({
  problems: z.array(ruleProblem),
  widens: z.array(wideningRow).exactOptional(),
});

const contractFields = z.array(
  z.object({ field: fieldName, kind: z.enum(fieldKinds), when: z.enum(['create', 'update', 'both']) }),
);

/** What one side may send now. */
export const contractView = z.object({
  /** The version of that side's rules. */
  version: z.number(),
  /** Of the receiving side. */
  fields: contractFields,
  comments: z.boolean(),
  restricted: z.boolean(),
  worklogs: z.boolean(),
  attachments: z.boolean(),
  deletion: z.boolean(),
});

/** What both sides have agreed, and what the partner asks for beyond it. */
export const agreementView = z.object({
  connection: idSchema(connectionId),
  side,
  mine: contractView.exactOptional(),
  theirs: contractView.exactOptional(),
  request: z.object({ version, revision: z.number(), askedAt: at, widens: z.array(wideningRow) }).exactOptional(),
});

/** POST …/rules/agreement/agree and …/decline: the request as the person saw it. */
export const requestBody = z.object({ version, revision: z.number().int().nonnegative() });

/** What became of a request. */
export const requestAnswer = z.object({
  connection: idSchema(connectionId),
  version,
  answer: z.enum(['agreed', 'declined']),
});

/** The rows in which two versions differ. */
export const differenceView = z.object({
  from: version,
  to: version,
  rows: z.array(
    z.object({
      path: z.array(z.string()),
      change: z.enum(['added', 'removed', 'changed']),
      before: z.unknown().optional(),
      after: z.unknown().optional(),
    }),
  ),
});

/** Issues that one preview may name. */
const MAX_PREVIEWED = 20;

/** POST …/rules/preview: of a version (else the active one), over chosen issues or, page by page, over the whole scope. */
export const previewBody = z
  .object({
    version: version.exactOptional(),
    issues: z.array(issueName).min(1).max(MAX_PREVIEWED).exactOptional(),
    after: z.string().max(2_000).exactOptional(),
  })
  .prefault({});

const outcomes = ['set', 'later', 'unchanged', 'dropped', 'blocked'] as const;
const acts = ['create', 'update', 'delete', 'none', 'blocked', 'error'] as const;
const partNames = ['comment', 'worklog', 'attachment', 'link'] as const;
const partEnds = ['create', 'change', 'delete', 'later', 'unsure', 'unchanged', 'dropped', 'blocked'] as const;
const partCounts = z.partialRecord(z.enum(partEnds), z.number());

/**
 * What would happen to one issue. Values are those that the own issue sends; of what arrives here none is shown. Comments, worklogs,
 * files and links are counted, never quoted.
 */
export const previewLine = z.object({
  issue: issueName,
  act: z.enum(acts),
  code: z.string().exactOptional(),
  fields: z
    .array(
      z.object({
        to: side,
        field: fieldName,
        outcome: z.enum(outcomes),
        code: z.string().exactOptional(),
        value: fieldValue.exactOptional(),
      }),
    )
    .exactOptional(),
  parts: z
    .array(
      z.object({ to: side, part: z.enum(partNames), counts: partCounts, codes: z.array(z.string()).exactOptional() }),
    )
    .exactOptional(),
  codes: z.array(z.string()).exactOptional(),
});

/** One page of a preview, with the totals of that page. */
export const previewPage = z.object({
  connection: idSchema(connectionId),
  side,
  version,
  issues: z.array(previewLine),
  totals: z.object({
    pairs: z.record(z.enum(acts), z.number()),
    fields: z.record(z.enum(outcomes), z.number()),
    parts: z.record(z.enum(partNames), partCounts),
  }),
  next: z.string().exactOptional(),
});

export type PreviewLine = z.infer<typeof previewLine>;
export type PreviewPage = z.infer<typeof previewPage>;
export type VersionLine = z.infer<typeof versionLine>;
export type VersionPage = z.infer<typeof versionPage>;
export type VersionView = z.infer<typeof versionView>;
export type VersionAnswer = z.infer<typeof versionAnswer>;
export type ContractView = z.infer<typeof contractView>;
export type AgreementView = z.infer<typeof agreementView>;
export type RequestAnswer = z.infer<typeof requestAnswer>;
export type DifferenceView = z.infer<typeof differenceView>;
export type RuleProblemBody = z.infer<typeof ruleProblem>;
