import { refuse } from '../model/problem.ts';

/** What stands above one part of a multipart body. */
export interface PartHead {
  /** Name of the form's field. */
  readonly name: string;
  /** Absent for a part that is no file. */
  readonly filename?: string;
  readonly contentType: string;
}

/** Longest head of a part. */
const HEAD_LIMIT = 16_384;
const LINE = '\r\n';

/**
 * Reads a `multipart/form-data` body part by part without holding it: each part's bytes go to `take` as they come.
 * `take` must read its part to the end.
 * @see RFC 7578
 * @throws JiraProblem 400 for a body that is none
 */
export async function readParts(
  source: AsyncIterable<Buffer>,
  contentType: string,
  take: (head: PartHead, bytes: AsyncGenerator<Buffer>) => Promise<void>,
): Promise<void> {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType);
  if (boundary === null) throw malformed();
  const reader = new Reader(source, `--${boundary[1] ?? boundary[2] ?? ''}`);
  await reader.start();
  while (await reader.hasPart()) {
    const head = headOf(await reader.head());
    const bytes = reader.bytes();
    await take(head, bytes);
    // A part that was not read to its end would leave the next one in the middle of it.
    while ((await bytes.next()).done !== true);
  }
}

function malformed(): Error {
  return refuse(400, 'The multipart body is malformed.');
}

/** Cuts a stream at its boundaries, holding back no more than could be the start of one. */
class Reader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  readonly #first: Buffer;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>, dashed: string) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#first = Buffer.from(dashed, 'latin1');
    this.#delimiter = Buffer.from(LINE + dashed, 'latin1');
  }

  async start(): Promise<void> {
    await this.#need(this.#first.length);
    if (!this.#held.subarray(0, this.#first.length).equals(this.#first)) throw malformed();
    this.#held = this.#held.subarray(this.#first.length);
  }

  /** Just behind a boundary: `--` ends the body, a line break begins a part. */
  async hasPart(): Promise<boolean> {
    await this.#need(2);
    const next = this.#held.subarray(0, 2).toString('latin1');
    if (next === '--') return false;
    if (next !== LINE) throw malformed();
    this.#held = this.#held.subarray(2);
    return true;
  }

  async head(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf(`${LINE}${LINE}`);
      if (end !== -1) {
        const text = this.#held.subarray(0, end).toString('utf8');
        this.#held = this.#held.subarray(end + 4);
        return text;
      }
      if (this.#held.length > HEAD_LIMIT) throw malformed();
      await this.#need(this.#held.length + 1);
    }
  }

  async *bytes(): AsyncGenerator<Buffer> {
    for (;;) {
      const end = this.#held.indexOf(this.#delimiter);
      if (end !== -1) {
        const last = this.#held.subarray(0, end);
        this.#held = this.#held.subarray(end + this.#delimiter.length);
        if (last.length > 0) yield last;
        return;
      }
      const free = this.#held.length - this.#delimiter.length;
      if (free > 0) {
        const part = this.#held.subarray(0, free);
        this.#held = this.#held.subarray(free);
        yield part;
      }
      await this.#need(this.#held.length + 1);
    }
  }

  async #need(length: number): Promise<void> {
    while (this.#held.length < length) {
      const next = await this.#chunks.next();
      if (next.done === true) throw malformed();
      this.#held = Buffer.concat([this.#held, next.value]);
    }
  }
}

function headOf(text: string): PartHead {
  const lines = new Map(
    text.split(LINE).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const disposition = lines.get('content-disposition') ?? '';
  const name = quoted(disposition, 'name');
  const filename = quoted(disposition, 'filename');
  if (!disposition.toLowerCase().startsWith('form-data') || name === undefined) throw malformed();
  return {
    name,
    ...(filename === undefined ? {} : { filename }),
    contentType: lines.get('content-type') ?? 'application/octet-stream',
  };
}

/** A parameter of a header; quotes and line breaks in it come percent-encoded. @see WHATWG HTML, multipart/form-data encoding algorithm */
function quoted(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(header)?.[1];
  return found
    ?.replaceAll(/\\(["\\])/g, '$1')
    .replaceAll('%22', '"')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n');
}
