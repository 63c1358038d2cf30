/** What every Store keeps to: one suite, run on memory and on the Firestore emulator alike. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { FirestoreStore } from '../../shared/gcp/firestore.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { Store, Stored, Version } from '../../shared/ports.ts';
import type { Category, Database } from '../../shared/retention/catalogue.ts';
import { catalogue, categories } from '../../shared/retention/catalogue.ts';
import { emulatorHosts, ownProject } from '../kit/emulators.ts';
import { connection, copyRow, doorRow, invitationRow, linkRow, one, other, twinRow } from '../kit/rows.ts';

interface Backend {
  readonly name: string;
  /** A store that holds nothing. */
  fresh(): Store;
  /** Puts anything anywhere, past the catalogue. */
  plant(database: Database, path: string, data: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
}

function memory(): Backend {
  let store = new MemoryStore();
  return {
    name: 'memory',
    fresh: () => (store = new MemoryStore()),
    plant: async (database, path, data) => store.plant(database, path, data),
    close: async () => undefined,
  };
}

function emulated(host: string): Backend {
  const open: { close(): Promise<unknown> }[] = [];
  let project = '';
  return {
    name: 'firestore',
    fresh: () => {
      project = ownProject('store');
      const store = new FirestoreStore({ project, emulatorHost: host });
      open.push(store);
      return store;
    },
    plant: async (database, path, data) => {
      const client = new Firestore({ projectId: project, databaseId: database, host, ssl: false });
      await client.doc(path).set(data);
      await client.terminate();
    },
    close: async () => {
      await Promise.all(open.map((store) => store.close()));
    },
  };
}

const hosts = emulatorHosts();
const backends = [memory(), ...(hosts === undefined ? [] : [emulated(hosts.firestoreHost)])];

const withCode = (code: string): unknown => expect.objectContaining({ code });
const invitation = { code: 'i1' };
const twin = { connection, twin: 'w1' };
const paths = (page: { readonly items: readonly Stored<Category>[] }): string[] =>
  page.items.map(({ place }) => Object.values(place).join('/'));

