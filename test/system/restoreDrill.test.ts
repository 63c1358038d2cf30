/**
 * The restore drill: backups over a real OpenSSH server, the stores on the Firestore emulator, the three credentials apart, and between the
 * backup and the restore one tenant is purged, one comes back and one leaves.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupHandler } from '../../functions/backup/event.ts';
import { purgeHandler } from '../../functions/purge/event.ts';
import type { PurgePorts } from '../../functions/purge/progress.ts';
import { StoreGuard } from '../../functions/sync/storeGuard.ts';
import { restoreSet, wholeSets } from '../../infra/cli/restoreSet.ts';
import type { RestoreNeeds, RestoreReport } from '../../infra/cli/restoreSet.ts';
import { switchTo } from '../../infra/cli/switchStore.ts';
import { canonical } from '../../shared/evidence/canonical.ts';
import { FirestoreStore } from '../../shared/gcp/firestore.ts';
import { Keyring } from '../../shared/keyring.ts';
import { StoreLedger } from '../../shared/ledger.ts';
import { MemorySigner } from '../../shared/memory/signer.ts';
import { MemoryVault } from '../../shared/memory/vault.ts';
import { connectionId, ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { Message } from '../../shared/model/message.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import { sftpBackup } from '../../shared/outside/sftp.ts';
import type { Backups, LedgerEntry, Log, Store } from '../../shared/ports.ts';
import { placedAt } from '../../shared/retention/address.ts';
import { emulatorHosts, ownProject } from '../kit/emulators.ts';
import { CANARY, fillEverything } from '../kit/records.ts';
import type { Joined } from '../kit/records.ts';
import { findSshd, startSftpServer } from '../kit/sftpServer.ts';
import type { Credential, SftpServer } from '../kit/sftpServer.ts';

const sshd = findSshd();
const hosts = emulatorHosts();
if (sshd === undefined)
  console.warn('the restore drill is left out: sshd is missing (Debian: apt-get install openssh-server)');

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ref = (id: string): TenantRef => ({ tenant: tenantId(id), generation: 1 });
/** Stay; A is connected with B, and both with the one that goes. */
const [A, B] = [ref('t-0000000a'), ref('t-0000000b')];
/** Purged after the backup. */
const P = ref('t-0000000c');
/** Marked in the backup and back since: an old mark must not purge it. */
const R = ref('t-0000000d');
/** Active in the backup and marked since. */
const M = ref('t-0000000e');
const everybody = [A, B, P, R, M];
const joined: readonly Joined[] = [
  { id: connectionId('c-0000000ab'), a: A, b: B },
  { id: connectionId('c-0000000ap'), a: A, b: P },
  { id: connectionId('c-0000000rm'), a: R, b: M },
];
const clientKeyOf = ({ tenant }: TenantRef): string => `${CANARY}-client-${tenant}`;
const owner = ({ tenant, generation }: TenantRef) => ownerOf(tenant, generation);

