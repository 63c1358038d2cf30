/** Where customers' records are, as the purge and its verification ask. Pure. */
import { categories, rowOf } from './catalogue.ts';
import type { Category, OwnedCategory, Place } from './catalogue.ts';
import { categoryOfPath, placeOf } from './check.ts';

/** A category with the ids that address one of its records. */
export interface Placed {
  readonly category: Category;
  readonly place: Place<Category>;
}

/** The category and place of a path of the main database; `undefined` for a path that the catalogue does not name. */
export function placedAt(path: string): Placed | undefined {
  const category = categoryOfPath('(default)', path);
  return category === undefined ? undefined : { category, place: placeOf(category, path) };
}

/** The top of the tree that a record is in: `tenants/t-1` of `tenants/t-1/halves/c-1-a`. */
export function rootOf(path: string): string {
  return path.split('/', 2).join('/');
}

/** How many levels a category's path has: children have more than their parents. */
export function depthOf(category: Category): number {
  return rowOf(category).path.split('/').length;
}

/** Does a category hold data of a customer, with `owners` on every record? */
export function isOwned(category: Category): category is OwnedCategory {
  const { owner } = rowOf(category);
  return owner === 'tenant' || owner === 'connection';
}

/** Every category of data of a customer. */
export const ownedCategories: readonly OwnedCategory[] = categories.filter(isOwned);
