import type { AdfNode } from './adfNodes.ts';
import { container, paragraph } from './adfNodes.ts';
import { fit, listItem } from './wikiFit.ts';
import { isTableLine, readTable } from './wikiTable.ts';

/** Makes blocks of inline text; the text may hold signs of macros, which become blocks of their own. */
export type MakeBlocks = (text: string) => AdfNode[];

const HEADING = /^\s*h([1-6])\.(?:\s+|$)(.*)$/s;
const QUOTED = /^\s*bq\.(?:\s+|$)(.*)$/s;
const RULE = /^\s*-{4,5}\s*$/;
const ITEM = /^\s*([*#]+|-)\s+(\S.*)$/s;
/** The editor stops at six levels; deeper ones are shown at the last. */
const MAX_LIST_DEPTH = 6;

interface Item {
  readonly markers: string;
  readonly lines: string[];
}

interface Reader {
  readonly lines: readonly string[];
  at: number;
}

/** Reads text whose macros are taken out, line by line. */
export function blocksOf(text: string, make: MakeBlocks): AdfNode[] {
  const reader: Reader = { lines: text.split('\n'), at: 0 };
  const blocks: AdfNode[] = [];
  while (reader.at < reader.lines.length) {
    // One by one: a dump's longest text has more blocks than a call takes arguments.
    for (const block of nextBlocks(reader, make)) blocks.push(block);
  }
  return blocks;
}

function nextBlocks(reader: Reader, make: MakeBlocks): AdfNode[] {
  const line = reader.lines[reader.at] ?? '';
  if (line.trim() === '') return skip(reader, []);
  if (RULE.test(line)) return skip(reader, [{ type: 'rule' }]);
  const heading = HEADING.exec(line);
  if (heading !== null) return skip(reader, headingOf(Number(heading[1]), make(heading[2] ?? '')));
  const quoted = QUOTED.exec(line);
  if (quoted !== null) return skip(reader, [container('blockquote', fit(make(quoted[1] ?? ''), 'blockquote'))]);
  if (ITEM.test(line)) return listsOf(readItems(reader), make);
  if (isTableLine(line)) return readTable(reader, (text) => (isBlockCell(text) ? blocksOf(text, make) : make(text)));
  return make(readParagraph(reader));
}

/** A cell of one line is text, unless it is a bullet: `|----|` is somebody's drawing, not a rule. */
function isBlockCell(text: string): boolean {
  return text.includes('\n') || ITEM.test(text);
}

function skip(reader: Reader, blocks: AdfNode[]): AdfNode[] {
  reader.at += 1;
  return blocks;
}

/** A heading holds text only: a macro on its line comes after it. */
function headingOf(level: number, blocks: readonly AdfNode[]): AdfNode[] {
  const [first, ...rest] = blocks;
  if (first?.type !== 'paragraph') return [...blocks];
  return [{ type: 'heading', attrs: { level }, content: first.content ?? [] }, ...rest];
}

function startsBlock(line: string): boolean {
  return (
    line.trim() === '' ||
    RULE.test(line) ||
    HEADING.test(line) ||
    QUOTED.test(line) ||
    ITEM.test(line) ||
    isTableLine(line)
  );
}

function readParagraph(reader: Reader): string {
  const taken: string[] = [];
  do {
    taken.push(reader.lines[reader.at] ?? '');
    reader.at += 1;
  } while (reader.at < reader.lines.length && !startsBlock(reader.lines[reader.at] ?? ''));
  return taken.join('\n');
}

function readItems(reader: Reader): Item[] {
  const items: Item[] = [];
  for (; reader.at < reader.lines.length; reader.at += 1) {
    const line = reader.lines[reader.at] ?? '';
    const found = ITEM.exec(line);
    if (found !== null) items.push({ markers: (found[1] ?? '').slice(0, MAX_LIST_DEPTH), lines: [found[2] ?? ''] });
    // A line that begins nothing goes on with the item above it.
    else if (startsBlock(line)) break;
    else items.at(-1)?.lines.push(line);
  }
  return items;
}

/** Items with equal beginnings of markers belong together; a change of marker on the first level begins a new list. */
function listsOf(items: readonly Item[], make: MakeBlocks, depth = 0): AdfNode[] {
  const lists: AdfNode[] = [];
  for (let from = 0; from < items.length; ) {
    const kind = kindOf(items[from]!, depth);
    let to = from + 1;
    while (to < items.length && kindOf(items[to]!, depth) === kind) to += 1;
    lists.push(container(kind, itemsOf(items.slice(from, to), make, depth)));
    from = to;
  }
  return lists;
}

function kindOf(item: Item, depth: number): 'orderedList' | 'bulletList' {
  return item.markers[Math.min(depth, item.markers.length - 1)] === '#' ? 'orderedList' : 'bulletList';
}

function itemsOf(items: readonly Item[], make: MakeBlocks, depth: number): AdfNode[] {
  const made: AdfNode[] = [];
  for (let from = 0; from < items.length; ) {
    const head = items[from]!;
    const own = head.markers.length <= depth + 1;
    let to = own ? from + 1 : from;
    while (to < items.length && items[to]!.markers.length > depth + 1) to += 1;
    const text = own ? make(head.lines.join('\n')) : [];
    const start = own ? from + 1 : from;
    const below = start < to ? listsOf(items.slice(start, to), make, depth + 1) : [];
    made.push(listItem([...(own && text.length === 0 ? [paragraph([])] : text), ...below]));
    from = to;
  }
  return made;
}
