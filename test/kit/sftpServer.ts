/**
 * A real OpenSSH server on loopback for tests: `sshd` with the built-in SFTP server, a host key made here, and three key pairs, each with
 * a forced command that allows the requests of its credential and no other. That is how the real place is set up, too.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../infra/local/freePort.ts';

const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'];
const READY_MS = 10_000;

/** Where `sshd` is on this computer. */
export function findSshd(): string | undefined {
  return SSHD.find((path) => existsSync(path));
}

export type Credential = 'append' | 'prune' | 'restore';

/**
 * What the server lets each credential do. New files get a mode without write permission (`-u 0377`), so that who may append cannot
 * open one again.
 */
export const allowed: Readonly<Record<Credential, string>> = {
  append: 'internal-sftp -u 0377 -p open,close,write',
  prune: 'internal-sftp -p opendir,readdir,close,remove',
  restore: 'internal-sftp -R -p open,close,read,fstat,opendir,readdir',
};

export interface SftpServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly folder: string;
  /** `SHA256:…` */
  readonly hostKey: string;
  readonly keys: Readonly<Record<Credential, string>>;
  /** A key that the server does not know. */
  readonly strangersKey: string;
  stop(): Promise<void>;
}

/** Starts a server with an empty folder. @throws Error when it does not start */
export async function startSftpServer(sshd: string): Promise<SftpServer> {
  const home = mkdtempSync(join(tmpdir(), 'twinline-sftp-'));
  chmodSync(home, 0o755);
  const folder = join(home, 'backups');
  mkdirSync(folder, { mode: 0o700 });
  // Root is above every file mode: where the tests run as root, the server's user is nobody.
  const user = userInfo().uid === 0 ? 'nobody' : userInfo().username;
  if (user === 'nobody') chownSync(folder, Number(idOf('-u')), Number(idOf('-g')));
  keyPair(home, 'host');
  const keys = { append: keyPair(home, 'append'), prune: keyPair(home, 'prune'), restore: keyPair(home, 'restore') };
  const lines = (['append', 'prune', 'restore'] as const).map(
    (one) => `restrict,command="${allowed[one]}" ${keys[one].public}`,
  );
  writeFileSync(join(home, 'authorized_keys'), `${lines.join('\n')}\n`, { mode: 0o644 });
  const port = await freePort();
  writeFileSync(join(home, 'sshd_config'), configOf(home, port));
  // The privilege separation folder of Debian's service is made by that service's start.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn(sshd, ['-D', '-e', '-f', join(home, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (some: Buffer) => (said += some.toString()));
  await listening(port, server, () => said);
  return {
    ...{ host: '127.0.0.1', port, user, folder },
    hostKey: fingerprintOf(home, 'host'),
    keys: { append: keys.append.private, prune: keys.prune.private, restore: keys.restore.private },
    strangersKey: keyPair(home, 'stranger').private,
    stop: async () => {
      await ended(server);
      rmSync(home, { recursive: true, force: true });
    },
  };

  function idOf(flag: string): string {
    return execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }).trim();
  }
}

function configOf(home: string, port: number): string {
  return [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(home, 'host')}`,
    `AuthorizedKeysFile ${join(home, 'authorized_keys')}`,
    `PidFile ${join(home, 'sshd.pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PubkeyAuthentication yes',
    'Subsystem sftp internal-sftp',
    'MaxStartups 100:30:200',
    'LogLevel ERROR',
    '',
  ].join('\n');
}

function keyPair(home: string, name: string): { readonly private: string; readonly public: string } {
  const file = join(home, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  return { private: readFileSync(file, 'utf8'), public: readFileSync(`${file}.pub`, 'utf8').trim() };
}

function fingerprintOf(home: string, name: string): string {
  const said = execFileSync('ssh-keygen', ['-l', '-E', 'sha256', '-f', join(home, `${name}.pub`)], {
    encoding: 'utf8',
  });
  return said.split(' ')[1] ?? '';
}

async function listening(port: number, server: ChildProcess, said: () => string): Promise<void> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until && server.exitCode === null) {
    const isOpen = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => done(true)).once('error', () => done(false));
      socket.once('close', () => socket.destroy());
      socket.once('connect', () => socket.end());
    });
    if (isOpen) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  server.kill('SIGKILL');
  throw new Error(`sshd did not start: ${said()}`);
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((done) => server.once('exit', done));
  server.kill('SIGTERM');
  await gone;
}
