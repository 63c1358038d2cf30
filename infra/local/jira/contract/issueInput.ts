import { z } from 'zod';
import { adfDoc, day, entityProperty } from './shapes.ts';
import { visibility } from './issueShapes.ts';

/** @see ATLASSIAN.md §6.2: longer property values are refused. */
const MAX_PROPERTY_CHARACTERS = 32_768;
/** Jira refuses a longer summary. */
const MAX_SUMMARY_CHARACTERS = 255;
/** Jira refuses a longer label. */
const MAX_LABEL_CHARACTERS = 255;

const byIdOrName = z
  .strictObject({ id: z.string().optional(), name: z.string().optional() })
  .refine((value) => value.id !== undefined || value.name !== undefined, 'expected an id or a name');
const byIdOrKey = z
  .strictObject({ id: z.string().optional(), key: z.string().optional() })
  .refine((value) => value.id !== undefined || value.key !== undefined, 'expected an id or a key');
// User names and keys left the interface in 2019; an account is all that identifies a person.
const byAccount = z
  .strictObject({ id: z.string().optional(), accountId: z.string().nullish() })
  .refine((value) => value.id !== undefined || value.accountId !== undefined, 'expected an account');

const summary = z
  .string()
  .min(1)
  .max(MAX_SUMMARY_CHARACTERS)
  .regex(/^[^\r\n]*$/, 'expected one line');
const label = z.string().min(1).max(MAX_LABEL_CHARACTERS).regex(/^\S+$/, 'expected a label without spaces');

const known = {
  project: byIdOrKey,
  issuetype: byIdOrName,
  summary,
  description: adfDoc.nullable(),
  environment: adfDoc.nullable(),
  priority: byIdOrName.nullable(),
  labels: z.array(label).nullable(),
  assignee: byAccount.nullable(),
  reporter: byAccount.nullable(),
  parent: byIdOrKey.nullable(),
  duedate: day.nullable(),
  resolution: byIdOrName.nullable(),
  security: byIdOrName.nullable(),
  components: z.array(byIdOrName).nullable(),
  versions: z.array(byIdOrName).nullable(),
  fixVersions: z.array(byIdOrName).nullable(),
  timetracking: z.strictObject({ originalEstimate: z.string().optional(), remainingEstimate: z.string().optional() }),
} as const;

const isField = (name: string): boolean => Object.hasOwn(known, name) || /^customfield_\d+$/.test(name);

/** Fields to set: the system's own with their types, any custom field, no other name. */
const fieldsToSet = z
  .looseObject(known)
  .partial()
  .superRefine((fields, context) => {
    for (const name of Object.keys(fields)) {
      if (!isField(name)) context.addIssue({ code: 'custom', path: [name], message: 'is not a field' });
    }
  });

const fieldsToCreate = fieldsToSet.safeExtend({ project: byIdOrKey, issuetype: byIdOrName, summary });

const fieldOperation = z
  .strictObject({ add: z.unknown(), set: z.unknown(), remove: z.unknown(), edit: z.unknown(), copy: z.unknown() })
  .partial()
  .refine((value) => Object.keys(value).length === 1, 'expected one operation');

const participant = z
  .strictObject({
    id: z.string(),
    displayName: z.string(),
    displayNameKey: z.string(),
    type: z.string(),
    avatarUrl: z.string(),
    url: z.string(),
  })
  .partial();

const historyMetadata = z
  .strictObject({
    type: z.string(),
    description: z.string(),
    descriptionKey: z.string(),
    activityDescription: z.string(),
    activityDescriptionKey: z.string(),
    emailDescription: z.string(),
    emailDescriptionKey: z.string(),
    actor: participant,
    generator: participant,
    cause: participant,
    extraData: z.record(z.string(), z.string()),
  })
  .partial();

const changeMembers = {
  update: z.record(z.string(), z.array(fieldOperation)).optional(),
  historyMetadata: historyMetadata.optional(),
  properties: z.array(entityProperty).optional(),
} as const;

const transitionById = z.strictObject({ id: z.string().min(1) });

/** The body that creates an issue. */
export const issueToCreate = z.strictObject({
  ...changeMembers,
  fields: fieldsToCreate,
  transition: transitionById.optional(),
});

/** The body that changes an issue. A transition in it is refused: Jira has an operation for that. */
export const issueToEdit = z.strictObject({ ...changeMembers, fields: fieldsToSet.optional() });

/** The body that moves an issue to another status. */
export const issueToTransition = z.strictObject({
  ...changeMembers,
  fields: fieldsToSet.optional(),
  transition: transitionById,
});

/** The body of a new or changed comment. */
export const commentToWrite = z.strictObject({
  body: adfDoc,
  visibility: visibility.optional(),
  properties: z.array(entityProperty).optional(),
});

/** A property's value: any JSON that is not too long. */
export const propertyValue = z
  .unknown()
  .refine((value) => value !== undefined && value !== '', 'expected a value')
  .refine(
    (value) => ((JSON.stringify(value) as string | undefined) ?? '').length <= MAX_PROPERTY_CHARACTERS,
    `expected at most ${MAX_PROPERTY_CHARACTERS} characters`,
  );
