/** A log that keeps its lines, for tests to look at. */
import type { Facts, Log } from '../ports.ts';
import type { Code, Verdict } from '../verdict.ts';

/** One line as it was said; nothing is withheld here, so that a test can look for what must not be said. */
export interface LogLine {
  readonly kind: 'work' | 'note' | 'fault';
  readonly name: string;
  readonly code?: Code;
  readonly facts: Facts;
  readonly cause?: unknown;
}

/** Collects lines in order. */
export class MemoryLog implements Log {
  readonly lines: LogLine[] = [];

  work(name: string, { code, facts }: Verdict, more: Facts): void {
    this.lines.push({ kind: 'work', name, code, facts: { ...facts, ...more } });
  }

  note(name: string, facts: Facts): void {
    this.lines.push({ kind: 'note', name, facts });
  }

  fault(name: string, code: Code, facts: Facts, cause?: unknown): void {
    this.lines.push({ kind: 'fault', name, code, facts, ...(cause === undefined ? {} : { cause }) });
  }
}
