/** Builds the real ports, once per process: the only place where ports meet adapters. */
import { databases, region } from '../infra/topology.ts';
import type { BackupConfig, Config } from '../shared/config.ts';
import { diskBackup } from '../shared/disk/backup.ts';
import { openKeyFiles } from '../shared/disk/keyFile.ts';
import { createConnectDoor } from '../shared/doors/connect/door.ts';
import { bucketBackup } from '../shared/gcp/bucket.ts';
import { googleToken } from '../shared/gcp/token.ts';
import { databasePlaces } from '../shared/gcp/places.ts';
import { systemClock, systemIds } from '../shared/gcp/clock.ts';
import { FirestoreStore } from '../shared/gcp/firestore.ts';
import type { FirestoreOptions } from '../shared/gcp/firestore.ts';
import { Kms } from '../shared/gcp/kms.ts';
import { cloudLog } from '../shared/gcp/log.ts';
import { PubSubBus } from '../shared/gcp/pubsub.ts';
import { createHttp } from '../shared/http.ts';
import type { Http } from '../shared/http.ts';
import { createJira } from '../shared/jira/client.ts';
import { Keyring } from '../shared/keyring.ts';
import { StoreLedger } from '../shared/ledger.ts';
import { MemoryBus } from '../shared/memory/bus.ts';
import { MemoryStore } from '../shared/memory/store.ts';
import { sftpBackup } from '../shared/outside/sftp.ts';
import { createDesk, noDesk } from '../shared/outside/desk.ts';
import { createSmtp, noMail } from '../shared/outside/smtp.ts';
import type { Backups, Bus, ConnectDoor, Desk, Mail, Ports, Signer, Store, Vault } from '../shared/ports.ts';
import { Purse } from '../shared/purse.ts';
import { inUse, lintRegister, planned, processorOf, registerOf } from '../shared/retention/processors.ts';
import type { Processor } from '../shared/retention/processors.ts';
import { assertRegion, keyPlace } from '../shared/retention/residency.ts';
import { ScriptPool } from '../shared/script/pool.ts';
import { Fault } from '../shared/verdict.ts';

/** All ports; the Connect door with what only the lifecycle function needs. */
export interface Composed extends Ports {
  readonly doors: Readonly<Record<'connect', ConnectDoor>>;
  /** Keys of links in mails and of the list of those who want no news, the newest first. */
  readonly mailKeys: readonly Uint8Array[];
  /** The parties of the register whose first day is still to come. */
  planned(): readonly Processor[];
}

/** The memory backend of this process: one store and one bus for all functions in it, and a way to hear their log. */
export interface MemoryBackend {
  readonly store: MemoryStore;
  readonly bus: MemoryBus;
  onLine(listener: (line: string) => void): void;
}

interface HeldMemory extends MemoryBackend {
  readonly write: (line: string) => void;
}

let memory: HeldMemory | undefined;

/** The memory backend, made with the first call. */
export function composeMemory(): MemoryBackend {
  return heldMemory();
}

function heldMemory(): HeldMemory {
  if (memory !== undefined) return memory;
  const listeners: ((line: string) => void)[] = [];
  memory = {
    store: new MemoryStore(),
    bus: new MemoryBus({ clock: systemClock({ mode: 'local' }) }),
    onLine: (listener) => void listeners.push(listener),
    write: (line) => {
      for (const listener of listeners) listener(line);
    },
  };
  return memory;
}

/** The setting's own pattern has let it pass. */
const SFTP_PLACE = /^sftp:\/\/([a-z0-9_-]+)@([a-z0-9.-]+)(?::(\d+))?(\/.*)$/;

/** Where the databases are. */
export function storeOptions({ project, database, firestoreEmulator }: Config): FirestoreOptions {
  return { project, main: database, ...(firestoreEmulator === undefined ? {} : { emulatorHost: firestoreEmulator }) };
}

/** Puts the ports together as the settings say. @throws Fault `config-invalid` */
export function compose(config: Config): Composed {
  const held = config.backend === 'memory' ? heldMemory() : undefined;
  const clock = systemClock({ mode: config.mode, offsetFile: config.clockFile });
  const ids = systemIds(clock);
  const log = cloudLog(held === undefined ? { clock } : { clock, destination: held });
  const store: Store = held?.store ?? new FirestoreStore(storeOptions(config));
  const bus: Bus = held?.bus ?? new PubSubBus({ project: config.project });
  const { vault, backupVault, signer, hashKeys, mailKeys } = secretsOf(config);
  const keys = new Keyring({ store, vault, ids, clock });
  const ledger = new StoreLedger({ store, hashKeys });
  const register = checkedRegister(config);
  const http = createHttp({ register: () => inUse(register, clock.now()), localHosts: config.localHosts });
  const doors = { connect: createConnectDoor({ store, keys, http, clock }, config) };
  const budget = new Purse({ store, clock, ids, appPoints: config.appPoints, tenantPoints: config.tenantPoints });
  const jira = createJira({ doors, http, clock, budget });
  const script = new ScriptPool();
  const mail = mailOf(config, (host) => processorOf(host, inUse(register, clock.now()), 'smtp') !== undefined);
  const desk = deskOf(config, http);
  const backups = backupsOf(
    config,
    backupVault,
    http,
    (host) => processorOf(host, inUse(register, clock.now()), 'sftp') !== undefined,
  );
  const all = {
    clock,
    ids,
    store,
    keys,
    ledger,
    signer,
    bus,
    doors,
    jira,
    budget,
    script,
    mail,
    desk,
    log,
    mailKeys,
    planned: () => planned(register, clock.now()),
  };
  return backups === undefined ? all : { ...all, backups };
}

