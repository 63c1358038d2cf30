/**
 * The words in which the catalogue describes a field. A description is data (checked at run time by the store) and a
 * type (checked by the compiler): the same line refuses an undeclared field in both.
 */
import type { AccountId, Sealed } from '../model/ids.ts';

/** Where a value comes from: the customer's Jira, its platform, the people who configure, or ourselves. */
export type Origin = 'customer' | 'platform' | 'admin' | 'ours';

/** What a value says about a person. Sealed content counts as `freeText`. */
export type Personal = 'none' | 'indirect' | 'direct' | 'freeText' | 'secret';

export type Kind = 'text' | 'number' | 'flag' | 'sealed' | 'texts' | 'shape' | 'rows' | 'table';

/** One field of a stored record. `value` exists in the type only. */
export interface Field<T = unknown, Optional extends boolean = boolean> {
  readonly kind: Kind;
  readonly optional: Optional;
  readonly origin: Origin;
  readonly personal: Personal;
  /** For `table`: its elements are called by lanes, which admins' names of custom fields are a part of. */
  readonly isByLane?: true;
  /** Holds a person's account id at Atlassian: found, reported and erased by this mark. */
  readonly isAccount?: true;
  /** For texts with a closed list of values. */
  readonly choices?: readonly string[];
  /** For `shape`, `rows` and `table`: the fields of each element. */
  readonly parts?: Fields;
  readonly value?: T;
}

export type Fields = Readonly<Record<string, Field>>;

/** The TypeScript value that a description describes. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;
type OptionalNames<F extends Fields> = { [N in keyof F]: F[N] extends Field<unknown, true> ? N : never }[keyof F];

/** The record that a set of fields describes. */
export type RowOf<F extends Fields> = { readonly [N in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[N]> } & {
  readonly [N in OptionalNames<F>]?: ValueOf<F[N]>;
};

type Made<T> = Field<T, false>;

function field<T>(kind: Kind, origin: Origin, personal: Personal, parts?: Fields): Made<T> {
  return { kind, optional: false, origin, personal, ...(parts === undefined ? {} : { parts }) };
}

export const text = <T extends string = string>(origin: Origin = 'ours', personal: Personal = 'none'): Made<T> =>
  field<T>('text', origin, personal);
export const choice = <const T extends string>(...choices: readonly T[]): Made<T> => ({
  ...field<T>('text', 'ours', 'none'),
  choices,
});
/** A person's account id. */
export const account = (): Made<AccountId> => ({
  ...field<AccountId>('text', 'platform', 'indirect'),
  isAccount: true,
});
/** Epoch milliseconds. */
export const instant = (origin: Origin = 'ours'): Made<number> => field<number>('number', origin, 'none');
export const count = (): Made<number> => field<number>('number', 'ours', 'none');
export const flag = (): Made<boolean> => field<boolean>('flag', 'ours', 'none');
export const texts = <T extends string = string>(
  origin: Origin = 'ours',
  personal: Personal = 'none',
): Made<readonly T[]> => field<readonly T[]>('texts', origin, personal);
/** Content or a secret: AES-256-GCM under the owner's data key, base64. */
export const sealedField = (origin: Origin, personal: Personal): Made<Sealed> =>
  field<Sealed>('sealed', origin, personal);
/** One nested record. */
export const shape = <F extends Fields>(parts: F): Made<RowOf<F>> => field<RowOf<F>>('shape', 'ours', 'none', parts);
/** A list of nested records. */
export const rows = <F extends Fields>(parts: F): Made<readonly RowOf<F>[]> =>
  field<readonly RowOf<F>[]>('rows', 'ours', 'none', parts);
/** Nested records under names that are ids. */
export const table = <F extends Fields>(parts: F): Made<Readonly<Record<string, RowOf<F>>>> =>
  field<Readonly<Record<string, RowOf<F>>>>('table', 'ours', 'none', parts);
/** Nested records under names of lanes: a field, or `a>b`. */
export const laneTable = <F extends Fields>(parts: F): Made<Readonly<Record<string, RowOf<F>>>> => ({
  ...table(parts),
  origin: 'admin',
  isByLane: true,
});
/** The same field, allowed to be absent. */
export const maybe = <T>(of: Made<T>): Field<T, true> => ({ ...of, optional: true });
