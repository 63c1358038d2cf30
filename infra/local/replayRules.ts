/** The rules of a replay: everything that there is travels, in both directions, so that a comparison is of everything. */
import { fieldNames } from '../../shared/model/field.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';

/** Every system field, all notes with their readers, every file. */
export function everythingRules(): RuleDocument {
  return {
    ...defaultRules(),
    fields: fieldNames.map((field) => ({ field, policy: 'newest' })),
    comments: true,
    visibility: { 'role:Administrators': 'role:Administrators' },
    worklogs: true,
    attachments: {},
  };
}
