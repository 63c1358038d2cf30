/**
 * Holds paths and records against the catalogue at run time. Both stores use it, so that what one refuses the other
 * refuses too. Pure.
 */
import { isLaneName } from '../model/field.ts';
import { Fault } from '../verdict.ts';
import { categories, rowOf } from './catalogue.ts';
import type { Category, Database, Place, RecordOf, Shelf } from './catalogue.ts';
import type { Field, Fields } from './fields.ts';

/** Firestore's limit of one document. @see https://cloud.google.com/firestore/quotas */
const DOCUMENT_BYTES = 1_048_576;
/** Firestore's limit of one request is 10 MiB, its emulator's 4 MiB, above which its client retries silently for minutes. */
const COMMIT_BYTES = 3_670_016;
/** Kept free: our estimate counts what the documentation says, not what the service does. */
const MARGIN_BYTES = 16_384;
/** A record may be this large by our estimate. */
const ROW_BYTES = DOCUMENT_BYTES - MARGIN_BYTES;
/** Firestore's overhead for a document, and for each map in it. @see https://cloud.google.com/firestore/docs/storage-size */
const MAP_BYTES = 32;
const PATH_BYTES = 16;
/** Firestore's limit of a document id. */
const ID_BYTES = 1_500;

/** Firestore's limit of a field's name. */
const NAME_BYTES = 1_500;

/** Names of a table are ids of ours; content has other characters in it. Lanes have names that their admins chose. */
const TABLE_NAME = /^[A-Za-z0-9._:#~-]{1,260}$/;
const OWNER = /^t-[0-9a-z-]{8,64}#[0-9]{1,6}$/;
/** What `shared/seal.ts` makes is longer than this: version, nonce and tag alone are 29 bytes. */
const SEALED = /^[A-Za-z0-9+/]{38,}={0,2}$/;
/** A field name that may stand in a fault: a mistake in code looks like this, content does not. */
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9]{0,40}$/;

/**
 * The path of one record, without a leading slash.
 * @throws Fault `store-refused` for a category, an id name or an id that the catalogue does not allow
 */
export function pathOf<C extends Category>(category: C, place: Place<C>): string {
  return filled(category, partsOfPath(category), place);
}

/** The path of a record whose category is known at run time only. @throws Fault `store-refused` */
export function pathAt(category: Category, place: Readonly<Record<string, string>>): string {
  return filled(category, partsOfPath(category), place);
}

/** The path of the collection that a record of this category is in. @throws Fault `store-refused` */
export function shelfPathOf<C extends Category>(category: C, shelf: Shelf<C>): string {
  return filled(category, partsOfPath(category).slice(0, -1), shelf);
}

/** The last collection's name of a category; no two categories of a database share one. */
export function collectionOf(category: Category): string {
  return partsOfPath(category).at(-2) ?? '';
}

/** The database of a category. @throws Fault `store-refused` for a category that the catalogue does not name */
export function databaseOf(category: Category): Database {
  partsOfPath(category);
  return rowOf(category).database;
}

/** The category of a path in a database, when the catalogue names one. */
export function categoryOfPath(database: Database, path: string): Category | undefined {
  const parts = path.split('/');
  const alike = byCollection.get(`${database}/${parts.at(-2) ?? ''}`) ?? [];
  return alike.find((category) => idsIn(category, parts) !== undefined);
}

/**
 * The place of a path of this category.
 * @throws Fault `store-record-odd` when the path is not one of this category
 */
export function placeOf<C extends Category>(category: C, path: string): Place<C> {
  const ids = idsIn(category, path.split('/'));
  if (!isPlace<C>(ids)) throw new Fault('store-record-odd', { category, field: 'path' });
  return ids;
}

/** The most that one page of a listing may ask for: a page has to fit into a function's memory. */
export const PAGE_LIMIT = 5_000;

/**
 * Lets a page's limit and start pass. The start is a path in a collection of the category: pages may have been asked for from outside.
 * @throws Fault `store-refused`
 */
export function checkPage(category: Category, limit: number, after?: string): void {
  const isFit = Number.isInteger(limit) && limit > 0 && limit <= PAGE_LIMIT;
  if (!isFit) throw new Fault('store-refused', { category, field: 'limit' });
  if (after === undefined) return;
  const parts = after.split('/');
  const isPath =
    parts.length % 2 === 0 && parts.every((part) => part !== '') && parts.at(-2) === collectionOf(category);
  if (!isPath) throw new Fault('store-refused', { category, field: 'after' });
}

