/** The commands about rules: each version's way from draft to active, and what it would do. */
import { rulesView } from '../../shared/wire/console.ts';
import {
  agreementView,
  differenceView,
  previewPage,
  requestAnswer,
  versionAnswer,
  versionPage,
  versionView,
} from '../../shared/wire/rules.ts';
import type { AgreementView, ContractView, PreviewLine } from '../../shared/wire/rules.ts';
import type { DifferenceView, RuleProblemBody, VersionAnswer, VersionLine } from '../../shared/wire/rules.ts';
import { Misused, need } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Command, Done } from './commands.ts';
import { jsonFile, pages, pathOf, withQuery } from './paths.ts';
import { day, printable, problemText } from './texts.ts';

const SIDE = '--site SITE --connection ID [--side a|b]';

/** Every command about rules, in the order of the help. */
export const ruleCommands: readonly Command[] = [
  {
    words: ['rules', 'show'],
    takes: '',
    options: `${SIDE} [--version N]`,
    says: 'Prints a rule document of the side, the active one unless told otherwise.',
    run: async (api, given) => {
      const { version } = given.options;
      const path = withQuery(`${pathOf(given)}/rules${version === undefined ? '' : `/versions/${version}`}`, given);
      const site = need(given, 'site');
      const { document } =
        version === undefined
          ? await api.asAdmin(site, { method: 'GET', path, reads: rulesView })
          : await api.asAdmin(site, { method: 'GET', path, reads: versionView });
      return { data: document, lines: [JSON.stringify(document, undefined, 2)] };
    },
  },
  {
    words: ['rules', 'set'],
    takes: 'FILE',
    options: SIDE,
    says: 'Drafts, checks and publishes a rule document in one go.',
    run: async (api, given, [file = '']) => {
      const path = withQuery(`${pathOf(given)}/rules`, given);
      const body = await jsonFile(file);
      return stepped(await api.asAdmin(need(given, 'site'), { method: 'PUT', path, body, reads: versionAnswer }));
    },
  },
  {
    words: ['rules', 'versions'],
    takes: '',
    options: SIDE,
    says: 'Lists the versions of the side, the newest first: who made them, when, and where they stand.',
    run: async (api, given) => {
      const site = need(given, 'site');
      const names: Record<string, string> = {};
      const data = await pages<VersionLine>(async (after) => {
        const path = withQuery(`${pathOf(given)}/rules/versions`, given, { after });
        const page = await api.asAdmin(site, { method: 'GET', path, reads: versionPage });
        Object.assign(names, page.names);
        return { items: page.versions, next: page.next };
      });
      return { data, lines: data.map((line) => versionText(line, names)) };
    },
  },
  {
    words: ['rules', 'draft'],
    takes: 'FILE',
    options: SIDE,
    says: 'Stores a rule document as a new draft.',
    run: async (api, given, [file = '']) => {
      const path = withQuery(`${pathOf(given)}/rules/versions`, given);
      const body = await jsonFile(file);
      return stepped(await api.asAdmin(need(given, 'site'), { method: 'POST', path, body, reads: versionAnswer }));
    },
  },
  {
    words: ['rules', 'edit'],
    takes: 'FILE',
    options: `${SIDE} --version N --revision R`,
    says: 'Replaces a draft, unless somebody else has edited it since revision R.',
    run: async (api, given, [file = '']) => {
      const path = withQuery(`${pathOf(given)}/rules/versions/${need(given, 'version')}`, given);
      const body = { revision: wholeNumber(given, 'revision'), document: await jsonFile(file) };
      return stepped(await api.asAdmin(need(given, 'site'), { method: 'PUT', path, body, reads: versionAnswer }));
    },
  },
  step('check', 'Checks a version and says what is wrong where.'),
  {
    words: ['rules', 'publish'],
    takes: 'VERSION',
    options: `${SIDE} [--over N]`,
    says: 'Publishes a checked version; N is the active version that it replaces, else the one that it was based on.',
    run: async (api, given, [version = '']) => {
      const path = withQuery(`${pathOf(given)}/rules/versions/${version}/publish`, given);
      const body = given.options.over === undefined ? {} : { over: wholeNumber(given, 'over') };
      return stepped(await api.asAdmin(need(given, 'site'), { method: 'POST', path, body, reads: versionAnswer }));
    },
  },
  step('restore', 'Rolls back: publishes a new version with the content of an older one.'),
  step('withdraw', 'Takes a version that was never active out of use.'),
  {
    words: ['rules', 'diff'],
    takes: 'VERSION',
    options: `${SIDE} [--with N]`,
    says: 'Shows in which rows a version differs from another one, or from the active one.',
    run: async (api, given, [version = '']) => {
      const path = withQuery(`${pathOf(given)}/rules/versions/${version}/difference`, given, {
        with: given.options.with,
      });
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: differenceView });
      return { data, lines: differenceText(data) };
    },
  },
  {
    words: ['rules', 'preview'],
    takes: '',
    options: `${SIDE} [--version N] [--issues KEY,KEY…]`,
    says: 'Shows what a version (else the active one) would do to some issues or to the whole scope; writes nothing.',
    run: async (api, given) => {
      const site = need(given, 'site');
      const path = withQuery(`${pathOf(given)}/rules/preview`, given);
      const { issues } = given.options;
      const asked = {
        ...(given.options.version === undefined ? {} : { version: wholeNumber(given, 'version') }),
        ...(issues === undefined ? {} : { issues: issues.split(',') }),
      };
      const data = await pages<PreviewLine>(async (after) => {
        const body = { ...asked, ...(after === undefined ? {} : { after }) };
        const page = await api.asAdmin(site, { method: 'POST', path, body, reads: previewPage });
        return { items: page.issues, next: page.next };
      });
      return { data, lines: [...data.flatMap(previewText), totalsText(data)] };
    },
  },
  {
    words: ['rules', 'agreement'],
    takes: '',
    options: SIDE,
    says: 'Shows what each side may send, and what the partner asks for.',
    run: async (api, given) => {
      const path = withQuery(`${pathOf(given)}/rules/agreement`, given);
      const data = await api.asAdmin(need(given, 'site'), { method: 'GET', path, reads: agreementView });
      return { data, lines: agreementText(data) };
    },
  },
  reply('agree', 'Says yes to what the partner asks for: its version N, as it was at revision R.'),
  reply('decline', 'Says no to it; the partner’s version is a draft again.'),
];

