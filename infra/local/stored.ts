/** What the store holds, by category, for people who look: the page, the demo, the tests. */
import { verifyReceipt } from '../../shared/evidence/receipt.ts';
import { LIVE_DAYS, categories, rowOf } from '../../shared/retention/catalogue.ts';
import type { Category } from '../../shared/retention/catalogue.ts';
import type { Receipt } from '../../shared/model/receipt.ts';
import type { Ports, Store, Stored } from '../../shared/ports.ts';
import { parseReceipt } from '../../shared/wire/receipt.ts';
import type { ReceiptView, StoredView } from './page/api.ts';

const PAGE = 300;

/** Every record of a category. For a computer's worth of data. */
export async function allOf<C extends Category>(store: Store, category: C): Promise<readonly Stored<C>[]> {
  const found: Stored<C>[] = [];
  let after: string | undefined;
  do {
    const page = await store.scan(category, after === undefined ? { limit: PAGE } : { after, limit: PAGE });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** One line per category, in the order of the catalogue. */
export async function storedViews(store: Store): Promise<readonly StoredView[]> {
  return Promise.all(
    categories.map(async (category): Promise<StoredView> => {
      const row = rowOf(category);
      const records = await allOf(store, category);
      const owners = new Map<string, number>();
      for (const record of records)
        for (const owner of ownersOf(record.row)) owners.set(owner, (owners.get(owner) ?? 0) + 1);
      return {
        category,
        statement: row.statement,
        purpose: row.purpose,
        database: row.database,
        gone: goneText(category),
        count: records.length,
        byOwner: [...owners].map(([owner, count]) => ({ owner, count })),
      };
    }),
  );
}

/** The owners that a record names; none for data that are nobody's. */
export function ownersOf(row: object): readonly string[] {
  return 'owners' in row && Array.isArray(row.owners) ? row.owners.map(String) : [];
}

function goneText(category: Category): string {
  const { retention } = rowOf(category);
  if (retention.starts === 'never') return 'kept';
  if (retention.starts === 'own') return `${retention.days} d after it was written`;
  return retention.days === LIVE_DAYS ? `≤ ${LIVE_DAYS} d after the mark` : `≤ ${retention.days} d after the mark`;
}

/** All receipts, the newest first, each checked against the signer's public key. */
export async function receiptViews(ports: Pick<Ports, 'store' | 'signer'>): Promise<readonly ReceiptView[]> {
  const [records, key] = await Promise.all([allOf(ports.store, 'receipt'), ports.signer.publicKey()]);
  return [...records]
    .sort((one, other) => other.row.issuedAt - one.row.issuedAt)
    .map(({ row }): ReceiptView => {
      const signed = parseReceipt(row.signed);
      const { receipt } = signed;
      return {
        id: receipt.id,
        generation: receipt.generation,
        covers: receipt.covers,
        ...figuresOf(receipt),
        isValid: verifyReceipt(signed, key).ok,
      };
    });
}

function figuresOf(receipt: Receipt): Pick<ReceiptView, 'deletedAt' | 'verifiedAt' | 'documents'> {
  if (receipt.covers === 'stores')
    return {
      deletedAt: receipt.deletedAt,
      verifiedAt: receipt.verifiedAt,
      documents: receipt.counts.reduce((sum, count) => sum + count.deleted, 0),
    };
  const { checkedAt, sets } = receipt;
  return { deletedAt: Math.max(0, ...sets.map(({ goneAt }) => goneAt)), verifiedAt: checkedAt, documents: sets.length };
}
