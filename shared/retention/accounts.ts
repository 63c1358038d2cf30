/**
 * Where account ids are in what is stored, how they are taken out, and when each is reported to Atlassian. Pure.
 * @see SPEC.md R47–R52, ATLASSIAN.md §8
 */
import { createHash } from 'node:crypto';
import { isFieldName, kindOf } from '../model/field.ts';
import { accountId } from '../model/ids.ts';
import type { AccountId } from '../model/ids.ts';
import { ownedCategories } from './address.ts';
import { rowOf } from './catalogue.ts';
import type { OwnedCategory } from './catalogue.ts';
import type { Field, Fields } from './fields.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What stands where an erased person's id was: no account is called so. */
export const ERASED: AccountId = accountId('erased-person');

/** How often each id is reported unless an answer says otherwise. @see ATLASSIAN.md §8 */
export const REPORT_CYCLE_MS = 7 * DAY_MS;
/** How often it is looked through which ids are stored: a new id is reported within its first cycle. (Ours.) */
export const CENSUS_MS = 6 * DAY_MS;
/** Ids of one report. @see ATLASSIAN.md §8 */
export const REPORT_LIMIT = 90;
/** Within which a closed account is erased everywhere. @see THREATS.md G15 */
export const ERASE_MS = DAY_MS;

/** The categories that may hold account ids: in a declared field, or inside something sealed that is no secret. */
export const peopleCategories: readonly OwnedCategory[] = ownedCategories.filter((category) => {
  const { fields, database } = rowOf(category);
  return database === '(default)' && Object.values(fields).some(mayHold);
});

function mayHold({ kind, isAccount, personal, parts = {} }: Field): boolean {
  if (isAccount === true) return true;
  return (kind === 'sealed' && personal !== 'secret') || Object.values(parts).some(mayHold);
}

/** Fields of a record that say when its content was read, in the order in which they count. */
const READ_AT = ['readAt', 'at', 'since', 'createdAt', 'startedAt'] as const;

/** When the content of a record was read from Jira, as far as it says. */
export function readAtOf(row: Readonly<Record<string, unknown>>): number | undefined {
  const times = READ_AT.map((name) => row[name]).filter((time) => typeof time === 'number');
  return times.length === 0 ? undefined : Math.min(...times);
}

// ── Finding ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Mentions of everybody look like accounts. */
const NOBODY: ReadonlySet<string> = new Set([ERASED, 'unknown', 'all', 'here']);
const PATTERN = /^[A-Za-z0-9:._-]{1,128}$/;
/** Members whose texts are people, wherever they stand: of rules, of what a person may be used for, of what was decided. */
const OF_PEOPLE: ReadonlySet<string> = new Set(['fallbackPerson', 'usable', 'author']);

/** Everybody whom a record names: in its declared fields and in what its sealed fields hold. */
export function accountsOf(
  category: OwnedCategory,
  row: Readonly<Record<string, unknown>>,
  opened: Readonly<Record<string, unknown>>,
): ReadonlySet<AccountId> {
  const found = new Set<AccountId>();
  declared(rowOf(category).fields, row, found);
  for (const value of Object.values(opened)) collect(value, found, false);
  return found;
}

function declared(fields: Fields, data: unknown, found: Set<AccountId>): void {
  if (!isRecord(data)) return;
  for (const [name, field] of Object.entries(fields)) {
    if (field.isAccount === true) add(data[name], found);
    else for (const element of elementsOf(field, data[name])) declared(field.parts ?? {}, element, found);
  }
}

function elementsOf({ kind }: Field, value: unknown): readonly unknown[] {
  if (kind === 'shape') return [value];
  if (kind === 'rows' && Array.isArray(value)) return value;
  return kind === 'table' && isRecord(value) ? Object.values(value) : [];
}

function collect(value: unknown, found: Set<AccountId>, isPeople: boolean): void {
  if (isPeople) add(value, found);
  if (Array.isArray(value)) for (const one of value) collect(one, found, isPeople);
  if (!isRecord(value)) return;
  if (value['type'] === 'mention' && isRecord(value['attrs'])) add(value['attrs']['id'], found);
  for (const [name, part] of Object.entries(value)) {
    if (name === 'people' && isRecord(part)) for (const one of Object.entries(part).flat()) add(one, found);
    else
      collect(part, found, OF_PEOPLE.has(name) || isOfUsers(name) || (name === 'default' && isOfUsers(value['field'])));
  }
}

function isOfUsers(name: unknown): boolean {
  return typeof name === 'string' && isFieldName(name) && (kindOf(name) === 'user' || kindOf(name) === 'users');
}

function add(value: unknown, found: Set<AccountId>): void {
  if (typeof value === 'string' && PATTERN.test(value) && !NOBODY.has(value)) found.add(accountId(value));
}

