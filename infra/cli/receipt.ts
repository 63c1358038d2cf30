/** `npm run twinline -- receipt verify FILE [--key FILE]`: checks a receipt on this computer, without asking us. */
import { readFile } from 'node:fs/promises';
import { receiptHash, verifyReceipt } from '../../shared/evidence/receipt.ts';
import type { BackupsReceipt, SignedReceipt, StoresReceipt } from '../../shared/model/receipt.ts';
import { meaningOf, toFault } from '../../shared/verdict.ts';
import { parseReceipt } from '../../shared/wire/receipt.ts';

/** What the check needs: the receipt, and our public key (SPKI PEM) as we publish it. */
export interface ReceiptArguments {
  readonly file: string;
  readonly key: string;
  /** Takes one line of text; the console by default. */
  readonly say?: (line: string) => void;
}

/** Checks a receipt file and says the result in plain words. Answers the exit code: 0 genuine, 1 not, 2 unreadable. */
export async function verifyReceiptFile({ file, key, say = console.log }: ReceiptArguments): Promise<number> {
  const text = await textOf(file);
  const publicKey = await textOf(key);
  if (text === undefined || publicKey === undefined) {
    say(`Cannot read ${text === undefined ? file : key}.`);
    return 2;
  }
  try {
    const signed = parseReceipt(text);
    const check = verifyReceipt(signed, publicKey);
    if (check.ok) for (const line of describe(signed)) say(line);
    else say(`NOT GENUINE  ${meaningOf(check.code).says} (${check.code})`);
    return check.ok ? 0 : 1;
  } catch (thrown) {
    const fault = toFault(thrown);
    say(`NOT GENUINE  ${meaningOf(fault.code).says} (${fault.code})`);
    return 1;
  }
}

function describe({ receipt, keyId }: SignedReceipt): readonly string[] {
  return [
    `GENUINE  receipt ${receipt.id}, signed with ${keyId}`,
    `subject   ${receipt.subject}, life ${receipt.generation}`,
    ...(receipt.covers === 'stores' ? describeStores(receipt) : describeBackups(receipt)),
    `hash      ${receiptHash(receipt)}`,
  ];
}

function describeStores(receipt: StoresReceipt): readonly string[] {
  const { counts } = receipt;
  const deleted = counts.reduce((sum, { deleted: some }) => sum + some, 0);
  return [
    `marked    ${day(receipt.markedAt)}  (${receipt.trigger}; due ${day(receipt.dueAt)})`,
    `deleted   ${day(receipt.deletedAt)}  ${deleted} records in ${receipt.stores.join(' and ')}`,
    `verified  ${day(receipt.verifiedAt)}  nothing found, twice, in ${counts.length} categories`,
    `keys      ${day(receipt.key.destroyedAt)}  destroyed; a sample no longer opens`,
    ...(receipt.holds === undefined
      ? []
      : [`held      ${receipt.holds.count} legal holds keep a part, by now until ${day(receipt.holds.until)}`]),
  ];
}

function describeBackups({ of, verifiedAt, life, sets, checkedAt, previous }: BackupsReceipt): readonly string[] {
  return [
    `follows   ${of} (hash ${previous}), verified ${day(verifiedAt)}`,
    `named     ${life} in the manifests of backups`,
    ...sets.map(({ set, expiresAt, goneAt }) => `backup    ${set}  due ${day(expiresAt)}, gone ${day(goneAt)}`),
    `checked   ${day(checkedAt)}  ${sets.length === 0 ? 'it was in no backup' : 'no backup holds it any more'}`,
  ];
}

function day(at: number): string {
  return new Date(at).toISOString();
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
