/**
 * What of a stored record a customer gets when it takes its data away, and the schema that says so. Both are made from the
 * catalogue, so that a new category or field takes part by being there. Pure. @see SPEC.md R40–R43, GDPR 28(3)(g)
 *
 * Of the records that two tenants own, each gets its own side and what it is shown anyway: its ids of issues and the
 * partner's, states, counts, instants, codes and both agreements. Values, hashes, ids of comments and files, and rules of the other side are
 * the partner's data; who it is at its platform stands in none of them. Inside one site both sides are the customer's own.
 */
import type { Side } from '../model/connection.ts';
import type { TenantRef } from '../model/tenant.ts';
import { isOwned } from './address.ts';
import { categories, rowOf } from './catalogue.ts';
import type { OwnedCategory } from './catalogue.ts';
import type { Field, Fields } from './fields.ts';

/** The categories of an export, in the order of the catalogue. What is derived, fleeting or secret is no part of it. */
export const exportedCategories: readonly OwnedCategory[] = categories
  .filter(isOwned)
  .filter((category) => rowOf(category).inExport);

/** Version of the format: changes when a reader of the older one would be misled. */
export const EXPORT_VERSION = 1;

/** The customer whose data are taken away, and which sides of a shared record are its own. */
export interface ExportView extends TenantRef {
  /** Absent: the record is of this tenant alone. */
  readonly sides?: readonly Side[];
}

/** Fields that are shown to both sides in the product, although their names say whose they are. */
const SHOWN_TO_BOTH: ReadonlySet<string> = new Set([
  ...(['twin.a', 'twin.b', 'drift.a', 'drift.b', 'job.chunk.a', 'job.chunk.b', 'jobPart.rows.a'] as const),
  ...(['jobPart.rows.b', 'connection.aContract', 'connection.bContract'] as const),
]);
/** Fields that may hold a value, or the hash of one, of either side. */
const OF_EITHER_SIDE: ReadonlySet<string> = new Set(['tried', 'lacks']);
/** Tells workers apart while they work, and nobody anything afterwards. */
const FLEETING: ReadonlySet<string> = new Set(['lease', 'owners']);

/** Is a record part of the export? A partner's tree holds records of ours that lead to its issues: they are the partner's. */
export function isExported(place: Readonly<Record<string, string>>, { tenant }: TenantRef): boolean {
  return place['tenant'] === undefined || place['tenant'] === tenant;
}

/** The sealed fields of a category that stay closed: secrets, and the other side's. */
export function closedFields(category: OwnedCategory, view: ExportView): readonly string[] {
  return Object.entries(rowOf(category).fields).flatMap(([name, field]) =>
    field.kind === 'sealed' && !isGiven(category, name, field, view) ? [name] : [],
  );
}

/** A record as the customer gets it. `opened` is what the sealed fields hold. */
export function exportedRow(
  category: OwnedCategory,
  row: Readonly<Record<string, unknown>>,
  opened: Readonly<Record<string, unknown>>,
  view: ExportView,
): Readonly<Record<string, unknown>> {
  const given = partsGiven(category, rowOf(category).fields, { ...row, ...opened }, view);
  return category === 'decision' ? { ...given, ...decisionGiven(given['content'], view) } : given;
}

function partsGiven(path: string, fields: Fields, data: unknown, view: ExportView): Readonly<Record<string, unknown>> {
  if (!isRecord(data)) return {};
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) =>
      data[name] === undefined || !isGiven(path, name, field, view)
        ? []
        : [[name, valueGiven(`${path}.${name}`, field, data[name], view)]],
    ),
  );
}

function valueGiven(path: string, field: Field, value: unknown, view: ExportView): unknown {
  const parts = (one: unknown): unknown => partsGiven(path, field.parts ?? {}, one, view);
  switch (field.kind) {
    case 'shape':
      return parts(value);
    case 'rows':
      return Array.isArray(value) ? value.map(parts) : [];
    case 'table':
      return Object.fromEntries(Object.entries(isRecord(value) ? value : {}).map(([name, one]) => [name, parts(one)]));
    default:
      return value;
  }
}

function isGiven(path: string, name: string, field: Field, { sides }: ExportView): boolean {
  if (FLEETING.has(name) || field.personal === 'secret') return false;
  if (sides === undefined || sides.length === 2) return true;
  if (OF_EITHER_SIDE.has(name)) return false;
  const side = sideInName(name);
  return side === undefined || sides.includes(side) || SHOWN_TO_BOTH.has(`${path}.${name}`);
}

/** Whose a field is by its name: `a`, `bHash`, `nowA`. */
function sideInName(name: string): Side | undefined {
  const [, letter] = /^([ab])(?:[A-Z]|$)/.exec(name) ?? /[a-z]([AB])$/.exec(name) ?? [];
  if (letter === undefined) return undefined;
  return letter.toLowerCase() === 'a' ? 'a' : 'b';
}

/** A decision was made from both issues and both rules: of two tenants each gets its own. */
function decisionGiven(content: unknown, { sides }: ExportView): Readonly<Record<string, unknown>> {
  if (sides === undefined || sides.length === 2) return {};
  const input = isRecord(content) && isRecord(content['input']) ? content['input'] : {};
  const rules = isRecord(input['rules']) ? input['rules'] : {};
  const own = (of: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(sides.flatMap((side) => (of[side] === undefined ? [] : [[side, of[side]]])));
  return { content: { input: { ...own(input), rules: own(rules) } } };
}

// ── The schema ──────────────────────────────────────────────────────────────────────────────────────────────────

/** A part of a JSON Schema (draft 2020-12), as far as the catalogue can speak. */
export interface Schema {
  readonly [name: string]: unknown;
}

/** The schema of an export: one definition for each category, of its `row`. */
export function exportSchema(): Schema {
  return {
    title: `Twinline export, version ${EXPORT_VERSION} (JSON Schema 2020-12)`,
    $defs: Object.fromEntries(exportedCategories.map((category) => [category, schemaOfRow(category)])),
  };
}

function schemaOfRow(category: OwnedCategory): Schema {
  const { fields, purpose, owner } = rowOf(category);
  return { description: purpose, ...schemaOfParts(fields, owner === 'connection') };
}

function schemaOfParts(fields: Fields, isShared: boolean): Schema {
  const given = Object.entries(fields).filter(([name, field]) => !FLEETING.has(name) && field.personal !== 'secret');
  const needed = given.filter(([name, { optional }]) => !optional && !(isShared && mayBeKept(name)));
  return {
    type: 'object',
    properties: Object.fromEntries(given.map(([name, field]) => [name, schemaOfField(field, isShared)])),
    required: needed.map(([name]) => name),
    additionalProperties: false,
  };
}

/** May a field of a shared record be missing because it is the other side's? */
function mayBeKept(name: string): boolean {
  return sideInName(name) !== undefined || OF_EITHER_SIDE.has(name);
}

function schemaOfField(field: Field, isShared: boolean): Schema {
  const { kind, choices, parts = {} } = field;
  switch (kind) {
    case 'text':
      return choices === undefined ? { type: 'string' } : { type: 'string', enum: choices };
    case 'number':
      return { type: 'number' };
    case 'flag':
      return { type: 'boolean' };
    case 'sealed':
      return { description: 'stored encrypted, here opened' };
    case 'texts':
      return { type: 'array', items: { type: 'string' } };
    case 'shape':
      return schemaOfParts(parts, isShared);
    case 'rows':
      return { type: 'array', items: schemaOfParts(parts, isShared) };
    case 'table':
      return { type: 'object', additionalProperties: schemaOfParts(parts, isShared) };
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
