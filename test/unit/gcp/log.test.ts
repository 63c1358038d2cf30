import { describe, expect, test } from 'vitest';
import { cloudLog } from '../../../shared/gcp/log.ts';
import { MemoryClock } from '../../../shared/memory/clock.ts';
import type { Log } from '../../../shared/ports.ts';
import { Fault, verdict } from '../../../shared/verdict.ts';

/** The one line that a call writes, and its text. */
function lineOf(say: (log: Log) => void): { readonly text: string; readonly line: Record<string, unknown> } {
  const texts: string[] = [];
  say(cloudLog({ clock: new MemoryClock(0), destination: { write: (text) => texts.push(text) } }));
  expect(texts).toHaveLength(1);
  const [text = ''] = texts;
  expect(text.endsWith('\n')).toBe(true);
  return { text, line: JSON.parse(text) as Record<string, unknown> };
}

describe('the log', () => {
  test('writes what Cloud Logging reads', () => {
    expect(lineOf((log) => log.work('sync', verdict('synced', { steps: 2 }), { ms: 5 })).line).toEqual({
      severity: 'INFO',
      time: '1970-01-01T00:00:00.000Z',
      message: 'sync synced',
      kind: 'work',
      name: 'sync',
      code: 'synced',
      facts: { steps: 2, ms: 5 },
    });
  });

  test.each([
    ['a note', 'DEBUG', (log: Log) => log.note('plan', {})],
    ['a fault that wakes nobody', 'WARNING', (log: Log) => log.fault('sync', 'store-unavailable', {})],
    ['a fault that wakes somebody', 'ERROR', (log: Log) => log.fault('sync', 'seal-broken', {})],
  ])('gives %s the severity %s', (_what, severity, say) => {
    expect(lineOf(say).line).toMatchObject({ severity });
  });

  test.each([
    ['Dear Ms Smith'],
    ['smith@example.org'],
    ['two\nlines'],
    ['x'.repeat(201)],
    ['"quoted"'],
    ['Grüße'],
    ['<b>'],
  ])('withholds the value %o', (value) => {
    const { line } = lineOf((log) => log.note('plan', { value }));
    expect(line['facts']).toEqual({ value: '[withheld]' });
  });

  test.each([['t-00000001#1'], ['c-1~t-1#1~t-2#1'], ['DEMO-12'], ['fields.*.a'], ['']])(
    'lets the value %o pass',
    (value) => {
      expect(lineOf((log) => log.note('plan', { value })).line['facts']).toEqual({ value });
    },
  );

  test('withholds a name that is none of ours', () => {
    expect(lineOf((log) => log.note('plan', { 'Dear Ms Smith': 1 })).text).not.toContain('Smith');
  });

  test('names causes by class and code, never by message', () => {
    const foreign = Object.assign(new TypeError('Ms Smith wrote this'), { code: 14 });
    const fault = new Fault('store-unavailable', {}, foreign);
    const { line, text } = lineOf((log) => log.fault('sync', 'store-unavailable', {}, fault));
    expect(line['cause']).toEqual(['Fault:store-unavailable', 'TypeError:14']);
    expect(text).not.toContain('Smith');
  });

  test('ends with causes that go round', () => {
    const round = new Error('round');
    round.cause = round;
    expect(lineOf((log) => log.fault('sync', 'bug', {}, round)).line['cause']).toHaveLength(5);
  });
});
