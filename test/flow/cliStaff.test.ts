/** The staff commands of the command line, over real HTTP and the local routes, with every category filled. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { staffRoutes } from '../../infra/local/page/staff.ts';
import { takeBundle } from '../../functions/console/support.ts';
import { accountId, ownerOf, reportId, tenantKey } from '../../shared/model/ids.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { meaningOf, toFault } from '../../shared/verdict.ts';
import { commandLine } from '../kit/commandLine.ts';
import type { Answered, Asked, CommandLine } from '../kit/commandLine.ts';
import { NoticeWorld } from '../kit/noticeWorld.ts';
import { A, B, PurgeWorld } from '../kit/purgeWorld.ts';

let world: PurgeWorld;
let line: CommandLine;
let folder: string;

beforeEach(async () => {
  world = await new PurgeWorld().fill();
  folder = await mkdtemp(join(tmpdir(), 'twinline-test-'));
  line = await commandLine(answer);
});
afterEach(() => line.close());

async function answer({ url, text }: Asked): Promise<Answered> {
  if (url === '/receipts/key') return { status: 200, text: world.publicKey };
  if (url.startsWith('/console/support/')) return taken(url);
  const path = url.replace('/local', '');
  const [, work] = staffRoutes.find(([pattern]) => pattern.test(path)) ?? [];
  if (work === undefined) return { status: 404, text: '{}' };
  const baseUrl = (await world.store.read('tenant', { tenant: A.tenant }))?.row.baseUrl ?? '';
  try {
    const body: unknown = JSON.parse(text);
    return { status: 200, text: JSON.stringify(await work(world, body, () => ({ baseUrl }))) };
  } catch (thrown) {
    const { code } = toFault(thrown);
    return { status: meaningOf(code).http, text: JSON.stringify({ code, says: meaningOf(code).says }) };
  }
}

/** What the public link answers. */
async function taken(url: string): Promise<Answered> {
  const [, , , tenant = '', generation = '', token = ''] = url.split('/');
  try {
    const { body } = await takeBundle(world.ports, { params: { tenant, generation, token } } as never);
    return { status: 200, text: String(body) };
  } catch (thrown) {
    return { status: meaningOf(toFault(thrown).code).http, text: '' };
  }
}

const run = (...typed: string[]) => line.run(...typed);

async function granted(): Promise<string> {
  const asking = [
    '--by',
    'op-anna',
    '--site',
    'alpha',
    '--purpose',
    'support',
    '--ticket',
    'SUP-7',
    '--category',
    'twin',
  ];
  const { out } = await run('access', 'ask', ...asking, '--json');
  const { grant } = JSON.parse(out) as { readonly grant: string };
  expect((await run('access', 'agree', grant, '--by', 'op-anna')).out).toContain('(second-person)');
  expect((await run('access', 'agree', grant, '--by', 'op-ben', '--hours', '2')).out).toContain(
    `${grant} allows twin until`,
  );
  return grant;
}

test('access is asked for, agreed to, used, reported and ended', async () => {
  const grant = await granted();
  const shown = await run('access', 'read', grant, '--by', 'op-anna', '--category', 'twin');
  expect(shown.out).toContain('connections/c-00000001/twins/');
  const refused = await run('access', 'read', grant, '--by', 'op-anna', '--category', 'copy');
  expect(refused).toMatchObject({ exit: 1, out: expect.stringContaining('(grant-scope)') });
  const report = await run('access', 'report', '--by', 'op-ben');
  expect(report.exit).toBe(0);
  expect(report.out).toContain('op-anna (agreed by op-ben)  support SUP-7');
  expect(report.out).toContain('1 reads, 0 deeds, 1 refused, 0 without a grant that covers them.');
  expect(report.out).toContain('The trail is whole.');
  expect((await run('access', 'end', grant, '--by', 'op-ben')).out).toBe(`${grant} has ended.`);
  expect((await run('access', 'agree', grant, '--by', 'op-ben', '--hours', 'x')).exit).toBe(2);
});

