/** What a contract suite needs to know of the emulators. */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type {} from './emulators.setup.ts';

/** The emulators' addresses; `undefined` when this computer has none. */
export function emulatorHosts(): { readonly firestoreHost: string; readonly pubsubHost: string } | undefined {
  const given = inject('emulators');
  return 'missing' in given ? undefined : given;
}

/** A project of its own for one test file: the emulators keep projects apart. */
export function ownProject(name: string): string {
  return `test-${name}-${randomBytes(4).toString('hex')}`;
}
