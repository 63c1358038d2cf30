import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tenantId } from '../../../shared/model/ids.ts';
import type { Evidence, Tenancy } from '../../../shared/model/tenant.ts';
import {
  afterProbe,
  answerOfFault,
  CONFIRM_MS,
  freshWatch,
  isProbed,
  isRefutable,
  PROBE_EVERY_MS,
  recheckOf,
  VANISHED_MS,
  VANISHED_PROBES,
} from '../../../shared/retention/probes.ts';
import type { ProbeAnswer, Probed, Watch } from '../../../shared/retention/probes.ts';
import { catalogue } from '../../../shared/retention/catalogue.ts';
import { nextTenancy } from '../../../shared/retention/tenancy.ts';
import type { TenancyEvent } from '../../../shared/retention/tenancy.ts';
import { codes, isCode } from '../../../shared/verdict.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const tenant = tenantId('t-00000001');

const gone: ProbeAnswer = { kind: 'gone' };
const off: ProbeAnswer = { kind: 'off' };
const unclear: ProbeAnswer = { kind: 'unclear' };
const word = (isActive?: boolean): ProbeAnswer => ({
  kind: 'answered',
  addon: { isEnabled: true, contacts: [], ...(isActive === undefined ? {} : { licence: { isActive } }) },
});
const paid = word(true);
const lapsed = word(false);
const silent = word();

/** Probes at the times that the engine asks for, each found due by a sweep that comes every hour. */
function play(answers: readonly ProbeAnswer[], from = 0) {
  let at = from;
  let watch = freshWatch(1);
  const seen: (Probed & { readonly at: number })[] = [];
  for (const answer of answers) {
    const probed = afterProbe(watch, answer, { tenant, entry: 1, at });
    seen.push({ ...probed, at });
    watch = probed.watch;
    at = Math.ceil(probed.nextAt / HOUR) * HOUR;
  }
  return seen;
}
const leavesIn = (seen: readonly Probed[]) =>
  seen.flatMap(({ conclusion }) => (conclusion?.event.kind === 'leave' ? [conclusion] : []));
const many = (answer: ProbeAnswer, count: number): ProbeAnswer[] => Array.from({ length: count }, () => answer);

describe('a licence', () => {
  test('R27 that is inactive pauses at once, and ends when a second answer says so half a day later: day 0 is the first', () => {
    const [first, second] = play([lapsed, lapsed], 5 * HOUR);
    expect(first).toMatchObject({ flags: { licensed: false }, nextAt: 5 * HOUR + CONFIRM_MS });
    expect(leavesIn([first!])).toEqual([]);
    expect(second?.conclusion).toEqual({ event: { kind: 'leave', evidence: 'licence-ended' }, at: 5 * HOUR });
  });

  test('R27 that ends is marked within 48 hours, whenever it ends between two probes', () => {
    // The worst: it ends right after a probe, and each time comes right after a sweep.
    const worst = PROBE_EVERY_MS + HOUR + CONFIRM_MS + HOUR;
    expect(worst).toBeLessThanOrEqual(48 * HOUR);
    const seen = play([paid, lapsed, lapsed]);
    const end = seen.find(({ conclusion }) => conclusion?.event.kind === 'leave');
    expect(end?.at).toBeLessThanOrEqual(worst);
  });

  test('R27 is not ended by one answer, however often hints ask within half a day', () => {
    let watch = freshWatch(1);
    for (let at = 0; at < CONFIRM_MS; at += HOUR) {
      const probed = afterProbe(watch, lapsed, { tenant, entry: 1, at });
      expect(leavesIn([probed])).toEqual([]);
      watch = probed.watch;
    }
    expect(leavesIn([afterProbe(watch, lapsed, { tenant, entry: 1, at: CONFIRM_MS })])).toHaveLength(1);
  });

  test('R28 that is active again begins all over and lifts what the probes marked', () => {
    const seen = play([lapsed, paid, lapsed]);
    expect(seen[1]).toMatchObject({
      flags: { licensed: true },
      watch: freshWatch(1),
      conclusion: { event: { kind: 'return', of: ['probes-failed', 'licence-ended'] } },
    });
    expect(leavesIn(seen)).toEqual([]);
    expect(seen[2]?.watch.lapsedSince).toBe(seen[2]?.at);
  });

  test('R28 of which the site says nothing is neither active nor ended', () => {
    const seen = play([lapsed, ...many(silent, 20)]);
    expect(leavesIn(seen)).toEqual([]);
    expect(seen.at(-1)?.flags).toEqual({ enabled: true });
    expect(seen.at(-1)?.watch).toMatchObject({ lapsed: 1 });
  });
});

