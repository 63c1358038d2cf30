/** Schemas of what comes back out of a backup: it lay at a place that others run. */
import { z } from 'zod';
import type { BackupLine, SavedRecord, SignedManifest } from '../model/backup.ts';
import { owner, sealed, setId } from '../model/ids.ts';
import { Fault } from '../verdict.ts';
import { jsonIn } from './json.ts';
import { idSchema } from './message.ts';
import { placeIn } from './place.ts';

const at = z.number().int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** A set of 16 MiB parts beyond this would be a petabyte. */
const MAX_PARTS = 1_000_000;
const MAX_LIVES = 1_000_000;

const manifest = z.strictObject({
  version: z.literal(1),
  set: idSchema(setId),
  beganAt: at,
  endedAt: at,
  expiresAt: at,
  epoch: at,
  commit: z.string().max(64),
  catalogueHash: hash,
  counts: z.record(z.string().max(40), at),
  parts: z
    .array(
      z.strictObject({
        file: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,79}$/),
        category: z.string().max(40),
        records: at,
        bytes: at,
        sha256: hash,
      }),
    )
    .max(MAX_PARTS),
  lives: z.array(hash).max(MAX_LIVES),
  trail: z.strictObject({ number: at, hash: z.union([z.literal(''), hash]) }).exactOptional(),
});

const signed = z.strictObject({ manifest, keyId: z.string().min(1).max(300), signature: z.string().max(200) });

/**
 * Reads a signed manifest from JSON text. Refuses members that it does not know: they would not be signed.
 * @throws Fault `backup-odd` naming the path, never the value
 */
export function parseManifest(text: string): SignedManifest {
  const parsed = signed.safeParse(jsonIn(text));
  if (!parsed.success) throw new Fault('backup-odd', { path: placeIn(parsed.error, signed) });
  return parsed.data;
}

/** A path as long as Firestore's longest. */
const record = z.tuple([z.string().min(1).max(6_144), z.unknown()]);
const line = z.union([
  z.strictObject({ r: record }),
  z.strictObject({ o: z.array(idSchema(owner)).min(1).max(2), s: idSchema(sealed) }),
]);

/** Reads one line of a part. @throws Fault `backup-odd` */
export function parseLine(text: string): BackupLine {
  const parsed = line.safeParse(jsonIn(text));
  if (!parsed.success) throw new Fault('backup-odd', { path: placeIn(parsed.error, line) });
  return parsed.data;
}

/** Reads what was sealed for its owners. @throws Fault `backup-odd` */
export function parseRecord(value: unknown): SavedRecord {
  const parsed = record.safeParse(value);
  if (!parsed.success) throw new Fault('backup-odd', { path: 'record' });
  return parsed.data;
}
