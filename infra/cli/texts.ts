/** How the command line shows things to people. */
import type {
  ConnectionLine,
  ConnectionView,
  ExplainView,
  Failure,
  JobView,
  TwinLine,
  TwinView,
} from '../../shared/wire/console.ts';
import type { RuleProblemBody } from '../../shared/wire/rules.ts';

/** An instant as people read it, in UTC. */
export function day(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 16);
}

/** One connection on one line. */
export function lineText({ connection, side, state, projectKey, name }: ConnectionLine): string {
  return `${connection}  side ${side}  ${state.padEnd(8)}  ${projectKey}  ${printable(name)}`;
}

/** One connection in full. */
export function connectionText(view: ConnectionView): readonly string[] {
  const { byState, counted, hasMore } = view.twins;
  const pauses = [...(view.isPausedHere ? ['here'] : []), ...(view.isPausedThere ? ['on the other side'] : [])];
  return [
    lineText(view),
    `scope     ${view.scope === '' ? 'the whole project' : printable(view.scope)}`,
    `rules     version ${view.rulesVersion}`,
    ...(view.activatedAt === undefined ? [] : [`active    since ${day(view.activatedAt)}`]),
    ...(pauses.length === 0 ? [] : [`paused    ${pauses.join(' and ')}`]),
    ...(view.waits === undefined ? [] : [`waits     ${view.waits.says} (${view.waits.code})`]),
    ...(view.restored === undefined
      ? []
      : [`stopped   ${restoredText(view.restored.side)} was restored from a backup, seen ${day(view.restored.at)}`]),
    `twins     ${hasMore ? `more than ${counted}; of these ` : ''}${Object.entries(byState)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}`,
    ...view.errors.map(({ code, says, count }) => `error     ${count} × ${says} (${code})`),
  ];
}

/** One twin on one line. */
export function twinText({ twin, state, issue, otherIssue, errors, settledAt, verifiedAt }: TwinLine): string {
  const settled = settledAt === undefined ? 'never settled' : `settled ${day(settledAt)}`;
  const verified = verifiedAt === undefined ? [] : [`verified equal ${day(verifiedAt)}`];
  return [twin, state.padEnd(8), `${issue ?? '–'} ↔ ${otherIssue ?? '–'}`, settled, ...verified, ...errors].join('  ');
}

function restoredText(what: 'a' | 'b' | 'store'): string {
  return what === 'store' ? 'the store of Twinline' : `side ${what}`;
}

/** One pair, line by line. */
export function twinViewText(view: TwinView): readonly string[] {
  const { originSide, waiting, audience, since, endingSince, deletedOn } = view;
  const count = (number: number | undefined, what: string): string => `${number ?? 'unknown'} ${what}`;
  const of = (side: 'a' | 'b'): string => {
    const counts = audience[side];
    if (counts === undefined) return 'not asked';
    return counts.code ?? `${count(counts.watchers, 'watching')}, ${count(counts.votes, 'votes')}`;
  };
  return [
    twinText(view),
    `began on side ${originSide}${since === undefined ? '' : `, under sync since ${day(since)}`}`,
    ...(endingSince === undefined ? [] : [`ending since ${day(endingSince)}`]),
    ...(deletedOn === undefined ? [] : [`the issue of side ${deletedOn} was deleted`]),
    ...waiting.map(({ field, code }) => `waits: ${printable(field)} (${code})`),
    `a: ${of('a')}`,
    `b: ${of('b')}`,
  ];
}

const reasons: Readonly<Record<ExplainView['why'], string>> = {
  birth: 'it came with the new issue',
  meeting: 'two issues met with different values',
  'one-side': 'only one side had changed',
  merge: 'both sides had changed, and the edits fit together',
  answer: 'a person had answered the conflict',
  policy: 'both sides had changed, and the policy decided',
  elements: 'elements of the set came or went',
};

/** Why a field was changed. */
export function explainText(view: ExplainView): readonly string[] {
  const { field, to, why, at, eventAt, rules, policy, base, now, isSame, stepBytes } = view;
  const short = ({ a, b }: ExplainView['base']): string => `a ${a?.slice(0, 12) ?? '–'}  b ${b?.slice(0, 12) ?? '–'}`;
  return [
    `${printable(field)} was written on side ${to} at ${day(at)}: ${reasons[why]}.`,
    ...(eventAt === undefined ? [] : [`asked for by a change of ${day(eventAt)}`]),
    `rules     a version ${rules.a}, b version ${rules.b}; policy ${policy}`,
    `agreed    ${short(base)}`,
    `shown     ${short(now)}`,
    isSame
      ? `decided again: the same steps, byte for byte (${stepBytes} bytes)`
      : 'decided again: other steps come out; the rules are those of then, so the engine has changed since',
  ];
}

/** Bulk work: where it stands, its numbers, and when it will end. */
export function jobText(view: JobView): readonly string[] {
  const { kind, state, isDryRun, counts, planned, total, failed, waits, etaAt } = view;
  const told = (of: JobView['counts']): string =>
    Object.entries(of)
      .filter(([, count]) => count > 0)
      .map(([end, count]) => `${count} ${end}`)
      .join(', ') || 'nothing yet';
  return [
    `${kind.padEnd(8)}  ${state}${isDryRun ? ' (dry run)' : ''}  ${told(counts)}${total === undefined ? '' : ` of ${total}`}`,
    ...(planned === undefined || isDryRun ? [] : [`counted   ${told(planned)}`]),
    ...(failed === 0 ? [] : [`failed    ${failed}; see: job failures ${kind}`]),
    ...(waits === undefined ? [] : [`waits     until ${day(waits.until)} (${waits.code})`]),
    ...(etaAt === undefined ? [] : [`ends      about ${day(etaAt)}`]),
  ];
}

/** A refusal: its sentence, its code, and what is wrong where. */
export function failureText({ code, says, path, help, problems = [] }: Failure): readonly string[] {
  const where = path === undefined || path === '' ? '' : ` Look at: ${path}.`;
  const more = help === undefined ? [] : [`See: npm run twinline -- help ${code}`];
  return [`${says}${where} (${code})`, ...problems.map(problemText), ...more];
}

/** One thing that is wrong with a rule document: where, how much it weighs, and what it is about. */
export function problemText({ path, severity, says, code, names = [], line, column }: RuleProblemBody): string {
  const where = line === undefined ? path : `${path}, line ${line}${column === undefined ? '' : `:${column}`}`;
  const weight = severity === 'warning' ? 'Warning: ' : '';
  const about = names.length === 0 ? '' : ` ${names.map(printable).join(', ')}`;
  return `  ${where}: ${weight}${says} (${code})${about}`;
}

/** Text that somebody typed into the product, without what could steer a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
