/**
 * What must hold when everything has come to rest. It knows the sites, what people did, and the codes that the product shows; it
 * uses none of the engine's functions, so a mistake of the engine cannot excuse itself.
 */
import type { Issue } from '../../infra/local/jira/model/types.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { meaningOf } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import { judgeComments } from './judgeComments.ts';
import { judgeEchoes, judgeField, judgeFlips } from './judgeFields.ts';
import { judgeAbsence, judgePurged } from './judgeAbsence.ts';
import { judgeRestored } from './judgeRestored.ts';
import { judgeStoreRestored } from './judgeStoreRestored.ts';
import { blockedOf, isExcuse, isUnsure, sends } from './judging.ts';
import type { FieldKind } from './fieldKinds.ts';
import type { Pair, Tell, Violation } from './judging.ts';
import { kindsOf } from './moreKinds.ts';
import { judgeParts, partsOf } from './parts.ts';
import { judgePictures } from './pictures.ts';
import type { FaultKind } from './script.ts';
import { isSubtask, parentOf, wordOf } from './ties.ts';
import { PROJECTS, SITES } from './world.ts';
import type { SimWorld } from './world.ts';

/** Faults that only a reconcile heals: something was lost, or refused before a twin could remember it. */
const LOSSES: readonly FaultKind[] = [
  ...(['message-lost', 'webhook-lost', 'webhook-late', 'message-late'] as const),
  ...([
    'jira-404',
    'permission-lost',
    'rules-published',
    'licence-ends',
    'clock-jump',
    'rules-not-agreed',
    'site-restored',
    'store-restored',
  ] as const),
];

/** Time leaps over weeks without a tick here, and nobody asks the sites whether they are there: lives/ is about days. */
const OF_TIME: readonly Code[] = ['tenant-unheard', 'deletion-late', 'deletion-overdue'];
const PUT_BACK: string = 'sync: store-restored';

/** What must be so before any reconcile, when nothing was lost for good: both sides are in step already. */
export async function judgeBeforeReconcile(world: SimWorld): Promise<readonly Violation[]> {
  const had = (kind: FaultKind): boolean => (world.scheduler.faultCounts.get(kind) ?? 0) > 0;
  // A catch-up asks the index, and what changed a moment before is not in it yet.
  const isLeft = (['partner-leaves', 'site-back', 'site-back-late'] as const).some(had);
  const isLost = LOSSES.some(had) || world.absence.isOver() || (isLeft && world.setting.indexLagMs > 0);
  if (isLost || world.traffic.deadLetters + world.traffic.hooksGivenUp > 0) return [];
  const violations: Violation[] = [];
  const tell: Tell = (kind, what) => void violations.push({ kind: `${kind}-before-reconcile`, what });
  const [twins, traces] = [await world.twins(), await world.traces()];
  for (const pair of pairsOf(world, twins, tell)) {
    if (pair.isEnded) continue;
    for (const kind of kindsOf(world.setting)) if (isTold(world, kind)) judgeField(world, pair, kind, tell);
    judgeComments(world, pair, traces, tell);
    judgeAllPictures(world, pair, traces, tell);
    await judgeAllParts(world, pair, tell);
  }
  return violations;
}

/** Whether webhooks have told of each change of a kind. What an issue is tied to goes with the other one's deletion, without a word. */
function isTold({ history }: SimWorld, { isQuiet, refersTo }: FieldKind): boolean {
  return isQuiet !== true && (refersTo === undefined || history.issues.every(({ verb }) => verb !== 'delete'));
}

