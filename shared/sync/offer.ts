import { otherSide, type Side } from '../model/connection.ts';
import { refusedByContract } from '../model/contract.ts';
import { kindOf, type FieldName } from '../model/field.ts';
import type { AdfDoc } from '../model/adf.ts';
import type { AccountId, IssueId, ValueHash } from '../model/ids.ts';
import type { Abilities, SyncInput } from '../model/plan.ts';
import type { FieldValue, JiraIssue } from '../model/replica.ts';
import type { Code } from '../verdict.ts';
import { isSafeAddress } from '../adf/safety.ts';
import { digest, hashOf, isDoc, isNothing } from './echo.ts';
import { rowOf, type Lane } from './lanes.ts';
import { leaving } from './outgoing.ts';
import { arrivingText, mediaObstacle, textObstacle } from './richText.ts';
import { issueOf } from './view.ts';
import { pathTo } from './ways.ts';

/** A value as it would arrive on the other side, beside what it was made from. */
export interface Offer {
  readonly to: Side;
  /** The field that it arrives in. */
  readonly field: FieldName;
  readonly source: FieldValue;
  /** As it left, in terms of its own site. */
  readonly left: FieldValue;
  readonly value: FieldValue;
  readonly hash: ValueHash;
  /** Why the other side can have no such value, whatever it can hold: the issue that it names is not under sync. */
  readonly code?: Code;
}

/** What a side offers of a lane that is no set; `undefined` when its rules do not send it or its issue does not show it. */
export function offerOf(input: SyncInput, from: Side, lane: Lane): Offer | undefined {
  const source = issueOf(input[from])?.fields[lane[from]];
  const left = leftOf(input, from, lane);
  if (source === undefined || left === undefined) return undefined;
  const to = otherSide(from);
  const field = lane[to];
  const refused = refusedByContract(input.agreed, from, field, input[to].issue === 'absent' ? 'create' : 'update');
  if (refused !== undefined) return { to, field, source, left, value: left, hash: hashOf(field, left), code: refused };
  const value = arriving(input, from, lane, left);
  if (value === undefined)
    return { to, field, source, left, value: left, hash: hashOf(field, left), code: 'parent-not-synced' };
  return { to, field, source, left, value, hash: hashOf(field, value) };
}

/** A side's value of a lane as its rules or scripts let it leave, still in terms of its own site; `undefined` when it does not leave. */
export function leftOf(input: SyncInput, from: Side, lane: Lane): FieldValue | undefined {
  const row = rowOf(input.rules, from, lane);
  const source = issueOf(input[from])?.fields[lane[from]];
  if (row === undefined || source === undefined) return undefined;
  const made = input.scripted?.[from];
  return made === undefined ? leaving(row, source, input.rules[from]) : made[lane[otherSide(from)]];
}

/** A value in terms of the other site: its people, its issues. `undefined`: there is no such thing there yet. */
function arriving(input: SyncInput, from: Side, lane: Lane, value: FieldValue): FieldValue | undefined {
  if (value === null) return null;
  const field = lane[otherSide(from)];
  if (isDoc(value)) return textAt(input, from, lane, value);
  if (typeof value !== 'string') return value;
  switch (kindOf(field)) {
    case 'user':
      return standIn(input, from, value);
    case 'issue':
      return input.counterparts?.[from].get(value as IssueId);
    default:
      return value;
  }
}

/** A text in terms of the other site, whose own pictures and mentions come home where nothing has changed around them. */
function textAt(input: SyncInput, from: Side, lane: Lane, doc: AdfDoc): AdfDoc {
  const to = otherSide(from);
  const there = issueOf(input[to])?.fields[lane[to]] ?? null;
  const { lacks } = input.memory.fields[lane.key] ?? {};
  return arrivingText(input, from, doc, there !== null && isDoc(there) ? there : null, lacks);
}

