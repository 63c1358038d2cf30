/** Keeps the Firestore emulator's data between runs. Its own `--export-on-exit` does not work. @see PLATFORM.md §2 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { databases } from '../topology.ts';

/** The emulator exports and imports one database at a time, under a name of the caller's. */
const NAME = 'data';
const folderOf = (database: string): string => database.replace(/[()]/g, '');

/** Fills an empty emulator with what an earlier run kept; does nothing when there is none. */
export async function bringBack(folder: string, host: string, project: string): Promise<void> {
  for (const { name } of databases) {
    const file = join(resolve(folder), 'firestore', folderOf(name), NAME, `${NAME}.overall_export_metadata`);
    if (existsSync(file))
      await ask({ host, project, action: 'import', body: { database: name, export_directory: file } });
  }
}

/** Exports every database beside the last export and then takes its place: a crash leaves one of the two whole. */
export async function keepData(folder: string, host: string, project: string): Promise<void> {
  const [now, next] = [join(resolve(folder), 'firestore'), join(resolve(folder), 'firestore.next')];
  rmSync(next, { recursive: true, force: true });
  for (const { name } of databases) {
    const into = join(next, folderOf(name));
    mkdirSync(into, { recursive: true });
    await ask({ host, project, action: 'export', body: { database: name, export_directory: into, export_name: NAME } });
  }
  rmSync(now, { recursive: true, force: true });
  renameSync(next, now);
}

interface Ask {
  readonly host: string;
  readonly project: string;
  readonly action: 'import' | 'export';
  readonly body: Readonly<Record<string, string>> & { readonly database: string };
}

async function ask({ host, project, action, body }: Ask): Promise<void> {
  const answer = await fetch(`http://${host}/emulator/v1/projects/${project}:${action}`, {
    method: 'POST',
    body: JSON.stringify({ ...body, database: `projects/${project}/databases/${body.database}` }),
  });
  if (!answer.ok) throw new Error(`the Firestore emulator refuses to ${action} ${body.database}: ${answer.status}`);
}
