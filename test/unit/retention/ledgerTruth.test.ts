import { describe, expect, test } from 'vitest';
import { tenantId } from '../../../shared/model/ids.ts';
import type { Tenancy } from '../../../shared/model/tenant.ts';
import { lifeOf, receiptBefore, repairedTenancy } from '../../../shared/retention/ledgerTruth.ts';
import type { PurgeEntry } from '../../../shared/retention/ledgerTruth.ts';
import { replayLife } from '../../../shared/retention/tenancy.ts';

const tenant = tenantId('t-00000001');
const entry = (kind: PurgeEntry['kind'], at: number, more: Partial<PurgeEntry> = {}): PurgeEntry => ({
  tenant,
  generation: 1,
  kind,
  at,
  ...more,
});
const installed = entry('installed', 1);
const markedEntry = entry('marked', 2, { evidence: 'uninstalled', dueAt: 9 });
const purging = entry('purging', 10, { evidence: 'uninstalled', dueAt: 9 });
const purged = entry('purged', 11, { receiptHash: 'h1' });
const marks = { markedAt: 2, evidence: 'uninstalled', dueAt: 9 } as const;

const active: Tenancy = { tenant, generation: 1, state: 'active', enabled: true, licensed: true };
const marked: Tenancy = { ...active, state: 'marked', ...marks };

const live = active;
const inPurge: Tenancy = { ...marked, state: 'purging' };

describe('a life by the ledger', () => {
  test.each([
    ['nothing', [], undefined],
    ['an install', [installed], { tenancy: live }],
    ['a mark', [installed, markedEntry], { tenancy: marked }],
    ['a return', [installed, markedEntry, entry('returned', 3)], { tenancy: live }],
    ['a claim', [installed, markedEntry, purging], { tenancy: inPurge }],
    [
      'its end',
      [installed, markedEntry, purging, purged],
      { tenancy: { ...marked, state: 'purged' }, receiptHash: 'h1' },
    ],
    ['a restore', [installed, markedEntry, entry('restored', 4)], { tenancy: marked }],
    [
      'the next life',
      [installed, markedEntry, purging, entry('installed', 11, { generation: 2 })],
      { tenancy: inPurge },
    ],
  ])('R17 is read from its entries: %s', (_what, entries, life) => {
    expect(lifeOf(entries, 1)).toEqual(life);
  });

  test('R8 the end of an earlier life says nothing of the next one', () => {
    const second = entry('installed', 11, { generation: 2 });
    expect(replayLife([installed, markedEntry, purging, second, purged])).toEqual({ ...live, generation: 2 });
  });

  test('R17 a receipt is chained to the one of the life before', () => {
    const next = entry('installed', 12, { generation: 2 });
    expect(receiptBefore([installed, purged, next], 2)).toBe('h1');
    expect(receiptBefore([installed, purged, next], 1)).toBe('');
  });
});

describe('the main record', () => {
  test.each([
    ['a mark that was not written', active, [installed, markedEntry], marked],
    ['a return that was not written', marked, [installed, markedEntry, entry('returned', 3)], active],
    ['a claim that was not written', marked, [installed, markedEntry, purging], { ...marked, state: 'purging' }],
    [
      'an old mark that a restore brought back',
      marked,
      [installed, markedEntry, entry('returned', 3), entry('marked', 5, { evidence: 'probes-failed', dueAt: 50 })],
      { ...marked, markedAt: 5, evidence: 'probes-failed', dueAt: 50 },
    ],
    ['an active record where the claim was lost', { ...marked, state: 'purging' }, [installed], active],
  ] as const)('R17 follows the ledger: %s', (_what, have, entries, want) => {
    const life = lifeOf(entries, 1);
    expect(repairedTenancy(have, life!)).toEqual(want);
  });

  test('R18 of a purged life is purged again', () => {
    for (const have of [active, marked])
      expect(repairedTenancy(have, lifeOf([installed, markedEntry, purging, purged], 1)!).state).toBe('purging');
  });

  test.each([
    [active, [installed]],
    [marked, [installed, markedEntry]],
    [{ ...marked, markedAt: 1 }, [installed, markedEntry]],
    [{ ...marked, state: 'purging' }, [installed, markedEntry, purging]],
  ] as const)('R17 that agrees is the very same object', (have, entries) => {
    expect(repairedTenancy(have, lifeOf(entries, 1)!)).toBe(have);
  });
});
