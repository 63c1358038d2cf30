/** Anchor A1: the first sync of many issues, against enforced limits. */
import { readDump } from '../../infra/local/jira/http/dumpFile.ts';
import type { DumpIssue } from '../../infra/local/jira/model/dump.ts';
import { PUBLISHED_LIMITS } from '../../infra/local/jira/model/limits.ts';
import type { LimitNumbers } from '../../infra/local/jira/model/limits.ts';
import { issueId } from '../../shared/model/ids.ts';
import { CONNECTION, TENANTS } from '../kit/syncWorld.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { LEASE_MS, START, TICK_MS, benchWorld } from './world.ts';
import type { BenchWorld } from './world.ts';
import { chanceOf } from '../simulation/chance.ts';

/** How A1 is run. */
export interface A1Options {
  /** With most comments first. */
  readonly issues: readonly DumpIssue[];
  /** Points per hour; the published number when absent. */
  readonly pool?: number;
  /** Seed of the kills; without it nobody dies. */
  readonly killSeed?: number;
  /** A process is killed at one of so many awaits. */
  readonly awaitsPerKill?: number;
}

/** What came out. Times in seconds of the virtual clock. */
export interface A1Result {
  readonly anchor: 'A1';
  readonly issues: number;
  readonly comments: number;
  readonly points: number;
  readonly neededPoints: number;
  readonly seconds: number;
  /** What the limits allow at best; after a kill, no sooner than anybody may touch what the dead has held. */
  readonly boundSeconds: number;
  /** What the limits alone allow. */
  readonly limitSeconds: number;
  /** The same as `ratio`, against the limits alone: without a kill it is the same. */
  readonly limitRatio: number;
  readonly ratio: number;
  readonly missing: number;
  readonly duplicates: number;
  readonly kills: number;
  readonly refused429: number;
  readonly calls: number;
  readonly wallSeconds: number;
}

/** How far the first load may be from what the limits allow. @see RIVALS.md §6, A1 */
export const A1_RATIO = 1.15;

const HOUR_MS = 3_600_000;
/** Workers of the bulk subscription: one instance's concurrency, three times. */
const WORKERS = { people: 40, bulk: 60 };
/** A thousand issues take some 350,000 awaits: about ten kills. */
const AWAITS_PER_KILL = 35_000;
const LIMIT_MS = 100 * HOUR_MS;
/** Clocks of two instances may differ by so much that a lease has to be over for longer. */
const SKEW_MS = 1_000;

/** Runs A1. */
export async function runA1(options: A1Options, say: (line: string) => void): Promise<A1Result> {
  const wall = performance.now();
  const { issues, killSeed, awaitsPerKill = AWAITS_PER_KILL } = options;
  const chance = chanceOf(killSeed ?? 0);
  const limits: LimitNumbers = { ...PUBLISHED_LIMITS, pointsPerHour: options.pool ?? PUBLISHED_LIMITS.pointsPerHour };
  const world = await benchWorld({
    sites: [
      { name: 'alpha', projects: [{ key: 'ALPHA' }] },
      { name: 'beta', projects: [{ key: 'BETA' }] },
    ],
    ...{ workers: WORKERS, limits, appPoints: limits.pointsPerHour },
    ...(killSeed === undefined ? {} : { kills: () => chance() < 1 / awaitsPerKill }),
  });
  try {
    world.server.join('beta', issues);
    const loaded = world.server.load('alpha', 'ALPHA', issues, { announce: false });
    for (const { id } of loaded)
      world.send({
        kind: 'bring-under-sync',
        ...TENANTS.a,
        connection: CONNECTION,
        issue: issueId(id),
        askedAt: START,
        isBulk: true,
      });
    await world.settle(LIMIT_MS);
    const bound = boundOf(issues, limits);
    for (const line of bound.lines) say(line);
    tell(world, say);
    const seconds = (world.lastWriteAt() - START) / 1_000;
    const boundSeconds = Math.max(bound.seconds, afterDeath(world));
    const { count: kills } = world.kills;
    const { refused: refused429, calls, points } = world.tally;
    return {
      ...{ anchor: 'A1', issues: issues.length, comments: commentsOf(issues), points, neededPoints: bound.points },
      ...{ seconds, boundSeconds, limitSeconds: bound.seconds, limitRatio: round(seconds / bound.seconds) },
      ratio: round(seconds / boundSeconds),
      ...compare(world, issues),
      ...{ kills, refused429, calls, wallSeconds: Math.round((performance.now() - wall) / 1_000) },
    };
  } finally {
    await world.close();
  }
}

/** True when the anchor holds. */
export function holdsA1({ ratio, missing, duplicates }: A1Result): boolean {
  return ratio <= A1_RATIO && missing === 0 && duplicates === 0;
}

