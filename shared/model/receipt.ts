import type { ReceiptId } from './ids.ts';
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
export interface Receipt {
  readonly version: 1;
  readonly id: ReceiptId;
  /** `stores`: live data and keys. (`backups` follows when the last backup has expired.) */
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
  /** Hash of the receipt of the same subject's life before this one; empty for the first. */
  readonly previous: string;
}

/** A receipt with its Ed25519 signature over the canonical JSON of `{keyId, receipt}`. */
export interface SignedReceipt {
  readonly receipt: Receipt;
  readonly keyId: string;
  /** base64 */
  readonly signature: string;
}
