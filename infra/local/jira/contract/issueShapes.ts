import { z } from 'zod';
import {
  address,
  adfDoc,
  avatarUrls,
  day,
  entityProperty,
  issueKey,
  issueType,
  numericId,
  priority,
  stamp,
  status,
  userDetails,
} from './shapes.ts';

/** Who may see a comment. */
export const visibility = z.strictObject({
  type: z.enum(['group', 'role']),
  value: z.string().optional(),
  identifier: z.string().nullish(),
});

/** A comment as Jira answers it. */
export const comment = z.strictObject({
  self: address,
  id: numericId,
  author: userDetails.optional(),
  body: adfDoc,
  updateAuthor: userDetails.optional(),
  created: stamp,
  updated: stamp,
  visibility: visibility.optional(),
  jsdPublic: z.boolean().optional(),
  jsdAuthorCanSeeRequest: z.boolean().optional(),
  renderedBody: z.string().optional(),
  properties: z.array(entityProperty).optional(),
});

/** A page of an issue's comments. */
export const pageOfComments = z.strictObject({
  comments: z.array(comment),
  startAt: z.int(),
  maxResults: z.int(),
  total: z.int(),
});

/** What a field holds, in Jira's own terms. */
export const fieldSchema = z.strictObject({
  type: z.string(),
  items: z.string().optional(),
  system: z.string().optional(),
  custom: z.string().optional(),
  customId: z.int().optional(),
  configuration: z.record(z.string(), z.unknown()).optional(),
});

const fieldMetadataMembers = {
  required: z.boolean(),
  schema: fieldSchema,
  name: z.string(),
  key: z.string(),
  autoCompleteUrl: z.string().optional(),
  hasDefaultValue: z.boolean().optional(),
  operations: z.array(z.string()),
  allowedValues: z.array(z.unknown()).optional(),
  defaultValue: z.unknown().optional(),
  configuration: z.record(z.string(), z.unknown()).optional(),
} as const;

/** How a field of an existing issue can be changed. */
export const fieldMetadata = z.strictObject(fieldMetadataMembers);

/** How a field of a new issue can be set. */
export const fieldCreateMetadata = z.strictObject({ ...fieldMetadataMembers, fieldId: z.string() });

/** A way from one status to another. */
export const transition = z.strictObject({
  id: numericId,
  name: z.string(),
  to: status,
  hasScreen: z.boolean(),
  isGlobal: z.boolean().optional(),
  isInitial: z.boolean().optional(),
  isAvailable: z.boolean().optional(),
  isConditional: z.boolean().optional(),
  looped: z.boolean().optional(),
  expand: z.string().optional(),
  fields: z.record(z.string(), fieldMetadata).optional(),
});

const changeItem = z.strictObject({
  field: z.string(),
  fieldtype: z.string(),
  // Often absent: histories older than the member, and fields of apps.
  fieldId: z.string().optional(),
  from: z.string().nullish(),
  fromString: z.string().nullish(),
  to: z.string().nullish(),
  // Never absent: every object has an inherited member of that name, which must not be taken for it.
  toString: z.string().nullable(),
});

const changelogMembers = {
  id: numericId,
  author: userDetails.optional(),
  items: z.array(changeItem),
  historyMetadata: z.looseObject({}).optional(),
} as const;

/** One entry of an issue's history. */
export const changelog = z.strictObject({ ...changelogMembers, created: stamp });

/** The same from the bulk operation, which writes the instant as a number. */
export const bulkChangelog = z.strictObject({ ...changelogMembers, created: z.union([stamp, z.int()]) });

const projectOfIssue = z.looseObject({
  self: address,
  id: numericId,
  key: z.string(),
  name: z.string(),
  avatarUrls: avatarUrls.optional(),
});

/** An issue as others mention it. */
export const linkedIssue = z.looseObject({ id: numericId, key: issueKey, self: address });

