/**
 * Looks for what a purge may have left, in two ways that share nothing with the purge's own list: by owner over every
 * category that belongs to customers, and by path over the trees that the tenant's data were in. @see PRIVACY-ENGINE.md §4
 */
import type { Owner } from '../../shared/model/ids.ts';
import { partsOf } from '../../shared/model/ids.ts';
import { isOwned, placedAt } from '../../shared/retention/address.ts';
import type { Placed } from '../../shared/retention/address.ts';
import { categories, rowOf } from '../../shared/retention/catalogue.ts';
import type { OwnedCategory } from '../../shared/retention/catalogue.ts';
import { toFault } from '../../shared/verdict.ts';
import type { PurgePorts, PurgeRow } from './progress.ts';

/** What a verification found: how many records by category, and those that can be removed by their address. */
export interface Findings {
  readonly counts: Readonly<Record<string, number>>;
  readonly total: number;
  readonly strays: readonly Placed[];
}

/** Records that a verification counts of one category; more are as bad. */
const FOUND_LIMIT = 500;

/** Paths that one walk of a tree reads. A tree of our own must be empty; a partner's is looked through this far. */
const WALK_LIMIT = 20_000;

/** Findings under no category of the catalogue. */
const UNNAMED = 'unnamed';

/** First verification: every record anywhere that carries the owner. The vault's come last, after the keys. */
export async function findByOwner(ports: PurgePorts, owner: Owner): Promise<Findings> {
  const counts: Record<string, number> = {};
  for (const category of categories) {
    if (!isOwned(category) || rowOf(category).database === 'vault') continue;
    const page = await ports.store.owned(category, owner, { limit: FOUND_LIMIT });
    counts[category] = page.items.length;
  }
  return { counts, total: sum(counts), strays: [] };
}

/**
 * Second verification: every path beneath the tenant's own tree, the trees of its connections and its other roots,
 * records without a parent or without owners included; and its connections' links in its partners' trees.
 */
export async function findByPath(ports: PurgePorts, owner: Owner, row: PurgeRow): Promise<Findings> {
  const paths = new Set<string>();
  for (const root of [`tenants/${row.tenant}`, ...row.roots])
    for (const path of await ports.store.beneath(root, WALK_LIMIT)) paths.add(path);
  for (const partner of row.partners)
    for (const path of await ports.store.beneath(`tenants/${partner}`, WALK_LIMIT))
      if (leadsToOneOf(row.roots, path)) paths.add(path);

  const counts: Record<string, number> = {};
  const strays: Placed[] = [];
  for (const path of paths) {
    const placed = placedAt(path);
    if (placed !== undefined && (await isOfAnotherLife(ports, owner, placed))) continue;
    const name = placed?.category ?? UNNAMED;
    counts[name] = (counts[name] ?? 0) + 1;
    if (placed !== undefined) strays.push(placed);
  }
  return { counts, total: sum(counts), strays };
}

/** In a partner's tree only the links of a connection that is going are ours: `…/links/{connection}`. */
function leadsToOneOf(roots: readonly string[], path: string): boolean {
  const placed = placedAt(path);
  return placed?.category === 'link' && roots.includes(`connections/${placed.place.connection}`);
}

/**
 * The tenant's next life may already live beside the one that is purged, at other addresses of the same tree. A record
 * belongs to it when it says so; a record that does not say whose it is counts as found.
 */
async function isOfAnotherLife(ports: PurgePorts, owner: Owner, { category, place }: Placed): Promise<boolean> {
  if (!isOwned(category)) return false;
  const owners = await ownersAt(ports, category, place);
  if (owners === undefined) return true;
  const { tenant } = partsOf(owner);
  return !owners.includes(owner) && owners.some((other) => partsOf(other).tenant === tenant);
}

/** The owners of a record: none when it does not say, `undefined` when it is gone meanwhile. */
async function ownersAt(
  ports: PurgePorts,
  category: OwnedCategory,
  place: Placed['place'],
): Promise<readonly Owner[] | undefined> {
  try {
    const stored = await ports.store.read<OwnedCategory>(category, place);
    return stored?.row.owners;
  } catch (thrown) {
    const fault = toFault(thrown);
    // A record that the catalogue would not let pass is still a record, and may be of the tenant.
    if (fault.code === 'store-record-odd') return [];
    throw fault;
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