test('a trail is exported and verified; an edited one, and one that was cut since an older head, fail', async () => {
  const grant = await granted();
  const file = join(folder, 'trail.json');
  const head = join(folder, 'head.json');
  await run('access', 'read', grant, '--by', 'op-anna', '--category', 'twin');
  expect((await run('trail', 'export', file)).out).toContain('3 entries');
  expect(await run('trail', 'verify', file)).toMatchObject({
    exit: 0,
    out: expect.stringContaining('WHOLE  3 entries'),
  });
  const text = await readFile(file, 'utf8');
  await writeFile(head, JSON.stringify((JSON.parse(text) as { readonly head: unknown }).head));
  await writeFile(file, text.replace('op-anna', 'op-anne'));
  expect(await run('trail', 'verify', file)).toMatchObject({ exit: 1, out: expect.stringContaining('(trail-broken)') });

  // Who can write to the store takes the read out and has the rest signed anew: the older head tells.
  await world.store.remove('trail', { number: '0000000003' });
  await world.store.remove('trailEnd', { end: 'newest' });
  await run('trail', 'export', file);
  expect((await run('trail', 'verify', file)).exit).toBe(0);
  expect(await run('trail', 'verify', file, '--head', head)).toMatchObject({
    exit: 1,
    out: expect.stringContaining('(trail-cut)'),
  });
  expect((await run('trail', 'verify', join(folder, 'none'))).exit).toBe(2);
});

test('an incident is opened, its tenants are listed by the trail, letters are drafted, and what is late is told', async () => {
  const grant = await granted();
  await run('access', 'read', grant, '--by', 'op-anna', '--category', 'twin');
  const who = ['--by', 'op-anna', '--ticket', 'INC-1'];
  const day = new Date(world.now - 86_400_000).toISOString().slice(0, 10);
  const until = new Date(world.now + 86_400_000).toISOString().slice(0, 10);
  const { out } = await run('case', 'open', 'incident', ...who, '--from', day, '--until', until, '--json');
  const id = (JSON.parse(out) as { readonly case: string }).case;
  expect((await run('case', 'step', id, 'affected', ...who)).out).toContain(`of ${A.tenant}#1`);
  expect((await run('case', 'drafts', id, ...who)).out).toContain('Notice of an incident (INC-1)');
  for (const ref of [A, B]) await world.change(ref, { baseUrl: `https://${ref.tenant}.atlassian.net` });
  const dry = await run('case', 'send', id, ...who, '--dry-run');
  expect(dry.out).toContain(`${A.tenant}#1  ready  Twinline: notice of an incident (INC-1)`);
  expect(dry.out).toContain('  Kinds of data, as our privacy statement lists them: twin (');
  expect(dry.out).toContain('Nothing was sent.');
  expect((await run('case', 'send', id, ...who)).out).toContain('Those that were ready are on their way');
  expect(world.notices).toMatchObject([
    { what: 'incident', case: id },
    { what: 'incident', case: id },
  ]);
  expect((await run('case', 'list')).exit).toBe(0);
  world.now += 86_400_001;
  expect(await run('case', 'list')).toMatchObject({ exit: 1, out: expect.stringContaining('acknowledged by') });
  expect((await run('case', 'open', 'incident', ...who, '--from', 'yesterday')).exit).toBe(2);
});

test('a hold is asked for, agreed to by another, and renewed', async () => {
  const who = [
    '--by',
    'op-anna',
    '--site',
    'alpha',
    '--basis',
    'court-order',
    '--role',
    'legal',
    '--ticket',
    'LEGAL-1',
  ];
  const { out } = await run('hold', 'ask', ...who, '--category', 'copy', '--json');
  const { hold } = JSON.parse(out) as { readonly hold: string };
  expect((await run('hold', 'agree', hold, '--by', 'op-anna')).out).toContain('(second-person)');
  expect((await run('hold', 'agree', hold, '--by', 'op-ben')).out).toContain(`${hold} is held until`);
  expect((await run('hold', 'renew', hold, '--by', 'op-ben')).exit).toBe(0);
});

