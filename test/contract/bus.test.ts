/** What a Bus keeps to: memory, and Pub/Sub with our topics, subscriptions and dispatcher's pull. */
import { PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventEdge } from '../../functions/edge.ts';
import { PubSubBus } from '../../shared/gcp/pubsub.ts';
import { MemoryBus, eventOf } from '../../shared/memory/bus.ts';
import { MemoryClock } from '../../shared/memory/clock.ts';
import { MemoryLog } from '../../shared/memory/log.ts';
import { connectionId, tenantId, twinId } from '../../shared/model/ids.ts';
import type { Message } from '../../shared/model/message.ts';
import type { Bus } from '../../shared/ports.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import { emulatorHosts, ownProject } from '../kit/emulators.ts';

interface Backend {
  readonly name: string;
  readonly bus: Bus;
  /** Hands every delivery of `sync-jobs` to an event function, again when it throws. */
  readonly deliverTo: (take: (event: { readonly data: unknown }) => Promise<void>) => Promise<void>;
  readonly close: () => Promise<void>;
}

const job = {
  kind: 'sync-twin',
  connection: connectionId('c-00000001'),
  twin: twinId(`w-${'0'.repeat(32)}`),
  askedAt: 1,
} as const;

function memory(): Backend {
  const bus = new MemoryBus({ clock: new MemoryClock(0) });
  return {
    name: 'memory',
    bus,
    deliverTo: async (take) => bus.subscribe('sync-jobs', (delivery) => take(eventOf(delivery))),
    close: () => bus.close(),
  };
}

function emulated(host: string): Backend {
  const project = ownProject('bus');
  const bus = new PubSubBus({ project, emulatorHost: host });
  const client = new PubSub({ projectId: project, apiEndpoint: host, emulatorMode: true });
  return {
    name: 'pubsub',
    bus,
    deliverTo: async (take) => {
      await client.createTopic('sync-jobs');
      const [pull] = await client.topic('sync-jobs').createSubscription('all');
      pull.on('message', (message: { data: Buffer; ack(): void; nack(): void }) => {
        take({ data: { message: { data: message.data.toString('base64') } } }).then(
          () => message.ack(),
          () => message.nack(),
        );
      });
    },
    close: async () => {
      await client.close();
      await bus.close();
    },
  };
}

const hosts = emulatorHosts();
const backends = [memory(), ...(hosts === undefined ? [] : [emulated(hosts.pubsubHost)])];

describe.each(backends)('the bus on $name', ({ bus, deliverTo, close }) => {
  const taken: Message[] = [];
  let failures = 0;
  const log = new MemoryLog();
  beforeAll(() =>
    deliverTo(
      eventEdge('sync', { clock: new MemoryClock(0), log }, async (message) => {
        if (failures > 0) {
          failures -= 1;
          throw new Fault('store-unavailable');
        }
        taken.push(message);
        return verdict('done');
      }),
    ),
  );
  afterAll(close);
  const until = (count: number): Promise<void> =>
    expect.poll(() => taken.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);

  test('brings a published message to an event function as it was', async () => {
    await bus.publish('sync-jobs', job);
    await until(1);
    expect(taken.splice(0)).toEqual([job]);
  });

  test('brings every one of many', async () => {
    const askedAt = Array.from({ length: 50 }, (_, index) => index);
    await Promise.all(askedAt.map((at) => bus.publish('sync-jobs', { ...job, askedAt: at })));
    await until(50);
    const seen = new Set(taken.splice(0).map((message) => ('askedAt' in message ? message.askedAt : -1)));
    expect([...seen].toSorted((a, b) => a - b)).toEqual(askedAt);
  });

  test('brings again what was not taken', async () => {
    failures = 2;
    await bus.publish('sync-jobs', job);
    await until(1);
    expect(failures).toBe(0);
    expect(taken.splice(0)).toEqual([job]);
  });
});

