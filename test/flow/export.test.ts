/** A customer takes its data away: everything that the catalogue says, nothing of anybody else, and whole or not at all. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { ownerOf } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { catalogue, categories, rowOf } from '../../shared/retention/catalogue.ts';
import { isOwned } from '../../shared/retention/address.ts';
import { exportedCategories } from '../../shared/retention/export.ts';
import { Fault } from '../../shared/verdict.ts';
import { exportPage, readExport } from '../../shared/wire/exportFile.ts';
import type { ExportRecord, ReadExport } from '../../shared/wire/exportFile.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import { A, AA, AB, B, C, CC, clientKeyOf } from '../kit/purgeWorld.ts';
import { CANARY, fillEverything } from '../kit/records.ts';

let world: ConsoleWorld;

beforeEach(async () => {
  world = new ConsoleWorld();
  const tenancy = { state: 'active', markedAt: undefined, evidence: undefined, dueAt: undefined } as const;
  const tenants = [A, B, C].map((ref) => ({ ref, clientKey: clientKeyOf(ref), tenancy }));
  await fillEverything(world, tenants, [AB, AA, CC]);
  for (const { tenant } of [A, B, C]) world.jira.open(tenant, 'boss', []);
});

/** All pages of an export, put behind each other. */
async function fileOf(ref: TenantRef): Promise<string> {
  let text = '';
  let next: string | undefined;
  do {
    const query = next === undefined ? '' : `?after=${next}`;
    const { status, body } = await world.api('GET', `/export${query}`, { ...ref, account: 'boss' });
    expect(status).toBe(200);
    const page = exportPage.parse(body);
    text += page.lines;
    next = page.next;
  } while (next !== undefined);
  return text;
}

async function readBack(text: string): Promise<ReadExport & { readonly records: readonly ExportRecord[] }> {
  const records: ExportRecord[] = [];
  const read = await readExport(text.split('\n'), (record) => records.push(record));
  return { ...read, records };
}

