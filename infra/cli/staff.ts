/** The commands about staff's access to customers' data, for operators: asked for by one, agreed to by another, and all of it in the trail. */
import { writeFile } from 'node:fs/promises';
import { GRANT_HOURS } from '../../shared/retention/grants.ts';
import { accessReport, grantView, holdView, staffShown, trailFile } from '../../shared/wire/trail.ts';
import type { AccessReport, GrantView } from '../../shared/wire/trail.ts';
import { Misused, need } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './commands.ts';
import { fetchedKey } from './receiptKey.ts';
import { day } from './texts.ts';
import { verifyTrailFile } from './trail.ts';

/** Days that a report looks back over when nothing else is said. */
const REPORT_DAYS = 30;

const holdStep = (step: 'agree' | 'renew', says: string): Command => ({
  words: ['hold', step],
  takes: 'HOLD',
  options: '--by OPERATOR',
  says,
  run: async (api, given, [hold]) => {
    const body = { by: need(given, 'by'), hold };
    const data = await api.call({ method: 'POST', path: `/local/operator/holds/${step}`, body, reads: holdView });
    return { data, lines: [`${data.hold} is ${data.state} until ${day(data.endsAt ?? 0)}.`] };
  },
});

/** In the order of the help. */
export const staffCommands: readonly Command[] = [
  {
    words: ['access', 'ask'],
    takes: '',
    options: '--by OPERATOR --site SITE --purpose WHY --ticket TICKET --category A,B',
    says: 'For operators: asks for access to a customer’s data; opens nothing until a second person agrees.',
    run: async (api, given) => {
      const body = {
        ...{ by: need(given, 'by'), site: need(given, 'site'), purpose: need(given, 'purpose') },
        ...{ ticket: need(given, 'ticket'), categories: need(given, 'category').split(',') },
      };
      const data = await api.call({ method: 'POST', path: '/local/operator/grants', body, reads: grantView });
      return { data, lines: [`${data.grant} waits for a second person: access agree ${data.grant} --by OPERATOR`] };
    },
  },
  {
    words: ['access', 'agree'],
    takes: 'GRANT',
    options: '--by OPERATOR [--hours N]',
    says: 'The second person’s yes: access begins and ends by itself, after four hours at most.',
    run: async (api, given, [grant]) => {
      const body = { by: need(given, 'by'), grant, hours: numberOf(given, 'hours', GRANT_HOURS) };
      const data = await api.call({ method: 'POST', path: '/local/operator/grants/agree', body, reads: grantView });
      return { data, lines: [grantLine(data)] };
    },
  },
  {
    words: ['access', 'end'],
    takes: 'GRANT',
    options: '--by OPERATOR',
    says: 'Ends access before its time.',
    run: async (api, given, [grant]) => {
      const body = { by: need(given, 'by'), grant };
      const data = await api.call({ method: 'POST', path: '/local/operator/grants/end', body, reads: grantView });
      return { data, lines: [grantLine(data)] };
    },
  },
  {
    words: ['access', 'read'],
    takes: 'GRANT',
    options: '--by OPERATOR --category CATEGORY [--after PATH]',
    says: 'Shows records of a customer under a grant; the trail has it before you do.',
    run: async (api, given, [grant]) => {
      const { after } = given.options;
      const body = {
        by: need(given, 'by'),
        category: need(given, 'category'),
        grant,
        ...(after === undefined ? {} : { after }),
      };
      const data = await api.call({ method: 'POST', path: '/local/operator/read', body, reads: staffShown });
      const more = data.next === undefined ? [] : [`More: --after ${data.next}`];
      return { data, lines: [...data.records.map(({ path, row }) => `${path}  ${JSON.stringify(row)}`), ...more] };
    },
  },
  {
    words: ['access', 'report'],
    takes: '',
    options: '--by OPERATOR [--days N]',
    says: 'Who of the staff read what, when and why; who has access now; whether the trail is whole.',
    run: async (api, given) => {
      const body = { by: need(given, 'by'), days: numberOf(given, 'days', REPORT_DAYS) };
      const data = await api.call({ method: 'POST', path: '/local/operator/access', body, reads: accessReport });
      return { data, lines: reportLines(data), exit: data.uncovered === 0 && data.trail === 'done' ? 0 : 1 };
    },
  },
  {
    words: ['hold', 'ask'],
    takes: '',
    options: '--by OPERATOR --site SITE --basis BASIS --role ROLE --ticket TICKET --category A,B [--only PATH,PATH]',
    says: 'For operators: asks to keep a part of a customer’s data from its purge; keeps nothing until a second person agrees.',
    run: async (api, given) => {
      const body = {
        ...{ by: need(given, 'by'), site: need(given, 'site'), basis: need(given, 'basis'), role: need(given, 'role') },
        ...{ ticket: need(given, 'ticket'), categories: need(given, 'category').split(',') },
        only: given.options.only?.split(',') ?? [],
      };
      const data = await api.call({ method: 'POST', path: '/local/operator/holds', body, reads: holdView });
      return { data, lines: [`${data.hold} waits for a second person: hold agree ${data.hold} --by OPERATOR`] };
    },
  },
  holdStep('agree', 'The second person’s yes, to a hold or to its next term of 90 days.'),
  holdStep('renew', 'Asks for another term of a hold; a second person has to agree.'),
  {
    words: ['trail', 'export'],
    takes: 'FILE',
    options: '',
    says: 'Writes the trail of staff with a fresh signed head to a file.',
    run: async (api, _given, [file = '']) => {
      const data = await api.call({ method: 'POST', path: '/local/operator/trail', body: {}, reads: trailFile });
      await writeFile(file, JSON.stringify(data));
      return { data, lines: [`${data.entries.length} entries are in ${file}.`] };
    },
  },
  {
    words: ['trail', 'verify'],
    takes: 'FILE',
    options: '[--head FILE] [--key FILE]',
    says: 'Checks a trail on this computer, also against an older head or the manifest of a backup.',
    run: async (api, given, [file = '']) => {
      const lines: string[] = [];
      const { head } = given.options;
      const key = given.options.key ?? (await fetchedKey(api));
      const exit = await verifyTrailFile({ file, key, head, now: Date.now(), say: (line) => lines.push(line) });
      return { data: { whole: exit === 0 }, lines, exit };
    },
  },
];

