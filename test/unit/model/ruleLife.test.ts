import { expect, test } from 'vitest';
import { ruleEvents, ruleLife, ruleStateOf, ruleStates, stageOf } from '../../../shared/model/ruleLife.ts';

test('U1 every pair of state and event has one entry', () => {
  for (const state of ruleStates) {
    expect(Object.keys(ruleLife[state]).sort()).toEqual([...ruleEvents].sort());
    for (const event of ruleEvents) expect([...ruleStates, 'refused']).toContain(ruleLife[state][event]);
  }
});

test('U1 asking twice equals asking once', () => {
  for (const state of ruleStates)
    for (const event of ruleEvents) {
      const next = ruleLife[state][event];
      if (next !== 'refused') expect(ruleLife[next][event]).toBe(next);
    }
});

test('U1 nothing leaves withdrawn, and only what was checked or agreed becomes active', () => {
  expect(new Set(Object.values(ruleLife.withdrawn))).toEqual(new Set(['refused', 'withdrawn']));
  const intoActive = ruleStates.flatMap((state) =>
    ruleEvents
      .filter((event) => state !== 'active' && ruleLife[state][event] === 'active')
      .map((event) => `${state} ${event}`),
  );
  expect(intoActive).toEqual(['checked publish', 'waiting agree']);
});

test('U2 what was published is not edited, withdrawn or asked for again', () => {
  for (const state of ['active', 'older'] as const)
    for (const event of ['edit', 'withdraw', 'decline', 'recall'] as const)
      expect(ruleLife[state][event]).toBe('refused');
});

test('U2 of the published versions the half’s one is active and all others are older', () => {
  expect([1, 2, 3].map((version) => ruleStateOf(version, 'published', 2))).toEqual(['older', 'active', 'older']);
  expect(ruleStateOf(1, undefined, 2)).toBe('older');
  for (const state of ruleStates) {
    const active = state === 'active' ? 7 : 8;
    expect(ruleStateOf(7, stageOf(state), active)).toBe(state);
  }
});
