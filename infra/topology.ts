/**
 * What Twinline is made of in the cloud: region, functions, topics, subscriptions, schedules, databases, roles. Data
 * only. The local stack, the functions' registration and (later) the plan and the deploy all read this one list.
 */

/** Everything is pinned here: promise E-32. */
export const region = 'europe-west1';

/** A role that a function's service account has, and why. */
export interface Role {
  readonly role: string;
  readonly on: string;
  readonly why: string;
}

interface Common {
  readonly name: FunctionName;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** Requests that one instance works on at a time. */
  readonly concurrency: number;
  readonly roles: readonly Role[];
}

/** A function that answers requests. `paths` are the prefixes that the front door routes to it. */
export interface HttpFunction extends Common {
  readonly trigger: 'http';
  readonly paths: readonly string[];
}

/** A function that is fed from topics by push subscriptions of our own. */
export interface EventFunction extends Common {
  readonly trigger: 'event';
  readonly topics: readonly TopicName[];
}

export type FunctionName = 'lifecycle' | 'webhook' | 'sync' | 'purge' | 'backup' | 'console' | 'notify';
export type TopicName = 'issue-changes' | 'sync-jobs' | 'tenant-lifecycle' | 'purge-jobs' | 'backup-jobs' | 'notices';
export type FunctionRow = HttpFunction | EventFunction;

