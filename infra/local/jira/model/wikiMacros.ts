import type { AdfNode } from './adfNodes.ts';
import { codeBlock, container, paragraph, textNode } from './adfNodes.ts';

/** Turns the inside of a quote or panel into blocks that may stand there. */
export type ParseInside = (text: string, parent: 'blockquote' | 'panel') => AdfNode[];

type Keep = (made: readonly AdfNode[]) => string;

/** Characters that Unicode never assigns: a text that holds one is not text, so one of them is free as a sign. */
const SIGNS = Array.from({ length: 32 }, (_, index) => String.fromCharCode(0xfdd0 + index));

const VERBATIM = /(?<!\\)\{(code|noformat)((?::[^}\n]{0,1000})?)\}/g;
const PANEL = /(?<!\\)\{panel((?::[^}\n]{0,1000})?)\}/g;
const QUOTE = '{quote}';
const QUOTES = /(?<!\\)\{quote\}/;

/** A character for {@link extractMacros} that the text does not hold; undefined when it holds all of them. */
export function freeSign(text: string): string | undefined {
  return SIGNS.find((sign) => !text.includes(sign));
}

/**
 * Takes the macros that span lines out of the text, so that the rest can be read line by line: a code block in a
 * table cell then is one sign in that cell, a number between two of the free characters.
 *
 * Adds to `table` what each became. Code goes first, since nothing counts inside it; panels and quotes after.
 * A macro that is never closed stays text.
 */
export function extractMacros(source: string, sign: string, table: (readonly AdfNode[])[], parse: ParseInside): string {
  const keep: Keep = (made) => `${sign}${table.push(made) - 1}${sign}`;
  const noPanels = replacePanels(replaceVerbatim(source, keep), (title, body) => {
    return keep([panel(title, parse(replaceQuotes(body, parse, keep), 'panel'))]);
  });
  return replaceQuotes(noPanels, parse, keep);
}

function replaceVerbatim(text: string, keep: Keep): string {
  const missing = new Set<string>();
  let out = '';
  let from = 0;
  for (let open = nextMatch(VERBATIM, text, 0); open !== null; open = nextMatch(VERBATIM, text, from)) {
    const closer = `{${open[1] ?? ''}}`;
    const start = open.index + open[0].length;
    const end = missing.has(closer) ? -1 : text.indexOf(closer, start);
    out += text.slice(from, open.index);
    if (end < 0) {
      // Without a closing macro the opening one is shown as typed; one that is missing once is missing for good.
      missing.add(closer);
      out += open[0];
      from = start;
    } else {
      out += keep(verbatim(open[1] === 'code', open[2] ?? '', text.slice(start, end)));
      from = end + closer.length;
    }
  }
  return out + text.slice(from);
}

function nextMatch(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

function verbatim(isCode: boolean, parameters: string, body: string): AdfNode[] {
  const { title, first } = readParameters(parameters);
  const text = body.replace(/^[^\S\n]*\n/, '').replace(/\n[^\S\n]*$/, '');
  const block = codeBlock(text, isCode ? first : undefined);
  return title === undefined ? [block] : [titleOf(title), block];
}

function replacePanels(text: string, make: (title: string | undefined, body: string) => string): string {
  let out = '';
  let from = 0;
  for (let open = nextMatch(PANEL, text, 0); open !== null; open = nextMatch(PANEL, text, from)) {
    const start = open.index + open[0].length;
    const end = text.indexOf('{panel}', start);
    if (end < 0) break;
    out += text.slice(from, open.index) + make(readParameters(open[1] ?? '').title, text.slice(start, end));
    from = end + '{panel}'.length;
  }
  return out + text.slice(from);
}

function panel(title: string | undefined, content: readonly AdfNode[]): AdfNode {
  const all = title === undefined ? content : [titleOf(title), ...content];
  return { type: 'panel', attrs: { panelType: 'info' }, content: all };
}

function replaceQuotes(text: string, parse: ParseInside, keep: Keep): string {
  const parts = text.split(QUOTES);
  let out = parts[0] ?? '';
  for (let index = 1; index < parts.length; index += 2) {
    const body = parts[index] ?? '';
    const after = parts[index + 1];
    // An odd number of them: the last one opens nothing.
    if (after === undefined) return out + QUOTE + body;
    out += keep([container('blockquote', parse(body, 'blockquote'))]) + after;
  }
  return out;
}

/** `{code:java}`, `{code:title=A.java|borderStyle=solid}` or `{panel:title=Note}`: a language and a title are content. */
function readParameters(parameters: string): { title?: string; first?: string } {
  const found: { title?: string; first?: string } = {};
  for (const part of parameters.replace(/^:/, '').split('|')) {
    const [name = '', ...rest] = part.split('=');
    const value = rest.join('=').trim();
    if (rest.length === 0 && name.trim() !== '') positional(found, name.trim());
    else if (name.trim() === 'title' && value !== '') found.title = value;
    else if (name.trim() === 'language' && value !== '') found.first = value;
  }
  return found;
}

/** The first bare word is a language; people write a file name as the second. */
function positional(found: { title?: string; first?: string }, word: string): void {
  if (found.first === undefined) found.first = word;
  else found.title ??= word;
}

function titleOf(title: string): AdfNode {
  return paragraph([textNode(title, [{ type: 'strong' }])]);
}
