/** Workers that stand still for longer than their leases, at any await. */
import { expect, test } from 'vitest';
import { runScript } from './run.ts';
import type { Focus } from './script.ts';
import { seedScript } from './seeds.ts';

const STALLED: Focus = {
  deeds: { edit: 1, comment: 2 },
  faults: { stall: 3, 'clock-jump': 1, 'webhook-twice': 1 },
  fields: ['labels', 'summary'],
  rate: 1.8,
  maxGap: 40,
};

test('S100 who has lost the lease of a twin writes nothing more, wherever the time went', async () => {
  let expired = 0;
  const found: string[] = [];
  for (let seed = 1; seed <= 60; seed += 1) {
    const { violations, faults } = await runScript(seedScript(seed, STALLED));
    expired += faults['lease-expired'] ?? 0;
    found.push(...violations.map(({ kind, what }) => `${seed}: ${kind}: ${what}`));
  }
  expect(found).toEqual([]);
  expect(expired).toBeGreaterThan(10);
}, 120_000);
