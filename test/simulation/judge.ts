/**
 * What must hold when everything has come to rest. It knows the sites, what people did, and the codes that the product shows; it
 * uses none of the engine's functions, so a mistake of the engine cannot excuse itself.
 */
import { plainText } from '../../infra/local/jira/model/richText.ts';
import type { Comment, Issue, Site } from '../../infra/local/jira/model/types.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { meaningOf } from '../../shared/verdict.ts';
import type { FieldKind } from './fieldKinds.ts';
import { firstWord } from './history.ts';
import type { CommentDeed, FieldDeed } from './history.ts';
import { judgeRestored } from './judgeRestored.ts';
import { kindsOf } from './moreKinds.ts';
import { judgeParts, partsOf } from './parts.ts';
import { APP_ACCOUNT } from '../../infra/local/inside.ts';
import type { FaultKind } from './script.ts';
import { PROJECTS, SITES, rulesOf } from './world.ts';
import type { SimWorld } from './world.ts';

/** Something that does not hold. `what` names words of the run, never anything from outside. */
export interface Violation {
  readonly kind: string;
  readonly what: string;
}

/** Both issues of a pair, as far as they are there, and what the product says of them. */
export interface Pair {
  readonly token: string;
  readonly origin: Side;
  readonly issues: Readonly<Record<Side, Issue | undefined>>;
  readonly twin: RecordOf<'twin'> | undefined;
  /** A person deleted one of the two. */
  readonly isEnded: boolean;
}

export type Tell = (kind: string, what: string) => void;

/** Faults that only a reconcile heals: something was lost, or refused before a twin could remember it. */
const LOSSES: readonly FaultKind[] = [
  ...(['message-lost', 'webhook-lost', 'webhook-late', 'message-late'] as const),
  ...([
    'jira-401',
    'jira-403',
    'jira-404',
    'permission-lost',
    'rules-published',
    'licence-ends',
    'clock-jump',
    'rules-not-agreed',
    'site-restored',
  ] as const),
];

/** What must be so before any reconcile, when nothing was lost for good: both sides are in step already. */
export async function judgeBeforeReconcile(world: SimWorld): Promise<readonly Violation[]> {
  const had = (kind: FaultKind): boolean => (world.scheduler.faultCounts.get(kind) ?? 0) > 0;
  // A catch-up asks the index, and what changed a moment before is not in it yet.
  const isLost = LOSSES.some(had) || (had('partner-leaves') && world.setting.indexLagMs > 0);
  if (isLost || world.traffic.deadLetters + world.traffic.hooksGivenUp > 0) return [];
  const violations: Violation[] = [];
  const tell: Tell = (kind, what) => void violations.push({ kind: `${kind}-before-reconcile`, what });
  const [twins, traces] = [await world.twins(), await world.traces()];
  for (const pair of pairsOf(world, twins, tell)) {
    if (pair.isEnded) continue;
    for (const kind of kindsOf(world.setting)) judgeField(world, pair, kind, tell);
    judgeComments(world, pair, traces, tell);
    await judgeAllParts(world, pair, tell);
  }
  return violations;
}

/** Judges a world at rest. */
export async function judge(world: SimWorld, strangersBefore: string): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const tell: Tell = (kind, what) => void violations.push({ kind, what });
  for (const { kind, what } of world.history.wrongs) tell(kind, what);
  for (const bug of world.bugs) tell('bug', bug);
  const alarms = world.log.lines.flatMap(({ kind, name, code }) =>
    kind === 'fault' && code !== undefined && meaningOf(code).alarm ? [`${name}: ${code}`] : [],
  );
  for (const alarm of new Set(alarms)) tell('alarm', alarm);
  for (const { operation, where, path, problem } of world.jira.serving.violations)
    tell('contract', `${operation} ${where} ${path} ${problem}`);
  if (world.strangers() !== strangersBefore) tell('stranger-changed', 'a site that shares nothing has changed');
  if (!(await world.isWatermarkMoved())) tell('stuck', 'the watermark has not moved');
  const twins = await world.twins();
  const traces = await world.traces();
  for (const pair of pairsOf(world, twins, tell)) {
    judgeTwin(world, pair, tell);
    judgeLeaks(world, pair, tell);
    if (world.restore.keep === undefined) judgeEchoes(world, pair, tell);
    judgeFlips(world, pair, tell);
    if (pair.isEnded) continue;
    judgeInbox(pair, tell);
    if (world.restore.keep !== undefined) {
      judgeRestored(world, pair, tell);
      continue;
    }
    for (const kind of kindsOf(world.setting)) judgeField(world, pair, kind, tell);
    judgeComments(world, pair, traces, tell);
    await judgeAllParts(world, pair, tell);
  }
  const isCalm = [...world.scheduler.faultCounts.keys()].every((kind) => kind === 'stale-search');
  if (isCalm && world.writes.redundant > 0) tell('redundant-write', `${world.writes.redundant} writes changed nothing`);
  return violations;
}

