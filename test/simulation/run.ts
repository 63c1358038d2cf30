/** One run: the script's decisions at their steps, then peace, then the judge. */
import type { Permission } from '../../infra/local/jira/model/types.ts';
import type { Side } from '../../shared/model/connection.ts';
import { chanceOf, pick } from './chance.ts';
import { judge, judgeBeforeReconcile } from './judge.ts';
import type { Violation } from './judging.ts';
import { judgeLate } from './judgeAbsence.ts';
import { kindsOf } from './moreKinds.ts';
import { crowdOf } from './people.ts';
import type { Crowd } from './people.ts';
import { Restless } from './scheduler.ts';
import type { Decision, FaultKind, Plight, Script } from './script.ts';
import { CONNECTION, PROJECTS, SITES, makeSimWorld, rulesOf } from './world.ts';
import type { SimWorld } from './world.ts';

/** What came of a run. */
export interface RunResult {
  readonly steps: number;
  /** Virtual time from the first deed to rest. */
  readonly virtualMs: number;
  readonly faults: Readonly<Partial<Record<FaultKind | Plight, number>>>;
  readonly violations: readonly Violation[];
  readonly deeds: number;
  readonly appWrites: number;
  /** People's changes that a write went over which had been decided on before; Jira has no conditional write. */
  readonly overruns: number;
  /** From a person's change of a field to its arrival on the other side, in virtual ms. */
  readonly lags: readonly number[];
  /** What the inbox says at rest: `code field` of each cause. */
  readonly troubles: readonly string[];
  /** What happened, line by line. */
  readonly story: readonly string[];
}

const MINUTE_MS = 60_000;
/** Ticks without any other event until a twin counts as stuck: with waits that double up to six hours, more than a day. */
const MAX_TICKS = 60;

/** Runs a script. Same script, same result. */
export async function runScript(script: Script): Promise<RunResult> {
  const world = await makeSimWorld(script.setting);
  const strangers = world.strangers();
  const crowd = crowdOf(world);
  const violations: Violation[] = [];
  const { scheduler } = world;
  const startedAt = scheduler.now;
  try {
    await play(world, crowd, script.decisions);
    violations.push(...(await peace(world)));
    violations.push(...(await judge(world, strangers)));
    violations.push(...(await judgeAfterwards(world)));
  } catch (thrown) {
    if (!(thrown instanceof Restless)) throw thrown;
    for (const line of scheduler.standing()) scheduler.note(line);
    violations.push({ kind: 'restless', what: `no rest after ${scheduler.step} steps` });
  }
  return {
    ...{ steps: scheduler.step, virtualMs: scheduler.now - startedAt, violations },
    lags: world.history.lags(),
    troubles: (await world.twins()).flatMap(({ troubles = [] }) =>
      troubles.map(({ code, field }) => `${code} ${field ?? ''}`.trim()),
    ),
    story: scheduler.story,
    faults: Object.fromEntries(scheduler.faultCounts),
    deeds: world.history.fields.filter(({ by }) => by === 'person').length,
    appWrites: world.writes.all,
    overruns: world.history.fields.filter(({ isOverrun }) => isOverrun).length,
  };
}

/** Plays the decisions at their steps, until nothing happens any more. */
async function play(world: SimWorld, crowd: Crowd, decisions: readonly Decision[]): Promise<void> {
  const { scheduler } = world;
  const waiting = [...decisions];
  const perform = (): void => {
    const next = waiting.shift();
    if (next === undefined) return;
    if ('do' in next) crowd.act(next);
    else inflict(world, next);
  };
  scheduler.onStep = () => {
    if (scheduler.perform()) return true;
    const isDue = waiting[0] !== undefined && waiting[0].at <= scheduler.step;
    if (isDue) perform();
    return isDue;
  };
  const leap = leapOf(world);
  await scheduler.run(async () => {
    await world.storeRestore.look();
    // Nothing goes on: the next decision comes before time does.
    const next = Math.min(waiting[0]?.at ?? Infinity, scheduler.nextPlanned() ?? Infinity);
    if (next === Infinity) return leap();
    scheduler.step = Math.max(scheduler.step, next);
    return scheduler.now;
  });
  scheduler.onStep = () => false;
}

/** Twins that wait for another one are looked at this often while nothing else happens. */
const MAX_LOOKS = 4;
const WAITING: readonly string[] = ['parent-not-synced', 'link-target-not-synced'];

/** When the first twin is looked at again that waits for the counterpart of another issue. */
async function lookOfTied({ store }: SimWorld): Promise<number | undefined> {
  const waiting = await store.due('twin', 'lookAt', Number.MAX_SAFE_INTEGER, 100);
  return waiting.find(({ row }) => row.troubles?.some(({ code }) => WAITING.includes(code)))?.row.lookAt;
}

/** The next tick that would wake something. The ticks in between would find nothing. */
function leapOf(world: SimWorld): () => Promise<number | undefined> {
  const { scheduler, store, traffic } = world;
  let ticks = 0;
  let settledAt = 0;
  return async () => {
    const wakeAt = (await nextWake(store)) ?? (ticks < MAX_LOOKS ? await lookOfTied(world) : undefined);
    // A tick that nobody has taken yet is enough.
    if (wakeAt === undefined || ticks >= MAX_TICKS || traffic.isWaking()) return undefined;
    if (wakeAt > scheduler.now) return Math.ceil(wakeAt / MINUTE_MS) * MINUTE_MS;
    ticks = world.history.number === settledAt ? ticks + 1 : 0;
    settledAt = world.history.number;
    await traffic.publish('sync-jobs', { kind: 'wake', askedAt: scheduler.now });
    return scheduler.now;
  };
}

