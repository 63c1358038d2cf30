/** The command line against the console function, over real HTTP. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { runId } from '../../shared/model/drift.ts';
import { connectionId, issueId, ownerOf, twinId } from '../../shared/model/ids.ts';
import { noLag, withLag } from '../../shared/model/lag.ts';
import { commandLine } from '../kit/commandLine.ts';
import type { Answered, Asked, CommandLine } from '../kit/commandLine.ts';
import { ConsoleWorld, tokenOf } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';
import { twinRow } from '../kit/rows.ts';

let world: ConsoleWorld;
let people: Readonly<Record<string, Caller>>;
let line: CommandLine;
/** What the stack's own addresses were asked. */
let asked: string[];

beforeEach(async () => {
  world = new ConsoleWorld();
  people = { alpha: await world.install('alpha', ['ALPHA']), beta: await world.install('beta', ['BETA']) };
  asked = [];
  line = await commandLine(answer);
});
afterEach(() => line.close());

async function answer({ method, url, authorization, text }: Asked): Promise<Answered> {
  const body = text === '' ? undefined : (JSON.parse(text) as Readonly<Record<string, unknown>>);
  if (!url.startsWith('/local')) return world.send(method, url, authorization, body);
  const person = people[String(body?.['site'])];
  if (url === '/local/token') {
    return person === undefined
      ? { status: 404, text: JSON.stringify({ code: 'not-found', says: 'There is no such site.' }) }
      : { status: 200, text: JSON.stringify({ token: tokenOf(person) }) };
  }
  asked.push(`${url} ${text}`);
  return { status: 200, text: '{}' };
}

const run = (...typed: string[]) => line.run(...typed);

const json = async (...typed: string[]): Promise<Readonly<Record<string, string>>> => {
  const { exit, out } = await run(...typed, '--json');
  expect(exit).toBe(0);
  return JSON.parse(out) as Readonly<Record<string, string>>;
};

async function connected(): Promise<string> {
  const made = await json('connect', 'invite', '--site', 'alpha', '--project', 'ALPHA', '--name', 'to beta');
  const { exit, out } = await run(
    'connect',
    'accept',
    made['code'] ?? '',
    '--site',
    'beta',
    '--project',
    'BETA',
    '--name',
    'b',
  );
  expect(out).toContain('active');
  expect(exit).toBe(0);
  return made['connection'] ?? '';
}

test('connects two sites, steers the connection and brings an issue under sync', async () => {
  const id = await connected();
  const alpha = ['--site', 'alpha', '--connection', id];
  expect((await run('connections', '--site', 'alpha')).out).toContain(`${id}  side a  active`);
  expect((await run('connections', ...alpha)).out).toContain('rules     version 1');
  expect((await run('pause', ...alpha)).out).toBe(`${id} is paused.`);
  expect((await run('resume', ...alpha)).out).toBe(`${id} is active.`);
  world.jira.sites.get(people['alpha']!.tenant)?.issues.set('ALPHA-1', '10001');
  expect((await run('sync', 'ALPHA-1', ...alpha)).out).toBe('Issue 10001 comes under sync.');
  expect((await run('twins', ...alpha)).out).toBe('No twins.');
  expect((await run('end', ...alpha)).out).toBe(`${id} is ended.`);
});

test('shows rules and sets them from a file; problems come with their places', async () => {
  const alpha = ['--site', 'alpha', '--connection', await connected()];
  expect(await json('rules', 'show', ...alpha)).toEqual(defaultRules());
  const file = join(await mkdtemp(join(tmpdir(), 'twinline-test-')), 'rules.json');
  await writeFile(file, JSON.stringify({ ...defaultRules(), comments: false }));
  expect((await run('rules', 'set', file, ...alpha)).out).toContain('Version 2 is active.');
  await writeFile(file, JSON.stringify({ ...defaultRules(), version: 2, fields: [{ field: 'x', policy: 'a' }] }));
  const refused = await run('rules', 'set', file, ...alpha);
  expect(refused.exit).toBe(1);
  expect(refused.out).toContain('fields.0.field: This field is not one that can be synced. (field-unknown)');
});