/** Nothing is written of a field that the other side's agreed rules do not send. What a new issue has by itself is nobody's. */
function judgeLeaks(world: SimWorld, { token }: Pair, tell: Tell): void {
  for (const { by, token: of, side, field, isBirth, value } of world.history.fields) {
    if (by !== 'app' || of !== token || isBirth || sends(world, otherSide(side), field)) continue;
    tell('leak', `${field} of ${token}: ${value} was written on ${side} although the other side does not send it`);
  }
}

/** Every held conflict is where people look for it: among the troubles of the twin, and the other way round. */
function judgeInbox({ token, twin }: Pair, tell: Tell): void {
  const held = Object.entries(twin?.fields ?? {}).flatMap(([lane, { blocked }]) =>
    blocked === 'conflict-held' ? [lane] : [],
  );
  const told = (twin?.troubles ?? []).flatMap(({ code, field }) => (code === 'conflict-held' ? [field ?? ''] : []));
  for (const lane of held)
    if (!told.includes(lane)) tell('conflict-hidden', `${lane} of ${token} is held and not told`);
  for (const lane of told)
    if (!held.includes(lane)) tell('conflict-hidden', `${lane} of ${token} is told and not held`);
}

/** Worklogs and files, where the rules share them. */
async function judgeAllParts(world: SimWorld, { token, issues }: Pair, tell: Tell): Promise<void> {
  for (const kind of world.setting.parts ?? []) {
    const rows = await world.partTraces(kind);
    const here = (side: Side) => partsOf(world.jira.site(SITES[side]), issues[side]?.id ?? '', kind);
    judgeParts(
      {
        ...{ kind, token, here: { a: here('a'), b: here('b') }, isUnsure: isUnsure(world) },
        deeds: world.history.parts.filter((deed) => deed.issue === token && deed.kind === kind),
        undone: world.history.undone,
        blockedOf: (side, id) => rows.find((row) => row[side] === id)?.blocked,
        isExcuse: (code) => isExcuse(world, code),
      },
      tell,
    );
  }
}

function issuesOf(world: SimWorld, side: Side): readonly Issue[] {
  return [...world.jira.site(SITES[side]).issues.values()]
    .map(({ issue }) => issue)
    .filter(({ key }) => key.startsWith(`${PROJECTS[side]}-`));
}

