/** What the ledger says of one life of a tenant, and what follows for the main record. Pure. @see SPEC.md R17–R18, PRIVACY-ENGINE.md §2 */
import type { Tenancy } from '../model/tenant.ts';
import { replayLife } from './tenancy.ts';
import type { LifeEntry } from './tenancy.ts';

/** One entry of the ledger, as far as purges read it. */
export interface PurgeEntry extends LifeEntry {
  readonly receiptHash?: string | undefined;
}

/** One life of a tenant, by the ledger. Its flags are unknown and come out true. */
export interface Life {
  readonly tenancy: Tenancy;
  /** Of a purged life. */
  readonly receiptHash?: string;
}

/** The life of one generation; `undefined` when the ledger has never heard of it. `entries` are all of an identity, oldest first. */
export function lifeOf(entries: readonly PurgeEntry[], generation: number): Life | undefined {
  const own = entries.filter((entry) => entry.generation === generation);
  const tenancy = replayLife(own);
  if (tenancy === undefined) return undefined;
  const receiptHash = own.find((entry) => entry.kind === 'purged')?.receiptHash;
  return receiptHash === undefined ? { tenancy } : { tenancy, receiptHash };
}

/**
 * The tenancy that the main record must have by the ledger, or the very same object when they agree. A record whose
 * life the ledger calls purged was brought back by a restore: it is `purging`, so that it goes again.
 */
export function repairedTenancy(have: Tenancy, life: Life): Tenancy {
  const state = life.tenancy.state === 'purged' ? 'purging' : life.tenancy.state;
  const { evidence, dueAt } = life.tenancy;
  const isSame = have.state === state && have.dueAt === dueAt && have.evidence === evidence;
  if (isSame || (state === 'active' && have.state === 'active')) return have;
  const { enabled, licensed } = have;
  return { ...life.tenancy, state, enabled, licensed };
}

/** The hash of the receipt of the life before this one, or an empty text: what the next receipt is chained to. */
export function receiptBefore(entries: readonly PurgeEntry[], generation: number): string {
  const purged = entries.filter((entry) => entry.kind === 'purged' && entry.generation < generation);
  return purged.at(-1)?.receiptHash ?? '';
}
