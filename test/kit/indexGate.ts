/**
 * Which index each query needs, and whether `infra/firestore.indexes.json` has it. The emulator answers every query
 * without any index; production refuses those that lack theirs. @see https://firebase.google.com/docs/firestore/query-data/index-overview
 */
import { z } from 'zod';
import type { QueryShape } from '../../shared/gcp/firestore.ts';

const scope = z.enum(['COLLECTION', 'COLLECTION_GROUP']);
const order = z.enum(['ASCENDING', 'DESCENDING']);

/** The file's format, as Firebase's tools read it. @see https://firebase.google.com/docs/reference/firestore/indexes */
export const indexFile = z.strictObject({
  indexes: z.array(
    z.strictObject({
      collectionGroup: z.string(),
      queryScope: scope,
      fields: z.array(
        z.strictObject({
          fieldPath: z.string(),
          order: order.optional(),
          arrayConfig: z.literal('CONTAINS').optional(),
        }),
      ),
    }),
  ),
  fieldOverrides: z.array(
    z.strictObject({
      collectionGroup: z.string(),
      fieldPath: z.string(),
      indexes: z.array(
        z.strictObject({ queryScope: scope, order: order.optional(), arrayConfig: z.literal('CONTAINS').optional() }),
      ),
    }),
  ),
});

/** What the file says. */
export type IndexFile = z.infer<typeof indexFile>;

interface Wanted {
  readonly field: string;
  readonly kind: 'ASCENDING' | 'DESCENDING' | 'CONTAINS';
}

/** The indexes that the queries need and the file lacks, as lines for people. */
export function missingIndexes(file: IndexFile, shapes: readonly QueryShape[]): readonly string[] {
  const lines = shapes.filter((shape) => !isServed(file, shape)).map(lineOf);
  return [...new Set(lines)].sort();
}

function isServed(file: IndexFile, shape: QueryShape): boolean {
  const wanted = wantedBy(shape);
  const [only, ...more] = wanted;
  // Every collection and every collection group is in order of its names anyway, forwards.
  if (only === undefined) return shape.order.every(({ direction }) => direction === 'ASCENDING');
  return more.length === 0 ? hasSingle(file, shape, only) : hasComposite(file, shape, wanted);
}

/** The fields of the index, names of records left out: each index ends with them, in its last field's direction. */
function wantedBy({ filters, order: orders }: QueryShape): readonly Wanted[] {
  const wanted: Wanted[] = filters
    .filter(({ op }) => op === 'array-contains')
    .map(({ field }) => ({ field, kind: 'CONTAINS' }));
  for (const { field, direction } of orders) if (field !== '__name__') wanted.push({ field, kind: direction });
  const ordered = new Set(orders.map(({ field }) => field));
  for (const { field, op } of filters)
    if (op === '<=' && !ordered.has(field)) wanted.push({ field, kind: 'ASCENDING' });
  return wanted;
}

function hasSingle(file: IndexFile, shape: QueryShape, { field, kind }: Wanted): boolean {
  const override = file.fieldOverrides.find(
    (row) => row.collectionGroup === shape.collection && row.fieldPath === field,
  );
  // Without an override a field is indexed in its collections, and in no collection group.
  if (override === undefined) return shape.scope === 'COLLECTION';
  return override.indexes.some(
    (index) => index.queryScope === shape.scope && (index.order ?? index.arrayConfig) === kind,
  );
}

function hasComposite(file: IndexFile, shape: QueryShape, wanted: readonly Wanted[]): boolean {
  return file.indexes.some(
    (row) =>
      row.collectionGroup === shape.collection &&
      row.queryScope === shape.scope &&
      row.fields.length === wanted.length &&
      row.fields.every(({ fieldPath, order: direction, arrayConfig }, at) => {
        const want = wanted[at];
        return want?.field === fieldPath && want.kind === (direction ?? arrayConfig);
      }),
  );
}

function lineOf(shape: QueryShape): string {
  const fields = wantedBy(shape).map(({ field, kind }) => `${field} ${kind}`);
  return `${shape.scope} ${shape.collection}: ${fields.join(', ') || '__name__ DESCENDING'}`;
}
