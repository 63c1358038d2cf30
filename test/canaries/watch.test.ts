/** The watch itself: what leaks is seen at every place, through the product's own code, and what may be there is not. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { eventEdge, httpEdge } from '../../functions/edge.ts';
import { receiveChange } from '../../functions/webhook/receiveChange.ts';
import { MemoryBackup } from '../../shared/memory/backup.ts';
import { MemoryLog } from '../../shared/memory/log.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { accountId, ownerOf, tenantId } from '../../shared/model/ids.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import { DEFAULT_USERS } from '../../infra/local/jira/model/world.ts';
import { callEdge } from '../kit/callEdge.ts';
import {
  ADDRESS_DOMAINS,
  canariesIn,
  canariesInValue,
  canary,
  canaryAddress,
  canaryKinds,
  forgetTyped,
  rememberTyped,
  typedCount,
} from '../kit/canaries.ts';
import { START, change } from '../kit/connectWorld.ts';
import { withLooks } from '../kit/canaryPlaces.ts';
import { look, lookedAt, sinks, takeSightings, watch } from '../kit/canaryWatch.ts';
import type { Sighting } from '../kit/canaryWatch.ts';

const root = join(import.meta.dirname, '../..');
const clock = { now: () => 0, sleep: async () => undefined };
const A = { tenant: tenantId('t-00000001'), generation: 1 };
const owners = [ownerOf(A.tenant, A.generation)];

/** What was seen by this test; the set-up fails whoever leaves something unsaid. */
const seen = (): readonly string[] => [...new Set(takeSightings().map(told))].sort();
const told = ({ sink, place, kind }: Sighting): string => `${kind} in ${sink} (${place})`;

afterEach(forgetTyped);

describe('a canary is known again', () => {
  test.each(canaryKinds)('of the kind %s, by its kind', (kind) => {
    expect(canariesIn(`words around ${canary(kind, 7)}, and more`)).toEqual([kind]);
  });

  test.each([
    ['in capitals', canary('label').toUpperCase(), 'label'],
    ['in an address of a page', `/x?q=${encodeURIComponent(`a b ${canary('jql')}`)}`, 'jql'],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: `"${canary('text')}"` })), 'text'],
    ['in hex', Buffer.from(canary('secret')).toString('hex'), 'token'],
    ['in hex of capitals', Buffer.from(canary('secret')).toString('hex').toUpperCase(), 'token'],
    ...[0, 1, 2, 3, 4].map(
      (before) =>
        [
          `in base64 after ${before} bytes`,
          Buffer.from(`${'x'.repeat(before)}${canary('token')}`).toString('base64'),
          'token',
        ] as const,
    ),
    ['in a token’s claims', Buffer.from(JSON.stringify({ iss: canary('site') })).toString('base64url'), 'token'],
  ] as const)('%s', (_how, text, kind) => {
    expect(canariesIn(text)).toEqual([kind]);
  });

  test('also in bytes, in a list, and by the domain of an address', () => {
    expect(canariesInValue(Buffer.concat([Buffer.from([0, 255]), Buffer.from(canary('filebytes'))]))).toEqual([
      'filebytes',
    ]);
    expect(canariesInValue([{ deep: [canary('table')] }])).toEqual(['table']);
    expect(canariesIn(canaryAddress())).toEqual(['address']);
    for (const { emailAddress } of DEFAULT_USERS)
      expect(ADDRESS_DOMAINS.some((domain) => emailAddress.endsWith(domain))).toBe(true);
  });

  test('and what is none is none', () => {
    for (const text of ['', 'canary', 'qz canary', 'synced', 't-00000001#1', 'QZ', '{"code":"done"}'])
      expect(canariesIn(text)).toEqual([]);
  });
});

describe('what people type is a canary in every suite', () => {
  test('by the sites’ own hands', () => {
    const acts = watch.people({
      createIssue: (fields: unknown) => fields,
      comment: (_issue: string, text: unknown) => text,
      attach: (_issue: string, file: unknown) => file,
      logWork: (_issue: string, work: unknown) => work,
    });
    acts.createIssue({ project: 'ALPHA', summary: 'The pump is leaking', labels: ['a b c d e f'] });
    acts.comment('1', { type: 'doc', content: [{ type: 'text', text: 'Somebody has to look' }] });
    acts.attach('1', { filename: 'plan of the house.pdf', bytes: '' });
    acts.logWork('1', { timeSpent: '1h', comment: 'dug deeper than ever' });
    expect(typedCount()).toBe(4);
    expect(canariesIn('x The pump is leaking y')).toEqual(['summary']);
    expect(canariesIn('Somebody has to look')).toEqual(['comment']);
    expect(canariesIn('plan of the house.pdf')).toEqual(['filename']);
    expect(canariesIn('dug deeper than ever')).toEqual(['worklog']);
  });

  test('but not a word that could be ours', () => {
    for (const text of ['One', 'To Do', 'synchronised', 'a b']) rememberTyped(text);
    expect(typedCount()).toBe(0);
  });
});

