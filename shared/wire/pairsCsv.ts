/** Lists of pairs as people hand them in and get them out: two columns of keys or ids, or the export of all pairs. */
import type { Side } from '../model/connection.ts';
import { otherSide } from '../model/connection.ts';
import { issueId, issueKey, twinId } from '../model/ids.ts';
import type { IssueId, IssueKey, TwinId } from '../model/ids.ts';
import { Fault } from '../verdict.ts';
import { csvLine, readCsv } from './csv.ts';

/** Lines of one job; their ids fit into a few records. */
export const MAX_PAIR_LINES = 5_000;

/** An issue as people name it. */
export type IssueName = IssueId | IssueKey;

/** One line: the issues of the two sides as they were written, and the twin that an export named. */
export interface PairLine {
  readonly line: number;
  readonly a: string;
  readonly b: string;
  readonly twin?: TwinId;
}

/** The columns of an export. */
export const exportColumns = ['a', 'b', 'twin', 'state', 'since', 'settled'] as const;

/**
 * Reads a list of pairs of the asker's side. Without a header, or with `local,remote`, the first column is the asker's; under `a,b` each
 * column is the side's that it names, whoever asks; further columns but `twin` are left out. What a cell holds is judged line by line later.
 * @throws Fault `csv-malformed`, `too-many`
 */
export function readPairs(text: string, side: Side): readonly PairLine[] {
  const lines = readCsv(text, MAX_PAIR_LINES + 1);
  const head = lines[0]?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const isHead = head.length > 0 && head.every((cell) => issueNamed(cell.toUpperCase()) === undefined);
  const columns = isHead ? columnsOf(head, side) : { [side]: 0, [otherSide(side)]: 1 };
  const body = isHead ? lines.slice(1) : lines;
  if (body.length > MAX_PAIR_LINES) throw new Fault('too-many', { path: 'csv' });
  return body.map(({ line, cells }) => {
    const twin = 'twin' in columns ? twinNamed(cells[columns.twin ?? -1]) : undefined;
    const cell = (at: number | undefined): string => cells[at ?? -1]?.trim() ?? '';
    return { line, a: cell(columns.a), b: cell(columns.b), ...(twin === undefined ? {} : { twin }) };
  });
}

type Columns = Partial<Record<Side | 'twin', number>>;

function columnsOf(head: readonly string[], side: Side): Columns {
  const at = (name: string): number | undefined => {
    const found = head.indexOf(name);
    return found < 0 ? undefined : found;
  };
  const [a, b, twin] = [at('a') ?? at('a key'), at('b') ?? at('b key'), at('twin')];
  const named =
    a !== undefined && b !== undefined ? { a, b } : { [side]: at('local') ?? 0, [otherSide(side)]: at('remote') ?? 1 };
  return { ...named, ...(twin === undefined ? {} : { twin }) };
}

/** An issue's key or id as people write it; `undefined` for anything else. */
export function issueNamed(text: string): IssueName | undefined {
  return orNone(() => issueId(text)) ?? orNone(() => issueKey(text));
}

function twinNamed(text: string | undefined): TwinId | undefined {
  return text === undefined ? undefined : orNone(() => twinId(text.trim()));
}

function orNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'body-invalid') return undefined;
    throw thrown;
  }
}

/** A pair as an export says it. Instants are epoch milliseconds. */
export interface ExportedPair {
  readonly a: string;
  readonly b: string;
  readonly twin: TwinId;
  readonly state: string;
  readonly since?: number | undefined;
  readonly settledAt?: number | undefined;
}

/** The first line of an export. */
export const exportHead: string = csvLine(exportColumns);

/** One pair of an export. */
export function exportLine({ a, b, twin, state, since, settledAt }: ExportedPair): string {
  return csvLine([a, b, twin, state, instantText(since), instantText(settledAt)]);
}

function instantText(at: number | undefined): string {
  return at === undefined ? '' : new Date(at).toISOString();
}
