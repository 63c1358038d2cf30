/** The commands about starting and stopping: what comes under sync by itself, by hand, in bulk, and how it ends. */
import { jobList, jobView, pairsPage, triggersView, twinAccepted } from '../../shared/wire/console.ts';
import type { JobKind } from '../../shared/model/job.ts';
import type { TriggersView } from '../../shared/wire/console.ts';
import { Misused, need } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './commands.ts';
import { pages, pathOf, textFile, withQuery } from './paths.ts';
import { jobText, printable } from './texts.ts';

const SIDE = '--site SITE --connection ID [--side a|b]';
/** Pages of an export that one call follows: a million pairs. */
const MAX_EXPORT_PAGES = 20_000;

/** Bulk work of each kind: its words, what it takes and what it says. */
const jobs: readonly (readonly [kind: JobKind, options: string, says: string])[] = [
  [
    'share',
    '[--jql JQL] [--again]',
    'Brings all issues of the scope under sync; --again: those that were taken out, too.',
  ],
  ['resync', '[--jql JQL] [--errors]', 'Takes all pairs afresh; --errors: those that have one.'],
  ['unlink', '[--jql JQL | --file CSV] [--force]', 'Ends all pairs, or those of a query or a list.'],
  [
    'connect',
    '--file CSV | --field NAME [--other-field NAME] [--jql JQL] [--start baseline|newest|hold|a|b]',
    'Makes pairs of issues that are there: line by line of a list, or where a field has the same value.',
  ],
];

/** Every command about starting and stopping, in the order of the help. */
export const workCommands: readonly Command[] = [
  {
    words: ['triggers'],
    takes: '',
    options: `${SIDE} [--on-create yes|no] [--on-update JQL|no] [--scope JQL] [--off | --on]`,
    says: 'Shows what brings issues under sync by itself, or changes it.',
    run: async (api, given) => {
      const site = need(given, 'site');
      const path = withQuery(`${pathOf(given)}/triggers`, given);
      const now = await api.asAdmin(site, { method: 'GET', path, reads: triggersView });
      const body = changedTriggers(now, given);
      const data =
        body === undefined ? now : await api.asAdmin(site, { method: 'PUT', path, body, reads: triggersView });
      return { data, lines: triggersText(data) };
    },
  },
  {
    words: ['resync'],
    takes: 'TWIN|ISSUE',
    options: SIDE,
    says: 'Looks at one pair although nothing changed, and tries again what sites refused.',
    run: async (api, given, [named = '']) => {
      const path = withQuery(`${pathOf(given)}/twins/${encodeURIComponent(named)}/resync`, given);
      const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path, reads: twinAccepted });
      return { data, lines: [`${data.twin} is taken afresh.`] };
    },
  },
  {
    words: ['unlink'],
    takes: 'TWIN|ISSUE',
    options: `${SIDE} [--force]`,
    says: 'Ends one pair after what is open has arrived (--force: at once); both issues stay.',
    run: async (api, given, [named = '']) => {
      const path = withQuery(`${pathOf(given)}/twins/${encodeURIComponent(named)}/unlink`, given);
      const body = { force: given.force };
      const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path, body, reads: twinAccepted });
      return { data, lines: [`${data.twin} ends${given.force ? '' : ' when it is in step'}.`] };
    },
  },
  {
    words: ['pair'],
    takes: 'ISSUE,OTHER',
    options: `${SIDE} [--start baseline|newest|hold|a|b]`,
    says: 'Makes a pair of two issues that are there, ours first; see job lines for how it ended.',
    run: async (api, given, [named = '']) => {
      const { start } = given.options;
      const body = { csv: named, ...(start === undefined ? {} : { start }) };
      const path = withQuery(`${pathOf(given)}/jobs/connect`, given);
      const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path, body, reads: jobView });
      return { data, lines: jobText(data) };
    },
  },
  {
    words: ['jobs'],
    takes: '',
    options: SIDE,
    says: 'Shows the last bulk work of each kind: numbers, what is left, and when it will end.',
    run: async (api, given) => {
      const path = withQuery(`${pathOf(given)}/jobs`, given);
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: jobList });
      return { data, lines: data.jobs.length === 0 ? ['No bulk work.'] : data.jobs.flatMap(jobText) };
    },
  },
  ...jobs.map(jobCommand),
  jobEventCommand('pause', 'Pauses bulk work.'),
  jobEventCommand('resume', 'Lets it go on.'),
  jobEventCommand('cancel', 'Ends it; what is done stays done.'),
  jobTableCommand('failures', 'Prints what it was refused for, as a table.'),
  jobTableCommand('lines', 'Prints how each line of a list ended, as a table that can be handed in again.'),
  {
    words: ['export'],
    takes: '',
    options: SIDE,
    says: 'Prints all pairs as a table that job connect takes back.',
    run: async (api, given) => {
      const site = need(given, 'site');
      const data = await pages<string>(async (after) => {
        const path = withQuery(`${pathOf(given)}/pairs`, given, { after });
        const page = await api.asAdmin(site, { method: 'GET', path, reads: pairsPage });
        return { items: [page.csv], next: page.next };
      }, MAX_EXPORT_PAGES);
      const text = data.join('');
      return { data: { csv: text }, lines: text.trimEnd().split('\r\n') };
    },
  },
];

