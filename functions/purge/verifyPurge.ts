/**
 * Looks for what a purge may have left, in two ways that share nothing with the purge's own list: by owner over every
 * category that belongs to customers, and by path over the trees that the tenant's data were in. @see PRIVACY-ENGINE.md §4
 */
import type { Owner } from '../../shared/model/ids.ts';
import { partsOf } from '../../shared/model/ids.ts';
import { isOwned, placedAt } from '../../shared/retention/address.ts';
import { categories, rowOf } from '../../shared/retention/catalogue.ts';
import type { PurgePorts, PurgeRow } from './progress.ts';

/** What a verification found: how many records by category, and the paths of those that no listing by owner leads to. */
export interface Findings {
  readonly counts: Readonly<Record<string, number>>;
  readonly total: number;
  readonly strays: readonly string[];
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
    const page = await ports.store.ownedSeen(category, owner, { limit: FOUND_LIMIT });
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
  const strays: string[] = [];
  for (const path of await ofThisLife(ports, owner, [...paths])) {
    const name = placedAt(path)?.category ?? UNNAMED;
    counts[name] = (counts[name] ?? 0) + 1;
    strays.push(path);
  }
  return { counts, total: sum(counts), strays };
}

/** In a partner's tree only the links of a connection that is going are ours: `…/links/{connection}`. */
function leadsToOneOf(roots: readonly string[], path: string): boolean {
  const placed = placedAt(path);
  return placed?.category === 'link' && roots.includes(`connections/${placed.place.connection}`);
}

/** Records that are looked at together. */
const AT_ONCE = 50;

async function ofThisLife(ports: PurgePorts, owner: Owner, paths: readonly string[]): Promise<readonly string[]> {
  const ours: string[] = [];
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = paths.slice(at, at + AT_ONCE);
    const isOther = await Promise.all(some.map((path) => isOfAnotherLife(ports, owner, path)));
    ours.push(...some.filter((_path, index) => isOther[index] === false));
  }
  return ours;
}

/**
 * The tenant's next life may already live beside the one that is purged, at other addresses of the same tree. A record
 * belongs to it when it says so; a record that does not say whose it is counts as found, and so does one that the
 * catalogue would not let pass.
 */
async function isOfAnotherLife(ports: PurgePorts, owner: Owner, path: string): Promise<boolean> {
  const owners = await ports.store.ownersAt(path);
  if (owners === undefined) return true;
  const lives = `${partsOf(owner).tenant}#`;
  return !owners.includes(owner) && owners.some((other) => other.startsWith(lives));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
