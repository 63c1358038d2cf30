/** Looks into every store before and after a purge: what is left of whom, and whether anybody else was touched. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyReceiptFile } from '../cli/receipt.ts';
import { categories, rowOf } from '../../shared/retention/catalogue.ts';
import { allOf, ownersOf } from './stored.ts';
import type { Stack } from './stack.ts';
import type { SiteName } from './world.ts';

/** Every record as text, by category and place. */
export interface StoreState {
  readonly records: ReadonlyMap<
    string,
    { readonly category: string; readonly owners: readonly string[]; readonly text: string }
  >;
  /** The owner (tenant and generation) of each installed site. */
  readonly ownerOf: ReadonlyMap<SiteName, string>;
  documentsOf(site: SiteName): number;
}

/** Reads all stores, the vault and the ledger included. */
export async function stateOfStores(stack: Stack, known?: ReadonlyMap<SiteName, string>): Promise<StoreState> {
  const records = new Map<string, { category: string; owners: readonly string[]; text: string }>();
  for (const category of categories)
    for (const { place, row } of await allOf(stack.ports.store, category))
      records.set(`${category} ${JSON.stringify(place)}`, {
        category,
        owners: ownersOf(row),
        text: JSON.stringify(row),
      });
  const ownerOf = known ?? (await findOwners(stack));
  return {
    records,
    ownerOf,
    documentsOf: (site) =>
      [...records.values()].filter(({ owners }) => owners.includes(ownerOf.get(site) ?? '')).length,
  };
}

async function findOwners(stack: Stack): Promise<ReadonlyMap<SiteName, string>> {
  const tenants = await allOf(stack.ports.store, 'tenant');
  return new Map(
    stack.sites.map((site) => [
      site.name,
      tenants.find(({ row }) => row.baseUrl === site.baseUrl)?.row.owners[0] ?? '',
    ]),
  );
}

export interface Aftermath {
  readonly documentsBefore: number;
  readonly documentsAfter: number;
  readonly receiptVerified: boolean;
  readonly problems: readonly string[];
}

/** Compares the stores with how they were before the purge of `alpha`. */
export async function storesAfter(stack: Stack, before: StoreState): Promise<Aftermath> {
  const after = await stateOfStores(stack, before.ownerOf);
  const [gone, witness] = [before.ownerOf.get('alpha') ?? '?', before.ownerOf.get('gamma') ?? '?'];
  const problems: string[] = [];
  const tenant = gone.split('#', 1)[0] ?? '?';
  for (const [place, { category, owners, text }] of after.records) {
    if (owners.includes(gone)) problems.push(`${category} of the purged tenant is still there`);
    else if (rowOf(categoryOf(category)).purge === 'delete' && (text.includes(tenant) || place.includes(tenant)))
      problems.push(`${category} still names the purged tenant`);
  }
  for (const [place, { category, owners, text }] of before.records) {
    // What goes by a clock of its own, an open invitation for instance, is gone by then whoever leaves.
    if (rowOf(categoryOf(category)).retention.starts === 'own') continue;
    if (owners.length === 1 && owners[0] === witness && after.records.get(place)?.text !== text)
      problems.push('a record of the third tenant has changed');
    if (
      owners.length === 1 &&
      owners[0] === before.ownerOf.get('beta') &&
      !place.startsWith('half') &&
      after.records.get(place)?.text !== text
    )
      problems.push(`${place.split(' ', 1)[0] ?? ''} of the partner has changed`);
  }
  const receipt = await receiptFileOf(stack);
  return {
    documentsBefore: before.documentsOf('alpha'),
    documentsAfter: after.documentsOf('alpha'),
    receiptVerified:
      receipt !== undefined &&
      (await verifyReceiptFile({ file: receipt, key: join(stack.folder, 'receipt-key.pem'), say: () => undefined })) ===
        0,
    problems,
  };
}

function categoryOf(name: string) {
  const category = categories.find((candidate) => candidate === name);
  if (category === undefined) throw new Error(`${name} is no category`);
  return category;
}

/** Writes the newest receipt and the signer's public key to files, as a customer would save them; nothing without a receipt. */
export async function receiptFileOf(stack: Stack): Promise<string | undefined> {
  const receipts = await allOf(stack.ports.store, 'receipt');
  const newest = receipts.toSorted((one, other) => other.row.issuedAt - one.row.issuedAt)[0];
  if (newest === undefined) return undefined;
  const file = join(stack.folder, 'receipt.json');
  writeFileSync(file, newest.row.signed);
  writeFileSync(join(stack.folder, 'receipt-key.pem'), await stack.ports.signer.publicKey());
  return file;
}