/** Lets a walk's limit and start pass. @throws Fault `store-refused` */
export function checkWalk(limit: number, after?: string): void {
  if (!Number.isInteger(limit) || limit <= 0 || limit > PAGE_LIMIT)
    throw new Fault('store-refused', { field: 'limit' });
  if (after !== undefined) checkRecordPath(after);
}

/** Lets the path of a record pass, and the empty one. @throws Fault `store-refused` */
export function checkRecordPath(path: string): void {
  const parts = path === '' ? [] : path.split('/');
  if (parts.length % 2 === 1 || parts.includes('')) throw new Fault('store-refused', { field: 'path' });
}

/** Lets a category pass whose records carry owners. @throws Fault `store-refused` */
export function checkOwned(category: Category): void {
  partsOfPath(category);
  if (!Object.hasOwn(rowOf(category).fields, 'owners')) throw new Fault('store-refused', { category, field: 'owners' });
}

/** Lets a number field of a category pass. @throws Fault `store-refused` */
export function checkNumberField(category: Category, field: string): void {
  partsOfPath(category);
  if (rowOf(category).fields[field]?.kind !== 'number')
    throw new Fault('store-refused', { category, field: safe(field) });
}

/**
 * Lets a record of the catalogue pass.
 * @throws Fault `store-refused` naming category and field; `row-too-large`
 */
export function checkRow<C extends Category>(category: C, row: RecordOf<C>): void {
  const odd = oddIn(category, row);
  if (odd !== undefined) throw new Fault('store-refused', { category, field: odd });
  const bytes = sizeOf(row);
  if (bytes > ROW_BYTES) throw new Fault('row-too-large', { category, bytes });
}

/**
 * Lets the writes of one commit pass; those without data are removals.
 * @throws Fault `row-too-large`
 */
export function checkCommit(writes: readonly { readonly path: string; readonly data?: unknown }[]): void {
  const bytes = writes.reduce(
    (sum, { path, data }) => sum + sizeOfPath(path) + (data === undefined ? 0 : sizeOf(data)),
    0,
  );
  if (bytes > COMMIT_BYTES) throw new Fault('row-too-large', { bytes, writes: writes.length });
}

/**
 * Reads what a database holds as a record of the catalogue. A field more than the catalogue names is odd too: it is
 * data without a purpose and without an end.
 * @throws Fault `store-record-odd` naming category and field
 */
export function readRow<C extends Category>(category: C, data: unknown): RecordOf<C> {
  if (isRow(category, data)) return data;
  throw new Fault('store-record-odd', { category, field: oddIn(category, data) ?? '' });
}

/** Bytes of a value as Firestore counts them, path left out. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 1;
  if (typeof value === 'number') return 8;
  if (Array.isArray(value)) return value.reduce((sum: number, element) => sum + sizeOf(element), 0);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce(
    (sum, [name, part]) => sum + Buffer.byteLength(name) + 1 + sizeOf(part),
    MAP_BYTES,
  );
}

/** Bytes of a path as Firestore counts them. */
function sizeOfPath(path: string): number {
  return path.split('/').reduce((sum, part) => sum + Buffer.byteLength(part) + 1, PATH_BYTES);
}

/** The templates of all paths by their parts, taken apart once: each call of a store asks for some. */
const templates: ReadonlyMap<Category, readonly string[]> = new Map(
  categories.map((category) => [category, rowOf(category).path.split('/')]),
);
/** The categories of a database and a last collection's name; nearly always one. */
const byCollection: ReadonlyMap<string, readonly Category[]> = Map.groupBy(
  categories,
  (category) => `${rowOf(category).database}/${templates.get(category)?.at(-2) ?? ''}`,
);

function partsOfPath(category: Category): readonly string[] {
  const parts = templates.get(category);
  if (parts === undefined) throw new Fault('store-refused', { field: 'category' });
  return parts;
}

/** The ids that a path holds where the template has names; absent when it is no path of the category. */
function idsIn(category: Category, have: readonly string[]): Readonly<Record<string, string>> | undefined {
  const want = partsOfPath(category);
  if (have.length !== want.length) return undefined;
  const ids: Record<string, string> = {};
  for (const [index, part] of want.entries()) {
    const given = have[index] ?? '';
    if (isName(part)) ids[nameIn(part)] = given;
    else if (part !== given) return undefined;
  }
  return ids;
}

