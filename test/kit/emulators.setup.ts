/** Starts the emulators once for all contract suites. Without them the suites run on memory only, and the run says so. */
import type { TestProject } from 'vitest/node';
import { startEmulators } from '../../infra/local/emulators.ts';

/** Where the emulators listen, or why there are none. */
export type EmulatorsForTests =
  | { readonly firestoreHost: string; readonly pubsubHost: string }
  | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    emulators: EmulatorsForTests;
  }
}

/** On a CI server a missing emulator is a failure: a skipped contract proves nothing. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const emulators = await startEmulators();
  if ('missing' in emulators) {
    const why = `contract suites run on memory only: ${emulators.missing} is missing. ${emulators.howTo}`;
    if (process.env['CI'] !== undefined) throw new Error(why);
    console.warn(why);
    project.provide('emulators', { missing: emulators.missing });
    return undefined;
  }
  project.provide('emulators', { firestoreHost: emulators.firestoreHost, pubsubHost: emulators.pubsubHost });
  return () => emulators.stop();
}
