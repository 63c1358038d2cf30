/**
 * A place for backups on an SFTP server. The host is asked of the register first, its key is pinned, and each credential is a key pair of
 * its own to which the server allows no more than its part. Files are flat, `<set>.<file>`: a server that gives new files a mode
 * without write permission then keeps them from their own writer.
 */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Client, SFTPWrapper } from 'ssh2';
import { setId } from '../model/ids.ts';
import type { SetId } from '../model/ids.ts';
import type { BackupAppend, BackupPrune, BackupRestore } from '../ports.ts';
import { Fault, toFault } from '../verdict.ts';

/** Where the server is and who we are there. */
export interface SftpSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The folder on the server; it must be there. */
  readonly folder: string;
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly hostKey: string;
  /** The private key of one credential, OpenSSH or PEM. */
  readonly key: string;
  /** Does the register of processors name this host for backups? Asked before anything is sent. */
  readonly isRegistered: (host: string) => boolean;
}

/** From the first packet to a ready channel. */
const CONNECT_MS = 15_000;
/** A server that says nothing for so long is gone. */
const SILENCE_MS = 30_000;
/** What one request carries: every server takes so much. @see draft-ietf-secsh-filexfer-02 §3 */
const BLOCK_BYTES = 32_768;
/** Requests under way: at a round trip of 15 ms some 30 MiB/s. */
const AT_ONCE = 16;
/** A part is some 6 MiB; the manifest of a large set may have more. */
const MAX_READ_BYTES = 256 * 1024 * 1024;

const OURS = /^(b-[0-9]{8}-[0-9]{4})\.[a-z0-9][a-z0-9.-]{0,79}$/;

/** Status codes of the protocol. @see draft-ietf-secsh-filexfer-02 §7 */
const [NO_SUCH_FILE, PERMISSION_DENIED, FAILURE] = [2, 3, 4];

/**
 * The server seen with one credential; it decides what of this succeeds. A call that comes while the connection of the one before is
 * still open uses it.
 */
export function sftpBackup(settings: SftpSettings): BackupAppend & BackupPrune & BackupRestore {
  const at = (name: string): string => `${settings.folder.replace(/\/+$/, '')}/${name}`;
  const list = (sftp: SFTPWrapper): Promise<readonly string[]> => namesIn(sftp, settings.folder || '/');
  const line = new Line(settings);
  return {
    append: (set, file, bytes) => line.use((sftp) => writeNew(sftp, at(`${set}.${file}`), bytes)),
    sets: () => line.use(async (sftp) => setsOf(await list(sftp))),
    remove: (set) =>
      line.use(async (sftp) => {
        for (const name of await list(sftp)) if (OURS.exec(name)?.[1] === set) await removeOne(sftp, at(name));
      }),
    read: (set, file) => line.use((sftp) => readWhole(sftp, at(`${set}.${file}`))),
  };
}

function setsOf(names: readonly string[]): readonly SetId[] {
  return [...new Set(names.flatMap((name) => OURS.exec(name)?.[1] ?? []))].sort().map(setId);
}

// ── Connections ─────────────────────────────────────────────────────────────────────────────────────────────────

interface Open {
  readonly socket: Socket;
  readonly sftp: SFTPWrapper;
}

/**
 * One connection, kept for the next call: a handshake takes longer than a small file. It ends when nothing has been heard for a
 * while, and does not keep the process alive meanwhile.
 */
class Line {
  readonly #settings: SftpSettings;
  #open: Promise<Open> | undefined;
  #users = 0;

  constructor(settings: SftpSettings) {
    this.#settings = settings;
  }

