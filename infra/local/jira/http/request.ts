import type { IncomingMessage } from 'node:http';
import { refuse } from '../model/problem.ts';

/** Longest body. @see ATLASSIAN.md §5, the size beyond which Jira drops payloads */
const BODY_LIMIT = 25_000_000;
/** Deepest JSON; documents have at most 100 levels of objects. */
const DEPTH_LIMIT = 256;

/** A request read in full. `body` is undefined when there was none. */
export interface Read {
  readonly body: unknown;
  readonly bytes: number;
}

/** Reads and parses a request's body. @throws JiraProblem 413 when it is too long, 400 when it is no JSON or too deep */
export async function readBody(request: IncomingMessage): Promise<Read> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT) throw refuse(413, 'The request body is too large.');
    chunks.push(chunk);
  }
  if (bytes === 0) return { body: undefined, bytes };
  const text = Buffer.concat(chunks).toString('utf8');
  if (depthOf(text) > DEPTH_LIMIT) throw refuse(400, 'The request body is nested too deeply.');
  return { body: parse(text), bytes };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refuse(400, 'There was an error parsing JSON. Check that your request body is valid.');
  }
}

/** Counts brackets outside strings, so that no recursion meets a hostile body. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, (depth += 1));
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}
