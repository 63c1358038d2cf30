import { describe, expect, it, test } from 'vitest';
import fc from 'fast-check';
import { tenantId } from '../../../shared/model/ids.ts';
import type { Evidence, Tenancy, TenancyState } from '../../../shared/model/tenant.ts';
import { earlierMark, nextTenancy, replayLife } from '../../../shared/retention/tenancy.ts';
import type { LifeEntry, TenancyEvent } from '../../../shared/retention/tenancy.ts';

const DAY = 86_400_000;
const days = { liveDays: 120 };
const at = 1_000 * DAY;
const tenant = tenantId('t-00000001');
const install: TenancyEvent = { kind: 'install', tenant: tenantId('t-unused-00') };
const leave = (evidence: Evidence): TenancyEvent => ({ kind: 'leave', evidence });

function given(state: TenancyState, of: Partial<Tenancy> = {}): Tenancy {
  const mark = state === 'active' ? {} : ({ markedAt: at, evidence: 'uninstalled', dueAt: at + 120 * DAY } as const);
  return { tenant, generation: 3, state, enabled: true, licensed: true, ...mark, ...of };
}

it('R1 the first install of an identity makes an active tenant of generation 1', () => {
  const step = nextTenancy(undefined, { kind: 'install', tenant }, at, days);
  expect(step).toEqual({
    outcome: 'installed',
    tenancy: { tenant, generation: 1, state: 'active', enabled: true, licensed: true },
  });
});

it('R2 an install of an active tenant leaves its tenancy as it is, flags included', () => {
  const now = given('active', { enabled: false, licensed: false });
  const step = nextTenancy(now, install, at, days);
  expect(step.outcome).toBe('rotated');
  expect(step.tenancy).toBe(now);
});

test.each([
  ['uninstalled', 120],
  ['licence-ended', 120],
  ['probes-failed', 120],
  ['requested', 3],
] as const)('R3 a leave by %s is due %i days later', (evidence, due) => {
  const step = nextTenancy(given('active'), leave(evidence), at, days);
  expect(step).toEqual({
    outcome: 'marked',
    tenancy: given('marked', { markedAt: at, evidence, dueAt: at + due * DAY }),
  });
});

it('R3 a shorter setting also shortens a request', () => {
  expect(nextTenancy(given('active'), leave('requested'), at, { liveDays: 1 }).tenancy?.dueAt).toBe(at + DAY);
});

it('R4 a second uninstall ten days later changes nothing', () => {
  const now = given('marked');
  const step = nextTenancy(now, leave('uninstalled'), at + 10 * DAY, days);
  expect(step.outcome).toBe('already-done');
  expect(step.tenancy).toBe(now);
});

it('R4 a request brings the due day forward and keeps day 0; a late one changes nothing', () => {
  const soon = nextTenancy(given('marked'), leave('requested'), at + 10 * DAY, days);
  expect(soon.outcome).toBe('marked');
  expect(soon.tenancy).toMatchObject({ markedAt: at, dueAt: at + 13 * DAY, evidence: 'requested' });
  expect(nextTenancy(given('marked'), leave('requested'), at + 119 * DAY, days).outcome).toBe('already-done');
});

test.each(['uninstalled', 'probes-failed'] as const)('R5 an install lifts a mark by %s', (evidence) => {
  const step = nextTenancy(given('marked', { evidence, enabled: false }), install, at, days);
  expect(step).toEqual({
    outcome: 'returned',
    tenancy: { tenant, generation: 3, state: 'active', enabled: true, licensed: true },
  });
});

test.each(['licence-ended', 'requested'] as const)(
  'R6 an install leaves a mark by %s; a return lifts it',
  (evidence) => {
    const now = given('marked', { evidence });
    const step = nextTenancy(now, install, at, days);
    expect(step.outcome).toBe('rotated');
    expect(step.tenancy).toBe(now);
    const back = nextTenancy(now, { kind: 'return' }, at, days);
    expect(back.outcome).toBe('returned');
    expect(back.tenancy).not.toHaveProperty('markedAt');
  },
);

it('R6 a return lifts only a mark whose evidence it refutes', () => {
  const now = given('marked', { evidence: 'requested' });
  const step = nextTenancy(now, { kind: 'return', of: ['licence-ended', 'probes-failed'] }, at, days);
  expect(step).toEqual({ outcome: 'refused', tenancy: now });
  expect(nextTenancy(now, { kind: 'return', of: ['requested'] }, at, days).outcome).toBe('returned');
});

