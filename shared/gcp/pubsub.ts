/** Publishes to Pub/Sub. Nothing here subscribes: functions are fed by push. */
import type { PubSub, Topic as PubSubTopic } from '@google-cloud/pubsub';
import type { Topic, Topics } from '../model/message.ts';
import type { Bus } from '../ports.ts';
import { Fault } from '../verdict.ts';
import { inTime } from './deadline.ts';

/** Jira gives a webhook 10 s; what was not confirmed by then is sent again by Jira. */
const PUBLISH_MS = 7_000;

/** Where Pub/Sub is. */
export interface PubSubOptions {
  readonly project: string;
  /** `host:port` of the emulator. Left out, the client reads its own environment variable. */
  readonly emulatorHost?: string;
}

/**
 * One message, one request: a webhook's answer waits for the confirmation, and waiting for a batch to fill would be added
 * to each. After `publish-failed` the message may still arrive.
 */
export class PubSubBus implements Bus {
  readonly #options: PubSubOptions;
  #client: Promise<PubSub> | undefined;
  readonly #topics = new Map<Topic, PubSubTopic>();

  constructor(options: PubSubOptions) {
    this.#options = options;
  }

  async publish<T extends Topic>(topic: T, message: Topics[T]): Promise<void> {
    const data = Buffer.from(JSON.stringify(message));
    try {
      const sending = this.#topic(topic).then((opened) => opened.publishMessage({ data }));
      await inTime(PUBLISH_MS, 'publish-failed', sending);
    } catch (thrown) {
      throw thrown instanceof Fault ? thrown : new Fault('publish-failed', { topic }, thrown);
    }
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await (await this.#client)?.close();
    this.#client = undefined;
    this.#topics.clear();
  }

  async #topic(name: Topic): Promise<PubSubTopic> {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const { project, emulatorHost } = this.#options;
    const emulator = emulatorHost === undefined ? {} : { apiEndpoint: emulatorHost, emulatorMode: true };
    // Loaded when it is first needed: looking at a page publishes nothing.
    this.#client ??= import('@google-cloud/pubsub').then(
      (pubsub) => new pubsub.PubSub({ projectId: project, ...emulator }),
    );
    const topic = (await this.#client).topic(name, { batching: { maxMessages: 1, maxMilliseconds: 0 } });
    this.#topics.set(name, topic);
    return topic;
  }
}
