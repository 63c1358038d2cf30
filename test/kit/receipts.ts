/** Receipts by what they cover. */
import type { SignedReceipt, StoresReceipt } from '../../shared/model/receipt.ts';

/** A receipt of the live stores. */
export function storesOf({ receipt }: SignedReceipt): StoresReceipt {
  if (receipt.covers !== 'stores') throw new Error(`${receipt.id} is no receipt of the stores`);
  return receipt;
}
