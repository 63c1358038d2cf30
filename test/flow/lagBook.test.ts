/** Figures of how long changes take, on their way into the store. */
import { expect, test } from 'vitest';
import { LagBook } from '../../functions/sync/lagBook.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { lagDay } from '../../shared/model/lag.ts';
import { connectionId, ownerOf, tenantId } from '../../shared/model/ids.ts';

const connection = connectionId('c-00000001');
const owners = [ownerOf(tenantId('t-000000000001-0123456789abcdef0123'), 1)];

test.each([
  [79_000, 1],
  [81_000, 0],
] as const)(
  'what was measured %i ms ago is written %i times: whoever stood still writes of nobody who is gone',
  async (ageMs, times) => {
    let now = 1_700_000_000_000;
    const store = new MemoryStore();
    const book = new LagBook(store, { now: () => now, sleep: async () => undefined });
    book.note(connection, owners, 'field', 1_000);
    await book.write();
    book.note(connection, owners, 'field', 2_000);
    now += ageMs;
    await book.write('all');
    book.note(connection, owners, 'field', 3_000);
    await book.write('all');
    const stored = await store.read('lag', { connection, day: lagDay(now) });
    expect((stored?.row.kinds as Record<string, { count: number }>)['field']?.count).toBe(2 + times);
  },
);
