/** The command about Jira's limits. */
import { budgetView, heldView } from '../../shared/wire/budget.ts';
import type { BudgetView, HeldLine, WorkLine } from '../../shared/wire/budget.ts';
import { need } from './arguments.ts';
import type { Command } from './commands.ts';
import { pages, pathOf, withQuery } from './paths.ts';
import { day } from './texts.ts';

/** In the order of the help. */
export const budgetCommands: readonly Command[] = [
  {
    words: ['budget'],
    takes: '',
    options: '--site SITE [--connection ID]',
    says: 'What the hour has left of Jira’s points, when bulk work will end, and which pairs and new issues wait, why and until when.',
    run: async (api, given) => {
      const site = need(given, 'site');
      if (given.options.connection === undefined) {
        const data = await api.asAdmin(site, { method: 'GET', path: '/budget', reads: budgetView });
        return { data, lines: budgetText(data) };
      }
      let first: BudgetView | undefined;
      const held = await pages<HeldLine>(async (after) => {
        const path = withQuery(`${pathOf(given)}/budget`, given, { after });
        const page = await api.asAdmin(site, { method: 'GET', path, reads: heldView });
        first ??= page;
        return { items: page.held, next: page.next };
      });
      const together = joined(held);
      const lines = first === undefined ? [] : budgetText(first);
      const waiting = together.length === 0 ? ['No pair is held back.'] : together.map(heldText);
      return { data: { ...first, held: together }, lines: [...lines, ...waiting] };
    },
  },
];

const reasons: Readonly<Record<NonNullable<BudgetView['own']['waitsFor']>, string>> = {
  paused: 'Jira has refused calls for its quota',
  pool: 'the hour’s points are used up',
  reserve: 'bulk work leaves the rest of the hour to people',
  share: 'the site has had its fair share of the hour',
};

function budgetText({ pool, own, work, hasMore }: BudgetView): readonly string[] {
  const word = pool.saidAt === undefined ? 'as counted here' : `as Jira said ${day(pool.saidAt)}`;
  const why = own.waitsFor === undefined ? '' : `: ${reasons[own.waitsFor]}`;
  return [
    `points    ${pool.remaining} of ${pool.limit} left (${word}), new at ${day(pool.resetAt)}${pool.isShared ? '; all sites share them' : ''}`,
    `this site ${own.spent} spent, ${own.bulk} of them by bulk work; ${own.most} at most this hour`,
    `kept      ${pool.reserve} for people’s edits, which bulk work does not take`,
    ...(pool.pausedUntil === undefined ? [] : [`stopped   Jira refuses calls until ${day(pool.pausedUntil)}`]),
    ...(own.waitsUntil === undefined ? [] : [`waits     until ${day(own.waitsUntil)}${why}`]),
    ...work.flatMap(workText),
    ...(hasMore ? ['There are more connections than are looked at here; name one with --connection.'] : []),
  ];
}

function workText({ connection, jobs, runs }: WorkLine): readonly string[] {
  if (jobs.length + runs.length === 0) return [];
  return [
    connection,
    ...jobs.map((job) => `  ${job.kind}  ${job.state}  ${progress(job)}`),
    ...runs.map((run) => `  ${run.how} run  ${progress(run)}`),
  ];
}

function progress({ done, total, etaAt, waits }: WorkLine['jobs'][number] | WorkLine['runs'][number]): string {
  const until = waits?.until === undefined ? '' : ` until ${day(waits.until)}`;
  return [
    `${done} of ${total ?? 'an unknown number'} done`,
    etaAt === undefined ? 'nobody can say when it ends' : `ends about ${day(etaAt)}`,
    ...(waits === undefined ? [] : [`waits${until}: ${waits.says} (${waits.code})`]),
  ].join('  ');
}

/** One line for each reason over all pages. */
function joined(lines: readonly HeldLine[]): readonly HeldLine[] {
  return [...Map.groupBy(lines, ({ code }) => code).values()].map((group) =>
    group.reduce((one, other) => ({
      ...one,
      count: one.count + other.count,
      fresh: one.fresh + other.fresh,
      people: one.people + other.people,
      firstAt: Math.min(one.firstAt, other.firstAt),
      lastAt: Math.max(one.lastAt, other.lastAt),
    })),
  );
}

function heldText({ code, says, count, fresh, people, firstAt, lastAt }: HeldLine): string {
  const times = firstAt === lastAt ? day(firstAt) : `${day(firstAt)} to ${day(lastAt)}`;
  const issues = fresh === 0 ? '' : ` and ${fresh} issues without a pair`;
  return `held      ${count} pairs${issues} until ${times}, ${people} of them with a person’s edit: ${says} (${code})`;
}
