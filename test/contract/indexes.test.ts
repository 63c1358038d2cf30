/** Every query that we send has its index in the file that production is set up with. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FirestoreStore } from '../../shared/gcp/firestore.ts';
import type { QueryShape } from '../../shared/gcp/firestore.ts';
import type { Store } from '../../shared/ports.ts';
import { categories, rowOf } from '../../shared/retention/catalogue.ts';
import type { Category } from '../../shared/retention/catalogue.ts';
import { collectionOf } from '../../shared/retention/check.ts';
import type { Field } from '../../shared/retention/fields.ts';
import { emulatorHosts, ownProject } from '../kit/emulators.ts';
import { indexFile, missingIndexes } from '../kit/indexGate.ts';
import type { IndexFile } from '../kit/indexGate.ts';
import { one } from '../kit/rows.ts';

const root = resolve(import.meta.dirname, '../..');
const file = indexFile.parse(JSON.parse(readFileSync(join(root, 'infra/firestore.indexes.json'), 'utf8')));
const group = (category: Category): string => collectionOf(category);

/** Our code's text, tests left out. */
const code = ['functions', 'shared', 'infra'].flatMap(textsIn).join('\n');

function textsIn(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(join(root, path)).isDirectory()) return textsIn(path);
    return path.endsWith('.ts') ? [readFileSync(join(root, path), 'utf8')] : [];
  });
}

/** Which number fields are asked for what is due, as the code says. */
const dues = [...code.matchAll(/\.due\(\s*'(\w+)',\s*'(\w+)'/g)].map(
  ([, category = '', field = '']) => [category, field] as const,
);

describe.skipIf(emulatorHosts() === undefined)('the index file', () => {
  const shapes: QueryShape[] = [];
  const store = new FirestoreStore({
    project: ownProject('indexes'),
    emulatorHost: emulatorHosts()?.firestoreHost ?? '',
    onQuery: (shape) => shapes.push(shape),
  });
  afterAll(() => store.close());

  test('has a row for every query that the store sends for any category', async () => {
    for (const category of categories) await askEverything(store, category);
    expect(dues.length).toBeGreaterThan(3);
    for (const [category, field] of dues) await store.due(category as 'twin', field as 'wakeAt', 1, 1);
    expect(new Set(shapes.map(({ scope }) => scope))).toEqual(new Set(['COLLECTION', 'COLLECTION_GROUP']));
    expect(missingIndexes(file, shapes)).toEqual([]);
  });

  test('is found wanting when any row is taken out that a query needs', () => {
    const needed = file.fieldOverrides.filter(({ indexes }) => indexes.length > 0);
    expect(needed.length).toBeGreaterThan(10);
    for (const row of needed) {
      const without: IndexFile = { ...file, fieldOverrides: file.fieldOverrides.filter((other) => other !== row) };
      expect(missingIndexes(without, shapes), `${row.collectionGroup}.${row.fieldPath}`).toHaveLength(1);
    }
  });
});

async function askEverything(store: Store, category: Category): Promise<void> {
  await store.scan(category, { limit: 1 });
  if (Object.hasOwn(rowOf(category).fields, 'owners')) await store.owned(category, one, { limit: 1 });
  const names = [...rowOf(category).path.matchAll(/\{(\w+)\}/g)].slice(0, -1);
  const shelf = Object.fromEntries(names.map(([, name]) => [name, 'x']));
  await store.list(category, shelf as never, { limit: 1 });
}

/** Does a field hold content, or many values? */
function isBulky(field: Field): boolean {
  const { kind, parts = {} } = field;
  return kind === 'sealed' || kind === 'rows' || kind === 'table' || Object.values(parts).some(isBulky);
}

describe('the rows of the index file', () => {
  const bulky = categories.flatMap((category) =>
    Object.entries(rowOf(category).fields).flatMap(([name, field]) => (isBulky(field) ? [[category, name]] : [])),
  ) as [Category, string][];

  test.each(bulky)(
    'keep %s.%s out of every index: no content is copied there, and no write pays for it',
    (category, name) => {
      const row = file.fieldOverrides.find(
        (other) => other.collectionGroup === group(category) && other.fieldPath === name,
      );
      expect(row?.indexes).toEqual([]);
    },
  );

  test('name fields of the catalogue, once each', () => {
    const known = new Set(
      categories.flatMap((category) => Object.keys(rowOf(category).fields).map((name) => `${group(category)}.${name}`)),
    );
    const named = file.fieldOverrides.map(({ collectionGroup, fieldPath }) => `${collectionGroup}.${fieldPath}`);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
  });

  test('serve collection groups that no two categories share', () => {
    const groups = categories.map((category) => group(category));
    expect(new Set(groups).size).toBe(groups.length);
  });
});

describe('the gate', () => {
  const shape: QueryShape = {
    database: '(default)',
    collection: 'twins',
    scope: 'COLLECTION_GROUP',
    filters: [],
    order: [],
  };
  const empty: IndexFile = { indexes: [], fieldOverrides: [] };
  const ascending = (field: string) => ({ field, direction: 'ASCENDING' }) as const;
  const contains = { field: 'owners', op: 'array-contains' } as const;

  test.each<[string, QueryShape, IndexFile, number]>([
    ['names in order need none', { ...shape, order: [ascending('__name__')] }, empty, 0],
    ['names backwards need one', { ...shape, order: [{ field: '__name__', direction: 'DESCENDING' }] }, empty, 1],
    ['one field of a collection needs none', { ...shape, scope: 'COLLECTION', order: [ascending('wakeAt')] }, empty, 0],
    ['one field of a group needs one', { ...shape, order: [ascending('wakeAt')] }, empty, 1],
    [
      'an index of the collection does not serve the group',
      { ...shape, order: [ascending('wakeAt')] },
      single('COLLECTION', 'ASCENDING'),
      1,
    ],
    [
      'an index in the other direction does not serve',
      { ...shape, order: [ascending('wakeAt')] },
      single('COLLECTION_GROUP', 'DESCENDING'),
      1,
    ],
    ['the right one serves', { ...shape, order: [ascending('wakeAt')] }, single('COLLECTION_GROUP', 'ASCENDING'), 0],
    ['an exempted field serves nothing', { ...shape, scope: 'COLLECTION', order: [ascending('wakeAt')] }, exempt(), 1],
    [
      'two fields need a composite',
      { ...shape, scope: 'COLLECTION', filters: [contains], order: [ascending('wakeAt')] },
      empty,
      1,
    ],
    ['the composite serves', { ...shape, filters: [contains], order: [ascending('wakeAt')] }, composite(), 0],
  ])('%s', (_what, asked, given, missing) => {
    expect(missingIndexes(given, [asked])).toHaveLength(missing);
  });

  function single(queryScope: 'COLLECTION' | 'COLLECTION_GROUP', order: 'ASCENDING' | 'DESCENDING'): IndexFile {
    return {
      ...empty,
      fieldOverrides: [{ collectionGroup: 'twins', fieldPath: 'wakeAt', indexes: [{ queryScope, order }] }],
    };
  }

  function exempt(): IndexFile {
    return { ...empty, fieldOverrides: [{ collectionGroup: 'twins', fieldPath: 'wakeAt', indexes: [] }] };
  }

  function composite(): IndexFile {
    const fields = [
      { fieldPath: 'owners', arrayConfig: 'CONTAINS' as const },
      { fieldPath: 'wakeAt', order: 'ASCENDING' as const },
    ];
    return { ...empty, indexes: [{ collectionGroup: 'twins', queryScope: 'COLLECTION_GROUP', fields }] };
  }
});