test('leads a version from draft to active and back', async () => {
  const alpha = ['--site', 'alpha', '--connection', await connected()];
  const file = join(await mkdtemp(join(tmpdir(), 'twinline-test-')), 'rules.json');
  const write = (document: unknown): Promise<void> => writeFile(file, JSON.stringify(document));
  const of = async (...typed: string[]): Promise<string> => (await run('rules', ...typed, ...alpha)).out;
  await write({ ...defaultRules(), comments: false });
  expect(await of('draft', file)).toBe('Version 2 is a draft.');
  expect(await of('publish', '2')).toContain('(state-refused)');
  await write({ ...defaultRules(), comments: false, worklogs: false });
  expect(await of('edit', file, '--version', '2', '--revision', '0')).toBe('Version 2 is a draft (revision 1).');
  expect(await of('edit', file, '--version', '2', '--revision', '0')).toContain('(store-changed)');
  expect(await of('check', '2')).toMatch(/^Version 2 is checked \(revision 1\)\.\n {2}fields\.6\.field: Warning: /);
  expect(await of('diff', '2')).toBe('+ worklogs: false\n~ comments: true → false'.split('\n').toReversed().join('\n'));
  expect(await of('publish', '2')).toContain('Version 2 is active');
  expect(await of('restore', '1')).toMatch(
    /^Version 3 is waiting\.\nIt waits .*\n {2}Comments are sent\. \(comments-leave\)/,
  );
  const beta = ['--site', 'beta', '--connection', alpha[3] ?? ''];
  const shown = (await run('rules', 'agreement', ...beta)).out;
  expect(shown).toContain('The partner may send: summary, description');
  expect(shown).toContain(
    'asks for its version 3 (--revision 0), which widens:\n  Comments are sent. (comments-leave)',
  );
  const agreed = await run('rules', 'agree', '3', '--revision', '0', ...beta);
  expect(agreed.out).toBe('The partner’s version 3 was agreed.');
  expect(await of('diff', '3', '--with', '1')).toBe('Versions 1 and 3 say the same.');
  expect(await of('versions')).toMatch(
    /^ {3}3 {2}active .*content of 1 .*asked .* by boss, agreed .*\n {3}2 {2}older .*\n {3}1 {2}older/,
  );
  expect(await of('show', '--version', '2')).toContain('"comments": false');
  const previewed = await of('preview', '--version', '2', '--issues', 'ALPHA-1,10002');
  expect(previewed).toContain(
    'ALPHA-1  error (not-found)\n10002  error (not-found)\n2 issues: would create 0, update 0',
  );
  await write(defaultRules());
  expect(await of('draft', file)).toContain('(store-changed)');
  await write({ ...defaultRules(), version: 3 });
  expect(await of('draft', file)).toBe('Version 4 is a draft.');
  expect(await of('withdraw', '4')).toBe('Version 4 is withdrawn.');
  expect(await of('diff', '9')).toContain('(not-found)');
});

test('shows and changes the triggers', async () => {
  const alpha = ['--site', 'alpha', '--connection', await connected()];
  const of = async (...typed: string[]): Promise<string> => (await run('triggers', ...typed, ...alpha)).out;
  expect(await of()).toBe('triggers  active\ncreate    the whole project\nupdate    no');
  expect(await of('--on-update', 'labels = share', '--on-create', 'no', '--off')).toBe(
    'triggers  off: nothing comes under sync by itself\ncreate    no\nupdate    labels = share',
  );
  expect(await of('--on', '--on-update', 'no', '--scope', 'type = Bug', '--on-create', 'yes')).toBe(
    'triggers  active\ncreate    type = Bug\nupdate    no',
  );
  expect(await of('--on-update', 'a) OR (b')).toContain('Look at: triggers.onUpdate. (query-refused)');
  expect(await of('--on-create', 'maybe')).toContain('yes or no');
  expect(await of()).toContain('update    no');
});

test('takes a pair afresh and ends it, by its issue or its own id', async () => {
  const connection = await connected();
  const alpha = ['--site', 'alpha', '--connection', connection];
  const tenant = people['alpha']?.tenant ?? '';
  world.jira.sites.get(people['alpha']?.tenant as never)?.issues.set('ALPHA-1', '10001');
  expect((await run('resync', 'ALPHA-1', ...alpha)).out).toContain('Look at: twin. (not-found)');
  const row = twinRow({ connection: connectionId(connection), a: issueId('10001') });
  await world.store.create('twin', { connection, twin: row.twin }, row);
  const link = { owners: row.owners, twin: row.twin, connection: row.connection, issue: issueId('10001') };
  await world.store.create('link', { tenant, issue: '10001', connection }, link);
  const before = world.published.length;
  expect((await run('resync', 'ALPHA-1', ...alpha)).out).toBe(`${row.twin} is taken afresh.`);
  expect((await run('unlink', row.twin, ...alpha)).out).toBe(`${row.twin} ends when it is in step.`);
  expect((await run('unlink', '10001', '--force', ...alpha)).out).toBe(`${row.twin} ends.`);
  expect(world.published.slice(before)).toMatchObject([
    { topic: 'sync-jobs', kind: 'sync-twin', connection, twin: row.twin, isAfresh: true },
    { topic: 'sync-jobs', kind: 'unlink-twin', connection, twin: row.twin },
    { topic: 'sync-jobs', kind: 'unlink-twin', connection, twin: row.twin, isForced: true },
  ]);
  await run('pause', ...alpha);
  expect((await run('unlink', row.twin, ...alpha)).out).toContain('(state-refused)');
});