/** Every issue that a person made has exactly one counterpart, and no other issue is there. */
function pairsOf(world: SimWorld, twins: readonly RecordOf<'twin'>[], tell: Tell): readonly Pair[] {
  const { history } = world;
  const pairs: Pair[] = [];
  for (const born of history.issues.filter(({ verb, by }) => verb === 'create' && by === 'person')) {
    const { token, side: origin, id } = born;
    const far = otherSide(origin);
    const made = history.issues.filter((deed) => deed.verb === 'create' && deed.by === 'app' && deed.token === token);
    const deaths = history.issues.filter((deed) => deed.verb === 'delete' && deed.token === token);
    const twin = twins.find((row) => row[origin] === id);
    // A copy that a person deletes before anybody learnt of it is as if it had never been made: it is made again.
    const living = made.filter((deed) => !deaths.some(({ by, id: dead }) => by === 'person' && dead === deed.id));
    if (living.length > 1) tell('duplicate-issue', `${token} was created ${made.length} times`);
    if (made.some(({ side }) => side !== far)) tell('duplicate-issue', `${token} was created on its own side`);
    if (deaths.some(({ by }) => by === 'app')) tell('issue-lost', `${token} was deleted by the sync`);
    // Without a summary nothing can be created.
    if (made.length === 0 && deaths.length === 0 && sends(world, origin, 'summary'))
      tell('issue-missing', `${token} never arrived`);
    const found = (side: Side): Issue | undefined => {
      const wanted = side === origin ? id : made[0]?.id;
      return issuesOf(world, side).find((issue) => issue.id === wanted);
    };
    const issues = { a: found('a'), b: found('b') };
    pairs.push({ token, origin, issues, twin, isEnded: deaths.length > 0 || made.length !== 1 });
  }
  const known = new Set(history.issues.filter(({ by }) => by === 'person').map(({ token }) => token));
  for (const side of ['a', 'b'] as const)
    for (const issue of issuesOf(world, side)) {
      const token = history.tokenOf(world.jira.site(SITES[side]), issue.id);
      if (!known.has(token)) tell('duplicate-issue', `${token} on ${side} comes from nobody`);
    }
  return pairs;
}

/** At rest nothing of a twin is held, waiting or dirty, and what stands in its way is said. */
function judgeTwin(world: SimWorld, { token, twin, isEnded }: Pair, tell: Tell): void {
  if (twin === undefined) {
    // An issue may be gone again before anybody looked.
    if (!isEnded) tell('stuck', `${token} has no twin`);
    return;
  }
  if (twin.lease !== undefined) tell('stuck', `${token} is held`);
  if (twin.dirty) tell('stuck', `${token} is dirty`);
  if (twin.creatingAt !== undefined && !isEnded) tell('stuck', `${token} is being created for ever`);
  if (twin.wakeAt !== undefined) tell('stuck', `${token} waits: ${twin.error?.code ?? 'no reason'}`);
  const { code } = twin.error ?? {};
  if (isEnded || code === undefined) return;
  if (!isExcuse(world, code)) tell('stuck', `${token} shows ${code} for no reason`);
}

/** Codes that may stand at rest, and what must have been the case for it. */
export function isExcuse({ setting, scheduler, restore }: SimWorld, code: string): boolean {
  const happened = (...kinds: readonly FaultKind[]): boolean =>
    kinds.some((kind) => (scheduler.faultCounts.get(kind) ?? 0) > 0);
  switch (code) {
    case 'field-flipping':
      // One automation alone has nobody who answers it.
      return setting.flips?.sides.length === 2;
    case 'conflict-held':
      return Object.values(setting.policies).includes('hold') || restore.keep === 'hold';
    case 'status-unreachable':
      return setting.workflows.a === 'classic' || setting.workflows.b === 'classic' || happened('permission-lost');
    case 'value-unknown':
    case 'user-not-assignable':
    case 'comment-restricted':
    case 'comment-copy-deleted':
      return true;
    case 'worklog-copy-deleted':
    case 'attachment-copy-deleted':
      return true;
    case 'comment-limit':
    case 'worklog-limit':
    case 'attachment-too-large':
      return happened('jira-413');
    case 'jira-refused':
    case 'field-refused':
    case 'field-not-on-screen':
      return happened('jira-413', 'permission-lost');
    case 'jira-forbidden':
    case 'jira-not-found':
      return false;
    default:
      return false;
  }
}

/** What the twin says of a field. */
export function blockedOf(twin: RecordOf<'twin'> | undefined, field: string): string | undefined {
  return (twin?.fields as Readonly<Record<string, { readonly blocked?: string }>> | undefined)?.[field]?.blocked;
}

