/** What a person may see and do at the outside parties of this computer: the mails that arrived, and the tickets of the desk. */
import type { LocalParties } from '../parties.ts';
import { Unfit } from './answers.ts';
import type { TicketView } from './api.ts';

type Outside = Pick<LocalParties, 'mails' | 'desk'>;
type Work = (outside: Outside, named: string) => unknown;

export const outsideRoutes: readonly (readonly [method: 'GET' | 'POST', path: RegExp, work: Work])[] = [
  ['GET', /^\/mails$/, ({ mails }) => mails.map(({ text: _text, headers: _headers, ...line }) => line)],
  ['GET', /^\/mails\/([a-z0-9-]+)$/, ({ mails }, id) => found(mails.find((one) => one.id === id))],
  ['GET', /^\/tickets$/, ({ desk }) => ticketsOf(desk)],
  ['GET', /^\/tickets\/([A-Z0-9-]+)$/, ({ desk }, key) => found(ticketsOf(desk).find((one) => one.key === key))],
  [
    'POST',
    /^\/tickets\/([A-Z0-9-]+)\/close$/,
    ({ desk }, key) => {
      desk.resolve(key);
      return found(ticketsOf(desk).find((one) => one.key === key));
    },
  ],
];

function ticketsOf({ requests }: Outside['desk']): readonly TicketView[] {
  return requests.map(({ key, reporter, fields, createdAt, closedAt }) => ({
    ...{ key, onBehalfOf: reporter.email, createdAt },
    ...{ summary: textOf(fields['summary']), text: textOf(fields['description']) },
    ...(closedAt === undefined ? {} : { closedAt }),
  }));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function found<T>(one: T | undefined): T {
  if (one === undefined) throw new Unfit(404, 'not-found', 'There is nothing of that name.');
  return one;
}
