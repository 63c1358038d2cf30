/** A place for backups on this computer: a folder, each file whole or not there. */
import {
  linkSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setId } from '../model/ids.ts';
import type { SetId } from '../model/ids.ts';
import type { BackupAppend, BackupPrune, BackupRestore } from '../ports.ts';
import { Fault } from '../verdict.ts';

/** Files of ours; others in the folder are let be. */
const OURS = /^(b-[0-9]{8}-[0-9]{4})\.[a-z0-9][a-z0-9.-]{0,79}$/;
/** Files that are being written begin with a dot. */
const DRAFT = '.draft-';

/** The folder seen with each of the three credentials. It is made when it is missing. */
export function diskBackup(folder: string): {
  readonly append: BackupAppend;
  readonly prune: BackupPrune;
  readonly restore: BackupRestore;
} {
  const sets = async (): Promise<readonly SetId[]> => [...new Set(ours(folder).map(([, set]) => set))].sort();
  return {
    append: { append: async (set, file, bytes) => guarded(() => write(folder, `${set}.${file}`, bytes)) },
    prune: {
      sets,
      remove: async (set) =>
        guarded(() => {
          for (const [name, of] of ours(folder)) if (of === set) rmSync(join(folder, name), { force: true });
        }),
    },
    restore: {
      sets,
      read: async (set, file) => guarded(() => new Uint8Array(readFileSync(join(folder, `${set}.${file}`)))),
    },
  };
}

function ours(folder: string): readonly (readonly [name: string, set: SetId])[] {
  return guarded(() => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return readdirSync(folder).flatMap((name) => {
      const set = OURS.exec(name)?.[1];
      return set === undefined ? [] : [[name, setId(set)] as const];
    });
  });
}

/** A link is refused when the name is taken: the file is there as a whole or not at all, and never over another. */
function write(folder: string, name: string, bytes: Uint8Array): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${DRAFT}${name}`);
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o400);
  try {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
    linkSync(draft, join(folder, name));
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code === 'EEXIST') throw new Fault('store-exists', {}, thrown);
    if (code === 'ENOENT') throw new Fault('not-found', {}, thrown);
    throw new Fault('outside-unavailable', { reason: 'disk' }, thrown);
  }
}