describe('a leak is seen, through the product’s own code', () => {
  test('in the log, whatever log it is: facts, names of facts, and what is told of a cause', async () => {
    const log = new MemoryLog();
    const handle = eventEdge('sync', { clock, log }, async () => verdict('done', { who: canary('name') }));
    await handle({ data: { message: { data: dataOf({ kind: 'wake', askedAt: 1 }) } } });
    expect(log.lines).toHaveLength(1);
    expect(seen()).toEqual(['name in log (sync)']);
    const own = { work: () => undefined, note: () => undefined, fault: () => undefined };
    const failing = eventEdge('sync', { clock, log: own }, async () => {
      throw Object.assign(new Error('x'), { code: canary('secret') });
    });
    const again = failing({ data: { message: { data: dataOf({ kind: 'wake', askedAt: 1 }) } } });
    await expect(again).rejects.toMatchObject({ code: 'bug' });
    expect(seen()).toEqual(['secret in log (sync)']);
  });

  test('in a fault, as soon as it is made', () => {
    expect(() => {
      throw new Fault('not-found', { title: canary('summary') });
    }).toThrow('not-found');
    expect(seen()).toEqual(['summary in fault (not-found)']);
  });

  test('in a message', async () => {
    const published: unknown[] = [];
    const bus = { publish: async (_topic: string, message: unknown) => void published.push(message) };
    const principal = { kind: 'site', tenant: { ...A, generation: canary('site') }, isActive: true };
    await receiveChange(bus, principal as never, { body: change, receivedAt: START, headers: {} });
    expect(published).toHaveLength(1);
    expect(seen()).toEqual(['site in message (issue-changes)']);
  });

  test('in an answer that refuses, and not in one that shows a person its own', async () => {
    const body = { code: 'done', name: canary('setting') };
    for (const [status, want] of [
      [200, []],
      [422, ['setting in answer (422)']],
    ] as const) {
      const handle = httpEdge('console', { clock, log: new MemoryLog(), doors: { connect: {} as never } }, [
        {
          method: 'GET',
          path: '/x',
          policy: 'public',
          handle: async () => ({ verdict: verdict('done'), status, body }),
        },
      ]);
      expect((await callEdge(handle, { method: 'GET', target: '/x' })).status).toBe(status);
      expect(seen()).toEqual(want);
    }
  });

  test('in an open field and in the path of a stored record, but for what the catalogue says is there', async () => {
    const store = new MemoryStore();
    const place = { tenant: A.tenant, generation: '1' };
    const row = { owners, address: 'A'.repeat(60) as never, source: 'admin', since: 1 } as const;
    await store.create('contact', place, { ...row, by: accountId(canary('account')) });
    expect(seen()).toEqual([]);
    await store.create('contact', { ...place, generation: '2' }, { ...row, by: accountId(canary('secret')) });
    expect(seen()).toEqual(['secret in row (contact.by)']);
    await store.read('contact', { tenant: A.tenant, generation: canary('name') });
    expect(seen()).toEqual(['name in path (store)']);
    await store.create(
      'apart',
      { tenant: A.tenant, issue: '1', connection: 'c' },
      {
        ...{ owners, connection: canary('summary') as never, at: 1 },
      },
    );
    expect(seen()).toEqual(['summary in row (apart.connection)']);
  });

  test('in what is signed, in a backup’s bytes, in a letter, in a ticket, and on the outputs', async () => {
    await watch.signer({ sign: async (text: string) => text }).sign(`{"a":"${canary('site')}"}`);
    const place = watch.append(new MemoryBackup().append);
    await place.append('set' as never, 'one', Buffer.from(`\u0000${canary('comment')}`));
    await watch
      .mail({ send: async (letter: unknown) => letter })
      .send({ to: canaryAddress(), text: canary('summary') });
    await watch.desk({ open: async (ask: unknown) => ask }).open({ text: `${canary('words')} ${canary('script')}` });
    look('output', 'stdout', canary('token'));
    expect(seen()).toEqual([
      'comment in backup (bytes)',
      'script in ticket (desk)',
      'site in signed (sign)',
      'summary in letter (mail)',
      'token in output (stdout)',
    ]);
  });

  test('on the console of the process, which the set-up has wrapped', () => {
    const before = lookedAt().output;
    console.debug('');
    expect(lookedAt().output).toBeGreaterThan(before);
  });
});

describe('the places', () => {
  const files = globSync(['functions/**/*.ts', 'shared/**/*.ts'], { cwd: root });
  const sources = files.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const);

  test('are where the plugin looks for them, in every file of the product', () => {
    let calls = 0;
    for (const [file, code] of sources) calls += withLooks(file, code).split('globalThis.twinlineWatch').length - 1;
    expect(calls).toBeGreaterThan(100);
  });

  // A port in a variable of another name, or a method taken out of it, would be out of sight. What is not a port is named.
  test.each([
    ['log', /(?<!lags)\.(?:note|fault)\(/g, /twinlineWatch\.log\([^()]*\)\.(?:note|fault)\(/g],
    ['bus', /\.publish\(/g, /twinlineWatch\.bus\([^()]*\)\.publish\(/g],
    ['signer', /\.sign\(/g, /twinlineWatch\.signer\([^()]*\)\.sign\(/g],
    ['place of backups', /(?<!ledger|twinlineWatch)\.append\(/g, /twinlineWatch\.append\([^()]*\)\.append\(/g],
  ] as const)('are the only ones at which the functions call a %s', (_port, calls, watched) => {
    let found = 0;
    for (const [file, code] of sources.filter(([file]) => file.startsWith('functions/'))) {
      const looks = withLooks(file, code);
      const [all, seen] = [calls, watched].map((pattern) => [...looks.matchAll(pattern)].length);
      expect([file, all]).toEqual([file, seen]);
      found += seen ?? 0;
    }
    expect(found).toBeGreaterThan(0);
  });

  test('are told as lost when the code has moved', () => {
    expect(() => withLooks('functions/edge.ts', 'something else')).toThrow('no such place');
  });

  test('have names that a failure tells', () => {
    expect(Object.keys(lookedAt())).toEqual(sinks);
  });
});

function dataOf(message: unknown): string {
  return Buffer.from(JSON.stringify(message)).toString('base64');
}
