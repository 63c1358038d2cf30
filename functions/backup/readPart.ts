/** Reads the records of one part and seals each under its owners' keys. */
import { categoryAfter } from '../../shared/backup/contents.ts';
import { lifeName } from '../../shared/evidence/life.ts';
import { lineOf, PART_BYTES, recordContext } from '../../shared/backup/part.ts';
import { owner as parseOwner, partsOf, sealed, tenantKey } from '../../shared/model/ids.ts';
import type { Owner, Sealed, SetId } from '../../shared/model/ids.ts';
import type { Stored } from '../../shared/ports.ts';
import { isOwned } from '../../shared/retention/address.ts';
import { categories } from '../../shared/retention/catalogue.ts';
import type { Category } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import type { BackupPorts, Cursor } from './progress.ts';

/** Records that one query answers: at 1 MiB each they still fit into the function. */
const SCAN_PAGE = 100;

/** What becomes one file. */
export interface ReadPart {
  readonly category: Category;
  readonly lines: readonly string[];
  /** Names of the lives whose data are in it. */
  readonly lives: ReadonlySet<string>;
  /** Records whose life was over: purged while this set was being made. */
  readonly left: number;
  /** Where the next part begins; absent at the end of everything. */
  readonly next?: Cursor;
}

/** Names of lives that this message has looked up; `undefined` for a life whose tenant is gone. */
export type KnownLives = Map<Owner, string | undefined>;

/** Records of one category from a place on, up to the size of a part. May be empty. */
export async function readPart(ports: BackupPorts, set: SetId, from: Cursor, known: KnownLives): Promise<ReadPart> {
  const category = categories.find((one) => one === from.category);
  if (category === undefined) throw new Fault('store-record-odd', { category: 'backupSet', field: 'cursor' });
  const lines: string[] = [];
  const lives = new Set<string>();
  let bytes = 0;
  let left = 0;
  let { after } = from;
  for (;;) {
    const page = await ports.store.scan(category, { limit: SCAN_PAGE, ...(after === undefined ? {} : { after }) });
    for (const [index, stored] of page.items.entries()) {
      after = pathOf(category, stored.place);
      const line = await sealedLine(ports, set, stored, known, lives);
      if (line === undefined) left += 1;
      else {
        lines.push(line);
        bytes += Buffer.byteLength(line);
      }
      const isLast = index === page.items.length - 1 && page.next === undefined;
      if (bytes >= PART_BYTES && !isLast) return { category, lines, lives, left, next: { category, after } };
    }
    if (page.next === undefined) break;
    after = page.next;
  }
  const following = categoryAfter(category);
  return { category, lines, lives, left, ...(following === undefined ? {} : { next: { category: following } }) };
}

/** The line of a record; none when one of its lives is over. */
async function sealedLine(
  ports: BackupPorts,
  set: SetId,
  stored: Stored<Category>,
  known: KnownLives,
  lives: Set<string>,
): Promise<string | undefined> {
  const { category, place, row } = stored;
  const record = [pathOf(category, place), row] as const;
  // Only a row of the catalogue that names its owners may hold a customer's data.
  if (!isOwned(category)) return lineOf({ r: record });
  const owners = ownersOf(category, row);
  const names = await Promise.all(owners.map((owner) => nameOf(ports, owner, known)));
  const s = names.includes(undefined) ? undefined : await sealedFor(ports, owners, recordContext(set), record);
  if (s === undefined) return undefined;
  for (const name of names) if (name !== undefined) lives.add(name);
  return lineOf({ o: owners, s });
}

function ownersOf(category: Category, row: object): readonly Owner[] {
  const named: unknown = 'owners' in row ? row.owners : undefined;
  if (!Array.isArray(named) || named.length === 0) throw new Fault('store-record-odd', { category, field: 'owners' });
  return [...new Set(named.map((one) => parseOwner(String(one))))].sort();
}

/** Sealed under all their keys, the first owner's innermost; none when a key was destroyed. */
async function sealedFor(
  ports: BackupPorts,
  owners: readonly Owner[],
  context: string,
  record: unknown,
): Promise<Sealed | undefined> {
  let value = record;
  try {
    for (const owner of owners) value = await ports.keys.seal(tenantKey(owner), context, value);
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'key-gone') return undefined;
    throw fault;
  }
  return sealed(String(value));
}

async function nameOf(ports: BackupPorts, owner: Owner, known: KnownLives): Promise<string | undefined> {
  if (!known.has(owner)) {
    const { tenant, generation } = partsOf(owner);
    const row = (await ports.store.read('tenant', { tenant }))?.row;
    const subject = row === undefined ? undefined : await ports.ledger.identityOf(row.door, row.clientKey);
    known.set(owner, subject === undefined ? undefined : lifeName(subject, generation));
  }
  return known.get(owner);
}
