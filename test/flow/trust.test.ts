import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { trustRoutes } from '../../functions/console/trust.ts';
import { httpEdge } from '../../functions/edge.ts';
import { documentIds } from '../../shared/evidence/documents/document.ts';
import { features } from '../../shared/evidence/documents/facts.ts';
import { documentOf } from '../../shared/evidence/documents/library.ts';
import { markdownOf, textHash } from '../../shared/evidence/documents/markdown.ts';
import { paths } from '../../shared/evidence/documents/paths.ts';
import type { PolicyRegister } from '../../shared/evidence/documents/policy.ts';
import registerFile from '../../shared/evidence/documents/register.json' with { type: 'json' };
import { registerOf } from '../../shared/retention/processors.ts';
import { callEdge } from '../kit/callEdge.ts';
import type { WireAnswer } from '../kit/callEdge.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';

const register = registerFile as PolicyRegister;
const quiet = { clock: { now: () => 0 }, log: { work: () => undefined, fault: () => undefined }, doors: {} };
const edge = (settings = consoleSettings) => httpEdge('console', quiet as never, trustRoutes(settings));
const get = (target: string, settings = consoleSettings): Promise<WireAnswer> =>
  callEdge(edge(settings), { method: 'GET', target });
const statementVersions = register['statement.be+zrh'] ?? [];
const last = statementVersions.at(-1);
if (last === undefined) throw new Error('the register has no statement');

const pages = [paths.index, ...documentIds.map((id) => paths[id]), paths.contact, paths.archive, `${paths.archive}/1`];

describe('the public documents', () => {
  test.each(pages)('P9 %s is a page for everybody, with nothing from elsewhere and no script', async (path) => {
    const { status, text, headers } = await get(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; /);
    expect(policy).not.toMatch(/script-src|unsafe|https?:/);
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
    expect(policy).toContain(createHash('sha256').update(style).digest('base64'));
    expect(text).not.toMatch(/<script|<img|<link|<iframe|<form|\son[a-z]+=|\sstyle=|javascript:|@import|url\(/i);
    expect(headers).not.toHaveProperty('set-cookie');
    // What is fetched by itself: nothing. What a person may follow: our own pages, and what the operator has set.
    const followed = [...text.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href);
    expect(followed.filter((href) => !/^(\/|#|mailto:help@twinline\.example$)/.test(href))).toEqual([]);
  });

  test.each(documentIds)('P9 the foot of %s shows version, date and the fingerprint of what is shown', async (id) => {
    const { text } = await get(paths[id]);
    const document = documentOf(id, { ...consoleSettings, features }, registerOf(consoleSettings));
    expect(text).toContain(textHash(markdownOf(document)));
    expect(text).toMatch(/<p>Version \d+(?: \(in preparation\))?, \d{1,2} [A-Z][a-z]+ 20\d\d<\/p>/);
  });

  test('P9 no page leads to one that does not exist', async () => {
    const ours = new Set<string>();
    for (const path of pages)
      for (const [, href = ''] of (await get(path)).text.matchAll(/href="(\/trust[^"#]*)"/g)) ours.add(href);
    expect(ours.size).toBeGreaterThan(10);
    for (const href of ours) expect((await get(href)).status, href).toBe(200);
  });

  test('P20 the page of the statement has the fingerprint of the register', async () => {
    expect((await get(paths.statement)).text).toContain(last.fingerprint);
  });

  test('P13 an installation with the other residency serves the other statement, under its own fingerprint', async () => {
    const { text } = await get(paths.statement, { ...consoleSettings, residency: 'eu' });
    expect(text).toContain(register['statement.eu']?.at(-1)?.fingerprint);
  });

  test('P29 an installation that a customer runs for itself says that the statement does not apply', async () => {
    const own = { ...consoleSettings, deployment: 'selfHosted' } as const;
    expect((await get(paths.statement, own)).text).toContain('does not apply. The list of stored data is the same.');
    expect((await get(paths.statement)).text).not.toContain('run by its operator on its own systems');
    expect(JSON.parse((await get(paths.listing, own)).text)).toMatchObject({ hosting: 'self-hosted' });
  });

  test('P22 the PDF that is served has the bytes of the register', async () => {
    const { status, text, headers } = await get(paths.pdf);
    expect([status, headers['content-type']]).toEqual([200, 'application/pdf']);
    expect(createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex')).toBe(last.pdf);
  });

  test('P21 every version can be read, and what changed from the one before', async () => {
    for (const { version, fingerprint } of statementVersions) {
      const { status, text } = await get(`${paths.archive}/${version}`);
      expect(status).toBe(200);
      expect(text).toContain(fingerprint);
      if (version > 1) expect((await get(`${paths.archive}/${version}/changes`)).status).toBe(200);
    }
    for (const odd of ['0', '999', 'x', '..', '01']) expect((await get(`${paths.archive}/${odd}`)).status).toBe(404);
    expect((await get(`${paths.archive}/1/changes`)).status).toBe(404);
  });
});

describe('the list of processors', () => {
  const parties = {
    google: { agreement: 'CDPA of 2 March 2026' },
    mail: {
      name: 'Mailer',
      region: 'Germany',
      host: 'smtp.mailer.example',
      agreement: 'M-1',
      since: '2027-01-01',
      announced: '2026-12-01',
    },
  };
  const settings = { ...consoleSettings, parties };
  let feed: { readonly processors: readonly Readonly<Record<string, unknown>>[] };

  beforeAll(async () => {
    feed = JSON.parse((await get(paths.processorsFeed, settings)).text) as typeof feed;
  });

  test('P1 names purpose, place, agreement and day of each, also for machines', async () => {
    const { text } = await get(paths.processors, settings);
    for (const said of ['Mailer', 'Germany', 'M-1', '2027-01-01', 'CDPA of 2 March 2026']) expect(text).toContain(said);
    expect(feed.processors.map(({ id }) => id)).toEqual(['jira', 'installKeys', 'google', 'mail']);
    for (const row of feed.processors)
      for (const name of ['name', 'purpose', 'region', 'agreement', 'since']) expect(row[name], name).toBeTruthy();
  });

  test('P2 lists a planned party before its day, with the day on which it was announced', () => {
    expect(feed.processors.at(-1)).toMatchObject({ since: '2027-01-01', announced: '2026-12-01' });
  });
});

describe('the contact page', () => {
  test('P15 shows what the operator has set and invents nothing', async () => {
    const { text } = await get(paths.contact);
    expect(text).toContain('Twinline Ltd (test)');
    expect(text).toContain('mailto:help@twinline.example');
    expect(text).not.toContain('Service desk');
    const bare = await get(paths.contact, { ...consoleSettings, operator: undefined });
    expect(bare.text).toContain('Nobody has said yet');
    expect(bare.text).not.toContain('mailto:');
  });

  test('P15 shows an operator’s own words as words', async () => {
    const operator = { name: '<script>alert(1)</script>', mail: 'a@b.example' };
    expect((await get(paths.contact, { ...consoleSettings, operator })).text).toContain('&lt;script&gt;');
  });
});
