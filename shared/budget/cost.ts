/** What a call costs in Jira's points. @see ATLASSIAN.md §6.1 */

/** Base of every call, and the whole price of a write. */
const BASE = 1;
/** An issue, project, comment, … that an answer holds. */
const CORE = 1;
/** A person, a group, a permission of a person. */
const IDENTITY = 2;

/** A call as far as its price is concerned. `path` is below `/rest/api/3`. */
export interface Priced {
  readonly path: string;
  /** A write costs one point, whatever it returns. */
  readonly isWrite: boolean;
}

/** What lists are called in answers. */
const LISTS = ['issues', 'comments', 'values', 'issueTypes', 'fields', 'worklogs', 'users', 'issueChangeLogs'] as const;

/** The price of an answered call: 1, and per object in the answer 1, or 2 for objects that tell of people. */
export function pointsOf(call: Priced, body: unknown): number {
  if (call.isWrite) return BASE;
  return BASE + objectsIn(body) * (isIdentity(call) ? IDENTITY : CORE);
}

/** The least that a call can cost, known before it is made: a list may turn out to be empty. */
export function leastPoints(call: Priced): number {
  if (call.isWrite) return BASE;
  return BASE + (isIdentity(call) ? IDENTITY : CORE);
}

function isIdentity({ path }: Priced): boolean {
  return /^\/(?:user|users|myself|permissions|mypermissions|group)(?:[/?]|$)/.test(path);
}

/** A list's length; one for an answer that is one thing; none without an answer. */
function objectsIn(body: unknown): number {
  if (Array.isArray(body)) return body.length;
  if (typeof body !== 'object' || body === null) return 0;
  for (const name of LISTS) {
    const list: unknown = Object.getOwnPropertyDescriptor(body, name)?.value;
    if (Array.isArray(list)) return list.length;
  }
  return 1;
}
