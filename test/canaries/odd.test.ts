/** Canaries where nobody expects them: as keys, in other types, in headers, in answers that are none. Whatever refuses them says none. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { consoleRoutes } from '../../functions/console/http.ts';
import { eventEdge } from '../../functions/edge.ts';
import type { Route } from '../../functions/edge.ts';
import { readConfig } from '../../shared/config.ts';
import type { Http, HttpAnswer } from '../../shared/http.ts';
import { createJira } from '../../shared/jira/client.ts';
import { MemoryLog } from '../../shared/memory/log.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { runId } from '../../shared/model/drift.ts';
import { connectionId } from '../../shared/model/ids.ts';
import type { Door } from '../../shared/ports.ts';
import { Purse } from '../../shared/purse.ts';
import { categories, rowOf } from '../../shared/retention/catalogue.ts';
import { readRow } from '../../shared/retention/check.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import { invitationMade } from '../../shared/wire/console.ts';
import { unusedSite } from '../kit/adminJira.ts';
import { canariesIn, canary, canaryAddress } from '../kit/canaries.ts';
import { lookedAt } from '../kit/canaryWatch.ts';
import { ConnectWorld, KeyServers, acme, bodyOf, change } from '../kit/connectWorld.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';
import { twinRow } from '../kit/rows.ts';
import { TENANTS } from '../kit/syncWorld.ts';

const C = canary('text', 'odd');
const KEY = canary('fieldname', 'key');

/** A value in every type that JSON has, with a canary in it wherever one can be. */
const oddWith = (text: string): readonly unknown[] => [
  text,
  [text],
  { [KEY]: text },
  [{ [KEY]: [text, { [KEY]: 7 }] }],
  `${text} ${'x'.repeat(3_000)}`,
  `https://${text}.example/${text}`,
  `<p>${text}</p>\u0000\n"`,
];
const ODD = [...oddWith(C), canaryAddress('odd')];

/** The same object with each member, at any depth, replaced by something odd in turn. */
function* bent(whole: unknown, odd: unknown): Generator {
  yield odd;
  if (typeof whole !== 'object' || whole === null) return;
  for (const [name, part] of Object.entries(whole))
    for (const other of bent(part, odd))
      yield Array.isArray(whole)
        ? whole.map((one: unknown, at) => (String(at) === name ? other : one))
        : { ...whole, [name]: other };
  if (!Array.isArray(whole)) yield { ...whole, [KEY]: odd };
}

describe('webhooks and lifecycle calls', () => {
  const servers = new KeyServers();
  let world: ConnectWorld;
  beforeAll(() => servers.start());
  afterAll(() => servers.stop());
  beforeEach(async () => {
    servers.reset();
    world = new ConnectWorld(servers);
    await world.install(acme);
  });

  test('that are odd in any member are answered without a word of them', async () => {
    let count = 0;
    for (const odd of ODD)
      for (const body of bent(
        { ...change, comment: { self: 'https://x/rest/api/3/issue/1/comment/2', updated: 1 } },
        odd,
      )) {
        const answer = await world.webhook(acme, body);
        expect(canariesIn(answer.text)).toEqual([]);
        count += 1;
      }
    expect(count).toBeGreaterThan(150);
    // What a site says of its contract is kept in the open, as the catalogue says: it is no content.
    for (const odd of oddWith(canary('site')))
      for (const event of ['installed', 'uninstalled', 'enabled', 'disabled'] as const)
        for (const body of bent(
          { ...bodyOf(acme), sharedSecret: acme.secret, oauthClientId: 'x', cloudId: 'y' },
          odd,
        )) {
          const target = `/lifecycle/${event}`;
          const isOwn = event.startsWith('en') || event.startsWith('dis');
          const authorization = isOwn ? world.signSite(acme, target) : world.signInstall(acme, target);
          expect(canariesIn((await world.call('lifecycle', { target, authorization, body })).text)).toEqual([]);
        }
  });

  test('whose tokens and addresses are odd are answered without a word of them', async () => {
    for (const name of ['webhook', 'lifecycle'] as const)
      for (const authorization of [
        `JWT ${C}`,
        C,
        `JWT ${C}.${C}.${C}`,
        `JWT ${Buffer.from(C).toString('base64url')}.e30.x`,
      ])
        for (const path of [`/${name}/${C}`, '/webhook/jira', '/lifecycle/installed', `/webhook/jira?jwt=${C}`]) {
          const answer = await world.call(name, { target: path, authorization, body: change });
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expect(canariesIn(answer.text)).toEqual([]);
        }
  });
});

