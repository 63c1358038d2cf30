/**
 * What production wants: every resource that the topology names, with its place and with the settings that decide how
 * long anything stays in it. Pure; what is there, and what to do about it, comes with the deploy.
 * @see PROMISES.md §5 and §6, E-32; THREATS.md T30, G19
 */
import type { Residency } from '../shared/model/party.ts';
import { residues } from '../shared/retention/deadlines.ts';
import { backupRegion } from '../shared/retention/processors.ts';
import {
  databases,
  frontDoor,
  functions,
  keyRing,
  logBucket,
  region,
  registry,
  schedules,
  secrets,
  sourceBucket,
  subscriptions,
  topics,
} from './topology.ts';
import type { FunctionRow } from './topology.ts';

export type ResourceKind =
  | 'function'
  | 'service-account'
  | 'role'
  | 'topic'
  | 'subscription'
  | 'schedule'
  | 'database'
  | 'key-ring'
  | 'key'
  | 'secret'
  | 'log-bucket'
  | 'bucket'
  | 'registry'
  | 'front-door'
  | 'policy';

/** One resource. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly name: string;
  /** A region, or `global` for what has no place and holds no data. */
  readonly location: string;
  readonly settings: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

const DAY_SECONDS = 86_400;

/** Everything that the topology wants under a residency, in the order in which it can be made. */
export function wantedResources(residency: Residency): readonly Resource[] {
  return [
    { kind: 'policy', name: 'gcp.resourceLocations', location: 'global', settings: { allowed: placesOf(residency) } },
    { kind: 'policy', name: 'logging.defaultLocation', location: 'global', settings: { location: region } },
    ...keys(),
    ...secrets.map(
      ({ name, location }): Resource => ({
        kind: 'secret',
        name,
        location,
        // Left to itself, a secret is copied all over the world.
        settings: { replication: 'user-managed', replicas: [location] },
      }),
    ),
    ...databases.map(databaseOf),
    {
      kind: 'log-bucket',
      name: logBucket.name,
      location: logBucket.location,
      settings: { retentionDays: logBucket.retentionDays, isDefaultSinkOff: true },
    },
    bucketOf(sourceBucket.name, sourceBucket.location, sourceBucket.keptDays),
    bucketOf('twinline-backups', backupRegion[residency], residues.backupKeptDays),
    {
      kind: 'registry',
      name: registry.name,
      location: registry.location,
      settings: { keptVersions: registry.keptVersions },
    },
    ...topics.flatMap(topicsOf),
    ...functions.flatMap(functionResources),
    ...subscriptions.flatMap(subscriptionsOf),
    ...schedules.map(
      ({ name, topic, kind, cron }): Resource => ({
        kind: 'schedule',
        name,
        location: region,
        // The body names the kind of tick only: a job's body is stored.
        settings: { topic, cron, body: kind, timeZone: 'UTC' },
      }),
    ),
    {
      kind: 'front-door',
      name: frontDoor.name,
      location: frontDoor.location,
      settings: {
        minTlsVersion: frontDoor.minTlsVersion,
        paths: functions.flatMap((row) => (row.trigger === 'http' ? row.paths : [])),
      },
    },
  ];
}

/** Where anything may be. */
export function placesOf(residency: Residency): readonly string[] {
  return [region, backupRegion[residency]];
}

function keys(): readonly Resource[] {
  return [
    { kind: 'key-ring', name: keyRing.name, location: keyRing.location, settings: {} },
    ...keyRing.keys.map(
      ({ name, ...settings }): Resource => ({ kind: 'key', name, location: keyRing.location, settings }),
    ),
  ];
}

/** Databases with older versions for a week; the one of names of people has none beyond Google's own hour. */
function databaseOf({ name, location, holds }: (typeof databases)[number]): Resource {
  const called: string = name;
  const hasVersions = called !== 'identity';
  return {
    kind: 'database',
    name,
    location,
    settings: {
      type: 'FIRESTORE_NATIVE',
      holds,
      pointInTimeRecovery: hasVersions,
      versionDays: hasVersions ? residues.versionDays : 0,
      scheduledBackups: 'none',
      deleteProtection: true,
    },
  };
}

/** A bucket without any of the features that keep what was deleted. */
function bucketOf(name: string, location: string, keptDays: number): Resource {
  return {
    kind: 'bucket',
    name,
    location,
    settings: {
      softDeleteSeconds: 0,
      versioning: false,
      retentionLock: false,
      deleteAfterDays: keptDays,
      publicAccessPrevention: true,
      uniformAccess: true,
    },
  };
}

function topicsOf(topic: string): readonly Resource[] {
  return [topic, `${topic}-dead`].map((name) => ({
    kind: 'topic',
    name,
    location: region,
    // A topic without retention of its own: what is kept is kept by its subscription.
    settings: { allowedPersistenceRegions: [region], enforceInTransit: true, retentionSeconds: 0, snapshots: 'none' },
  }));
}

