import { expect, test } from 'vitest';
import { readConfig } from '../../../shared/config.ts';
import { createHttp } from '../../../shared/http.ts';
import type { Parties } from '../../../shared/model/party.ts';
import {
  changesBetween,
  dayAt,
  effectiveFrom,
  inUse,
  lintRegister,
  optionalProcessors,
  planned,
  processorOf,
  processors,
  registerOf,
} from '../../../shared/retention/processors.ts';
import type { Processor } from '../../../shared/retention/processors.ts';
import { toFault } from '../../../shared/verdict.ts';

const everything: Parties = {
  google: { agreement: 'CDPA 1' },
  mail: {
    name: 'Mailer',
    region: 'Germany',
    host: 'smtp.mailer.example',
    agreement: 'M-1',
    since: '2027-01-01',
    announced: '2026-12-01',
  },
  desk: {
    name: 'Desk',
    region: 'Ireland',
    host: 'help.desk.example',
    agreement: 'D-1',
    since: '2027-01-01',
    announced: '2026-12-01',
  },
  offline: { agreement: 'R-1', since: '2027-01-01', announced: '2026-12-02' },
  bucket: { agreement: 'CDPA 1', since: '2027-01-01', announced: '2026-12-02' },
};
const full = registerOf({ residency: 'be+zrh', parties: everything });
const row = (id: string, register = full): Processor => {
  const found = register.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
};
const problemsWith = (change: Partial<Processor>): readonly string[] =>
  lintRegister(
    full.map((one) => (one.id === 'mail' ? { ...one, ...change } : one)),
    { needsReferences: true },
  ).map(({ id, problem }) => `${id} ${problem}`);

test('P1 the committed register has everything that a row needs', () => {
  expect(lintRegister(processors, { needsReferences: false })).toEqual([]);
  for (const { purpose, agreement, receives } of optionalProcessors) {
    expect(purpose).not.toBe('');
    expect(agreement.title).not.toBe('');
    expect(receives.length).toBeGreaterThan(0);
  }
});

test('P1 a fully configured register passes, as production asks for it', () => {
  expect(lintRegister(full, { needsReferences: true })).toEqual([]);
});

test.each<[string, Partial<Processor>]>([
  ['name', { name: ' ' }],
  ['purpose', { purpose: '' }],
  ['region', { region: '' }],
  ['agreement', { agreement: { title: '', reference: 'M-1', isOperators: true } }],
  ['reference', { agreement: { title: 'an agreement', isOperators: true } }],
  ['date', { since: '2027-1-1' }],
  ['date', { since: '' }],
  ['hosts', { hosts: [] }],
  ['receives', { receives: [] }],
])('P1 a row without its %s is refused', (problem, change) => {
  expect(problemsWith(change)).toContain(`mail ${problem}`);
});

test('P1 an operator who forgot what a party asks for is told, and an invented number is never filled in', () => {
  const register = registerOf({ residency: 'be+zrh', parties: { mail: { host: 'smtp.mailer.example' } } });
  expect(lintRegister(register, { needsReferences: true }).map(({ id, problem }) => `${id} ${problem}`)).toEqual([
    'google reference',
    'mail name',
    'mail region',
    'mail reference',
    'mail date',
  ]);
  expect(processors.every(({ agreement }) => agreement.reference === undefined)).toBe(true);
});

test.each(['{', '[]', '{"elsewhere":{}}', '{"mail":{"host":"http://a.b"}}', '{"mail":{"since":"soon"}}'])(
  'P1 a setting like %s stops the process',
  (text) => {
    const read = (): unknown =>
      readConfig({ TWINLINE_MODE: 'local', TWINLINE_BASE_URL: 'https://twinline.example', TWINLINE_PARTIES: text });
    expect(read).toThrow('config-invalid');
  },
);

test.each<[string, Partial<Processor>, boolean]>([
  ['30 days', { since: '2027-01-01', announced: '2026-12-02' }, true],
  ['29 days', { since: '2027-01-01', announced: '2026-12-03' }, false],
  ['none', { since: '2027-01-01', announced: undefined }, false],
  ['none, on the first day', { since: '2026-11-23', announced: undefined }, true],
])('P2 a party that comes with a notice of %s', (_notice, change, isFit) => {
  expect(problemsWith(change).includes('mail notice')).toBe(!isFit);
});

