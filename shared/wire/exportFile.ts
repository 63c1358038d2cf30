/**
 * The file in which a customer takes its data away: JSON lines. The first says what it is and holds the schema, each
 * following one a record, the last how many there are of each category and a hash over all lines before it. A file without the
 * last line is broken off. The hash is a chain, so that the file can be written and checked in pages.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../verdict.ts';

const counts = z.record(z.string(), z.number().int().nonnegative());
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const schemaPart = z.record(z.string(), z.unknown());

const header = z.object({
  kind: z.literal('header'),
  format: z.literal('twinline-export'),
  version: z.literal(1),
  tenant: z.string(),
  generation: z.number().int().positive(),
  /** When it was begun, epoch milliseconds. */
  at: z.number(),
  schema: z.object({ title: z.string(), $defs: z.record(z.string(), schemaPart) }),
});
const record = z.object({
  kind: z.literal('record'),
  category: z.string(),
  /** The ids that address it. */
  id: z.record(z.string(), z.string()),
  row: z.record(z.string(), z.unknown()),
});
const end = z.object({ kind: z.literal('end'), counts, hash });
const line = z.discriminatedUnion('kind', [header, record, end]);

/** The first line. */
export type ExportHeader = z.infer<typeof header>;
/** One record of a customer. */
export type ExportRecord = z.infer<typeof record>;
/** Any line. */
export type ExportLine = z.infer<typeof line>;

/** How far an export has come; it travels with whoever fetches it, in its own file's words. */
export const exportCursor = z.object({
  at: z.number().int().nonnegative(),
  category: z.string().max(40),
  after: z.string().max(6_000).exactOptional(),
  counts,
  hash,
});
export type ExportCursor = z.infer<typeof exportCursor>;

/** GET /export: a page of lines, and where the next one begins. */
export const exportPage = z.object({ lines: z.string(), next: z.string().exactOptional() });
export type ExportPage = z.infer<typeof exportPage>;

/** A cursor as a text for an address. */
export function cursorText(cursor: ExportCursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Reads a cursor. @throws Fault `body-invalid` */
export function parseCursor(text: string): ExportCursor {
  try {
    return exportCursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new Fault('body-invalid', { path: 'after' });
  }
}

/** The chain's hash before the first line. */
export const NO_LINES = '0'.repeat(64);

/** The chain's hash after one more line. */
export function chained(before: string, text: string): string {
  return createHash('sha256').update(before).update(text).digest('hex');
}

/** What came out of a file that is whole and says what its schema says. */
export interface ReadExport {
  readonly header: ExportHeader;
  readonly counts: Readonly<Record<string, number>>;
  readonly hash: string;
}

/**
 * Reads a file line by line, in bounded memory, and hands each record on.
 * @throws Fault `export-broken` with the number of the line and what is wrong there
 */
export async function readExport(
  lines: AsyncIterable<string> | Iterable<string>,
  each: (record: ExportRecord) => void = () => undefined,
): Promise<ReadExport> {
  const reader = new Reader(each);
  for await (const text of lines) if (text !== '') reader.take(text);
  return reader.finish();
}

class Reader {
  readonly #each: (record: ExportRecord) => void;
  #header: ExportHeader | undefined;
  readonly #schemas = new Map<string, z.ZodType>();
  readonly #counts: Record<string, number> = {};
  #hash = NO_LINES;
  #number = 0;
  #isEnded = false;

  constructor(each: (record: ExportRecord) => void) {
    this.#each = each;
  }

  take(text: string): void {
    this.#number += 1;
    const parsed = parsedLine(text);
    if (parsed === undefined || this.#isEnded) throw this.#broken('line');
    if ((this.#header === undefined) !== (parsed.kind === 'header')) throw this.#broken('order');
    if (parsed.kind === 'end') this.#end(parsed);
    else {
      if (parsed.kind === 'header') this.#begin(parsed);
      else this.#record(parsed);
      this.#hash = chained(this.#hash, text);
    }
  }

  finish(): ReadExport {
    if (this.#header === undefined || !this.#isEnded) throw this.#broken('end');
    return { header: this.#header, counts: this.#counts, hash: this.#hash };
  }

  #begin(parsed: ExportHeader): void {
    this.#header = parsed;
    for (const [category, schema] of Object.entries(parsed.schema.$defs))
      this.#schemas.set(category, z.fromJSONSchema(schema));
  }

  #record(parsed: ExportRecord): void {
    const schema = this.#schemas.get(parsed.category);
    if (schema === undefined) throw this.#broken('category');
    if (!schema.safeParse(parsed.row).success) throw this.#broken('row');
    this.#counts[parsed.category] = (this.#counts[parsed.category] ?? 0) + 1;
    this.#each(parsed);
  }

  #end({ counts: said, hash: saidHash }: z.infer<typeof end>): void {
    if (saidHash !== this.#hash) throw this.#broken('hash');
    const names = new Set([...Object.keys(said), ...Object.keys(this.#counts)]);
    for (const name of names) if ((said[name] ?? 0) !== (this.#counts[name] ?? 0)) throw this.#broken('counts');
    this.#isEnded = true;
  }

  #broken(what: string): Fault {
    return new Fault('export-broken', { line: this.#number, what });
  }
}

function parsedLine(text: string): ExportLine | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
