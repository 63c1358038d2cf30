/** The commands: each is one row with its words, its usage and its work. */
import { z } from 'zod';
import {
  connectionLine,
  connectionPage,
  connectionView,
  invitationMade,
  lifeAnswer,
  syncAccepted,
  explainView,
  twinView,
  twinPage,
} from '../../shared/wire/console.ts';
import type { ConnectionLine, TwinLine } from '../../shared/wire/console.ts';
import { Misused, need } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Api } from './api.ts';
import { budgetCommands } from './budget.ts';
import { caseCommands } from './cases.ts';
import { contactCommands } from './contact.ts';
import { deletionCommands } from './deletion.ts';
import { driftCommands } from './drift.ts';
import { exportCommands } from './export.ts';
import { peopleCommands } from './people.ts';
import { pages, pathOf, withQuery } from './paths.ts';
import { inboxCommands } from './inbox.ts';
import { ruleCommands } from './rules.ts';
import { restoreCommand } from './restore.ts';
import { verifyReceiptFile } from './receipt.ts';
import { fetchedKey } from './receiptKey.ts';
import { newsCommands } from './news.ts';
import { outsideCommands } from './outside.ts';
import { reportCommands } from './report.ts';
import { staffCommands } from './staff.ts';
import { supportCommands } from './support.ts';
import { workCommands } from './work.ts';
import { connectionText, day, explainText, lineText, twinText, twinViewText } from './texts.ts';

/** What a command leaves: data for `--json`, lines for people. */
export interface Done {
  readonly data: unknown;
  readonly lines: readonly string[];
  readonly exit?: number;
}

/** One command. `takes` is the number of words that follow its own. */
export interface Command {
  readonly words: readonly string[];
  readonly takes: string;
  readonly options: string;
  readonly says: string;
  readonly run: (api: Api, given: Arguments, rest: readonly string[]) => Promise<Done>;
}

const CLOCK = /^\+(\d{1,3})d$/;
const anything = z.unknown();

