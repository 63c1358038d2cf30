import { createHash } from 'node:crypto';
import { canonical } from '../adf/canonical.ts';
import type { AdfDoc } from '../model/adf.ts';
import { valueHash, type ValueHash } from '../model/ids.ts';
import type { FieldName, Replica } from '../model/replica.ts';

/** A field's value; `null` is an empty field. */
export type FieldValue = Exclude<Replica[FieldName], undefined>;

/**
 * The hash by which a value is recognised when it comes back: equal for values of the same meaning. Documents are compared in
 * their canonical form, an empty document is an empty field, sets have no order, and a summary has no space around it.
 */
export function hashOf(field: FieldName, value: FieldValue): ValueHash {
  return digest([field, meaningOf(value)]);
}

/** The hash of a comment's text; `null` (no body) hashes as the empty document. */
export function hashOfBody(doc: AdfDoc | null): ValueHash {
  return digest(['body', meaningOf(doc)]);
}

/** The hash of one element of a set. */
export function hashOfPart(element: string): ValueHash {
  return digest(['part', element]);
}

/** Hex SHA-256 over JSON. The caller sees to the order of keys: everything hashed here is a list or canonical. */
export function digest(value: unknown): ValueHash {
  return valueHash(createHash('sha256').update(JSON.stringify(value)).digest('hex'));
}

/** True for rich text. */
export function isDoc(value: FieldValue): value is AdfDoc {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function meaningOf(value: FieldValue): unknown {
  if (value === null) return null;
  if (typeof value === 'string') return value.trim();
  if (!isDoc(value)) return [...new Set(value)].sort();
  const { content } = canonical(value);
  return content.length === 0 ? null : content;
}
