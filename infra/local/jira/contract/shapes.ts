import { z } from 'zod';
import { adfProblems } from './adf.ts';

/** Jira writes instants as `2021-01-17T12:34:00.000+0000`: milliseconds, and an offset without a colon. */
export const stamp = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}$/, 'expected an instant as Jira writes it');

/** A calendar day. */
export const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a day');

/** Jira sends the ids of issues, comments, projects and the like as texts of digits. */
export const numericId = z.string().regex(/^\d+$/, 'expected digits');

/** An issue key, as `ABC-12`. */
export const issueKey = z.string().regex(/^[A-Z][A-Z0-9_]+-\d+$/, 'expected an issue key');

/** An absolute address. */
export const address = z.url();

/** Rich text: a document that the published schema accepts. A text or markup is refused, as REST v3 does. */
export const adfDoc = z
  .looseObject({ type: z.literal('doc'), version: z.literal(1), content: z.array(z.unknown()) })
  .superRefine((doc, context) => {
    for (const problem of adfProblems(doc)) {
      context.addIssue({ code: 'custom', message: `expected an Atlassian document: ${problem}` });
    }
  });

/** The body of every refusal. */
export const errorCollection = z.strictObject({
  errorMessages: z.array(z.string()),
  errors: z.record(z.string(), z.string()),
  status: z.int().optional(),
});

/** An address for each of four picture sizes. */
export const avatarUrls = z.strictObject({
  '16x16': address.optional(),
  '24x24': address.optional(),
  '32x32': address.optional(),
  '48x48': address.optional(),
});

const wrappedList = z.looseObject({ size: z.int(), items: z.array(z.looseObject({})) });

const person = {
  self: address,
  accountId: z.string().min(1),
  avatarUrls: avatarUrls.optional(),
  displayName: z.string(),
  active: z.boolean(),
  emailAddress: z.string().optional(),
  timeZone: z.string().optional(),
  key: z.string().optional(),
  name: z.string().optional(),
} as const;

/** A person as issues, comments and histories mention them. */
export const userDetails = z.strictObject({ ...person, accountType: z.string().optional() });

/** A person as the user operations give them. */
export const user = z.strictObject({
  ...person,
  accountType: z.enum(['atlassian', 'app', 'customer', 'unknown']),
  appType: z.string().optional(),
  applicationRoles: wrappedList.optional(),
  groups: wrappedList.optional(),
  guest: z.boolean().optional(),
  locale: z.string().optional(),
  expand: z.string().optional(),
});

/** What groups statuses into to do, in progress and done. */
export const statusCategory = z.strictObject({
  self: address,
  id: z.int(),
  key: z.string(),
  colorName: z.string(),
  name: z.string(),
});

/** The project an issue type or status is limited to. */
export const scope = z.looseObject({ type: z.enum(['PROJECT', 'TEMPLATE']) });

/** A status of a workflow. */
export const status = z.strictObject({
  self: address,
  description: z.string().optional(),
  iconUrl: z.string().optional(),
  name: z.string(),
  id: numericId,
  statusCategory: statusCategory.optional(),
  scope: scope.optional(),
});

/** A priority. */
export const priority = z.strictObject({
  self: address,
  iconUrl: z.string(),
  name: z.string(),
  id: numericId,
  description: z.string().optional(),
  statusColor: z.string().optional(),
  isDefault: z.boolean().optional(),
  avatarId: z.int().optional(),
});

/** An issue type. */
export const issueType = z.strictObject({
  self: address,
  id: numericId,
  description: z.string().optional(),
  iconUrl: z.string().optional(),
  name: z.string(),
  subtask: z.boolean(),
  avatarId: z.int().optional(),
  entityId: z.string().optional(),
  hierarchyLevel: z.int().optional(),
  scope: scope.optional(),
});

/** A stored value of an app's own. */
export const entityProperty = z.strictObject({ key: z.string().min(1).max(255), value: z.unknown() });

/** Which keys are stored. */
export const propertyKeys = z.strictObject({ keys: z.array(z.strictObject({ self: address, key: z.string() })) });

/** One page of a numbered list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    self: address.optional(),
    nextPage: address.optional(),
    maxResults: z.int(),
    startAt: z.int(),
    total: z.int(),
    isLast: z.boolean().optional(),
    values: z.array(item),
  });
}

/** What an unauthenticated, throttled or failing call may get from any operation. */
export const always = {
  401: errorCollection,
  403: errorCollection,
  413: errorCollection,
  429: errorCollection.nullish(),
  500: errorCollection.nullish(),
  503: errorCollection.nullish(),
} as const;

/** The common refusals and the given ones. */
export function refusals(...statuses: readonly (400 | 404 | 405 | 409 | 422)[]): Record<number, z.ZodType> {
  return { ...always, ...Object.fromEntries(statuses.map((status) => [status, errorCollection])) };
}
