/** The commands that look at the outside parties of the local stack: the mails that arrived, and the tickets of the desk. */
import { z } from 'zod';
import type { Command } from './commands.ts';
import { day, printable } from './texts.ts';

const mailLine = z.object({
  id: z.string(),
  arrivedAt: z.number(),
  to: z.array(z.string()),
  class: z.enum(['transactional', 'marketing']),
  template: z.string(),
  subject: z.string(),
});
const mail = mailLine.extend({ headers: z.array(z.string()), text: z.string() });
const ticket = z.object({
  key: z.string(),
  onBehalfOf: z.string(),
  createdAt: z.number(),
  closedAt: z.number().exactOptional(),
  summary: z.string(),
  text: z.string(),
});
type MailLine = z.infer<typeof mailLine>;
type Ticket = z.infer<typeof ticket>;

/** Headers that a person wants to see of a mail. */
const SHOWN =
  /^(date|from|to|subject|message-id|auto-submitted|list-unsubscribe|list-unsubscribe-post|precedence|x-twinline-template):/i;

/** In the order of the help. */
export const outsideCommands: readonly Command[] = [
  {
    words: ['mails'],
    takes: '[ID]',
    options: '',
    says: 'The mails that the local stack has sent, as they arrived at a mail server of this computer; or one of them.',
    run: async (api, _given, [id]) => {
      if (id === undefined) {
        const data = await api.call({ method: 'GET', path: '/local/mails', reads: z.array(mailLine) });
        return { data, lines: data.length === 0 ? ['No mail has arrived.'] : data.map(mailText) };
      }
      const data = await api.call({ method: 'GET', path: `/local/mails/${encodeURIComponent(id)}`, reads: mail });
      const headers = data.headers.filter((line) => SHOWN.test(line));
      return { data, lines: [mailText(data), ...headers, '', ...linesOf(data.text)].map(printable) };
    },
  },
  {
    words: ['tickets'],
    takes: '[KEY]',
    options: '',
    says: 'The tickets at the desk of the local stack, or one of them.',
    run: async (api, _given, [key]) => {
      if (key === undefined) {
        const data = await api.call({ method: 'GET', path: '/local/tickets', reads: z.array(ticket) });
        return { data, lines: data.length === 0 ? ['No tickets.'] : data.map(ticketText) };
      }
      const data = await api.call({ method: 'GET', path: `/local/tickets/${encodeURIComponent(key)}`, reads: ticket });
      return { data, lines: [ticketText(data), '', ...linesOf(data.text)].map(printable) };
    },
  },
  {
    words: ['ticket', 'close'],
    takes: 'KEY',
    options: '',
    says: 'Closes a ticket at the desk of the local stack, as somebody of support would.',
    run: async (api, _given, [key = '']) => {
      const path = `/local/tickets/${encodeURIComponent(key)}/close`;
      const data = await api.call({ method: 'POST', path, body: {}, reads: ticket });
      return { data, lines: [ticketText(data)] };
    },
  },
];

function mailText({ id, arrivedAt, to, class: kind, template, subject }: MailLine): string {
  return printable(`${id}  ${day(arrivedAt)}  ${kind}  ${template.padEnd(18)}  to ${to.join(', ')}  ${subject}`);
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split(/\r?\n/);
}

function ticketText({ key, createdAt, closedAt, onBehalfOf, summary }: Ticket): string {
  const state = closedAt === undefined ? 'open' : `closed ${day(closedAt)}`;
  return printable(`${key}  ${day(createdAt)}  ${state}  for ${onBehalfOf}  ${summary}`);
}