test('a customer’s data are deleted early, and kept, under a grant that a second person agreed to', async () => {
  world = await new NoticeWorld().open();
  const asking = ['--by', 'op-anna', '--site', 'alpha', '--ticket', 'PRIV-7'];
  const { out } = await run(
    'access',
    'ask',
    ...asking,
    '--purpose',
    'deletion-request',
    '--category',
    'deletion',
    '--json',
  );
  const { grant } = JSON.parse(out) as { readonly grant: string };
  const order = ['delete-tenant', grant, '--by', 'op-anna', '--authority', 'signed-letter'];
  expect(await run(...order)).toMatchObject({ exit: 1, out: expect.stringContaining('(grant-open)') });
  await run('access', 'agree', grant, '--by', 'op-ben');
  expect((await run('delete-tenant', grant, '--by', 'op-anna', '--authority', 'hearsay')).exit).toBe(1);
  expect((await run('delete-tenant', grant, '--by', 'op-anna')).exit).toBe(2);
  expect((await run(...order)).out).toContain('in 24 hours; until then it can be taken back');
  expect((await run('keep-tenant', grant, '--by', 'op-anna')).out).toBe('Nothing is to be deleted.');
  const report = await run('access', 'report', '--by', 'op-ben');
  expect(report.out).toContain('op-anna (agreed by op-ben)  deletion-ordered PRIV-7');
  expect(report.out).toContain('op-anna (agreed by op-ben)  deletion-withdrawn PRIV-7');
  expect(report.out).toContain('0 reads, 2 deeds, 1 refused, 0 without a grant that covers them.');
});

test('a link to a bundle is good once; the copy is on the register until it is deleted, and the report of access knows it', async () => {
  const report = await reported();
  const who = ['--by', 'op-anna', '--site', 'alpha'];
  expect(await run('support', 'link', report, ...who, '--ticket', 'SUP-8')).toMatchObject({
    exit: 1,
    out: expect.stringContaining('(not-found)'),
  });
  const { exit, out } = await run('support', 'link', report, ...who, '--ticket', 'SUP-9');
  expect(exit).toBe(0);
  expect(out).toContain('Good once, until ');
  const [link = ''] = out.split('\n');
  expect((await run('support', 'copies')).out).not.toContain('SUP-9');
  expect(await (await fetch(link)).text()).toBe('{"kept":{}}');
  expect((await fetch(link)).status).toBe(404);
  const copies = (await run('support', 'copies')).out;
  const [, copy = ''] = /^(\S+) {2}SUP-9 {2}op-anna {2}to be deleted by /m.exec(copies) ?? [];
  expect(copy).not.toBe('');
  expect((await run('support', 'deleted', copy)).out).not.toContain('SUP-9');
  expect(await run('support', 'deleted', 'nothing')).toMatchObject({ exit: 1 });
  const access = await run('access', 'report', '--by', 'op-ben');
  expect(access.out).toContain('op-anna (agreed by the customer)  support SUP-9  0 of bundle');
  expect(access.out).toContain('0 without a grant that covers them.');
  expect(access.exit).toBe(0);
});

/** A report of A whose ticket is open. */
async function reported(): Promise<string> {
  const report = reportId('s-00000077');
  const owner = ownerOf(A.tenant, A.generation);
  const seal = (name: Parameters<typeof contextOf>[0], value: string) =>
    world.keys.seal(tenantKey(owner), contextOf(name, A.tenant, report), value);
  const place = { tenant: A.tenant, report };
  await world.store.create('report', place, {
    ...{ owners: [owner], state: 'open', by: accountId('boss'), hash: 'h', shownAt: 0, tries: 1, ticket: 'SUP-9' },
    address: await seal('report.address', 'ann@customer.example'),
    message: await seal('report.message', 'words'),
  });
  const content = await seal('bundle.content', '{"kept":{}}');
  await world.store.create('bundle', { ...place, bundle: 'shown' }, { owners: [owner], content });
  return report;
}
