import { otherSide, type Side } from '../model/connection.ts';
import type { ValueHash } from '../model/ids.ts';
import type { Abilities, SyncInput } from '../model/plan.ts';
import type { FieldName, JiraIssue } from '../model/replica.ts';
import type { Code } from '../verdict.ts';
import { digest, hashOf, isDoc, type FieldValue } from './echo.ts';
import { outgoing } from './outgoing.ts';
import { mediaObstacle, textObstacle, travelling } from './richText.ts';
import { issueOf } from './view.ts';

/** A value as it would arrive on the other side, beside what it was made from. */
export interface Offer {
  readonly to: Side;
  readonly source: FieldValue;
  readonly value: FieldValue;
  readonly hash: ValueHash;
}

/** What a side offers of a field; `undefined` when its rules do not send it or its issue does not show it. */
export function offerOf(input: SyncInput, from: Side, field: FieldName): Offer | undefined {
  const issue = issueOf(input[from]);
  const value = issue === undefined ? undefined : outgoing(issue, input.rules[from])[field];
  const source = issue?.fields[field];
  if (value === undefined || source === undefined) return undefined;
  const to = otherSide(from);
  const arriving = isDoc(value) ? travelling(value, input[to].abilities.usable) : value;
  return { to, source, value: arriving, hash: hashOf(field, arriving) };
}

/** Why an existing issue cannot take the offer, as far as can be said before asking; `undefined` when it can. */
export function obstacle(input: SyncInput, field: FieldName, offer: Offer): Code | undefined {
  const { abilities } = input[offer.to];
  const target = issueOf(input[offer.to]);
  if (field !== 'status' && !abilities.editable.includes(field)) return 'field-not-on-screen';
  const there = target?.fields[field];
  const media = there !== undefined && isDoc(there) ? mediaObstacle(there) : undefined;
  return media ?? valueObstacle(field, offer, abilities, target);
}

/** Why a site cannot hold a value, whatever its screens say. `target` is `undefined` for an issue still to be created. */
export function valueObstacle(
  field: FieldName,
  { source, value }: Offer,
  abilities: Abilities,
  target: JiraIssue | undefined,
): Code | undefined {
  if (value === null || source === null) return undefined;
  if (isDoc(value)) return isDoc(source) ? textObstacle(source, value) : undefined;
  if (typeof value !== 'string') return undefined;
  switch (field) {
    case 'priority':
      return abilities.priorities.includes(value) ? undefined : 'value-unknown';
    case 'issueType':
      return hasType(abilities, value, target?.isSubtask ?? false) ? undefined : 'value-unknown';
    case 'status':
      return abilities.transitions.some(({ to }) => to === value) ? undefined : 'status-unreachable';
    case 'assignee':
    case 'reporter':
      return [...abilities.usable].some((account) => account === value) ? undefined : 'user-not-assignable';
    case 'summary':
      return value.trim() === '' ? 'field-refused' : undefined;
    case 'description':
    case 'labels':
      return undefined;
  }
}

/** True when the project knows the type as a sub-task type or as a plain one, as asked. */
export function hasType(abilities: Abilities, name: string, isSubtask: boolean): boolean {
  return abilities.issueTypes.some((type) => type.name === name && type.isSubtask === isSubtask);
}

/**
 * What one attempt to write an offer is, so that a refused one is not made again: the value, and for a status also where the issue
 * stands and which ways it offers, because either may open a way that was closed.
 */
export function attemptOf(input: SyncInput, field: FieldName, offer: Pick<Offer, 'to' | 'hash'>): ValueHash {
  const target = issueOf(input[offer.to]);
  const ways = input[offer.to].abilities.transitions.map(({ to }) => to).sort();
  const stand = field === 'status' && target !== undefined ? [target.fields.status ?? '', ways] : [];
  return digest(['attempt', offer.to, field, offer.hash, stand]);
}