/** When the first of what waits at a record of its own wants to be woken: a pair, an issue without one, a run. */
async function nextWake(store: SimWorld['store']): Promise<number | undefined> {
  const ever = Number.MAX_SAFE_INTEGER;
  const first = [
    ...(await store.due('twin', 'wakeAt', ever, 1)),
    ...(await store.due('wish', 'wakeAt', ever, 1)),
    ...(await store.due('run', 'wakeAt', ever, 1)),
  ];
  const instants = first.flatMap(({ row }) => row.wakeAt ?? []);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

/** Ends all trouble, lets everything come to rest, and reconciles once. */
async function peace(world: SimWorld): Promise<readonly Violation[]> {
  const { scheduler } = world;
  scheduler.note('peace');
  scheduler.disarm();
  world.stale.end();
  scheduler.hurry();
  await scheduler.run(leapOf(world));
  while (await world.absence.goOn()) await scheduler.run(leapOf(world));
  // An admin that has not been asked yet is asked now, and answers.
  if (await world.storeRestore.ask()) await scheduler.run(leapOf(world));
  await world.storeRestore.answer();
  await scheduler.run(leapOf(world));
  const early = await judgeBeforeReconcile(world);
  await reconcileOnce(world);
  // The look of the reconcile has found a site that was restored: an admin answers, and it is looked at once more.
  if (await world.restore.answer()) await reconcileOnce(world);
  return early;
}

/** What was published in a life that is over comes once more, a month late. */
async function judgeAfterwards(world: SimWorld): Promise<readonly Violation[]> {
  if (!world.absence.isOver()) return [];
  const before = world.absence.picture();
  const known = world.history.wrongs.length;
  world.absence.bringAgain();
  await world.scheduler.run(async () => undefined);
  return judgeLate(world, before, known);
}

async function reconcileOnce(world: SimWorld): Promise<void> {
  const { scheduler, traffic } = world;
  // The index shows everything by now.
  scheduler.now += world.setting.indexLagMs + MINUTE_MS;
  await traffic.publish('sync-jobs', { kind: 'reconcile', connection: CONNECTION, since: 0, askedAt: scheduler.now });
  await scheduler.run(leapOf(world));
}

/** How long a permission, a licence or a partner is away: shorter or longer than the waits of the product. */
const AWAY_MS = [5_000, 90_000, 3_600_000, 5 * 86_400_000] as const;
/** How far a clock leaps. */
const JUMP_MS = [1_000, 50_000, 600_000, 86_400_000] as const;
const PERMISSIONS: readonly Permission[] = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'TRANSITION_ISSUES',
  'ADD_COMMENTS',
  'EDIT_OWN_COMMENTS',
  'DELETE_OWN_COMMENTS',
  'MODIFY_REPORTER',
];

/** Makes something go wrong now, or arms it for the next place where it fits. */
function inflict(world: SimWorld, { fault, seed }: Extract<Decision, { readonly fault: FaultKind }>): void {
  const { scheduler, jira } = world;
  const chance = chanceOf(seed);
  const side: Side = pick(chance, ['a', 'b']);
  const back = scheduler.now + pick(chance, AWAY_MS);
  switch (fault) {
    case 'clock-jump': {
      const ms = pick(chance, JUMP_MS);
      const jump = (): void => {
        if (scheduler.jump(ms)) scheduler.count(fault);
        else scheduler.at(scheduler.now + 1, jump);
      };
      jump();
      return;
    }
    case 'partner-leaves':
      scheduler.count(fault);
      if (jira.site(SITES[side]).installation?.state !== 'enabled') return;
      void world.leave(side);
      scheduler.at(back, () => world.comeBack(side));
      return;
    case 'licence-ends':
      scheduler.count(fault);
      void world.setLicence(side, false);
      scheduler.at(back, () => void world.setLicence(side, true));
      return;
    case 'stale-read':
      world.stale.begin(side, seed);
      return;
    case 'site-restored':
      world.restore.begin(side, seed);
      return;
    case 'store-restored':
      world.storeRestore.begin(seed);
      return;
    case 'site-back':
    case 'site-back-late':
    case 'site-purged':
      world.absence.begin(fault, side, seed);
      return;
    case 'rules-not-agreed':
      scheduler.count(fault);
      void world.publishRules(side, () => rulesOf({ ...world.setting, kept: { a: [], b: [] } }, side), false);
      scheduler.at(back, () => void world.publishRules(side, () => rulesOf(world.setting, side)));
      return;
    case 'rules-published': {
      scheduler.count(fault);
      const dropped = pick(chance, kindsOf(world.setting)).name;
      void world.publishRules(side, (rules) => ({
        ...rules,
        fields: rules.fields.filter(({ field }) => field !== dropped),
      }));
      scheduler.at(back, () => void world.publishRules(side, () => rulesOf(world.setting, side)));
      return;
    }
    case 'permission-lost': {
      scheduler.count(fault);
      const denial = { site: SITES[side], project: PROJECTS[side], permission: pick(chance, PERMISSIONS) };
      jira.world.denials.push(denial);
      scheduler.at(back, () => void jira.world.denials.splice(jira.world.denials.indexOf(denial), 1));
      return;
    }
    default:
      scheduler.arm(fault, seed);
  }
}
