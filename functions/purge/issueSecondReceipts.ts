/** The second receipt of a purge: the last backup that held the life has expired and is gone. @see shared/backup/SPEC.md B13–B15 */
import { mayHold } from '../../shared/backup/lives.ts';
import type { KnownSet } from '../../shared/backup/lives.ts';
import { canonical } from '../../shared/evidence/canonical.ts';
import { lifeName } from '../../shared/evidence/life.ts';
import { backupsReceiptOf, signedText } from '../../shared/evidence/receipt.ts';
import { setId } from '../../shared/model/ids.ts';
import type { EndedSet, StoresReceipt } from '../../shared/model/receipt.ts';
import type { Stored } from '../../shared/ports.ts';
import { toFault } from '../../shared/verdict.ts';
import { parseReceipt } from '../../shared/wire/receipt.ts';
import { hasTime } from './progress.ts';
import type { PurgePorts, Work } from './progress.ts';
import { registeredSets } from './pruneBackups.ts';

/** First receipts that one sweep looks at. */
const LIMIT = 200;
/** A set that is due and still there is looked at again with the next sweep. */
const AGAIN_MS = 3_600_000;

/** Looks at every first receipt whose time has come: issues the second, or notes when to look again. Idempotent. */
export async function issueSecondReceipts(work: Work): Promise<void> {
  const { ports } = work;
  if (ports.backups?.prune === undefined) return;
  const due = await ports.store.due('receipt', 'awaitsAt', ports.clock.now(), LIMIT);
  if (due.length === 0) return;
  const sets = await registeredSets(ports);
  for (const stored of due) if (hasTime(work)) await lookAt(work, stored, sets);
}

async function lookAt(work: Work, stored: Stored<'receipt'>, sets: readonly Stored<'backupSet'>[]): Promise<void> {
  const { ports } = work;
  const { receipt } = parseReceipt(stored.row.signed);
  if (receipt.covers !== 'stores') return settle(ports, stored, undefined);
  const held: EndedSet[] = [];
  let waitsUntil: number | undefined;
  for (const set of sets) {
    const isNamed = await isIn(ports, set, receipt);
    if (mayHold(knownOf(set), receipt.verifiedAt, isNamed)) {
      waitsUntil = Math.max(waitsUntil ?? 0, set.row.expiresAt, ports.clock.now() + AGAIN_MS);
      continue;
    }
    // It is gone now, and would count if it were not.
    const { goneAt: _gone, ...before } = knownOf(set);
    if (mayHold(before, receipt.verifiedAt, isNamed)) held.push(endOf(set));
  }
  if (waitsUntil === undefined) await issue(work, receipt, held);
  await settle(ports, stored, waitsUntil);
}

async function isIn(ports: PurgePorts, set: Stored<'backupSet'>, receipt: StoresReceipt): Promise<boolean> {
  const life = lifeName(receipt.subject, receipt.generation);
  return (await ports.store.read('backupLife', { set: set.place.set, life })) !== undefined;
}

/** The first one that is stored counts: a second try finds it there. */
async function issue({ ports, settings }: Work, of: StoresReceipt, sets: readonly EndedSet[]): Promise<void> {
  const { signer, store, clock, log } = ports;
  const receipt = backupsReceiptOf(of, { sets, checkedAt: clock.now(), commit: settings.commit });
  const signature = await signer.sign(signedText(receipt, signer.keyId));
  const signed = canonical({ receipt, keyId: signer.keyId, signature });
  try {
    await store.create('receipt', { receipt: receipt.id }, { signed, issuedAt: clock.now() });
    log.note('backups-gone', { receipt: receipt.id, sets: sets.length });
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code !== 'store-exists') throw fault;
  }
}

async function settle(ports: PurgePorts, stored: Stored<'receipt'>, awaitsAt: number | undefined): Promise<void> {
  const { awaitsAt: _was, ...row } = stored.row;
  const next = awaitsAt === undefined ? row : { ...row, awaitsAt };
  await ports.store.replace('receipt', stored.place, next, stored.version);
}

function knownOf({ row }: Stored<'backupSet'>): KnownSet {
  const { beganAt, endedAt, goneAt } = row;
  return {
    beganAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(goneAt === undefined ? {} : { goneAt }),
  };
}

function endOf({ place, row }: Stored<'backupSet'>): EndedSet {
  const { beganAt, expiresAt, goneAt = 0, manifestHash = '' } = row;
  return { set: setId(place.set), beganAt, expiresAt, goneAt, manifestHash };
}