/** The person, or who stands in for somebody who is not usable there. */
function standIn(input: SyncInput, from: Side, person: string): string {
  const { usable } = input[otherSide(from)].abilities;
  const { fallbackPerson } = input.rules[from];
  return fallbackPerson !== undefined && !isUsable(usable, person) && usable.has(fallbackPerson)
    ? fallbackPerson
    : person;
}

/** True when the site says that it can use this person. */
export function isUsable(usable: ReadonlySet<AccountId>, person: string): boolean {
  return (usable as ReadonlySet<string>).has(person);
}

/** Why an existing issue cannot take the offer, as far as can be said before asking; `undefined` when it can. */
export function obstacle(input: SyncInput, offer: Offer): Code | undefined {
  if (offer.code !== undefined) return offer.code;
  const { abilities } = input[offer.to];
  const target = issueOf(input[offer.to]);
  if (offer.field !== 'status' && !abilities.editable.includes(offer.field)) return 'field-not-on-screen';
  const there = target?.fields[offer.field];
  const arriving = isDoc(offer.value) ? offer.value : null;
  const shown = there !== undefined && there !== null && isDoc(there) ? there : null;
  const media = mediaObstacle(input, offer.to, shown, arriving);
  return media ?? valueObstacle(offer, abilities, target);
}

/** Jira's limit on one-line texts. @see ATLASSIAN.md §6.2 and its field types: summary and short custom texts alike */
const LINE_LIMIT = 255;

/** Why a site cannot hold a value, whatever its screens say. `target` is `undefined` for an issue still to be created. */
export function valueObstacle(
  { field, source, value, code }: Offer,
  abilities: Abilities,
  target: JiraIssue | undefined,
): Code | undefined {
  if (code !== undefined) return code;
  if (field === 'summary' && isNothing(field, value)) return 'field-refused';
  if (value === null || source === null) return undefined;
  if (isDoc(value)) return isDoc(source) ? textObstacle(source, value) : textObstacle(value, value);
  switch (kindOf(field)) {
    case 'option':
    case 'sprint':
      return isKnown(abilities, field, String(value)) ? undefined : 'value-unknown';
    case 'cascade':
      return isKnown(abilities, field, JSON.stringify(value)) ? undefined : 'value-unknown';
    case 'type':
      return hasType(abilities, String(value), target?.isSubtask ?? false) ? undefined : 'value-unknown';
    case 'status':
      return pathTo(abilities, target?.fields.status, String(value)) === undefined ? 'status-unreachable' : undefined;
    case 'user':
      return isUsable(abilities.usable, String(value)) ? undefined : 'user-not-assignable';
    case 'text':
      return String(value).length > LINE_LIMIT ? 'text-too-long' : undefined;
    case 'url':
      return isSafeAddress(String(value)) ? undefined : 'rich-text-unsafe';
    case 'number':
    case 'duration':
      return Number.isFinite(value) ? undefined : 'field-refused';
    case 'richText':
    case 'date':
    case 'dateTime':
    case 'issue':
    case 'options':
    case 'users':
    case 'labels':
    case 'links':
    case 'remoteLinks':
      return undefined;
  }
}

/** True when the site's list of the field's values holds the name, or when there is no such list. */
export function isKnown({ options }: Abilities, field: FieldName, name: string): boolean {
  return options[field]?.includes(name) ?? true;
}

/** True when the project knows the type as a sub-task type or as a plain one, as asked. */
export function hasType(abilities: Abilities, name: string, isSubtask: boolean): boolean {
  return abilities.issueTypes.some((type) => type.name === name && type.isSubtask === isSubtask);
}

/**
 * What one attempt to write an offer is, so that a refused one is not made again: the value, and for a status also where the issue
 * stands and which ways it offers, because either may open a way that was closed.
 */
export function attemptOf(input: SyncInput, { to, field, hash }: Pick<Offer, 'to' | 'field' | 'hash'>): ValueHash {
  const target = issueOf(input[to]);
  const ways = input[to].abilities.transitions.map((way) => way.to).sort();
  const stand = field === 'status' && target !== undefined ? [target.fields.status ?? '', ways] : [];
  return digest(['attempt', to, field, hash, stand]);
}