function reply(name: 'agree' | 'decline', says: string): Command {
  return {
    words: ['rules', name],
    takes: 'VERSION',
    options: `${SIDE} --revision R`,
    says,
    run: async (api, given, [typed = '']) => {
      const path = withQuery(`${pathOf(given)}/rules/agreement/${name}`, given);
      const body = { version: Number(typed), revision: wholeNumber(given, 'revision') };
      const data = await api.asAdmin(need(given, 'site'), { method: 'POST', path, body, reads: requestAnswer });
      return { data, lines: [`The partner’s version ${data.version} was ${data.answer}.`] };
    },
  };
}

function agreementText({ side, mine, theirs, request }: AgreementView): readonly string[] {
  const asked = request === undefined ? [] : request.widens.map(wideningText);
  return [
    `This side (${side}) may send: ${contractText(mine)}`,
    `The partner may send: ${contractText(theirs)}`,
    ...(request === undefined
      ? ['The partner asks for nothing more.']
      : [`The partner asks for its version ${request.version} (--revision ${request.revision}), which widens:`]),
    ...asked,
  ];
}

function contractText(contract: ContractView | undefined): string {
  if (contract === undefined) return 'nothing was agreed yet';
  const { fields, comments, restricted, worklogs, attachments, deletion } = contract;
  const parts = { comments, 'restricted comments': restricted, worklogs, files: attachments, deletions: deletion };
  const also = Object.entries(parts).flatMap(([name, isSent]) => (isSent ? [name] : []));
  return [...fields.map(({ field }) => printable(field)), ...also].join(', ') || 'nothing';
}

function wideningText({ code, says, field, target }: NonNullable<VersionAnswer['widens']>[number]): string {
  const ends = [field, target].filter((name) => name !== undefined).map(printable);
  return `  ${[...new Set(ends)].join(' → ')}${ends.length === 0 ? '' : ': '}${says} (${code})`;
}

function step(name: 'check' | 'restore' | 'withdraw', says: string): Command {
  return {
    words: ['rules', name],
    takes: 'VERSION',
    options: SIDE,
    says,
    run: async (api, given, [version = '']) => {
      const path = withQuery(`${pathOf(given)}/rules/versions/${version}/${name}`, given);
      return stepped(await api.asAdmin(need(given, 'site'), { method: 'POST', path, reads: versionAnswer }));
    },
  };
}

