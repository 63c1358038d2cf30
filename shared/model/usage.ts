/** Usage of the service in numbers: how often what was done on a day or in a month. Names no person and no issue. */

/** How often, by name: `api.get.connections`, `change.comment`. */
export type UseCounts = Readonly<Record<string, { readonly count: number }>>;

const MAX_NAME = 100;

/** The name under which calls of an API route are counted; ids are left out, because the route has none. */
export function useOfRoute(method: string, path: string): string {
  const words = path.split('/').filter((part) => part !== '' && !part.startsWith('{'));
  return ['api', method.toLowerCase(), ...words].join('.').slice(0, MAX_NAME);
}

/** The name under which changes of a kind are counted. */
export function useOfChange(kind: string): string {
  return `change.${kind}`.slice(0, MAX_NAME);
}

/** Both sums. */
export function addedUse(one: UseCounts, other: UseCounts): UseCounts {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].toSorted().map((name) => [name, { count: (one[name]?.count ?? 0) + (other[name]?.count ?? 0) }]),
  );
}

/** The month of a day: `2026-11` of `2026-11-25`. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}
