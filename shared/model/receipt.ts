import type { ReceiptId, SetId } from './ids.ts';
import type { Evidence } from './tenant.ts';

/** What happened to one category: counted before, deleted, and found by each of the two verifications. */
export interface CategoryCount {
  readonly category: string;
  readonly before: number;
  readonly deleted: number;
  readonly foundA: number;
  readonly foundB: number;
}

/** Proof of erasure. Holds no personal data. Instants are epoch milliseconds. @see PRIVACY-ENGINE.md §5 */
export type Receipt = StoresReceipt | BackupsReceipt;

/** The first receipt: live data and keys are gone. */
export interface StoresReceipt {
  readonly version: 1;
  readonly id: ReceiptId;
  readonly covers: 'stores';
  /** Keyed pseudonym of the tenant's identity; means nothing without our key. */
  readonly subject: string;
  readonly generation: number;
  readonly trigger: Evidence;
  readonly markedAt: number;
  readonly dueAt: number;
  readonly startedAt: number;
  readonly deletedAt: number;
  readonly verifiedAt: number;
  /** SHA-256 over the catalogue in canonical JSON: which map the purge worked from. */
  readonly catalogueHash: string;
  readonly commit: string;
  readonly counts: readonly CategoryCount[];
  readonly stores: readonly string[];
  readonly key: { readonly idHash: string; readonly destroyedAt: number; readonly sampleRefused: boolean };
  /**
   * What the service desk outside has erased: a hash of each ticket's key. Absent when there was none, and when the desk has not erased
   * one of them: then this receipt does not speak for it.
   */
  readonly processors?: { readonly tickets: readonly string[]; readonly erasedAt: number };
  /** Hash of the receipt of the same subject's life before this one; empty for the first. */
  readonly previous: string;
  /** Legal holds that keep a part of the data under keys of their own, and the day by which the last of them ends unless it is renewed. */
  readonly holds?: { readonly count: number; readonly until: number };
}

/** A backup that held a life, or may have held it, and its end. */
export interface EndedSet {
  readonly set: SetId;
  readonly beganAt: number;
  /** By when it had to be gone. */
  readonly expiresAt: number;
  /** When the listing of its place did not show it any more. */
  readonly goneAt: number;
  /** Hash of its signed manifest; empty for one that never became whole. */
  readonly manifestHash: string;
}

/** The second receipt: the last backup with the life is gone, too. */
export interface BackupsReceipt {
  readonly version: 1;
  readonly id: ReceiptId;
  readonly covers: 'backups';
  readonly subject: string;
  readonly generation: number;
  /** The first receipt of the same life, and when it was verified that the live stores have nothing left. */
  readonly of: ReceiptId;
  readonly verifiedAt: number;
  /** How the life is named in manifests: a hash over subject and generation. */
  readonly life: string;
  /** In the order in which they began; none when the life was in no backup. */
  readonly sets: readonly EndedSet[];
  /** When the register and the place were looked at for this. */
  readonly checkedAt: number;
  readonly commit: string;
  /** Hash of the first receipt. */
  readonly previous: string;
}

/** A receipt with its Ed25519 signature over the canonical JSON of `{keyId, receipt}`. */
export interface SignedReceipt<R extends Receipt = Receipt> {
  readonly receipt: R;
  readonly keyId: string;
  /** base64 */
  readonly signature: string;
}
