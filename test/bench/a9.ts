/**
 * Anchors A9 and A17 over synced issues: how long people's edits take while a bulk load runs against the same limits, against how long
 * they take when nothing else does; and that each pair ends with its last edit.
 */
import { PUBLISHED_LIMITS } from '../../infra/local/jira/model/limits.ts';
import { issueId } from '../../shared/model/ids.ts';
import { CONNECTION, TENANTS } from '../kit/syncWorld.ts';
import { sampleIssues } from './sample.ts';
import { benchWorld } from './world.ts';
import type { BenchWorld } from './world.ts';

/** What came out. Milliseconds of the virtual clock, from a person's edit to the end of the work that carried it over. */
export interface A9Result {
  readonly anchor: 'A9 A17';
  readonly bulk: number;
  readonly edits: number;
  readonly idleP95: number;
  readonly busyP95: number;
  readonly busyMax: number;
  readonly ratio: number;
  readonly calls: number;
  readonly refused429: number;
  /** Pairs of people that show their last edit. */
  readonly arrived: number;
  readonly pairs: number;
  readonly holds: boolean;
}

const PAIRS = 20;
const EDITS = 60;
/** People edit now and then, somebody every second; the pairs take turns. */
const EDIT_EVERY_MS = 1_000;
const WORKERS = { people: 40, bulk: 60 };
const LIMIT_MS = 20 * 3_600_000;
/** RIVALS.md A9: under bulk at most twice what it is otherwise. */
const MOST_RATIO = 2;
/** Of all calls, that Jira may refuse: more is a storm. (Ours.) */
const MOST_REFUSED = 0.01;
/** A17: no edit waits for more than one slice of bulk work. @see functions/sync/runJob.ts */
const SLICE_MS = 20_000;

/** Runs A9 with so many issues of bulk. */
export async function runA9(bulk: number, say: (line: string) => void): Promise<A9Result> {
  const world = await benchWorld({
    sites: [
      { name: 'alpha', projects: [{ key: 'ALPHA' }] },
      { name: 'beta', projects: [{ key: 'BETA' }] },
    ],
    ...{ workers: WORKERS, limits: PUBLISHED_LIMITS, appPoints: PUBLISHED_LIMITS.pointsPerHour },
  });
  try {
    const alpha = world.server.acts('alpha');
    const make = (name: string): string => alpha.createIssue({ project: 'ALPHA', summary: name }).id;
    const pairs = Array.from({ length: PAIRS }, (_, n) => make(`pair ${n}`));
    await world.settle(LIMIT_MS);
    const idle = await edited(world, pairs, 'idle');
    say(`idle: p95 ${idle.p95} ms of ${idle.lags.length} edits`);

    const issues = sampleIssues(bulk).map((issue) => ({ ...issue, comments: [] }));
    world.server.join('beta', issues);
    const loaded = world.server.load('alpha', 'ALPHA', issues, { announce: false });
    for (const { id } of loaded)
      world.send({
        ...{ kind: 'bring-under-sync', ...TENANTS.a, connection: CONNECTION, issue: issueId(id) },
        ...{ askedAt: world.clock.now(), isBulk: true },
      });
    const busy = await edited(world, pairs, 'busy');
    say(`under a load of ${bulk} issues: p95 ${busy.p95} ms, longest ${busy.max} ms`);
    const there = world.server.snapshot('beta').issues;
    const arrived = there.filter(({ fields }) => isLast(fields['summary'])).length;
    const copies = there.length - PAIRS;
    say(`${copies} of ${bulk} issues of the load are there`);
    const ratio = Math.round((busy.p95 / Math.max(1, idle.p95)) * 100) / 100;
    const { calls, refused: refused429 } = world.tally;
    const holds =
      ratio <= MOST_RATIO &&
      busy.max <= SLICE_MS &&
      refused429 <= calls * MOST_REFUSED &&
      arrived === PAIRS &&
      copies === bulk &&
      busy.lags.length > 0;
    return {
      ...{ anchor: 'A9 A17', bulk, edits: EDITS, idleP95: idle.p95, busyP95: busy.p95, busyMax: busy.max, ratio },
      ...{ calls, refused429, arrived, pairs: PAIRS, holds },
    };
  } finally {
    await world.close();
  }
}

interface Lags {
  readonly lags: readonly number[];
  readonly p95: number;
  readonly max: number;
}

/** People edit the pairs in turn until all their edits are made and everything has come to rest. */
async function edited(world: BenchWorld, pairs: readonly string[], word: string): Promise<Lags> {
  const from = world.handled.length;
  const alpha = world.server.acts('alpha');
  const progress = { isOver: false };
  const people = async (): Promise<void> => {
    for (let n = 0; n < EDITS; n += 1) {
      await world.clock.sleep(EDIT_EVERY_MS);
      alpha.editIssue(pairs[n % pairs.length] ?? '', { summary: `${word} ${n}` });
    }
    progress.isOver = true;
  };
  void people();
  do await world.settle(LIMIT_MS);
  while (!progress.isOver);
  await world.settle(LIMIT_MS);
  const mine = new Set(pairs);
  const lags = world.handled
    .slice(from)
    .flatMap(({ message, code, endedAt }) =>
      message.kind === 'issue-change' && mine.has(message.issue) && code === 'synced'
        ? [endedAt - message.eventAt]
        : [],
    )
    .sort((one, other) => one - other);
  return { lags, p95: lags[Math.ceil(lags.length * 0.95) - 1] ?? 0, max: lags.at(-1) ?? 0 };
}

/** True for the last edit of a pair: people take the pairs in turn. */
function isLast(summary: unknown): boolean {
  const number = typeof summary === 'string' ? /^busy (\d+)$/.exec(summary)?.[1] : undefined;
  return number !== undefined && Number(number) >= EDITS - PAIRS;
}
