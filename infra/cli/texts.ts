/** How the command line shows things to people. */
import type { ConnectionLine, ConnectionView, Failure, TwinLine } from '../../shared/wire/console.ts';
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
    `twins     ${hasMore ? `more than ${counted}; of these ` : ''}${Object.entries(byState)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}`,
    ...view.errors.map(({ code, says, count }) => `error     ${count} × ${says} (${code})`),
  ];
}

/** One twin on one line. */
export function twinText({ twin, state, issue, otherIssue, errors, settledAt }: TwinLine): string {
  const settled = settledAt === undefined ? 'never settled' : `settled ${day(settledAt)}`;
  return [twin, state.padEnd(8), `${issue ?? '–'} ↔ ${otherIssue ?? '–'}`, settled, ...errors].join('  ');
}

/** A refusal: its sentence, its code, and what is wrong where. */
export function failureText({ code, says, path, problems = [] }: Failure): readonly string[] {
  const where = path === undefined || path === '' ? '' : ` Look at: ${path}.`;
  return [`${says}${where} (${code})`, ...problems.map(problemText)];
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