describe.each(backends)('the store on $name', (backend) => {
  let store: Store;
  beforeEach(() => {
    store = backend.fresh();
  });
  afterAll(() => backend.close());

  describe('single records', () => {
    test('a record comes back as it was written, with its place', async () => {
      const version = await store.create('twin', twin, twinRow());
      expect(await store.read('twin', twin)).toEqual({ category: 'twin', place: twin, row: twinRow(), version });
    });

    test('what is not there is undefined', async () => {
      expect(await store.read('twin', twin)).toBeUndefined();
    });

    test('a second create is refused and changes nothing', async () => {
      await store.create('invitation', invitation, invitationRow());
      await expect(store.create('invitation', invitation, invitationRow({ expiresAt: 2 }))).rejects.toEqual(
        withCode('store-exists'),
      );
      expect((await store.read('invitation', invitation))?.row.expiresAt).toBe(1_000);
    });

    test('a replace with the version of the last read takes effect and gives the next version', async () => {
      const first = await store.create('invitation', invitation, invitationRow());
      const second = await store.replace('invitation', invitation, invitationRow({ expiresAt: 2 }), first);
      expect(second).not.toBe(first);
      expect(await store.read('invitation', invitation)).toMatchObject({ version: second, row: { expiresAt: 2 } });
      await store.replace('invitation', invitation, invitationRow({ expiresAt: 3 }), second);
    });

    test('a replace with an older version is refused and changes nothing', async () => {
      const first = await store.create('invitation', invitation, invitationRow());
      await store.replace('invitation', invitation, invitationRow({ expiresAt: 2 }), first);
      await expect(store.replace('invitation', invitation, invitationRow({ expiresAt: 3 }), first)).rejects.toEqual(
        withCode('store-changed'),
      );
      expect((await store.read('invitation', invitation))?.row.expiresAt).toBe(2);
    });

    test('a replace of what is gone is refused and does not bring it back', async () => {
      const version = await store.create('invitation', invitation, invitationRow());
      await store.remove('invitation', invitation);
      await expect(store.replace('invitation', invitation, invitationRow(), version)).rejects.toEqual(
        withCode('store-changed'),
      );
      expect(await store.read('invitation', invitation)).toBeUndefined();
    });

    test('a replace of what was removed and made again is refused', async () => {
      const version = await store.create('invitation', invitation, invitationRow());
      await store.remove('invitation', invitation);
      await store.create('invitation', invitation, invitationRow());
      await expect(store.replace('invitation', invitation, invitationRow(), version)).rejects.toEqual(
        withCode('store-changed'),
      );
    });

    test('a replace takes away what the new record lacks, nested parts included', async () => {
      const full = twinRow({ wakeAt: 5, lease: { token: 'x', until: 9 }, fields: { summary: { blocked: 'bug' } } });
      const version = await store.create('twin', twin, full);
      await store.replace('twin', twin, twinRow({ fields: {} }), version);
      expect((await store.read('twin', twin))?.row).toEqual(twinRow({ fields: {} }));
    });

    test('a replace with the same content leaves the version usable', async () => {
      const first = await store.create('invitation', invitation, invitationRow());
      const second = await store.replace('invitation', invitation, invitationRow(), first);
      await store.replace('invitation', invitation, invitationRow({ expiresAt: 2 }), second);
    });

    test('of two replaces with one version exactly one takes effect', async () => {
      const version = await store.create('invitation', invitation, invitationRow());
      const ends = await Promise.allSettled(
        [2, 3, 4, 5].map((expiresAt) => store.replace('invitation', invitation, invitationRow({ expiresAt }), version)),
      );
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const end of ends) if (end.status === 'rejected') expect(end.reason).toEqual(withCode('store-changed'));
    });

    test('a removal may be repeated', async () => {
      await store.create('invitation', invitation, invitationRow());
      await store.remove('invitation', invitation);
      await store.remove('invitation', invitation);
      expect(await store.read('invitation', invitation)).toBeUndefined();
    });

    test('values are copied in and out', async () => {
      const fields = { summary: { aParts: [] } };
      await store.create('twin', twin, twinRow({ fields }));
      const read = await store.read('twin', twin);
      Object.assign(fields.summary, { blocked: 'bug' });
      Object.assign(read?.row ?? {}, { attempts: 99 });
      expect((await store.read('twin', twin))?.row).toEqual(twinRow({ fields: { summary: { aParts: [] } } }));
    });

    test('the three databases are apart, and each category is in its own', async () => {
      await store.create('key', { key: 'k-1' }, { owners: [one], wrapped: 'x', createdAt: 1 });
      expect(await store.beneath('', 10)).toEqual([]);
      expect((await store.scan('key', { limit: 10 })).items).toHaveLength(1);
    });
  });

  describe('many removals', () => {
    test('remove records of several categories and databases, there or not', async () => {
      await store.create('invitation', invitation, invitationRow());
      await store.create('key', { key: 'k-1' }, { owners: [one], wrapped: 'x', createdAt: 1 });
      const records = [
        { category: 'invitation', place: invitation },
        { category: 'invitation', place: { code: 'never' } },
        { category: 'key', place: { key: 'k-1' } },
      ] as const;
      await store.removeAll(records);
      await store.removeAll(records);
      expect(await store.read('invitation', invitation)).toBeUndefined();
      expect(await store.read('key', { key: 'k-1' })).toBeUndefined();
    });

    test('take 500 places and refuse more', async () => {
      const many = Array.from({ length: 501 }, (_, index) => ({
        category: 'invitation' as const,
        place: { code: `i${index}` },
      }));
      await store.removeAll(many.slice(0, 500));
      await store.removeAll([]);
      await expect(store.removeAll(many)).rejects.toEqual(withCode('store-refused'));
    });
  });

  describe('transactions', () => {
    test('write all that they were told to, and give back what the work returned', async () => {
      await store.create('door', { door: 'd1' }, doorRow());
      await store.create('invitation', { code: 'old' }, invitationRow());
      const result = await store.transact(async (transaction) => {
        const door = await transaction.read('door', { door: 'd1' });
        transaction.create('invitation', invitation, invitationRow());
        transaction.put('door', { door: 'd1' }, doorRow({ generation: (door?.row.generation ?? 0) + 1 }));
        transaction.put('door', { door: 'd2' }, doorRow());
        transaction.remove('invitation', { code: 'old' });
        return door?.row.generation;
      });
      expect(result).toBe(1);
      expect((await store.read('door', { door: 'd1' }))?.row.generation).toBe(2);
      expect(await store.read('door', { door: 'd2' })).toBeDefined();
      expect(await store.read('invitation', invitation)).toBeDefined();
      expect(await store.read('invitation', { code: 'old' })).toBeUndefined();
    });

    test('write nothing when the work throws, and what it threw comes out', async () => {
      const thrown = new TypeError('of the work');
      await expect(
        store.transact(async (transaction) => {
          await transaction.read('invitation', invitation);
          transaction.create('invitation', invitation, invitationRow());
          throw thrown;
        }),
      ).rejects.toBe(thrown);
      expect(await store.read('invitation', invitation)).toBeUndefined();
    });

    test('write nothing when one of their creates meets a record', async () => {
      await store.create('invitation', invitation, invitationRow());
      await expect(
        store.transact(async (transaction) => {
          transaction.put('door', { door: 'd1' }, doorRow());
          transaction.create('invitation', invitation, invitationRow());
        }),
      ).rejects.toEqual(withCode('store-exists'));
      expect(await store.read('door', { door: 'd1' })).toBeUndefined();
    });

    test('lose no update when they meet', async () => {
      await store.create('door', { door: 'd1' }, doorRow({ generation: 1 }));
      const add = () =>
        store.transact(async (transaction) => {
          const door = await transaction.read('door', { door: 'd1' });
          transaction.put('door', { door: 'd1' }, doorRow({ generation: (door?.row.generation ?? 0) + 1 }));
        });
      const ends = await Promise.allSettled([add(), add(), add()]);
      const won = ends.filter(({ status }) => status === 'fulfilled').length;
      expect(won).toBeGreaterThan(0);
      expect((await store.read('door', { door: 'd1' }))?.row.generation).toBe(1 + won);
    });

    test('are run again, or fail, when a record that they only read has changed meanwhile', async () => {
      await store.create('door', { door: 'fence' }, doorRow());
      const isOpen = Promise.withResolvers<undefined>();
      let runs = 0;
      const fenced = store.transact(async (transaction) => {
        const fence = await transaction.read('door', { door: 'fence' });
        runs += 1;
        if (runs === 1) isOpen.resolve(undefined);
        await new Promise((done) => setTimeout(done, 20));
        transaction.put('door', { door: 'd2' }, doorRow({ generation: fence?.row.generation ?? 0 }));
      });
      await isOpen.promise;
      const { version } = (await store.read('door', { door: 'fence' }))!;
      const closing = store.replace('door', { door: 'fence' }, doorRow({ generation: 2 }), version);
      await Promise.all([fenced, closing]);
      // Either the fence closed first and was seen, or the work was committed before it closed: never in between.
      const written = await store.read('door', { door: 'd2' });
      expect([1, 2]).toContain(written?.row.generation);
      if (runs > 1) expect(written?.row.generation).toBe(2);
    });

    test('of two that create the same record one makes it and the other sees it', async () => {
      const make = (): Promise<string> =>
        store.transact(async (transaction) => {
          if ((await transaction.read('invitation', invitation)) !== undefined) return 'seen';
          transaction.create('invitation', invitation, invitationRow());
          return 'made';
        });
      const ends = await Promise.allSettled([make(), make()]);
      expect(ends.filter((end) => end.status === 'fulfilled' && end.value === 'made')).toHaveLength(1);
    });

    test('that read the same records and write distinct ones do not hinder one another', async () => {
      await store.create('door', { door: 'd1' }, doorRow());
      await store.create('door', { door: 'd2' }, doorRow());
      let runs = 0;
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.transact(async (transaction) => {
            runs += 1;
            await Promise.all([
              transaction.read('door', { door: 'd1' }),
              transaction.read('door', { door: 'd2' }),
              transaction.read('twin', { connection, twin: `w${index}` }),
            ]);
            transaction.put('twin', { connection, twin: `w${index}` }, twinRow());
          }),
        ),
      );
      expect(runs).toBe(20);
    });

    test('read before they write', async () => {
      await expect(
        store.transact(async (transaction) => {
          transaction.put('door', { door: 'd1' }, doorRow());
          await transaction.read('door', { door: 'd1' });
        }),
      ).rejects.toEqual(withCode('bug'));
    });

    test('are of the main database', async () => {
      await expect(store.transact((transaction) => transaction.read('key', { key: 'k-1' }))).rejects.toEqual(
        withCode('store-refused'),
      );
    });
  });

  describe('listings', () => {
    async function fill(codes: readonly string[]): Promise<void> {
      for (const [index, code] of codes.entries())
        await store.create('invitation', { code }, invitationRow({ expiresAt: index }));
    }

    test('come by id and in pages, and only the last has no next', async () => {
      await fill(['c', 'a', 'B', '10', '9', 'é']);
      const seen: string[] = [];
      let after: string | undefined;
      const lengths: number[] = [];
      do {
        const page = await store.list('invitation', {}, { limit: 2, ...(after === undefined ? {} : { after }) });
        seen.push(...paths(page));
        lengths.push(page.items.length);
        after = page.next;
      } while (after !== undefined);
      expect(seen).toEqual(['10', '9', 'B', 'a', 'c', 'é']);
      expect(lengths).toEqual([2, 2, 2]);
    });

    test('a page goes on after a record that is gone', async () => {
      await fill(['a', 'b', 'c']);
      const { next } = await store.list('invitation', {}, { limit: 2 });
      await store.remove('invitation', { code: 'b' });
      expect(paths(await store.list('invitation', {}, { limit: 2, ...(next && { after: next }) }))).toEqual(['c']);
    });

    test('a list keeps to its shelf', async () => {
      for (const tenant of ['t1', 't10', 't2'])
        await store.create('link', { tenant, issue: '1', connection: 'c' }, linkRow());
      expect(paths(await store.list('link', { tenant: 't1', issue: '1' }, { limit: 9 }))).toEqual(['t1/1/c']);
    });

    test('owned finds an owner’s records anywhere, in pages, by path', async () => {
      for (const tenant of ['t2', 't1'])
        for (const issue of ['1', '2']) await store.create('link', { tenant, issue, connection: 'c' }, linkRow());
      await store.create('link', { tenant: 't3', issue: '1', connection: 'c' }, linkRow({ owners: [other] }));
      const first = await store.owned('link', one, { limit: 3 });
      const second = await store.owned('link', one, { limit: 3, ...(first.next && { after: first.next }) });
      expect([...paths(first), ...paths(second)]).toEqual(['t1/1/c', 't1/2/c', 't2/1/c', 't2/2/c']);
      expect(second.next).toBeUndefined();
      expect(paths(await store.owned('link', other, { limit: 9 }))).toHaveLength(5);
      expect(paths(await store.owned('link', ownerOf(tenantId('t-00000001'), 11), { limit: 9 }))).toEqual([]);
    });

    test('due finds the lowest first, the limit’s instant included, and leaves out records without the field', async () => {
      for (const [id, wakeAt] of [
        ['w3', 30],
        ['w1', 10],
        ['w4', 31],
        ['w2', 10],
        ['w5', undefined],
      ] as const)
        await store.create('twin', { connection, twin: id }, twinRow(wakeAt === undefined ? {} : { wakeAt }));
      const ids = (await store.due('twin', 'wakeAt', 30, 9)).map(({ place }) => place.twin);
      expect(ids).toEqual(['w1', 'w2', 'w3']);
      expect((await store.due('twin', 'wakeAt', 30, 1)).map(({ place }) => place.twin)).toEqual(['w1']);
    });

    test('scan finds every record of a category, whatever it is below', async () => {
      for (const id of ['c2', 'c1']) await store.create('twin', { connection: id, twin: 'w' }, twinRow());
      await store.create(
        'connection',
        { connection: 'c1' },
        {
          owners: [one, other],
          a: { tenant: tenantId('t-00000001'), generation: 1 },
          b: { tenant: tenantId('t-00000002'), generation: 1 },
          state: 'active',
          activatedAt: 1,
          watermarkAt: 1,
        },
      );
      expect(paths(await store.scan('twin', { limit: 1 }))).toEqual(['c1/w']);
      expect(paths(await store.scan('twin', { limit: 9 }))).toEqual(['c1/w', 'c2/w']);
    });

    test('a collection of the same name elsewhere is not of the category', async () => {
      await store.create('twin', twin, twinRow({ wakeAt: 1 }));
      await backend.plant('(default)', 'elsewhere/x/twins/w9', { ...twinRow({ wakeAt: 1 }) });
      expect(paths(await store.scan('twin', { limit: 9 }))).toEqual([`${connection}/w1`]);
      expect(paths(await store.owned('twin', one, { limit: 9 }))).toEqual([`${connection}/w1`]);
    });

    test.each([[0], [-1], [1.5], [5_001], [Number.NaN]])('a page of %d is refused', async (limit) => {
      await expect(store.list('invitation', {}, { limit })).rejects.toEqual(withCode('store-refused'));
    });

    test.each([['x'], ['twins/x'], ['invitations//x'], ['']])('a page after %o is refused', async (after) => {
      await expect(store.list('invitation', {}, { limit: 1, after })).rejects.toEqual(withCode('store-refused'));
    });

    test('every category can be scanned, and every owned one asked by owner', async () => {
      for (const category of categories) {
        expect((await store.scan(category, { limit: 1 })).items).toEqual([]);
        const isOwned = Object.hasOwn(catalogue[category].fields, 'owners');
        if (isOwned) expect((await store.owned(category, one, { limit: 1 })).items).toEqual([]);
        else await expect(store.owned(category, one, { limit: 1 })).rejects.toEqual(withCode('store-refused'));
      }
    });
  });

  describe('beneath', () => {
    test('finds records below records that do not exist, and what the catalogue does not name, in order', async () => {
      await store.create('link', { tenant: 't1', issue: '1', connection: 'c' }, linkRow());
      await backend.plant('(default)', 'tenants/t1/unheard/of/deep/down', { any: 1 });
      await store.create('twin', { connection: 'c1', twin: 'w1' }, twinRow());
      await store.create('copy', { connection: 'c1', twin: 'w1', age: 'latest' }, copyRow());
      await store.create('door', { door: 'd' }, doorRow());
      const all = [
        'connections/c1/twins/w1',
        'connections/c1/twins/w1/copies/latest',
        'doors/d',
        'tenants/t1/issues/1/links/c',
        'tenants/t1/unheard/of/deep/down',
      ];
      expect(await store.beneath('', 99)).toEqual(all);
      expect(await store.beneath('connections/c1', 99)).toEqual(all.slice(0, 2));
      expect(await store.beneath('connections/c1/twins/w1', 99)).toEqual(all.slice(0, 2));
      expect(await store.beneath('tenants/t1', 99)).toEqual(all.slice(3));
      await expect(store.beneath('tenants', 99)).rejects.toMatchObject({ code: 'store-refused' });
      expect(await store.beneath('', 2)).toEqual(all.slice(0, 2));
      expect(await store.beneath('tenants/t', 99)).toEqual([]);
    });

    test('finds more records than are looked at together', async () => {
      for (let n = 10; n < 60; n += 1) await store.create('twin', { connection: 'c1', twin: `w${n}` }, twinRow());
      expect(await store.beneath('connections/c1', 99)).toHaveLength(50);
      expect(await store.beneath('connections/c1', 20)).toHaveLength(20);
    });
  });

  describe('walks', () => {
    test('tell of each record whose it says that it is, in pages that follow each other', async () => {
      await backend.plant('(default)', 'tenants/t1/unheard/of', { any: 1 });
      await backend.plant('(default)', 'tenants/t1/unheard/of/odd/x', { owners: [one, 7] });
      await backend.plant('(default)', 'tenants/t1', { owners: 'nobody' });
      await store.create('link', { tenant: 't1', issue: '1', connection: 'c' }, linkRow());
      await store.create('door', { door: 'd' }, doorRow());
      const all = [
        { path: 'tenants/t1', owners: [] },
        { path: 'tenants/t1/issues/1/links/c', owners: linkRow().owners },
        { path: 'tenants/t1/unheard/of', owners: [] },
        { path: 'tenants/t1/unheard/of/odd/x', owners: [one] },
      ];
      expect(await store.walk('tenants/t1', { limit: 4 })).toEqual({ items: all });
      for (const limit of [1, 2, 3]) {
        const met: unknown[] = [];
        let after: string | undefined;
        do {
          const page = await store.walk('tenants/t1', { limit, ...(after === undefined ? {} : { after }) });
          expect(page.items.length).toBeLessThanOrEqual(limit);
          met.push(...page.items);
          after = page.next;
        } while (after !== undefined);
        expect(met, `${limit}`).toEqual(all);
      }
      expect(await store.walk('doors/d', { limit: 9 })).toEqual({
        items: [{ path: 'doors/d', owners: doorRow().owners }],
      });
      expect(await store.walk('doors/never', { limit: 9 })).toEqual({ items: [] });
      expect((await store.walk('', { limit: 9 })).items).toHaveLength(5);
      for (const ask of [{ limit: 0 }, { limit: 5_001 }, { limit: 1, after: 'tenants' }])
        await expect(store.walk('', ask)).rejects.toMatchObject({ code: 'store-refused' });
    });
  });

  describe('removals by path', () => {
    test('take what the catalogue names and what it does not, there or not', async () => {
      await backend.plant('(default)', 'tenants/t1/unheard/of/deep/down', { any: 1 });
      await store.create('door', { door: 'd' }, doorRow());
      const paths = ['tenants/t1/unheard/of/deep/down', 'doors/d', 'doors/never'];
      await store.removeAt(paths);
      await store.removeAt(paths);
      expect(await store.beneath('', 9)).toEqual([]);
      await expect(store.removeAt(Array.from({ length: 501 }, () => 'doors/d'))).rejects.toMatchObject({
        code: 'store-refused',
      });
    });
  });

  describe('batches', () => {
    const seen = async (door: string): Promise<{ place: { door: string }; version: Version }> => {
      const stored = await store.read('door', { door });
      return { place: { door }, version: stored!.version };
    };

    test('replace and remove together, and tell the version of what was replaced', async () => {
      for (const door of ['d1', 'd2', 'd3']) await store.create('door', { door }, doorRow());
      const version = await store.batch([
        { kind: 'replace', category: 'door', ...(await seen('d1')), row: { ...doorRow(), generation: 8 } },
        { kind: 'remove', category: 'door', ...(await seen('d2')) },
      ]);
      const d1 = await store.read('door', { door: 'd1' });
      expect([d1?.row.generation, d1?.version]).toEqual([8, version]);
      expect(await store.beneath('', 9)).toEqual(['doors/d1', 'doors/d3']);
    });

    test('change nothing when one record is another by now, or gone', async () => {
      for (const door of ['d1', 'd2', 'd3']) await store.create('door', { door }, doorRow());
      const [one, two, three] = [await seen('d1'), await seen('d2'), await seen('d3')];
      await store.replace('door', two.place, { ...doorRow(), generation: 9 }, two.version);
      await store.remove('door', three.place);
      for (const other of [two, three]) {
        const batch = store.batch([
          { kind: 'remove', category: 'door', ...one },
          { kind: 'remove', category: 'door', ...other },
        ]);
        await expect(batch).rejects.toMatchObject({ code: 'store-changed' });
      }
      expect(await store.beneath('', 9)).toEqual(['doors/d1', 'doors/d2']);
    });

    test('of seen records need no content', async () => {
      await store.create('door', { door: 'd1' }, doorRow());
      const [owner] = doorRow().owners;
      const { items } = await store.ownedSeen('door', owner!, { limit: 9 });
      expect(items).toEqual([{ category: 'door', ...(await seen('d1')) }]);
    });
  });

  describe('the catalogue at run time', () => {
    const refused = withCode('store-refused');
    /** What the compiler would refuse; here it comes from outside the types. */
    const odd = (row: unknown): never => row as never;

    test.each([
      ['a field that is not declared', { ...invitationRow(), nickname: 'x' }, 'nickname'],
      ['a field that looks like content', { ...invitationRow(), 'Dear Ms Smith': 'x' }, '?'],
      ['a field of another kind', { ...invitationRow(), expiresAt: '1' }, 'expiresAt'],
      ['a number that is none', { ...invitationRow(), expiresAt: Number.NaN }, 'expiresAt'],
      ['a missing field', { ...invitationRow(), expiresAt: undefined }, 'expiresAt'],
      ['no owner', { ...invitationRow(), owners: [] }, 'owners'],
      ['an odd owner', { ...invitationRow(), owners: ['me'] }, 'owners'],
    ])('refuses %s', async (_what, row, field) => {
      const code = { code: 'store-refused', facts: { category: 'invitation', field } };
      await expect(store.create('invitation', invitation, odd(row))).rejects.toMatchObject(code);
      await expect(store.replace('invitation', invitation, odd(row), '1.1' as Version)).rejects.toMatchObject(code);
      await expect(store.transact(async (t) => t.put('invitation', invitation, odd(row)))).rejects.toMatchObject(code);
      expect(await store.read('invitation', invitation)).toBeUndefined();
    });

    test('S102 keeps the memory of a lane under its name, whatever an admin called the fields', async () => {
      const lanes = [
        'custom:text:Größe & Gewicht (kg)',
        'custom:option:in/out.put',
        'custom:text:a>b>priority',
        'custom:labels:主题>labels',
        `custom:richText:${'x'.repeat(255)}>description`,
      ];
      const fields = Object.fromEntries(lanes.map((lane) => [lane, { blocked: 'bug' as const }]));
      const row = twinRow({ fields, decided: Object.fromEntries(lanes.map((lane) => [lane, { in: 'd' }])) });
      await store.create('twin', twin, row);
      expect((await store.read('twin', twin))?.row).toEqual(row);
    });

    test.each([
      ['in a shape', { lease: { token: 'x', until: 1, by: 'me' } }, 'lease.by'],
      ['in a table', { fields: { summary: { text: 'content' } } }, 'fields.*.text'],
      ['as a name in a table', { fields: { 'Dear Ms Smith': {} } }, 'fields.*'],
      ['a choice that is none', { originSide: 'c' }, 'originSide'],
      ['undefined in an optional field', { wakeAt: undefined }, 'wakeAt'],
    ])('refuses what is not declared at depth: %s', async (_what, over, field) => {
      await expect(store.create('twin', twin, odd({ ...twinRow(), ...over }))).rejects.toMatchObject({
        code: 'store-refused',
        facts: { category: 'twin', field },
      });
    });

    test('refuses content where a sealed value belongs', async () => {
      const row = { ...copyRow(), a: 'The customer wrote this.' };
      const place = { ...twin, age: 'latest' };
      await expect(store.create('copy', place, odd(row))).rejects.toEqual(refused);
    });

    test.each([[''], ['.'], ['..'], ['a/b'], ['__x__'], ['x'.repeat(1_501)]])('refuses the id %o', async (code) => {
      await expect(store.create('invitation', { code }, invitationRow())).rejects.toEqual(refused);
      await expect(store.read('invitation', { code })).rejects.toEqual(refused);
    });

    test('refuses a category, an id and a field that the catalogue does not name', async () => {
      await expect(store.read(odd('people'), odd({}))).rejects.toEqual(refused);
      await expect(store.read(odd('constructor'), odd({}))).rejects.toEqual(refused);
      await expect(store.read('twin', odd({ ...twin, more: 'x' }))).rejects.toEqual(refused);
      await expect(store.due('twin', odd('owners'), 1, 1)).rejects.toEqual(refused);
    });

    test('refuses at compile time, too', () => {
      // Never called: the comments are the test.
      const never = async (): Promise<void> => {
        // @ts-expect-error there is no such category
        await store.read('people', { person: 'x' });
        // @ts-expect-error a twin is addressed by two ids
        await store.read('twin', { twin: 'x' });
        // @ts-expect-error the field is not declared
        await store.create('invitation', invitation, { ...invitationRow(), nickname: 'x' });
        // @ts-expect-error the field is text
        await store.create('invitation', invitation, { ...invitationRow(), expiresAt: 'x' });
        // @ts-expect-error the sealed field takes sealed values only
        await store.create('copy', { ...twin, age: 'latest' }, { ...copyRow(), a: 'text' });
        // @ts-expect-error the field is no number
        await store.due('twin', 'owners', 1, 1);
      };
      expect(never).toBeTypeOf('function');
    });

    test('a stored record that is not what the catalogue says is not handed on', async () => {
      await backend.plant('(default)', 'invitations/i1', { ...invitationRow(), nickname: 'x' });
      const code = { code: 'store-record-odd', facts: { category: 'invitation', field: 'nickname' } };
      await expect(store.read('invitation', invitation)).rejects.toMatchObject(code);
      await expect(store.list('invitation', {}, { limit: 9 })).rejects.toMatchObject(code);
    });

    test('a record above the limit is refused before it is sent', async () => {
      const place = { ...twin, age: 'latest' };
      await expect(store.create('copy', place, copyRow(1_040_000))).rejects.toEqual(withCode('row-too-large'));
      await store.create('copy', place, copyRow(1_030_000));
    });

    test('a transaction above the limit of one commit is refused before it is sent', async () => {
      const write = (count: number) =>
        store.transact(async (transaction) => {
          for (let n = 0; n < count; n += 1) transaction.put('copy', { ...twin, age: `${n}` }, copyRow(1_000_000));
        });
      await expect(write(4)).rejects.toEqual(withCode('row-too-large'));
      expect(await store.beneath('', 9)).toEqual([]);
      await write(3);
    });
  });
});
