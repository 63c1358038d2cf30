import { describe, expect, test } from 'vitest';
import { epochState } from '../../../shared/sync/storeEpoch.ts';

describe('the epoch of our own store', () => {
  test.each([
    ['a new house', undefined, undefined, 'first'],
    ['the first one begun', { epoch: 0, at: 5, next: 5 }, undefined, 'unfinished'],
    ['the first one, known to the ledger', { epoch: 0, at: 5, next: 5 }, { epoch: 1, at: 5 }, 'unfinished'],
    ['two that agree', { epoch: 3, at: 7 }, { epoch: 3, at: 7 }, 'same'],
    ['the next one only intended', { epoch: 3, at: 7, next: 9 }, { epoch: 3, at: 7 }, 'same'],
    ['the next one begun and not finished', { epoch: 3, at: 7, next: 9 }, { epoch: 4, at: 9 }, 'unfinished'],
    ['an older copy', { epoch: 3, at: 7 }, { epoch: 5, at: 20 }, 'restored'],
    ['a copy of the moment before', { epoch: 3, at: 7 }, { epoch: 4, at: 9 }, 'restored'],
    ['a copy with an intent that came to nothing', { epoch: 3, at: 7, next: 8 }, { epoch: 4, at: 9 }, 'restored'],
    ['a copy that has gone its own way', { epoch: 4, at: 8 }, { epoch: 4, at: 9 }, 'restored'],
    ['an empty store', undefined, { epoch: 4, at: 9 }, 'restored'],
    ['a ledger that was lost', { epoch: 4, at: 9 }, undefined, 'restored'],
    ['a ledger that is older', { epoch: 4, at: 9 }, { epoch: 3, at: 7 }, 'restored'],
  ] as const)('S116 %s', (_title, store, ledger, state) => {
    expect(epochState(store, ledger)).toBe(state);
  });
});