describe('a site that does not answer', () => {
  const failing = play(many(gone, 30));

  test('R29 is marked after 14 days and ten probes in a row, with the first as day 0, and within 15 days', () => {
    const marked = failing.find(({ conclusion }) => conclusion !== undefined);
    expect(marked?.conclusion).toEqual({ event: { kind: 'leave', evidence: 'probes-failed' }, at: 0 });
    expect(marked?.at).toBe(VANISHED_MS);
    // Vanished right after a probe.
    expect(PROBE_EVERY_MS + HOUR + VANISHED_MS + HOUR).toBeLessThanOrEqual(15 * DAY);
  });

  test('R29 is not marked while fewer probes were made than the time would allow', () => {
    let watch: Watch = freshWatch(1);
    for (let n = 0; n < VANISHED_PROBES - 1; n += 1) {
      const probed = afterProbe(watch, gone, { tenant, entry: 1, at: n * 10 * DAY });
      expect(probed.conclusion).toBeUndefined();
      watch = probed.watch;
    }
    expect(afterProbe(watch, gone, { tenant, entry: 1, at: 90 * DAY }).conclusion).toBeDefined();
  });

  test.each([
    ['an answer', paid],
    ['an answer without a licence', silent],
    ['an app that is switched off', off],
  ] as const)('R30 %s on the last day begins all over', (_what, answer) => {
    const before = failing.filter(({ conclusion }) => conclusion === undefined).map(() => gone);
    const seen = play([...before, answer, gone]);
    expect(leavesIn(seen)).toEqual([]);
    expect(seen.at(-1)?.watch).toMatchObject({ failed: 1, failingSince: seen.at(-1)?.at });
  });

  test('R30 limits and trouble of our own are neither silence nor an answer', () => {
    const seen = play([...many(gone, 3), ...many(unclear, 500)]);
    expect(leavesIn(seen)).toEqual([]);
    expect(seen.at(-1)?.watch).toMatchObject({ failed: 3, failingSince: 0 });
  });

  test('R29 the earlier evidence is day 0: a licence that was inactive before the silence', () => {
    const seen = play([lapsed, ...many(gone, 30)]);
    expect(leavesIn(seen)[0]).toEqual({ event: { kind: 'leave', evidence: 'probes-failed' }, at: 0 });
  });

  test('R30 what was seen before a return or an install is no evidence against the life after it', () => {
    const { watch } = failing.at(-1)!;
    const probed = afterProbe(watch, gone, { tenant, entry: 2, at: 40 * DAY });
    expect(probed.conclusion).toBeUndefined();
    expect(probed.watch).toEqual({ entry: 2, lapsed: 0, failed: 1, failingSince: 40 * DAY });
  });
});

test('R33 of the licence three things are stored, beside when and how often; no history (promise E-19)', () => {
  expect(Object.keys(catalogue.licence.fields)).toEqual([
    ...['owners', 'active', 'evaluation', 'supportEntitlementNumber', 'answeredAt', 'nextAt', 'entry'],
    ...['lapsed', 'lapsedSince', 'failed', 'failingSince', 'lease'],
  ]);
});

test('R30 only what proves that nobody is there counts as silence; a disabled app is there', () => {
  const kinds = Object.keys(codes)
    .filter(isCode)
    .map((code) => [code, answerOfFault(code).kind] as const);
  expect(kinds.filter(([, kind]) => kind === 'gone').map(([code]) => code)).toEqual([
    'jira-unauthorised',
    'jira-not-found',
    'jira-unavailable',
  ]);
  expect(kinds.filter(([, kind]) => kind === 'off').map(([code]) => code)).toEqual(['jira-forbidden']);
});

describe('just before the purge', () => {
  test.each([
    ['licence-ended', paid, 'refuted'],
    ['licence-ended', lapsed, 'holds'],
    ['licence-ended', silent, 'unclear'],
    ['licence-ended', off, 'unclear'],
    ['licence-ended', gone, 'holds'],
    ['licence-ended', unclear, 'unclear'],
    ['probes-failed', paid, 'refuted'],
    ['probes-failed', lapsed, 'refuted'],
    ['probes-failed', silent, 'refuted'],
    ['probes-failed', off, 'refuted'],
    ['probes-failed', gone, 'holds'],
    ['probes-failed', unclear, 'unclear'],
  ] as const)('R31 of a mark by %s, %o: %s', (evidence, answer, says) => {
    expect(recheckOf(evidence, answer, { markedAt: 0, now: 119 * DAY })).toBe(says);
  });

  test('R31 what is unclear waits to day 150 and no longer', () => {
    expect(recheckOf('probes-failed', unclear, { markedAt: 0, now: 150 * DAY - 1 })).toBe('unclear');
    expect(recheckOf('probes-failed', unclear, { markedAt: 0, now: 150 * DAY })).toBe('holds');
    expect(recheckOf('probes-failed', paid, { markedAt: 0, now: 150 * DAY })).toBe('refuted');
  });

  test('R31 the word of the site is asked for where it was the evidence, and nowhere else', () => {
    const evidences: readonly Evidence[] = ['uninstalled', 'licence-ended', 'probes-failed', 'requested'];
    expect(evidences.filter(isRefutable)).toEqual(['licence-ended', 'probes-failed']);
  });
});

