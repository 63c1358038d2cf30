/** Proof of erasure: what a receipt says, and how anybody checks it without us. Pure. @see PRIVACY-ENGINE.md §5 */
import { createPublicKey, verify } from 'node:crypto';
import { receiptId } from '../model/ids.ts';
import type { KeyName, ReceiptId } from '../model/ids.ts';
import type {
  BackupsReceipt,
  CategoryCount,
  EndedSet,
  Receipt,
  SignedReceipt,
  StoresReceipt,
} from '../model/receipt.ts';
import type { Evidence } from '../model/tenant.ts';
import { catalogue } from '../retention/catalogue.ts';
import { purgedStores } from '../retention/purgePlan.ts';
import type { Code } from '../verdict.ts';
import { canonical, hashOf } from './canonical.ts';
import { lifeName } from './life.ts';

/** What a purge knows at its end. Instants are epoch milliseconds. */
export interface PurgeFacts {
  readonly id: ReceiptId;
  /** Keyed pseudonym of the tenant's identity. */
  readonly subject: string;
  readonly generation: number;
  readonly trigger: Evidence;
  readonly markedAt: number;
  readonly dueAt: number;
  readonly startedAt: number;
  readonly deletedAt: number;
  readonly verifiedAt: number;
  readonly counts: Readonly<Record<string, Omit<CategoryCount, 'category'>>>;
  readonly keys: readonly KeyName[];
  readonly destroyedAt: number;
  /** True when a value that opened before the destruction of the keys did not open after it, or nothing could be sealed under them any more. */
  readonly sampleRefused: boolean;
  readonly commit: string;
  /** Hash of the receipt of the life before, or an empty text. */
  readonly previous: string;
  readonly holds?: NonNullable<StoresReceipt['holds']>;
  /** Keys of the tickets that the desk has erased, all of them. */
  readonly tickets?: { readonly keys: readonly string[]; readonly erasedAt: number };
}

/** Builds a receipt: counts, instants and hashes only. The same facts give the same receipt. */
export function receiptOf(facts: PurgeFacts): StoresReceipt {
  const { keys, counts, destroyedAt, sampleRefused, tickets, ...said } = facts;
  return {
    version: 1,
    covers: 'stores',
    ...said,
    catalogueHash: hashOf(catalogue),
    counts: Object.entries(counts)
      .map(([category, count]) => ({ category, ...count }))
      .toSorted((one, other) => (one.category < other.category ? -1 : 1)),
    stores: purgedStores,
    ...(tickets === undefined
      ? {}
      : { processors: { tickets: tickets.keys.map((one) => hashOf(one)).toSorted(), erasedAt: tickets.erasedAt } }),
    key: { idHash: hashOf(keys.toSorted()), destroyedAt, sampleRefused },
  };
}

/** The id of the second receipt of a life: there is one for each first one. */
export function secondReceiptId(of: ReceiptId): ReceiptId {
  return receiptId(`${of}-b`);
}

/** Builds the second receipt from the first and from the backups that held the life, all of which are gone. */
export function backupsReceiptOf(
  of: StoresReceipt,
  facts: { readonly sets: readonly EndedSet[]; readonly checkedAt: number; readonly commit: string },
): BackupsReceipt {
  return {
    version: 1,
    id: secondReceiptId(of.id),
    covers: 'backups',
    ...{ subject: of.subject, generation: of.generation, of: of.id, verifiedAt: of.verifiedAt },
    life: lifeName(of.subject, of.generation),
    sets: facts.sets.toSorted((one, other) => one.beganAt - other.beganAt),
    ...{ checkedAt: facts.checkedAt, commit: facts.commit },
    previous: receiptHash(of),
  };
}

/** What the ledger and the next receipt of the same subject say of this one. */
export function receiptHash(receipt: Receipt): string {
  return hashOf(receipt);
}

/** The text that is signed. It names the key, so that a receipt cannot be passed off as signed by another one. */
export function signedText(receipt: Receipt, keyId: string): string {
  return canonical({ keyId, receipt });
}

/** How the check of a receipt can end badly. */
export type ReceiptProblem = Extract<
  Code,
  'receipt-malformed' | 'receipt-key-unknown' | 'receipt-signature' | 'receipt-inconsistent'
>;
export type ReceiptCheck = { readonly ok: true } | { readonly ok: false; readonly code: ReceiptProblem };

/**
 * Checks a receipt against our public key (SPKI PEM): the signature first, then that it says what a receipt has to:
 * nothing found by either verification, a sample refused, steps in their order.
 */
export function verifyReceipt(signed: SignedReceipt, publicKeyPem: string): ReceiptCheck {
  if (!isSignedBy(signed, publicKeyPem)) return { ok: false, code: 'receipt-signature' };
  return isConsistent(signed.receipt) ? { ok: true } : { ok: false, code: 'receipt-inconsistent' };
}

function isSignedBy(signed: SignedReceipt, publicKeyPem: string): boolean {
  const bytes = Buffer.from(signed.signature, 'base64');
  // Base64 has several spellings of the same bytes; a receipt has one.
  if (bytes.toString('base64') !== signed.signature) return false;
  try {
    const key = createPublicKey(publicKeyPem);
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, Buffer.from(signedText(signed.receipt, signed.keyId), 'utf8'), key, bytes);
  } catch {
    return false;
  }
}

function isConsistent(receipt: Receipt): boolean {
  return receipt.covers === 'stores' ? areStoresGone(receipt) : areBackupsGone(receipt);
}

/** Every set began before the live data were verified to be gone, and was gone itself when this was written. */
function areBackupsGone({ id, of, subject, generation, life, verifiedAt, sets, checkedAt }: BackupsReceipt): boolean {
  return (
    id === secondReceiptId(of) &&
    life === lifeName(subject, generation) &&
    checkedAt >= verifiedAt &&
    sets.every(({ beganAt, goneAt }) => beganAt <= verifiedAt && goneAt >= beganAt && goneAt <= checkedAt)
  );
}

function areStoresGone(receipt: StoresReceipt): boolean {
  const { markedAt, startedAt, deletedAt, verifiedAt, key, counts } = receipt;
  const steps = [markedAt, startedAt, deletedAt, verifiedAt, key.destroyedAt];
  return (
    key.sampleRefused &&
    (receipt.processors === undefined || receipt.processors.erasedAt >= startedAt) &&
    steps.every((at, index) => index === 0 || at >= (steps[index - 1] ?? 0)) &&
    counts.every(({ foundA, foundB }) => foundA === 0 && foundB === 0)
  );
}
