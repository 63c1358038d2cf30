/**
 * Fills every category of the catalogue, from the descriptions of its fields: a new row takes part in every test of
 * the purge by being there. Values of a customer carry a canary, so that a test can look for them elsewhere.
 */
import { createHash } from 'node:crypto';
import { canary } from './canaries.ts';
import { connectionKey, halfOf, ownerOf, tenantKey } from '../../shared/model/ids.ts';
import type { ConnectionId, KeyName, Owner, Sealed } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Keys, Store } from '../../shared/ports.ts';
import { ownedCategories } from '../../shared/retention/address.ts';
import { sealContextOf } from '../../shared/holdings.ts';
import { catalogue, rowOf } from '../../shared/retention/catalogue.ts';
import { placeOf } from '../../shared/retention/check.ts';
import type { Category, OwnedCategory, RecordOf } from '../../shared/retention/catalogue.ts';
import type { Field, Fields } from '../../shared/retention/fields.ts';

/** What every value of a customer contains in these tests. */
export const CANARY = canary('stored');
/** What is in fields that hold no one’s data: ids and names of ours, which logs may tell. */
const FILLED = 'filled';

/** A tenant to be filled, and how it is connected. */
export interface Filled {
  readonly ref: TenantRef;
  readonly clientKey: string;
  /** Overrides of the tenant's own record. */
  readonly tenancy?: { readonly [N in keyof RecordOf<'tenant'>]?: RecordOf<'tenant'>[N] | undefined };
}

/** A connection of two filled tenants; a connection inside one site has the same on both sides. */
export interface Joined {
  readonly id: ConnectionId;
  readonly a: TenantRef;
  readonly b: TenantRef;
}

/** Records of each category and place that are made. */
const EACH = 2;
/** Paths of which there is one record for a tenant's life, or for a half. */
const ONE_EACH = /\{(tenant|half|generation)\}$/;

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const own = ({ tenant, generation }: TenantRef): Owner => ownerOf(tenant, generation);

/** Writes records of every category that belongs to customers, or of some: for each tenant, and for each connection on both sides. */
export async function fillEverything(
  to: { readonly store: Store; readonly keys: Keys },
  tenants: readonly Filled[],
  connections: readonly Joined[],
  among: readonly OwnedCategory[] = ownedCategories,
): Promise<void> {
  for (const { ref } of tenants) await to.keys.make(tenantKey(own(ref)), [own(ref)]);
  for (const joined of connections) await to.keys.make(keyOf(joined), ownersOf(joined));
  for (const category of among) {
    if (category === 'key') continue;
    if (rowOf(category).owner === 'connection')
      for (const joined of connections) await fillConnection(to, category, joined);
    else for (const filled of tenants) await fillTenant(to, category, filled, connections);
  }
}

function ownersOf({ a, b }: Joined): readonly Owner[] {
  return [...new Set([own(a), own(b)])];
}

function bothOf({ a, b }: Joined): readonly TenantRef[] {
  return own(a) === own(b) ? [a] : [a, b];
}

function keyOf({ id, a, b }: Joined): KeyName {
  return connectionKey(id, own(a), own(b));
}

async function fillConnection(
  to: { readonly store: Store; readonly keys: Keys },
  category: OwnedCategory,
  joined: Joined,
): Promise<void> {
  const sides = rowOf(category).path.includes('{tenant}') ? bothOf(joined) : [joined.a];
  const single = category === 'connection';
  for (const ref of sides)
    for (let n = 0; n < (single ? 1 : EACH); n += 1) {
      const ids = { ...idsFor(ref, n), connection: joined.id, half: halfOf(joined.id, 'a') };
      const later = { removeAt: Number.MAX_SAFE_INTEGER };
      const known = {
        owners: ownersOf(joined),
        ...later,
        a: joined.a,
        b: joined.b,
        state: 'active',
        connection: joined.id,
      };
      await put(to, category, ids, keyOf(joined), ref, single ? known : { owners: known.owners, ...later });
    }
}

