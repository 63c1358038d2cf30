import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { DumpIssue } from '../model/dump.ts';
import { BadDumpLine, parseDumpLine } from '../model/dump.ts';

/** The longest known line is 3.4 MB; this bounds what a broken file can make us hold. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * Reads a dump issue by issue: `.jsonl`, or the same compressed as `.jsonl.gz`. Empty lines are passed over.
 *
 * Lines end at a line feed and nowhere else: texts hold U+2028, U+2029 and U+0085, at which `node:readline` would cut.
 * @throws BadDumpLine naming the line that is no issue
 */
export async function* readDump(path: string, limit = Number.POSITIVE_INFINITY): AsyncGenerator<DumpIssue> {
  let number = 0;
  let given = 0;
  if (limit <= 0) return;
  for await (const text of linesOf(path)) {
    number += 1;
    if (text.trim() === '') continue;
    yield parseDumpLine(text, number);
    given += 1;
    if (given >= limit) return;
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  // Errors of the file must reach the reader through the pipe, or a missing file would hang.
  const stream = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  if (stream !== file) file.on('error', (error) => stream.destroy(error));
  let parts: Buffer[] = [];
  let bytes = 0;
  let number = 1;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
        parts.push(chunk.subarray(from, end));
        yield Buffer.concat(parts).toString('utf8');
        parts = [];
        bytes = 0;
        number += 1;
        from = end + 1;
      }
      parts.push(chunk.subarray(from));
      bytes += chunk.length - from;
      if (bytes > MAX_LINE_BYTES) throw new BadDumpLine(number, 'is too long');
    }
  } finally {
    file.destroy();
  }
  yield Buffer.concat(parts).toString('utf8');
}
