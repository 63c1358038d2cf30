/** The commands about starting and stopping: what comes under sync by itself, by hand, in bulk, and how it ends. */
import { triggersView, twinAccepted } from '../../shared/wire/console.ts';
import type { TriggersView } from '../../shared/wire/console.ts';
import { Misused, need } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './commands.ts';
import { pathOf, withQuery } from './paths.ts';
import { printable } from './texts.ts';

const SIDE = '--site SITE --connection ID [--side a|b]';

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

function triggersText({ isActive, onCreate, scope, onUpdate }: TriggersView): readonly string[] {
  const whole = (jql: string): string => (jql === '' ? 'the whole project' : printable(jql));
  return [
    `triggers  ${isActive ? 'active' : 'off: nothing comes under sync by itself'}`,
    `create    ${onCreate ? whole(scope) : 'no'}`,
    `update    ${onUpdate === undefined ? 'no' : whole(onUpdate)}`,
  ];
}