test('starts bulk work, watches and steers it, and prints its tables', async () => {
  const alpha = ['--site', 'alpha', '--connection', await connected()];
  const of = async (...typed: string[]): Promise<string> => (await run(...typed, ...alpha)).out;
  expect(await of('jobs')).toBe('No bulk work.');
  expect(await of('job', 'share', '--jql', 'labels = x', '--dry-run')).toBe(
    'share     counting (dry run)  nothing yet',
  );
  expect(await of('job', 'share')).toContain('(job-open)');
  expect(await of('job', 'pause', 'share')).toBe('share     paused (dry run)  nothing yet');
  expect(await of('job', 'resume', 'share')).toContain('counting');
  expect(await of('job', 'cancel', 'share')).toContain('cancelled');
  expect(await of('job', 'failures', 'share')).toBe('side,issue,twin,line,code');
  const file = join(await mkdtemp(join(tmpdir(), 'twinline-test-')), 'pairs.csv');
  await writeFile(file, 'local,remote\nALPHA-1,BETA-2\nnonsense,"BETA-3"\n');
  expect(await of('job', 'connect', '--file', file, '--start', 'hold')).toBe('connect   running  nothing yet of 2');
  expect(await of('job', 'lines', 'connect')).toBe('a,b,line,end,code\nALPHA-1,BETA-2,2,,\n,BETA-3,3,,');
  expect((await of('jobs')).split('\n').map((line) => line.split(' ')[0])).toEqual(['share', 'connect']);
  expect(await of('job', 'cancel', 'connect')).toContain('cancelled');
  expect(await of('pair', 'ALPHA-1,BETA-2')).toContain('running');
  expect(await of('pair', 'ALPHA-1,BETA-2', '--start', 'sideways')).toContain('Look at: start. (body-invalid)');
  expect(await of('job', 'connect', '--file', 'nowhere.csv')).toContain('cannot be read');
  expect(await of('job', 'connect')).toContain('(body-invalid)');
  expect(await of('export')).toBe('a,b,twin,state,since,settled');
  expect(await of('job', 'pause', 'frobnicate')).toContain('(not-found)');
});

test('steers the local stack', async () => {
  expect((await run('sweep')).exit).toBe(0);
  expect((await run('backup')).exit).toBe(0);
  expect((await run('clock', '+30d')).exit).toBe(0);
  expect(asked).toEqual(['/local/sweep {}', '/local/backup {}', '/local/clock {"days":30}']);
});

test.each([
  [
    'a refusal',
    1,
    '(invitation-unknown)',
    ['connect', 'accept', 'X', '--site', 'beta', '--project', 'BETA', '--name', 'b'],
  ],
  [
    'a refusal with its place',
    1,
    'Look at: projectKey. (body-invalid)',
    ['connect', 'invite', '--site', 'alpha', '--project', 'NO', '--name', 'n'],
  ],
  ['an unknown site', 1, 'There is no such site. (not-found)', ['connections', '--site', 'nowhere']],
  ['an unknown connection', 1, '(not-found)', ['pause', '--site', 'alpha', '--connection', '../invitations']],
  ['a missing option', 2, 'needs --site', ['connections']],
  ['an unknown option', 2, "'--frob'", ['connections', '--frob']],
  ['an unknown command', 2, 'There is no command "frobnicate"', ['frobnicate']],
  ['a missing word', 2, 'Usage: sync', ['sync', '--site', 'alpha', '--connection', 'c']],
  ['an odd clock', 2, '+30d', ['clock', '30']],
  [
    'a file that is not there',
    2,
    'cannot be read',
    ['rules', 'set', 'nowhere.json', '--site', 'alpha', '--connection', 'c'],
  ],
  ['a restore beside no stack', 2, 'is no folder of a stack', ['restore', '--folder', 'nowhere']],
  ['a receipt that is not there', 1, '(not-found)', ['receipt', 'get', 'r-12345678']],
])('says %s plainly', async (_title, exit, text, typed) => {
  const ended = await run(...typed);
  expect(ended.out).toContain(text);
  expect(ended.exit).toBe(exit);
  expect(ended.out).not.toMatch(/\n\s+at /);
});

