import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { tenantId } from '../../../shared/model/ids.ts';
import type { Tenancy } from '../../../shared/model/tenant.ts';
import { noticeId, noticesDue } from '../../../shared/retention/notices.ts';
import type { LifeNotice, Told } from '../../../shared/retention/notices.ts';

const DAY = 86_400_000;
const tenant = tenantId('t-00000001');
const active: Tenancy = { tenant, generation: 1, state: 'active', enabled: true, licensed: true };
const dueAt = 1_120 * DAY;
const marked: Tenancy = { ...active, state: 'marked', markedAt: 1_000 * DAY, evidence: 'uninstalled', dueAt };
const requested: Tenancy = { ...marked, evidence: 'requested', dueAt: 1_003 * DAY };
const told = (what: Told['what'], at: number, of = dueAt): Told => ({ what, at: at * DAY, dueAt: of, isSent: true });

describe('notices of a life', () => {
  test.each<[string, Tenancy, readonly Told[], number, readonly LifeNotice['what'][]]>([
    ['nothing of a site that never left', active, [], 1_000, []],
    ['the date at once', marked, [], 1_000, ['marked']],
    ['the date however late', marked, [], 1_119, ['marked']],
    ['nothing more until 30 days before', marked, [told('marked', 1_000)], 1_089.9, []],
    ['the first reminder 30 days before', marked, [told('marked', 1_000)], 1_090, ['due-30']],
    ['it once', marked, [told('marked', 1_000), told('due-30', 1_090)], 1_100, []],
    ['the second reminder 7 days before', marked, [told('marked', 1_000), told('due-30', 1_090)], 1_113, ['due-7']],
    ['only the later one when both are due', marked, [told('marked', 1_000)], 1_114, ['due-7']],
    ['no reminder whose time had come before the date was told', marked, [told('marked', 1_095)], 1_096, []],
    ['the later one then', marked, [told('marked', 1_095)], 1_113, ['due-7']],
    ['no reminder when the day has come', marked, [told('marked', 1_000)], 1_120, []],
    ['a request by its own name', requested, [], 1_000, ['deletion-requested']],
    ['no reminder of a request', requested, [told('deletion-requested', 1_000, requested.dueAt)], 1_001, []],
    ['the date again when it was brought forward', requested, [told('marked', 900)], 1_000, ['deletion-requested']],
    ['nothing of a purge', { ...marked, state: 'purging' }, [], 1_120, []],
    ['nothing of what is gone', { ...marked, state: 'purged' }, [], 1_120, []],
    ['a return to whom a date was told', active, [told('marked', 1_000)], 1_001, ['returned']],
    ['it once, too', active, [told('marked', 1_000), told('returned', 1_001)], 1_002, []],
    ['no return to whom nothing was told', active, [{ ...told('marked', 1_000), isSent: false }], 1_001, []],
  ])('M8 are: %s', (_what, tenancy, before, day, due) => {
    expect(noticesDue(tenancy, before, day * DAY).map(({ what }) => what)).toEqual(due);
  });

  test('M9 go once each, in their order, over any life and however seldom somebody looks', () => {
    const step = fc.record({ days: fc.nat(60), act: fc.constantFrom('leave', 'return', 'request', 'look') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let now = 1_000 * DAY;
        let tenancy: Tenancy = active;
        const sent: Told[] = [];
        for (const { days, act } of steps) {
          now += days * DAY + 1;
          if (act === 'leave' && tenancy.state === 'active')
            tenancy = { ...active, state: 'marked', markedAt: now, evidence: 'uninstalled', dueAt: now + 120 * DAY };
          if (act === 'return') tenancy = active;
          if (act === 'request' && tenancy.state === 'active')
            tenancy = { ...active, state: 'marked', markedAt: now, evidence: 'requested', dueAt: now + 3 * DAY };
          const due = noticesDue(tenancy, sent, now);
          expect(due.length).toBeLessThan(2);
          sent.push(...due.map((one) => ({ ...one, at: now, isSent: true })));
          // Looked at again at once, there is nothing more.
          expect(noticesDue(tenancy, sent, now)).toEqual([]);
        }
        const ids = sent.map(({ what, dueAt: of = 0 }) => noticeId(active, what, { dueAt: of }));
        expect(new Set(ids).size).toBe(ids.length);
        for (const [index, one] of sent.entries()) {
          const before = sent.slice(0, index).filter(({ dueAt: of }) => of === one.dueAt);
          const isFirst = one.what === 'marked' || one.what === 'deletion-requested';
          expect(before.some(({ what }) => what === 'marked' || what === 'deletion-requested')).toBe(!isFirst);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('M9 have an id of their own for each life, kind, day, connection and party', () => {
    const ids = [
      noticeId(active, 'marked', { dueAt: 1 }),
      noticeId(active, 'marked', { dueAt: 2 }),
      noticeId(active, 'due-30', { dueAt: 1 }),
      noticeId({ tenant, generation: 2 }, 'marked', { dueAt: 1 }),
      noticeId(active, 'partner-left', { connection: 'c-00000001', dueAt: 1 }),
      noticeId(active, 'partner-left', { connection: 'c-00000002', dueAt: 1 }),
      noticeId(active, 'processors-change', { party: 'desk', since: '2027-01-01' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe('t-00000001.1.marked.1');
  });
});
