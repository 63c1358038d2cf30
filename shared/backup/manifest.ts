/** The manifest of a set: made, signed and checked. Pure. @see SPEC.md B9–B11 */
import { createPublicKey, verify } from 'node:crypto';
import { canonical, hashOf } from '../evidence/canonical.ts';
import type { Manifest, ManifestPart, SignedManifest } from '../model/backup.ts';
import type { SetId } from '../model/ids.ts';
import { catalogue } from '../retention/catalogue.ts';
import type { Code } from '../verdict.ts';
import { fileHash } from './part.ts';

/**
 * The file that says that a set is whole; it is written last. A stop may leave half of it, which nobody may write over: each try has a
 * name of its own.
 */
export function manifestFile(token: string): string {
  return `manifest-${token}.json`;
}

/** What is known when a set is whole. */
export interface SetFacts {
  readonly set: SetId;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly expiresAt: number;
  readonly epoch: number;
  readonly commit: string;
  readonly parts: readonly ManifestPart[];
  readonly lives: readonly string[];
  readonly trail?: NonNullable<Manifest['trail']>;
}

/** The catalogue cannot change while we run; to write it out takes longer than a small set. */
let hashOfCatalogue: string | undefined;

/** Builds the manifest. The same facts give the same one. */
export function manifestOf(facts: SetFacts): Manifest {
  const counts: Record<string, number> = {};
  for (const { category, records } of facts.parts) counts[category] = (counts[category] ?? 0) + records;
  const parts = facts.parts.toSorted((one, other) => (one.file < other.file ? -1 : 1));
  const catalogueHash = (hashOfCatalogue ??= hashOf(catalogue));
  return { version: 1, ...facts, catalogueHash, counts, parts, lives: facts.lives.toSorted() };
}

/** The text that is signed; it names the key. */
export function manifestText(manifest: Manifest, keyId: string): string {
  return canonical({ keyId, manifest });
}

/** What the register and receipts say of a manifest. */
export function manifestHash(manifest: Manifest): string {
  return hashOf(manifest);
}

/** How a set can be no set of ours. */
export type SetProblem = Extract<Code, 'backup-signature' | 'backup-odd'>;

/** Is this manifest signed by us, and the one of the set that was asked for? */
export function checkManifest(signed: SignedManifest, set: SetId, publicKeyPem: string): SetProblem | undefined {
  if (!isSignedBy(signed, publicKeyPem)) return 'backup-signature';
  const { manifest } = signed;
  const counts = manifestOf(manifest).counts;
  return manifest.set === set && canonical(counts) === canonical(manifest.counts) ? undefined : 'backup-odd';
}

/** Is a file the part that the manifest names? */
export function isPart(part: ManifestPart, bytes: Uint8Array): boolean {
  return bytes.byteLength === part.bytes && fileHash(bytes) === part.sha256;
}

function isSignedBy({ manifest, keyId, signature }: SignedManifest, publicKeyPem: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  if (bytes.toString('base64') !== signature) return false;
  try {
    const key = createPublicKey(publicKeyPem);
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, Buffer.from(manifestText(manifest, keyId), 'utf8'), key, bytes);
  } catch {
    return false;
  }
}