const storeUser = (why: string): Role => ({ role: 'roles/datastore.user', on: 'project', why });
const publisher = (topic: TopicName, why: string): Role => ({
  role: 'roles/pubsub.publisher',
  on: `topics/${topic}`,
  why,
});
const keyUser = (why: string): Role => ({ role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter', on: 'keys/data', why });

export const functions: readonly FunctionRow[] = [
  {
    name: 'lifecycle',
    trigger: 'http',
    paths: ['/atlassian-connect.json', '/lifecycle'],
    memoryMiB: 512,
    timeoutSeconds: 30,
    concurrency: 40,
    roles: [
      storeUser('writes the tenant and its ledger entries'),
      keyUser('seals the shared secret'),
      publisher('tenant-lifecycle', 'tells of installs, marks and returns'),
    ],
  },
  {
    name: 'webhook',
    trigger: 'http',
    paths: ['/webhook'],
    memoryMiB: 512,
    timeoutSeconds: 30,
    concurrency: 80,
    roles: [
      storeUser('reads the tenant’s key when the instance has not cached it'),
      keyUser('opens the shared secret'),
      publisher('issue-changes', 'passes changes on'),
    ],
  },
  {
    name: 'sync',
    trigger: 'event',
    topics: ['issue-changes', 'sync-jobs', 'tenant-lifecycle'],
    memoryMiB: 1024,
    timeoutSeconds: 60,
    concurrency: 20,
    roles: [
      storeUser('keeps twins, traces and copies, and compares the store’s epoch with the ledger’s'),
      keyUser('opens secrets and seals copies'),
      publisher('sync-jobs', 'asks for the rest of a long job'),
    ],
  },
  {
    name: 'purge',
    trigger: 'event',
    topics: ['purge-jobs'],
    memoryMiB: 512,
    timeoutSeconds: 60,
    concurrency: 1,
    roles: [
      storeUser('finds and deletes what is due, and keeps what sites say of the licence'),
      keyUser(
        'proves that a destroyed key opens nothing, and opens the secret with which a site is asked and the content in which a closed account may be named',
      ),
      { role: 'roles/cloudkms.signer', on: 'keys/receipts', why: 'signs receipts' },
      publisher('purge-jobs', 'goes on with a long purge, and asks for probes'),
      publisher('tenant-lifecycle', 'tells of marks and returns that a probe or the ledger brought'),
      publisher('notices', 'asks for the notices that are due'),
      {
        role: 'roles/secretmanager.secretAccessor',
        on: 'secrets/backup-prune',
        why: 'may remove backups that are past their day',
      },
      { role: 'roles/storage.legacyBucketWriter', on: 'buckets/backups', why: 'the same, where the place is a bucket' },
    ],
  },
  {
    name: 'backup',
    trigger: 'event',
    topics: ['backup-jobs'],
    memoryMiB: 1024,
    timeoutSeconds: 300,
    concurrency: 1,
    roles: [
      storeUser('reads everything that belongs into a backup, and keeps the register of sets'),
      keyUser('seals each record under its owners’ keys'),
      { role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter', on: 'keys/backups', why: 'wraps the key of each set' },
      { role: 'roles/cloudkms.signer', on: 'keys/receipts', why: 'signs manifests' },
      {
        role: 'roles/secretmanager.secretAccessor',
        on: 'secrets/backup-append',
        why: 'may append to the place of backups',
      },
      { role: 'roles/storage.objectCreator', on: 'buckets/backups', why: 'may append, where the place is a bucket' },
      publisher('backup-jobs', 'goes on with a long backup'),
    ],
  },
  {
    name: 'console',
    trigger: 'http',
    paths: ['/console', '/receipts', '/help', '/trust', '/mail'],
    memoryMiB: 512,
    timeoutSeconds: 30,
    concurrency: 40,
    roles: [
      storeUser('reads and writes connections and rules'),
      keyUser('seals what admins configure'),
      publisher('sync-jobs', 'starts a sync by hand'),
      publisher('notices', 'asks the owner of an address whether news are wanted'),
      publisher(
        'purge-jobs',
        'asks for a probe when a token says something new of the licence, and for the erasure of a person',
      ),
      publisher('tenant-lifecycle', 'tells that a customer asked to be forgotten, or took it back'),
    ],
  },
  {
    name: 'notify',
    trigger: 'event',
    topics: ['notices', 'tenant-lifecycle'],
    memoryMiB: 512,
    timeoutSeconds: 60,
    concurrency: 10,
    roles: [
      storeUser('reads whom to tell what, and writes down what was told'),
      keyUser('opens the address of a contact, and the words of a report'),
      { role: 'roles/secretmanager.secretAccessor', on: 'secrets/desk', why: 'opens, looks at and erases tickets' },
      publisher('notices', 'tells the partners of a site that left, each on its own'),
    ],
  },
];

/** Delivery of a topic to a function: ours, never a hidden trigger subscription. */
export interface Subscription {
  readonly name: string;
  readonly topic: TopicName;
  readonly target: FunctionName;
  readonly ackDeadlineSeconds: number;
  /** Ids only, and gone within the 7 days of PROMISES.md §5 line 9. */
  readonly retentionSeconds: number;
  readonly minBackoffSeconds: number;
  readonly maxBackoffSeconds: number;
  readonly maxDeliveryAttempts: number;
  readonly deadLetterTopic: string;
}

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/** All topics, the dead-letter ones left out: each topic has one, named `<topic>-dead`. */
export const topics: readonly TopicName[] = [
  'issue-changes',
  'sync-jobs',
  'tenant-lifecycle',
  'purge-jobs',
  'backup-jobs',
  'notices',
];

/** How long a topic keeps nothing of its own: the subscriptions keep. */
export const subscriptions: readonly Subscription[] = functions.flatMap((row) =>
  row.trigger === 'http'
    ? []
    : row.topics.map((topic) => ({
        name: `${topic}-to-${row.name}`,
        topic,
        target: row.name,
        ackDeadlineSeconds: row.timeoutSeconds,
        retentionSeconds: 7 * DAY_SECONDS,
        minBackoffSeconds: 1,
        maxBackoffSeconds: 60,
        maxDeliveryAttempts: 20,
        deadLetterTopic: `${topic}-dead`,
      })),
);

/** A tick of Cloud Scheduler: publishes `kind` to a topic. */
export interface Schedule {
  readonly name: string;
  readonly topic: TopicName;
  readonly kind: 'wake' | 'sweep' | 'backup' | 'report-people';
  readonly cron: string;
  readonly everySeconds: number;
}

export const schedules: readonly Schedule[] = [
  { name: 'report-people', topic: 'purge-jobs', kind: 'report-people', cron: '43 * * * *', everySeconds: HOUR_SECONDS },
  { name: 'wake-twins', topic: 'sync-jobs', kind: 'wake', cron: '* * * * *', everySeconds: 60 },
  { name: 'retention-sweep', topic: 'purge-jobs', kind: 'sweep', cron: '17 * * * *', everySeconds: HOUR_SECONDS },
  // Each hour it is looked whether the next set has to begin: a tick that is lost costs an hour, no day.
  { name: 'backup', topic: 'backup-jobs', kind: 'backup', cron: '41 * * * *', everySeconds: HOUR_SECONDS },
];

export const databases = [
  { name: '(default)', location: region, holds: 'tenants, connections, twins' },
  { name: 'vault', location: region, holds: 'wrapped data keys; no backups' },
  { name: 'identity', location: region, holds: 'names of people, a day at most; no backups, no version reads' },
  {
    name: 'ledger',
    location: region,
    holds: 'tenants’ lives, receipts, the register of backups; outside every backup that can be restored',
  },
] as const;

/** Keys of Cloud KMS, in one ring. A destroyed version can be had back for one day, the shortest that Google allows (check). */
export const keyRing = {
  name: 'twinline',
  location: region,
  keys: [
    { name: 'data', purpose: 'ENCRYPT_DECRYPT', rotationDays: 90, destroyScheduledDays: 1 },
    { name: 'backups', purpose: 'ENCRYPT_DECRYPT', rotationDays: 90, destroyScheduledDays: 1 },
    { name: 'receipts', purpose: 'ASYMMETRIC_SIGN EC_SIGN_ED25519', rotationDays: 0, destroyScheduledDays: 1 },
  ],
} as const;

/** Secrets of outside places, one for each thing that may be done there: no function has two of the backups'. */
export const secrets = [
  { name: 'backup-append', location: region },
  { name: 'backup-prune', location: region },
  { name: 'desk', location: region },
  { name: 'backup-restore', location: region },
] as const;

/** The only log bucket that lines go to: Google's own default one is shut, its `_Required` one holds no line of ours. */
export const logBucket = { name: 'twinline-logs', location: region, retentionDays: 30 } as const;

/** What deploying needs: no customer's data ever comes here. */
export const sourceBucket = { name: 'twinline-source', location: region, keptDays: 30 } as const;
export const registry = { name: 'twinline', location: region, keptVersions: 3 } as const;

/** Terminates TLS within the region: Google's global front end would do it wherever the caller is. */
export const frontDoor = { name: 'front-door', location: region, minTlsVersion: '1.2' } as const;

/** A function's row. */
export function functionRow(name: FunctionName): FunctionRow {
  const row = functions.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`the topology names no function ${name}`);
  return row;
}