/** What became of the messages, and which calls were made. */
function tell(world: BenchWorld, say: (line: string) => void): void {
  const codes = countBy(world.handled.map(({ message, code }) => `${message.kind} ${code}`));
  for (const [name, count] of codes) say(`  ${String(count).padStart(6)} × ${name}`);
  for (const [name, count] of [...world.tally.endpoints].sort(([, one], [, other]) => other - one))
    say(`  ${String(count).padStart(6)} × ${name}`);
}

/**
 * When the pairs of the last process that died while there was work may be touched again: its leases run out, and the next tick of the
 * scheduler, which knows whole minutes only, finds them. Zero without a kill, or when a kill took nothing along.
 */
function afterDeath({ kills }: BenchWorld): number {
  if (kills.lastAt === undefined) return 0;
  return (Math.ceil((kills.lastAt + LEASE_MS + SKEW_MS - START) / TICK_MS) * TICK_MS) / 1_000;
}

/** The issues of a dump with most comments. Sub-tasks come in without their parents: the load is measured, not the hierarchy. */
export async function mostCommented(file: string, count: number): Promise<readonly DumpIssue[]> {
  const all = await Array.fromAsync(readDump(file));
  return all.sort((one, other) => other.comments.length - one.comments.length).slice(0, count);
}

function commentsOf(issues: readonly DumpIssue[]): number {
  return issues.reduce((sum, issue) => sum + issue.comments.length, 0);
}

/**
 * The least time in which the limits allow what has to be done, whoever does it:
 * - points: each issue is read once (in hundreds, its comments come along), created once, and each comment written once; what an
 *   hour does not hold waits for the next;
 * - bursts: so many creates and comments per second of one tenant;
 * - writes to one issue: 20 in 2 s, 100 in 30 s.
 */
export function boundOf(issues: readonly DumpIssue[], limits: LimitNumbers) {
  const comments = commentsOf(issues);
  const reads = issues.length + Math.ceil(issues.length / 100);
  const writes = issues.length + comments;
  const points = reads + writes;
  const fullHours = Math.ceil(points / limits.pointsPerHour) - 1;
  // In the last hour only what is left over of the writes has to be made.
  const lastHour = points - fullHours * limits.pointsPerHour;
  const burst = (calls: number): number => Math.max(0, Math.ceil(calls / limits.burst.read) - 1);
  const inLastHour = Math.min(comments, Math.floor((lastHour * comments) / points));
  const most = Math.max(0, ...issues.map((issue) => issue.comments.length));
  const perIssue = Math.max(
    ...limits.perIssue.map(({ writes: per, windowMs }) => ((Math.ceil(most / per) - 1) * windowMs) / 1_000),
  );
  const seconds =
    fullHours > 0 ? fullHours * 3_600 + burst(inLastHour) : Math.max(burst(comments), burst(issues.length), perIssue);
  const lines = [
    `needed: ${reads} points of reading (issues in hundreds, with their comments), ${writes} of writing: ${points} of ${limits.pointsPerHour} an hour`,
    `bound: ${fullHours} full hours, bursts ${burst(comments)} s for ${comments} comments and ${burst(issues.length)} s for ${issues.length} issues, the issue with most comments (${most}) ${perIssue} s: ${seconds} s`,
  ];
  return { seconds, points, lines };
}

/**
 * Each issue once (Jira trims summaries), with each of its comments that has a text once. Comments that the rules keep back (unsafe, pictures) count as there
 * when their twin names the reason.
 */
function compare(
  world: BenchWorld,
  issues: readonly DumpIssue[],
): { readonly missing: number; readonly duplicates: number } {
  const there = world.server.snapshot('beta').issues;
  const held = heldBack(world);
  const wanted = countBy(
    issues.map(
      (issue) =>
        `${JSON.stringify(issue.summary.trim())} (${issue.comments.filter(({ body }) => body !== null).length})`,
    ),
  );
  const got = countBy(
    there.map(
      ({ id, fields, comments }) => `${JSON.stringify(fields['summary'])} (${comments.length + (held.get(id) ?? 0)})`,
    ),
  );
  let [missing, duplicates] = [0, 0];
  for (const name of new Set([...wanted.keys(), ...got.keys()])) {
    const more = (got.get(name) ?? 0) - (wanted.get(name) ?? 0);
    if (more < 0) missing -= more;
    else duplicates += more;
  }
  return { missing, duplicates };
}

/** Comments that have a reason instead of a copy, by the issue on beta: unsafe, too long. One without a text is not looked for. */
function heldBack(world: BenchWorld): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const [path, data] of world.store.everything('(default)')) {
    if (!/^connections\/[^/]+\/twins\/[^/]+$/.test(path)) continue;
    const { b, troubles = [] } = data as Pick<RecordOf<'twin'>, 'b' | 'troubles'>;
    const without = troubles.filter(
      ({ part, side, code }) => part === 'comment' && side === 'a' && code !== 'comment-empty',
    );
    if (b !== undefined)
      held.set(
        b,
        without.reduce((sum, { count }) => sum + count, 0),
      );
  }
  return held;
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
