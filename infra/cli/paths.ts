/** How commands name things of the API, follow its pages and read files. */
import { readFile } from 'node:fs/promises';
import { Misused, need } from './arguments.ts';
import type { Arguments } from './arguments.ts';

/** Pages of a listing that one call follows: 1,000 twins are enough for a terminal. */
const MAX_PAGES = 20;

/** The address of the connection that was named. */
export function pathOf(given: Arguments): string {
  return `/connections/${encodeURIComponent(need(given, 'connection'))}`;
}

/** The address with the side that was named, and more. */
export function withQuery(
  path: string,
  given: Arguments,
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ side: given.options.side, ...more }))
    if (value !== undefined) query.set(name, value);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/** Follows the pages of a listing. */
export async function pages<T>(
  read: (after: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next?: string | undefined }>,
  maxPages = MAX_PAGES,
): Promise<readonly T[]> {
  const all: T[] = [];
  let after: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { items, next } = await read(after);
    all.push(...items);
    if (next === undefined) break;
    after = next;
  }
  return all;
}

/** A file of text. @throws Misused */
export async function textFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Misused(`${file} cannot be read.`, { cause });
  }
}

/** A file of JSON. @throws Misused */
export async function jsonFile(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new Misused(`${file} cannot be read as JSON.`, { cause });
  }
}
