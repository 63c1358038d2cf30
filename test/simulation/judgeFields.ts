/** Fields at rest: both sides show the same, the last word of a person stands, nothing comes to and fro. */
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { FieldKind } from './fieldKinds.ts';
import type { FieldDeed } from './history.ts';
import { UNSURE, blockedOf, isExcuse, sends } from './judging.ts';
import type { Pair, Tell } from './judging.ts';
import { kindsOf } from './moreKinds.ts';
import { SITES } from './world.ts';
import type { SimWorld } from './world.ts';

export function judgeField(world: SimWorld, pair: Pair, kind: FieldKind, tell: Tell): void {
  const shown = (side: Side): string | readonly string[] => {
    const issue = pair.issues[side];
    return issue === undefined ? '' : kind.show(world.jira.site(SITES[side]), issue);
  };
  const [a, b] = [shown('a'), shown('b')];
  const all = world.history.fields.filter(({ token, field }) => token === pair.token && field === kind.name);
  // Nobody can see a restore of what was undone in the very millisecond of the change before it.
  if (world.restore.unseen.has(pair.token) && all.some(({ isUndone }) => isUndone)) return;
  const deeds = all.filter(({ by, isUndone }) => by === 'person' && isUndone !== true);
  if (typeof a === 'string' && typeof b === 'string') judgeScalar(world, pair, kind, { a, b }, deeds, tell);
  else if (typeof a === 'object' && typeof b === 'object') judgeSet(world, pair, kind, { a, b }, deeds, tell);
}

/** Codes that say that a site has no such value; they may stand only where that is so. */
const UNKNOWN = ['value-unknown', 'user-not-assignable', 'link-target-not-synced', 'parent-not-synced'];

/** True when one side shows what the other site does not have. */
export function isUnknownThere(kind: FieldKind, shown: Readonly<Record<Side, string>>): boolean {
  return (['a', 'b'] as const).some((side) => kind.isUnknownTo?.(otherSide(side), shown[side]) === true);
}

/** True when what is shown names an issue that is not on both sides: it goes or stays with that issue. */
export function isOfLone({ isLone }: Pair, { refersTo }: FieldKind, shown: string): boolean {
  const token = refersTo?.(shown);
  return token !== undefined && isLone(token);
}

function judgeScalar(
  world: SimWorld,
  pair: Pair,
  kind: FieldKind,
  shown: Readonly<Record<Side, string>>,
  deeds: readonly FieldDeed[],
  tell: Tell,
): void {
  const { token, twin } = pair;
  const field = kind.name;
  const lastOf = (side: Side): FieldDeed | undefined => {
    const last = deeds.filter((deed) => deed.side === side).at(-1);
    return last?.isOverrun === true ? undefined : last;
  };
  const last = { a: lastOf('a'), b: lastOf('b') };
  if ((['a', 'b'] as const).some((side) => isOfLone(pair, kind, shown[side]))) return;
  if (shown.a !== shown.b) {
    const code = blockedOf(twin, field);
    // What a side keeps to itself may differ when it was changed there, or never left.
    if ((['a', 'b'] as const).some((side) => !sends(world, side, field))) return;
    if (code === undefined && isOfOtherRules(world, pair, deeds)) return;
    if (code === undefined) tell('different', `${field} of ${token}: nothing says why`);
    else if (UNKNOWN.includes(code) ? !isUnknownThere(kind, shown) : !isExcuse(world, code))
      tell('different', `${field} of ${token}: ${code}`);
    for (const side of ['a', 'b'] as const) {
      const mine = last[side];
      if (code === 'conflict-held' && mine !== undefined && shown[side] !== mine.value)
        tell('lost', `${field} of ${token}: ${side}'s held value is gone`);
    }
    return;
  }
  const { a, b } = last;
  if (a === undefined && b === undefined) return;
  const value = shown.a;
  if (value !== a?.value && value !== b?.value) {
    // A refused status goes a step of its own: the workflow may not offer the way back.
    tell('lost', `${field} of ${token} shows what nobody wanted last`);
    return;
  }
  if (a === undefined || b === undefined || a.value === b.value) return;
  const [earlier, later] = a.number < b.number ? [a, b] : [b, a];
  if (value !== later.value && !mayLose(world, field, earlier, later))
    tell('lost', `${field} of ${token}: ${later.side}'s later value went under`);
}

/** Values that were there before the issues met, while the rules did not send the field, both stand. */
function isOfOtherRules(world: SimWorld, { token }: Pair, deeds: readonly FieldDeed[]): boolean {
  if ((world.scheduler.faultCounts.get('rules-published') ?? 0) === 0) return false;
  const met = world.history.issues.find((deed) => deed.token === token && deed.by === 'app')?.number ?? Infinity;
  return deeds.every(({ number }) => number < met);
}

