/** Where in an outside value something is odd, told in names of ours alone. */
import { z } from 'zod';

/** What stands for a name that whoever sent the value has chosen. */
const THEIRS = '*';
const known = new WeakMap<z.ZodType, ReadonlySet<string>>();

/**
 * The place of the first problem, for example `values.priority.*`. Names of members that the schema itself has and numbers stay; keys of
 * tables are values of a customer, such as names of statuses or account ids, and would get into logs and answers with the place.
 */
export function placeIn(error: z.ZodError, schema: z.ZodType): string {
  return named((error.issues[0]?.path ?? []).map(String), [schema]);
}

/** A place that was found without a schema, `rules.0.name`, in names that one of these has. */
export function ourPlace(place: string, schemas: readonly z.ZodType[]): string {
  return named(place === '' ? [] : place.split('.'), schemas);
}

function named(path: readonly string[], schemas: readonly z.ZodType[]): string {
  const isOurs = (part: string): boolean =>
    /^\d{1,6}$/.test(part) || schemas.some((schema) => namesIn(schema).has(part));
  return path.map((part) => (isOurs(part) ? part : THEIRS)).join('.');
}

/** Every name of a member anywhere in the schema. */
function namesIn(schema: z.ZodType): ReadonlySet<string> {
  const made = known.get(schema);
  if (made !== undefined) return made;
  const names = new Set<string>();
  // Behind a transform only one of the two tells anything.
  for (const io of ['input', 'output'] as const) gather(z.toJSONSchema(schema, { unrepresentable: 'any', io }), names);
  known.set(schema, names);
  return names;
}

function gather(value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value) as readonly (readonly [string, unknown])[]) {
    if (key === 'properties' && typeof part === 'object' && part !== null)
      for (const name of Object.keys(part)) names.add(name);
    gather(part, names);
  }
}