function functionResources(row: FunctionRow): readonly Resource[] {
  const account = `twinline-${row.name}`;
  return [
    { kind: 'service-account', name: account, location: 'global', settings: {} },
    ...row.roles.map(
      ({ role, on, why }): Resource => ({
        kind: 'role',
        name: `${account} ${role} ${on}`,
        location: 'global',
        settings: { member: account, role, on, why },
      }),
    ),
    {
      kind: 'function',
      name: row.name,
      location: region,
      settings: {
        runtime: 'nodejs24',
        serviceAccount: account,
        memoryMiB: row.memoryMiB,
        timeoutSeconds: row.timeoutSeconds,
        concurrency: row.concurrency,
        ingress: row.trigger === 'http' ? 'front door only' : 'push subscriptions only',
        eventarcTrigger: 'none',
      },
    },
  ];
}

function subscriptionsOf(row: (typeof subscriptions)[number]): readonly Resource[] {
  const common = { retainAcked: false, expires: 'never', snapshots: 'none' } as const;
  return [
    {
      kind: 'subscription',
      name: row.name,
      location: region,
      settings: {
        ...common,
        topic: row.topic,
        pushTo: row.target,
        ackDeadlineSeconds: row.ackDeadlineSeconds,
        retentionSeconds: row.retentionSeconds,
        minBackoffSeconds: row.minBackoffSeconds,
        maxBackoffSeconds: row.maxBackoffSeconds,
        maxDeliveryAttempts: row.maxDeliveryAttempts,
        deadLetterTopic: row.deadLetterTopic,
      },
    },
    {
      kind: 'subscription',
      name: `${row.deadLetterTopic}-of-${row.target}`,
      location: region,
      // Dead letters hold ids only and are looked at by people within a week.
      settings: { ...common, topic: row.deadLetterTopic, retentionSeconds: residues.messageDays * DAY_SECONDS },
    },
  ];
}

/** What keeps a plan from being carried out. */
export interface PlanProblem {
  readonly code: 'region-refused' | 'residue-refused';
  readonly kind: ResourceKind;
  readonly name: string;
  /** The place, or the setting that keeps what was deleted. */
  readonly what: string;
}

/** Kinds that have no place at Google and hold no data of a customer. */
const placeless: ReadonlySet<ResourceKind> = new Set<ResourceKind>(['service-account', 'role', 'policy']);

/** Everything that is elsewhere than the residency allows, and every setting that works against erasure. */
export function planProblems(resources: readonly Resource[], residency: Residency): readonly PlanProblem[] {
  return resources.flatMap((resource) => [...placeProblems(resource, residency), ...residueProblems(resource)]);
}

/** Only backups may be in the second place. */
function placeProblems({ kind, name, location }: Resource, residency: Residency): readonly PlanProblem[] {
  const allowed = placeless.has(kind) ? 'global' : name === 'twinline-backups' ? backupRegion[residency] : region;
  return location === allowed ? [] : [{ code: 'region-refused', kind, name, what: location }];
}

type Limit = (settings: Resource['settings']) => Readonly<Record<string, boolean>>;

const atMost = (value: unknown, most: number): boolean => typeof value === 'number' && value <= most;

/** For each kind: the settings that would keep what was deleted, and when they are fine. @see PROMISES.md §5 */
const limits: Readonly<Partial<Record<ResourceKind, Limit>>> = {
  bucket: (is) => ({
    softDeleteSeconds: is['softDeleteSeconds'] === 0,
    versioning: is['versioning'] === false,
    retentionLock: is['retentionLock'] === false,
    deleteAfterDays: atMost(is['deleteAfterDays'], residues.logDays),
  }),
  database: (is) => ({
    versionDays: atMost(is['versionDays'], residues.versionDays),
    scheduledBackups: is['scheduledBackups'] === 'none',
  }),
  topic: (is) => ({
    retentionSeconds: is['retentionSeconds'] === 0,
    snapshots: is['snapshots'] === 'none',
    enforceInTransit: is['enforceInTransit'] === true,
    allowedPersistenceRegions: JSON.stringify(is['allowedPersistenceRegions']) === JSON.stringify([region]),
  }),
  subscription: (is) => ({
    retentionSeconds: atMost(is['retentionSeconds'], residues.messageDays * DAY_SECONDS),
    retainAcked: is['retainAcked'] === false,
    snapshots: is['snapshots'] === 'none',
  }),
  function: (is) => ({ eventarcTrigger: is['eventarcTrigger'] === 'none' }),
  'log-bucket': (is) => ({
    retentionDays: atMost(is['retentionDays'], residues.logDays),
    isDefaultSinkOff: is['isDefaultSinkOff'] === true,
  }),
  secret: (is) => ({ replicas: JSON.stringify(is['replicas']) === JSON.stringify([region]) }),
  key: (is) => ({ destroyScheduledDays: atMost(is['destroyScheduledDays'], 1) }),
};

function residueProblems({ kind, name, settings }: Resource): readonly PlanProblem[] {
  const checks = limits[kind]?.(settings) ?? {};
  return Object.entries(checks)
    .filter(([, isFine]) => !isFine)
    .map(([what]) => ({ code: 'residue-refused', kind, name, what }));
}