/** Judges a world at rest. */
export async function judge(world: SimWorld, strangersBefore: string): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const tell: Tell = (kind, what) => void violations.push({ kind, what });
  for (const { kind, what } of world.history.wrongs) tell(kind, what);
  for (const bug of world.bugs) tell('bug', bug);
  const isLeft = world.absence.kind !== undefined;
  const alarms = world.log.lines.flatMap(({ kind, name, code }) =>
    kind === 'fault' && code !== undefined && meaningOf(code).alarm && !(isLeft && OF_TIME.includes(code))
      ? [`${name}: ${code}`]
      : [],
  );
  const isPutBack = world.storeRestore.number !== Infinity;
  // Somebody has to be woken for a store that was put back, and for nothing else.
  for (const alarm of new Set(alarms)) if (!isPutBack || alarm !== PUT_BACK) tell('alarm', alarm);
  if (isPutBack && world.storeRestore.keep === undefined)
    tell('unasked', 'no admin was asked after the store was put back');
  for (const { operation, where, path, problem } of world.jira.serving.violations)
    tell('contract', `${operation} ${where} ${path} ${problem}`);
  if (world.strangers() !== strangersBefore) tell('stranger-changed', 'a site that shares nothing has changed');
  judgeAbsence(world, tell);
  if (world.absence.isOver()) {
    await judgePurged(world, tell);
    return violations;
  }
  if (!(await world.isWatermarkMoved())) tell('stuck', 'the watermark has not moved');
  for (const { row } of (await world.store.scan('wish', { limit: 500 })).items)
    tell('stuck', `issue ${row.issue} of ${row.side} waits: ${row.error.code}`);
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
    for (const kind of kindsOf(world.setting)) judgeOneField(world, pair, kind, tell);
    judgeComments(world, pair, traces, tell);
    judgeAllPictures(world, pair, traces, tell);
    await judgeAllParts(world, pair, tell);
  }
  const isCalm = [...world.scheduler.faultCounts.keys()].every((kind) => kind === 'stale-search');
  if (isCalm && world.writes.redundant > 0) tell('redundant-write', `${world.writes.redundant} writes changed nothing`);
  return violations;
}

/** A pair that an older copy of the store has known meets anew as an admin has chosen; every other one is as ever. */
function judgeOneField(world: SimWorld, pair: Pair, kind: FieldKind, tell: Tell): void {
  if (world.storeRestore.known.has(pair.token)) judgeStoreRestored(world, pair, kind, tell);
  else judgeField(world, pair, kind, tell);
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

/** Pictures in the texts of a pair, where people put some. */
function judgeAllPictures(world: SimWorld, pair: Pair, traces: readonly RecordOf<'trace'>[], tell: Tell): void {
  if (world.setting.pictures !== true || !['a', 'b'].every((side) => sends(world, side as Side, 'description'))) return;
  const codeOf = (what: string): string | undefined => {
    if (what === 'description') return blockedOf(pair.twin, what);
    const id = world.history.comments.find(
      ({ word, verb, by }) => word === what && verb === 'add' && by === 'person',
    )?.id;
    return traces.flatMap(({ rows }) => rows).find(({ a, b }) => a === id || b === id)?.blocked;
  };
  judgePictures({ pair, history: world.history, siteOf: (side) => world.jira.site(SITES[side]), codeOf }, tell);
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
  const missing: Pair[] = [];
  const isLone = (token: string): boolean => pairs.find((pair) => pair.token === token)?.isEnded !== false;
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
    const found = (side: Side): Issue | undefined => {
      const wanted = side === origin ? id : made[0]?.id;
      return issuesOf(world, side).find((issue) => issue.id === wanted);
    };
    const issues = { a: found('a'), b: found('b') };
    const pair = { token, origin, issues, twin, isEnded: deaths.length > 0 || made.length !== 1, isLone };
    pairs.push(pair);
    // Without a summary nothing can be created.
    if (made.length === 0 && deaths.length === 0 && sends(world, origin, 'summary')) missing.push(pair);
  }
  for (const pair of missing) if (!isBeneathNothing(world, pair)) tell('issue-missing', `${pair.token} never arrived`);
  const known = new Set(history.issues.filter(({ by }) => by === 'person').map(({ token }) => token));
  for (const side of ['a', 'b'] as const)
    for (const issue of issuesOf(world, side)) {
      const token = history.tokenOf(world.jira.site(SITES[side]), issue.id);
      if (!known.has(token)) tell('duplicate-issue', `${token} on ${side} comes from nobody`);
    }
  return pairs;
}

/** A sub-task whose parent is not on the other side cannot be made there, and says so. */
function isBeneathNothing(world: SimWorld, { origin, issues, twin, isLone }: Pair): boolean {
  const issue = issues[origin];
  const site = world.jira.site(SITES[origin]);
  if (issue === undefined || !isSubtask(site, issue)) return false;
  const parent = parentOf(site, issue);
  return parent !== undefined && isLone(wordOf(parent)) && blockedOf(twin, 'parent') === 'parent-not-synced';
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
