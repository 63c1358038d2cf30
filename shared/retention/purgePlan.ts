/** What a purge deletes, and in which order: from the catalogue, so that a new row takes part by being there. Pure. @see SPEC.md R14–R16 */
import { depthOf, isOwned } from './address.ts';
import { categories, rowOf } from './catalogue.ts';
import type { OwnedCategory } from './catalogue.ts';

const inDeletion: readonly OwnedCategory[] = categories
  .filter(isOwned)
  .filter((category) => rowOf(category).purge === 'delete');

/** Records of the main database go with their count in one transaction; names have a database of their own, and no transaction. */
export function isInMain(category: OwnedCategory): boolean {
  return rowOf(category).database === '(default)';
}

/**
 * The categories to delete, in order: children before their parents, so that a crash never leaves a record that no
 * path leads to; the tenant record last, because it is the fence and the way back in.
 */
export const purgePlan: readonly OwnedCategory[] = inDeletion
  .filter((category) => rowOf(category).database !== 'vault')
  .toSorted((one, other) => rank(other) - rank(one));

/** Categories of the vault: destroyed only after the deletion was verified. @see THREATS.md T28 */
export const shredPlan: readonly OwnedCategory[] = inDeletion.filter(
  (category) => rowOf(category).database === 'vault',
);

/** The databases from which a purge removes data, as the receipt names them. */
export const purgedStores: readonly string[] = [...new Set(inDeletion.map((category) => rowOf(category).database))];

/** The names of the sealed fields of a category. */
export function sealedFieldsOf(category: OwnedCategory): readonly string[] {
  return Object.entries(rowOf(category).fields)
    .filter(([, field]) => field.kind === 'sealed')
    .map(([name]) => name);
}

function rank(category: OwnedCategory): number {
  return category === 'tenant' ? -1 : depthOf(category);
}