test('says that nobody answers', async () => {
  line.close();
  const ended = await run('sweep');
  expect(ended).toMatchObject({ exit: 2 });
  expect(ended.out).toContain('npm start');
});

test('helps, and prints JSON for a refusal too', async () => {
  expect((await run('help')).out).toContain('connect invite');
  const { exit, out } = await run(
    'connect',
    'accept',
    'X',
    '--site',
    'beta',
    '--project',
    'BETA',
    '--name',
    'b',
    '--json',
  );
  expect([exit, JSON.parse(out).code]).toEqual([1, 'invitation-unknown']);
});

test('says what a code means without asking anybody, and knows no code that does not exist', async () => {
  const help = await run('help', 'conflict-held');
  expect([help.exit, help.out.includes('What to do.')]).toEqual([0, true]);
  expect((await run('help', 'toString')).exit).toBe(2);
});

test('lists conflicts and errors, and lets a pair pause and go on', async () => {
  const connection = await connected();
  const of = ['--site', 'alpha', '--connection', connection] as const;
  const twin = `w-${'0'.repeat(32)}`;
  const owners = (await world.store.read('connection', { connection }))?.row.owners ?? [];
  const since = Date.UTC(2026, 0, 15, 9);
  const trouble = { code: 'conflict-held', side: 'b', field: 'summary', count: 1, since, at: since } as const;
  await world.store.create(
    'twin',
    { connection, twin },
    twinRow({
      ...{ owners, connection: connectionId(connection), twin: twinId(twin), troubles: [trouble] },
      fields: { summary: { blocked: 'conflict-held' } },
    }),
  );
  expect((await run('conflicts', ...of)).out).toBe(`${twin}  summary  – ↔ –  since 2026-01-15 09:00`);
  expect((await run('errors', ...of)).out).toContain('1 × summary on side b');
  expect((await run('errors', ...of, '--code', 'conflict-held', '--where', 'b', '--field', 'summary')).out).toContain(
    twin,
  );
  expect((await run('retry', ...of, '--code', 'conflict-held', '--where', 'b', '--field', 'summary')).out).toBe(
    '1 pairs try again.',
  );
  expect((await run('twin', 'pause', twin, ...of)).out).toBe(`${twin} is paused.`);
  expect((await run('twin', 'resume', twin, ...of)).out).toBe(`${twin} is looked at soon.`);
  const lost = await run('resolve', twin, ...of, '--field', 'summary', '--pick', 'a');
  expect([lost.exit, lost.out.includes('npm run twinline -- help not-found')]).toEqual([1, true]);
});

test('takes everything of a site away, and tells a whole file from a broken one', async () => {
  await connected();
  const file = join(await mkdtemp(join(tmpdir(), 'twinline-test-')), 'alpha.jsonl');
  const made = await run('export', 'tenant', '--site', 'alpha', '--file', file);
  expect(made.out).toMatch(
    /alpha\.jsonl: 5 records of t-alpha000, begun .*, whole\.\n {2}tenant {2}1\n {2}half {2}1\n {2}rules {2}1/,
  );
  expect(made.exit).toBe(0);
  expect((await run('export', 'check', file)).out).toBe(made.out);
  expect((await run('export', 'tenant', '--site', 'alpha', '--file', file)).out).toContain('is there already');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"state":"active"', '"state":"paused"'));
  const broken = await run('export', 'check', file);
  expect([broken.exit, broken.out]).toEqual([1, expect.stringContaining('(export-broken)')]);
  expect((await run('export', 'check', `${file}.x`)).out).toContain('cannot be read');
});

