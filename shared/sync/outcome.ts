import type { StepResult } from '../model/plan.ts';
import type { FieldName } from '../model/field.ts';
import type { Code } from '../verdict.ts';

/** How an act ended, as far as memory cares. `unknown`: it may have happened or not; reading again tells. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly code: Code }
  | { readonly kind: 'unknown' };

/**
 * Refusals that the same attempt would meet again. The others (no permission, no connection, a limit of calls) end without the
 * value changing, so they are tried anew whenever the twin is planned.
 */
const lasting: ReadonlySet<Code> = new Set<Code>([
  'field-refused',
  'field-not-on-screen',
  'value-unknown',
  'text-too-long',
  'transition-field-missing',
  'user-not-assignable',
  'status-unreachable',
  'rich-text-unsafe',
  'rich-text-media',
  'comment-empty',
  'link-limit',
  'link-target-not-synced',
  'comment-limit',
  'comment-foreign',
  'visibility-unknown',
  'worklog-limit',
  'attachment-too-large',
  'attachment-broken',
  'attachment-restricted',
  'attachment-limit',
  'attachments-off',
  'jira-refused',
  'row-too-large',
]);

/** How a step ended. */
export function outcomeOf(result: StepResult | undefined): Outcome {
  if (result === undefined) return { kind: 'unknown' };
  if (result.ok) return { kind: 'done' };
  return lasting.has(result.code) ? { kind: 'refused', code: result.code } : { kind: 'unknown' };
}

/** How a step ended for one of its fields: a step can succeed without a field, or fail because of one. */
export function fieldOutcome(result: StepResult | undefined, field: FieldName): Outcome {
  const code = result?.refusedFields?.[field];
  if (code !== undefined) return { kind: 'refused', code };
  const isOthersFault = result?.ok === false && Object.keys(result.refusedFields ?? {}).length > 0;
  return isOthersFault ? { kind: 'unknown' } : outcomeOf(result);
}