function judgeField(world: SimWorld, pair: Pair, kind: FieldKind, tell: Tell): void {
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
const UNKNOWN = ['value-unknown', 'user-not-assignable'];

/** True when one side shows what the other site does not have. */
function isUnknownThere(kind: FieldKind, shown: Readonly<Record<Side, string>>): boolean {
  return (['a', 'b'] as const).some((side) => kind.isUnknownTo?.(otherSide(side), shown[side]) === true);
}

export function sends(world: SimWorld, side: Side, field: string): boolean {
  return rulesOf(world.setting, side).fields.some((row) => row.field === field);
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
  // Made with the other's value before the eyes: it must stand.
  if (hasArrived) return false;
  // A value that had been there before is no change when both are looked at: only the other side changed.
  const isBack = isValueBack(there, later);
  return isBack || policy === earlier.side || policy === 'hold' || earlier.at === later.at;
}

/** Whether a change set a value again that had been there before. */
function isValueBack(there: readonly FieldDeed[], { number, value }: FieldDeed): boolean {
  return there.some((deed) => deed.number <= number && deed.before === value && value !== '');
}

/** Faults after which a worker does not know what it has done. */
const UNSURE: readonly FaultKind[] = [
  'crash',
  'jira-timeout',
  'store-timeout',
  'store-unavailable',
  'store-changed',
  'stall',
];

function isUnsure({ scheduler }: SimWorld): boolean {
  return UNSURE.some((kind) => (scheduler.faultCounts.get(kind) ?? 0) > 0);
}

function judgeSet(
  world: SimWorld,
  { token, twin }: Pair,
  kind: FieldKind,
  shown: Readonly<Record<Side, readonly string[]>>,
  deeds: readonly FieldDeed[],
  tell: Tell,
): void {
  const field = kind.name;
  const code = blockedOf(twin, field);
  const strange = (['a', 'b'] as const).flatMap((side) =>
    shown[side].filter((element) => kind.isUnknownTo?.(otherSide(side), element) === true),
  );
  if (code !== undefined && (!UNKNOWN.includes(code) || strange.length === 0)) {
    if (!isExcuse(world, code) || UNKNOWN.includes(code)) tell('different', `${field} of ${token}: ${code}`);
    return;
  }
  const isOneWay = (['a', 'b'] as const).some((side) => !sends(world, side, field));
  for (const element of new Set(deeds.map(({ value }) => value))) {
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
function judgeEchoes({ history, setting }: SimWorld, { token }: Pair, tell: Tell): void {
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
function judgeFlips(
  { history, setting, scheduler, restore }: SimWorld,
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
  const rounds = restore.keep === undefined ? 1 : 2;
  if (answers > MAX_ANSWERS * rounds + again)
    tell('flips', `${setting.flips?.field} of ${token}: ${answers} writes after the last deed`);
}

function judgeComments(world: SimWorld, pair: Pair, traces: readonly RecordOf<'trace'>[], tell: Tell): void {
  const { history } = world;
  const born = history.comments.filter(
    ({ issue, by, verb }) => issue === pair.token && by === 'person' && verb === 'add',
  );
  const known = new Set(born.map(({ word }) => word));
  for (const side of ['a', 'b'] as const)
    for (const comment of commentsOf(world, pair, side)) {
      const word = firstWord(plainText(comment.body));
      if (!known.has(word)) tell('duplicate-comment', `${word} of ${pair.token} on ${side} comes from nobody`);
    }
  // What a restore has undone is no deed: judged is only what is left of the pair.
  for (const deed of born) if (!history.undone.has(deed.word)) judgeComment(world, pair, deed, traces, tell);
}

function commentsOf(world: SimWorld, pair: Pair, side: Side): readonly Comment[] {
  const site: Site = world.jira.site(SITES[side]);
  const issue = pair.issues[side];
  const ids = issue === undefined ? [] : (site.issues.get(issue.id)?.commentIds ?? []);
  return ids.flatMap((id) => site.comments.get(id) ?? []);
}

function judgeComment(
  world: SimWorld,
  pair: Pair,
  born: CommentDeed,
  traces: readonly RecordOf<'trace'>[],
  tell: Tell,
): void {
  const { word, side, id } = born;
  const far = otherSide(side);
  const deeds = world.history.comments.filter((deed) => deed.issue === pair.token && deed.word === word);
  const byPeople = deeds.filter(({ by }) => by === 'person');
  const original = commentsOf(world, pair, side).find((comment) => comment.id === id);
  const copies = commentsOf(world, pair, far).filter(({ body }) => firstWord(plainText(body)) === word);
  const isDeleted = byPeople.some((deed) => deed.verb === 'delete' && deed.side === side && deed.id === id);
  const isCopyDeleted = byPeople.some((deed) => deed.verb === 'delete' && deed.side === far);
  const where = `${word} of ${pair.token}`;
  if (original === undefined && !isDeleted) tell('comment-lost', `${where} is gone from its own side`);
  if (copies.length > 1) tell('duplicate-comment', `${where} has ${copies.length} copies`);
  if (copies.some(({ authorId }) => authorId !== APP_ACCOUNT))
    tell('duplicate-comment', `${where} was copied by nobody`);
  const app = deeds.filter(({ by }) => by === 'app');
  const count = (list: readonly CommentDeed[], verb: CommentDeed['verb']): number =>
    list.filter((deed) => deed.verb === verb).length;
  // A worker that died before it knew its copy cannot know that a person took it away.
  if (count(app, 'add') > 1 + byPeople.filter((deed) => deed.verb === 'delete' && deed.side === far).length)
    tell('duplicate-comment', `${where} was copied ${count(app, 'add')} times`);
  if (count(app, 'edit') > count(byPeople, 'edit'))
    tell('echo', `${where}: ${count(app, 'edit')} edits for ${count(byPeople, 'edit')}`);
  if (original !== undefined && original.visibility !== null) {
    if (copies.length > 0) tell('comment-leak', `${where} is restricted and has a copy`);
    return;
  }
  if (isDeleted) {
    // The site has refused the deletion for good, and the trace says so.
    const said = traces.flatMap(({ rows }) => rows).find((row) => row[far] === copies[0]?.id)?.blocked;
    if (copies.length > 0 && !(said === 'jira-refused' && isExcuse(world, said)))
      tell('different', `${where} is deleted and its copy stays`);
    return;
  }
  const [copy] = copies;
  if (copy !== undefined && isCopyDeleted && !isUnsure(world)) tell('copy-returned', `${where} was deleted there`);
  if (copy === undefined) {
    const code = traces.flatMap(({ rows }) => rows).find((row) => row[side] === id)?.blocked;
    if (isCopyDeleted) return;
    if (code === undefined || !isExcuse(world, code))
      tell('comment-missing', `${where}: ${code ?? 'nothing says why'}`);
    return;
  }
  if (original === undefined) return;
  // An edit that the site refused for good is told at its trace, like a comment that cannot arrive.
  const refusal = traces.flatMap(({ rows }) => rows).find((row) => row[side] === id)?.blocked;
  if (refusal === 'jira-refused' && isExcuse(world, refusal)) return;
  judgeTexts(where, { original, copy }, byPeople, tell);
}

function judgeTexts(
  where: string,
  { original, copy }: Readonly<Record<'original' | 'copy', Comment>>,
  deeds: readonly CommentDeed[],
  tell: Tell,
): void {
  const [mine, theirs] = [original, copy].map(({ body }) => plainText(body).trim());
  if (mine !== theirs) {
    tell('different', `${where}: the texts differ`);
    return;
  }
  const lastOf = (id: string): CommentDeed | undefined => {
    const last = deeds.filter((deed) => deed.id === id && deed.verb !== 'delete').at(-1);
    return last?.isOverrun === true ? undefined : last;
  };
  const [last, lastCopy] = [lastOf(original.id), lastOf(copy.id)];
  if (last === undefined && lastCopy === undefined) return;
  if (mine !== last?.text && mine !== lastCopy?.text) {
    tell('lost', `${where} says what nobody wrote last`);
    return;
  }
  if (last === undefined || lastCopy === undefined) return;
  const later = last.number > lastCopy.number ? last : lastCopy;
  if (mine !== later.text && last.at !== lastCopy.at) tell('lost', `${where}: the later text went under`);
}