test('finds a person, hands out what names it, and takes requests in', async () => {
  await connected();
  const alpha = ['--site', 'alpha'];
  expect((await run('person', 'find', 'boss', ...alpha)).out).toBe('rules  1');
  const file = join(await mkdtemp(join(tmpdir(), 'twinline-test-')), 'boss.jsonl');
  expect((await run('person', 'export', 'boss', ...alpha, '--file', file)).out).toContain('is written');
  expect((await run('export', 'check', file)).out).toContain('1 records of t-alpha000');
  expect((await run('person', 'refresh', 'boss', ...alpha)).out).toContain('read again');
  expect((await run('request', 'list', ...alpha)).out).toBe('No requests.');
  const [id = ''] = (await run('request', 'open', 'other', ...alpha)).out.split(' ');
  expect((await run('request', 'list', ...alpha)).out).toContain(`${id}  other  acknowledge by 2026-01-18`);
  expect((await run('request', 'acknowledge', id, ...alpha)).out).toBe(`${id}  other  due 2026-02-14 09:00`);
  expect((await run('request', 'done', id, ...alpha)).out).toBe(`${id}  other  done 2026-01-15 09:00`);
  expect((await run('request', 'open', 'erase', ...alpha, '--account', 'boss')).out).toContain('erase  due 2026-02-14');
  expect((await run('usage', ...alpha)).out).toMatch(/^2026-01-15 {2}.*api\.get\.people 1, .*api\.post\.requests 2/);
});

test('explains a field of a pair, and says so when nothing was decided yet', async () => {
  const connection = await connected();
  const of = ['--site', 'alpha', '--connection', connection] as const;
  const { exit, out } = await run('explain', `w-${'0'.repeat(32)}`, 'summary', ...of);
  expect([exit, out]).toEqual([1, expect.stringContaining('(not-found)')]);
  expect((await run('explain', `w-${'0'.repeat(32)}`, ...of)).out).toContain('Usage: explain');
});

test('shows what Jira’s limits have left, when bulk work ends, and which pairs wait', async () => {
  const connection = await connected();
  const owners = (await world.store.read('connection', { connection }))?.row.owners ?? [];
  const now = Date.UTC(2026, 0, 15, 9);
  const until = now + 1_800_000;
  const error = { code: 'jira-rate-limited', at: now } as const;
  const pair = {
    owners,
    connection: connectionId(connection),
    twin: twinId(`w-${'1'.repeat(32)}`),
    error,
    wakeAt: until,
  };
  await world.store.create('twin', { connection, twin: pair.twin }, twinRow({ ...pair, eventAt: now }));
  const job = await json('job', 'share', '--site', 'alpha', '--connection', connection);
  expect(job['state']).toBe('counting');
  const stored = await world.store.read('job', { connection, job: 'share' });
  if (stored === undefined) throw new Error('no job');
  const waits = { code: 'jira-rate-limited', until } as const;
  const going = { ...stored.row, state: 'running', total: 50, waits, etaAt: until + 3_600_000 } as const;
  await world.store.replace('job', stored.place, going, stored.version);

  const { exit, out } = await run('budget', '--site', 'alpha', '--connection', connection);
  expect(exit).toBe(0);
  expect(out.split('\n')).toEqual([
    'points    65000 of 65000 left (as counted here), new at 2026-01-15 10:00; all sites share them',
    'this site 0 spent, 0 of them by bulk work; 65000 at most this hour',
    'kept      13000 for people’s edits, which bulk work does not take',
    connection,
    '  share  running  0 of 50 done  ends about 2026-01-15 10:30  waits until 2026-01-15 09:30: The site asks us to wait. (jira-rate-limited)',
    'held      1 pairs until 2026-01-15 09:30, 1 of them with a person’s edit: The site asks us to wait. (jira-rate-limited)',
  ]);
  expect((await run('budget', '--site', 'alpha')).out).toContain('share  running');
});

test('shows what was missed and found again, how long changes take, and one pair', async () => {
  const connection = connectionId(await connected());
  const of = ['--site', 'alpha', '--connection', connection];
  const owners = [ownerOf(people['alpha']!.tenant, 1), ownerOf(people['beta']!.tenant, 1)];
  const named = runId(world.now, 'rules');
  const counts = { issues: 0, twins: 3, fresh: 0, aPoints: 5, bPoints: 6, total: 8, etaAt: world.now + 60_000 };
  const times = { since: 0, startedAt: world.now, removeAt: world.now + 1 };
  const kinds = { owners, connection, run: named, how: 'rules', stage: 'twins' } as const;
  await world.store.create('run', { connection, run: named }, { ...kinds, ...times, ...counts });
  const things = [{ side: 'b', what: 'summary', why: 'rules-changed' }] as const;
  const { twin } = twinRow();
  const drift = { owners, twin, things, foundAt: world.now, repairedAt: world.now, removeAt: world.now + 1 };
  await world.store.create('drift', { connection, run: named, twin }, drift);
  const lags = { field: withLag(withLag(noLag, 100), 200) };
  const lag = { owners, day: '2026-01-15', kinds: lags, removeAt: world.now + 1 };
  await world.store.create('lag', { connection, day: lag.day }, lag);
  const row = twinRow({ owners, connection, a: issueId('10001'), b: issueId('20001') });
  await world.store.create('twin', { connection, twin }, row);

  expect((await run('drift', ...of)).out).toMatch(
    /rules .* not finished {2}0 issues, 3 of 8 pairs looked at, ends about /,
  );
  expect((await run('drift', 'show', named, ...of)).out).toContain('side b  summary  rules-changed  repaired');
  expect((await run('lag', ...of)).out).toMatch(/^all +2 changes {2}p50 \d+ ms/);
  expect((await run('reconcile', 'light', ...of)).out).toBe('A light run was asked for.');
  expect((await run('reconcile', 'every', '30,12', ...of)).out).toBe('Every 30 minutes and every 12 hours.');
  const shown = (await run('twin', 'show', twin, ...of)).out;
  expect(shown).toContain('waits: summary (field-refused)');
  expect(shown).toContain('a: 3 watching, 1 votes\nb: 3 watching, 1 votes');
});

