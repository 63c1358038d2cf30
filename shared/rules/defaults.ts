/** The rule document that a side starts with. */
import { fieldNames } from '../model/replica.ts';
import type { RuleDocument } from '../model/rules.ts';

/** The type that every new Jira project has. */
const DEFAULT_ISSUE_TYPE = 'Task';

/**
 * Version 1 of a side's rules: every field that we can carry, the newest change wins, public comments travel, names
 * stay as they are. A side that wants to share less takes rows out.
 */
export function defaultRules(): RuleDocument {
  return {
    version: 1,
    fields: fieldNames.map((field) => ({ field, policy: 'newest' })),
    comments: true,
    values: { issueType: {}, priority: {}, status: {} },
    fallbackIssueType: DEFAULT_ISSUE_TYPE,
  };
}
