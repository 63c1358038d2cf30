import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'vitest';

const folder = resolve(import.meta.dirname, '../../../../shared/data');

/** A file of the public material beside the project. */
export function sharedFile(path: string): string {
  return resolve(folder, path);
}

/** A JSON file of it. */
export function sharedJson(path: string): unknown {
  return JSON.parse(readFileSync(sharedFile(path), 'utf8'));
}

/**
 * A suite over the public material. Without it the suite is skipped and says why; where CI is set it fails instead,
 * because a suite that is always skipped proves nothing.
 */
export function describeWithSharedData(title: string, define: () => void): void {
  if (existsSync(folder)) describe(title, define);
  else if (process.env['CI'] === undefined) {
    console.log(`skipped: ${title} (../shared/data is not there)`);
    describe.skip(title, () => test('needs ../shared/data', () => undefined));
  } else {
    test(title, () => {
      throw new Error('../shared/data is not there, and CI is set');
    });
  }
}
