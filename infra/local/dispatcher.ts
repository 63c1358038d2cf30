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
  /** Messages handed to a function that has not answered yet. */
  inFlight(): number;
  stop(): Promise<void>;
}

interface Options {
  readonly project: string;
  readonly subscriptions: readonly Subscription[];
  readonly addressOf: (target: Subscription['target']) => string;
  readonly onDelivery: (delivery: Delivery) => void;
}

/** Starts pulling from every subscription. A message is acknowledged when its function answers 2xx. */
export function startDispatcher({ project, subscriptions, addressOf, onDelivery }: Options): Dispatcher {
  const client = new PubSub({ projectId: project });
  let count = 0;
  const pulls = subscriptions.map((row): Pull => {
    const pull = client.subscription(row.name, { flowControl: { maxMessages: MAX_IN_FLIGHT } });
    pull.on('message', (message: PubSubMessage) => {
      count += 1;
      void deliver(message, row, addressOf(row.target), onDelivery).finally(() => {
        count -= 1;
      });
    });
    // A broken stream is opened again by the client.
    pull.on('error', () => undefined);
    return pull;
  });
  return {
    inFlight: () => count,
    stop: async () => {
      await Promise.all(pulls.map((pull) => pull.close()));
      await client.close();
    },
  };
}

async function deliver(
  message: PubSubMessage,
  row: Subscription,
  address: string,
  onDelivery: (delivery: Delivery) => void,
): Promise<void> {
  const startedAt = Date.now();
  const status = await postEvent(address, {
    id: message.id,
    topic: row.topic,
    data: message.data.toString('base64'),
    timeoutMs: row.ackDeadlineSeconds * 1000,
  });
  if (status >= 200 && status < 300) message.ack();
  else message.nack();
  onDelivery({ subscription: row.name, status, ms: Date.now() - startedAt, attempt: message.deliveryAttempt });
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
