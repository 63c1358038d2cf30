/** Runs each function of the topology in a process of its own, under the functions framework, and starts it again when it dies. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { FunctionName, FunctionRow } from '../topology.ts';

const root = resolve(import.meta.dirname, '../..');
const framework = join(dirname(createRequire(import.meta.url).resolve('@google-cloud/functions-framework')), 'main.js');

/** A process that dies faster than this many times in a row is given up: something is wrong with it, not with the world. */
const MAX_QUICK_DEATHS = 5;
const QUICK_DEATH_MS = 2_000;
const RESTART_MS = 100;
/** How long a function may take to answer for the first time. */
const READY_MS = 20_000;
const STOP_MS = 3_000;

export interface FunctionProcess {
  readonly name: FunctionName;
  readonly address: string;
  /** SIGKILL, as a crash would; the supervisor starts it again. */
  kill(): void;
  stop(): Promise<void>;
}

interface Options {
  readonly row: FunctionRow;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Each line that the process prints. */
  readonly onLine: (line: string) => void;
  readonly onDeath: (facts: { readonly code: string; readonly restarts: number }) => void;
}

/** Starts one function and waits until it listens. */
export async function startFunction({ row, port, environment, onLine, onDeath }: Options): Promise<FunctionProcess> {
  let child: ChildProcess | undefined;
  let isStopping = false;
  let quickDeaths = 0;
  let restarts = 0;

  const start = (): void => {
    const startedAt = Date.now();
    child = spawn(process.execPath, [framework, `--target=${row.name}`, `--port=${port}`, `--source=${root}`], {
      cwd: root,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '',
        NODE_ENV: 'production',
        NODE_NO_WARNINGS: '1',
        // Google's clients would look for a metadata server, and wait for it.
        METADATA_SERVER_DETECTION: 'none',
        NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', onLine);
    child.on('exit', (code, signal) => {
      if (isStopping) return;
      quickDeaths = Date.now() - startedAt < QUICK_DEATH_MS ? quickDeaths + 1 : 0;
      restarts += 1;
      onDeath({ code: signal ?? String(code), restarts });
      if (quickDeaths <= MAX_QUICK_DEATHS) setTimeout(start, RESTART_MS);
    });
  };
  start();
  await listening(port);
  return {
    name: row.name,
    address: `http://127.0.0.1:${port}`,
    kill: () => child?.kill('SIGKILL'),
    stop: async () => {
      isStopping = true;
      await ended(child);
    },
  };
}

async function listening(port: number): Promise<void> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    try {
      // Any answer will do; the path is nobody's.
      await fetch(`http://127.0.0.1:${port}/-`, { method: 'GET', signal: AbortSignal.timeout(1_000) });
      return;
    } catch {
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  throw new Error(`the function on port ${port} did not start within ${READY_MS / 1000} s`);
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((done) => {
    const last = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(last);
      done();
    });
    child.kill('SIGTERM');
  });
}
