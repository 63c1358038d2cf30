/**
 * Finds and starts the official Firestore and Pub/Sub emulators of the Google Cloud SDK. The commands and figures are
 * those of PLATFORM.md §2–3: started from their jars, because the SDK's own wrapper takes seconds longer.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './freePort.ts';

const root = resolve(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache/emulators');
const pids = join(root, '.twinline/pids');

/** Without a limit the Firestore emulator was seen to grow to 1.6 GB. */
const HEAP_MIB = 512;
const READY_MS = 30_000;
const STOP_MS = 5_000;
/** Making a class archive takes one exit of the JVM; it is made once. */
const ARCHIVE_MS = 30_000;

/** What is not on this computer, and how to get it. */
export interface Missing {
  readonly missing: 'java' | 'firestore-emulator' | 'pubsub-emulator';
  readonly howTo: string;
}

export interface Emulators {
  readonly firestoreHost: string;
  readonly pubsubHost: string;
  stop(): Promise<void>;
}

export interface EmulatorFiles {
  readonly java: string;
  readonly firestoreJar: string;
  readonly pubsubJar: string;
}

/** Looks for Java and both emulators: `TWINLINE_SDK_ROOT`, what `gcloud` says, the usual folders. */
export function findEmulators(): EmulatorFiles | Missing {
  const java = process.env['JAVA_HOME'] === undefined ? 'java' : join(process.env['JAVA_HOME'], 'bin/java');
  try {
    execFileSync(java, ['-version'], { stdio: 'ignore' });
  } catch {
    return {
      missing: 'java',
      howTo: 'Install a Java runtime (17 or newer), for example Debian’s openjdk-17-jre-headless.',
    };
  }
  const firestoreJar = findJar('cloud-firestore-emulator', /^cloud-firestore-emulator.*\.jar$/);
  if (firestoreJar === undefined) return missingPart('firestore-emulator', 'cloud-firestore-emulator');
  const pubsubJar = findJar('pubsub-emulator/lib', /^cloud-pubsub-emulator.*all\.jar$/);
  if (pubsubJar === undefined) return missingPart('pubsub-emulator', 'pubsub-emulator');
  return { java, firestoreJar, pubsubJar };
}

function missingPart(missing: Missing['missing'], component: string): Missing {
  return {
    missing,
    howTo: `Install the Google Cloud SDK and then \`gcloud components install ${component}\` (Debian: the package google-cloud-cli-${component.replace('cloud-', '')}).`,
  };
}

function findJar(folder: string, pattern: RegExp): string | undefined {
  for (const sdk of sdkRoots()) {
    const at = join(sdk, 'platform', folder);
    const name = existsSync(at) ? readdirSync(at).find((file) => pattern.test(file)) : undefined;
    if (name !== undefined) return join(at, name);
  }
  return undefined;
}

function sdkRoots(): readonly string[] {
  const usual = [
    '/usr/lib/google-cloud-sdk',
    '/usr/share/google-cloud-sdk',
    '/opt/google-cloud-sdk',
    join(homedir(), 'google-cloud-sdk'),
  ];
  const given = process.env['TWINLINE_SDK_ROOT'];
  const candidates = given === undefined ? usual : [given];
  // gcloud takes a second to start: it is asked only when the usual folders do not have the SDK.
  return candidates.some((folder) => existsSync(folder)) ? candidates : [...candidates, ...askGcloud()];
}