test('P2 a planned party is listed and cannot be called before its day', async () => {
  const before = dayAt('2027-01-01') - 1;
  expect(planned(full, before).map(({ id }) => id)).toEqual(['mail', 'desk', 'offline', 'bucket']);
  expect(processorOf('help.desk.example', inUse(full, before))).toBeUndefined();
  expect(processorOf('help.desk.example', inUse(full, before + 1))?.id).toBe('desk');
  let now = before;
  const http = createHttp({
    register: () => inUse(full, now),
    localHosts: { 'https://acme.atlassian.net': 'http://127.0.0.1:9' },
  });
  const codeOf = (): Promise<string> =>
    http.send({ method: 'GET', url: 'https://help.desk.example/' }).then(
      () => 'answered',
      (thrown: unknown) => toFault(thrown).code,
    );
  expect(await codeOf()).toBe('host-not-registered');
  now += 1;
  // On its day it passes the register; that nobody listens on this computer comes after.
  expect(await codeOf()).toBe('outside-unavailable');
  expect(effectiveFrom('2026-12-02')).toBe(dayAt('2027-01-01'));
});

test('P3 what is not configured is not on the list', () => {
  expect(registerOf({ residency: 'be+zrh', parties: {} }).map(({ id }) => id)).toEqual([
    'jira',
    'installKeys',
    'google',
  ]);
});

test('P3 the residency decides where backups may be, and no setting moves them', () => {
  const moved = { region: 'Mars', host: 'elsewhere.example', name: 'Else', ...everything.offline };
  const swiss = registerOf({ residency: 'be+zrh', parties: { offline: moved, bucket: moved } });
  expect(row('offline', swiss)).toMatchObject({
    name: 'rsync.net',
    region: 'Zurich, Switzerland',
    hosts: ['*.rsync.net'],
  });
  expect(row('bucket', swiss)).toMatchObject({ region: 'europe-west6', hosts: ['storage.googleapis.com'] });
  const european = registerOf({ residency: 'eu', parties: { offline: moved, bucket: moved } });
  expect(european.map(({ id }) => id)).toEqual(['jira', 'installKeys', 'google', 'bucket']);
  expect(row('bucket', european).region).toBe('europe-west4');
});

test('P4 the difference of two registers is what customers are told of', () => {
  const bare = registerOf({ residency: 'be+zrh', parties: {} });
  expect(changesBetween(bare, full).added.map(({ id }) => id)).toEqual(['mail', 'desk', 'offline', 'bucket']);
  expect(changesBetween(full, bare).removed.map(({ id }) => id)).toEqual(['mail', 'desk', 'offline', 'bucket']);
  expect(changesBetween(full, full)).toEqual({ added: [], removed: [], changed: [] });
  const other = full.map((one) => (one.id === 'mail' ? { ...one, region: 'Brazil' } : one));
  expect(changesBetween(full, other).changed.map(({ before, after }) => [before.region, after.region])).toEqual([
    ['Germany', 'Brazil'],
  ]);
  const sameButHost = full.map((one) => (one.id === 'mail' ? { ...one, hosts: ['smtp2.mailer.example'] } : one));
  expect(changesBetween(full, sameButHost).changed).toEqual([]);
});

test('P29 who runs it for itself has no processor of the vendor’s: nothing can be called but Jira and its own providers', async () => {
  const own = registerOf({ residency: 'be+zrh', parties: everything, deployment: 'selfHosted' });
  expect(own.map(({ id }) => id)).toEqual(['jira', 'installKeys', 'google', 'mail', 'offline', 'bucket']);
  expect(own.filter(({ role }) => role === 'sub-processor')).toEqual([]);
  const http = createHttp({ register: own, localHosts: { 'https://acme.atlassian.net': 'http://127.0.0.1:9' } });
  for (const host of ['help.desk.example', 'twinline.example', 'www.google-analytics.com']) {
    const ended = http.send({ method: 'GET', url: `https://${host}/` });
    await expect(ended).rejects.toThrow('host-not-registered');
  }
});
