import { defineConfig } from 'vitest/config';

/** The one system suite that needs the emulators themselves and not a stack. */
const PUSH = 'test/system/push.test.ts';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    reporters: ['default', './test/kit/tally.reporter.ts'],
    setupFiles: ['./test/kit/seeds.setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The emulators start only when a suite that needs them runs. Lists here would be joined to those of the projects.
    projects: [
      { extends: true, test: { name: 'plain', include: ['test/**/*.test.ts'], exclude: ['test/contract/**', PUSH] } },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts', PUSH],
          globalSetup: ['test/kit/emulators.setup.ts'],
          // Google's clients look for a metadata server otherwise, and wait for it.
          env: { METADATA_SERVER_DETECTION: 'none' },
        },
      },
    ],
  },
});
