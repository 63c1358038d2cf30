/** Which categories belong into a backup. Derived from the catalogue, so that a new row takes part by being there. Pure. @see SPEC.md B1–B2 */
import { depthOf } from '../retention/address.ts';
import { categories, rowOf } from '../retention/catalogue.ts';
import type { Category } from '../retention/catalogue.ts';

/**
 * Records of the running house: an older copy of them would be wrong, and each is made anew by whoever needs it. The purge's progress
 * is one of them because it says that something is gone already; the store's epoch, because a restored store must not look like the
 * one that is known.
 */
const ofTheMoment: readonly Category[] = ['purge', 'storeEpoch', 'budget'];

/** Does a category belong into a backup? Never an identity, a key or the ledger. */
export function isBackedUp(category: Category): boolean {
  const { database, statement } = rowOf(category);
  return database === '(default)' && statement !== 'identity' && !ofTheMoment.includes(category);
}

/**
 * The categories of a backup in the order in which they are read: children before their parents and tenants last, so that what is in
 * the set has its parents there, unless these went meanwhile.
 */
export const backedUp: readonly Category[] = categories
  .filter(isBackedUp)
  .toSorted((one, other) => rank(other) - rank(one));

/** The category after this one; the first without one. */
export function categoryAfter(category?: Category): Category | undefined {
  return backedUp[category === undefined ? 0 : backedUp.indexOf(category) + 1];
}

function rank(category: Category): number {
  return category === 'tenant' ? -1 : depthOf(category);
}