test('says which side counts after a restore, and only then', async () => {
  const connection = connectionId(await connected());
  const of = ['--site', 'alpha', '--connection', connection];
  expect((await run('restored', 'newest', ...of)).out).toContain('(state-refused)');
  const stored = await world.store.read('connection', { connection });
  if (stored === undefined) throw new Error('no connection');
  const restored = { side: 'store', at: world.now } as const;
  await world.store.replace('connection', { connection }, { ...stored.row, restored }, stored.version);
  expect((await run('connections', ...of)).out).toContain('the store of Twinline was restored from a backup');
  expect((await run('restored', 'newest', ...of)).out).toBe('Every pair begins anew (newest).');
  expect((await run('restored', 'a', ...of)).out).toContain('(state-refused)');
});

test('asks for each kind of work and answers a request that is not there', async () => {
  const connection = connectionId(await connected());
  const of = ['--site', 'alpha', '--connection', connection];
  const { twin } = twinRow();
  await world.store.create('twin', { connection, twin }, twinRow({ connection }));
  expect((await run('job', 'resync', '--dry-run', ...of)).out).toContain('resync    counting (dry run)');
  expect((await run('job', 'unlink', '--dry-run', ...of)).out).toContain('unlink    counting (dry run)');
  expect((await run('twin', 'retry', twin, ...of)).out).toBe(`${twin} is looked at soon.`);
  expect((await run('conflict', twin, '--field', 'summary', ...of)).out).toContain('(not-found)');
  expect((await run('rules', 'decline', '2', '--revision', '0', ...of)).out).toContain('(not-found)');
  const file = join(await mkdtemp(join(tmpdir(), 'twinline-test-')), 'receipt.json');
  await writeFile(file, '{"format":"none"}');
  const { exit, out } = await run('receipt', 'verify', file);
  expect([exit, out]).toEqual([1, expect.stringContaining('receipt-')]);
});

test('shows, sets and removes the contact of a site', async () => {
  const on = ['--site', 'alpha'];
  expect((await run('contact', 'show', ...on)).out).toBe('No contact is known: notices cannot be sent.');
  const set = await run('contact', 'set', 'keeper@customer.example', ...on);
  expect(set.out).toBe('keeper@customer.example  set by an admin, since 2026-01-15 09:00');
  expect((await run('contact', 'show', ...on)).out).toBe(set.out);
  expect(await run('contact', 'set', 'a@b.example,c@d.example', ...on)).toMatchObject({ exit: 1 });
  expect((await run('contact', 'remove', ...on)).out).toBe('No contact is known: notices cannot be sent.');
});

test('leads an early deletion through its two steps and back', async () => {
  const alpha = ['--site', 'alpha'] as const;
  expect((await run('deletion', 'show', ...alpha)).out).toBe('Nothing is to be deleted.');
  const { code = '', host = '' } = await json('deletion', 'ask', ...alpha);
  const wrong = await run('deletion', 'confirm', code, ...alpha, '--name', 'beta.example');
  expect([wrong.exit, wrong.out]).toEqual([1, expect.stringContaining('confirmation-wrong')]);
  const counting = await run('deletion', 'confirm', code, ...alpha, '--name', host);
  expect(counting.out).toContain('in 24 hours; until then it can be taken back');
  expect((await run('deletion', 'withdraw', ...alpha)).out).toBe('Nothing is to be deleted.');
});
