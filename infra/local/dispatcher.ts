/**
 * Brings messages to functions on this computer: streaming pull → HTTP POST as a CloudEvent in binary mode. The
 * emulator's own push keeps only two requests in flight per subscription and adds 100 ms. @see PLATFORM.md §3
 */
import { PubSub } from '@google-cloud/pubsub';
import type { Message as PubSubMessage, Subscription as Pull } from '@google-cloud/pubsub';
import type { Subscription } from '../topology.ts';

/** Requests in flight per subscription: what one instance of the sync function takes in production. */
const MAX_IN_FLIGHT = 20;

export interface Delivery {
  readonly subscription: string;
  readonly status: number;
  readonly ms: number;
  readonly attempt: number;
}

export interface Dispatcher {
  /** Messages that have come and that no function has taken yet, those that wait for another try included. */
  owed(): number;
  stop(): Promise<void>;
}

interface Options {
  readonly project: string;
  readonly subscriptions: readonly Subscription[];
  readonly addressOf: (target: Subscription['target']) => string;
  readonly onDelivery: (delivery: Delivery) => void;
}

/**
 * Starts pulling from every subscription. A message is acknowledged when its function answers 2xx. Until then it is held and
 * tried again here: of messages that are given back under a retry policy, the emulator was seen to bring some never again.
 */
export function startDispatcher({ project, subscriptions, addressOf, onDelivery }: Options): Dispatcher {
  const client = new PubSub({ projectId: project });
  const owed = new Set<string>();
  const pulls = subscriptions.map((row): Pull => {
    const pull = client.subscription(row.name, { flowControl: { maxMessages: MAX_IN_FLIGHT } });
    pull.on('message', (message: PubSubMessage) => {
      owed.add(`${row.name} ${message.id}`);
      void deliver(message, row, addressOf, onDelivery).finally(() => owed.delete(`${row.name} ${message.id}`));
    });
    // A broken stream is opened again by the client.
    pull.on('error', () => undefined);
    return pull;
  });
  return {
    owed: () => owed.size,
    stop: async () => {
      await Promise.all(pulls.map((pull) => pull.close()));
      await client.close();
    },
  };
}

/** The waits of the topology's retry policy, shortened: nobody here has a minute. */
const FIRST_WAIT_MS = 100;
const LAST_WAIT_MS = 2_000;

async function deliver(
  message: PubSubMessage,
  row: Subscription,
  addressOf: Options['addressOf'],
  onDelivery: (delivery: Delivery) => void,
): Promise<void> {
  const asked = { id: message.id, topic: row.topic, data: message.data.toString('base64') };
  for (let attempt = 1; attempt <= row.maxDeliveryAttempts; attempt += 1) {
    const startedAt = Date.now();
    const status = await postEvent(addressOf(row.target), { ...asked, timeoutMs: row.ackDeadlineSeconds * 1000 });
    onDelivery({ subscription: row.name, status, ms: Date.now() - startedAt, attempt });
    if (status >= 200 && status < 300) {
      message.ack();
      return;
    }
    await new Promise((done) => setTimeout(done, Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))));
  }
  // Nobody could take it: the emulator's own tries lead it to the dead letters.
  message.nack();
}

/** Posts one message as Eventarc does; 0 when the function does not answer. */
export async function postEvent(
  address: string,
  message: { readonly id: string; readonly topic: string; readonly data: string; readonly timeoutMs: number },
): Promise<number> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': message.id,
        'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
        'ce-source': `//pubsub.googleapis.com/topics/${message.topic}`,
      },
      body: JSON.stringify({ message: { messageId: message.id, data: message.data } }),
      signal: AbortSignal.timeout(message.timeoutMs),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
