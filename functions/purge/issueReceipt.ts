/** The last step of a purge: the receipt signed, the ledger's entry, the receipt kept, and then nothing is left but these. */
import { canonical } from '../../shared/evidence/canonical.ts';
import { receiptHash, receiptOf, signedText } from '../../shared/evidence/receipt.ts';
import { identityHash, tenantKey } from '../../shared/model/ids.ts';
import type { StoresReceipt } from '../../shared/model/receipt.ts';
import { catalogue } from '../../shared/retention/catalogue.ts';
import { lifeOf, receiptBefore } from '../../shared/retention/ledgerTruth.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import { parseDraft } from '../../shared/wire/receipt.ts';
import { advance } from './progress.ts';
import { isShut } from './survey.ts';
import { erasedTickets } from './tickets.ts';
import type { Progress, PurgePorts, PurgeRow, Work } from './progress.ts';

const DAY_MS = 86_400_000;

/** A `purged` entry can be overtaken by the tenant's next lives only. */
const MAX_TRIES = 4;

/**
 * Issues the receipt of a purge that is verified and whose keys are destroyed. The receipt is fixed in the purge record
 * before the ledger names its hash: a second try, also by a newer build, issues the very same one. It is signed before the ledger calls
 * the life purged: while nobody signs, the purge is not over, so that a restore that loses its record begins it again. A life that the
 * ledger called purged before has its receipt already; it gets no second one.
 */
export async function issueReceipt(work: Work, progress: Progress): Promise<Progress> {
  const { ports } = work;
  if (await awaitsTickets(work, progress)) return lookAgain(work, progress);
  const drafted = await draft(work, progress);
  const receipt = parseDraft(drafted.row.draft ?? '');
  const hash = receiptHash(receipt);
  const signed = await sign(ports, receipt);
  if ((await finishInLedger(ports, drafted.row, hash)) === hash) await keep(ports, receipt, signed);
  return advance(ports, drafted, finished(drafted.row, ports.clock.now()));
}

/** How often it is looked whether the desk has erased what it has to. */
const TICKET_LOOK_MS = 15 * 60_000;

/** Where the desk does not erase in time, the receipt comes without the line about it, and people have been woken. */
async function awaitsTickets({ ports, settings }: Work, { row }: Progress): Promise<boolean> {
  const { destroyedAt = 0, draft: drafted } = row;
  const until = destroyedAt + (settings.ticketMs ?? 0);
  return drafted === undefined && ports.clock.now() < until && (await erasedTickets(ports, row)) === undefined;
}

/** The sweep asks the desk meanwhile, for each ticket that is due. */
function lookAgain({ ports }: Work, progress: Progress): Promise<Progress> {
  const notBeforeAt = ports.clock.now() + TICKET_LOOK_MS;
  return advance(ports, progress, { ...progress.row, notBeforeAt });
}

async function draft(work: Work, progress: Progress): Promise<Progress> {
  const { row } = progress;
  if (row.draft !== undefined) return progress;
  const { deletedAt, verifiedAt, destroyedAt } = row;
  if (deletedAt === undefined || verifiedAt === undefined || destroyedAt === undefined)
    throw new Fault('store-record-odd', { category: 'purge' });
  const entries = await work.ports.ledger.read(identityHash(row.subject));
  const { subject, generation, trigger, markedAt, dueAt, startedAt, counts, keys } = row;
  const tickets = await erasedTickets(work.ports, row);
  // Of a life whose purge begins again after its keys went there is no value that could have opened before.
  const sampleRefused = row.sampleOpened || (await isShut(work.ports, tenantKey(progress.owner)));
  // A process may remember a key for some minutes: rather none yet than a receipt that does not verify.
  if (!sampleRefused) throw new Fault('purge-not-empty', { category: 'sample' });
  const receipt = receiptOf({
    id: row.receipt,
    ...{ subject, generation, trigger, markedAt, dueAt, startedAt, deletedAt, verifiedAt, counts, keys, destroyedAt },
    sampleRefused,
    commit: work.settings.commit,
    previous: receiptBefore(entries, generation),
    ...(row.holds === undefined ? {} : { holds: row.holds }),
    ...(tickets === undefined || tickets.keys.length === 0 ? {} : { tickets }),
  });
  return advance(work.ports, progress, { ...row, draft: canonical(receipt) });
}

/** Appends `purged` if it is not there; answers the hash of the receipt that the ledger names for this life. */
async function finishInLedger(ports: PurgePorts, row: PurgeRow, hash: string): Promise<string | undefined> {
  const subject = identityHash(row.subject);
  const { tenant, generation } = row;
  for (let attempt = 1; ; attempt += 1) {
    const entries = await ports.ledger.read(subject);
    const life = lifeOf(entries, generation);
    if (life?.tenancy.state === 'purged') return life.receiptHash;
    const entry = { tenant, generation, kind: 'purged', at: ports.clock.now(), receiptHash: hash } as const;
    try {
      await ports.ledger.append(subject, entries.at(-1)?.number ?? 0, entry);
      return hash;
    } catch (thrown) {
      const fault = toFault(thrown);
      if (fault.code !== 'store-exists' || attempt === MAX_TRIES) throw fault;
    }
  }
}

async function sign({ signer }: PurgePorts, receipt: StoresReceipt): Promise<string> {
  const signature = await signer.sign(signedText(receipt, signer.keyId));
  return canonical({ receipt, keyId: signer.keyId, signature });
}

async function keep({ store, clock }: PurgePorts, { id }: StoresReceipt, signed: string): Promise<void> {
  try {
    await store.create('receipt', { receipt: id }, { signed, issuedAt: clock.now(), awaitsAt: clock.now() });
  } catch (thrown) {
    const fault = toFault(thrown);
    // Stored by the try before this one: the same receipt, because its draft was fixed.
    if (fault.code !== 'store-exists') throw fault;
  }
}

/** What stays of the progress until its own clock: how it went, and nothing that the steps needed. */
function finished(row: PurgeRow, now: number): PurgeRow {
  const { notBeforeAt: _over, draft: _issued, sample: _proven, tickets: _told, ...rest } = row;
  const removeAt = now + catalogue.purge.retention.days * DAY_MS;
  return { ...rest, stage: 'done', removeAt, roots: [], partners: [], keys: [] };
}
