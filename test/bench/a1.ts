/** Anchor A1: the first sync of many issues, against enforced limits. */
import { readDump } from '../../infra/local/jira/http/dumpFile.ts';
import type { DumpIssue } from '../../infra/local/jira/model/dump.ts';
import { PUBLISHED_LIMITS } from '../../infra/local/jira/model/limits.ts';
import type { LimitNumbers } from '../../infra/local/jira/model/limits.ts';
import { issueId } from '../../shared/model/ids.ts';
import { CONNECTION, TENANTS } from '../kit/syncWorld.ts';
import { START, benchWorld } from './world.ts';
import type { BenchWorld } from './world.ts';
import { chanceOf } from './virtual.ts';

/** How A1 is run. */
export interface A1Options {
  readonly file: string;
  readonly issues: number;
  /** Points per hour; the published number when absent. */
  readonly pool?: number;
  /** Seed of the kills; without it nobody dies. */
  readonly seed?: number;
}

/** What came out. Times in seconds of the virtual clock. */
export interface A1Result {
  readonly anchor: 'A1';
  readonly issues: number;
  readonly comments: number;
  readonly seconds: number;
  readonly boundSeconds: number;
  readonly ratio: number;
  readonly missing: number;
  readonly duplicates: number;
  readonly kills: number;
  readonly refused429: number;
  readonly calls: number;
  readonly points: number;
  readonly neededPoints: number;
  readonly wallSeconds: number;
}

const HOUR_MS = 3_600_000;
/** Workers of the bulk subscription: one instance's concurrency, three times. */
const WORKERS = { people: 40, bulk: 60 };
/** A process is killed at one of so many awaits. */
const AWAITS_PER_KILL = 12_000;
const LIMIT_MS = 100 * HOUR_MS;

/** Runs A1. */
export async function runA1(options: A1Options, say: (line: string) => void): Promise<A1Result> {
  const wall = performance.now();
  const issues = await mostCommented(options.file, options.issues);
  const chance = chanceOf(options.seed ?? 0);
  const limits: LimitNumbers = { ...PUBLISHED_LIMITS, pointsPerHour: options.pool ?? PUBLISHED_LIMITS.pointsPerHour };
  const world = await benchWorld({
    sites: [
      { name: 'alpha', projects: [{ key: 'ALPHA' }] },
      { name: 'beta', projects: [{ key: 'BETA' }] },
    ],
    ...{ workers: WORKERS, limits, appPoints: limits.pointsPerHour },
    ...(options.seed === undefined ? {} : { kills: () => chance() < 1 / AWAITS_PER_KILL }),
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
    const seconds = (world.lastWriteAt() - START) / 1_000;
    const codes = countBy(world.handled.map(({ message, code }) => `${message.kind} ${code}`));
    for (const [name, count] of codes) say(`  ${String(count).padStart(6)} × ${name}`);
    const comments = issues.reduce((sum, issue) => sum + issue.comments.length, 0);
    for (const [name, count] of [...world.tally.endpoints].sort(([, one], [, other]) => other - one))
      say(`  ${String(count).padStart(6)} × ${name}`);
    return {
      ...{
        anchor: 'A1',
        issues: issues.length,
        comments,
        seconds,
        boundSeconds: bound.seconds,
        ratio: round(seconds / bound.seconds),
      },
      ...compare(world, issues),
      ...{
        kills: world.kills.count,
        refused429: world.tally.refused,
        calls: world.tally.calls,
        points: world.tally.points,
      },
      ...{ neededPoints: bound.points, wallSeconds: Math.round((performance.now() - wall) / 1_000) },
    };
  } finally {
    await world.close();
  }
}

async function mostCommented(file: string, count: number): Promise<readonly DumpIssue[]> {
  const all = await Array.fromAsync(readDump(file));
  // Sub-tasks come in without their parents: what is measured here is the load, not the hierarchy.
  return all.sort((one, other) => other.comments.length - one.comments.length).slice(0, count);
}

/**
 * The least time in which the limits allow what has to be done, whoever does it:
 * - points: each issue is read once (in hundreds) with its comments, created once, and each comment written once; what an hour
 *   does not hold waits for the next;
 * - bursts: so many creates and comments per second of one tenant;
 * - writes to one issue: 20 in 2 s, 100 in 30 s.
 */
export function boundOf(issues: readonly DumpIssue[], limits: LimitNumbers) {
  const comments = issues.reduce((sum, issue) => sum + issue.comments.length, 0);
  const reads = issues.length + Math.ceil(issues.length / 100) + issues.length + comments;
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
    `needed: ${reads} points of reading (issues in hundreds, comments once), ${writes} of writing: ${points} of ${limits.pointsPerHour} an hour`,
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

/** Comments that have a reason instead of a copy, by the issue on beta. */
function heldBack(world: BenchWorld): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  const stored = world.store.everything('(default)');
  for (const [path, data] of stored) {
    const [, twin] = /^(connections\/[^/]+\/twins\/[^/]+)\/traces\//.exec(path) ?? [];
    if (twin === undefined) continue;
    const { b } = stored.get(twin) as { readonly b?: string };
    const { rows } = data as { readonly rows: readonly { readonly b?: string; readonly blocked?: string }[] };
    const without = rows.filter(
      (row) => row.b === undefined && row.blocked !== undefined && row.blocked !== 'comment-empty',
    ).length;
    if (b !== undefined) held.set(b, (held.get(b) ?? 0) + without);
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
