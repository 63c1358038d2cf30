/**
 * The one outgoing door. It calls registered hosts only, over https only, within a deadline, follows no redirect and
 * reads no more than a limit. On a computer without a cloud, public origins are mapped to listeners of this computer.
 * @see THREATS.md T01
 */
import { processorOf } from './retention/processors.ts';
import type { Processor } from './retention/processors.ts';
import { Fault } from './verdict.ts';

/** A call to somebody outside. */
export interface HttpAsk {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute, as it goes on the wire: what needs escaping is escaped. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it comes, instead of JSON; never held in memory as a whole. */
  readonly upload?: HttpUpload;
  readonly deadlineMs?: number;
  readonly maxBytes?: number;
}

/** What came back, whatever its status: a 303 or a 429 is an answer, too. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body when it says that it is JSON and is; otherwise its text; `undefined` when there is none. */
  readonly body: unknown;
}

/** A body that is sent while it is still being read. */
export interface HttpUpload {
  readonly type: string;
  /** How many bytes will come; a body that ends earlier or later fails the call. */
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** An answer whose body is read by the caller, as slowly as it likes within the deadline. */
export interface HttpOpened {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The body; to be read to its end or left with `break`, which gives the connection back. @throws Fault `outside-unavailable`
   * when it breaks off or the deadline passes
   */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface Http {
  /**
   * @throws Fault `host-not-registered` before anything is sent, `outside-unavailable` when no answer came,
   * `outside-answer-odd` when it is larger than the limit
   */
  send(ask: HttpAsk): Promise<HttpAnswer>;
  /**
   * The same without reading the body; the deadline holds for reading it, too.
   * @throws Fault `host-not-registered`, `outside-unavailable`
   */
  open(ask: HttpAsk): Promise<HttpOpened>;
}

export interface HttpSettings {
  /** Asked for each call when it is a function: a party may be called from its day on and not before. */
  readonly register: readonly Processor[] | (() => readonly Processor[]);
  /**
   * Public origin → listener on this computer. When there is one, nothing leaves the computer: an origin without a
   * listener counts as unavailable. Production's settings refuse any.
   */
  readonly localHosts: Readonly<Record<string, string>>;
}

/** Jira answers within seconds or not at all; a function lives 30 to 60. */
const DEADLINE_MS = 10_000;
/** A page of 100 issues of the largest kind stays below this. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The only spelling of an address that passes: what is looked at is then what is called. A parser would turn decimal,
 * octal and circled digits into addresses and drop tabs without a word. @see THREATS.md §4
 */
const PLAIN_URL = /^https:\/\/((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})(?:[/?][\x21\x24-\x5b\x5d-\x7e]*)?$/;

/** Makes the door. */
export function createHttp(settings: HttpSettings): Http {
  return {
    send: async (ask) => {
      const response = await begin(ask, settings);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: parse(await readText(response, ask.maxBytes ?? MAX_BYTES), response.headers.get('content-type') ?? ''),
      };
    },
    open: async (ask) => {
      const response = await begin(ask, settings);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        chunks: chunksOf(response),
      };
    },
  };
}

function begin(ask: HttpAsk, settings: HttpSettings): Promise<Response> {
  return call(locate(ask.url, settings), {
    method: ask.method,
    ...bodyOf(ask),
    redirect: 'manual',
    signal: AbortSignal.timeout(ask.deadlineMs ?? DEADLINE_MS),
  });
}

/** A stream is sent with its length, so that a receiver tells a whole file from one that broke off. */
function bodyOf({ json, upload, headers }: HttpAsk): RequestInit & { readonly duplex?: 'half' } {
  const all = { accept: 'application/json', ...headers };
  if (upload !== undefined) {
    const { type, bytes, chunks } = upload;
    const length = { 'content-type': type, 'content-length': String(bytes) };
    return { headers: { ...all, ...length }, body: streamOf(chunks), duplex: 'half' };
  }
  if (json === undefined) return { headers: all };
  return { headers: { ...all, 'content-type': 'application/json' }, body: JSON.stringify(json) };
}

/** Asks for the next chunk only when the last one is on its way, so that no more than a few are in memory. */
function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const from = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await from.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => {
      await from.return?.();
    },
  });
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const chunk = await reader.read();
      if (chunk.done) return;
      yield chunk.value;
    }
  } catch (cause) {
    throw new Fault('outside-unavailable', { reason: 'broken-off' }, cause);
  } finally {
    // Read to its end or not: what is left is not wanted, and a broken stream has nothing to cancel.
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * Is this an address that the door would call?
 * @throws Fault `host-not-registered`
 */
export function checkUrl(url: string, register: readonly Processor[]): URL {
  const host = PLAIN_URL.exec(url)?.[1];
  if (host === undefined || processorOf(host, register) === undefined) throw new Fault('host-not-registered');
  const parsed = new URL(url);
  // The pattern leaves no room for a difference; if one is found after all, nothing is called.
  if (parsed.host !== host || parsed.protocol !== 'https:') throw new Fault('host-not-registered');
  return parsed;
}

function locate(url: string, settings: HttpSettings): string {
  const { register } = settings;
  const { origin } = checkUrl(url, typeof register === 'function' ? register() : register);
  const local = settings.localHosts[origin];
  if (local !== undefined) return local + url.slice(origin.length);
  if (Object.keys(settings.localHosts).length > 0) throw new Fault('outside-unavailable', { reason: 'not-mapped' });
  return url;
}

async function call(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new Fault('outside-unavailable', { reason: 'no-answer' }, cause);
  }
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const chunk = await reader.read();
      if (chunk.done) return text + decoder.decode();
      bytes += chunk.value.byteLength;
      if (bytes > maxBytes) break;
      text += decoder.decode(chunk.value, { stream: true });
    }
  } catch (cause) {
    throw new Fault('outside-unavailable', { reason: 'broken-off' }, cause);
  }
  await reader.cancel();
  throw new Fault('outside-answer-odd', { maxBytes });
}

function parse(text: string, contentType: string): unknown {
  if (text === '') return undefined;
  if (!/^application\/(?:[a-z.+-]+\+)?json\b/i.test(contentType)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
