/** Jira's limits as an admin sees them: the points of the hour, bulk work and when it will end, and which pairs and new issues wait for what. */
import { isOpen, jobKinds, totalOf } from '../../shared/model/job.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { helpPath, meaningOf } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import type { BudgetView, HeldLine, HeldView, WorkLine } from '../../shared/wire/budget.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf, ownHalf } from './halves.ts';
import type { OwnHalf } from './halves.ts';
import { afterOf } from './views.ts';

/** Connections whose work one answer tells; each costs the reads of its jobs and of its last runs. (Ours.) */
const MAX_CONNECTIONS = 25;
/** Runs that may be open at once: one of each sort, and those that a site has stopped. */
const RUNS = 5;
/** Pairs that one answer counts, and issues without one: one query of the store for each. */
const COUNTED_PER_PAGE = 500;

/** GET /budget: the site's points, and the bulk work of all its connections. */
export async function showBudget(ask: Ask): Promise<EdgeAnswer> {
  const { tenant } = ask.tenant;
  const page = await ask.ports.store.list('half', { tenant }, { limit: MAX_CONNECTIONS });
  const halves = page.items.flatMap((stored) => ownHalf(ask, stored));
  // Both sides of a connection inside one site have the same work.
  const own = halves.filter((half, at) => halves.findIndex((one) => one.connection === half.connection) === at);
  return answer(await viewOf(ask, own, page.next !== undefined));
}

/** GET …/budget: the same of one connection, with the pairs that are held back, by reason. */
export async function showHeld(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { connection } = own;
  const view = await viewOf(ask, [own], false);
  if ((await connectionOf(ask, own)) === undefined) return answer({ ...view, held: [], counted: 0 } satisfies HeldView);
  const after = afterOf(ask);
  const from = after === undefined ? {} : { after: pathOf('twin', { connection, twin: after }) };
  const page = await ask.ports.store.list('twin', { connection }, { limit: COUNTED_PER_PAGE, ...from });
  const wishes =
    after === undefined ? (await ask.ports.store.list('wish', { connection }, { limit: COUNTED_PER_PAGE })).items : [];
  const last = page.next === undefined ? undefined : page.items.at(-1)?.row.twin;
  const body: HeldView = {
    ...view,
    held: heldOf(
      page.items.map(({ row }) => row),
      wishes.map(({ row }) => row),
      ask.ports.clock.now(),
    ),
    counted: page.items.length,
    ...(last === undefined ? {} : { next: last }),
  };
  return answer(body);
}

async function viewOf(ask: Ask, halves: readonly OwnHalf[], hasMore: boolean): Promise<BudgetView> {
  const { tenant } = ask.tenant;
  const view = await ask.ports.budget.view(tenant);
  const { scope, limit, remaining, reserve, resetAt, saidAt, pausedUntil, tenants } = view;
  const mine = tenants.find((one) => one.tenant === tenant);
  const most = Math.min(limit, mine?.share ?? remaining);
  const work = await Promise.all(halves.map((own) => workOf(ask, own)));
  return {
    pool: {
      ...{ isShared: scope === 'app', limit, remaining, reserve, resetAt },
      ...(saidAt === undefined ? {} : { saidAt }),
      ...(pausedUntil === undefined ? {} : { pausedUntil }),
    },
    own: {
      ...{ spent: mine?.spent ?? 0, bulk: mine?.bulk ?? 0, held: mine?.held ?? 0, most },
      ...(mine?.waitsUntil === undefined ? {} : { waitsUntil: mine.waitsUntil }),
      ...(mine?.waitsFor === undefined ? {} : { waitsFor: mine.waitsFor }),
    },
    work: work.filter(({ jobs, runs }) => jobs.length + runs.length > 0),
    hasMore,
  };
}

async function workOf(ask: Ask, own: OwnHalf): Promise<WorkLine> {
  const { connection } = own;
  if ((await connectionOf(ask, own)) === undefined) return { connection, jobs: [], runs: [] };
  const [jobs, runs] = await Promise.all([openJobs(ask, connection), openRuns(ask, connection)]);
  return { connection, jobs, runs };
}

async function openJobs(ask: Ask, connection: ConnectionId): Promise<WorkLine['jobs']> {
  const found = await Promise.all(jobKinds.map((job) => ask.ports.store.read('job', { connection, job })));
  return found.flatMap((stored) => {
    if (stored === undefined || !isOpen(stored.row.state)) return [];
    const { kind, state, side, counts, total, startedAt, etaAt, waits } = stored.row;
    return [
      {
        ...{ kind, state, side, done: totalOf(counts), startedAt },
        ...(total === undefined ? {} : { total }),
        ...(etaAt === undefined ? {} : { etaAt }),
        ...(waits === undefined ? {} : { waits: waitFor(waits.code, waits.until) }),
      },
    ];
  });
}

async function openRuns(ask: Ask, connection: ConnectionId): Promise<WorkLine['runs']> {
  const { items } = await ask.ports.store.list('run', { connection }, { limit: RUNS });
  return items.flatMap(({ row: { run, how, twins, total, startedAt, endedAt, etaAt, code, wakeAt } }) =>
    endedAt !== undefined
      ? []
      : [
          {
            ...{ run, how, done: twins, startedAt },
            ...(total === undefined ? {} : { total }),
            ...(etaAt === undefined ? {} : { etaAt }),
            ...(code === undefined ? {} : { waits: waitFor(code, wakeAt) }),
          },
        ],
  );
}

function waitFor(code: Code, until: number | undefined): NonNullable<WorkLine['jobs'][number]['waits']> {
  const told = { code, says: meaningOf(code).says, help: helpPath(code) };
  return until === undefined ? told : { ...told, until };
}

/** Pairs, and issues that wait to become one, with a time before which nothing is tried, by the reason; the most frequent first. */
function heldOf(
  pairs: readonly RecordOf<'twin'>[],
  wishes: readonly RecordOf<'wish'>[],
  now: number,
): readonly HeldLine[] & HeldView['held'] {
  const groups = new Map<Code, HeldLine>();
  const waiting = [
    ...pairs.filter(({ pausedAt }) => pausedAt === undefined).map((row) => ({ ...row, count: 1, fresh: 0 })),
    ...wishes.map((row) => ({ ...row, count: 0, fresh: 1 })),
  ];
  for (const { error, wakeAt, eventAt, count, fresh } of waiting) {
    if (error === undefined || wakeAt === undefined || wakeAt <= now) continue;
    const { code } = error;
    const before = groups.get(code) ?? {
      ...{ code, says: meaningOf(code).says, help: helpPath(code) },
      ...{ count: 0, fresh: 0, people: 0, firstAt: wakeAt, lastAt: wakeAt },
    };
    groups.set(code, {
      ...before,
      count: before.count + count,
      fresh: before.fresh + fresh,
      people: before.people + (eventAt === undefined ? 0 : 1),
      firstAt: Math.min(before.firstAt, wakeAt),
      lastAt: Math.max(before.lastAt, wakeAt),
    });
  }
  const sizeOf = ({ count, fresh }: HeldLine): number => count + fresh;
  return [...groups.values()].sort((one, other) => sizeOf(other) - sizeOf(one) || (one.code < other.code ? -1 : 1));
}
