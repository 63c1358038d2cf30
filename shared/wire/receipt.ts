/** Schema of signed receipts, as they are stored, served and handed back to us. */
import { z } from 'zod';
import { receiptId, setId } from '../model/ids.ts';
import type { SignedReceipt, StoresReceipt } from '../model/receipt.ts';
import { Fault } from '../verdict.ts';
import { jsonIn } from './json.ts';
import { idSchema } from './message.ts';
import { placeIn } from './place.ts';

const at = z.number().int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const stores = z.strictObject({
  version: z.literal(1),
  id: idSchema(receiptId),
  covers: z.literal('stores'),
  subject: z.string().regex(/^[0-9a-f]{64}$/),
  generation: z.number().int().positive(),
  trigger: z.enum(['uninstalled', 'licence-ended', 'probes-failed', 'requested', 'lost']),
  markedAt: at,
  dueAt: at,
  startedAt: at,
  deletedAt: at,
  verifiedAt: at,
  catalogueHash: hash,
  commit: z.string().max(64),
  counts: z.array(z.strictObject({ category: z.string().max(40), before: at, deleted: at, foundA: at, foundB: at })),
  stores: z.array(z.string().max(40)),
  processors: z.strictObject({ tickets: z.array(hash).min(1).max(1_000), erasedAt: at }).exactOptional(),
  key: z.strictObject({ idHash: hash, destroyedAt: at, sampleRefused: z.boolean() }),
  previous: z.union([z.literal(''), hash]),
  holds: z.strictObject({ count: at, until: at }).exactOptional(),
});

const backups = z.strictObject({
  version: z.literal(1),
  id: idSchema(receiptId),
  covers: z.literal('backups'),
  subject: z.string().regex(/^[0-9a-f]{64}$/),
  generation: z.number().int().positive(),
  of: idSchema(receiptId),
  verifiedAt: at,
  life: hash,
  sets: z
    .array(
      z.strictObject({
        set: idSchema(setId),
        beganAt: at,
        expiresAt: at,
        goneAt: at,
        manifestHash: z.union([z.literal(''), hash]),
      }),
    )
    .max(1_000),
  checkedAt: at,
  commit: z.string().max(64),
  previous: hash,
});

const receipt = z.discriminatedUnion('covers', [stores, backups]);

const signed = z.strictObject({ receipt, keyId: z.string().min(1).max(300), signature: z.string().max(200) });

/**
 * Reads a receipt before it is signed, from JSON text of our own.
 * @throws Fault `store-record-odd`
 */
export function parseDraft(text: string): StoresReceipt {
  const parsed = stores.safeParse(jsonIn(text));
  if (!parsed.success) throw new Fault('store-record-odd', { path: placeIn(parsed.error, stores) });
  return parsed.data;
}

/**
 * Reads a signed receipt from JSON text. Refuses members that it does not know: they would not be signed.
 * @throws Fault `receipt-malformed` naming the path, never the value
 */
export function parseReceipt(text: string): SignedReceipt {
  const parsed = signed.safeParse(jsonIn(text));
  if (!parsed.success) throw new Fault('receipt-malformed', { path: placeIn(parsed.error, signed) });
  return parsed.data;
}
