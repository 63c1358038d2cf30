import type { Owner, Sealed, SetId } from './ids.ts';

/** One sealed file of a set. */
export interface ManifestPart {
  readonly file: string;
  readonly category: string;
  readonly records: number;
  readonly bytes: number;
  /** SHA-256 of the file as it lies there, hex. */
  readonly sha256: string;
}

/**
 * What a set holds. Lies beside the parts in clear, signed: sizes, hashes, counts and pseudonyms, no key and nothing of a customer.
 * Instants are epoch milliseconds.
 */
export interface Manifest {
  readonly version: 1;
  readonly set: SetId;
  /** Every record is as it was at some instant between these two. */
  readonly beganAt: number;
  readonly endedAt: number;
  /** The day by which it is gone. */
  readonly expiresAt: number;
  /** The epoch of the store that was saved. */
  readonly epoch: number;
  readonly commit: string;
  /** SHA-256 over the catalogue by which it was made. */
  readonly catalogueHash: string;
  /** Records of each category. */
  readonly counts: Readonly<Record<string, number>>;
  readonly parts: readonly ManifestPart[];
  /** The lives whose data are in it, as `shared/evidence/life.ts` names them; in order. */
  readonly lives: readonly string[];
  /** The newest entry of the trail of staff when everything had been read, and its hash; sets from before there was one have none. */
  readonly trail?: { readonly number: number; readonly hash: string };
}

/** A manifest with its Ed25519 signature over the canonical JSON of `{keyId, manifest}`. */
export interface SignedManifest {
  readonly manifest: Manifest;
  readonly keyId: string;
  /** base64 */
  readonly signature: string;
}

/** A record's path in the main database, and what is stored there. */
export type SavedRecord = readonly [path: string, row: unknown];

/** One line of a part: a record of nobody's, or a customer's sealed under its owners' keys, the first owner's innermost. */
export type BackupLine = { readonly r: SavedRecord } | { readonly o: readonly Owner[]; readonly s: Sealed };
