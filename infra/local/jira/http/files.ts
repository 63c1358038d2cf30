import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { tooLargeFile } from '../model/attachments.ts';
import type { Attachment } from '../model/parts.ts';

/** Bytes that are kept: under which name, how many, and their digest in hex. */
export interface Stored {
  readonly fileId: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * The bytes of attachments: files of a folder beside the kept world, or in memory for a world that is not kept.
 * Bytes of a file that only a dump describes are made up from its id: always the same, and as many as the dump says.
 */
export class Files {
  readonly #folder: string | undefined;
  readonly #held = new Map<string, Buffer>();

  constructor(folder: string | undefined) {
    this.#folder = folder;
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Keeps a stream, never more of it than the limit and one chunk. @throws JiraProblem 413 beyond the limit; nothing is kept then */
  async write(source: AsyncIterable<Buffer>, limitBytes: number): Promise<Stored> {
    const fileId = randomUUID();
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        sizeBytes += chunk.length;
        if (sizeBytes > limitBytes) throw tooLargeFile(limitBytes);
        hash.update(chunk);
        yield chunk;
      }
    };
    try {
      await this.#drain(fileId, counted());
    } catch (problem) {
      this.remove(fileId);
      throw problem;
    }
    return { fileId, sizeBytes, sha256: hash.digest('hex') };
  }

  async #drain(fileId: string, source: AsyncGenerator<Buffer>): Promise<void> {
    if (this.#folder !== undefined) {
      await pipeline(source, createWriteStream(join(this.#folder, fileId), { mode: 0o600 }));
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of source) chunks.push(chunk);
    this.#held.set(fileId, Buffer.concat(chunks));
  }

  /** Keeps bytes at hand: what a person in process attaches. */
  keep(bytes: Buffer): Stored {
    const fileId = randomUUID();
    if (this.#folder === undefined) this.#held.set(fileId, Buffer.from(bytes));
    else writeFileSync(join(this.#folder, fileId), bytes, { mode: 0o600 });
    return { fileId, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  /** The bytes of an attachment from `start` up to but not `end`; nothing when they are lost. */
  read({ fileId, id }: Attachment, start: number, end: number): Readable | undefined {
    if (fileId === null) return Readable.from(madeUp(id, start, end));
    if (this.#folder === undefined) {
      const bytes = this.#held.get(fileId);
      return bytes === undefined ? undefined : Readable.from([bytes.subarray(start, end)]);
    }
    const path = join(this.#folder, fileId);
    if (!existsSync(path)) return undefined;
    return end === start ? Readable.from([]) : createReadStream(path, { start, end: end - 1 });
  }

  /** Forgets bytes; those that are not there stay so. */
  remove(fileId: string): void {
    this.#held.delete(fileId);
    if (this.#folder !== undefined) rmSync(join(this.#folder, fileId), { force: true });
  }
}

/** Bytes per made-up chunk. */
const CHUNK_BYTES = 65_536;

function* madeUp(id: string, start: number, end: number): Generator<Buffer> {
  const pattern = createHash('sha256').update(id).digest();
  for (let at = start; at < end; at += CHUNK_BYTES) {
    const offset = at % pattern.length;
    yield Buffer.alloc(offset + Math.min(CHUNK_BYTES, end - at), pattern).subarray(offset);
  }
}
