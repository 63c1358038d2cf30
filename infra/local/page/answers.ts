/** Small answers of the local page's server: JSON, files and refusals, and the guard against other pages. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toFault, meaningOf } from '../../../shared/verdict.ts';
import { SiteRefused } from '../person.ts';
import type { Refusal } from './api.ts';

/** A page's request is small: the longest text that Jira takes has 32,767 characters. */
const MAX_BODY_BYTES = 1_000_000;

/** A request that the local server does not take. */
export class Unfit extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, says: string) {
    super(says);
    this.name = 'Unfit';
    this.status = status;
    this.code = code;
  }
}

export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

export function answerText(response: ServerResponse, contentType: string, body: string | Uint8Array): void {
  response.writeHead(200, {
    'content-type': contentType,
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(body);
}

/** Says what went wrong in one sentence; never a stack. */
export function answerProblem(response: ServerResponse, thrown: unknown): void {
  const { status, refusal } = problemOf(thrown);
  answerJson(response, refusal, status);
}

function problemOf(thrown: unknown): { status: number; refusal: Refusal } {
  if (thrown instanceof Unfit) return { status: thrown.status, refusal: { code: thrown.code, says: thrown.message } };
  if (thrown instanceof SiteRefused)
    return { status: thrown.status, refusal: { code: 'site-refused', says: thrown.message } };
  const fault = toFault(thrown);
  const row = meaningOf(fault.code);
  return { status: row.http, refusal: { code: fault.code, says: row.says } };
}

/** Other pages in the same browser may send requests here: only our own origin and callers without one are served. */
export function checkOrigin(request: IncomingMessage): void {
  const host = request.headers.host ?? '';
  const origin = request.headers.origin;
  const isLoopback = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  if (!isLoopback || (origin !== undefined && origin !== `http://${host}`))
    throw new Unfit(403, 'not-allowed', 'Only the local page itself may ask this.');
}

/** Reads a JSON body. @throws Unfit */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new Unfit(413, 'body-too-large', 'That is more than the page may send.');
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Unfit(400, 'body-malformed', 'The body is not valid JSON.');
  }
}
