/** Runs the functions: each in a process of its own on the emulators, or all of them here on the memory ports. */
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { composeMemory } from '../../functions/compose.ts';
import { functions, subscriptions } from '../topology.ts';
import type { FunctionName } from '../topology.ts';
import type { LocalClock } from './clock.ts';
import { postEvent, startDispatcher } from './dispatcher.ts';
import type { Delivery } from './dispatcher.ts';
import { startEmulators } from './emulators.ts';
import type { Emulators } from './emulators.ts';
import { freePort } from './freePort.ts';
import { bringBack, keepData } from './keep.ts';
import { startFunction } from './processes.ts';
import type { FunctionProcess } from './processes.ts';
import { heardFromLog } from './telling.ts';
import type { Timeline } from './timeline.ts';
import { createTopics } from './topics.ts';

export interface Runtime {
  readonly backend: 'emulators' | 'memory';
  /** Why this backend: a sentence for people. */
  readonly why: string;
  /** What the functions run with; other processes that look at the same data need it, too. */
  readonly environment: Readonly<Record<string, string>>;
  readonly addresses: readonly { readonly name: string; readonly url: string }[];
  addressOf(name: FunctionName): string;
  /** Messages that are being worked on or wait for another try. */
  busy(): number;
  kill(name: FunctionName): void;
  stop(): Promise<void>;
}

export interface RuntimeOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeline: Timeline;
  readonly clock: LocalClock;
  readonly backend: 'emulators' | 'memory';
  readonly isKept: boolean;
  /** Each line that a function prints. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** Starts the functions on the wanted backend; without emulators on the memory ports, and says why. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  if (options.backend === 'memory') return startInMemory(options, 'asked for');
  const emulators = await startEmulators();
  if ('missing' in emulators) return startInMemory(options, `${emulators.missing} is missing. ${emulators.howTo}`);
  return startOnEmulators(options, emulators);
}

async function startOnEmulators(
  { environment, timeline, clock, folder, isKept, onLine }: RuntimeOptions,
  emulators: Emulators,
): Promise<Runtime> {
  const used: Readonly<Record<string, string>> = {
    ...environment,
    TWINLINE_BACKEND: 'google',
    FIRESTORE_EMULATOR_HOST: emulators.firestoreHost,
    PUBSUB_EMULATOR_HOST: emulators.pubsubHost,
  };
  // The Google clients of this process look there, too.
  Object.assign(process.env, used, { METADATA_SERVER_DETECTION: 'none' });
  const project = used['GOOGLE_CLOUD_PROJECT'] ?? '';
  if (isKept) await bringBack(folder, emulators.firestoreHost, project);
  await createTopics(project);
  const processes = new Map<FunctionName, FunctionProcess>();
  await Promise.all(
    functions.map(async (row) => {
      const started = await startFunction({
        row,
        port: await freePort(),
        environment: used,
        onLine: (text) => {
          onLine?.(text);
          tell(timeline, heardFromLog(text, row.name, clock.now()));
        },
        onDeath: ({ code, restarts }) =>
          timeline.add({
            at: clock.now(),
            source: 'stack',
            where: row.name,
            what: 'process died',
            facts: { code, restarts },
            tone: 'warn',
          }),
      });
      processes.set(row.name, started);
    }),
  );
  const addressOf = (name: FunctionName): string => processes.get(name)?.address ?? '';
  const dispatcher = startDispatcher({
    project,
    subscriptions,
    addressOf,
    onDelivery: (delivery) => tellDelivery(timeline, clock, delivery),
  });
  return {
    backend: 'emulators',
    why: 'the official Firestore and Pub/Sub emulators of the Google Cloud SDK',
    environment: used,
    addresses: [
      { name: 'Firestore emulator', url: `http://${emulators.firestoreHost}` },
      { name: 'Pub/Sub emulator', url: `http://${emulators.pubsubHost}` },
    ],
    addressOf,
    busy: () => dispatcher.owed(),
    kill: (name) => processes.get(name)?.kill(),
    stop: async () => {
      await dispatcher.stop();
      await Promise.all([...processes.values()].map((one) => one.stop()));
      if (isKept) await keepData(folder, emulators.firestoreHost, project);
      await emulators.stop();
    },
  };
}

async function startInMemory({ environment, timeline, clock, onLine }: RuntimeOptions, why: string): Promise<Runtime> {
  const used = { ...environment, TWINLINE_BACKEND: 'memory' };
  Object.assign(process.env, used);
  const memory = composeMemory();
  memory.onLine((text) => {
    onLine?.(text);
    tell(timeline, heardFromLog(text, 'function', clock.now()));
  });
  await import('../../functions/index.ts');
  const { getTestServer } = await import('@google-cloud/functions-framework/testing');
  const servers = new Map<FunctionName, { server: Server; address: string }>();
  for (const row of functions) {
    const server = getTestServer(row.name);
    servers.set(row.name, { server, address: await listenAnywhere(server) });
  }
  const addressOf = (name: FunctionName): string => servers.get(name)?.address ?? '';
  for (const row of subscriptions)
    memory.bus.subscribe(row.topic, async (message) => {
      const startedAt = Date.now();
      const status = await postEvent(addressOf(row.target), {
        ...message,
        topic: row.topic,
        timeoutMs: row.ackDeadlineSeconds * 1000,
      });
      tellDelivery(timeline, clock, {
        subscription: row.name,
        status,
        ms: Date.now() - startedAt,
        attempt: message.attempt,
      });
      return status >= 200 && status < 300;
    });
  return {
    backend: 'memory',
    why,
    environment: used,
    addresses: [],
    addressOf,
    busy: () => memory.bus.busy(),
    kill: () => undefined,
    stop: async () => {
      await memory.bus.close();
      for (const { server } of servers.values()) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function tell(timeline: Timeline, event: ReturnType<typeof heardFromLog>): void {
  if (event !== undefined) timeline.add(event);
}

function tellDelivery(timeline: Timeline, clock: LocalClock, { subscription, status, ms, attempt }: Delivery): void {
  const isFine = status >= 200 && status < 300;
  if (isFine && attempt <= 1) return;
  timeline.add({
    at: clock.now(),
    source: 'queue',
    where: subscription,
    what: isFine ? 'delivered again' : 'not taken',
    ms,
    facts: { status, attempt },
    tone: 'warn',
  });
}

async function listenAnywhere(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
