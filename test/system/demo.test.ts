import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findEmulators } from '../../infra/local/emulators.ts';

const root = resolve(import.meta.dirname, '../..');
const emulators = findEmulators();
const why = 'missing' in emulators ? `${emulators.missing} is missing` : undefined;
if (why !== undefined) {
  if (process.env['CI'] !== undefined) throw new Error(`the demo cannot run on the emulators: ${why}`);
  console.log(`the demo on the emulators is skipped: ${why}`);
}

/** Runs the demo as a stranger would and answers its last line. */
function demo(...words: readonly string[]): Promise<Record<string, unknown>> {
  return new Promise((done, failed) => {
    execFile(
      process.execPath,
      [join(root, 'infra/local/demo.ts'), ...words],
      { cwd: root },
      (error, stdout, stderr) => {
        const last = stdout.trim().split('\n').at(-1) ?? '';
        if (error !== null && last === '') failed(new Error(stderr));
        else done(JSON.parse(last) as Record<string, unknown>);
      },
    );
  });
}

const clean = {
  ok: true,
  problems: [],
  duplicates: 0,
  lost: 0,
  echoes: 0,
  conformanceViolations: 0,
  purge: { documentsAfter: 0, receiptVerified: true },
};

describe('the main job, end to end', { timeout: 420_000 }, () => {
  test('holds on the memory ports', async () => {
    expect(await demo('--memory')).toMatchObject({ ...clean, backend: 'memory' });
  });

  test.skipIf(why !== undefined)('holds on the emulators while function processes are killed', async () => {
    expect(await demo('--kills', '5')).toMatchObject({ ...clean, backend: 'emulators', kills: 5 });
  });
});
