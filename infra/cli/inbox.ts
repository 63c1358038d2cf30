/** The commands about what waits for a person and what goes wrong. */
import {
  conflictPage,
  conflictView,
  errorPage,
  failingPage,
  resolveAnswer,
  retryAnswer,
  twinActAnswer,
} from '../../shared/wire/inbox.ts';
import type { ConflictLine, ConflictView, ErrorGroup, FailingLine } from '../../shared/wire/inbox.ts';
import type { Api } from './api.ts';
import { need } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './commands.ts';
import { pages, pathOf, withQuery } from './paths.ts';
import { day, printable } from './texts.ts';

const SIDE = '--site SITE --connection ID [--side a|b]';
const CAUSE = '--code CODE [--where a|b] [--field FIELD] [--part comment|worklog|attachment|issue]';
/** Characters of a value that a terminal is shown; the rest is in `--json`. */
const SHOWN_CHARACTERS = 300;
/** Pages of retries that one call asks for: 2,000 pairs. */
const MAX_PAGES = 20;

const act = (event: 'retry' | 'pause' | 'resume', says: string): Command => ({
  words: ['twin', event],
  takes: 'TWIN',
  options: SIDE,
  says,
  run: async (api, given, [twin = '']) => {
    const path = withQuery(`${pathOf(given)}/twins/${encodeURIComponent(twin)}/${event}`, given);
    const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path, reads: twinActAnswer });
    return { data, lines: [`${data.twin} ${data.isPaused ? 'is paused' : 'is looked at soon'}.`] };
  },
});

/** Every command about conflicts and errors, in the order of the help. */
export const inboxCommands: readonly Command[] = [
  {
    words: ['conflicts'],
    takes: '',
    options: SIDE,
    says: 'Lists the fields that both sides changed and that wait for a person.',
    run: async (api, given) => {
      const data = await pages<ConflictLine>(async (after) => {
        const path = withQuery(`${pathOf(given)}/conflicts`, given, { after });
        const page = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: conflictPage });
        return { items: page.conflicts, next: page.next };
      });
      return { data, lines: data.length === 0 ? ['No conflicts.'] : data.map(conflictText) };
    },
  },
  {
    words: ['conflict'],
    takes: 'TWIN',
    options: `--field FIELD ${SIDE}`,
    says: 'Shows both values of a field that waits, read afresh, and what may be answered.',
    run: async (api, given, [twin = '']) => {
      const data = await readConflict(api, given, twin);
      return { data, lines: valuesText(data) };
    },
  },
  {
    words: ['resolve'],
    takes: 'TWIN',
    options: `--field FIELD --pick a|b|both|edit|ignore [--value TEXT] ${SIDE}`,
    says: 'Answers for the values that the sites show now: one side, both texts, a new one, or leave both as they are.',
    run: async (api, given, [twin = '']) => {
      const { a, b } = await readConflict(api, given, twin);
      const body = {
        pick: need(given, 'pick'),
        ...(a.hash === undefined ? {} : { a: a.hash }),
        ...(b.hash === undefined ? {} : { b: b.hash }),
        ...(given.options.value === undefined ? {} : { value: given.options.value }),
      };
      const call = { method: 'POST', path: conflictPath(given, twin), body, reads: resolveAnswer } as const;
      const data = await api.asAdmin(need(given, 'site'), call);
      return { data, lines: [`${data.field} of ${data.twin} goes on (${data.pick}).`] };
    },
  },
  {
    words: ['errors'],
    takes: '',
    options: `${SIDE} [${CAUSE}]`,
    says: 'Groups what goes wrong by cause; with --code, lists the pairs that have it.',
    run: async (api, given) => {
      const site = need(given, 'site');
      const { code } = given.options;
      if (code !== undefined) {
        const data = await pages<FailingLine>(async (after) => {
          const query = { after, code, on: given.options.where, field: given.options.field, part: given.options.part };
          const path = withQuery(`${pathOf(given)}/errors/twins`, given, query);
          const page = await api.asAdmin(site, { method: 'GET', path, reads: failingPage });
          return { items: page.twins, next: page.next };
        });
        return { data, lines: data.length === 0 ? ['No pair has this cause.'] : data.map(failingText) };
      }
      const data = await pages<ErrorGroup>(async (after) => {
        const path = withQuery(`${pathOf(given)}/errors`, given, { after });
        const page = await api.asAdmin(site, { method: 'GET', path, reads: errorPage });
        return { items: page.errors, next: page.next };
      });
      return { data, lines: data.length === 0 ? ['No errors.'] : data.map(errorText) };
    },
  },
  {
    words: ['retry'],
    takes: '',
    options: `${CAUSE} ${SIDE}`,
    says: 'Lets every pair with this cause try again.',
    run: async (api, given) => {
      const { where: on, field, part } = given.options;
      const cause = Object.entries({ code: need(given, 'code'), on, field, part }).filter(([, value]) => value);
      let [asked, after] = [0, undefined as string | undefined];
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const body = { ...Object.fromEntries(cause), ...(after === undefined ? {} : { after }) };
        const path = withQuery(`${pathOf(given)}/errors/retry`, given);
        const done = await api.asAdmin(need(given, 'site'), { method: 'POST', path, body, reads: retryAnswer });
        asked += done.asked;
        after = done.next;
        if (after === undefined) break;
      }
      const more = after === undefined ? [] : ['There are more: run it again.'];
      return { data: { asked, isWhole: after === undefined }, lines: [`${asked} pairs try again.`, ...more] };
    },
  },
  act('retry', 'Lets one pair try again what a site refused.'),
  act('pause', 'Leaves one pair alone until it goes on.'),
  act('resume', 'Lets it go on, with everything that was changed meanwhile.'),
];