describe('an export', () => {
  test('R40 holds every record of every category that the catalogue gives away, with its values opened', async () => {
    const { records, counts } = await readBack(await fileOf(A));
    expect(Object.keys(counts)).toEqual(exportedCategories);
    const owner = ownerOf(A.tenant, A.generation);
    for (const category of exportedCategories) {
      const stored = await world.store.owned(category, owner, { limit: 1_000 });
      const own = stored.items.filter(({ place }) => !('tenant' in place) || place.tenant === A.tenant);
      // That somebody has fetched the export is counted when it is made.
      const since = category === 'usage' ? 1 : 0;
      expect(counts[category], category).toBe(own.length - since);
      const sealed = Object.entries(rowOf(category).fields).flatMap(([name, { kind }]) =>
        kind === 'sealed' ? [name] : [],
      );
      for (const { category: of, row } of records)
        if (of === category)
          for (const name of sealed)
            if (row[name] !== undefined && of !== 'decision') expect(JSON.stringify(row[name])).toContain(CANARY);
    }
    expect(records.find(({ category }) => category === 'half')?.row['settings']).toBe(`${CANARY} ${A.tenant} settings`);
  });

  test('R40 says the same as what is stored: no plain field of an own record is missing or changed', async () => {
    const { records } = await readBack(await fileOf(C));
    const half = records.find(({ category }) => category === 'intervention');
    const stored = await world.store.owned('intervention', ownerOf(C.tenant, C.generation), { limit: 1 });
    const { owners: _owners, ...row } = stored.items[0]?.row as RecordOf<'intervention'>;
    expect(half).toEqual({ kind: 'record', category: 'intervention', id: stored.items[0]?.place, row });
  });

  test('R41 holds no secret, no key, and nothing that is called after another customer', async () => {
    const text = await fileOf(A);
    for (const name of ['sharedSecret', 'previousSecret', 'wrapped', 'owners', 'lease'])
      expect(text).not.toContain(`"${name}":`);
    for (const { tenant } of [B, C]) expect(text).not.toContain(`"${tenant}"`);
    expect(text).not.toContain(clientKeyOf(B));
    expect(exportedCategories.filter((category) => rowOf(category).database !== '(default)')).toEqual([]);
  });

  test('R41 gives of a shared record the own side, and both sides of a connection inside one site', async () => {
    const ofB = await readBack(await fileOf(B));
    const [copy] = ofB.records.filter(({ category }) => category === 'copy');
    expect(copy?.row['b']).toContain(CANARY);
    expect(copy?.row['a']).toBeUndefined();
    const [trace] = ofB.records.filter(({ category }) => category === 'trace');
    const [row] = trace?.row['rows'] as readonly Record<string, unknown>[];
    expect(Object.keys(row ?? {}).toSorted()).toEqual(['anew', 'b', 'bFor', 'bHash', 'bSent', 'blocked', 'origin']);
    const [connection] = ofB.records.filter(({ category }) => category === 'connection');
    expect(connection?.row['b']).toEqual(B);
    expect(connection?.row['a']).toBeUndefined();
    const ofC = await readBack(await fileOf(C));
    const inside = ofC.records.find(({ category }) => category === 'copy');
    expect(inside?.row['a']).toContain(CANARY);
    expect(inside?.row['b']).toContain(CANARY);
  });

  test('R41 gives of a decision between two customers the own issue and rules only', async () => {
    const { exportedRow } = await import('../../shared/retention/export.ts');
    const content = { input: { a: 'mine', b: 'theirs', rules: { a: 'my rules', b: 'their rules' } }, steps: 'both' };
    const row = {
      at: 1,
      rulesA: 1,
      rulesB: 2,
      rows: [{ lane: 'summary', why: 'birth', to: 'a', nowA: 'x', nowB: 'y' }],
    };
    expect(exportedRow('decision', row, { content }, { ...A, sides: ['a'] })).toEqual({
      ...{ at: 1, rulesA: 1, rows: [{ lane: 'summary', why: 'birth', to: 'a', nowA: 'x' }] },
      content: { input: { a: 'mine', rules: { a: 'my rules' } } },
    });
    expect(exportedRow('decision', row, { content }, { ...A, sides: ['a', 'b'] })['content']).toEqual(content);
  });

  test('R42 is read back equal and valid against the schema that it carries, also by another reader of schemas', async () => {
    const text = await fileOf(A);
    const { header, records, counts } = await readBack(text);
    const ajv = new Ajv2020({ strict: false });
    const checks = new Map(Object.entries(header.schema.$defs).map(([name, schema]) => [name, ajv.compile(schema)]));
    for (const { category, row } of records) expect(checks.get(category)?.(row), category).toBe(true);
    expect(records.map((record) => JSON.stringify(record)).join('\n')).toBe(text.split('\n').slice(1, -2).join('\n'));
    expect(Object.values(counts).reduce((sum, some) => sum + some, 0)).toBe(records.length);
    const [first] = records;
    expect(checks.get(first?.category ?? '')?.({ ...first?.row, surplus: 1 })).toBe(false);
  });

  test('R42 is refused when any line is missing, changed, twice or in another place', async () => {
    const lines = (await fileOf(C)).trimEnd().split('\n');
    const broken = (changed: readonly string[]): Promise<unknown> =>
      readExport(changed).then(
        () => 'whole',
        (thrown: unknown) => (thrown instanceof Fault ? thrown.code : 'other'),
      );
    expect(await broken(lines)).toBe('whole');
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: lines.length - 1 }), fc.constantFrom('drop', 'twice', 'edit'), async (at, how) => {
        const line = lines[at] ?? '';
        const put = { drop: [], twice: [line, line], edit: [line.replace(/canary|installed|"at"/, 'x')] }[how];
        fc.pre(how !== 'edit' || put[0] !== line);
        expect(await broken([...lines.slice(0, at), ...put, ...lines.slice(at + 1)])).toBe('export-broken');
      }),
    );
  });

  test('R43 comes in pages of bounded size, and whole pages put behind each other are the file', async () => {
    const owner = ownerOf(C.tenant, C.generation);
    const key = `${CC.id}~${owner}~${owner}` as never;
    for (let n = 0; n < 12; n += 1) {
      const place = { connection: CC.id, twin: `w-${String(n).padStart(32, '0')}`, age: 'latest' };
      const a = await world.keys.seal(key, `copy.a:${CC.id}/${place.twin}`, 'x'.repeat(700_000));
      await world.store.create('copy', place, { owners: [owner], a, readAt: 1 });
    }
    const sizes: number[] = [];
    let next: string | undefined;
    let text = '';
    do {
      const answer = await world.api('GET', `/export${next === undefined ? '' : `?after=${next}`}`, {
        ...C,
        account: 'boss',
      });
      const page = exportPage.parse(answer.body);
      sizes.push(page.lines.length);
      text += page.lines;
      next = page.next;
    } while (next !== undefined);
    expect(sizes.length).toBe(3);
    expect(Math.max(...sizes)).toBeLessThan(4_194_304 + 1_048_576);
    const { counts } = await readBack(text);
    expect(counts['copy']).toBe(12 + 2);
  });

  test('R43 is given while the deletion is marked, and not once the purge has begun', async () => {
    const caller = { ...A, account: 'boss' };
    await world.change(A.tenant, { state: 'marked', markedAt: 1, evidence: 'licence-ended', dueAt: 2 });
    expect((await world.api('GET', '/export', caller)).status).toBe(200);
    await world.change(A.tenant, { state: 'purging' });
    expect((await world.api('GET', '/export', caller)).body).toMatchObject({ code: 'site-not-ready' });
  });

  test('R43 refuses a cursor that is none', async () => {
    const caller = { ...A, account: 'boss' };
    for (const cursor of ['x', Buffer.from('{"category":"key"}').toString('base64url')])
      expect((await world.api('GET', `/export?after=${cursor}`, caller)).body).toMatchObject({ code: 'body-invalid' });
    const zeros = '0'.repeat(64);
    const elsewhere = { at: 1, category: 'twin', after: 'tenants/t-00000002', counts: {}, hash: zeros };
    const text = Buffer.from(JSON.stringify(elsewhere)).toString('base64url');
    expect((await world.api('GET', `/export?after=${text}`, caller)).body).toMatchObject({ code: 'body-invalid' });
    for (const category of ['key', 'door', 'nonsense']) {
      const odd = Buffer.from(JSON.stringify({ at: 1, category, counts: {}, hash: zeros })).toString('base64url');
      expect((await world.api('GET', `/export?after=${odd}`, caller)).body).toMatchObject({ code: 'body-invalid' });
    }
  });

  test('R40 is decided for each category of a customer: what is left out is a secret, a way in, made from the rest, or gone within days', () => {
    const left = categories.filter(isOwned).filter((category) => !rowOf(category).inExport);
    for (const category of left)
      expect(['door', 'invitation', 'key', 'person', 'account', 'census']).toContain(category);
    expect(catalogue.tenant.inExport).toBe(true);
  });
});