describe('a request that is taken back', () => {
  const requested = given('marked', { evidence: 'requested', dueAt: at + 13 * DAY });

  it('R36 brings an active tenant back as it was', () => {
    const step = nextTenancy(requested, { kind: 'withdraw' }, at, days);
    expect(step).toEqual({ outcome: 'returned', tenancy: given('active') });
  });

  it('R36 leaves the mark that was there before, with its own days', () => {
    const earlier = { evidence: 'uninstalled', dueAt: at + 120 * DAY } as const;
    const step = nextTenancy(requested, { kind: 'withdraw', earlier }, at, days);
    expect(step).toEqual({ outcome: 'marked', tenancy: given('marked') });
  });

  it('R36 finds that mark in the ledger, and none of a time before a return', () => {
    const of = { tenant, generation: 3 };
    const uninstalled = { ...of, kind: 'marked', at, evidence: 'uninstalled', dueAt: 7 } as const;
    const asked = { ...of, kind: 'marked', at, evidence: 'requested', dueAt: 5 } as const;
    const returned = { ...of, kind: 'returned', at } as const;
    expect(earlierMark([uninstalled, asked], 3)).toEqual({ evidence: 'uninstalled', dueAt: 7 });
    expect(earlierMark([uninstalled, returned, asked], 3)).toBeUndefined();
    expect(earlierMark([uninstalled, asked], 4)).toBeUndefined();
  });
});

it('R7 nothing leaves purging but purged, and a purged generation never lives again', () => {
  const anyEvent = fc.constantFrom<TenancyEvent>(leave('requested'), { kind: 'return' }, { kind: 'claim' }, install, {
    kind: 'finish',
  });
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
      let now: Tenancy | undefined = given('purging');
      for (const [index, event] of events.entries()) {
        const before: Tenancy = now;
        now = nextTenancy(before, event, at + index * 200 * DAY, days).tenancy ?? before;
        if (before.state === 'purging' && now.generation === before.generation)
          expect(['purging', 'purged']).toContain(now.state);
        if (before.state === 'purged' && now.generation === before.generation) expect(now).toBe(before);
        expect(now.generation).toBeGreaterThanOrEqual(before.generation);
      }
    }),
  );
});

test.each(['purging', 'purged'] as const)('R8 an install while %s starts the next generation', (state) => {
  const step = nextTenancy(given(state, { licensed: false }), install, at, days);
  expect(step).toEqual({
    outcome: 'new-generation',
    tenancy: { tenant, generation: 4, state: 'active', enabled: true, licensed: true },
  });
});

describe('R9 claims and completeness', () => {
  test.each([
    [-1, 'refused'],
    [0, 'purging'],
    [1, 'purging'],
  ] as const)('R9 a claim %i ms from the due day: %s', (ms, outcome) => {
    expect(nextTenancy(given('marked'), { kind: 'claim' }, at + 120 * DAY + ms, days).outcome).toBe(outcome);
  });

  const events = {
    install,
    leave: leave('uninstalled'),
    return: { kind: 'return' },
    withdraw: { kind: 'withdraw' },
    claim: { kind: 'claim' },
    finish: { kind: 'finish' },
  } as const;
  test.each([
    ['none', 'installed', 'refused', 'refused', 'refused', 'refused', 'refused'],
    ['active', 'rotated', 'marked', 'already-done', 'already-done', 'refused', 'refused'],
    ['marked', 'returned', 'already-done', 'returned', 'already-done', 'refused', 'refused'],
    ['purging', 'new-generation', 'already-done', 'refused', 'refused', 'already-done', 'purged'],
    ['purged', 'new-generation', 'already-done', 'refused', 'refused', 'refused', 'already-done'],
  ] as const)('R9 the whole row of %s', (state, ...outcomes) => {
    const now = state === 'none' ? undefined : given(state);
    const steps = Object.values(events).map((event) => nextTenancy(now, event, at, days));
    expect(steps.map((step) => step.outcome)).toEqual(outcomes);
    for (const step of steps) if (['refused', 'already-done'].includes(step.outcome)) expect(step.tenancy).toBe(now);
  });
});

it('R9 a replay of the entries that the steps leave behind tells the same tenancy', () => {
  const kinds = {
    installed: 'installed',
    'new-generation': 'installed',
    returned: 'returned',
    marked: 'marked',
    purging: 'purging',
    purged: 'purged',
  } as const;
  const event = fc.constantFrom<TenancyEvent>(
    install,
    leave('uninstalled'),
    leave('requested'),
    { kind: 'return' },
    { kind: 'withdraw' },
    { kind: 'claim' },
    { kind: 'finish' },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(200)), { maxLength: 20 }), (history) => {
      let now: Tenancy | undefined;
      let time = at;
      const entries: LifeEntry[] = [];
      for (const [what, later] of history) {
        time += later * DAY;
        const earlier = now === undefined ? undefined : earlierMark(entries, now.generation);
        const whole = what.kind === 'withdraw' && earlier !== undefined ? { ...what, earlier } : what;
        const step = nextTenancy(now, whole, time, days);
        now = step.tenancy;
        if (step.outcome === 'refused' || step.outcome === 'already-done' || step.outcome === 'rotated') continue;
        if (now === undefined) continue;
        const { tenant: of, generation, evidence, dueAt } = now;
        const mark = evidence === undefined || dueAt === undefined ? {} : { evidence, dueAt };
        entries.push({ tenant: of, generation, kind: kinds[step.outcome], at: time, ...mark });
      }
      expect(replayLife(entries)).toEqual(now);
    }),
  );
});
