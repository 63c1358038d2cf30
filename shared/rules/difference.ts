/** What one version of a rule document has and another has not. */
import type { RuleDocument } from '../model/rules.ts';

/** One place where two documents differ. `before` and `after` are JSON values; the one that is not there is absent. */
export interface Difference {
  /** Words that lead to the place: `['fields', 'summary', 'policy']`, `['values', 'status', 'Done']`. */
  readonly path: readonly string[];
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

type Leaf = readonly [path: readonly string[], value: unknown];

/** The differences of two documents, in the order of the later one; what only the earlier one has comes last. Versions do not count. */
export function differenceOf(before: RuleDocument, after: RuleDocument): readonly Difference[] {
  const old = leavesOf(before);
  const fresh = leavesOf(after);
  const found: Difference[] = [];
  for (const [path, value] of fresh) {
    const was = valueAt(old, path);
    if (was === undefined) found.push({ path, change: 'added', after: value });
    else if (JSON.stringify(was) !== JSON.stringify(value))
      found.push({ path, change: 'changed', before: was, after: value });
  }
  for (const [path, value] of old)
    if (valueAt(fresh, path) === undefined) found.push({ path, change: 'removed', before: value });
  return found;
}

/** True when two documents say the same, whatever their versions. */
export function isSameRules(one: RuleDocument, other: RuleDocument): boolean {
  return differenceOf(one, other).length === 0;
}

function valueAt(leaves: readonly Leaf[], path: readonly string[]): unknown {
  return leaves.find(([known]) => known.length === path.length && known.every((word, at) => word === path[at]))?.[1];
}

/** Every single thing that a document says. Rows and table entries go by their names, so that their order is no difference. */
function leavesOf({ version: _version, fields, values, transitionFields, ...rest }: RuleDocument): readonly Leaf[] {
  return [
    ...fields.flatMap(({ field, ...row }) => inside(['fields', field], row)),
    ...Object.entries(values).flatMap(([table, rows]) => inside(['values', table], rows ?? {})),
    ...Object.entries(transitionFields ?? {}).flatMap(([status, given]) => inside(['transitionFields', status], given)),
    ...Object.entries(rest).flatMap(([name, value]) =>
      isRecord(value) ? inside([name], value) : [[[name], value] as const],
    ),
  ].filter(([, value]) => value !== undefined);
}

/** An empty list of entries is still said: an attachment rule without filters lets every file through. */
function inside(path: readonly string[], record: object): readonly Leaf[] {
  const entries = Object.entries(record);
  return entries.length === 0 ? [[path, {}]] : entries.map(([name, value]) => [[...path, name], value] as const);
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
