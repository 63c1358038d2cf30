import type { AdfMark, AdfNode } from './adfNodes.ts';
import { hardBreak, textNode } from './adfNodes.ts';
import { colourOf } from './wikiColours.ts';
import { linkAt } from './wikiLinks.ts';

/** What the conversion may be told from outside. */
export interface WikiOptions {
  /** The account behind a user name; without one a mention stays the text `@name`. */
  readonly accountIdOf?: (userName: string) => string | undefined;
}

/** A stretch of text being read: `text` up to `end`, with the marks that hold in it. */
interface Run {
  readonly text: string;
  readonly marks: readonly AdfMark[];
  readonly options: WikiOptions;
  readonly out: AdfNode[];
  /** For each marker, up to where no closing one exists; keeps a line full of openers from costing its square. */
  readonly unclosed: Map<string, number>;
  /** Where the line ends that was last read in; looked for once for each line. */
  lineEnd: number;
}

/** What was recognised at a place, and where reading goes on. */
interface Step {
  readonly nodes: readonly AdfNode[];
  readonly next: number;
}

const SPECIAL = /[\\\n{[*_+^~?!-]|(?:https?|ftps?|file):\/\/|mailto:|&#92;/g;
const ESCAPABLE = /[*_+^~?!{}[\]()|#.-]/;
const WORD = /[\p{L}\p{N}]/u;
const IMAGE = /![^\s!|][^\n!|]{0,300}\.[A-Za-z0-9]{2,5}(?:\|[^\n!]{0,300})?!/y;
const COLOUR = /\{color:([^}\n]{1,40})\}/y;
const FORCED = /\{([*_+^~-])\}/y;

const MARKS: Readonly<Record<string, AdfMark>> = {
  '*': { type: 'strong' },
  _: { type: 'em' },
  '-': { type: 'strike' },
  '+': { type: 'underline' },
  '^': { type: 'subsup', attrs: { type: 'sup' } },
  '~': { type: 'subsup', attrs: { type: 'sub' } },
  '??': { type: 'em' },
};

/** Reads inline wiki markup into the content of a paragraph. Never throws; what is no markup stays text. */
export function inlineOf(text: string, options: WikiOptions, marks: readonly AdfMark[] = []): AdfNode[] {
  const run: Run = { text, marks, options, out: [], unclosed: new Map(), lineEnd: -1 };
  let from = 0;
  SPECIAL.lastIndex = 0;
  let at = nextSpecial(text, 0);
  while (at >= 0) {
    const step = stepAt(run, at);
    if (step !== undefined) {
      pushText(run.out, text.slice(from, at), marks);
      for (const node of step.nodes) run.out.push(node);
      from = step.next;
    }
    at = nextSpecial(text, step?.next ?? at + 1);
  }
  pushText(run.out, text.slice(from), marks);
  return joined(run.out);
}

function nextSpecial(text: string, from: number): number {
  SPECIAL.lastIndex = from;
  return SPECIAL.exec(text)?.index ?? -1;
}

function pushText(out: AdfNode[], text: string, marks: readonly AdfMark[]): void {
  if (text !== '') out.push(textNode(text, marks));
}

/** Neighbouring texts with the same marks are one, as Jira stores them. */
function joined(nodes: readonly AdfNode[]): AdfNode[] {
  const out: AdfNode[] = [];
  for (const node of nodes) {
    const last = out.at(-1);
    if (last?.text !== undefined && node.text !== undefined && sameMarks(last.marks, node.marks)) {
      out[out.length - 1] = textNode(last.text + node.text, node.marks);
    } else out.push(node);
  }
  return out;
}

function sameMarks(one: readonly AdfMark[] = [], other: readonly AdfMark[] = []): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function stepAt(run: Run, at: number): Step | undefined {
  const { text } = run;
  switch (text[at]) {
    case '\n':
      return { nodes: [hardBreak], next: at + 1 };
    case '\\':
      return escapeAt(run, at);
    case '{':
      return monospaceAt(run, at) ?? colourAt(run, at) ?? forcedAt(run, at);
    case '[':
      return bracketAt(run, at);
    case '&':
      return { nodes: [textNode('\\', run.marks)], next: at + '&#92;'.length };
    case '!':
      return imageAt(run, at);
    case '?':
      return text[at + 1] === '?' ? phraseAt(run, at, '??') : undefined;
    case '*':
    case '_':
    case '-':
    case '+':
    case '^':
    case '~':
      return phraseAt(run, at, text.charAt(at));
    default:
      return addressAt(run, at);
  }
}

function escapeAt(run: Run, at: number): Step | undefined {
  const next = run.text[at + 1];
  if (next === '\\') return { nodes: [hardBreak], next: at + 2 };
  if (next === undefined || !ESCAPABLE.test(next)) return undefined;
  return { nodes: [textNode(next, run.marks)], next: at + 2 };
}

function monospaceAt(run: Run, at: number): Step | undefined {
  const { text } = run;
  if (text[at + 1] !== '{') return undefined;
  const end = closing(run, '}}', at + 2);
  if (end <= at + 2) return undefined;
  // The schema lets code stand with a link and with nothing else.
  const marks = [...run.marks.filter((mark) => mark.type === 'link'), { type: 'code' }];
  return { nodes: [textNode(text.slice(at + 2, end), marks)], next: end + 2 };
}

function colourAt(run: Run, at: number): Step | undefined {
  COLOUR.lastIndex = at;
  const opened = COLOUR.exec(run.text);
  if (opened === null) return undefined;
  const start = COLOUR.lastIndex;
  const end = (run.unclosed.get('{color}') ?? 0) > start ? -1 : run.text.indexOf('{color}', start);
  if (end < 0) {
    run.unclosed.set('{color}', run.text.length + 1);
    return undefined;
  }
  const color = colourOf(opened[1] ?? '');
  const mark = color === undefined ? undefined : { type: 'textColor', attrs: { color } };
  return inner(run, start, end, '{color}'.length, mark);
}

/** `{*}bold{*}`: the form that also works inside a word. */
function forcedAt(run: Run, at: number): Step | undefined {
  FORCED.lastIndex = at;
  const opened = FORCED.exec(run.text);
  const mark = MARKS[opened?.[1] ?? ''];
  if (opened === null || mark === undefined) return undefined;
  const end = closing(run, opened[0], at + opened[0].length);
  return end <= at + opened[0].length ? undefined : inner(run, at + 3, end, 3, mark);
}

/** `*bold*` and its like: opened at the start of a word, closed at the end of one, on one line. */
function phraseAt(run: Run, at: number, marker: string): Step | undefined {
  const { text } = run;
  const mark = MARKS[marker];
  const start = at + marker.length;
  if (mark === undefined || isWord(text[at - 1]) || isSpace(text[start]) || text[start] === marker[0]) return undefined;
  let end = closing(run, marker, start + 1);
  while (end > 0 && (isSpace(text[end - 1]) || isWord(text[end + marker.length]))) end = closing(run, marker, end + 1);
  if (end < 0) {
    // From here to the end of the line no place closes this marker.
    run.unclosed.set(marker, Math.max(lineEndOf(run, at), run.unclosed.get(marker) ?? 0));
    return undefined;
  }
  return inner(run, start, end, marker.length, mark);
}

/** Where a closing marker stands on this line, or -1. */
function closing(run: Run, marker: string, from: number): number {
  if (from < (run.unclosed.get(marker) ?? 0)) return -1;
  const found = run.text.indexOf(marker, from);
  const lineEnd = lineEndOf(run, from);
  if (found >= 0 && found + marker.length <= lineEnd) return found;
  run.unclosed.set(marker, found < 0 ? Number.POSITIVE_INFINITY : lineEnd);
  return -1;
}

function lineEndOf(run: Run, from: number): number {
  if (run.lineEnd < from) {
    const found = run.text.indexOf('\n', from);
    run.lineEnd = found < 0 ? run.text.length : found;
  }
  return run.lineEnd;
}

function inner(run: Run, from: number, end: number, closer: number, mark: AdfMark | undefined): Step {
  const held = mark === undefined || run.marks.some(({ type }) => type === mark.type);
  const marks = held ? run.marks : [...run.marks, mark];
  return { nodes: inlineOf(run.text.slice(from, end), run.options, marks), next: end + closer };
}

function bracketAt(run: Run, at: number): Step | undefined {
  const found = linkAt(run.text, at);
  if (found === undefined) return undefined;
  if (found.kind === 'mention') return { nodes: [mention(run, found.name)], next: found.next };
  const { href, title } = found;
  const link: AdfMark = { type: 'link', attrs: title === undefined ? { href } : { href, title } };
  return { nodes: linked(run, found.text, link), next: found.next };
}

function linked(run: Run, text: string, link: AdfMark): AdfNode[] {
  // A link in a link and a coloured link are refused or dropped by the editor.
  const marks = run.marks.filter(({ type }) => type !== 'link' && type !== 'textColor');
  return text === '' ? [] : inlineOf(text, { ...run.options }, [...marks, link]);
}

function mention(run: Run, name: string): AdfNode {
  const id = run.options.accountIdOf?.(name);
  if (id === undefined) return textNode(`@${name}`, run.marks);
  return { type: 'mention', attrs: { id, text: `@${name}` } };
}

/** Pictures stay text: a media node needs an attachment of the site. Read as a whole, so that no mark starts in a name. */
function imageAt(run: Run, at: number): Step | undefined {
  if (isWord(run.text[at - 1])) return undefined;
  IMAGE.lastIndex = at;
  const found = IMAGE.exec(run.text);
  return found === null ? undefined : { nodes: [textNode(found[0], run.marks)], next: at + found[0].length };
}

const ADDRESS = /(?:(?!&#92;)[^\s<>"|{}\\^`[\]]){1,4000}/y;

function addressAt(run: Run, at: number): Step | undefined {
  if (isWord(run.text[at - 1])) return undefined;
  ADDRESS.lastIndex = at;
  const href = ADDRESS.exec(run.text)?.[0].replace(/[.,;:!?'*_)]+$/, '') ?? '';
  if (!/^[a-z]+:\/*[^/]/.test(href)) return undefined;
  if (run.marks.some(({ type }) => type === 'link'))
    return { nodes: [textNode(href, run.marks)], next: at + href.length };
  const marks = run.marks.filter(({ type }) => type !== 'textColor');
  return { nodes: [textNode(href, [...marks, { type: 'link', attrs: { href } }])], next: at + href.length };
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && WORD.test(character);
}

function isSpace(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character);
}