// ── Taking out ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Within a longer text only what cannot be a word is taken for an id: Atlassian's have 24 characters and more. */
const UNMISTAKABLE = 20;

/** A record's declared fields without these people; the very same object when it names none. */
export function rowWithout<T extends Readonly<Record<string, unknown>>>(
  category: OwnedCategory,
  row: T,
  gone: ReadonlySet<string>,
): T {
  return partsWithout(rowOf(category).fields, row, gone);
}

function partsWithout<T extends Readonly<Record<string, unknown>>>(
  fields: Fields,
  data: T,
  gone: ReadonlySet<string>,
): T {
  return changed(data, (name, value) => {
    const field = fields[name];
    if (field === undefined) return value;
    if (field.isAccount === true) return typeof value === 'string' && gone.has(value) ? ERASED : value;
    const part = (one: unknown): unknown => (isRecord(one) ? partsWithout(field.parts ?? {}, one, gone) : one);
    if (field.kind === 'shape') return part(value);
    if (field.kind === 'rows' && Array.isArray(value)) return mapped(value, part);
    return field.kind === 'table' && isRecord(value) ? changed(value, (_name, one) => part(one)) : value;
  });
}

/**
 * What a sealed field holds, without these people: a value that is their id becomes {@link ERASED}, an element of a list, a name in a
 * table of people and a fallback go, a mention loses the name it shows, and in longer texts (scripts, queries) the id is replaced. The very
 * same value when it names none of them.
 */
export function contentWithout(value: unknown, gone: ReadonlySet<string>): unknown {
  const long = [...gone].filter((one) => one.length >= UNMISTAKABLE).map((one) => one.replaceAll(/[.]/g, '\\.'));
  const within =
    long.length === 0 ? undefined : new RegExp(`(?<![A-Za-z0-9_-])(?:${long.join('|')})(?![A-Za-z0-9_-])`, 'g');
  return without(value, { gone, within });
}

interface Gone {
  readonly gone: ReadonlySet<string>;
  readonly within: RegExp | undefined;
}

function without(value: unknown, about: Gone): unknown {
  const { gone, within } = about;
  if (typeof value === 'string') {
    if (gone.has(value)) return ERASED;
    return within === undefined ? value : value.replaceAll(within, ERASED);
  }
  if (Array.isArray(value)) {
    const kept = value.some((one) => isGone(one, gone)) ? value.filter((one) => !isGone(one, gone)) : value;
    return mapped(kept, (one) => without(one, about));
  }
  if (!isRecord(value)) return value;
  const attrs = value['attrs'];
  if (value['type'] === 'mention' && isRecord(attrs) && isGone(attrs['id'], gone)) {
    const { text: _name, ...rest } = attrs;
    return { ...value, attrs: { ...rest, id: ERASED } };
  }
  return changed(value, (name, part) => {
    if (gone.has(name) || (name === 'fallbackPerson' && isGone(part, gone))) return undefined;
    if (name === 'people' && isRecord(part))
      return changed(part, (one, other) => (gone.has(one) || isGone(other, gone) ? undefined : other));
    return without(part, about);
  });
}

function isGone(value: unknown, gone: ReadonlySet<string>): boolean {
  return typeof value === 'string' && gone.has(value);
}

/** An object with other members; those that become `undefined` go. The very same when nothing changes. */
function changed<T extends Readonly<Record<string, unknown>>>(
  data: T,
  next: (name: string, value: unknown) => unknown,
): T {
  const entries = Object.entries(data).map(([name, value]) => [name, value, next(name, value)] as const);
  if (entries.every(([, before, after]) => before === after)) return data;
  return Object.fromEntries(
    entries.flatMap(([name, , after]) => (after === undefined ? [] : [[name, after]])),
  ) as unknown as T;
}

function mapped(list: readonly unknown[], next: (one: unknown) => unknown): readonly unknown[] {
  const after = list.map(next);
  return after.every((one, at) => one === list[at]) ? list : after;
}

// ── When ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * When an id is reported next: each has an hour of its own in the cycle, which its own characters choose. So reports are spread over all
 * hours, and an id that two tenants store comes up once for both.
 */
export function nextReportAt(account: AccountId, after: number, cycleMs: number): number {
  const hours = Math.max(1, Math.floor(cycleMs / HOUR_MS));
  const slot = (createHash('sha256').update(account).digest().readUInt32BE(0) % hours) * HOUR_MS;
  const begun = Math.floor((after - slot) / (hours * HOUR_MS)) * hours * HOUR_MS + slot;
  return begun > after ? begun : begun + hours * HOUR_MS;
}

/** The report after one that was made: a whole cycle later, never sooner; back in its own hour when that is so. */
export function reportAfter(account: AccountId, reportedAt: number, cycleMs: number): number {
  const next = nextReportAt(account, reportedAt, cycleMs);
  return next - reportedAt >= cycleMs - HOUR_MS ? next : reportedAt + cycleMs;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