/** What the options change of the triggers; `undefined`: nothing. */
function changedTriggers(now: TriggersView, { options, off, on }: Arguments): unknown {
  const { scope, 'on-create': onCreate, 'on-update': onUpdate } = options;
  if (![scope, onCreate, onUpdate].some((one) => one !== undefined) && !off && !on) return undefined;
  if (onCreate !== undefined && onCreate !== 'yes' && onCreate !== 'no')
    throw new Misused('--on-create takes yes or no.');
  const update = onUpdate === 'no' ? undefined : (onUpdate ?? now.onUpdate);
  return {
    isActive: on || (now.isActive && !off),
    onCreate: onCreate === undefined ? now.onCreate : onCreate === 'yes',
    ...(update === undefined ? {} : { onUpdate: update }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function jobCommand([kind, options, says]: (typeof jobs)[number]): Command {
  return {
    words: ['job', kind],
    takes: '',
    options: `${SIDE} ${options} [--dry-run]`,
    says,
    run: async (api, given) => {
      const { jql, file, field, start } = given.options;
      const target = given.options['other-field'];
      const body = {
        dryRun: given.dryRun,
        ...{ again: given.again, errorsOnly: given.errors, force: given.force },
        ...(jql === undefined ? {} : { jql }),
        ...(file === undefined ? {} : { csv: await textFile(file) }),
        ...(field === undefined ? {} : { match: { field, ...(target === undefined ? {} : { target }) } }),
        ...(start === undefined ? {} : { start }),
      };
      const path = withQuery(`${pathOf(given)}/jobs/${kind}`, given);
      const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path, body, reads: jobView });
      return { data, lines: jobText(data) };
    },
  };
}

function jobEventCommand(event: 'pause' | 'resume' | 'cancel', says: string): Command {
  return {
    words: ['job', event],
    takes: 'KIND',
    options: SIDE,
    says,
    run: async (api, given, [kind = '']) => {
      const path = withQuery(`${pathOf(given)}/jobs/${encodeURIComponent(kind)}/${event}`, given);
      const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path, reads: jobView });
      return { data, lines: jobText(data) };
    },
  };
}

function jobTableCommand(what: 'failures' | 'lines', says: string): Command {
  return {
    words: ['job', what],
    takes: 'KIND',
    options: SIDE,
    says,
    run: async (api, given, [kind = '']) => {
      const path = withQuery(`${pathOf(given)}/jobs/${encodeURIComponent(kind)}/${what}`, given);
      const text = await api.textAsAdmin(need(given, 'site'), path);
      return { data: { csv: text }, lines: text.trimEnd().split('\r\n') };
    },
  };
}

function triggersText({ isActive, onCreate, scope, onUpdate }: TriggersView): readonly string[] {
  const whole = (jql: string): string => (jql === '' ? 'the whole project' : printable(jql));
  return [
    `triggers  ${isActive ? 'active' : 'off: nothing comes under sync by itself'}`,
    `create    ${onCreate ? whole(scope) : 'no'}`,
    `update    ${onUpdate === undefined ? 'no' : whole(onUpdate)}`,
  ];
}
