/** Messages in this process: at least once, unordered in principle, again after a failure, and at last set aside. */
import type { Topic, Topics } from '../model/message.ts';
import type { Bus, Clock } from '../ports.ts';

/** One try to deliver a message, in the form that Pub/Sub pushes: `data` is base64 over JSON. */
export interface Delivery {
  readonly id: string;
  readonly topic: Topic;
  readonly data: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** Takes a delivery. To throw, or to give back `false`, asks for it again. */
export type Subscriber = (delivery: Delivery) => Promise<unknown>;

/** How a bus delivers. */
export interface MemoryBusOptions {
  /** Waits between tries, as the clock understands waiting. */
  readonly clock: Clock;
  /** Tries until a message is set aside; the topology's number when it is left out. */
  readonly maxAttempts?: number;
  /** When to start a delivery. A simulation chooses the order here; left out, it is soon. */
  readonly schedule?: (deliver: () => Promise<void>) => void;
}

/** As in the topology's subscriptions. */
const MAX_ATTEMPTS = 20;
const FIRST_WAIT_MS = 1_000;
const LAST_WAIT_MS = 60_000;
/** Deliveries under way per subscriber: what one instance of the sync function takes. */
const MAX_IN_FLIGHT = 20;

interface Subscription {
  readonly topic: Topic;
  readonly take: Subscriber;
  readonly waiting: Delivery[];
  inFlight: number;
}

/** A publish is confirmed before the first delivery starts, as with Pub/Sub. */
export class MemoryBus implements Bus {
  /** Messages that nobody could take. */
  readonly deadLetters: Delivery[] = [];
  readonly #options: MemoryBusOptions;
  readonly #subscriptions: Subscription[] = [];
  #lastId = 0;
  #busy = 0;
  #isClosed = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: MemoryBusOptions) {
    this.#options = options;
  }

  async publish<T extends Topic>(topic: T, message: Topics[T]): Promise<void> {
    const data = Buffer.from(JSON.stringify(message)).toString('base64');
    const id = String((this.#lastId += 1));
    for (const subscription of this.#subscriptions)
      if (subscription.topic === topic) this.#add(subscription, { id, topic, data, attempt: 1 });
  }

  /** Every subscriber of a topic gets every message that is published from now on. */
  subscribe(topic: Topic, take: Subscriber): void {
    this.#subscriptions.push({ topic, take, waiting: [], inFlight: 0 });
  }

  /** Messages that wait or are being delivered. */
  busy(): number {
    return this.#busy;
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    if (this.#busy > 0) await new Promise<void>((done) => this.#whenIdle.push(done));
  }

  /** Drops what waits, and resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { waiting } of this.#subscriptions) this.#done(waiting.splice(0).length);
    await this.idle();
  }

  #add(subscription: Subscription, delivery: Delivery): void {
    if (this.#isClosed) return;
    this.#busy += 1;
    subscription.waiting.push(delivery);
    this.#start(subscription);
  }

  #start(subscription: Subscription): void {
    const schedule = this.#options.schedule ?? soon;
    schedule(async () => {
      if (subscription.inFlight >= MAX_IN_FLIGHT) return;
      const delivery = subscription.waiting.shift();
      if (delivery === undefined) return;
      subscription.inFlight += 1;
      const isTaken = await takes(subscription.take, delivery);
      subscription.inFlight -= 1;
      if (subscription.waiting.length > 0) this.#start(subscription);
      if (!isTaken) await this.#again(subscription, delivery);
      this.#done(1);
    });
  }

  /** Its place among the busy is given up only after the next try has one. */
  async #again(subscription: Subscription, delivery: Delivery): Promise<void> {
    const { clock, maxAttempts = MAX_ATTEMPTS } = this.#options;
    if (delivery.attempt >= maxAttempts) {
      this.deadLetters.push(delivery);
      return;
    }
    await clock.sleep(Math.min(FIRST_WAIT_MS * 2 ** (delivery.attempt - 1), LAST_WAIT_MS));
    this.#add(subscription, { ...delivery, attempt: delivery.attempt + 1 });
  }

  #done(count: number): void {
    this.#busy -= count;
    if (this.#busy > 0) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const tell of waiting) tell();
  }
}

/** What the functions framework hands to an event function for this delivery. */
export function eventOf({ id, data }: Delivery): {
  readonly id: string;
  readonly data: { readonly message: { readonly messageId: string; readonly data: string } };
} {
  return { id, data: { message: { messageId: id, data } } };
}

async function takes(take: Subscriber, delivery: Delivery): Promise<boolean> {
  try {
    return (await take(delivery)) !== false;
  } catch {
    return false;
  }
}

function soon(deliver: () => Promise<void>): void {
  void Promise.resolve().then(deliver);
}
