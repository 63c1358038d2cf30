/** What anybody may fetch: receipts and the key that checks them. They hold no personal data. @see THREATS.md S6 */
import { receiptId } from '../../shared/model/ids.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import { idSchema } from '../../shared/wire/message.ts';
import type { EdgeAnswer, EdgeRequest } from '../edge.ts';
import type { ConsolePorts } from './ask.ts';

/** The signed receipt exactly as it was issued: the signature is over these bytes. @throws Fault `not-found` */
export async function showReceipt({ store }: ConsolePorts, { params }: EdgeRequest): Promise<EdgeAnswer> {
  const named = idSchema(receiptId).safeParse(params['receipt']);
  const stored = named.success ? await store.read('receipt', { receipt: named.data }) : undefined;
  if (stored === undefined) throw new Fault('not-found');
  return { verdict: verdict('done'), body: stored.row.signed, contentType: 'application/json; charset=utf-8' };
}

/** The public key (SPKI, PEM) of the receipts' signatures. */
export async function showReceiptKey({ signer }: ConsolePorts): Promise<EdgeAnswer> {
  return { verdict: verdict('done'), body: await signer.publicKey(), contentType: 'application/x-pem-file' };
}
