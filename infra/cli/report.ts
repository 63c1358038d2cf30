/** The commands of a report to support: shown whole, agreed to by hash, and how its ticket stands. */
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { reportPage, reportShown } from '../../shared/wire/report.ts';
import { need } from './arguments.ts';
import type { Command } from './commands.ts';
import { day, printable } from './texts.ts';

const accepted = z.object({ report: z.string() });

/** In the order of the help. */
export const reportCommands: readonly Command[] = [
  {
    words: ['report', 'show'],
    takes: 'WORDS',
    options: '--site SITE [--connection ID] [--file FILE]',
    says: 'Shows what a report to support would send, and sends nothing; --file takes the bundle, whole.',
    run: async (api, given, [message]) => {
      const { connection, file } = given.options;
      const body = { message, ...(connection === undefined ? {} : { connection }) };
      const data = await api.asAdmin(need(given, 'site'), {
        method: 'POST',
        path: '/reports',
        body,
        reads: reportShown,
      });
      if (file !== undefined) await writeFile(file, data.bundle);
      const { report, hash, ticket, bundle, until } = data;
      return {
        data,
        lines: [
          `Ticket, in the name of ${ticket.onBehalfOf}: ${ticket.summary}`,
          ...ticket.text.split('\n').map((line) => `  ${printable(line)}`),
          file === undefined ? 'Bundle, for support to fetch:' : `Bundle, for support to fetch: ${file}`,
          ...(file === undefined ? bundle.split('\n').map(printable) : []),
          `Nothing was sent. Yes to just this, until ${day(until)}: report send ${report} --site SITE --hash ${hash}`,
        ],
      };
    },
  },
  {
    words: ['report', 'send'],
    takes: 'REPORT',
    options: '--site SITE --hash HASH',
    says: 'Says yes to what was shown: a ticket is opened in your name, and support may fetch the bundle.',
    run: async (api, given, [report = '']) => {
      const path = `/reports/${encodeURIComponent(report)}/send`;
      const body = { hash: need(given, 'hash') };
      const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path, body, reads: accepted });
      return { data, lines: [`${data.report} is on its way to support.`] };
    },
  },
  {
    words: ['report', 'list'],
    takes: '',
    options: '--site SITE',
    says: 'The reports of a site, and how their tickets stand.',
    run: async (api, given) => {
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path: '/reports', reads: reportPage });
      const lines = data.reports.map(
        ({ report, state, ticket = '–', shownAt, removeAt }) =>
          `${report}  ${state}  ${ticket}  ${day(shownAt)}${removeAt === undefined ? '' : `  gone by ${day(removeAt)}`}`,
      );
      return { data, lines: lines.length === 0 ? ['No reports.'] : lines };
    },
  },
];
