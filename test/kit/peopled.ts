/** People in every place where the product stores them: each declared field, and inside everything sealed. */
import { Holdings } from '../../shared/holdings.ts';
import { accountId, ownerOf } from '../../shared/model/ids.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Keys, Store, Stored } from '../../shared/ports.ts';
import { peopleCategories } from '../../shared/retention/accounts.ts';
import { rowOf } from '../../shared/retention/catalogue.ts';
import type { OwnedCategory } from '../../shared/retention/catalogue.ts';
import type { Fields } from '../../shared/retention/fields.ts';

interface Stores {
  readonly store: Store;
  readonly keys: Keys;
}

export const GONE = accountId('5be24ba3f91c106033269111');
export const STAYS = accountId('712020:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9');
export const MORE = accountId('5b10ac8d82e05b22cc7d4ef5');

/** What a sealed field may hold of people: every place where the product puts them. */
export const content = (one: AccountId, other: AccountId) => ({
  fields: { assignee: one, reporter: other, 'custom:users:Team': [one, other] },
  description: doc(one, other),
  people: { [one]: other, [other]: one, [MORE]: other },
  fallbackPerson: one,
  rules: [{ field: 'assignee', policy: 'a', default: one }],
  abilities: { usable: [one, other] },
  script: `if (issue.assignee === '${one}') skip(); // ${other}`,
  jql: `assignee = ${one} or reporter in (${other})`,
  steps: JSON.stringify([{ assignee: one }, { assignee: other }]),
});
export const doc = (...people: readonly AccountId[]) => ({
  type: 'doc',
  content: people.map((id) => ({ type: 'mention', attrs: { id, text: `@Name of ${id}` } })),
});

/** Puts {@link GONE} and {@link STAYS} into every record of these tenants that may name people. */
export async function putPeopleEverywhere(world: Stores, tenants: readonly TenantRef[]): Promise<void> {
  for (const ref of tenants) {
    const owner = ownerOf(ref.tenant, ref.generation);
    const holdings = new Holdings(world, owner);
    for (const category of peopleCategories)
      for (const stored of (await world.store.owned<OwnedCategory>(category, owner, { limit: 500 })).items)
        await putPeople(world, holdings, stored);
  }
}

/** What the sealed fields of all these tenants hold, as text by category and place. */
export async function openedOf(world: Stores, tenants: readonly TenantRef[]): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  for (const ref of tenants) {
    const owner = ownerOf(ref.tenant, ref.generation);
    const holdings = new Holdings(world, owner);
    for (const category of peopleCategories)
      for (const stored of (await world.store.owned<OwnedCategory>(category, owner, { limit: 500 })).items)
        all.set(`opened:${category}:${JSON.stringify(stored.place)}`, JSON.stringify(await holdings.opened(stored)));
  }
  return all;
}

/** Puts two people into one record, wherever it may name any. */
export async function putPeople(
  world: Stores,
  holdings: Holdings,
  stored: Stored<OwnedCategory>,
  [gone, stays]: readonly [AccountId, AccountId] = [GONE, STAYS],
): Promise<void> {
  const { fields } = rowOf(stored.category);
  const row: Record<string, unknown> = { ...(named(fields, { ...stored.row }, gone) as object) };
  for (const [name, { kind, personal }] of Object.entries(fields))
    if (kind === 'sealed' && personal !== 'secret') row[name] = await holdings.seal(stored, name, content(gone, stays));
  await world.store.replace(stored.category, stored.place, row as never, stored.version);
}

function named(fields: Fields, data: unknown, gone: AccountId): unknown {
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => {
      const field = fields[name];
      if (field?.isAccount === true) return [name, gone];
      const parts = (one: unknown, at: number) => (at === 0 ? named(field?.parts ?? {}, one, gone) : one);
      if (field?.kind === 'rows') return [name, (value as unknown[]).map(parts)];
      return [name, field?.kind === 'shape' ? parts(value, 0) : value];
    }),
  );
}
