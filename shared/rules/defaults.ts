/** The rule document that a side starts with. */
import type { SystemField } from '../model/field.ts';
import type { RuleDocument } from '../model/rules.ts';

/** The type that every new Jira project has. */
const DEFAULT_ISSUE_TYPE = 'Task';

/**
 * What a side shares before it has chosen: what every issue has. The rest is a matter of choice, because sites differ in it.
 */
const defaultFields = [
  'summary',
  'description',
  'issueType',
  'priority',
  'labels',
  'status',
  'assignee',
  'reporter',
] as const satisfies readonly SystemField[];

/**
 * Version 1 of a side's rules: what every issue has, the newest change wins, public comments travel, names
 * stay as they are. A side that wants to share less takes rows out.
 */
export function defaultRules(): RuleDocument {
  return {
    version: 1,
    fields: defaultFields.map((field) => ({ field, policy: 'newest' })),
    comments: true,
    values: {},
    fallbackIssueType: DEFAULT_ISSUE_TYPE,
  };
}
