import { refuse } from '../model/problem.ts';
import { isRecord } from '../model/richText.ts';
import type { Attachment } from '../model/parts.ts';
import type { Act } from '../model/types.ts';
import type { Stored } from './files.ts';

/** A file that came with a request; its bytes are kept already. */
export interface UploadedFile {
  readonly filename: string;
  readonly mimeType: string;
  readonly stored: Stored;
}

/** One judged request on its way to its operation. */
export interface Call {
  readonly act: Act;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly files?: readonly UploadedFile[] | undefined;
  /** The `Range` header. */
  readonly range?: string | undefined;
}

/** What an operation answers; `objects` are what it returned, for the points it costs. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** The body as it is sent; set once it was held against the contract. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes to send instead of a body: from `start` up to but not `end`. */
  readonly file?: { readonly attachment: Attachment; readonly start: number; readonly end: number };
  readonly objects?: { readonly core: number; readonly identity: number };
}

/** One operation. @throws JiraProblem for everything Jira refuses */
export type Handler = (call: Call) => Answer;

/** Handlers by operation id. */
export type Handlers = Readonly<Record<string, Handler>>;

/** 200 with a body that holds so many core and identity objects. */
export function ok(body: unknown, core = 1, identity = 0): Answer {
  return { status: 200, body, objects: { core, identity } };
}

/** 204. */
export const NOTHING: Answer = { status: 204 };

/** A path parameter; the judge has made sure that it is there. */
export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

/** The body as an object, empty when there is none. */
export function bodyOf(call: Call): Readonly<Record<string, unknown>> {
  return isRecord(call.body) ? call.body : {};
}

/** A number of the query or a default. */
export function numberOf(call: Call, name: string, fallback: number): number {
  const text = call.query.get(name);
  const value = text === null ? fallback : Number(text);
  return Number.isFinite(value) ? value : fallback;
}

/** Words of the query, separated by commas or repeated; undefined when there are none. */
export function wordsOf(call: Call, name: string): readonly string[] | undefined {
  const all = call.query.getAll(name).flatMap((part) => part.split(','));
  return all.length === 0 ? undefined : all.map((word) => word.trim()).filter((word) => word !== '');
}

/** A text or number of a body as text; undefined when it is neither. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Texts of a list in a body, numbers included; undefined when it is no list. */
export function textsIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? (value as unknown[]).map(String) : undefined;
}

/** Cuts one page out of a list, in the shape of Jira's page beans. */
export function pageOf<T, U>(call: Call, all: readonly T[], limit: number, show: (item: T) => U, fallback = 50) {
  const startAt = numberOf(call, 'startAt', 0);
  const maxResults = Math.min(limit, numberOf(call, 'maxResults', fallback));
  if (startAt < 0 || maxResults < 0) throw refuse(400, 'startAt and maxResults must not be negative.');
  const values = all.slice(startAt, startAt + maxResults).map(show);
  return { startAt, maxResults, total: all.length, isLast: startAt + values.length >= all.length, values };
}
