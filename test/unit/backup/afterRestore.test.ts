import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterRestore, tenancyAfterRestore } from '../../../shared/backup/afterRestore.ts';
import type { Judged } from '../../../shared/backup/afterRestore.ts';
import { backedUp } from '../../../shared/backup/contents.ts';
import { owner as parseOwner, ownerOf, tenantId } from '../../../shared/model/ids.ts';
import type { Owner } from '../../../shared/model/ids.ts';
import { isOwned } from '../../../shared/retention/address.ts';
import { categories, rowOf } from '../../../shared/retention/catalogue.ts';
import { lifeOf } from '../../../shared/retention/ledgerTruth.ts';
import type { Life, PurgeEntry } from '../../../shared/retention/ledgerTruth.ts';

const DAY = 86_400_000;
const tenants = ['t-00000001', 't-00000002', 't-00000010'].map(tenantId);
const [A, B] = [ownerOf(tenants[0]!, 1), ownerOf(tenants[1]!, 1)];
const days = { liveDays: 120, copyDays: 30 };

const lifeIn = (of: Owner, state: Life['tenancy']['state'], markedAt = 0): Life => ({
  tenancy: {
    ...{ tenant: tenantId(of.split('#')[0] ?? ''), generation: Number(of.split('#')[1]), state },
    ...{ enabled: true, licensed: true },
    ...(state === 'active' ? {} : { markedAt, evidence: 'uninstalled', dueAt: markedAt + 120 * DAY }),
  },
});
const judged = (over: Partial<Judged> = {}): Judged => ({
  ...{ now: DAY, days, connections: new Set(['c-00000001']) },
  lives: new Map([
    [A, lifeIn(A, 'active')],
    [B, lifeIn(B, 'active')],
  ]),
  ...over,
});
const twin = { category: 'twin', place: { connection: 'c-00000001', twin: 'w-1' }, row: { owners: [A, B] } } as const;

describe('a record of an older copy', () => {
  test('B18 of a life that was purged since does not come back, on neither side of a connection', () => {
    for (const of of [A, B]) {
      const lives = new Map(judged().lives).set(of, lifeIn(of, 'purged'));
      expect(afterRestore(twin, judged({ lives }))).toEqual({ fate: 'drop', why: 'purged' });
    }
    expect(afterRestore(twin, judged())).toEqual({ fate: 'keep' });
  });

  test('B18 of a life that the ledger or the copy does not know does not come back', () => {
    const lives = new Map([[A, lifeIn(A, 'active')]]);
    expect(afterRestore(twin, judged({ lives }))).toEqual({ fate: 'drop', why: 'life-unknown' });
    expect(afterRestore({ ...twin, row: { owners: [] } }, judged())).toEqual({ fate: 'drop', why: 'life-unknown' });
    expect(afterRestore({ ...twin, row: {} }, judged())).toEqual({ fate: 'drop', why: 'life-unknown' });
  });

  test('B19 comes back with a life that is being purged, so that the purge finds it', () => {
    const lives = new Map(judged().lives).set(A, lifeIn(A, 'purging'));
    expect(afterRestore(twin, judged({ lives }))).toEqual({ fate: 'keep' });
  });

  test('B20 leaves the partner its half, which says that it is alone', () => {
    const half = { category: 'half', place: { tenant: tenants[1]!, half: 'c-00000009-b' } } as const;
    const row = { owners: [B], connection: 'c-00000009', state: 'active' };
    expect(afterRestore({ ...half, row }, judged())).toEqual({ fate: 'partner-left' });
    for (const state of ['ended', 'pending', 'partner-left'])
      expect(afterRestore({ ...half, row: { ...row, state } }, judged())).toEqual({ fate: 'keep' });
    const open = {
      category: 'invitation',
      place: { code: 'x' },
      row: { owners: [B], connection: 'c-00000009', expiresAt: 9 * DAY },
    } as const;
    expect(afterRestore(open, judged())).toEqual({ fate: 'keep' });
    expect(afterRestore({ ...half, row: { ...row, connection: 'c-00000001' } }, judged())).toEqual({ fate: 'keep' });
    const link = { category: 'link', place: { tenant: tenants[1]!, issue: '1', connection: 'c-00000009' } } as const;
    expect(afterRestore({ ...link, row: { owners: [B] } }, judged())).toEqual({ fate: 'drop', why: 'connection-gone' });
  });

  test.each(backedUp.filter((category) => rowOf(category).retention.starts === 'own'))(
    'B21 past its own end: %s',
    (category) => {
      const { retention } = rowOf(category);
      const until = retention.starts === 'own' ? retention.until : '';
      const record = (at: number) => ({ category, place: {}, row: { owners: [A], [until]: at } });
      expect(afterRestore(record(DAY), judged())).toEqual({ fate: 'drop', why: 'past-its-day' });
      expect(afterRestore(record(DAY + 1), judged())).toEqual({ fate: 'keep' });
    },
  );

  test('B21 content of a tenant that is marked goes on its day, also in a copy', () => {
    const lives = new Map(judged().lives).set(A, lifeIn(A, 'marked', 0));
    const copy = { ...twin, category: 'copy' } as const;
    expect(afterRestore(copy, judged({ lives, now: 30 * DAY }))).toEqual({ fate: 'drop', why: 'past-its-day' });
    expect(afterRestore(copy, judged({ lives, now: 30 * DAY - 1 }))).toEqual({ fate: 'keep' });
    expect(afterRestore(twin, judged({ lives, now: 30 * DAY }))).toEqual({ fate: 'keep' });
  });

  test.each(categories.filter((category) => !backedUp.includes(category)))(
    'B22 of what no backup may hold does not come back: %s',
    (category) => {
      const record = { category, place: {}, row: { owners: [A] } };
      expect(afterRestore(record, judged())).toEqual({ fate: 'drop', why: 'not-of-a-backup' });
    },
  );

  test('B19 a tenant has the ledger’s state and the copy’s flags', () => {
    const have = { enabled: false, licensed: true };
    expect(tenancyAfterRestore(have, lifeIn(A, 'marked', 5))).toMatchObject({ state: 'marked', markedAt: 5, ...have });
    const back = tenancyAfterRestore(have, lifeIn(A, 'active'));
    expect(back).toMatchObject({ state: 'active', enabled: false });
    expect(back).not.toHaveProperty('markedAt');
  });
});

