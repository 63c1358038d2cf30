/** What an erasure of a person means at everybody else who works for us. Pure. @see SPEC.md R104, GDPR 19 */
import type { Processor } from './processors.ts';

/**
 * `with-us`: gone there when it is gone from our stores. `by-us`: we have it erased there and look that it is gone. `expires`: sealed, and
 * gone with the last backup that holds it. `task`: somebody of ours has to ask that party.
 */
export const erasureHows = ['with-us', 'by-us', 'expires', 'task'] as const;
export type ErasureHow = (typeof erasureHows)[number];

const hows: Readonly<Record<string, ErasureHow>> = {
  google: 'with-us',
  desk: 'by-us',
  offline: 'expires',
  bucket: 'expires',
};

/** One party, and how an erasure reaches it. */
export interface ErasureElsewhere {
  readonly party: string;
  readonly name: string;
  readonly how: ErasureHow;
}

/** Every party of the register that works for us and gets data. Whoever comes new is a task, until it is known better. */
export function erasureElsewhere(register: readonly Processor[]): readonly ErasureElsewhere[] {
  return register
    .filter(({ role }) => role === 'sub-processor')
    .map(({ id, name }) => ({ party: id, name, how: hows[id] ?? 'task' }));
}
