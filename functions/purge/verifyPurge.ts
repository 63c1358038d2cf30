/**
 * Looks for what a purge may have left, in two ways that share nothing with the purge's own list: by owner over every
 * category that belongs to customers, and by path over the trees that the tenant's data were in. @see PRIVACY-ENGINE.md §4
 */
import type { Owner } from '../../shared/model/ids.ts';
import { partsOf } from '../../shared/model/ids.ts';
import type { Walked } from '../../shared/ports.ts';
import { ownedCategories, placedAt } from '../../shared/retention/address.ts';
import { rowOf } from '../../shared/retention/catalogue.ts';
import { PAGE_LIMIT } from '../../shared/retention/check.ts';
import { hasTime } from './progress.ts';
import type { PurgePorts, PurgeRow, Work } from './progress.ts';

/** What a verification found: how many records by category, and the paths of those that no listing by owner leads to. */
export interface Findings {
  readonly counts: Readonly<Record<string, number>>;
  readonly total: number;
  readonly strays: readonly string[];
  /** Does one of the strays carry the owner? Then it was written after the first verification, or that one is wrong. */
  readonly isOwned: boolean;
}

/** A tree that is still to be walked, and where: absent is its beginning. */
type Tree = NonNullable<PurgeRow['walk']>[number];

/** What a walk found, and which trees it had no time for. */
export interface Walk extends Findings {
  readonly left: readonly Tree[];
}

/** Records that a verification counts of one category; more are as bad. */
const FOUND_LIMIT = 500;

/** Categories that are asked side by side: each query has a deadline, and a slow store answers all of them late. */
const CATEGORIES_AT_ONCE = 8;

/** Records of a tree that are read at a time, without content: the store's own limit of a page. */
const WALK_PAGE = PAGE_LIMIT;
/** Trees that are walked side by side: connections, doors and invitations are many small ones. */
const TREES_AT_ONCE = 4;
/** Paths that one message keeps in mind to remove. What is beyond is found by the next walk. */
const STRAY_LIMIT = 20_000;

/** Findings under no category of the catalogue. */
const UNNAMED = 'unnamed';

/**
 * First verification: every record anywhere that carries the owner. The vault's come last, after the keys. Costs one query
 * for each category, side by side, and in the cloud the read of one record for each that finds nothing.
 */
export async function findByOwner(ports: PurgePorts, owner: Owner): Promise<Findings> {
  const among = ownedCategories.filter((category) => rowOf(category).database !== 'vault');
  const counts: Record<string, number> = {};
  for (let at = 0; at < among.length; at += CATEGORIES_AT_ONCE)
    await Promise.all(
      among.slice(at, at + CATEGORIES_AT_ONCE).map(async (category) => {
        counts[category] = (await ports.store.ownedSeen(category, owner, { limit: FOUND_LIMIT })).items.length;
      }),
    );
  return { counts, total: sum(counts), strays: [], isOwned: false };
}

/**
 * Second verification: every path beneath the tenant's own tree, the trees of its connections and its other roots,
 * records without a parent or without owners included; and its connections' links in its partners' trees. Reads each record of
 * the partners' trees, and of the tenant's next life, once; what was purged costs nothing. Trees too large for one message are walked on
 * in the next, from where `left` says.
 */
export async function findByPath(work: Work, owner: Owner, row: PurgeRow): Promise<Walk> {
  const todo = row.walk ?? treesOf(row);
  const strays = new Set<string>();
  const left: Tree[] = [];
  let isOwned = false;
  for (let at = 0; at < todo.length; at += TREES_AT_ONCE) {
    const some = todo.slice(at, at + TREES_AT_ONCE);
    const isOpen = (): boolean => hasTime(work) && strays.size < STRAY_LIMIT;
    const visit = (met: Walked): void => {
      if (!isLeft(met, owner, row)) return;
      strays.add(met.path);
      isOwned ||= met.owners.includes(owner);
    };
    const rests = await Promise.all(some.map((tree) => walkTree(work, tree, isOpen, visit)));
    left.push(...rests.flatMap((rest) => rest ?? []));
    // After some, so that every message gets on.
    if (!isOpen()) {
      left.push(...todo.slice(at + TREES_AT_ONCE));
      break;
    }
  }
  const counts: Record<string, number> = {};
  for (const path of strays) {
    const name = placedAt(path)?.category ?? UNNAMED;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return { counts, total: strays.size, strays: [...strays], isOwned, left };
}

function treesOf({ tenant, roots, partners }: PurgeRow): readonly Tree[] {
  const own = new Set([`tenants/${tenant}`, ...roots]);
  return [...own, ...partners.map((partner) => `tenants/${partner}`)].map((root) => ({ root }));
}

/** Walks one tree; answers where it stopped, or nothing at its end. */
async function walkTree(
  { ports }: Work,
  tree: Tree,
  isOpen: () => boolean,
  visit: (met: Walked) => void,
): Promise<Tree | undefined> {
  let { after } = tree;
  do {
    const page = await ports.store.walk(tree.root, { limit: WALK_PAGE, ...(after === undefined ? {} : { after }) });
    for (const met of page.items) visit(met);
    after = page.next;
  } while (after !== undefined && isOpen());
  return after === undefined ? undefined : { root: tree.root, after };
}

/** In a partner's tree only the links of a connection that is going are ours. */
function isLeft({ path, owners }: Walked, owner: Owner, row: PurgeRow): boolean {
  const isPartners = row.partners.some(
    (partner) => path === `tenants/${partner}` || path.startsWith(`tenants/${partner}/`),
  );
  if (isPartners && !leadsToOneOf(row.roots, path)) return false;
  return !isOfAnotherLife(owner, owners);
}

/** `…/links/{connection}` */
function leadsToOneOf(roots: readonly string[], path: string): boolean {
  const placed = placedAt(path);
  return placed?.category === 'link' && roots.includes(`connections/${placed.place.connection}`);
}

/**
 * The tenant's next life may already live beside the one that is purged, at other addresses of the same tree. A record
 * belongs to it when it says so; a record that does not say whose it is counts as found, and so does one that the
 * catalogue would not let pass.
 */
function isOfAnotherLife(owner: Owner, owners: readonly string[]): boolean {
  const lives = `${partsOf(owner).tenant}#`;
  return !owners.includes(owner) && owners.some((other) => other.startsWith(lives));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