  async use<T>(work: (sftp: SFTPWrapper) => Promise<T>): Promise<T> {
    // Also when a connection is there: a row may have been taken from the register meanwhile.
    if (!this.#settings.isRegistered(this.#settings.host)) throw new Fault('host-not-registered');
    try {
      const { socket, sftp } = await (this.#open ??= this.#connect());
      this.#users += 1;
      socket.ref();
      try {
        return await work(sftp);
      } finally {
        this.#users -= 1;
        if (this.#users === 0) socket.unref();
      }
    } catch (thrown) {
      throw thrown instanceof Fault ? thrown : outside(thrown);
    }
  }

  async #connect(): Promise<Open> {
    try {
      // Most functions never make a backup.
      const ssh = await import('ssh2');
      const client = new ssh.Client();
      const { host, port } = this.#settings;
      const socket = connect({ host, port });
      client.on('close', () => {
        this.#open = undefined;
      });
      return { socket, sftp: await channelOf(client, socket, this.#settings) };
    } catch (thrown) {
      this.#open = undefined;
      throw thrown;
    }
  }
}

function channelOf(client: Client, sock: Socket, { user, hostKey, key }: SftpSettings): Promise<SFTPWrapper> {
  return new Promise((done, failed) => {
    let isKnown = true;
    client
      .on('ready', () => client.sftp((error, sftp) => (error === undefined ? done(sftp) : failed(error))))
      .on('error', (error) => failed(isKnown ? error : new Fault('outside-answer-odd', { why: 'host-key' }, error)))
      .on('close', () => failed(new Fault('outside-unavailable', { reason: 'broken-off' })))
      // What is under way fails with it.
      .on('timeout', () => client.destroy())
      .connect({
        ...{ sock, username: user, privateKey: key, readyTimeout: CONNECT_MS, timeout: SILENCE_MS },
        // A server that is not the pinned one learns nothing, not even whether our key would do.
        hostVerifier: (theirs: Buffer) => (isKnown = fingerprint(theirs) === hostKey),
      });
  });
}

/** As OpenSSH writes it. */
export function fingerprint(hostKey: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(hostKey).digest('base64').replace(/=+$/, '')}`;
}

// ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function writeNew(sftp: SFTPWrapper, path: string, bytes: Uint8Array): Promise<void> {
  const handle = await opened(sftp, path, 'wx');
  await eachBlock(bytes.byteLength, (from, length) =>
    call((done) =>
      sftp.write(handle, Buffer.from(bytes.buffer, bytes.byteOffset + from, length), 0, length, from, done),
    ),
  );
  // Only now has the server taken all of it.
  await call((done) => sftp.close(handle, done));
}

async function opened(sftp: SFTPWrapper, path: string, flags: 'wx' | 'r'): Promise<Buffer> {
  try {
    return await new Promise<Buffer>((done, failed) =>
      sftp.open(path, flags, (error, handle) => (error === undefined ? done(handle) : failed(error))),
    );
  } catch (thrown) {
    // The protocol has no code for "there is one": a new file that cannot be opened is one that is there, or a refused folder.
    if (flags === 'wx' && codeOf(thrown) === FAILURE) throw new Fault('store-exists', {}, thrown);
    throw outside(thrown);
  }
}

async function readWhole(sftp: SFTPWrapper, path: string): Promise<Uint8Array> {
  const handle = await opened(sftp, path, 'r');
  const size = await new Promise<number>((done, failed) =>
    sftp.fstat(handle, (error, stats) => (error === undefined ? done(stats.size) : failed(error))),
  );
  if (size > MAX_READ_BYTES) throw new Fault('outside-answer-odd', { bytes: size });
  const whole = Buffer.alloc(size);
  await eachBlock(size, (from, length) => readBlock(sftp, handle, whole, from, length));
  await call((done) => sftp.close(handle, done));
  return new Uint8Array(whole);
}

/** A server may answer with less than was asked for. */
async function readBlock(
  sftp: SFTPWrapper,
  handle: Buffer,
  whole: Buffer,
  from: number,
  length: number,
): Promise<void> {
  for (let got = 0; got < length; ) {
    const read = await new Promise<number>((done, failed) =>
      sftp.read(handle, whole, from + got, length - got, from + got, (error, count) =>
        error === undefined ? done(count) : failed(error),
      ),
    );
    if (read === 0) throw new Fault('outside-answer-odd', { why: 'short-file' });
    got += read;
  }
}

async function removeOne(sftp: SFTPWrapper, path: string): Promise<void> {
  try {
    await call((done) => sftp.unlink(path, done));
  } catch (thrown) {
    if (codeOf(thrown) !== NO_SUCH_FILE) throw thrown;
  }
}

function namesIn(sftp: SFTPWrapper, folder: string): Promise<readonly string[]> {
  return new Promise((done, failed) =>
    sftp.readdir(folder, (error, entries) =>
      error === undefined ? done(entries.map(({ filename }) => filename)) : failed(error),
    ),
  );
}

/** Works on the blocks of a file, a few at a time. */
async function eachBlock(bytes: number, work: (from: number, length: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < bytes; ) {
    const some: Promise<void>[] = [];
    for (; some.length < AT_ONCE && from < bytes; from += BLOCK_BYTES)
      some.push(work(from, Math.min(BLOCK_BYTES, bytes - from)));
    await Promise.all(some);
  }
}

function call(start: (done: (error?: Error | null) => void) => unknown): Promise<void> {
  return new Promise((done, failed) => {
    start((error) => (error === undefined || error === null ? done() : failed(error)));
  });
}

// ── Errors ──────────────────────────────────────────────────────────────────────────────────────────────────────

function outside(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const code = codeOf(thrown);
  if (code === NO_SUCH_FILE) return new Fault('not-found', {}, thrown);
  if (code === PERMISSION_DENIED) return new Fault('not-allowed', {}, thrown);
  return new Fault('outside-unavailable', typeof code === 'number' ? { sftp: code } : {}, toFault(thrown).cause);
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}