/**
 * G16 of THREATS.md over random lives: what truly happens to a site, which callbacks arrive (none, twice, out of order, forged
 * ones never verify and are left out), which probes our own side loses, what a limit swallows.
 */
describe('G16 in every history', () => {
  type Truth = 'paid' | 'lapsed' | 'vanished' | 'off';
  // Many stretches end about the day on which what began them is due: there the word right before the claim counts.
  const hours = fc.oneof(fc.integer({ min: 24, max: 60 * 24 }), fc.integer({ min: 119 * 24, max: 122 * 24 }));
  const truth = fc.record({ is: fc.constantFrom<Truth>('paid', 'lapsed', 'vanished', 'off'), hours });
  const noise = fc.array(fc.constantFrom('none', 'none', 'none', 'none', 'unclear', 'lost'), {
    minLength: 8,
    maxLength: 40,
  });
  const answers: Readonly<Record<Truth, ProbeAnswer>> = { paid, lapsed, vanished: gone, off };

  test('R32 no live tenant is purged, and no ended one stays unmarked after its time', () => {
    let [purged, marked] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(truth, { minLength: 2, maxLength: 7 }),
        noise,
        fc.nat(PROBE_EVERY_MS),
        (lives, noises, slot) => {
          let now: Tenancy = { tenant, generation: 1, state: 'active', enabled: true, licensed: true };
          let watch = freshWatch(1);
          let entry = 1;
          let nextAt = slot;
          let [began, count] = [0, 0];
          const step = (event: TenancyEvent, at: number): void => {
            const { tenancy, outcome } = nextTenancy(now, event, at, { liveDays: 120 });
            if (outcome === 'marked' || outcome === 'returned') entry += 1;
            if (tenancy !== undefined) now = tenancy;
          };
          let ended = false;
          for (const { is, hours: lasts } of lives) {
            ended = is === 'off' ? ended : is !== 'paid';
            const until = began + lasts * HOUR;
            let quietSince = began;
            const isInTime = (at: number): boolean => {
              const late = at - quietSince;
              if (is === 'lapsed' && late > 48 * HOUR) return now.state === 'marked';
              if (is === 'vanished' && late > 15 * DAY) return now.state === 'marked';
              return !(is === 'paid' && late > PROBE_EVERY_MS + HOUR) || now.state === 'active';
            };
            // Sweeps come every hour; between the next probe, the due day and day 150 none of them has anything to do.
            const next = (at: number): number => {
              const { markedAt = Infinity, dueAt = Infinity } = now;
              const times = [nextAt, dueAt, markedAt + 150 * DAY, until].filter((time) => time > at);
              return Math.ceil(Math.min(...times) / HOUR) * HOUR;
            };
            for (let at = Math.ceil(began / HOUR) * HOUR; at < until && now.state !== 'purging'; at = next(at)) {
              if (at > began && !isInTime(at - 1)) expect([is, now.state, at - quietSince]).toBe('in time');
              if (nextAt <= at) {
                const what = noises[count % noises.length];
                count += 1;
                if (what === 'lost') nextAt = at + HOUR;
                else {
                  const probed = afterProbe(watch, what === 'unclear' ? unclear : answers[is], { tenant, entry, at });
                  ({ watch, nextAt } = probed);
                  if (probed.conclusion !== undefined) step(probed.conclusion.event, probed.conclusion.at);
                }
                // What our side or the limits swallowed is not the probes' promise.
                if (what === 'lost' || what === 'unclear') quietSince = Math.max(quietSince, began) + 2 * HOUR;
              }
              if (!isInTime(at)) expect([is, now.state, at - quietSince]).toBe('in time');
              if (now.state === 'marked') marked += 1;
              if (now.state !== 'marked' || now.markedAt === undefined || at < (now.dueAt ?? Infinity)) continue;
              const { evidence, markedAt } = now;
              if (!isRefutable(evidence)) continue;
              if (recheckOf(evidence, answers[is], { markedAt, now: at }) !== 'holds') continue;
              purged += 1;
              // Who ended and then switched the app off has said nothing that speaks for a return until the last day.
              expect(is === 'off' ? ended : is === 'lapsed' || is === 'vanished').toBe(true);
              step({ kind: 'claim' }, at);
            }
            began = until;
          }
          expect(now.state === 'purging' || isProbed(now)).toBe(true);
        },
      ),
      { numRuns: 600 },
    );
    // A property that never comes to the point proves nothing.
    expect(marked).toBeGreaterThan(1_000);
    expect(purged).toBeGreaterThan(20);
  });
});