describe('every route of the console', () => {
  const routes = consoleRoutes({} as never, consoleSettings, {} as never);
  let world: ConsoleWorld;
  let alpha: Caller;
  let connection: string;
  beforeEach(async () => {
    world = new ConsoleWorld();
    alpha = await world.install('alpha', ['ALPHA']);
    const beta = await world.install('beta', ['BETA']);
    const made = await world.api('POST', '/invitations', alpha, { name: 'One', projectKey: 'ALPHA' });
    const { code, connection: id } = invitationMade.parse(made.body);
    await world.api('POST', '/invitations/accept', beta, { name: 'Two', projectKey: 'BETA', code });
    connection = id;
    const row = twinRow({ connection: connectionId(id) });
    await world.store.create('twin', { connection: row.connection, twin: row.twin }, row);
  });

  const GOOD: Readonly<Record<string, string>> = {
    twin: `w-${'0'.repeat(32)}`,
    version: '1',
    job: 'share',
    run: runId(1, 'full'),
    field: 'summary',
  };
  const pathOf = ({ path }: Route, odd?: string): string =>
    path.replace(/\{(\w+)\}/g, (_part, name: string) =>
      name === odd
        ? name === 'account'
          ? canary('account')
          : `${canary('text')}%20x`
        : name === 'connection'
          ? connection
          : (GOOD[name] ?? 'none'),
    );
  const rules = {
    version: 2,
    fields: [{ field: 'summary', policy: 'newest', transform: { kind: 'prefix', text: 'x' } }],
    comments: true,
    visibility: { 'role:x': 'role:y' },
    attachments: { names: ['*'] },
    values: { priority: { High: 'Low' } },
    people: { a: 'b' },
    transitionFields: { Done: { resolution: 'Done' } },
    fallbackIssueType: 'Task',
    script: '',
  };
  /** A member of every name that some route reads, each good for the one that reads it. */
  const FULL = {
    ...{ name: 'One', projectKey: 'ALPHA', scope: 'x = y', code: 'x', address: 'a@b.example', message: 'x', hash: 'x' },
    ...{
      document: rules,
      rules,
      triggers: [{ jql: 'x' }],
      issue: 'ALPHA-1',
      jql: 'x',
      csv: 'a,b',
      pick: 'a',
      value: 'x',
    },
    ...{ kind: 'access', account: 'boss', dryRun: true, over: 1, basedOn: 1, revision: 1, lightEveryMs: 1, ...rules },
  };

  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s refuses what is odd without a word of it',
    async (_title, route) => {
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      const query = ['after', 'limit', 'field', 'code', 'kind', 'since', 'token']
        .map((name) => `${name}=${C}%20x`)
        .join('&');
      const targets = [...names.map((name) => pathOf(route, name)), `${pathOf(route)}?${query}`];
      for (const target of targets) await world.call(route.method, target, alpha, { [KEY]: C });
      if (route.method !== 'GET') {
        // Where an account id may be, any text of its form is one.
        const odd = [canary('account', 'odd'), { [KEY]: 7 }, [{ [KEY]: C }], `password: ${C}-hunter2hunter2`];
        for (const one of odd)
          for (const body of bent(FULL, one)) await world.call(route.method, pathOf(route), alpha, body);
      }
      // Refusals and faults are seen by the watch, as is the log; here it is enough that they happened.
      expect(lookedAt().log).toBeGreaterThan(0);
      expect(canariesIn(world.logged.join('\n'))).toEqual([]);
    },
  );
});

describe('answers of Jira', () => {
  const met = new Set<string>();
  const methods = Object.keys(unusedSite) as (keyof typeof unusedSite)[];
  const said = { errorMessages: [C], errors: { summary: C, [KEY]: C }, message: C, warningMessages: [C] };
  const issue = {
    id: '1',
    key: 'ALPHA-1',
    fields: { summary: C, project: { key: 'ALPHA' }, [KEY]: C },
    changelog: { histories: [] },
  };
  const shapes: readonly unknown[] = [
    said,
    { ...issue, fields: C },
    issue,
    ...['issues', 'values', 'comments', 'worklogs', 'transitions', 'issueTypes', 'matches', 'results', 'queries'].map(
      (name) => ({
        [name]: [{ [KEY]: C, id: C, name: C, fields: { [KEY]: C }, errors: [C], body: C, author: C }],
        total: C,
        maxResults: C,
        startAt: C,
        names: { [KEY]: 7 },
      }),
    ),
    { names: { [KEY]: { [KEY]: C } }, schema: C, properties: { [KEY]: 7 }, fields: { [KEY]: { schema: C, name: 7 } } },
    ...ODD,
  ];
  const headers = {
    'retry-after': C,
    'ratelimit-reason': C,
    'x-ratelimit-reset': C,
    location: `https://${C}.example/`,
    [KEY]: C,
  };

  test.each(methods)('to %s that are errors or no answers are told without a word of them', async (method) => {
    const ended = new Set<string>();
    for (const status of [200, 201, 204, 302, 303, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503])
      for (const body of shapes) {
        const site = siteThatSays({ status, body, headers });
        const ask = Reflect.get(site, method) as (...given: unknown[]) => Promise<unknown>;
        // One argument that is all of them: the calls differ in what they read of it.
        const given = {
          issue: '1',
          project: 'ALPHA',
          fields: { summary: C },
          people: [],
          comments: true,
          chunks: [],
          bytes: 0,
          name: C,
        };
        const ending = await Promise.resolve()
          .then(() => ask('1', given, given, given, given))
          .catch((thrown: unknown) => thrown);
        if (ending instanceof Fault) ended.add(ending.code);
        if (!(ending instanceof Error) || ending instanceof Fault) continue;
        // A foreign error may quote what it was given: the edge makes a fault of it, and the log names its class.
        const log = new MemoryLog();
        const handle = eventEdge('sync', { clock, log }, async () => {
          throw ending;
        });
        await handle(eventOf({ kind: 'wake', askedAt: 1 })).catch((thrown: unknown) => ended.add(toFault(thrown).code));
      }
    for (const code of ended) met.add(code);
  });

  test('have ended in every way that a site can fail', () => {
    for (const code of ['jira-unauthorised', 'jira-forbidden', 'jira-not-found', 'jira-refused', 'jira-rate-limited'])
      expect(met).toContain(code);
    for (const code of ['jira-unavailable', 'jira-answer-odd']) expect(met).toContain(code);
  });
});

