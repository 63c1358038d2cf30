/** The commands about news by mail: who wants them, for admins; what was said in person and a mailing by two, for operators. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { newsList } from '../../shared/wire/console.ts';
import { mailingView, spokenConsent } from '../../shared/wire/mailing.ts';
import type { MailingView } from '../../shared/wire/mailing.ts';
import { Misused, need } from './arguments.ts';
import type { Command } from './commands.ts';
import { day, printable } from './texts.ts';

const wish = z.object({ id: z.string() });

/** In the order of the help. */
export const newsCommands: readonly Command[] = [
  {
    words: ['news', 'ask'],
    takes: 'ADDRESS',
    options: '--site SITE',
    says: 'Enters an address for news; a mail asks its owner, and nothing else is sent before the yes.',
    run: async (api, given, [address]) => {
      const data = await api.asAdmin(need(given, 'site'), {
        method: 'POST',
        path: '/news',
        body: { address },
        reads: wish,
      });
      return { data, lines: [`${data.id}: a mail asks the owner of the address.`] };
    },
  },
  {
    words: ['news', 'list'],
    takes: '',
    options: '--site SITE',
    says: 'The addresses of a site that were entered for news, and since when each is confirmed.',
    run: async (api, given) => {
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path: '/news', reads: newsList });
      const lines = data.wishes.map(
        ({ id, address, source, liveSince }) =>
          `${id}  ${address}  ${liveSince === undefined ? 'not confirmed' : `since ${day(liveSince)}`}${source === 'in-person' ? ', said in person' : ''}`,
      );
      return { data, lines: lines.length === 0 ? ['Nobody wants news.'] : lines };
    },
  },
  {
    words: ['news', 'record'],
    takes: 'ADDRESS',
    options: '--site SITE --by OPERATOR --ticket TICKET',
    says: 'For operators: writes down that the owner of an address said in person that he or she wants news.',
    run: async (api, given, [address]) => {
      const body = { by: need(given, 'by'), site: need(given, 'site'), address, ticket: need(given, 'ticket') };
      const data = await api.call({ method: 'POST', path: '/local/operator/consents', body, reads: spokenConsent });
      return { data, lines: [`${data.consent}: gets news from now on, until its owner unsubscribes.`] };
    },
  },
  {
    words: ['mailing', 'write'],
    takes: 'FILE',
    options: '--by OPERATOR --ticket TICKET',
    says: 'For operators: prepares news from a text file (Subject: …, an empty line, paragraphs); shows the letter and how many would get it, sends nothing.',
    run: async (api, given, [file = '']) => {
      const body = { by: need(given, 'by'), ticket: need(given, 'ticket'), ...(await textOf(file)) };
      const data = await api.call({ method: 'POST', path: '/local/operator/mailings', body, reads: mailingView });
      const { mailing, hash } = data;
      const next = `Nothing was sent. A second person’s yes to just this: mailing send ${mailing} --hash ${hash} --by OPERATOR`;
      return { data, lines: [...shownText(data), next] };
    },
  },
  {
    words: ['mailing', 'send'],
    takes: 'MAILING',
    options: '--by OPERATOR --hash HASH',
    says: 'The second person’s yes: it goes to those who have confirmed that they want news, and have not unsubscribed.',
    run: async (api, given, [mailing]) => {
      const body = { by: need(given, 'by'), mailing, hash: need(given, 'hash') };
      const data = await api.call({ method: 'POST', path: '/local/operator/mailings/send', body, reads: mailingView });
      return { data, lines: [`${data.mailing} goes to ${data.audience.wanted} addresses.`] };
    },
  },
];

function shownText({ subject, text, audience }: MailingView): readonly string[] {
  const { wanted, unconfirmed, unsubscribed, away } = audience;
  return [
    `Subject: ${printable(subject)}`,
    '',
    ...text.trimEnd().split('\n').map(printable),
    '',
    `It would go to ${wanted} addresses (not to ${unconfirmed} unconfirmed, ${unsubscribed} unsubscribed, ${away} of sites that left).`,
  ];
}

/** Reads a letter in the form that people write: lines of a paragraph are joined, an empty line ends it. @throws Misused */
async function textOf(file: string): Promise<{ readonly subject: string; readonly paragraphs: readonly string[] }> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Misused('The file cannot be read.');
  });
  const [head = '', ...rest] = text
    .replace(/\r\n/g, '\n')
    .trim()
    .split(/\n[ \t]*\n\s*/);
  const subject = /^Subject: (.+)$/.exec(head)?.[1];
  if (subject === undefined) throw new Misused('The file begins with one line "Subject: …" and an empty line.');
  return {
    subject,
    paragraphs: rest.map((paragraph) =>
      paragraph
        .split('\n')
        .map((line) => line.trim())
        .join(' '),
    ),
  };
}