async function fillTenant(
  to: { readonly store: Store; readonly keys: Keys },
  category: OwnedCategory,
  filled: Filled,
  connections: readonly Joined[],
): Promise<void> {
  const { ref } = filled;
  const halves = connections.flatMap(({ id, a, b }) => [
    ...(own(a) === own(ref) ? ([{ connection: id, side: 'a' }] as const) : []),
    ...(own(b) === own(ref) ? ([{ connection: id, side: 'b' }] as const) : []),
  ]);
  const { path } = rowOf(category);
  const inHalves = path.includes('{half}') || path.includes('{connection}');
  for (const half of inHalves ? halves : [undefined])
    for (let n = 0; n < (ONE_EACH.test(path) ? 1 : EACH); n += 1) {
      const ids = half === undefined ? {} : { connection: half.connection, half: halfOf(half.connection, half.side) };
      const known = {
        owners: [own(ref)],
        ...ref,
        ...(half === undefined ? {} : { ...half, state: 'active' }),
        expiresAt: Number.MAX_SAFE_INTEGER,
        removeAt: Number.MAX_SAFE_INTEGER,
        // Nothing is due in these worlds but what a test makes due.
        alarmAt: Number.MAX_SAFE_INTEGER,
        nextAt: Number.MAX_SAFE_INTEGER,
        answeredAt: Number.MAX_SAFE_INTEGER,
        // The key of a ticket is the desk's own, and outlives the customer until the ticket is erased.
        ...(category === 'report' ? { ticket: `SUP-${n}`, wakeAt: Number.MAX_SAFE_INTEGER } : {}),
        ...(category === 'tenant' ? { door: 'connect', clientKey: filled.clientKey, ...filled.tenancy } : {}),
      };
      await put(to, category, { ...idsFor(ref, n), ...ids }, tenantKey(own(ref)), ref, known);
    }
}

/** Ids for every name that a path of the catalogue may have; a name that is not known here gets one that is as good. */
function idsFor(ref: TenantRef, n: number): Record<string, string> {
  const seed = `${own(ref)}/${n}`;
  return {
    tenant: ref.tenant,
    door: `connect-${hex(seed)}`,
    code: hex(seed),
    twin: `w-${hex(`twin${n}`).slice(0, 32)}`,
    report: `s-${hex(seed).slice(0, 32)}`,
    issue: `${10_000 + n}`,
    age: ['latest', 'previous'][n] ?? '',
    version: `${n}`,
    shard: `${n}`,
    /** For names that are not known here. */
    nth: `${n}`,
    /** The first is where the tenant's own life has it. */
    generation: n === 0 ? `${ref.generation}` : `${ref.generation + 1_000}`,
  };
}

async function put(
  { store, keys }: { readonly store: Store; readonly keys: Keys },
  category: OwnedCategory,
  ids: Readonly<Record<string, string>>,
  key: KeyName,
  ref: TenantRef,
  known: Readonly<Record<string, unknown>>,
): Promise<void> {
  const place: Record<string, string> = {};
  const path = rowOf(category).path.replaceAll(/\{(\w+)\}/g, (_part, name: string) => {
    place[name] = ids[name] ?? `${name}-${ref.tenant}-${ids['nth'] ?? ''}`;
    return place[name];
  });
  const seal = (field: string): Promise<Sealed> =>
    keys.seal(key, sealContext(category, place, ref, field), `${CANARY} ${ref.tenant} ${field}`);
  const values = { ...(await valuesOf(catalogue[category].fields, ref, seal)), ...pick(known, category) };
  // What is known to be absent is left out.
  const row = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  await store.create(category, placeOf(category, path), row as never);
}

/** As the product seals it, so that what is filled in here opens there. */
function sealContext(
  category: OwnedCategory,
  place: Readonly<Record<string, string>>,
  ref: TenantRef,
  field: string,
): string {
  const row = { owners: [own(ref)], generation: ref.generation, run: `${FILLED} ${ref.tenant} run` };
  return sealContextOf(category, field, { place, row }) ?? `${category}.${field}`;
}

/** Of what is known, the members that the category has. */
function pick(known: Readonly<Record<string, unknown>>, category: Category): Record<string, unknown> {
  const fields: Fields = catalogue[category].fields;
  return Object.fromEntries(Object.entries(known).filter(([name]) => name in fields));
}

async function valuesOf(
  fields: Fields,
  ref: TenantRef,
  seal: (field: string) => Promise<Sealed>,
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) values[name] = await valueOf(name, field, ref, seal);
  return values;
}

async function valueOf(
  name: string,
  field: Field,
  ref: TenantRef,
  seal: (field: string) => Promise<Sealed>,
): Promise<unknown> {
  const parts = (): Promise<Record<string, unknown>> => valuesOf(field.parts ?? {}, ref, seal);
  switch (field.kind) {
    case 'text':
      return field.choices?.[0] ?? `${wordOf(field)} ${ref.tenant} ${name}`;
    case 'number':
      return 7;
    case 'flag':
      return true;
    case 'sealed':
      return seal(name);
    case 'texts':
      return [`${wordOf(field)} ${ref.tenant} ${name}`];
    case 'shape':
      return parts();
    case 'rows':
      return [await parts(), await parts()];
    case 'table':
      // Lanes have names that their admins chose, or Jira's.
      return { [field.isByLane === true ? 'summary' : 'one']: await parts() };
  }
}

/** Of a person, a site or a customer: then it is a canary, and the watch knows where it may be. */
function wordOf({ personal, isAccount }: Field): string {
  if (isAccount === true) return canary('account', 'stored');
  // A secret that is not sealed is a hash, or wrapped.
  return personal === 'none' || personal === 'secret' ? FILLED : CANARY;
}
