import type { AdfNode } from './adfNodes.ts';
import { container } from './adfNodes.ts';
import { fit } from './wikiFit.ts';

interface Reader {
  readonly lines: readonly string[];
  at: number;
}

interface Cell {
  readonly isHeader: boolean;
  readonly text: string;
}

/** A bar at the start and something after it: `||` alone is an operator somebody wrote. */
export function isTableLine(line: string): boolean {
  return /^\s*\|+[^|]*[^|\s]/.test(line);
}

/** Reads the rows from here on. A row whose line does not end with a bar goes on over the next lines. */
export function readTable(reader: Reader, make: (text: string) => AdfNode[]): AdfNode[] {
  const rows: AdfNode[] = [];
  while (reader.at < reader.lines.length && isTableLine(reader.lines[reader.at] ?? '')) {
    const cells = cellsOf(readRow(reader));
    rows.push(
      container(
        'tableRow',
        cells.map(({ isHeader, text }) => cellOf(isHeader, make(text))),
      ),
    );
  }
  return [container('table', rows)];
}

function cellOf(isHeader: boolean, blocks: readonly AdfNode[]): AdfNode {
  return container(isHeader ? 'tableHeader' : 'tableCell', fit(blocks, 'cell'));
}

function readRow(reader: Reader): string {
  const taken = [reader.lines[reader.at] ?? ''];
  reader.at += 1;
  for (; reader.at < reader.lines.length; reader.at += 1) {
    const next = reader.lines[reader.at] ?? '';
    const isClosed = /\|\s*$/.test(taken.at(-1) ?? '');
    if (isClosed || next.trim() === '' || isTableLine(next)) break;
    taken.push(next);
  }
  return taken.join('\n').trim();
}

/** Bars part cells, except after a backslash and inside links, monospace and pictures. */
const PIECE = /\\[\s\S]|\[[^\]\n|]*\|[^\]\n]*\]|\{\{[^\n}]*\}\}|![^\s!|][^!\n|]*\|[^!\n|]*!|\|{1,2}|[^\\[{!|]+|[\s\S]/g;

function cellsOf(row: string): Cell[] {
  const cells: { isHeader: boolean; text: string }[] = [];
  for (const [piece] of row.matchAll(PIECE)) {
    if (piece === '|' || piece === '||') cells.push({ isHeader: piece === '||', text: '' });
    else cells[cells.length - 1]!.text += piece;
  }
  // The bar that ends a row opens no cell.
  if (cells.length > 1 && cells.at(-1)?.text.trim() === '') cells.pop();
  return cells.map(({ isHeader, text }) => ({ isHeader, text: text.trim() }));
}
