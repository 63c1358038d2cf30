/** The commands about the site's contact. */
import { contactView } from '../../shared/wire/console.ts';
import { need } from './arguments.ts';
import type { Command } from './commands.ts';
import { day } from './texts.ts';

const contact = (
  word: string,
  method: 'GET' | 'PUT' | 'DELETE',
  says: string,
  takes: Command['takes'] = '',
): Command => ({
  words: ['contact', word],
  takes,
  options: '--site SITE',
  says,
  run: async (api, given, [address]) => {
    const body = address === undefined ? {} : { body: { address } };
    const data = await api.asAdmin(need(given, 'site'), { method, path: '/contact', reads: contactView, ...body });
    if (data.address === undefined) return { data, lines: ['No contact is known: notices cannot be sent.'] };
    const by = data.source === 'admin' ? 'set by an admin' : 'as Atlassian tells';
    const since = data.since === undefined ? '' : `, since ${day(data.since)}`;
    return { data, lines: [`${data.address}  ${by}${since}`] };
  },
});

/** In the order of the help. */
export const contactCommands: readonly Command[] = [
  contact('show', 'GET', 'The mail address to which notices about the contract and the deletion of data go.'),
  contact('set', 'PUT', 'Sets it; what an admin has set is not replaced by what Atlassian tells.', 'ADDRESS'),
  contact('remove', 'DELETE', 'Takes it away; what Atlassian tells may take its place.'),
];