describe('what comes from ourselves', () => {
  test('as a message is refused without a word of it', async () => {
    const { tenant, generation } = TENANTS.a;
    const good: readonly unknown[] = [
      {
        kind: 'issue-change',
        tenant,
        generation,
        issue: '1',
        what: 'updated',
        eventAt: 1,
        receivedAt: 1,
        echoOf: { twin: 'x', turn: 'y' },
      },
      { kind: 'sync-twin', connection: 'c-1', twin: 'w', askedAt: 1 },
      { kind: 'run-job', connection: 'c-1', job: 'share', run: 'x', askedAt: 1 },
      { kind: 'purge-tenant', tenant, generation, askedAt: 1 },
      { kind: 'notice', tenant, generation, what: 'marked', at: 1 },
    ];
    const log = new MemoryLog();
    const handle = eventEdge('sync', { clock, log }, async () => ({ code: 'done', facts: {} }));
    for (const message of good) for (const odd of ODD) for (const one of bent(message, odd)) await handle(eventOf(one));
    await handle({ data: { message: { data: Buffer.from(`{"${KEY}": ${C}`).toString('base64') } } });
    expect(log.lines.length).toBeGreaterThan(200);
  });

  test('as a setting is refused by the setting’s name', () => {
    const source = readFileSync(join(import.meta.dirname, '../../shared/config.ts'), 'utf8');
    const names = [...new Set([...source.matchAll(/\bTWINLINE_[A-Z_]+/g)].map(([name]) => name))];
    expect(names.length).toBeGreaterThan(30);
    const base = { TWINLINE_MODE: 'local', TWINLINE_BASE_URL: 'https://x.example', GOOGLE_CLOUD_PROJECT: 'x' };
    let refused = 0;
    for (const name of names)
      for (const odd of [C, `{"${KEY}": "${C}"}`, `${C}=${C},${KEY}`, `[{"${KEY}": 7}]`]) {
        try {
          readConfig({ ...base, [name]: odd });
        } catch (thrown) {
          refused += 1;
          expect(toFault(thrown).code).toBe('config-invalid');
        }
      }
    expect(refused).toBeGreaterThan(60);
  });

  test('as a stored record is refused by category and field', () => {
    let refused = 0;
    for (const category of categories)
      for (const odd of ODD)
        for (const row of [
          odd,
          { [KEY]: odd },
          Object.fromEntries(Object.keys(rowOf(category).fields).map((name) => [name, odd])),
        ]) {
          expect(() => readRow(category, row)).toThrow(Fault);
          refused += 1;
        }
    expect(refused).toBeGreaterThan(1_000);
  });
});

const clock = { now: () => 1_000, sleep: async () => undefined };

function eventOf(message: unknown) {
  return { data: { message: { data: Buffer.from(JSON.stringify(message)).toString('base64') } } };
}

/** A client whose site answers everything with the same. */
function siteThatSays(answer: HttpAnswer) {
  const http: Http = {
    send: async () => answer,
    open: async () => ({
      ...answer,
      chunks: (async function* () {
        yield await Promise.resolve(Buffer.from(JSON.stringify(answer.body)));
      })(),
    }),
  };
  const refuse = async (): Promise<never> => {
    throw new Fault('token-kind');
  };
  const door: Door = {
    ...{ name: 'connect' as const, verifySite: refuse, verifyPerson: refuse },
    authorise: async () => ({ baseUrl: 'https://x.atlassian.net', authorization: `JWT ${canary('token')}` }),
  };
  const ids = { next: () => 'x', bytes: (length: number) => new Uint8Array(length) };
  const budget = new Purse({ store: new MemoryStore(), clock, ids });
  return createJira({ doors: { connect: door }, http, clock, budget }).at(TENANTS.a, 'w-test');
}