function deskOf({ desk }: Config, http: Http): Desk {
  return desk === undefined ? noDesk : createDesk(http, desk);
}

function mailOf({ mail }: Config, isRegistered: (host: string) => boolean): Mail {
  if (mail === undefined) return noMail;
  const { localPort, ...server } = mail;
  return createSmtp({ ...server, isRegistered, local: localPort === undefined ? undefined : { port: localPort } });
}

/**
 * The register of this installation.
 * @throws Fault `config-invalid` when a row lacks what it needs; in production also the operator's own agreement
 */
function checkedRegister(config: Config): readonly Processor[] {
  const register = registerOf(config);
  const [problem] = lintRegister(register, { needsReferences: config.mode === 'production' });
  if (problem !== undefined)
    throw new Fault('config-invalid', { setting: 'TWINLINE_PARTIES', party: problem.id, lacks: problem.problem });
  return register;
}

/** The place of backups, with no more of it than this process may do. @throws Fault `config-invalid` */
function backupsOf(
  { backup }: Config,
  vault: Vault,
  http: Http,
  isRegistered: (host: string) => boolean,
): Backups | undefined {
  if (backup === undefined) return undefined;
  const { place, credential } = backup;
  const { append, prune, restore } = placeOf(backup, http, isRegistered);
  const may = (one: typeof credential): boolean => credential === 'all' || credential === one;
  return {
    ...{ at: place, vault },
    ...(may('append') ? { append } : {}),
    ...(may('prune') ? { prune } : {}),
    ...(may('restore') ? { restore } : {}),
  };
}

/**
 * Refuses to start with a database or a key that is elsewhere than the topology's region. On a computer without a cloud
 * there is nothing to ask: emulators and memory are nowhere.
 * @throws Fault `region-refused`
 */
export async function checkPlaces(config: Config): Promise<void> {
  if (config.mode !== 'production') return;
  const { kms, kmsBackupKey } = config;
  const keys = kms === undefined ? [] : [keyPlace('key data', kms.dataKey), keyPlace('key receipts', kms.receiptKey)];
  if (kmsBackupKey !== undefined) keys.push(keyPlace('key backups', kmsBackupKey));
  assertRegion(keys, region);
  const names = [...new Set([config.database, ...databases.map(({ name }) => name)])];
  assertRegion(await databasePlaces(config.project, names), region);
}

function placeOf(
  { place, key, hostKey }: BackupConfig,
  http: Http,
  isRegistered: (host: string) => boolean,
): Required<Pick<Backups, 'append' | 'prune' | 'restore'>> {
  if (place.startsWith('disk:')) return diskBackup(place.slice('disk:'.length));
  if (place.startsWith('bucket:')) {
    const seen = bucketBackup({ http, bucket: place.slice('bucket:'.length), token: googleToken() });
    return { append: seen, prune: seen, restore: seen };
  }
  const [, user = '', host = '', port = '22', folder = ''] = SFTP_PLACE.exec(place) ?? [];
  if (host === '') throw new Fault('config-invalid', { setting: 'TWINLINE_BACKUP_PLACE' });
  if (hostKey === undefined) throw new Fault('config-invalid', { setting: 'TWINLINE_BACKUP_HOST_KEY' });
  if (key === undefined) throw new Fault('config-invalid', { setting: 'TWINLINE_BACKUP_KEY' });
  const seen = sftpBackup({ user, host, port: Number(port), folder, hostKey, key, isRegistered });
  return { append: seen, prune: seen, restore: seen };
}

interface Secrets {
  readonly vault: Vault;
  readonly backupVault: Vault;
  readonly signer: Signer;
  readonly hashKeys: readonly Uint8Array[];
  readonly mailKeys: readonly Uint8Array[];
}

function secretsOf({ keyDir, kms, kmsBackupKey, ledgerKeys, mailKeys }: Config): Secrets {
  if (keyDir !== undefined) return openKeyFiles(keyDir);
  if (kms === undefined || kmsBackupKey === undefined || ledgerKeys === undefined || mailKeys === undefined)
    throw new Fault('config-invalid', { setting: 'TWINLINE_KEY_DIR' });
  const client = new Kms();
  return {
    vault: client.vault(kms.dataKey),
    backupVault: client.vault(kmsBackupKey),
    signer: client.signer(kms.receiptKey),
    hashKeys: ledgerKeys.map((key) => Buffer.from(key, 'hex')),
    mailKeys: mailKeys.map((key) => Buffer.from(key, 'hex')),
  };
}