function askGcloud(): readonly string[] {
  try {
    return [
      execFileSync('gcloud', ['info', '--format=value(installation.sdk_root)'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim(),
    ];
  } catch {
    return [];
  }
}

/** Starts both emulators, empty, on free ports of loopback and waits until they answer. */
export async function startEmulators(heapMiB = HEAP_MIB): Promise<Emulators | Missing> {
  const files = findEmulators();
  if ('missing' in files) return files;
  mkdirSync(cache, { recursive: true });
  mkdirSync(pids, { recursive: true });
  killLeftovers();
  const [firestorePort, pubsubPort] = await Promise.all([freePort(), freePort()]);
  const [firestore, pubsub] = await Promise.all([
    startOne('firestore', files, firestorePort, heapMiB),
    startOne('pubsub', files, pubsubPort, HEAP_MIB),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([stopOne(firestore), stopOne(pubsub)]);
  };
  return { firestoreHost: `127.0.0.1:${firestorePort}`, pubsubHost: `127.0.0.1:${pubsubPort}`, stop };
}

type EmulatorName = 'firestore' | 'pubsub';

async function startOne(
  name: EmulatorName,
  files: EmulatorFiles,
  port: number,
  heapMiB: number,
): Promise<ChildProcess> {
  const archive = await classArchive(name, files);
  const child = launch(name, files, port, [
    `-Xmx${heapMiB}m`,
    ...(archive === undefined ? [] : [`-XX:SharedArchiveFile=${archive}`]),
  ]);
  writeFileSync(join(pids, `${name}-${child.pid ?? 0}`), String(process.pid));
  await ready(name, child, port);
  return child;
}

function launch(name: EmulatorName, files: EmulatorFiles, port: number, jvm: readonly string[]): ChildProcess {
  const common = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...jvm];
  const at = ['--host=127.0.0.1', `--port=${port}`];
  const words =
    name === 'firestore'
      ? [
          ...common,
          '-cp',
          files.firestoreJar,
          'com.google.cloud.datastore.emulator.firestore.CloudFirestore',
          'start',
          ...at,
        ]
      : [...common, '-jar', files.pubsubJar, ...at];
  return spawn(files.java, words, { stdio: 'ignore' });
}

/** A class archive halves the start. Keyed by JVM and jar; made by a first run that is ended in good order. */
async function classArchive(name: EmulatorName, files: EmulatorFiles): Promise<string | undefined> {
  const jar = name === 'firestore' ? files.firestoreJar : files.pubsubJar;
  const { size, mtimeMs } = statSync(jar);
  const key = createHash('sha256')
    .update(`${jar} ${size} ${mtimeMs} ${javaVersion(files.java)}`)
    .digest('hex')
    .slice(0, 16);
  const archive = join(cache, `${name}-${key}.jsa`);
  if (existsSync(archive)) return archive;
  const port = await freePort();
  const child = launch(name, files, port, [`-XX:ArchiveClassesAtExit=${archive}`]);
  try {
    await ready(name, child, port);
    await fetch(`http://127.0.0.1:${port}/shutdown`, { method: 'POST' }).catch(() => undefined);
    await exited(child, ARCHIVE_MS);
  } catch {
    child.kill('SIGKILL');
  }
  return existsSync(archive) ? archive : undefined;
}

function javaVersion(java: string): string {
  return execFileSync(java, ['--version'], { encoding: 'utf8' });
}

async function ready(name: EmulatorName, child: ChildProcess, port: number): Promise<void> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until && child.exitCode === null) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1_000) });
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((done) => setTimeout(done, 40));
  }
  child.kill('SIGKILL');
  throw new Error(`the ${name} emulator did not start within ${READY_MS / 1000} s`);
}

async function stopOne(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await exited(child, STOP_MS).catch(() => child.kill('SIGKILL'));
  for (const name of ['firestore', 'pubsub']) rmSync(join(pids, `${name}-${child.pid ?? 0}`), { force: true });
}

function exited(child: ChildProcess, withinMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done, failed) => {
    const last = setTimeout(() => failed(new Error('the emulator does not end')), withinMs);
    child.once('exit', () => {
      clearTimeout(last);
      done();
    });
  });
}

/** A runner that was killed leaves its JVMs behind: those whose starter is gone are ended. */
function killLeftovers(): void {
  for (const name of readdirSync(pids)) {
    const file = join(pids, name);
    const emulator = Number(name.split('-').at(-1));
    if (isAlive(Number(readFileSync(file, 'utf8')))) continue;
    if (isAlive(emulator) && isJava(emulator)) process.kill(emulator, 'SIGKILL');
    rmSync(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The number may long be somebody else's. */
function isJava(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('emulator');
  } catch {
    return false;
  }
}