/** Whether a later change may give way to an earlier one on the other side. */
function mayLose(world: SimWorld, field: string, earlier: FieldDeed, later: FieldDeed): boolean {
  const there = world.history.fields.filter(
    (deed) => deed.token === later.token && deed.field === field && deed.side === later.side,
  );
  const policy = world.setting.policies[field];
  // What came with the birth has no base yet: a policy that names a side decides.
  const hasArrived = there.some(
    ({ by, value, number, isBirth }) =>
      by === 'app' &&
      value === earlier.value &&
      number > earlier.number &&
      number < later.number &&
      !(isBirth && policy !== undefined),
  );
  // Made with the other's value before the eyes: it must stand, as long as that is remembered.
  if (hasArrived && !world.storeRestore.hasForgotten(later)) return false;
  // A value that had been there before is no change when both are looked at: only the other side changed.
  const isBack = isValueBack(there, later);
  return isBack || policy === earlier.side || policy === 'hold' || earlier.at === later.at;
}

/** Whether a change set a value again that had been there before. */
function isValueBack(there: readonly FieldDeed[], { number, value }: FieldDeed): boolean {
  return there.some((deed) => deed.number <= number && deed.before === value && value !== '');
}

function judgeSet(
  world: SimWorld,
  pair: Pair,
  kind: FieldKind,
  shown: Readonly<Record<Side, readonly string[]>>,
  deeds: readonly FieldDeed[],
  tell: Tell,
): void {
  const { token, twin } = pair;
  const field = kind.name;
  const code = blockedOf(twin, field);
  const isStrange = (side: Side, element: string): boolean =>
    kind.isUnknownTo?.(otherSide(side), element) === true || isOfLone(pair, kind, element);
  const strange = (['a', 'b'] as const).flatMap((side) => shown[side].filter((element) => isStrange(side, element)));
  if (code !== undefined && (!UNKNOWN.includes(code) || strange.length === 0)) {
    if (!isExcuse(world, code) || UNKNOWN.includes(code)) tell('different', `${field} of ${token}: ${code}`);
    return;
  }
  const isOneWay = (['a', 'b'] as const).some((side) => !sends(world, side, field));
  for (const element of new Set(deeds.map(({ value }) => value))) {
    if (isOfLone(pair, kind, element)) continue;
    const of = deeds.filter(({ value }) => value === element);
    const last = of.at(-1);
    const removedOn = (side: Side): boolean => of.some((deed) => deed.side === side && deed.verb === 'remove');
    for (const side of ['a', 'b'] as const) {
      const [here, there] = [shown[side].includes(element), shown[otherSide(side)].includes(element)];
      // A person who took our copy away keeps it away.
      if (
        here &&
        !there &&
        !removedOn(otherSide(side)) &&
        !isOneWay &&
        !(code !== undefined && strange.includes(element))
      )
        tell('different', `${field} ${element} of ${token} is on ${side} only`);
      if (last?.verb === 'add' && last.side === side && !here && !last.isOverrun)
        tell('lost', `${field} ${element} of ${token} was added last on ${side} and is gone`);
    }
  }
}

/** The sync writes a field at most as often as people change it. */
export function judgeEchoes({ history, setting }: SimWorld, { token }: Pair, tell: Tell): void {
  for (const { name } of kindsOf(setting)) {
    const of = history.fields.filter((deed) => deed.token === token && deed.field === name);
    const people = of.filter(({ by }) => by === 'person').length;
    // What a restore has undone is written once more.
    const app = of.filter(({ by, isBirth, isUndone }) => by === 'app' && !isBirth && isUndone !== true).length;
    if (app > people) tell('echo', `${name} of ${token}: ${app} writes for ${people} changes`);
  }
}

/**
 * Writes that two automations may cause after a deed of a person: one that was decided before it, the one that carries it, and ten
 * flips. One whose end nobody learnt is made again.
 */
const MAX_ANSWERS = 12;

/** Automations that answer each other are stopped after ten flips, and the field that rests is said. */
export function judgeFlips(
  { history, setting, scheduler, restore, storeRestore }: SimWorld,
  { token, twin, isEnded }: Pair,
  tell: Tell,
): void {
  const said = new Set(twin?.troubles?.map(({ code, field }) => `${code} ${field ?? ''}`));
  for (const { name } of kindsOf(setting)) {
    const blocked = blockedOf(twin, name);
    if (blocked !== undefined && !isEnded && !said.has(`${blocked} ${name}`))
      tell('unsaid', `${name} of ${token}: ${blocked} is not in the inbox`);
    if (blocked === 'field-flipping' && name !== setting.flips?.field) tell('flips', `${name} of ${token} rests`);
  }
  const of = history.fields.filter(({ token: its, field }) => its === token && field === setting.flips?.field);
  const lastDeed = of.findLast(({ by, isRobot }) => by === 'person' && !isRobot)?.number ?? 0;
  const answers = of.filter(({ by, number, isBirth }) => by === 'app' && !isBirth && number > lastDeed).length;
  const again = UNSURE.reduce((sum, kind) => sum + (scheduler.faultCounts.get(kind) ?? 0), 0);
  // After a restore every field counts anew.
  const rounds = restore.keep === undefined && storeRestore.keep === undefined ? 1 : 2;
  if (answers > MAX_ANSWERS * rounds + again)
    tell('flips', `${setting.flips?.field} of ${token}: ${answers} writes after the last deed`);
}
