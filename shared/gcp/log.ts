/** The log: one JSON line each, in the form that Cloud Logging reads from stdout. Content cannot pass. */
import { pino } from 'pino';
import type { Clock, Facts, Log } from '../ports.ts';
import { Fault, meaningOf } from '../verdict.ts';
import type { Code } from '../verdict.ts';

/** Ids, codes, names of ours: no blanks, no `@`, nothing long. Text of people has blanks. */
const PLAIN = /^[A-Za-z0-9._:#~+=,*?/-]{0,200}$/;
const WITHHELD = '[withheld]';
/** Causes of causes that are named; a chain that goes round must end. */
const MAX_CAUSES = 5;

/** What one line says. `severity` and `time` are Cloud Logging's names. @see https://cloud.google.com/logging/docs/structured-logging */
interface Line {
  readonly severity: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
  readonly kind: 'work' | 'note' | 'fault';
  readonly name: string;
  readonly code?: Code;
  readonly facts: Facts;
  readonly cause?: readonly string[];
}

/** Where lines go and what time they carry. */
export interface LogOptions {
  readonly clock: Clock;
  /** Left out: stdout, written at once, because an instance may be frozen after its answer. */
  readonly destination?: { write(line: string): void };
}

/** Pino writes the level first, whatever becomes of it: an empty one would leave a lone comma. Its place is the severity's. */
const LEVEL = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error' } as const;
const SEVERITY: Readonly<Record<string, string>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

/** The log of one process. */
export function cloudLog({ clock, destination = pino.destination({ fd: 1, sync: true }) }: LogOptions): Log {
  const severity = (label: string) => ({ severity: SEVERITY[label] ?? 'DEFAULT' });
  const out = pino({ base: null, timestamp: false, level: 'debug', formatters: { level: severity } }, destination);
  const write = (line: Line): void => {
    const { severity: at, ...rest } = line;
    const { name, code } = rest;
    const time = new Date(clock.now()).toISOString();
    out[LEVEL[at]]({ ...rest, time, message: code === undefined ? name : `${name} ${code}` });
  };
  return {
    work: (name, { code, facts }, more) => {
      const severity = meaningOf(code).kind === 'fault' ? 'WARNING' : 'INFO';
      write({ severity, kind: 'work', name, code, facts: plain({ ...facts, ...more }) });
    },
    note: (name, facts) => write({ severity: 'DEBUG', kind: 'note', name, facts: plain(facts) }),
    fault: (name, code, facts, cause) => {
      const severity = meaningOf(code).alarm ? 'ERROR' : 'WARNING';
      write({ severity, kind: 'fault', name, code, facts: plain(facts), cause: causesOf(cause) });
    },
  };
}

/** Facts with everything replaced that does not look like an id, a code or a number. */
function plain(facts: Facts): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      PLAIN.test(name) ? name : WITHHELD,
      typeof value === 'string' && !PLAIN.test(value) ? WITHHELD : value,
    ]),
  );
}

/** Class names and codes down the chain of causes. Messages of foreign errors quote what they were given: never those. */
function causesOf(thrown: unknown): readonly string[] {
  const causes: string[] = [];
  for (
    let one = thrown;
    one !== undefined && causes.length < MAX_CAUSES;
    one = one instanceof Error ? one.cause : undefined
  )
    causes.push(nameOf(one));
  return causes;
}

function nameOf(thrown: unknown): string {
  if (thrown instanceof Fault) return `Fault:${thrown.code}`;
  if (!(thrown instanceof Error)) return typeof thrown;
  const code =
    'code' in thrown && (typeof thrown.code === 'number' || typeof thrown.code === 'string') ? `:${thrown.code}` : '';
  const name = `${thrown.constructor.name}${code}`;
  return PLAIN.test(name) ? name : WITHHELD;
}
