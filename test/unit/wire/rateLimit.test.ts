import { describe, expect, test } from 'vitest';
import { readRateSigns } from '../../../shared/wire/rateLimit.ts';

const NOW = Date.UTC(2026, 10, 25, 10, 15);
const RESET = '2026-11-25T11:00:00Z';

describe('what headers say of limits', () => {
  test('G10 an answer names the quota and what is left of it', () => {
    const headers = {
      'x-ratelimit-limit': '65000',
      'x-ratelimit-remaining': '64000',
      'x-ratelimit-reset': RESET,
      'ratelimit-policy': '"global-app-quota";q=65000;w=3600',
      ratelimit: '"global-app-quota";r=63999;t=2700',
    };
    expect(readRateSigns(200, headers, NOW)).toEqual({
      quota: { limit: 65_000, remaining: 63_999 },
      resetAt: Date.parse(RESET),
      isNear: false,
    });
  });

  test.each([
    ['jira-quota-global-based', 'app-quota'],
    ['jira-quota-tenant-based', 'tenant-quota'],
    ['jira-burst-based', 'burst'],
    ['jira-per-issue-on-write', 'issue'],
    ['jira-cost-based', 'unknown'],
    [undefined, 'unknown'],
  ])('G9 the reason %s is %s', (text, reason) => {
    const headers = text === undefined ? {} : { 'ratelimit-reason': text };
    expect(readRateSigns(429, headers, NOW).reason).toBe(reason);
    expect(readRateSigns(200, headers, NOW).reason).toBeUndefined();
  });

  test.each([
    ['seconds', '7', 7_000],
    ['a date', new Date(NOW + 90_000).toUTCString(), 90_000],
    ['a day, cut to an hour', '86400', 3_600_000],
    ['nonsense', 'soon', undefined],
    ['a negative number', '-1', undefined],
  ])('G11 Retry-After in %s', (_what, text, ms) => {
    expect(readRateSigns(429, { 'retry-after': text }, NOW).retryAfterMs).toBe(ms);
  });

  test('G10 a burst’s numbers and Beta headers are not the quota’s', () => {
    const burst = { 'ratelimit-reason': 'jira-burst-based', 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '0' };
    expect(readRateSigns(429, burst, NOW).quota).toBeUndefined();
    const beta = {
      'beta-ratelimit-policy': '"global-app-quota";q=10;w=3600',
      'beta-ratelimit': '"global-app-quota";r=0;t=1',
    };
    expect(readRateSigns(200, beta, NOW).quota).toBeUndefined();
    const both = { ...burst, 'ratelimit-policy': '"tenant-quota";q=500;w=3600', ratelimit: '"tenant-quota";r=20;t=9' };
    expect(readRateSigns(429, both, NOW).quota).toEqual({ limit: 500, remaining: 20, isOwn: true });
  });

  test('G10 near the limit is said of the quota only', () => {
    expect(readRateSigns(200, { 'x-ratelimit-nearlimit': 'true' }, NOW).isNear).toBe(true);
    const burst = { 'ratelimit-reason': 'jira-burst-based', 'x-ratelimit-nearlimit': 'true' };
    expect(readRateSigns(429, burst, NOW).isNear).toBe(false);
  });
});
