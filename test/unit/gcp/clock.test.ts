import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock, systemIds } from '../../../shared/gcp/clock.ts';
import { MemoryClock, MemoryIds } from '../../../shared/memory/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'clock-'));
const file = join(folder, 'offset');
afterAll(() => rmSync(folder, { recursive: true }));

describe('the system clock', () => {
  beforeEach(() => {
    rmSync(file, { force: true });
    vi.useFakeTimers({ now: 1_000_000 });
    return () => vi.useRealTimers();
  });
  const put = (text: string): void => {
    // As the local stack does it: beside, then in place.
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };

  test('follows the offset in a file, and looks at most every 50 ms', () => {
    const clock = systemClock({ mode: 'local', offsetFile: file });
    expect(clock.now()).toBe(1_000_000);
    put('5000');
    vi.advanceTimersByTime(49);
    expect(clock.now()).toBe(1_000_049);
    vi.advanceTimersByTime(1);
    expect(clock.now()).toBe(1_005_050);
  });

  test.each([['nonsense'], [''], ['1e999'], ['1.5']])('keeps the last offset when the file says %o', (text) => {
    put('5000');
    const clock = systemClock({ mode: 'local', offsetFile: file });
    expect(clock.now()).toBe(1_005_000);
    put(text);
    vi.advanceTimersByTime(50);
    expect(clock.now()).toBe(1_005_050);
    rmSync(file);
    vi.advanceTimersByTime(50);
    expect(clock.now()).toBe(1_005_100);
  });

  test('refuses an offset in production', () => {
    expect(() => systemClock({ mode: 'production', offsetFile: file })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }) as Error,
    );
    expect(systemClock({ mode: 'production' }).now()).toBe(1_000_000);
  });
});

describe('ids', () => {
  test.each([
    ['of the system', systemIds(new MemoryClock(1_700_000_000_000))],
    ['of a seed', new MemoryIds(7)],
  ])('%s stand in an id of ours and come once', (_what, ids) => {
    const made = Array.from({ length: 1_000 }, () => ids.next());
    expect(new Set(made).size).toBe(1_000);
    for (const id of made) expect(`t-${id}`).toMatch(/^t-[0-9a-z-]{8,64}$/);
    expect(ids.bytes(33)).toHaveLength(33);
    expect(ids.bytes(32)).not.toEqual(ids.bytes(32));
  });

  test('of the system sort by time', () => {
    const clock = new MemoryClock(1_700_000_000_000);
    const ids = systemIds(clock);
    const first = ids.next();
    clock.advance(1);
    expect(first < ids.next()).toBe(true);
  });

  test('of a seed are the same each time, and others for another seed', () => {
    expect(new MemoryIds(7).next()).toBe(new MemoryIds(7).next());
    expect(new MemoryIds(7).bytes(9)).not.toEqual(new MemoryIds(8).bytes(9));
  });
});

describe('the memory clock', () => {
  test('skips the time that somebody wants to sleep', async () => {
    const clock = new MemoryClock(10);
    await clock.sleep(5);
    expect(clock.now()).toBe(15);
  });

  test('keeps sleepers until their time when it is told to', async () => {
    const clock = new MemoryClock(0, 'waits');
    const woken: number[] = [];
    const sleeping = [30, 10].map(async (ms) => {
      await clock.sleep(ms);
      woken.push(ms);
    });
    expect(clock.nextWakeAt()).toBe(10);
    clock.advance(29);
    await sleeping[1];
    expect(woken).toEqual([10]);
    clock.advance(1);
    await Promise.all(sleeping);
    expect(woken).toEqual([10, 30]);
    expect(clock.nextWakeAt()).toBeUndefined();
  });
});