/** A kind of link. */
export const linkType = z.strictObject({
  id: numericId,
  name: z.string(),
  inward: z.string(),
  outward: z.string(),
  self: address.optional(),
});

/** A link as an issue shows it: with the other end alone. */
const issueLink = z
  .strictObject({
    id: numericId,
    self: address.optional(),
    type: linkType,
    inwardIssue: linkedIssue.optional(),
    outwardIssue: linkedIssue.optional(),
  })
  .refine((link) => (link.inwardIssue === undefined) !== (link.outwardIssue === undefined), 'expected one end');

/** A worklog as Jira answers it. */
export const worklog = z.strictObject({
  self: address,
  id: numericId,
  issueId: numericId,
  author: userDetails.optional(),
  updateAuthor: userDetails.optional(),
  comment: adfDoc.optional(),
  created: stamp.optional(),
  updated: stamp,
  started: stamp,
  timeSpent: z.string(),
  timeSpentSeconds: z.int(),
  visibility: visibility.optional(),
  properties: z.array(entityProperty).optional(),
});

/** A file inside an issue, and as an upload answers it. */
export const attachment = z.strictObject({
  self: address,
  id: numericId,
  filename: z.string(),
  author: userDetails.optional(),
  created: stamp,
  size: z.int(),
  mimeType: z.string(),
  content: address,
  thumbnail: address.optional(),
});

/** How many watch an issue, and whether the caller does. */
export const watches = z.strictObject({ self: address, watchCount: z.int().min(0), isWatching: z.boolean() });

/** How many voted for an issue, and whether the caller did. */
export const votes = z.strictObject({ self: address, votes: z.int().min(0), hasVoted: z.boolean() });

/** Fields of an issue: open, because sites have fields of their own; those we know have their type. */
export const issueFields = z.looseObject({
  summary: z.string().optional(),
  description: adfDoc.nullish(),
  environment: adfDoc.nullish(),
  issuetype: issueType.optional(),
  status: status.optional(),
  priority: priority.nullish(),
  assignee: userDetails.nullish(),
  reporter: userDetails.nullish(),
  creator: userDetails.nullish(),
  labels: z.array(z.string()).optional(),
  created: stamp.optional(),
  updated: stamp.optional(),
  resolutiondate: stamp.nullish(),
  duedate: day.nullish(),
  project: projectOfIssue.optional(),
  parent: linkedIssue.optional(),
  subtasks: z.array(linkedIssue).optional(),
  comment: z.looseObject({ ...pageOfComments.shape, self: address.optional() }).optional(),
  attachment: z.array(attachment).optional(),
  issuelinks: z.array(issueLink).optional(),
  worklog: z
    .strictObject({ startAt: z.int(), maxResults: z.int(), total: z.int(), worklogs: z.array(worklog) })
    .optional(),
  watches: watches.optional(),
  votes: votes.optional(),
  components: z.array(z.looseObject({})).optional(),
  versions: z.array(z.looseObject({})).optional(),
  fixVersions: z.array(z.looseObject({})).optional(),
});

/** An issue as Jira answers it. */
export const issue = z.strictObject({
  expand: z.string().optional(),
  id: numericId,
  self: address,
  key: issueKey,
  fields: issueFields.optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  names: z.record(z.string(), z.string()).optional(),
  schema: z.record(z.string(), fieldSchema).optional(),
  renderedFields: z.record(z.string(), z.unknown()).optional(),
  transitions: z.array(transition).optional(),
  changelog: z
    .strictObject({ startAt: z.int(), maxResults: z.int(), total: z.int(), histories: z.array(changelog) })
    .optional(),
  editmeta: z.strictObject({ fields: z.record(z.string(), fieldMetadata) }).optional(),
  operations: z.looseObject({}).optional(),
});

/** An issue in a search: Jira answers the id alone when only `id` was asked for. */
export const foundIssue = issue.partial({ key: true, self: true });
