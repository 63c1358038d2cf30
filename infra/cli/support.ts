/** The commands of support persons, for operators: a link to what a customer agreed to show, and the register of copies. */
import { openCopyList, supportLink } from '../../shared/wire/report.ts';
import type { OpenCopy } from '../../shared/wire/report.ts';
import { need } from './arguments.ts';
import type { Command } from './commands.ts';
import { day } from './texts.ts';

/** In the order of the help. */
export const supportCommands: readonly Command[] = [
  {
    words: ['support', 'link'],
    takes: 'REPORT',
    options: '--by OPERATOR --site SITE --ticket TICKET',
    says: 'For operators: a link to the bundle of a report, good once and for 15 minutes; the trail has it before you do.',
    run: async (api, given, [report]) => {
      const body = { by: need(given, 'by'), site: need(given, 'site'), ticket: need(given, 'ticket'), report };
      const data = await api.call({ method: 'POST', path: '/local/operator/support/link', body, reads: supportLink });
      return {
        data,
        lines: [`${given.options.url}${data.path}`, `Good once, until ${day(data.until)}. The copy is ${data.copy}.`],
      };
    },
  },
  {
    words: ['support', 'copies'],
    takes: '',
    options: '',
    says: 'Which fetched bundles are still at support persons, and by when each must be deleted; ends with 1 when one is late.',
    run: async (api) => {
      const data = await api.call({
        ...{ method: 'POST', path: '/local/operator/support/copies' },
        ...{ body: {}, reads: openCopyList },
      });
      return { data, lines: linesOf(data), exit: data.some(({ isLate }) => isLate) ? 1 : 0 };
    },
  },
  {
    words: ['support', 'deleted'],
    takes: 'COPY',
    options: '',
    says: 'Notes that a fetched bundle is deleted.',
    run: async (api, _given, [copy]) => {
      const path = '/local/operator/support/deleted';
      const data = await api.call({ method: 'POST', path, body: { copy }, reads: openCopyList });
      return { data, lines: linesOf(data) };
    },
  },
];

function linesOf(copies: readonly OpenCopy[]): readonly string[] {
  if (copies.length === 0) return ['No open copies.'];
  return copies.map(
    ({ copy, by, ticket, until, isCalledBack, isLate }) =>
      `${copy}  ${ticket}  ${by}  to be deleted by ${day(until)}${isCalledBack ? '  CALLED BACK' : ''}${isLate ? '  LATE' : ''}`,
  );
}