function filled(category: Category, template: readonly string[], ids: Readonly<Record<string, string>>): string {
  const extra = Object.keys(ids).find((name) => !template.includes(`{${name}}`));
  if (extra !== undefined) throw new Fault('store-refused', { category, field: safe(extra) });
  return template.map((part) => (isName(part) ? idOf(category, nameIn(part), ids[nameIn(part)]) : part)).join('/');
}

function idOf(category: Category, name: string, id: unknown): string {
  const isFit =
    typeof id === 'string' &&
    id !== '' &&
    id !== '.' &&
    id !== '..' &&
    !id.includes('/') &&
    !/^__.*__$/.test(id) &&
    Buffer.byteLength(id) <= ID_BYTES;
  if (!isFit) throw new Fault('store-refused', { category, field: name });
  return id;
}

function isName(part: string): boolean {
  return part.startsWith('{');
}

function nameIn(part: string): string {
  return part.slice(1, -1);
}

/** What {@link idsIn} finds has every name of the category's path and no other. */
function isPlace<C extends Category>(ids: Readonly<Record<string, string>> | undefined): ids is Place<C> {
  return ids !== undefined;
}

function isRow<C extends Category>(category: C, data: unknown): data is RecordOf<C> {
  return oddIn(category, data) === undefined;
}

/** The path of the first thing in a record that the catalogue does not allow. */
function oddIn(category: Category, data: unknown): string | undefined {
  const { fields, owner } = rowOf(category);
  const odd = oddInParts(fields, data);
  if (odd !== undefined) return odd === '' ? '.' : odd;
  const isOwned = owner === 'tenant' || owner === 'connection';
  return isOwned && !(isRecord(data) && hasOwners(data['owners'])) ? 'owners' : undefined;
}

function hasOwners(owners: unknown): boolean {
  return (
    Array.isArray(owners) && owners.length > 0 && owners.every((one) => typeof one === 'string' && OWNER.test(one))
  );
}

function oddInParts(fields: Fields, data: unknown): string | undefined {
  if (!isRecord(data)) return '';
  const extra = Object.keys(data).find((name) => !Object.hasOwn(fields, name));
  if (extra !== undefined) return safe(extra);
  for (const [name, field] of Object.entries(fields)) {
    if (field.optional && !Object.hasOwn(data, name)) continue;
    const odd = oddInField(field, data[name]);
    if (odd !== undefined) return joined(name, odd);
  }
  return undefined;
}

/** Empty when the value itself is odd, a path below it when a part of it is. */
function oddInField(field: Field, value: unknown): string | undefined {
  switch (field.kind) {
    case 'text':
      return isText(field, value) ? undefined : '';
    case 'number':
      return Number.isFinite(value) ? undefined : '';
    case 'flag':
      return typeof value === 'boolean' ? undefined : '';
    case 'sealed':
      return typeof value === 'string' && SEALED.test(value) ? undefined : '';
    case 'texts':
      return Array.isArray(value) && value.every((one) => isText(field, one)) ? undefined : '';
    case 'shape':
      return oddInParts(field.parts ?? {}, value);
    case 'rows':
      return Array.isArray(value) ? oddInAll(field, value) : '';
    case 'table':
      if (!isRecord(value)) return '';
      return Object.keys(value).every((name) => isTableName(field, name)) ? oddInAll(field, Object.values(value)) : '*';
  }
}

function isTableName({ isByLane }: Field, name: string): boolean {
  if (isByLane !== true) return TABLE_NAME.test(name);
  return isLaneName(name) && Buffer.byteLength(name) <= NAME_BYTES;
}

function oddInAll(field: Field, elements: readonly unknown[]): string | undefined {
  for (const element of elements) {
    const odd = oddInParts(field.parts ?? {}, element);
    if (odd !== undefined) return joined('*', odd);
  }
  return undefined;
}

function isText(field: Field, value: unknown): boolean {
  return typeof value === 'string' && (field.choices?.includes(value) ?? true);
}

function joined(name: string, below: string): string {
  return below === '' ? name : `${name}.${below}`;
}

function safe(name: string): string {
  return PLAIN_NAME.test(name) ? name : '?';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
