/**
 * Atlassian's query string hash: SHA-256 over a canonical form of a request, so that a token belongs to one request.
 * Pure. @see ATLASSIAN.md §4.2
 */
import { createHash } from 'node:crypto';

/** A request as far as the hash looks at it. */
export interface HashedRequest {
  readonly method: string;
  /** The raw path and query as they were sent; never a rewritten one. */
  readonly target: string;
  /** The path of our own base URL, which the hash leaves out; empty when we live at the root. */
  readonly basePath?: string;
  /** A form body; it stands in for the query of a POST or PUT that has none. JSON bodies never count. */
  readonly form?: string;
}

/** The constant that stands in for a hash in tokens that a page may use for any request. @see ATLASSIAN.md §4.3 */
export const CONTEXT_HASH = 'context-qsh';

/** The text that is hashed. */
export function canonicalRequest(request: HashedRequest): string {
  const at = request.target.indexOf('?');
  const path = at < 0 ? request.target : request.target.slice(0, at);
  const query = at < 0 ? '' : request.target.slice(at + 1);
  const takesForm = query === '' && ['POST', 'PUT'].includes(request.method.toUpperCase());
  return [
    request.method.toUpperCase(),
    canonicalPath(path, request.basePath ?? ''),
    canonicalQuery(takesForm ? (request.form ?? '') : query),
  ].join('&');
}

/** The hash that we put into our own tokens: lower-case hex. */
export function queryHash(request: HashedRequest): string {
  return sha256(canonicalRequest(request));
}

/**
 * The hashes that fit a request: one, or two when its path has an apostrophe. Atlassian's Java implementation keeps an
 * apostrophe as it is and its npm package writes `%27`, so that both are met in the wild.
 */
export function acceptedHashes(request: HashedRequest): readonly string[] {
  const at = request.target.indexOf('?');
  const path = at < 0 ? request.target : request.target.slice(0, at);
  const query = at < 0 ? '' : request.target.slice(at);
  const spellings = new Set([request.target, path.replaceAll("'", '%27') + query, path.replaceAll('%27', "'") + query]);
  return [...new Set([...spellings].map((target) => queryHash({ ...request, target })))];
}

function canonicalPath(path: string, basePath: string): string {
  const isUnder = basePath !== '' && (path === basePath || path.startsWith(`${basePath}/`));
  // Unescaped, `/a&b=c` and `/a?b=c` would have the same hash.
  const bare = (isUnder ? path.slice(basePath.length) : path).replaceAll('&', '%26');
  const rooted = bare.startsWith('/') ? bare : `/${bare}`;
  return rooted.length > 1 && rooted.endsWith('/') ? rooted.slice(0, -1) : rooted;
}

function canonicalQuery(query: string): string {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === 'jwt') continue;
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return [...values]
    .sort(([one], [other]) => byCodeUnit(one, other))
    .map(([name, all]) => `${encode(name)}=${all.sort(byCodeUnit).map(encode).join(',')}`)
    .join('&');
}

function byCodeUnit(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** RFC 3986: all but unreserved characters; `encodeURIComponent` leaves five more. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
