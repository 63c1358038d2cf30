/** The clock of the local world: real time plus an offset that all processes read from one file. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface LocalClock {
  /** Epoch milliseconds, offset included. */
  now(): number;
  offsetMs(): number;
  /** Moves every clock of the local world forward. */
  advance(ms: number): void;
}

/** A clock whose offset lives in `file`; an existing file is taken over. */
export function openClock(file: string): LocalClock {
  let offset = read(file);
  const write = (): void => {
    // Moved into place, so that nobody reads half a number.
    writeFileSync(`${file}.new`, String(offset));
    renameSync(`${file}.new`, file);
  };
  write();
  return {
    now: () => Date.now() + offset,
    offsetMs: () => offset,
    advance: (ms) => {
      offset += Math.round(ms);
      write();
    },
  };
}

function read(file: string): number {
  try {
    const offset = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(offset) ? offset : 0;
  } catch {
    return 0;
  }
}
