/** Tables as text: RFC 4180, as spreadsheets write them. Reading and writing are inverse. */
import { Fault } from '../verdict.ts';

/** A line of a table, with the number of its first line in the text, from 1. */
export interface CsvLine {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A cell holds a key, an id or an instant; far above any of them. */
const MAX_CELL_CHARACTERS = 300;
const MARK = '\uFEFF';

/**
 * Reads a table. Lines end with CRLF, LF or CR; empty lines are left out; a quoted cell may hold commas, line ends and doubled quotes.
 * @throws Fault `csv-malformed` with the line for a quote that is not closed or stands inside a cell, or a cell that is too long;
 * `too-many` for more lines than `maxLines`
 */
export function readCsv(text: string, maxLines: number): readonly CsvLine[] {
  const lines: CsvLine[] = [];
  let at = text.startsWith(MARK) ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const first = line;
    const cells: string[] = [];
    for (let isOpen = true; isOpen; ) {
      const cell = cellAt(text, at, line);
      cells.push(cell.value);
      at = cell.end;
      line = cell.line;
      if (text[at] === ',') at += 1;
      else isOpen = false;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 2;
    else at += 1;
    line += 1;
    if (cells.length === 1 && cells[0] === '') continue;
    if (lines.length >= maxLines) throw new Fault('too-many', { path: 'csv', line: first });
    lines.push({ line: first, cells });
  }
  return lines;
}

interface Cell {
  readonly value: string;
  readonly end: number;
  readonly line: number;
}

function cellAt(text: string, from: number, line: number): Cell {
  const isQuoted = text[from] === '"';
  const cell = isQuoted ? quotedAt(text, from + 1, line) : plainAt(text, from, line);
  if (cell.value.length > MAX_CELL_CHARACTERS) throw malformed(line);
  const after = text[cell.end];
  if (after !== undefined && after !== ',' && after !== '\r' && after !== '\n') throw malformed(cell.line);
  return cell;
}

function plainAt(text: string, from: number, line: number): Cell {
  let end = from;
  while (end < text.length && !',\r\n"'.includes(text.charAt(end))) end += 1;
  return { value: text.slice(from, end), end, line };
}

function quotedAt(text: string, from: number, line: number): Cell {
  let value = '';
  let now = line;
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"' && text[at + 1] !== '"') return { value, end: at + 1, line: now };
    if (character === '"') at += 1;
    if (character === '\n') now += 1;
    value += character;
  }
  throw malformed(line);
}

function malformed(line: number): Fault {
  return new Fault('csv-malformed', { path: 'csv', line });
}

/** One line, with its end. A cell that a spreadsheet would take for a formula gets a quote mark before it. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

/** @see https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r]/;

function cellText(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
