import { createHash } from 'node:crypto';

/**
 * The query string hash of a request, as Connect defines it: lower-case hex of the SHA-256 of the canonical request.
 * `target` is the raw request target (path and query, still encoded) relative to the application's base URL.
 * Written independently of the product's own, so that a mistake in one shows against the other. @see ATLASSIAN.md §4.2
 */
export function queryHash(method: string, target: string): string {
  return createHash('sha256').update(canonicalRequest(method, target)).digest('hex');
}

/** The canonical request that is hashed. */
export function canonicalRequest(method: string, target: string): string {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  return `${method.toUpperCase()}&${canonicalPath(path)}&${canonicalQuery(query)}`;
}

function canonicalPath(path: string): string {
  const slashed = path.startsWith('/') ? path : `/${path}`;
  const trimmed = slashed.length > 1 && slashed.endsWith('/') ? slashed.slice(0, -1) : slashed;
  return trimmed.replaceAll('&', '%26');
}

function canonicalQuery(query: string): string {
  const byName = new Map<string, string[]>();
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const equals = pair.indexOf('=');
    const name = recode(equals < 0 ? pair : pair.slice(0, equals));
    if (name === 'jwt') continue;
    const value = recode(equals < 0 ? '' : pair.slice(equals + 1));
    byName.set(name, [...(byName.get(name) ?? []), value]);
  }
  const names = [...byName.keys()].sort(byCodePoint);
  return names.map((name) => `${name}=${(byName.get(name) ?? []).sort(byCodePoint).join(',')}`).join('&');
}

function byCodePoint(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Decodes as a form would, then encodes everything but RFC 3986's unreserved characters. */
function recode(part: string): string {
  const decoded = Buffer.from(unescapeBytes(part.replaceAll('+', ' ')));
  return encodeURIComponent(decoded.toString('utf8')).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function unescapeBytes(part: string): number[] {
  const bytes: number[] = [];
  for (const piece of part.split(/(%[0-9a-fA-F]{2})/)) {
    if (/^%[0-9a-fA-F]{2}$/.test(piece)) bytes.push(Number.parseInt(piece.slice(1), 16));
    else bytes.push(...Buffer.from(piece, 'utf8'));
  }
  return bytes;
}
