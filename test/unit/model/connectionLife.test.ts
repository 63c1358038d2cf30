import { describe, expect, test } from 'vitest';
import type { ConnectionState } from '../../../shared/model/connection.ts';
import { connectionStateOf, halfLife } from '../../../shared/model/connectionLife.ts';
import type { HalfEvent } from '../../../shared/model/connectionLife.ts';
import { twinStateOf } from '../../../shared/model/twinState.ts';
import type { TwinSigns } from '../../../shared/model/twinState.ts';

const states: readonly ConnectionState[] = ['pending', 'active', 'paused', 'ended', 'partner-left'];
const events: readonly HalfEvent[] = ['accept', 'pause', 'resume', 'end'];

describe('a half’s life', () => {
  test('only a pending half can be accepted, and nothing leaves ended', () => {
    expect(states.filter((state) => halfLife[state].accept !== 'refused')).toEqual(['pending']);
    expect(events.map((event) => halfLife.ended[event])).toEqual(['refused', 'refused', 'refused', 'ended']);
  });

  test('every state can be ended', () => {
    expect(states.map((state) => halfLife[state].end)).toEqual(states.map(() => 'ended'));
  });

  test.each(events)('asking for %s twice equals asking once', (event) => {
    for (const state of states) {
      const next = halfLife[state][event];
      if (next !== 'refused' && event !== 'accept') expect(halfLife[next][event]).toBe(next);
    }
  });
});

describe('a connection’s state', () => {
  test('does not depend on which side is which', () => {
    for (const a of states) for (const b of states) expect(connectionStateOf(a, b)).toBe(connectionStateOf(b, a));
  });

  test.each<[ConnectionState, ConnectionState, ConnectionState]>([
    ['active', 'active', 'active'],
    ['active', 'paused', 'paused'],
    ['paused', 'paused', 'paused'],
    ['paused', 'ended', 'ended'],
    ['active', 'partner-left', 'partner-left'],
  ])('of %s and %s is %s', (a, b, whole) => {
    expect(connectionStateOf(a, b)).toBe(whole);
  });
});

describe('a twin’s state for people', () => {
  const settled: TwinSigns = { dirty: false, settledAt: 5, fields: { summary: {} } };
  test.each<[string, TwinSigns, string]>([
    ['settled', settled, 'in-step'],
    ['never settled', { dirty: false, fields: {} }, 'new'],
    ['under a lease', { ...settled, lease: {} }, 'working'],
    ['dirty', { ...settled, dirty: true }, 'working'],
    ['parked', { ...settled, wakeAt: 9 }, 'working'],
    ['with an error', { ...settled, error: { code: 'issue-gone' }, wakeAt: 9 }, 'blocked'],
    ['with one blocked field', { ...settled, fields: { status: { blocked: 'status-unreachable' } } }, 'blocked'],
  ])('%s', (_title, signs, state) => {
    expect(twinStateOf(signs)).toBe(state);
  });
});
