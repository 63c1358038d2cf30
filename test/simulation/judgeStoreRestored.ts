/** What must hold of a field of a pair that an older copy of our store has known, after an admin has said which side counts. */
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { FieldKind } from './fieldKinds.ts';
import type { FieldDeed } from './history.ts';
import { isOfLone, isUnknownThere, judgeField } from './judgeFields.ts';
import { blockedOf, isExcuse, sends } from './judging.ts';
import type { Pair, Tell } from './judging.ts';
import { SITES } from './world.ts';
import type { SimWorld } from './world.ts';

/**
 * Both sides show the same, or it is said why not; where they differed the chosen side stands, and what a person has changed since the
 * pair began anew; of sets nothing is taken away that was there.
 */
export function judgeStoreRestored(world: SimWorld, pair: Pair, kind: FieldKind, tell: Tell): void {
  const [a, b] = [shownOn(world, pair, kind, 'a'), shownOn(world, pair, kind, 'b')];
  if (typeof a === 'string' && typeof b === 'string') judgeScalar(world, pair, kind, { a, b }, tell);
  else {
    judgeField(world, pair, kind, tell);
    if (typeof a === 'object' && typeof b === 'object') judgeSet(world, pair, kind, { a, b }, tell);
  }
}

function shownOn(world: SimWorld, { issues }: Pair, kind: FieldKind, side: Side): string | readonly string[] {
  const issue = issues[side];
  return issue === undefined ? '' : kind.show(world.jira.site(SITES[side]), issue);
}

/** People's deeds at a field of a pair since the store was put back. */
function deedsSince({ history, storeRestore }: SimWorld, { token }: Pair, { name }: FieldKind): readonly FieldDeed[] {
  return history.fields.filter(
    (deed) => deed.token === token && deed.field === name && deed.by === 'person' && deed.number > storeRestore.number,
  );
}

function judgeScalar(
  world: SimWorld,
  pair: Pair,
  kind: FieldKind,
  shown: Readonly<Record<Side, string>>,
  tell: Tell,
): void {
  const { storeRestore } = world;
  const { keep, answered } = storeRestore;
  const where = `${kind.name} of ${pair.token}`;
  if ((['a', 'b'] as const).some((side) => !sends(world, side, kind.name))) return;
  if ([shown.a, shown.b].some((one) => isOfLone(pair, kind, one))) return;
  const deeds = deedsSince(world, pair, kind);
  if (shown.a !== shown.b) {
    const code = blockedOf(pair.twin, kind.name);
    const isSaid = code !== undefined && (isUnknownThere(kind, shown) || isExcuse(world, code));
    if (!isSaid) tell('different', `${where} after the store was put back: ${code ?? 'nothing says why'}`);
    return;
  }
  const value = shown.a;
  const then = storeRestore.shown.get(pair.token);
  const lastOf = (side: Side): FieldDeed | undefined => deeds.findLast((deed) => deed.side === side);
  const wordOf = (side: Side): string => String(lastOf(side)?.value ?? then?.[side]?.[kind.name] ?? '');
  // What was written over between a reading and a writing: Jira has no conditional write.
  if (deeds.some(({ isOverrun }) => isOverrun)) return;
  if (value !== wordOf('a') && value !== wordOf('b')) {
    tell('lost', `${where} shows after the store was put back what nobody wanted last`);
    return;
  }
  const settled = storeRestore.settled.get(pair.token) ?? Infinity;
  const last = deeds.at(-1);
  const isLate = last !== undefined && last.number > settled;
  if (isLate && value !== last.value && world.setting.policies[kind.name] === undefined) {
    const other = deeds.findLast(({ side }) => side !== last.side);
    const isDouble = other !== undefined && (other.number > settled || other.at === last.at);
    if (!isDouble) tell('lost', `${where}: ${last.side}'s change after the new beginning went under`);
  }
  if (keep !== 'a' && keep !== 'b') return;
  const far = lastOf(otherSide(keep));
  // A change of the other side that came after the admin's word may have been seen as one, also one that a replica had not shown before.
  const isHidden = (world.scheduler.faultCounts.get('stale-read') ?? 0) > 0;
  const isSeen = far !== undefined && (far.number > answered || isHidden) && value === far.value;
  if (value !== wordOf(keep) && !isSeen)
    tell('lost', `${where}: ${keep} counts after the store was put back and does not stand`);
}

/** What was there stays there, unless a person has taken it away since. */
function judgeSet(
  world: SimWorld,
  pair: Pair,
  kind: FieldKind,
  shown: Readonly<Record<Side, readonly string[]>>,
  tell: Tell,
): void {
  const then = world.storeRestore.shown.get(pair.token);
  const deeds = deedsSince(world, pair, kind);
  for (const side of ['a', 'b'] as const)
    for (const element of [then?.[side]?.[kind.name] ?? []].flat()) {
      const isTaken = deeds.some(({ verb, value }) => verb === 'remove' && value === element);
      if (!isTaken && !shown[side].includes(element) && !isOfLone(pair, kind, element))
        tell('lost', `${kind.name} ${element} of ${pair.token} went from ${side} after the store was put back`);
    }
}