function grantLine({ grant, state, until, categories }: GrantView): string {
  return state === 'ended' ? `${grant} has ended.` : `${grant} allows ${categories.join(', ')} until ${day(until)}.`;
}

function reportLines({ deeds, reads, refused, uncovered, live, trail }: AccessReport): readonly string[] {
  return [
    ...deeds.map(
      ({ at, by, act, agreedBy, ticket, lives }) =>
        `${day(at)}  ${by} (agreed by ${agreedBy})  ${act} ${ticket}  ${lives.join(', ')}`,
    ),
    ...reads.map(
      ({ at, by, agreedBy, purpose, ticket, lives, categories, records, odd }) =>
        `${day(at)}  ${by} (agreed by ${agreedBy})  ${purpose} ${ticket}  ${records} of ${categories.join(', ')}  ${lives.join(', ')}${odd.length === 0 ? '' : `  ODD: ${odd.join(', ')}`}`,
    ),
    `${reads.length} reads, ${deeds.length} deeds, ${refused} refused, ${uncovered} without a grant that covers them.`,
    live.length === 0 ? 'Nobody has access now.' : `Access now: ${live.map(({ grant }) => grant).join(', ')}`,
    trail === 'done' ? 'The trail is whole.' : `THE TRAIL IS NOT WHOLE (${trail}).`,
  ];
}

/** A number that was typed. @throws Misused */
export function numberOf(given: Arguments, option: 'days' | 'hours', otherwise: number): number {
  const typed = given.options[option];
  const value = typed === undefined ? otherwise : Number(typed);
  if (!Number.isInteger(value) || value <= 0) throw new Misused(`--${option} takes a whole number.`);
  return value;
}
