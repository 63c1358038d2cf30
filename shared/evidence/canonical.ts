/** One text for one value: what hashes and signatures of evidence are made over. Pure. @see RFC 8785 */
import { createHash } from 'node:crypto';
import { Fault } from '../verdict.ts';

/**
 * Canonical JSON: no white space, names sorted by UTF-16 code units, numbers and texts as `JSON.stringify` writes them
 * (which is what RFC 8785 asks for). Members that are `undefined` are left out.
 * @throws Fault `bug` for what JSON cannot say: NaN, infinities, functions, lone surrogates
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => `${canonical(name)}:${canonical(member)}`);
    return `{${members.join(',')}}`;
  }
  if (!isPlain(value)) throw new Fault('bug', { unexpected: typeof value });
  return JSON.stringify(value);
}

function isPlain(value: unknown): value is string | number | boolean | null {
  if (typeof value === 'string') return value.isWellFormed();
  return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'boolean' || value === null;
}

/** SHA-256 over the canonical JSON of a value, hex. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value), 'utf8').digest('hex');
}
