/** Paths of the catalogue, both ways. */
import { categories, rowOf } from './catalogue.ts';
import type { Category, OwnedCategory, Place } from './catalogue.ts';

/** A category with the ids that address one of its records. */
export type Placed = { readonly [C in Category]: { readonly category: C; readonly place: Place<C> } }[Category];

const part = /^\{(\w+)\}$/;

/** The path of a record: `tenants/t-1/halves/c-1`. */
export function pathOf<C extends Category>(category: C, place: Place<C>): string {
  const ids: Readonly<Record<string, string>> = place;
  return rowOf(category)
    .path.split('/')
    .map((step) => ids[part.exec(step)?.[1] ?? ''] ?? step)
    .join('/');
}

/** The category and place of a path; `undefined` for a path that the catalogue does not name. */
export function placedAt(path: string): Placed | undefined {
  for (const category of categories) {
    const place = matched(rowOf(category).path, path);
    const placed = { category, place };
    if (place !== undefined && isPlaced(placed)) return placed;
  }
  return undefined;
}

/** The top of the tree that a record is in: `tenants/t-1` of the path above. */
export function rootOf(path: string): string {
  return path.split('/', 2).join('/');
}

/** How many levels below the top a category's records are: children are deeper than their parents. */
export function depthOf(category: Category): number {
  return rowOf(category).path.split('/').length;
}

/** Does a category hold data of a customer, with `owners` on every record? */
export function isOwned(category: Category): category is OwnedCategory {
  const { owner } = rowOf(category);
  return owner === 'tenant' || owner === 'connection';
}

/** Every category of data of a customer, with its row. */
export const ownedCategories: readonly OwnedCategory[] = categories.filter(isOwned);

function matched(template: string, path: string): Readonly<Record<string, string>> | undefined {
  const want = template.split('/');
  const have = path.split('/');
  if (want.length !== have.length) return undefined;
  const ids: Record<string, string> = {};
  for (const [index, step] of want.entries()) {
    const name = part.exec(step)?.[1];
    const given = have[index] ?? '';
    if (name !== undefined && given !== '') ids[name] = given;
    else if (step !== given) return undefined;
  }
  return ids;
}

/** The names of a place are the `{…}` parts of its category's path, which {@link matched} has just filled. */
function isPlaced(candidate: { category: Category; place: unknown }): candidate is Placed {
  return candidate.place !== undefined;
}
