/** Reads JSON bodies at the door: size, depth and syntax first, meaning later. */
import { Fault } from '../verdict.ts';

/** `JSON.parse` takes a million levels, `JSON.stringify` fails at 5,000: a deep body would be a poison message. @see THREATS.md §4.1 */
const MAX_DEPTH = 64;

/**
 * Parses a body of at most `maxBytes`.
 * @throws Fault `body-too-large`, `body-too-deep`, `body-malformed`
 */
export function parseBody(raw: Uint8Array, maxBytes: number): unknown {
  if (raw.byteLength > maxBytes) throw new Fault('body-too-large', { maxBytes });
  if (depthOf(raw) > MAX_DEPTH) throw new Fault('body-too-deep', { maxDepth: MAX_DEPTH });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw)) as unknown;
  } catch (cause) {
    throw new Fault('body-malformed', {}, cause);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENERS = new Set([0x5b, 0x7b]);
const CLOSERS = new Set([0x5d, 0x7d]);

/** The deepest nesting of brackets outside strings. Works on bytes: all of these are ASCII, also inside UTF-8. */
function depthOf(raw: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < raw.length; at += 1) {
    const byte = raw[at] ?? 0;
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPENERS.has(byte)) deepest = Math.max(deepest, (depth += 1));
    else if (CLOSERS.has(byte)) depth -= 1;
  }
  return deepest;
}
