/** Makes the topics and subscriptions of the topology in the Pub/Sub emulator, which forgets them with every start. */
import { PubSub } from '@google-cloud/pubsub';
import { subscriptions, topics } from '../topology.ts';
import type { Subscription } from '../topology.ts';

/** With a push address the emulator delivers by itself, as production does; without one our dispatcher pulls. */
export type PushAddress = (subscription: Subscription) => string | undefined;

/** Creates everything; a project that has it already is an error of the caller. */
export async function createTopics(project: string, pushAddress: PushAddress = () => undefined): Promise<void> {
  const client = new PubSub({ projectId: project });
  await Promise.all([...topics, ...topics.map((topic) => `${topic}-dead`)].map((topic) => client.createTopic(topic)));
  await Promise.all(subscriptions.map((row) => createSubscription(client, row, pushAddress(row))));
  await client.close();
}

async function createSubscription(client: PubSub, row: Subscription, pushEndpoint: string | undefined): Promise<void> {
  const deadLetterTopic = client.topic(row.deadLetterTopic).name;
  await client.topic(row.topic).createSubscription(row.name, {
    ackDeadlineSeconds: row.ackDeadlineSeconds,
    messageRetentionDuration: { seconds: row.retentionSeconds },
    retryPolicy: {
      minimumBackoff: { seconds: row.minBackoffSeconds },
      maximumBackoff: { seconds: row.maxBackoffSeconds },
    },
    deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: row.maxDeliveryAttempts },
    ...(pushEndpoint === undefined ? {} : { pushEndpoint }),
  });
  // What nobody could handle waits where people can look at it.
  await client.topic(row.deadLetterTopic).createSubscription(`${row.name}-dead`);
}
