import type { FieldTrace } from '../model/twin.ts';
import type { Hashes } from './stance.ts';

/** What a person may say of a field that waits: whose value counts, both texts, or that the change stays where it is. */
export type Pick = NonNullable<FieldTrace['resolved']>['pick'];

/** A person's answer, as long as both sides show what it was about. */
export function answerOf(trace: FieldTrace | undefined, now: Hashes): Pick | undefined {
  const { resolved } = trace ?? {};
  return resolved !== undefined && resolved.a === now.a && resolved.b === now.b ? resolved.pick : undefined;
}

/** The answer as a part of the next trace: a stop or a refusal on the way does not lose it, other values do. */
export function answerIn(
  trace: FieldTrace | undefined,
  now: Hashes,
): { readonly resolved?: FieldTrace['resolved'] & {} } {
  return trace?.resolved === undefined || answerOf(trace, now) === undefined ? {} : { resolved: trace.resolved };
}