describe.skipIf(hosts === undefined || sshd === undefined)('the restore drill', () => {
  let now = 20_000 * DAY;
  let count = 0;
  const ids = {
    next: () => `${(count += 1)}`.padStart(10, '0'),
    bytes: (length: number) => new Uint8Array(randomBytes(length)),
  };
  const clock = { now: () => now, sleep: () => Promise.reject(new Error('nobody sleeps')) };
  const project = ownProject('drill');
  const at = { project, emulatorHost: hosts?.firestoreHost ?? '' };
  const store = new FirestoreStore(at);
  const target = new FirestoreStore({ ...at, main: 'restored-drill' });
  const keys = new Keyring({ store, vault: new MemoryVault(ids), ids, clock });
  const ledger = new StoreLedger({ store, hashKeys: [new Uint8Array(32).fill(7)] });
  const signer = new MemorySigner(ids);
  const backupVault = new MemoryVault(ids);
  const queue: Message[] = [];
  const told: Message[] = [];
  const faults: string[] = [];
  const log: Log = { work: () => undefined, note: () => undefined, fault: (_name, code) => void faults.push(code) };
  let server: SftpServer;
  const seen = (one: Credential) =>
    sftpBackup({ ...server, key: server.keys[one], isRegistered: (host) => host === '127.0.0.1' });

  const portsWith = (main: Store, backups: Omit<Backups, 'at' | 'vault'>): PurgePorts => ({
    ...{ clock, ids, store: main, keys, ledger, signer, log },
    backups: { at: 'sftp', vault: backupVault, ...backups },
    jira: {
      at: () => {
        throw new Error('no site is asked');
      },
    },
    bus: {
      publish: async (topic, message) =>
        void (topic === 'purge-jobs' || topic === 'backup-jobs' ? queue : told).push(message),
    },
  });

  /** One tick with each function's own credential, and every message that follows. */
  async function tick(kind: 'sweep' | 'backup', main: Store = store): Promise<void> {
    const purge = purgeHandler(portsWith(main, { prune: seen('prune') }), {
      ...{ liveDays: 120, copyDays: 30, fenceMs: 90_000, commit: 'drill' },
    });
    const backup = backupHandler(portsWith(main, { append: seen('append') }), { backupDays: 28, commit: 'drill' });
    queue.push({ kind, askedAt: now });
    for (let message = queue.shift(); message !== undefined; message = queue.shift())
      await (message.kind === 'backup' ? backup(message) : purge(message));
  }

  async function enter(of: TenantRef, kind: LedgerEntry['kind'], more: Partial<LedgerEntry> = {}): Promise<number> {
    const identity = await ledger.identityOf('connect', clientKeyOf(of));
    const last = (await ledger.read(identity)).at(-1)?.number ?? 0;
    return (await ledger.append(identity, last, { ...of, kind, at: now, ...more })).number;
  }

  async function mark(of: TenantRef, evidence: 'uninstalled' | 'requested'): Promise<void> {
    const more = { evidence, dueAt: now + (evidence === 'requested' ? 3 : 120) * DAY };
    const ledgerNumber = await enter(of, 'marked', more);
    const stored = await store.read('tenant', { tenant: of.tenant });
    const row = { ...stored!.row, ...more, state: 'marked', markedAt: now, ledgerNumber } as const;
    await store.replace('tenant', stored!.place, row, stored!.version);
  }

  /** Every record of a main database as text, by path. */
  async function everything(of: Store): Promise<ReadonlyMap<string, string>> {
    const all = new Map<string, string>();
    for (const path of await of.beneath('', 100_000)) {
      const { category, place } = placedAt(path)!;
      const { row } = (await of.read(category, place))!;
      all.set(path, canonical(row));
    }
    return all;
  }

  let saved: ReadonlyMap<string, string>;
  let report: RestoreReport;
  let back: ReadonlyMap<string, string>;

  beforeAll(async () => {
    server = await startSftpServer(sshd ?? '');
    for (const of of everybody) await enter(of, 'installed');
    const active = { state: 'active', markedAt: undefined, evidence: undefined, dueAt: undefined } as const;
    const quiet = { untold: undefined, untoldSince: undefined, restsSince: undefined } as const;
    await fillEverything(
      { store, keys },
      everybody.map((of) => ({ ref: of, clientKey: clientKeyOf(of), tenancy: { ...active, ...quiet } })),
      joined,
    );
    await new StoreGuard({ store, clock, log }).tick();
    await mark(R, 'uninstalled');
    await mark(P, 'requested');
    now += 3 * DAY;
    await tick('backup');
    saved = await everything(store);
    now += HOUR;
    // The customer asked: everything of it goes, its key as well.
    for (let hour = 0; hour < 5; hour += 1, now += HOUR) await tick('sweep');
    await enter(R, 'returned');
    await mark(M, 'uninstalled');
    now += HOUR;
    await new StoreGuard({ store, clock, log }).tick();
    expect(faults).toEqual([]);
    const [set] = await wholeSets(store);
    const needs: RestoreNeeds = {
      ...{ store, target, place: seen('restore'), backupVault, keys, ledger, signer },
      // The drill's own clock stands still; how long it takes is this computer's.
      clock: { now: () => now + Math.round(performance.now()), sleep: clock.sleep },
      days: { liveDays: 120, copyDays: 30 },
    };
    report = await restoreSet(needs, set!);
    back = await everything(target);
  }, 300_000);

  afterAll(async () => {
    await Promise.all([store.close(), target.close(), server.stop()]);
  });

  const isOf = (text: string, of: TenantRef): boolean => text.includes(`"${owner(of)}"`);

  test('B23 brings every record of every live tenant back, byte for byte, and no record of a purged one', () => {
    const wanted = [...saved].filter(
      ([path, row]) => row.includes('"owners"') && !isOf(row, P) && !path.includes(P.tenant),
    );
    expect(wanted.length).toBeGreaterThan(100);
    const changed: string[] = [];
    for (const [path, row] of wanted) {
      expect(back.has(path), path).toBe(true);
      if (back.get(path) !== row) changed.push(path);
    }
    // What the restore itself decides: the tenants, and the half whose partner is gone.
    const decided = [A, B, R, M].map(({ tenant }) => `tenants/${tenant}`);
    expect(changed.toSorted()).toEqual([...decided, `tenants/${A.tenant}/halves/c-0000000ap-a`].toSorted());
    expect(back.size).toBe(wanted.length);
    for (const [path, row] of back) expect(`${path} ${row}`.includes(P.tenant), path).toBe(false);
    expect(back.get(`tenants/${A.tenant}/halves/c-0000000ap-a`)).toContain('partner-left');
  });

  test('B23 says so, with how old the state is and how long it took', () => {
    expect(report).toMatchObject({ isGood: true, foundByOwner: 0, foundByPath: 0, missing: [], epoch: 'restored' });
    expect(report.tenants).toEqual({ live: 3, marked: 1, purging: 0, purged: 1 });
    expect(report.dropped).toEqual({ unreadable: expect.any(Number) });
    expect(report.written + (report.dropped.unreadable ?? 0)).toBe(report.read);
    // G8: RPO 24 hours, RTO 4 hours.
    expect(report.lostMs).toBeLessThan(24 * HOUR);
    expect(report.tookMs).toBeLessThan(4 * HOUR);
    console.info(`restored ${report.written} of ${report.read} records over SFTP in ${report.tookMs} ms`);
  });

  test('B19 a tenant that came back is live, and one that left since is marked, whatever the backup says', () => {
    expect(saved.get(`tenants/${R.tenant}`)).toContain('"marked"');
    expect(back.get(`tenants/${R.tenant}`)).toContain('"state":"active"');
    expect(back.get(`tenants/${R.tenant}`)).not.toContain('dueAt');
    expect(saved.get(`tenants/${M.tenant}`)).toContain('"state":"active"');
    expect(back.get(`tenants/${M.tenant}`)).toContain('"state":"marked"');
  });

  test('B8 the place shows nothing: no canary, no key, no identity, no tenant', () => {
    const files = readdirSync(server.folder);
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const text = readFileSync(join(server.folder, file)).toString('latin1');
      for (const word of [CANARY, 'sharedSecret', 'displayName', ...everybody.map(({ tenant }) => tenant)])
        expect(text.includes(word), `${file} ${word}`).toBe(false);
    }
  });

  test('B24 the sync knows the restored store for an older copy and stops every connection, and all live tenants are caught up', async () => {
    const guard = new StoreGuard({ store: target, clock, log });
    expect(await guard.isSame()).toBe(false);
    expect(await guard.tick()).toBe(true);
    for (const { place, row } of (await target.scan('connection', { limit: 9 })).items)
      expect(row.restored?.side, place.connection).toBe('store');
    told.length = 0;
    await tick('sweep', target);
    const caughtUp = told.filter((message) => message.kind === 'tenant-change' && message.what === 'returned');
    expect(caughtUp.map((message) => ('tenant' in message ? message.tenant : '')).toSorted()).toEqual(
      [A, B, R].map(({ tenant }) => tenant),
    );
    // Nobody is purged for an old mark.
    expect((await target.read('tenant', { tenant: R.tenant }))?.row.state).toBe('active');
  });

  test('B25 on a computer the restored database takes the place of the running one', async () => {
    const before = await everything(target);
    expect(await switchTo(target, store)).toBe(before.size);
    expect(await everything(store)).toEqual(before);
  });

  test('B22 a set of which one byte at the place is another is refused as a whole', async () => {
    const [set] = await wholeSets(store);
    const place = seen('restore');
    const bent = {
      sets: () => place.sets(),
      read: async (of: typeof set & string, file: string) => {
        const bytes = await place.read(of, file);
        if (file.startsWith('twin-')) bytes[100] = (bytes[100] ?? 0) ^ 1;
        return bytes;
      },
    };
    const empty = new FirestoreStore({ ...at, main: 'restored-bent' });
    const needs = { store, target: empty, place: bent, backupVault, keys, ledger, signer, clock };
    const refused = restoreSet({ ...needs, days: { liveDays: 120, copyDays: 30 } }, set!);
    await expect(refused).rejects.toThrow('backup-odd');
    await empty.close();
  });
});
