/**
 * A document as PDF, made from the same parts as the page. The same document gives the same bytes: all times in the file
 * are the day of its version, and nothing is compressed by code that may differ. Loaded only when somebody asks for it.
 */
import PDFDocument from 'pdfkit';
import { spansOf } from './document.ts';
import type { Block, Document } from './document.ts';
import type { Imprint } from './html.ts';
import { longDate } from './html.ts';

const MARGIN = 56;
const SIZES = { title: 22, lead: 11, section: 14, fold: 11, text: 10, table: 8.5, foot: 8 } as const;
const GREY = '#56626f';
const INK = '#1c2733';
const LINE = '#d9dee4';
/** Below this much room a heading begins on the next page. */
const KEEP = 90;

type Paper = PDFKit.PDFDocument;

/** The bytes. */
export async function pdfOf(document: Document, imprint: Imprint): Promise<Uint8Array> {
  const at = new Date(`${imprint.date}T00:00:00Z`);
  const paper = new PDFDocument({
    size: 'A4',
    margins: { top: MARGIN, bottom: MARGIN + 20, left: MARGIN, right: MARGIN },
    compress: false,
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    pdfVersion: '1.7',
    info: { Title: `${document.title} – Twinline`, Creator: 'Twinline', CreationDate: at, ModDate: at },
  });
  const chunks: Uint8Array[] = [];
  paper.on('data', (chunk: Uint8Array) => void chunks.push(chunk));
  const ended = new Promise<void>((resolve) => void paper.on('end', () => resolve()));
  write(paper, document, imprint);
  foot(paper, imprint);
  paper.end();
  await ended;
  return Buffer.concat(chunks);
}

function write(paper: Paper, { title, lead, sections }: Document, { version, date }: Imprint): void {
  paper.font('Helvetica').fontSize(SIZES.lead).fillColor(GREY).text('Twinline');
  paper.font('Helvetica-Bold').fontSize(SIZES.title).fillColor(INK).text(title);
  paper
    .font('Helvetica')
    .fontSize(SIZES.lead)
    .fillColor(GREY)
    .text(`Version ${version}, ${longDate(date)}`)
    .moveDown();
  paper.fillColor(INK).text(plain(lead)).moveDown();
  for (const one of sections) {
    heading(paper, one.title, SIZES.section);
    for (const block of one.blocks) writeBlock(paper, block);
  }
}

function heading(paper: Paper, text: string, size: number): void {
  if (room(paper) < KEEP) paper.addPage();
  paper.moveDown(0.8).font('Helvetica-Bold').fontSize(size).fillColor(INK).text(text).moveDown(0.3);
  paper.font('Helvetica').fontSize(SIZES.text);
}

function writeBlock(paper: Paper, block: Block): void {
  paper.font('Helvetica').fontSize(SIZES.text).fillColor(INK);
  switch (block.kind) {
    case 'text':
      paper.text(plain(block.text)).moveDown(0.4);
      return;
    case 'list':
      for (const item of block.items) bullet(paper, plain(item));
      paper.moveDown(0.3);
      return;
    case 'table':
      table(paper, block.head, block.rows);
      return;
    case 'fold':
      heading(paper, block.title, SIZES.fold);
      for (const inner of block.blocks) writeBlock(paper, inner);
  }
}

function bullet(paper: Paper, text: string): void {
  const { y } = paper;
  paper.text('•', MARGIN, y, { continued: false, width: 10 });
  paper.text(text, MARGIN + 14, y, { width: width(paper) - 14 });
  paper.x = MARGIN;
  paper.moveDown(0.2);
}

/** Columns as wide as what they hold asks for; a row is never cut, and a head never stands alone. */
function table(paper: Paper, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const columns = columnsOf(head, rows, width(paper));
  const first = rows[0] ?? [];
  if (heightOf(paper, head, columns) + heightOf(paper, first, columns) > room(paper)) paper.addPage();
  row(paper, head, columns, { font: 'Helvetica-Bold', colour: GREY });
  for (const cells of rows) row(paper, cells, columns, { font: 'Helvetica', colour: INK });
  paper.moveDown(0.6);
}

interface Column {
  readonly left: number;
  readonly width: number;
}

/** Shares of the width by the root of the average length: long texts get more, short ones enough. */
function columnsOf(head: readonly string[], rows: readonly (readonly string[])[], whole: number): readonly Column[] {
  const weights = head.map((title, at) => {
    const average = rows.reduce((sum, cells) => sum + (cells[at] ?? '').length, 0) / Math.max(1, rows.length);
    return Math.sqrt(Math.max(average, title.length, 10));
  });
  const sum = weights.reduce((one, other) => one + other, 0);
  const widths = weights.map((weight) => (weight / sum) * whole);
  return widths.map((wide, at) => ({
    left: MARGIN + widths.slice(0, at).reduce((one, other) => one + other, 0),
    width: wide - 8,
  }));
}

function heightOf(paper: Paper, cells: readonly string[], columns: readonly Column[]): number {
  paper.font('Helvetica').fontSize(SIZES.table);
  const heights = cells.map((cell, at) => paper.heightOfString(plain(cell), { width: columns[at]?.width ?? 0 }));
  return Math.max(0, ...heights) + 8;
}

function row(
  paper: Paper,
  cells: readonly string[],
  columns: readonly Column[],
  { font, colour }: { readonly font: string; readonly colour: string },
): void {
  const height = heightOf(paper, cells, columns);
  if (height > room(paper)) paper.addPage();
  const { y } = paper;
  paper.font(font).fontSize(SIZES.table).fillColor(colour);
  for (const [at, cell] of cells.entries()) {
    const column = columns[at] ?? { left: MARGIN, width: width(paper) };
    paper.text(plain(cell), column.left, y + 3, { width: column.width });
  }
  const bottom = y + height - 2;
  paper
    .moveTo(MARGIN, bottom)
    .lineTo(MARGIN + width(paper), bottom)
    .lineWidth(0.5)
    .strokeColor(LINE)
    .stroke();
  paper.x = MARGIN;
  paper.y = bottom + 1;
}

/** Version, fingerprint and page on every page. */
function foot(paper: Paper, { version, fingerprint }: Imprint): void {
  const { start, count } = paper.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    paper.switchToPage(page);
    const { bottom } = paper.page.margins;
    // Text below the margin would begin a new page.
    paper.page.margins.bottom = 0;
    paper.font('Helvetica').fontSize(SIZES.foot).fillColor(GREY);
    paper.text(
      `Version ${version} · SHA-256 ${fingerprint} · page ${page + 1} of ${count}`,
      MARGIN,
      paper.page.height - MARGIN + 10,
      { width: width(paper), lineBreak: false },
    );
    paper.page.margins.bottom = bottom;
  }
}

function width(paper: Paper): number {
  return paper.page.width - 2 * MARGIN;
}

function room(paper: Paper): number {
  return paper.page.height - paper.page.margins.bottom - paper.y;
}

/** Links on paper are words with their address behind them, unless they lead to another place of the same paper. */
function plain(text: string): string {
  return spansOf(text)
    .map(({ text: words, href }) =>
      href === undefined || href === words || href.startsWith('#') ? words : `${words} (${href})`,
    )
    .join('');
}