function stepped(data: VersionAnswer): Done {
  const widens = data.widens ?? [];
  const asked = widens.length === 0 ? [] : ['It waits for the partner’s yes, because it widens what was agreed:'];
  const problems = data.problems.map((one: RuleProblemBody) => problemText(one));
  return { data, lines: [stateText(data), ...asked, ...widens.map(wideningText), ...problems] };
}

function stateText({ version, state, revision }: VersionLine): string {
  const edits = revision === 0 ? '' : ` (revision ${revision})`;
  return `Version ${version} is ${state === 'draft' ? 'a draft' : state}${edits}.`;
}

function versionText(line: VersionLine, names: Readonly<Record<string, string>> = {}): string {
  const { version, state, restoredFrom, steps } = line;
  const origin = restoredFrom === undefined ? '' : `  content of ${restoredFrom}`;
  const way = steps.map(
    ({ step: name, at, by }) => `${name} ${day(at)}${by === undefined ? '' : ` by ${printable(names[by] ?? by)}`}`,
  );
  return `${String(version).padStart(4)}  ${state.padEnd(9)}${origin}  ${way.join(', ')}`;
}

function differenceText({ from, to, rows }: DifferenceView): readonly string[] {
  if (rows.length === 0) return [`Versions ${from} and ${to} say the same.`];
  return rows.map(({ path, change, before, after }) => {
    const place = path.map(printable).join(' › ');
    const [old, fresh] = [before, after].map((value) => (value === undefined ? '' : printable(JSON.stringify(value))));
    if (change === 'added') return `+ ${place}: ${fresh}`;
    return change === 'removed' ? `- ${place}: ${old}` : `~ ${place}: ${old} → ${fresh}`;
  });
}

function previewText({ issue, act, code, fields = [], parts = [], codes = [] }: PreviewLine): readonly string[] {
  const told = fields.filter(({ outcome }) => outcome !== 'unchanged' && outcome !== 'dropped');
  return [
    `${issue}  ${act}${code === undefined ? '' : ` (${code})`}`,
    ...told.map((row) => {
      const value = row.value === undefined ? '' : `: ${printable(JSON.stringify(row.value))}`;
      const why = row.code === undefined ? '' : ` (${row.code})`;
      return `  → ${row.to}  ${printable(row.field)}  ${row.outcome}${why}${value}`;
    }),
    ...parts.flatMap(({ to, part, counts, codes: why = [] }) => {
      const ends = Object.entries(counts).filter(([end]) => end !== 'unchanged' && end !== 'dropped');
      const reason = why.length === 0 ? '' : ` (${why.join(', ')})`;
      return ends.length === 0
        ? []
        : [`  → ${to}  ${part}  ${ends.map(([end, n]) => `${n} ${end}`).join(', ')}${reason}`];
    }),
    ...codes.map((one) => `  blocked (${one})`),
  ];
}

function totalsText(lines: readonly PreviewLine[]): string {
  const count = (act: PreviewLine['act']): number => lines.filter((line) => line.act === act).length;
  const fields = lines.flatMap((line) => line.fields ?? []);
  const ends = (outcome: string): number => fields.filter((one) => one.outcome === outcome).length;
  return (
    `${lines.length} issues: would create ${count('create')}, update ${count('update')}, leave ${count('none')}, ` +
    `${count('blocked')} blocked, ${count('error')} with errors. Fields: ${ends('set')} set, ${ends('later')} later, ` +
    `${ends('unchanged')} unchanged, ${ends('dropped')} dropped, ${ends('blocked')} blocked.${partsText(lines)}`
  );
}

/** The sums of what would be done with comments, worklogs, files and links; nothing of those with which nothing is. */
function partsText(lines: readonly PreviewLine[]): string {
  const sums = new Map<string, Map<string, number>>();
  for (const { part, counts } of lines.flatMap((line) => line.parts ?? [])) {
    const ends = sums.get(part) ?? new Map<string, number>();
    for (const [end, count] of Object.entries(counts)) ends.set(end, (ends.get(end) ?? 0) + count);
    sums.set(part, ends);
  }
  return [...sums]
    .map(([part, ends]) => ` ${part}s: ${[...ends].map(([end, count]) => `${count} ${end}`).join(', ')}.`)
    .join('');
}

function wholeNumber(given: Arguments, option: 'revision' | 'over' | 'version'): number {
  const typed = need(given, option);
  if (!/^\d{1,6}$/.test(typed)) throw new Misused(`--${option} takes a whole number.`);
  return Number(typed);
}
