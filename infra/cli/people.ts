/** The commands about single people: what is stored of one, and what people have asked for. */
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { exportPage } from '../../shared/wire/exportFile.ts';
import { personPage, requestPage, requestView } from '../../shared/wire/people.ts';
import type { RequestView } from '../../shared/wire/people.ts';
import { usageView } from '../../shared/wire/usage.ts';
import { need } from './arguments.ts';
import type { Command } from './commands.ts';
import { pages, withQuery } from './paths.ts';
import { day } from './texts.ts';

/** Pages of a search through everything that one call follows. */
const MAX_PAGES = 100_000;
const about = (account: string): string => `/people/${encodeURIComponent(account)}`;

/** Every command about people, in the order of the help. */
export const peopleCommands: readonly Command[] = [
  {
    words: ['person', 'find'],
    takes: 'ACCOUNT',
    options: '--site SITE',
    says: 'Says where a person is named, by its account id; Jira holds the rest.',
    run: async (api, given, [account = '']) => {
      let counts: Readonly<Record<string, number>> = {};
      await pages(async (after) => {
        const path = withQuery(about(account), given, { after });
        const page = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: personPage });
        counts = page.counts;
        return { items: [], next: page.next };
      }, MAX_PAGES);
      const found = Object.entries(counts).map(([category, some]) => `${category}  ${some}`);
      return { data: counts, lines: found.length === 0 ? ['Nowhere.'] : found };
    },
  },
  {
    words: ['person', 'export'],
    takes: 'ACCOUNT',
    options: '--site SITE --file FILE',
    says: 'Writes the records that name a person into a file that export check reads.',
    run: async (api, given, [account = '']) => {
      const file = need(given, 'file');
      const to = await open(file, 'wx', 0o600);
      try {
        await pages(async (after) => {
          const path = withQuery(`${about(account)}/export`, given, { after });
          const page = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: exportPage });
          await to.appendFile(page.lines);
          return { items: [], next: page.next };
        }, MAX_PAGES);
      } finally {
        await to.close();
      }
      return { data: { file }, lines: [`${file} is written.`] };
    },
  },
  {
    words: ['person', 'refresh'],
    takes: 'ACCOUNT',
    options: '--site SITE',
    says: 'Forgets the name that is kept of a person, so that Jira is asked again.',
    run: async (api, given, [account = '']) => {
      const call = { method: 'POST', path: `${about(account)}/refresh`, reads: z.unknown() } as const;
      const data = await api.asAdmin(need(given, 'site'), call);
      return { data, lines: ['The name is read again when it is needed.'] };
    },
  },
  {
    words: ['request', 'open'],
    takes: 'KIND',
    options: '--site SITE [--account ID]',
    says: 'Takes in what a person asks for: access, rectify, erase or other. An erasure begins at once.',
    run: async (api, given, [kind = '']) => {
      const { account } = given.options;
      const body = { kind, ...(account === undefined ? {} : { account }) };
      const call = { method: 'POST', path: '/requests', body, reads: requestView } as const;
      const data = await api.asAdmin(need(given, 'site'), call);
      return { data, lines: requestLines(data) };
    },
  },
  {
    words: ['request', 'list'],
    takes: '',
    options: '--site SITE',
    says: 'Lists the requests: by when each has to be done, and how it stands.',
    run: async (api, given) => {
      const data = await pages<RequestView>(async (after) => {
        const path = withQuery('/requests', given, { after });
        const page = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: requestPage });
        return { items: page.requests, next: page.next };
      });
      return { data, lines: data.length === 0 ? ['No requests.'] : data.flatMap(requestLines) };
    },
  },
  {
    words: ['usage'],
    takes: '',
    options: '--site SITE',
    says: 'Shows how often what was used, by month and by day.',
    run: async (api, given) => {
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path: '/usage', reads: usageView });
      const lines = [
        ...data.months.map((one) => [one.month, one.counts] as const),
        ...data.days.map((one) => [one.day, one.counts] as const),
      ];
      const text = lines.map(
        ([when, counts]) =>
          `${when}  ${Object.entries(counts)
            .map(([name, some]) => `${name} ${some}`)
            .join(', ')}`,
      );
      return { data, lines: text.length === 0 ? ['Nothing was counted yet.'] : text };
    },
  },
  settled('acknowledge', 'Says that the person was told that the request has come.'),
  settled('done', 'Says that a request is done.'),
];

function settled(how: 'acknowledge' | 'done', says: string): Command {
  return {
    words: ['request', how],
    takes: 'REQUEST',
    options: '--site SITE',
    says,
    run: async (api, given, [request = '']) => {
      const path = `/requests/${encodeURIComponent(request)}/${how}`;
      const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path, reads: requestView });
      return { data, lines: requestLines(data) };
    },
  };
}

function requestText({ request, kind, acknowledgedAt, acknowledgeBy, dueAt, doneAt, isLeft }: RequestView): string {
  if (doneAt !== undefined)
    return `${request}  ${kind}  done ${day(doneAt)}${isLeft === true ? ', and named by the site still' : ''}`;
  const told = acknowledgedAt === undefined ? `acknowledge by ${day(acknowledgeBy)}, ` : '';
  return `${request}  ${kind}  ${told}due ${day(dueAt)}`;
}

const reached = {
  'with-us': 'gone with our own stores',
  'by-us': 'erased there by us',
  expires: 'sealed, gone with the last backup that holds it',
  task: 'TO DO: has to be asked to erase it',
} as const;

function requestLines(data: RequestView): readonly string[] {
  const elsewhere = data.elsewhere ?? [];
  return [requestText(data), ...elsewhere.map(({ name, how }) => `  ${name}: ${reached[how]}`)];
}
