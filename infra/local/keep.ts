/** Keeps the Firestore emulator's data between runs. Its own `--export-on-exit` does not work. @see PLATFORM.md §2 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const NAME = 'x';
/** Every database that the topology has would be exported by itself; the emulator exports one at a time. */
const databases = ['(default)', 'vault', 'ledger'] as const;

/** Where a database's export of an earlier run starts, if there is one. */
export function keptData(folder: string): string | undefined {
  const file = join(resolve(folder), 'firestore', '(default)', NAME, `${NAME}.overall_export_metadata`);
  return existsSync(file) ? file : undefined;
}

/** Exports every database beside the last export, and then takes its place, so that a crash leaves one of the two whole. */
export async function keepData(folder: string, firestoreHost: string, project: string): Promise<void> {
  const [now, next] = [join(resolve(folder), 'firestore'), join(resolve(folder), 'firestore.next')];
  rmSync(next, { recursive: true, force: true });
  for (const database of databases) {
    const answer = await fetch(`http://${firestoreHost}/emulator/v1/projects/${project}:export`, {
      method: 'POST',
      body: JSON.stringify({ database: `projects/${project}/databases/${database}`, export_directory: join(next, database), export_name: NAME }),
    });
    if (!answer.ok) throw new Error(`the Firestore emulator would not export: ${answer.status}`);
  }
  rmSync(now, { recursive: true, force: true });
  renameSync(next, now);
}
