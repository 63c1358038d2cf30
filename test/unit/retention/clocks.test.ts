import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tenantId } from '../../../shared/model/ids.ts';
import type { Tenancy } from '../../../shared/model/tenant.ts';
import { ownedCategories } from '../../../shared/retention/address.ts';
import { COPY_DAYS, LIVE_DAYS, rowOf } from '../../../shared/retention/catalogue.ts';
import { dueOf, markDaysOf, PURGE_LEAD_MS, purgeBeginsAt } from '../../../shared/retention/clocks.ts';

const DAY = 86_400_000;
const MARKED = 1_000 * DAY;
const days = { liveDays: 120, copyDays: 30 };
const marked: Tenancy = {
  tenant: tenantId('t-00000001'),
  generation: 1,
  state: 'marked',
  enabled: false,
  licensed: true,
  markedAt: MARKED,
  evidence: 'uninstalled',
  dueAt: MARKED + 120 * DAY,
};
const at = (day: number, ms = 0): number => MARKED + day * DAY + ms;

describe('what is due', () => {
  test('R10 nothing of an active tenant is due, whatever its dates say', () => {
    for (const day of [0, 30, 119, 120, 400])
      expect(dueOf({ ...marked, state: 'active' }, at(day), days)).toEqual({ categories: [], purge: false });
  });

  test.each([
    ['before day 30', at(30, -1), ['person'], false],
    ['on day 30', at(30), ['copy', 'decision', 'person'], false],
    ['until the lead before day 120', at(120, -PURGE_LEAD_MS - 1), ['copy', 'decision', 'person'], false],
    ['from the lead on', at(120, -PURGE_LEAD_MS), [], true],
    ['long after', at(500), [], true],
  ])(
    'R11 names are due with the mark, copies on day 30, everything by day 120: %s',
    (_when, now, categories, purge) => {
      expect(dueOf(marked, now, days)).toEqual({ categories, purge });
    },
  );

  test.each([
    ['shorter', { liveDays: 60, copyDays: 7 }, 60, 7],
    ['longer', { liveDays: 900, copyDays: 900 }, LIVE_DAYS, COPY_DAYS],
    ['copies longer than the rest', { liveDays: 10, copyDays: 30 }, 10, 10],
    ['none at all', { liveDays: 0, copyDays: 0 }, 0, 0],
  ])('R12 settings may only shorten: %s', (_what, set, live, copies) => {
    expect(markDaysOf('twin', set)).toBe(live);
    expect(markDaysOf('copy', set)).toBe(copies);
    expect(dueOf(marked, at(live, -PURGE_LEAD_MS), set).purge).toBe(true);
    expect(dueOf(marked, at(live, -PURGE_LEAD_MS - 1), set).purge).toBe(false);
  });

  test('R12 a due day in the record that is later than the settings allow does not put the purge off', () => {
    expect(dueOf({ ...marked, dueAt: at(900) }, at(120), days).purge).toBe(true);
  });

  test.each([
    ['right after it', at(10), false],
    ['a day later, less a moment', at(11, -1), false],
    ['a day later', at(11), true],
  ])('R13 a request of the customer can be taken back for a day: %s', (_when, now, purge) => {
    const requested = { ...marked, evidence: 'requested', dueAt: at(13) } as const;
    expect(dueOf(requested, now, days).purge).toBe(purge);
    expect(purgeBeginsAt(requested, days)).toBe(at(11));
  });

  test('R12 what was due stays due, and no category outlives its row', () => {
    const instant = fc.integer({ min: at(-10), max: at(400) });
    const settings = fc.record({ liveDays: fc.nat(400), copyDays: fc.nat(400) });
    fc.assert(
      fc.property(instant, instant, settings, (one, other, set) => {
        const early = dueOf(marked, Math.min(one, other), set);
        const late = dueOf(marked, Math.max(one, other), set);
        if (early.purge) expect(late.purge).toBe(true);
        for (const category of early.categories) expect(late.purge || late.categories.includes(category)).toBe(true);
        for (const category of ownedCategories) {
          const { retention } = rowOf(category);
          if (retention.starts === 'mark') expect(markDaysOf(category, set)).toBeLessThanOrEqual(retention.days);
        }
      }),
    );
  });
});
