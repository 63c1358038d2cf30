import { defineConfig } from 'vitest/config';
import { canaryPlaces } from './kit/canaryPlaces.ts';

/** The system suites that need the emulators themselves and not a stack. */
const EMULATED = ['test/system/push.test.ts', 'test/system/restoreDrill.test.ts'];

const root = new URL('..', import.meta.url).pathname;

export default defineConfig({
  // Every suite is watched: what must not get out fails the test that let it out.
  plugins: [canaryPlaces(root)],
  test: {
    root,
    reporters: ['default', './test/kit/tally.reporter.ts'],
    setupFiles: ['./test/kit/seeds.setup.ts', './test/kit/canaries.setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The emulators start only when a suite that needs them runs. Lists here would be joined to those of the projects.
    projects: [
      {
        extends: true,
        test: { name: 'plain', include: ['test/**/*.test.ts'], exclude: ['test/contract/**', ...EMULATED] },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts', ...EMULATED],
          globalSetup: ['test/kit/emulators.setup.ts'],
          // Google's clients look for a metadata server otherwise, and wait for it.
          env: { METADATA_SERVER_DETECTION: 'none' },
        },
      },
    ],
  },
});
