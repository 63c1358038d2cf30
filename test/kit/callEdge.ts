/** Calls a function as the framework does, and keeps what it answers. */
import type { FrameworkResponse, httpEdge } from '../../functions/edge.ts';

/** What a caller sends. A body is sent as JSON. */
export interface EdgeCall {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly authorization?: string | undefined;
  readonly body?: unknown;
}

/** What comes back on the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One call of a function. */
export async function callEdge(handle: ReturnType<typeof httpEdge>, call: EdgeCall): Promise<WireAnswer> {
  const answer = { status: 0, text: '', headers: {} };
  const response: FrameworkResponse = {
    status(code) {
      answer.status = code;
      return this;
    },
    set(headers) {
      answer.headers = headers;
      return this;
    },
    send(text) {
      answer.text = typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
    },
  };
  const headers = call.authorization === undefined ? {} : { authorization: call.authorization };
  const rawBody = call.body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(call.body));
  await handle({ method: call.method, originalUrl: call.target, headers, rawBody }, response);
  return answer;
}
