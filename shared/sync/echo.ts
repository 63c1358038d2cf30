import { createHash } from 'node:crypto';
import { canonical } from '../adf/canonical.ts';
import type { AdfDoc } from '../model/adf.ts';
import { valueHash, type ValueHash } from '../model/ids.ts';
import { kindOf, type FieldKind, type FieldName } from '../model/field.ts';
import type { FieldValue } from '../model/replica.ts';

/**
 * The hash by which a value is recognised when it comes back: equal for values of the same meaning. Documents are compared in
 * their canonical form, an empty document is an empty field, sets have no order, and a text has no space around it. Only the
 * kind counts, not the name, so that fields of two names can be compared.
 */
export function hashOf(field: FieldName, value: FieldValue): ValueHash {
  return digest([kindOf(field), meaningOf(value, kindOf(field))]);
}

/** True for what counts as an empty field. */
export function isNothing(field: FieldName, value: FieldValue): boolean {
  return meaningOf(value, kindOf(field)) === null || (Array.isArray(value) && value.length === 0);
}

/** The hash of a comment's text; `null` (no body) hashes as the empty document. */
export function hashOfBody(doc: AdfDoc | null): ValueHash {
  return digest(['body', meaningOf(doc, 'richText')]);
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

function meaningOf(value: FieldValue, kind: FieldKind): unknown {
  if (value === null || typeof value === 'number') return value;
  if (typeof value === 'string') return wordOf(value, kind);
  if (isDoc(value)) {
    const { content } = canonical(value);
    return content.length === 0 ? null : content;
  }
  if (kind === 'cascade') return value.length === 0 ? null : value;
  return [...new Set(value)].sort();
}

/** Sites write one instant in many ways; one that cannot be read means what it says. */
function wordOf(text: string, kind: FieldKind): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const at = kind === 'dateTime' ? Date.parse(trimmed) : Number.NaN;
  return Number.isNaN(at) ? trimmed : at;
}
