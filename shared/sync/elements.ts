import { isSafeAddress } from '../adf/safety.ts';
import { otherSide, type Side } from '../model/connection.ts';
import { linkElement, linkOf, remoteLinkOf } from '../model/links.ts';
import type { SyncInput } from '../model/plan.ts';
import type { Code } from '../verdict.ts';
import { type Lane } from './lanes.ts';
import { isKnown, isUsable } from './offer.ts';
import { tableName } from './outgoing.ts';

/** An element of a set in terms of the other site; `undefined` when the issue that it names has no twin there. */
export function arrivingElement(input: SyncInput, from: Side, lane: Lane, element: string): string | undefined {
  if (lane.kind !== 'links') return element;
  const link = linkOf(element);
  const issue = link === undefined ? undefined : input.counterparts?.[from].get(link.issue);
  if (link === undefined || issue === undefined) return undefined;
  return linkElement({ ...link, issue, type: tableName(input.rules[from], 'linkType', link.type) });
}

/** Why the other site cannot have an element; `undefined` when it can. */
export function elementCode(input: SyncInput, from: Side, lane: Lane, element: string): Code | undefined {
  const to = otherSide(from);
  const { abilities } = input[to];
  switch (lane.kind) {
    case 'options':
      return isKnown(abilities, lane[to], element) ? undefined : 'value-unknown';
    case 'users':
      return isUsable(abilities.usable, element) ? undefined : 'user-not-assignable';
    case 'links':
      return abilities.linkTypes?.includes(linkOf(element)?.type ?? '') === false ? 'value-unknown' : undefined;
    case 'remoteLinks':
      return isSafeAddress(remoteLinkOf(element)?.url ?? '') ? undefined : 'rich-text-unsafe';
    default:
      return undefined;
  }
}

/** True when it can be told whether an element that is there still has its source: an unknown issue proves nothing. */
export function isReversible(input: SyncInput, from: Side, lane: Lane, element: string): boolean {
  if (lane.kind !== 'links') return true;
  const link = linkOf(element);
  return link !== undefined && input.counterparts?.[otherSide(from)].get(link.issue) !== undefined;
}
