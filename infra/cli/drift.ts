/** Commands about what was missed and found again. */
import { driftPage, lagView, periodsAnswer, restoredAnswer, runPage, runStarted } from '../../shared/wire/drift.ts';
import type { DriftLine, LagView, RunLine } from '../../shared/wire/drift.ts';
import { Misused, need } from './arguments.ts';
import type { Command } from './commands.ts';
import { pages, pathOf, withQuery } from './paths.ts';
import { day, printable } from './texts.ts';

const WHERE = '--site SITE --connection ID';

/** In the order of the help. */
export const driftCommands: readonly Command[] = [
  {
    words: ['drift', 'show'],
    takes: 'RUN',
    options: WHERE,
    says: 'What one run found out of step: which field of which pair, why, and whether it was repaired.',
    run: async (api, given, [run = '']) => {
      const path = `${pathOf(given)}/drift/${encodeURIComponent(run)}`;
      const data = await pages<DriftLine>(async (after) => {
        const page = await api.asAdmin(need(given, 'site'), {
          method: 'GET',
          path: withQuery(path, given, { after }),
          reads: driftPage,
        });
        return { items: page.drifts, next: page.next };
      });
      return { data, lines: data.length === 0 ? ['Nothing had drifted.'] : data.flatMap(driftText) };
    },
  },
  {
    words: ['drift'],
    takes: '',
    options: WHERE,
    says: 'The last runs that looked for what was missed: what they found, repaired and cost.',
    run: async (api, given) => {
      const path = withQuery(`${pathOf(given)}/drift`, given);
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: runPage });
      const { lightMinutes, fullHours, nextLightAt, nextFullAt, rulesDueAt } = data;
      const due = (at: number | undefined): string => (at === undefined ? '' : `, next ${day(at)}`);
      return {
        data,
        lines: [
          `What changed is looked at every ${lightMinutes} minutes${due(nextLightAt)}.`,
          `Everything is looked at every ${fullHours} hours${due(nextFullAt)}.`,
          ...(rulesDueAt === undefined ? [] : ['New rules are about to be carried to every pair.']),
          ...(data.runs.length === 0 ? ['No runs yet.'] : data.runs.map(runText)),
        ],
      };
    },
  },
  {
    words: ['lag'],
    takes: '',
    options: WHERE,
    says: 'How long changes take from a person’s hand to the other side: p50, p95 and p99, by kind and day.',
    run: async (api, given) => {
      const path = withQuery(`${pathOf(given)}/lag`, given);
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: lagView });
      const row = (name: string, { count, p50, p95, p99, max }: LagView['total']): string =>
        `${name.padEnd(12)}${count} changes  p50 ${p50} ms  p95 ${p95} ms  p99 ${p99} ms  longest ${max} ms`;
      if (data.total.count === 0) return { data, lines: ['Nothing has arrived in the last days.'] };
      const kinds = data.kinds.map(({ kind, ...figures }) => row(kind, figures));
      return {
        data,
        lines: [row('all', data.total), ...kinds, ...data.days.map(({ day: on, ...rest }) => row(on, rest))],
      };
    },
  },
  {
    words: ['restored'],
    takes: 'a|b|newest|hold',
    options: WHERE,
    says: 'After a site or our own store was restored from a backup: which side counts, the newest of both, or ask for each difference.',
    run: async (api, given, [keep]) => {
      const data = await api.asAdmin(need(given, 'site'), {
        method: 'POST',
        path: `${pathOf(given)}/restored`,
        body: { keep },
        reads: restoredAnswer,
      });
      return { data, lines: [`Every pair begins anew (${data.keep}).`] };
    },
  },
  {
    words: ['reconcile', 'every'],
    takes: 'MINUTES,HOURS',
    options: WHERE,
    says: 'How often what changed (minutes) and everything (hours) is looked at, for example 60,24.',
    run: async (api, given, [typed = '']) => {
      const [light, full, ...more] = typed.split(',').map(Number);
      if (light === undefined || full === undefined || more.length > 0 || Number.isNaN(light + full))
        throw new Misused('Two whole numbers, for example 60,24.');
      const data = await api.asAdmin(need(given, 'site'), {
        method: 'PUT',
        path: `${pathOf(given)}/reconcile`,
        body: { lightMinutes: light, fullHours: full },
        reads: periodsAnswer,
      });
      return { data, lines: [`Every ${data.lightMinutes} minutes and every ${data.fullHours} hours.`] };
    },
  },
  {
    words: ['reconcile'],
    takes: 'light|full',
    options: WHERE,
    says: 'Looks now at what changed (light), or at everything (full).',
    run: async (api, given, [how]) => {
      const data = await api.asAdmin(need(given, 'site'), {
        method: 'POST',
        path: `${pathOf(given)}/reconcile`,
        body: { how },
        reads: runStarted,
      });
      return { data, lines: [`A ${data.how} run was asked for.`] };
    },
  },
];

function runText({
  run,
  how,
  startedAt,
  endedAt,
  issues,
  twins,
  points,
  drifted,
  repaired,
  hasMore,
  code,
  total,
  etaAt,
}: RunLine): string {
  const end = endedAt === undefined ? 'not finished' : `ended ${day(endedAt)}`;
  const found = `${hasMore ? 'more than ' : ''}${drifted} drifted, ${repaired} repaired`;
  const of = total === undefined ? '' : ` of ${total}`;
  const ends = etaAt === undefined ? '' : `, ends about ${day(etaAt)}`;
  const seen = `${issues} issues, ${twins}${of} pairs looked at${ends}`;
  return [
    run,
    how,
    day(startedAt),
    end,
    seen,
    found,
    `${points.a}+${points.b} points`,
    ...(code === undefined ? [] : [code]),
  ].join('  ');
}

function driftText({ twin, a, b, foundAt, repairedAt, things }: DriftLine): readonly string[] {
  const end = repairedAt === undefined ? 'open' : `repaired ${day(repairedAt)}`;
  return [
    `${twin}  ${a ?? '–'} ↔ ${b ?? '–'}  found ${day(foundAt)}  ${end}`,
    ...things.map(({ side, what, part, why, code, says }) => {
      const how = code === undefined ? 'repaired' : `${says ?? ''} (${code})`;
      return `  side ${side}  ${printable(what)}${part === undefined ? '' : ` ${part}`}  ${why}  ${how}`;
    }),
  ];
}
