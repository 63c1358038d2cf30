/** What the ledger says of one life of a tenant, and what follows for the main record. Pure. @see SPEC.md R17–R19, PRIVACY-ENGINE.md §2 */
import type { Evidence, Tenancy, TenancyState, TenantRef } from '../model/tenant.ts';
import type { RecordOf } from './catalogue.ts';

/** One entry of the ledger, as far as a life is read from it. */
export interface LifeEntry extends TenantRef {
  readonly kind: RecordOf<'ledger'>['kind'];
  readonly at: number;
  readonly evidence?: Evidence | undefined;
  readonly dueAt?: number | undefined;
  readonly receiptHash?: string | undefined;
}

/** One life of a tenant, by the ledger. */
export interface Life {
  readonly state: TenancyState;
  readonly markedAt?: number;
  readonly evidence?: Evidence;
  readonly dueAt?: number;
  /** Of a purged life. */
  readonly receiptHash?: string;
}

/** The life of one generation; `undefined` when the ledger has never heard of it. `entries` are all of an identity, oldest first. */
export function lifeOf(entries: readonly LifeEntry[], generation: number): Life | undefined {
  let life: Life | undefined;
  for (const entry of entries) if (entry.generation === generation) life = next(life, entry);
  return life;
}

function next(life: Life | undefined, entry: LifeEntry): Life | undefined {
  switch (entry.kind) {
    case 'installed':
    case 'returned':
      return { state: 'active' };
    case 'marked':
      return { state: 'marked', ...marksOf(entry, entry.at) };
    case 'purging':
      return { ...life, state: 'purging', ...marksOf(entry, life?.markedAt) };
    case 'purged':
      return {
        ...life,
        state: 'purged',
        ...(entry.receiptHash === undefined ? {} : { receiptHash: entry.receiptHash }),
      };
    // Says of a backup, not of a tenant.
    case 'restored':
      return life;
  }
}

function marksOf(entry: LifeEntry, markedAt: number | undefined): Omit<Life, 'state'> {
  return {
    ...(markedAt === undefined ? {} : { markedAt }),
    ...(entry.evidence === undefined ? {} : { evidence: entry.evidence }),
    ...(entry.dueAt === undefined ? {} : { dueAt: entry.dueAt }),
  };
}

/**
 * The tenancy that the main record must have by the ledger, or the very same object when they agree. A record whose
 * life the ledger calls purged was brought back by a restore: it is `purging`, so that it goes again.
 */
export function repairedTenancy(have: Tenancy, life: Life): Tenancy {
  const state = life.state === 'purged' ? 'purging' : life.state;
  const { tenant, generation, enabled, licensed } = have;
  const bare = { tenant, generation, enabled, licensed, state };
  if (state === 'active') return have.state === 'active' ? have : bare;
  const markedAt = life.markedAt ?? have.markedAt;
  const evidence = life.evidence ?? have.evidence;
  const dueAt = life.dueAt ?? have.dueAt;
  if (have.state === state && have.dueAt === dueAt && have.evidence === evidence) return have;
  return {
    ...bare,
    ...(markedAt === undefined ? {} : { markedAt }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
}

/** The hash of the receipt of the life before this one, or an empty text: what the next receipt is chained to. */
export function receiptBefore(entries: readonly LifeEntry[], generation: number): string {
  const purged = entries.filter((entry) => entry.kind === 'purged' && entry.generation < generation);
  return purged.at(-1)?.receiptHash ?? '';
}