const life = (event: 'pause' | 'resume' | 'end', says: string): Command => ({
  words: [event],
  takes: '',
  options: '--site SITE --connection ID [--side a|b]',
  says,
  run: async (api, given) => {
    const data = await api.asAdmin(need(given, 'site'), {
      method: 'POST',
      path: withQuery(`${pathOf(given)}/${event}`, given),
      reads: lifeAnswer,
    });
    return { data, lines: [`${data.connection} is ${data.state}.`] };
  },
});

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  {
    words: ['connect', 'invite'],
    takes: '',
    options: '--site SITE --project KEY --name NAME [--scope JQL]',
    says: 'Invites another site or project; prints the code once.',
    run: async (api, given) => {
      const call = { method: 'POST', path: '/invitations', body: joining(given), reads: invitationMade } as const;
      const data = await api.asAdmin(need(given, 'site'), call);
      return {
        data,
        lines: [
          `${data.connection} is pending.`,
          `Code: ${data.code}`,
          `Valid until ${day(data.expiresAt)}; it is not shown again.`,
        ],
      };
    },
  },
  {
    words: ['connect', 'accept'],
    takes: 'CODE',
    options: '--site SITE --project KEY --name NAME [--scope JQL]',
    says: 'Accepts an invitation; both sides are active afterwards.',
    run: async (api, given, [code]) => {
      const body = { ...joining(given), code };
      const data = await api.asAdmin(need(given, 'site'), {
        method: 'POST',
        path: '/invitations/accept',
        body,
        reads: connectionLine,
      });
      return { data, lines: [lineText(data)] };
    },
  },
  {
    words: ['connections'],
    takes: '',
    options: '--site SITE [--connection ID]',
    says: 'Lists the connections of a site, or shows one.',
    run: async (api, given) => {
      const site = need(given, 'site');
      if (given.options.connection !== undefined) {
        const path = withQuery(pathOf(given), given);
        const data = await api.asAdmin(site, { method: 'GET', path, reads: connectionView });
        return { data, lines: connectionText(data) };
      }
      const data = await pages<ConnectionLine>(async (after) => {
        const page = await api.asAdmin(site, {
          method: 'GET',
          path: withQuery('/connections', given, { after }),
          reads: connectionPage,
        });
        return { items: page.connections, next: page.next };
      });
      return { data, lines: data.length === 0 ? ['No connections.'] : data.map(lineText) };
    },
  },
  life('pause', 'Stops the sync of a connection for now.'),
  life('resume', 'Lets it go on and catches up.'),
  life('end', 'Ends it for good; nothing syncs again.'),
  ...exportCommands,
  ...peopleCommands,
  ...ruleCommands,
  ...workCommands,
  ...inboxCommands,
  ...driftCommands,
  ...budgetCommands,
  ...contactCommands,
  ...deletionCommands,
  ...staffCommands,
  ...supportCommands,
  ...caseCommands,
  ...reportCommands,
  ...newsCommands,
  ...outsideCommands,
  {
    words: ['sync'],
    takes: 'ISSUE',
    options: '--site SITE --connection ID',
    says: 'Brings an issue (key or id) under sync.',
    run: async (api, given, [issue]) => {
      const path = `${pathOf(given)}/sync`;
      const data = await api.asAdmin(need(given, 'site'), {
        method: 'POST',
        path,
        body: { issue },
        reads: syncAccepted,
      });
      return { data, lines: [`Issue ${data.issue} comes under sync.`] };
    },
  },
  {
    words: ['twins'],
    takes: '',
    options: '--site SITE --connection ID [--side a|b]',
    says: 'Lists the pairs of issues that are kept in step.',
    run: async (api, given) => {
      const site = need(given, 'site');
      const data = await pages<TwinLine>(async (after) => {
        const path = withQuery(`${pathOf(given)}/twins`, given, { after });
        const page = await api.asAdmin(site, { method: 'GET', path, reads: twinPage });
        return { items: page.twins, next: page.next };
      });
      return { data, lines: data.length === 0 ? ['No twins.'] : data.map(twinText) };
    },
  },
  {
    words: ['twin', 'show'],
    takes: 'TWIN',
    options: '--site SITE --connection ID [--side a|b]',
    says: 'One pair: how it stands, what of it waits, and how many watch its issues and voted for them.',
    run: async (api, given, [twin = '']) => {
      const path = withQuery(`${pathOf(given)}/twins/${encodeURIComponent(twin)}`, given);
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: twinView });
      return { data, lines: twinViewText(data) };
    },
  },
  {
    words: ['explain'],
    takes: 'TWIN FIELD',
    options: '--site SITE --connection ID [--side a|b]',
    says: 'Says why a field of a pair was changed last, and decides it again: exit code 1 when that differs.',
    run: async (api, given, [twin = '', field = '']) => {
      const path = withQuery(`${pathOf(given)}/twins/${encodeURIComponent(twin)}/explain`, given, { field });
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: explainView });
      return { data, lines: explainText(data), exit: data.isSame ? 0 : 1 };
    },
  },
  {
    words: ['receipt', 'get'],
    takes: 'ID',
    options: '',
    says: 'Prints a signed receipt of erasure.',
    run: async (api, _given, [id = '']) => {
      const text = await api.text(`/receipts/${encodeURIComponent(id)}`);
      return { data: JSON.parse(text) as unknown, lines: [text] };
    },
  },
  {
    words: ['receipt', 'verify'],
    takes: 'FILE',
    options: '[--key PEM]',
    says: 'Checks a receipt on this computer; without --key, with the key that the stack publishes.',
    run: async (api, given, [file = '']) => {
      const lines: string[] = [];
      const key = given.options.key ?? (await fetchedKey(api));
      const exit = await verifyReceiptFile({ file, key, say: (line) => lines.push(line) });
      return { data: { genuine: exit === 0, lines }, lines, exit };
    },
  },
  {
    words: ['sweep'],
    takes: '',
    options: '',
    says: 'Runs the retention sweep of the local stack now.',
    run: async (api) => {
      const data = await api.call({ method: 'POST', path: '/local/sweep', body: {}, reads: anything });
      return { data, lines: ['The sweep was asked for.'] };
    },
  },
  {
    words: ['backup'],
    takes: '',
    options: '',
    says: 'Makes a backup of the local stack, unless this period has one.',
    run: async (api) => {
      const data = await api.call({ method: 'POST', path: '/local/backup', body: {}, reads: anything });
      return { data, lines: ['A backup was asked for.'] };
    },
  },
  {
    words: ['restore'],
    takes: '',
    options: '[--folder STACK] [--set SET] [--into DATABASE] [--switch]',
    says: 'Brings a backup, the newest one unless another is named, into a database of its own, without what was purged since.',
    run: (_api, given) => restoreCommand(given),
  },
  {
    words: ['clock'],
    takes: '+DAYSd',
    options: '',
    says: 'Moves the clock of the local stack, for example +30d.',
    run: async (api, _given, [jump = '']) => {
      const days = Number(CLOCK.exec(jump)?.[1]);
      if (Number.isNaN(days)) throw new Misused('The clock takes whole days, for example +30d.');
      await api.call({ method: 'POST', path: '/local/clock', body: { days }, reads: anything });
      return { data: { days }, lines: [`The clock is ${days} days further.`] };
    },
  },
];

function joining(given: Arguments): { readonly name: string; readonly projectKey: string; readonly scope: string } {
  return { name: need(given, 'name'), projectKey: need(given, 'project'), scope: given.options.scope ?? '' };
}