describe('the memory bus', () => {
  const tenant = { tenant: tenantId('t-00000001'), generation: 1 };
  const change = { kind: 'tenant-change', ...tenant, what: 'installed', at: 1 } as const;

  test('confirms a publish before it delivers, to every subscriber of the topic and no other', async () => {
    const bus = new MemoryBus({ clock: new MemoryClock(0) });
    const seen: string[] = [];
    bus.subscribe('tenant-lifecycle', async ({ attempt }) => seen.push(`one ${attempt}`));
    bus.subscribe('tenant-lifecycle', async ({ attempt }) => seen.push(`two ${attempt}`));
    bus.subscribe('purge-jobs', async () => seen.push('never'));
    const publishing = bus.publish('tenant-lifecycle', change);
    expect(seen).toEqual([]);
    await publishing;
    await bus.idle();
    expect(seen).toEqual(['one 1', 'two 1']);
  });

  test('waits longer between tries and sets a message aside at last', async () => {
    const clock = new MemoryClock(0);
    const bus = new MemoryBus({ clock, maxAttempts: 4 });
    const tries: (readonly [attempt: number, at: number])[] = [];
    bus.subscribe('tenant-lifecycle', async ({ attempt }) => {
      tries.push([attempt, clock.now()]);
      return false;
    });
    await bus.publish('tenant-lifecycle', change);
    expect(bus.busy()).toBe(1);
    await bus.idle();
    expect(tries).toEqual([
      [1, 0],
      [2, 1_000],
      [3, 3_000],
      [4, 7_000],
    ]);
    expect(bus.deadLetters).toMatchObject([{ topic: 'tenant-lifecycle', attempt: 4 }]);
    expect(bus.busy()).toBe(0);
  });

  test('delivers in the order that a simulation chooses', async () => {
    const held: (() => Promise<void>)[] = [];
    const bus = new MemoryBus({ clock: new MemoryClock(0), schedule: (deliver) => held.push(deliver) });
    const seen: string[] = [];
    bus.subscribe('tenant-lifecycle', async () => seen.push('tenant-lifecycle'));
    bus.subscribe('purge-jobs', async () => seen.push('purge-jobs'));
    await bus.publish('tenant-lifecycle', change);
    await bus.publish('purge-jobs', { kind: 'sweep', askedAt: 1 });
    for (const deliver of held.toReversed()) await deliver();
    expect(seen).toEqual(['purge-jobs', 'tenant-lifecycle']);
    await bus.idle();
  });

  test('works on a bounded number at a time, and on all of them', async () => {
    const bus = new MemoryBus({ clock: new MemoryClock(0) });
    const gate = Promise.withResolvers<undefined>();
    let [now, most, all] = [0, 0, 0];
    bus.subscribe('purge-jobs', async () => {
      most = Math.max(most, (now += 1));
      await gate.promise;
      now -= 1;
      all += 1;
    });
    for (let askedAt = 0; askedAt < 100; askedAt += 1) await bus.publish('purge-jobs', { kind: 'sweep', askedAt });
    gate.resolve(undefined);
    await bus.idle();
    expect([most, all]).toEqual([20, 100]);
  });

  test('drops what waits when it is closed', async () => {
    const bus = new MemoryBus({ clock: new MemoryClock(0), schedule: () => undefined });
    bus.subscribe('purge-jobs', async () => undefined);
    await bus.publish('purge-jobs', { kind: 'sweep', askedAt: 1 });
    await bus.close();
    expect(bus.busy()).toBe(0);
  });
});

describe.skipIf(hosts === undefined)('a bus that is not there', () => {
  test('fails in time, and says so', { timeout: 15_000 }, async () => {
    const bus = new PubSubBus({ project: ownProject('bus'), emulatorHost: hosts?.pubsubHost ?? '' });
    await expect(bus.publish('sync-jobs', job)).rejects.toEqual(expect.objectContaining({ code: 'publish-failed' }));
    await bus.close();
  });
});