// ── Random lives ────────────────────────────────────────────────────────────────────────────────────────────────

/** What happens to a tenant, in order; the ledger is written as the lifecycle and the purge write it. */
type Event = 'leave' | 'return' | 'purge' | 'install' | 'claim';
const events = fc.array(fc.constantFrom<Event>('leave', 'return', 'purge', 'install', 'claim'), { maxLength: 14 });

const steps = [
  { on: 'leave', from: 'active', kind: 'marked', to: 'marked' },
  { on: 'return', from: 'marked', kind: 'returned', to: 'active' },
  { on: 'claim', from: 'marked', kind: 'purging', to: 'purging' },
  { on: 'purge', from: 'purging', kind: 'purged', to: 'purged' },
] as const;

/** The ledger of one tenant after some events, and what an honest memory says of each of its lives. */
function lived(tenant: (typeof tenants)[number], what: readonly Event[]) {
  const entries: PurgeEntry[] = [];
  const truth = new Map<Owner, 'active' | 'marked' | 'purging' | 'purged'>();
  let generation = 1;
  const enter = (kind: PurgeEntry['kind'], at: number): void => {
    entries.push({
      ...{ tenant, generation, kind, at },
      ...(kind === 'marked' ? { evidence: 'uninstalled' as const, dueAt: at + 120 * DAY } : {}),
    });
  };
  const now = (): Owner => ownerOf(tenant, generation);
  enter('installed', 0);
  truth.set(now(), 'active');
  for (const [at, event] of what.entries()) {
    const state = truth.get(now());
    const next = steps.find((step) => step.on === event && step.from === state);
    if (next !== undefined) {
      enter(next.kind, at);
      truth.set(now(), next.to);
    } else if (event === 'install' && (state === 'purging' || state === 'purged')) {
      generation += 1;
      enter('installed', at);
      truth.set(now(), 'active');
    }
  }
  return { entries, truth, generation };
}

/** Restores of random copies: `TWINLINE_RESTORES=100000` for the long run. */
const RUNS = Number(process.env['TWINLINE_RESTORES'] ?? 10_000);

test(`B18 ${RUNS} random restores: nothing purged comes back, and everything live does, in the ledger’s state`, {
  timeout: 600_000,
}, () => {
  let kept = 0;
  let dropped = 0;
  fc.assert(
    fc.property(
      fc.tuple(events, events, events),
      fc.nat(14),
      fc.constantFrom(...backedUp.filter(isOwned).filter((one) => rowOf(one).retention.starts !== 'own')),
      (histories, cutAt, category) => {
        // The copy was made after some of the events; the ledger knows them all.
        const whole = histories.map((history, index) => lived(tenants[index]!, history));
        const then = histories.map((history, index) => lived(tenants[index]!, history.slice(0, cutAt)));
        const lives = new Map<Owner, Life>();
        for (const { entries } of whole)
          for (const { tenant, generation } of entries) {
            const life = lifeOf(entries, generation);
            if (life !== undefined) lives.set(ownerOf(tenant, generation), life);
          }
        const saved = then.flatMap(({ truth }) => [...truth].filter(([, state]) => state !== 'purged'));
        for (const [one] of saved)
          for (const [other] of saved) {
            const row = { owners: one === other ? [one] : [one, other], connection: 'c-00000001' };
            const ending = afterRestore({ category, place: {}, row }, judged({ lives, now: 20 }));
            const truth = row.owners.map((of) => whole.map((each) => each.truth.get(parseOwner(of))).find(Boolean));
            const want = truth.includes('purged') ? 'drop' : 'keep';
            if (ending.fate !== want) throw new Error(`${row.owners.join()} ${truth.join()}: ${ending.fate}`);
            if (want === 'keep') kept += 1;
            else dropped += 1;
          }
        for (const { truth } of whole)
          for (const [of, state] of truth) {
            const life = lives.get(of);
            const back = life && tenancyAfterRestore({ enabled: true, licensed: true }, life);
            if (back?.state !== state) throw new Error(`${of}: ${String(back?.state)} instead of ${state}`);
          }
      },
    ),
    { numRuns: RUNS },
  );
  expect(kept).toBeGreaterThan(RUNS);
  expect(dropped).toBeGreaterThan(RUNS / 4);
});
