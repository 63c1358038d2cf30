/** How far a set has come: its record in the register, read at the start of every message and written after every part. */
import { expiryOf, PERIOD_MS, setAt, timeOfSet } from '../../shared/backup/schedule.ts';
import { backedUp } from '../../shared/backup/contents.ts';
import type { SetId } from '../../shared/model/ids.ts';
import type { Backups, Ports, Version } from '../../shared/ports.ts';
import { catalogue } from '../../shared/retention/catalogue.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { Fault, toFault } from '../../shared/verdict.ts';

/** What the backup function can be told. */
export interface BackupSettings {
  readonly backupDays: number;
  /** The commit that runs; the manifest names it. */
  readonly commit: string;
}

/** The ports that it uses. */
export type BackupPorts = Pick<
  Ports,
  'clock' | 'ids' | 'store' | 'keys' | 'ledger' | 'signer' | 'bus' | 'log' | 'backups'
>;

/** What every step of a message gets. */
export interface Work {
  readonly ports: BackupPorts;
  readonly place: Backups;
  readonly append: NonNullable<Backups['append']>;
  readonly settings: BackupSettings;
  /** The message gives up its turn when this has come: it publishes itself and ends. */
  readonly untilAt: number;
}

export type SetRow = RecordOf<'backupSet'>;
export type Cursor = NonNullable<SetRow['cursor']>;

/** A set's record as it was read. */
export interface Progress {
  readonly set: SetId;
  readonly row: SetRow;
  readonly version: Version;
}

const KEY_BYTES = 32;
const DAY_MS = 86_400_000;

/** A set that began late in its period goes on in the next one for so long: a large one would never be whole otherwise. */
const LATE_MS = PERIOD_MS / 2;

/** The set to work on: that of this period, begun now if nobody has. Whoever is slower takes the faster one's. */
export async function thisSet(work: Work): Promise<Progress> {
  const { clock } = work.ports;
  const set = setAt(clock.now());
  const found = await readSet(work, set);
  if (found !== undefined) return found;
  const before = await readSet(work, setAt(clock.now() - PERIOD_MS));
  if (before !== undefined && before.row.endedAt === undefined && before.row.beganAt > clock.now() - LATE_MS)
    return before;
  return begin(work, set);
}

async function readSet({ ports }: Work, set: SetId): Promise<Progress | undefined> {
  const found = await ports.store.read('backupSet', { set });
  return found === undefined ? undefined : { set, row: found.row, version: found.version };
}

async function begin(work: Work, set: SetId): Promise<Progress> {
  const row = await freshRow(work, set);
  try {
    return { set, row, version: await work.ports.store.create('backupSet', { set }, row) };
  } catch (thrown) {
    if (toFault(thrown).code !== 'store-exists') throw thrown;
    const faster = await readSet(work, set);
    if (faster === undefined) throw new Fault('store-changed', { category: 'backupSet' }, thrown);
    return faster;
  }
}

async function freshRow({ ports, place, settings }: Work, set: SetId): Promise<SetRow> {
  const { store, ids } = ports;
  // From its name, so that a set which began late in its period is not kept longer than others.
  const beganAt = timeOfSet(set);
  const epoch = (await store.read('storeEpoch', { store: 'main' }))?.row.epoch ?? 0;
  const first = backedUp[0];
  if (first === undefined) throw new Fault('bug', { why: 'empty-backup' });
  return {
    at: place.at,
    beganAt: ports.clock.now(),
    expiresAt: expiryOf(beganAt, settings.backupDays),
    epoch,
    wrapped: await place.vault.wrap(ids.bytes(KEY_BYTES), keyContext(set)),
    cursor: { category: first },
    parts: 0,
    records: 0,
    bytes: 0,
    left: 0,
  };
}

/** When the register forgets a set. */
export function removeAtOf(beganAt: number): number {
  return beganAt + catalogue.backupSet.retention.days * DAY_MS;
}

/** Bound to the wrapped key of a set. */
export function keyContext(set: SetId): string {
  return `backup-set:${set}`;
}

/** Records a step. @throws Fault `store-changed` when another worker was faster */
export async function advance({ ports }: Work, from: Progress, row: SetRow): Promise<Progress> {
  const version = await ports.store.replace('backupSet', { set: from.set }, row, from.version);
  return { set: from.set, row, version };
}
