/**
 * The names behind account ids, where the console says who did something. Jira tells them; they are kept for a day at most, sealed, in a
 * database of their own that no backup holds. @see SPEC.md R44–R46 (shared/retention), PROMISES.md
 */
import type { AccountId } from '../../shared/model/ids.ts';
import { tenantKey } from '../../shared/model/ids.ts';
import type { Stored } from '../../shared/ports.ts';
import { isNameFresh, nameEndsAt } from '../../shared/retention/people.ts';
import { Fault } from '../../shared/verdict.ts';
import { contextOf, parseName } from '../../shared/wire/stored.ts';
import type { Ask } from './ask.ts';

/** Names that one answer holds: a page of versions has fewer people. Those beyond are shown by their ids. */
const MAX_NAMES = 50;

/**
 * Names by account id, as far as they are known or the site tells them; a person without a name is shown by its id. Nothing is kept of a
 * tenant that is not active. What Jira refuses or does not answer never fails the page that asks.
 */
export async function namesOf(
  ask: Ask,
  accounts: readonly (AccountId | undefined)[],
): Promise<Readonly<Record<string, string>>> {
  const wanted = [...new Set(accounts.flatMap((one) => one ?? []))].slice(0, MAX_NAMES);
  const kept = await Promise.all(wanted.map((account) => keptName(ask, account)));
  const names = new Map(
    wanted.flatMap((account, at) => (kept[at] === undefined ? [] : [[account, kept[at]] as const])),
  );
  const missing = wanted.filter((account) => !names.has(account));
  for (const [account, name] of await toldNames(ask, missing)) {
    names.set(account, name);
    await keepName(ask, account, name);
  }
  return Object.fromEntries(names);
}

/** A name that was read lately enough, checked here: the sweep and the database's own clock may be late. */
async function keptName(ask: Ask, account: AccountId): Promise<string | undefined> {
  const stored = await ask.ports.store.read('person', placeOf(ask, account));
  if (stored === undefined || !stored.row.owners.includes(ask.owner)) return undefined;
  if (!isNameFresh(stored.row, ask.ports.clock.now(), ask.identityMs)) return undefined;
  return parseName(
    await ask.ports.keys.open(tenantKey(ask.owner), contextOf('person.name', ask.owner, account), stored.row.name),
  );
}

async function toldNames(ask: Ask, missing: readonly AccountId[]): Promise<ReadonlyMap<AccountId, string>> {
  if (missing.length === 0) return new Map();
  try {
    return await ask.site.readNames(missing);
  } catch (thrown) {
    // A name is an extra: without it the page shows the id.
    if (thrown instanceof Fault && thrown.code.startsWith('jira-')) return new Map();
    throw thrown;
  }
}

/**
 * Keeps a name for its time. The tenancy is read first and not in one transaction, because the databases share none: a purge waits longer
 * after its fence than this function runs.
 */
async function keepName(ask: Ask, account: AccountId, name: string): Promise<void> {
  const { store, keys, clock } = ask.ports;
  const tenant = await store.read('tenant', { tenant: ask.tenant.tenant });
  if (tenant?.row.state !== 'active' || tenant.row.generation !== ask.tenant.generation) return;
  const place = placeOf(ask, account);
  const readAt = clock.now();
  const sealed = await keys.seal(tenantKey(ask.owner), contextOf('person.name', ask.owner, account), name);
  const row = { owners: [ask.owner], name: sealed, readAt, expiresAt: nameEndsAt(readAt, ask.identityMs) };
  try {
    const before: Stored<'person'> | undefined = await store.read('person', place);
    if (before === undefined) await store.create('person', place, row);
    else await store.replace('person', place, row, before.version);
  } catch (thrown) {
    // Somebody else has just read the same name.
    const isRace = thrown instanceof Fault && (thrown.code === 'store-exists' || thrown.code === 'store-changed');
    if (!isRace) throw thrown;
  }
}

function placeOf(ask: Ask, account: AccountId) {
  return { tenant: ask.tenant.tenant, account };
}
