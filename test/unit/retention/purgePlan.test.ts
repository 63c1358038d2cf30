import { describe, expect, test } from 'vitest';
import { depthOf, isOwned, placedAt, rootOf } from '../../../shared/retention/address.ts';
import { categories, rowOf } from '../../../shared/retention/catalogue.ts';
import { pathOf } from '../../../shared/retention/check.ts';
import { purgedStores, purgePlan, shredPlan } from '../../../shared/retention/purgePlan.ts';
import { storedTable } from '../../../shared/retention/storedTable.ts';

describe('the purge plan', () => {
  test('R14 holds every category of a customer once, the vault’s apart', () => {
    const all = categories.filter(isOwned);
    expect([...purgePlan, ...shredPlan].toSorted()).toEqual(all.toSorted());
    expect(shredPlan).toEqual(['key']);
    expect(purgedStores).toEqual(['(default)', 'vault', 'identity']);
  });

  test('R14 keeps nothing that carries owners: a row of a customer cannot be marked as kept', () => {
    for (const category of categories) {
      const row = rowOf(category);
      expect('owners' in row.fields, category).toBe(isOwned(category));
      expect(row.purge, category).toBe(isOwned(category) ? 'delete' : 'keep');
    }
  });

  test('R15 children go before their parents, and the tenant’s record last', () => {
    expect(purgePlan.at(-1)).toBe('tenant');
    for (const [index, category] of purgePlan.entries())
      for (const later of purgePlan.slice(index + 1))
        expect(depthOf(later), `${category} before ${later}`).toBeLessThanOrEqual(depthOf(category));
  });
});

describe('addresses', () => {
  test('lead back to the category and the ids that they were made from', () => {
    const place = { tenant: 't-00000001', half: 'c-00000001-a', version: '3' };
    const path = pathOf('rules', place);
    expect(placedAt(path)).toEqual({ category: 'rules', place });
    expect(rootOf(path)).toBe('tenants/t-00000001');
  });

  test.each(['tenants', 'tenants/t-1/secrets/x', 'elsewhere/x'])(
    'that the catalogue does not name lead nowhere: %s',
    (path) => {
      expect(placedAt(path)).toBeUndefined();
    },
  );
});

describe('the table of stored data', () => {
  test('has a row for every category and names the encrypted fields', () => {
    const lines = storedTable().split('\n');
    expect(lines).toHaveLength(categories.length + 2);
    const copy = lines.find((line) => line.includes('| copy |'));
    expect(copy).toBe(
      '| operation | copy | the latest and the previous version of a pair, reduced to what the rules share | connection | a, b | at the latest 30 days after either side left |',
    );
  });
});
