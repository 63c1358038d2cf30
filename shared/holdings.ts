/**
 * What is held of a customer, with the sealed values opened: over any Store and Keys, for everybody who has to look into
 * all of it (export, people's rights). Which key and which context opens a value is said here once for each sealed field.
 */
import {
  accountId,
  connectionId,
  connectionKey,
  halfId,
  owner as parseOwner,
  ownerOf,
  sealed as sealedId,
  tenantId,
  tenantKey,
} from './model/ids.ts';
import type { KeyName, Owner, Sealed } from './model/ids.ts';
import type { Keys, Store, Stored } from './ports.ts';
import { rowOf } from './retention/catalogue.ts';
import type { OwnedCategory, RecordOf } from './retention/catalogue.ts';
import { Fault } from './verdict.ts';
import { contextOf } from './wire/stored.ts';

/** Every sealed field of a customer's records: a new one does not compile until it has its row below. */
export type SealedName = {
  [C in OwnedCategory]: {
    [F in keyof RecordOf<C>]-?: NonNullable<RecordOf<C>[F]> extends Sealed ? `${C}.${F & string}` : never;
  }[keyof RecordOf<C>];
}[OwnedCategory];

/** Where a sealed value is: the ids of its record, and the plain fields of it that its context names. */
export interface SealedAt {
  readonly place: Readonly<Record<string, string>>;
  readonly row: Readonly<Record<string, unknown>>;
}

const contexts: Readonly<Record<SealedName, (at: SealedAt) => string>> = {
  'tenant.sharedSecret': ({ place, row }) => contextOf('tenant.secret', ofTenant(place, row)),
  'tenant.previousSecret': ({ place, row }) => contextOf('tenant.secret', ofTenant(place, row)),
  'contact.address': ({ place }) => contextOf('contact.address', ofTenant(place, place)),
  'consent.address': ({ place }) => contextOf('consent.address', id(place, 'tenant'), id(place, 'consent')),
  'person.name': ({ place, row }) => contextOf('person.name', ownerIn(row), accountId(id(place, 'account'))),
  'report.address': ({ place }) => contextOf('report.address', id(place, 'tenant'), id(place, 'report')),
  'report.message': ({ place }) => contextOf('report.message', id(place, 'tenant'), id(place, 'report')),
  'bundle.content': ({ place }) => contextOf('bundle.content', id(place, 'tenant'), id(place, 'report')),
  'half.settings': ({ place }) => contextOf('half.settings', id(place, 'tenant'), halfId(id(place, 'half'))),
  'rules.document': ({ place }) =>
    contextOf('rules.document', id(place, 'tenant'), halfId(id(place, 'half')), Number(id(place, 'version'))),
  'connection.aContract': ({ place }) => contextOf('connection.contract', id(place, 'connection'), 'a'),
  'connection.bContract': ({ place }) => contextOf('connection.contract', id(place, 'connection'), 'b'),
  'job.ask': ({ place, row }) =>
    contextOf('job.ask', id(place, 'connection'), id(place, 'job'), typeof row['run'] === 'string' ? row['run'] : ''),
  'copy.a': ({ place }) => contextOf('copy.a', id(place, 'connection'), id(place, 'twin')),
  'copy.b': ({ place }) => contextOf('copy.b', id(place, 'connection'), id(place, 'twin')),
  'decision.content': ({ place }) =>
    contextOf('decision.content', id(place, 'connection'), id(place, 'twin'), id(place, 'decision')),
};

/** The context of a sealed field; `undefined` for a field that is not sealed. */
export function sealContextOf(category: OwnedCategory, field: string, at: SealedAt): string | undefined {
  const name = `${category}.${field}`;
  return isSealedName(name) ? contexts[name](at) : undefined;
}

/** The names of the sealed fields of a category, those of nested records left out: there are none. */
export function sealedNamesOf(category: OwnedCategory): readonly string[] {
  return Object.entries(rowOf(category).fields).flatMap(([name, { kind }]) => (kind === 'sealed' ? [name] : []));
}

/** Opens and seals the records of one owner; keeps in mind which key each connection has. One for each walk. */
export class Holdings {
  readonly #store: Pick<Store, 'read'>;
  readonly #keys: Pick<Keys, 'open' | 'seal'>;
  readonly #owner: Owner;
  readonly #known = new Map<string, KeyName>();

  constructor(
    ports: { readonly store: Pick<Store, 'read'>; readonly keys: Pick<Keys, 'open' | 'seal'> },
    owner: Owner,
  ) {
    this.#store = ports.store;
    this.#keys = ports.keys;
    this.#owner = owner;
  }

  /**
   * What the sealed fields of a record hold, by name; those in `but` stay closed.
   * @throws Fault `key-gone`, `seal-broken`, `store-record-odd` for content whose connection is gone
   */
  async opened<C extends OwnedCategory>(
    stored: Stored<C>,
    but: readonly string[] = [],
  ): Promise<Record<string, unknown>> {
    const row: Readonly<Record<string, unknown>> = { ...stored.row };
    const opened: Record<string, unknown> = {};
    for (const name of sealedNamesOf(stored.category)) {
      const sealed = row[name];
      if (typeof sealed !== 'string' || but.includes(name)) continue;
      const context = sealContextOf(stored.category, name, { place: stored.place, row });
      if (context === undefined) throw new Fault('bug', { category: stored.category, field: name });
      opened[name] = await this.#keys.open(await this.#keyOf(stored), context, sealedId(sealed));
    }
    return opened;
  }

  /** Seals a new value for a field of a record as {@link opened} opens it. */
  async seal<C extends OwnedCategory>(stored: Stored<C>, name: string, value: unknown): Promise<Sealed> {
    const context = sealContextOf(stored.category, name, { place: stored.place, row: { ...stored.row } });
    if (context === undefined) throw new Fault('bug', { category: stored.category, field: name });
    return this.#keys.seal(await this.#keyOf(stored), context, value);
  }

  async #keyOf({
    category,
    place,
  }: {
    readonly category: OwnedCategory;
    readonly place: SealedAt['place'];
  }): Promise<KeyName> {
    if (rowOf(category).owner !== 'connection') return tenantKey(this.#owner);
    const connection = id(place, 'connection');
    const known = this.#known.get(connection);
    if (known !== undefined) return known;
    const agreed = await this.#store.read('connection', { connection });
    if (agreed === undefined) throw new Fault('store-record-odd', { category, field: 'connection' });
    const { a, b } = agreed.row;
    const ownerA = ownerOf(a.tenant, a.generation);
    const key = connectionKey(connectionId(connection), ownerA, ownerOf(b.tenant, b.generation));
    this.#known.set(connection, key);
    return key;
  }
}

function isSealedName(name: string): name is SealedName {
  return Object.hasOwn(contexts, name);
}

function ofTenant(place: SealedAt['place'], row: SealedAt['row']): Owner {
  return ownerOf(tenantId(id(place, 'tenant')), Number(row['generation']));
}

/** Of a record that one tenant owns. */
function ownerIn(row: SealedAt['row']): Owner {
  const owners = row['owners'];
  return parseOwner(Array.isArray(owners) ? String(owners[0]) : '');
}

function id(place: SealedAt['place'], name: string): string {
  return place[name] ?? '';
}
