import { otherSide, type Side } from '../model/connection.ts';
import type { ValueHash } from '../model/ids.ts';
import type { Abilities, Blocked, SyncInput } from '../model/plan.ts';
import { fieldNames, type FieldName, type JiraIssue, type Replica } from '../model/replica.ts';
import type { FieldValue } from './echo.ts';
import { refusalOf } from './fields.ts';
import { attemptOf, hasType, offerOf, valueObstacle, type Offer } from './offer.ts';
import { outgoing, withField } from './outgoing.ts';
import { issueOf } from './view.ts';

/** How a missing issue is made. `deferred`: what the source shares and the new issue does not get at once. */
export interface Creation {
  readonly from: Side;
  readonly to: Side;
  readonly source: JiraIssue;
  /** Absent when the issue cannot be made now; `blocked` says why. */
  readonly fields?: Replica;
  readonly attempts: Readonly<Partial<Record<FieldName, ValueHash>>>;
  readonly deferred: readonly FieldName[];
  readonly blocked: readonly Blocked[];
}

/**
 * Decides the issue that is missing beside the origin's. It always has a summary and a type; everything else that the site
 * cannot hold is left out, said, and comes again with the next round. A status is never set at birth: it needs a transition.
 * `undefined` when nothing is to be made: both issues exist, or the one that exists is not the origin.
 */
export function decideCreation(input: SyncInput): Creation | undefined {
  const from = input.memory.originSide;
  const to = otherSide(from);
  const source = issueOf(input[from]);
  if (source === undefined || input[to].issue !== 'absent') return undefined;
  const made = fieldNames.reduce((draft: Draft, field) => withBirth(draft, input, from, field), emptyDraft);
  const type = typeFor(outgoing(source, input.rules[from]).issueType, input);
  const creation = { from, to, source, attempts: made.attempts, deferred: made.deferred, blocked: made.blocked };
  if (made.fields.summary === undefined) {
    const isSaid = made.blocked.some(({ field }) => field === 'summary');
    return isSaid
      ? creation
      : { ...creation, blocked: [...made.blocked, { side: to, field: 'summary', code: 'field-refused' }] };
  }
  if (type === undefined) {
    return { ...creation, blocked: [...made.blocked, { side: to, field: 'issueType', code: 'value-unknown' }] };
  }
  return { ...creation, fields: { ...made.fields, issueType: type } };
}

type Draft = Pick<Creation, 'attempts' | 'deferred' | 'blocked'> & { readonly fields: Replica };

const emptyDraft: Draft = { fields: {}, attempts: {}, deferred: [], blocked: [] };

function withBirth(draft: Draft, input: SyncInput, from: Side, field: FieldName): Draft {
  const offer = offerOf(input, from, field);
  if (offer === undefined || field === 'issueType') return draft;
  const { abilities } = input[offer.to];
  const trace = input.memory.fields[field];
  const attempt = attemptOf(input, field, offer);
  const isTried = trace?.tried === attempt;
  const code = isTried
    ? refusalOf(trace)
    : field === 'status'
      ? undefined
      : valueObstacle(field, offer, abilities, undefined);
  if (code !== undefined) {
    const blocked: Blocked = { side: offer.to, field, code };
    return { ...draft, blocked: [...draft.blocked, blocked], deferred: [...draft.deferred, field] };
  }
  if (!isWritten(field, offer, abilities)) return { ...draft, deferred: [...draft.deferred, field] };
  return {
    ...draft,
    fields: withField(draft.fields, field, offer.value),
    attempts: { ...draft.attempts, [field]: attempt },
  };
}

/** Empty values are not written at birth: the next round sees whether the project filled them by itself. */
function isWritten(field: FieldName, offer: Offer, abilities: Abilities): boolean {
  return field === 'summary' || (field !== 'status' && !isNothing(offer.value) && abilities.creatable.includes(field));
}

function isNothing(value: FieldValue): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** A sub-task arrives as a plain issue, because its parent does not travel; so every type here is a plain one. */
function typeFor(mapped: string | undefined, input: SyncInput): string | undefined {
  const from = input.memory.originSide;
  const { abilities } = input[otherSide(from)];
  const wanted = [...(mapped === undefined ? [] : [mapped]), input.rules[from].fallbackIssueType];
  const known = wanted.find((name) => hasType(abilities, name, false));
  return known ?? abilities.issueTypes.find((type) => !type.isSubtask)?.name;
}
