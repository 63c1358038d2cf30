/**
 * What of a customer's records a support report holds: the categories that the catalogue flags, each field by its class. What is shown
 * to the person and what is kept for support is one text from one function. Pure. @see shared/retention/SPEC.md R61–R63, PROMISES.md E-28
 */
import { createHash } from 'node:crypto';
import { categories, rowOf } from '../retention/catalogue.ts';
import type { OwnedCategory } from '../retention/catalogue.ts';
import { isOwned } from '../retention/address.ts';
import type { Field, Fields } from '../retention/fields.ts';
import { canonical } from './canonical.ts';

/** The categories of a bundle, in the order of the catalogue. */
export const bundleCategories: readonly OwnedCategory[] = categories
  .filter(isOwned)
  .filter((category) => rowOf(category).inSupportBundle);

/** Bytes of a whole bundle: sealed, it fits into one stored record. */
export const BUNDLE_BYTES = 393_216;
/** Records of one category: the rest is counted. (Ours: a person reads the preview.) */
export const BUNDLE_RECORDS = 100;

/** A record that may go into a bundle, reduced to the asking customer's side. Sealed fields that nobody ticked are still closed. */
export interface BundleRecord {
  readonly category: OwnedCategory;
  readonly place: Readonly<Record<string, string>>;
  readonly row: Readonly<Record<string, unknown>>;
}

/** A bundle as it is shown, kept and handed to support: its text, and the hash under which a person agrees to it. */
export interface Bundle {
  readonly text: string;
  readonly hash: string;
}

/**
 * The parts that a person may tick: fields of a class that is replaced otherwise, as `category.field`. Secrets are none of them.
 */
export const bundleParts: readonly string[] = bundleCategories.flatMap((category) =>
  replacedIn(category, rowOf(category).fields),
);

function replacedIn(path: string, fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    if (field.parts !== undefined) return [...(field.isByLane === true ? [at] : []), ...replacedIn(at, field.parts)];
    return field.personal === 'none' || field.personal === 'secret' ? [] : [at];
  });
}

/**
 * The bundle of some records. `left`: how many of a category were not read at all. The same records and ticks give the same text,
 * whatever order they come in.
 */
export function bundleOf(
  about: Readonly<Record<string, string | number>>,
  records: readonly BundleRecord[],
  how: { readonly ticked: readonly string[]; readonly left: Readonly<Record<string, number>> },
): Bundle {
  const redaction = new Redaction(how.ticked);
  const kept: Record<string, unknown[]> = {};
  const left: Record<string, number> = { ...how.left };
  let bytes = 0;
  for (const record of inOrder(records)) {
    const line = { id: record.place, ...redaction.row(record) };
    bytes += Buffer.byteLength(canonical(line)) + 1;
    const list = (kept[record.category] ??= []);
    if (bytes <= BUNDLE_BYTES && list.length < BUNDLE_RECORDS) list.push(line);
    else left[record.category] = (left[record.category] ?? 0) + 1;
  }
  const text = canonical({ format: 'twinline-support', version: 1, about, ticked: how.ticked.toSorted(), kept, left });
  return { text, hash: createHash('sha256').update(text, 'utf8').digest('hex') };
}

function inOrder(records: readonly BundleRecord[]): readonly BundleRecord[] {
  const rank = (one: BundleRecord): string =>
    `${String(bundleCategories.indexOf(one.category)).padStart(3, '0')} ${canonical(one.place)}`;
  return records
    .filter(({ category }) => bundleCategories.includes(category))
    .toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

const HIDDEN = '[redacted]';
/** What our own ids, codes, hashes and states look like; what people write has other characters in it. */
const PLAIN = /^[A-Za-z0-9._:#~+/=>-]{0,300}$/;
const PLAIN_LANE = /^[a-z][A-Za-z]{0,40}$/;

/** Replaces by class. Values that only point at somebody get numbers: equal ones stay equal within one bundle. */
class Redaction {
  readonly #ticked: ReadonlySet<string>;
  readonly #numbers = new Map<string, string>();

  constructor(ticked: readonly string[]) {
    this.#ticked = new Set(ticked);
  }

  row({ category, row }: BundleRecord): Readonly<Record<string, unknown>> {
    return this.#parts(category, rowOf(category).fields, row);
  }

  #parts(path: string, fields: Fields, data: unknown): Readonly<Record<string, unknown>> {
    if (!isRecord(data)) return {};
    return Object.fromEntries(
      Object.entries(fields).flatMap(([name, field]) =>
        data[name] === undefined || field.personal === 'secret' || name === 'owners' || name === 'lease'
          ? []
          : [[name, this.#value(`${path}.${name}`, field, data[name])]],
      ),
    );
  }

  #value(path: string, field: Field, value: unknown): unknown {
    const parts = (one: unknown): unknown => this.#parts(path, field.parts ?? {}, one);
    switch (field.kind) {
      case 'shape':
        return parts(value);
      case 'rows':
        return Array.isArray(value) ? value.map(parts) : [];
      case 'table':
        return Object.fromEntries(
          Object.entries(isRecord(value) ? value : {}).map(([name, one]) => [
            this.#name(path, field, name),
            parts(one),
          ]),
        );
      case 'sealed':
        return this.#ticked.has(path) ? wellFormed(value) : HIDDEN;
      case 'texts':
        return Array.isArray(value) ? value.map((one) => this.#text(path, field, one)) : [];
      case 'text':
        return this.#text(path, field, value);
      case 'number':
      case 'flag':
        return value;
    }
  }

  #text(path: string, { personal, choices }: Field, value: unknown): unknown {
    if (typeof value !== 'string') return HIDDEN;
    if (this.#ticked.has(path)) return value.toWellFormed();
    if (choices?.includes(value) === true) return value;
    if (personal === 'none') return PLAIN.test(value) ? value : this.#numbered(value);
    return personal === 'indirect' ? this.#numbered(value) : HIDDEN;
  }

  #name(path: string, { isByLane }: Field, name: string): string {
    if (isByLane !== true || this.#ticked.has(path) || PLAIN_LANE.test(name)) return name;
    return this.#numbered(name);
  }

  #numbered(value: string): string {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const given = `[${this.#numbers.size + 1}]`;
    this.#numbers.set(value, given);
    return given;
  }
}

/** What people write may hold halves of signs, which no evidence may. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isRecord(value)) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.toWellFormed(), wellFormed(one)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