function conflictPath(given: Arguments, twin: string): string {
  const field = encodeURIComponent(need(given, 'field'));
  return withQuery(`${pathOf(given)}/conflicts/${encodeURIComponent(twin)}/${field}`, given);
}

function readConflict(api: Api, given: Arguments, twin: string): Promise<ConflictView> {
  return api.asAdmin(need(given, 'site'), { method: 'GET', path: conflictPath(given, twin), reads: conflictView });
}

function issuesText({ issue, otherIssue }: Pick<ConflictLine, 'issue' | 'otherIssue'>): string {
  return `${issue ?? '–'} ↔ ${otherIssue ?? '–'}`;
}

function conflictText(line: ConflictLine): string {
  const since = line.since === undefined ? '' : `  since ${day(line.since)}`;
  return `${line.twin}  ${printable(line.field)}  ${issuesText(line)}${since}`;
}

function valuesText({ a, b, side, code, picks }: ConflictView): readonly string[] {
  const of = (one: 'a' | 'b', { value }: ConflictView['a']): string => {
    const whose = one === side ? 'here' : 'there';
    const text = value === undefined ? '(not shared)' : typeof value === 'string' ? value : JSON.stringify(value);
    return `${one} (${whose})  ${printable(text).slice(0, SHOWN_CHARACTERS)}`;
  };
  return [`waits: ${code}`, of('a', a), of('b', b), `answers: ${picks.join(', ')}`];
}

function errorText({ code, says, count, on, field, part, firstAt, lastAt, heals }: ErrorGroup): string {
  const where = [field === undefined ? part : printable(field), on === undefined ? undefined : `on side ${on}`];
  const place = where.filter((one) => one !== undefined).join(' ');
  const next = heals ? ' Looked at again by itself.' : '';
  return `${count} × ${place}: ${says} (${code}) ${day(firstAt)} – ${day(lastAt)}.${next}`;
}

function failingText(line: FailingLine): string {
  const next = line.nextAt === undefined ? '' : `  next ${day(line.nextAt)}`;
  return `${line.twin}  ${issuesText(line)}  since ${day(line.since)}${next}`;
}
