/** Real time and real chance: the only place that asks this computer for either. */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Clock, Ids } from '../ports.ts';
import { Fault } from '../verdict.ts';

/** How often the shared offset is looked at: each call of `now` would cost a system call. */
const LOOK_EVERY_MS = 50;
/** Ids have 10 bytes of chance behind their time: nobody guesses one, and none comes twice. */
const CHANCE_BYTES = 10;
const TIME_DIGITS = 12;

/** What a system clock follows. */
export interface ClockOptions {
  readonly mode: 'production' | 'local';
  /** A file with a whole number of milliseconds that is added to the time. */
  readonly offsetFile?: string | undefined;
}

/** This computer's clock. @throws Fault `config-invalid` for an offset in production */
export function systemClock({ mode, offsetFile }: ClockOptions): Clock {
  if (mode === 'production' && offsetFile !== undefined)
    throw new Fault('config-invalid', { setting: 'TWINLINE_CLOCK_FILE' });
  const offset = offsetFile === undefined ? () => 0 : followed(offsetFile);
  return {
    now: () => {
      const now = Date.now();
      return now + offset(now);
    },
    sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
  };
}

/** This computer's chance; ids start with the given clock's time, so that they sort by it. */
export function systemIds(clock: Clock): Ids {
  return {
    next: () => {
      const time = Math.max(0, clock.now()).toString(16).padStart(TIME_DIGITS, '0');
      return `${time}-${randomBytes(CHANCE_BYTES).toString('hex')}`;
    },
    bytes: (length) => new Uint8Array(randomBytes(length)),
  };
}

/** The offset in a file; the last readable one while it is missing or being written. */
function followed(file: string): (now: number) => number {
  let offset = 0;
  let seen = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  return (now) => {
    if (Math.abs(now - lookedAt) < LOOK_EVERY_MS) return offset;
    lookedAt = now;
    try {
      const { mtimeMs, ino, size } = statSync(file);
      const state = `${mtimeMs} ${ino} ${size}`;
      if (state !== seen) offset = wholeNumber(readFileSync(file, 'utf8')) ?? offset;
      seen = state;
    } catch {
      // Not there yet, or just being replaced.
    }
    return offset;
  };
}

function wholeNumber(text: string): number | undefined {
  const value = Number(text.trim());
  return text.trim() !== '' && Number.isSafeInteger(value) ? value : undefined;
}
