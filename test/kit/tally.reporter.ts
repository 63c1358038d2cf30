import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one plain line that any CI can read: `N passed, N failed`, and how many were skipped. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tally = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      let count = 0;
      for (const test of module.children.allTests()) {
        count += 1;
        const { state } = test.result();
        if (state === 'passed') tally.passed += 1;
        else if (state === 'failed') tally.failed += 1;
        else tally.skipped += 1;
      }
      // A file that could not be loaded has no tests, and has failed.
      if (module.state() === 'failed' && count === 0) tally.failed += 1;
    }
    // After the other reporters' own summary.
    process.on('exit', () => {
      const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
      process.stdout.write(`${tally.passed} passed, ${tally.failed} failed${skipped}\n`);
    });
  }
}
