/** The commands about early deletion: a customer's own request in two steps, and an operator's on a documented one. */
import { authorities } from '../../shared/model/staff.ts';
import { deletionAsked, deletionView } from '../../shared/wire/console.ts';
import type { DeletionView } from '../../shared/wire/console.ts';
import { need } from './arguments.ts';
import type { Command } from './commands.ts';
import { day } from './texts.ts';

const HOUR_MS = 3_600_000;

const plain = (word: 'show' | 'withdraw', says: string): Command => ({
  words: ['deletion', word],
  takes: '',
  options: '--site SITE',
  says,
  run: async (api, given) => {
    const how =
      word === 'show'
        ? ({ method: 'GET', path: '/deletion' } as const)
        : ({ method: 'POST', path: '/deletion/withdraw' } as const);
    const data = await api.asAdmin(need(given, 'site'), { ...how, reads: deletionView });
    return { data, lines: linesOf(data) };
  },
});

/** In the order of the help. */
export const deletionCommands: readonly Command[] = [
  plain('show', 'Says whether the deletion of a site’s data is asked for, and when what is gone.'),
  {
    words: ['deletion', 'ask'],
    takes: '',
    options: '--site SITE',
    says: 'The first step of an early deletion: prints a code and changes nothing.',
    run: async (api, given) => {
      const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path: '/deletion', reads: deletionAsked });
      return {
        data,
        lines: [
          `Code: ${data.code}`,
          `Valid until ${day(data.validUntil)}; it is not shown again.`,
          `When it is confirmed, everything live is gone by ${day(data.goneBy)}, backups by ${day(data.backupsGoneBy)}.`,
          `Confirm with: deletion confirm CODE --site ${need(given, 'site')} --name ${data.host}`,
        ],
      };
    },
  },
  {
    words: ['deletion', 'confirm'],
    takes: 'CODE',
    options: '--site SITE --name HOST',
    says: 'The second step: the code, and the site’s own address typed out. The countdown begins.',
    run: async (api, given, [code = '']) => {
      const body = { code, host: need(given, 'name') };
      const call = { method: 'POST', path: '/deletion/confirm', body, reads: deletionView } as const;
      const data = await api.asAdmin(need(given, 'site'), call);
      return { data, lines: linesOf(data) };
    },
  },
  plain('withdraw', 'Takes it back while the countdown runs: everything is there, and what changed is caught up.'),
  {
    words: ['delete-tenant'],
    takes: 'GRANT',
    options: `--by OPERATOR --authority ${authorities.join('|')}`,
    says: 'For operators: deletes a site’s data on a documented request, installed or not, under a grant: access ask --purpose deletion-request --category deletion.',
    run: async (api, given, [grant]) => {
      const body = { by: need(given, 'by'), grant, authority: need(given, 'authority') };
      const data = await api.call({ method: 'POST', path: '/local/operator/deletion', body, reads: deletionView });
      return { data, lines: linesOf(data) };
    },
  },
  {
    words: ['keep-tenant'],
    takes: 'GRANT',
    options: '--by OPERATOR',
    says: 'For operators: takes such a request back while the countdown runs, under such a grant.',
    run: async (api, given, [grant]) => {
      const body = { by: need(given, 'by'), grant };
      const data = await api.call({ method: 'POST', path: '/local/operator/withdrawal', body, reads: deletionView });
      return { data, lines: linesOf(data) };
    },
  },
];

function linesOf({ state, beginsAt, remainingMs, goneBy, backupsGoneBy }: DeletionView): readonly string[] {
  switch (state) {
    case 'none':
      return ['Nothing is to be deleted.'];
    case 'asked':
      return ['Asked for and not confirmed: nothing is to be deleted yet.'];
    case 'deleting':
      return ['The deletion is under way and cannot be taken back.'];
    case 'left':
      return [`The site left; its data are gone by ${day(goneBy ?? 0)}.`];
    case 'counting':
      return [
        `The deletion begins ${day(beginsAt ?? 0)}, in ${Math.ceil((remainingMs ?? 0) / HOUR_MS)} hours; until then it can be taken back.`,
        `Everything live is gone by ${day(goneBy ?? 0)}, backups by ${day(backupsGoneBy ?? 0)}.`,
      ];
  }
}
