/** The commands about registers, for operators: disclosures to authorities, incidents, changes of who owns the service. */
import { z } from 'zod';
import { caseDrafts, caseLetters, caseView, caseViews } from '../../shared/wire/trail.ts';
import type { CaseView } from '../../shared/wire/trail.ts';
import { Misused, need } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './commands.ts';
import { day } from './texts.ts';

/** In the order of the help. */
export const caseCommands: readonly Command[] = [
  {
    words: ['case', 'open'],
    takes: 'REGISTER',
    options:
      '--by OPERATOR --ticket TICKET [--basis BASIS] [--party NAME] [--site SITE] [--category A,B] [--from DAY] [--until DAY]',
    says: 'Opens a case in a register: disclosure (basis, party, site, category), incident (from, until), ownership (party, from).',
    run: async (api, given, [register]) => {
      const body = {
        ...stepOf(given),
        ...{ register, categories: given.options.category?.split(',') ?? [] },
        ...(given.options.site === undefined ? {} : { site: given.options.site }),
        ...instant(given, 'from', 'fromAt'),
        ...instant(given, 'until', 'untilAt'),
      };
      const data = await api.call({ method: 'POST', path: '/local/operator/cases', body, reads: caseView });
      return { data, lines: linesOf(data) };
    },
  },
  {
    words: ['case', 'step'],
    takes: 'CASE KIND',
    options: '--by OPERATOR --ticket TICKET [--basis REASON] [--party NAME]',
    says: 'The next step of a case: approved, notified, notice-barred, acknowledged, affected (by the trail), closed.',
    run: async (api, given, [id, kind]) => {
      const body = { ...stepOf(given), case: id, kind };
      const data = await api.call({ method: 'POST', path: '/local/operator/cases/step', body, reads: caseView });
      return { data, lines: linesOf(data) };
    },
  },
  {
    words: ['case', 'drafts'],
    takes: 'CASE',
    options: '--by OPERATOR --ticket TICKET',
    says: 'Drafts the letters of an incident, one for each life whose data the trail says were touched.',
    run: async (api, given, [id]) => {
      const body = { ...stepOf(given), case: id, kind: 'notices-drafted' };
      const data = await api.call({ method: 'POST', path: '/local/operator/cases/drafts', body, reads: caseDrafts });
      return { data, lines: data.flatMap(({ life, subject, text }) => [`${life}: ${subject}`, text, '']) };
    },
  },
  {
    words: ['case', 'send'],
    takes: 'CASE',
    options: '--by OPERATOR --ticket TICKET [--dry-run]',
    says: 'Sends the drafted letters of an incident to the contacts; --dry-run shows each letter and how it stands, and sends nothing.',
    run: async (api, given, [id]) => {
      const body = { ...stepOf(given), case: id, isDryRun: given.dryRun };
      const data = await api.call({ method: 'POST', path: '/local/operator/cases/send', body, reads: caseLetters });
      const lines = data.flatMap(({ life, state, subject, text }) => [
        `${life}  ${state}  ${subject}`,
        ...(given.dryRun ? ['', ...text.split('\n').map((line) => `  ${line}`)] : []),
      ]);
      const end = given.dryRun
        ? 'Nothing was sent.'
        : 'Those that were ready are on their way; --dry-run shows how they ended.';
      return { data, lines: [...lines, end] };
    },
  },
  {
    words: ['case', 'list'],
    takes: '',
    options: '',
    says: 'Every case with what is due by when; ends with 1 when something is late or a case is not whole.',
    run: async (api) => {
      const data = await api.call({ method: 'POST', path: '/local/operator/cases/list', body: {}, reads: caseViews });
      const isBad = data.some(({ due, isWhole }) => !isWhole || due.some(({ isLate }) => isLate));
      return { data, lines: data.length === 0 ? ['No cases.'] : data.flatMap(linesOf), exit: isBad ? 1 : 0 };
    },
  },
];

function stepOf(given: Arguments) {
  const { basis, party } = given.options;
  return {
    ...{ by: need(given, 'by'), ticket: need(given, 'ticket') },
    ...(basis === undefined ? {} : { basis }),
    ...(party === undefined ? {} : { party }),
  };
}

function instant(given: Arguments, option: 'from' | 'until', name: 'fromAt' | 'untilAt') {
  const typed = given.options[option];
  if (typed === undefined) return {};
  const read = z.iso.date().or(z.iso.datetime()).safeParse(typed);
  if (!read.success) throw new Misused(`--${option} takes a day like 2026-11-30.`);
  return { [name]: Date.parse(read.data) };
}

function linesOf({ case: id, register, steps, affected, due, isWhole }: CaseView): readonly string[] {
  return [
    `${id}  ${register}  ${steps.at(-1)?.kind ?? ''}${isWhole ? '' : '  NOT WHOLE'}`,
    ...(affected.length === 0 ? [] : [`  of ${affected.join(', ')}`]),
    ...due.map(({ what, byAt, isLate }) => `  ${what} by ${day(byAt)}${isLate ? '  LATE' : ''}`),
  ];
}
