/** A place for backups in this process. */
import { setId } from '../model/ids.ts';
import type { SetId } from '../model/ids.ts';
import type { BackupAppend, BackupPrune, BackupRestore } from '../ports.ts';
import { Fault } from '../verdict.ts';

/** One place, seen with each of the three credentials. */
export class MemoryBackup {
  readonly #files = new Map<string, Uint8Array>();

  readonly append: BackupAppend = {
    append: async (set, file, bytes) => {
      const name = `${set}.${file}`;
      if (this.#files.has(name)) throw new Fault('store-exists', { set });
      // A buffer's own slice would share its memory.
      this.#files.set(name, Uint8Array.from(bytes));
    },
  };

  readonly prune: BackupPrune = {
    sets: async () => this.#sets(),
    remove: async (set) => {
      for (const name of this.#files.keys()) if (name.startsWith(`${set}.`)) this.#files.delete(name);
    },
  };

  readonly restore: BackupRestore = {
    sets: async () => this.#sets(),
    read: async (set, file) => {
      const bytes = this.#files.get(`${set}.${file}`);
      if (bytes === undefined) throw new Fault('not-found', { set });
      return Uint8Array.from(bytes);
    },
  };

  /** Everything that lies there, by name: what a thief would have. For tests; what is changed here is changed there. */
  get files(): Map<string, Uint8Array> {
    return this.#files;
  }

  #sets(): readonly SetId[] {
    return [...new Set([...this.#files.keys()].map((name) => name.slice(0, name.indexOf('.'))))].sort().map(setId);
  }
}
