/** What a preview says is what the sync then does. The sites are stand-ins over HTTP; the console and the sync are the real ones. */
import { withoutUsage } from '../kit/unused.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { consoleRoutes } from '../../functions/console/http.ts';
import { httpEdge } from '../../functions/edge.ts';
import { syncHandler } from '../../functions/sync/event.ts';
import { pairsOver } from '../../functions/sync/previewPair.ts';
import { canonical as canonicalDoc } from '../../shared/adf/canonical.ts';
import { canonical } from '../../shared/evidence/canonical.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import { accountId, issueId, ownerOf } from '../../shared/model/ids.ts';
import type { FieldValue, Replica } from '../../shared/model/replica.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { Door, Jira, JiraSite } from '../../shared/ports.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { previewPage } from '../../shared/wire/rules.ts';
import type { PreviewLine } from '../../shared/wire/rules.ts';
import { callEdge } from '../kit/callEdge.ts';
import { ledgerOver } from '../kit/ledgerOver.ts';
import { quietScript } from '../kit/quietScript.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';

/** The one role that apps are in. */
const ROLE = 'atlassian-addons-project-access';
const SETTINGS = { leaseMs: 30_000, markerLagMs: 5_000 };
const RULES: RuleDocument = {
  ...defaultRules(),
  fields: [
    ...defaultRules().fields.filter(({ field }) => field !== 'labels' && field !== 'assignee'),
    { field: 'labels', policy: 'newest', transform: { kind: 'without', values: ['secret'] } },
    { field: 'dueDate', policy: 'newest', when: 'update' },
  ],
  values: { status: { 'In Progress': 'In Progress' }, priority: { Highest: 'High' } },
};

let world: SyncWorld;
beforeEach(async () => {
  world = await syncWorld({ rules: { a: RULES, b: RULES } });
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');

/** The console over this world, for the first administrator of a side. */
async function preview(side: Side, body: unknown) {
  const site = world.server.sites.find(({ name }) => name === (side === 'a' ? 'alpha' : 'beta'));
  const account = accountId(site?.users.find(({ admin }) => admin)?.accountId ?? '');
  const door: Door = {
    name: 'connect',
    verifySite: async () => {
      throw new Fault('token-kind');
    },
    verifyPerson: async () => {
      const tenant = TENANTS[side];
      return { kind: 'person', tenant, owner: ownerOf(tenant.tenant, tenant.generation), account, isActive: true };
    },
    authorise: async () => {
      throw new Fault('bug');
    },
  };
  const signer = { keyId: 'test', sign: async () => '', publicKey: async () => '' };
  const { ports } = world;
  const eyes = { pairs: pairsOver(ports, SETTINGS) };
  const all = { ...ports, ledger: ledgerOver(ports.store), signer, script: quietScript() };
  const routes = consoleRoutes(all, consoleSettings, eyes);
  const handle = httpEdge('console', { clock: ports.clock, log: ports.log, doors: { connect: door } }, routes);
  const target = `/console/api/connections/${CONNECTION}/rules/preview`;
  const answer = await callEdge(handle, { method: 'POST', target, body });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return previewPage.parse(JSON.parse(answer.text));
}

/** All pages of the whole scope. */
async function previewAll(side: Side): Promise<readonly PreviewLine[]> {
  const lines: PreviewLine[] = [];
  let after: string | undefined;
  do {
    const page = await preview(side, after === undefined ? {} : { after });
    lines.push(...page.issues);
    after = page.next;
  } while (after !== undefined);
  return lines;
}

/** What was written: `side issue field` → value, as it went out. */
type Writes = Map<string, FieldValue>;

/** Syncs every issue of side a, and whatever that asks for, and notes each written value. */
async function apply(issues: readonly string[]): Promise<Writes> {
  const writes: Writes = new Map();
  const note = (side: Side, issue: string, fields: Replica): void => {
    for (const [field, value] of Object.entries(fields))
      if (value !== undefined) writes.set(`${side} ${issue} ${field}`, value as FieldValue);
  };
  const recording: Jira = {
    at: (tenant, trace, priority) => {
      const side: Side = tenant.tenant === TENANTS.a.tenant ? 'a' : 'b';
      const site = world.jira.at(tenant, trace, priority);
      const noted: JiraSite = {
        ...site,
        createIssue: async (project, fields, marker) => {
          const made = await site.createIssue(project, fields, marker);
          note(side, made.issue ?? '', fields);
          return made;
        },
        editIssue: async (place, fields) => {
          note(side, place.issue, fields);
          return site.editIssue(place, fields);
        },
        transition: async (issue, transition, fields) => {
          const ended = await site.transition(issue, transition, fields);
          const after = await site.readIssue(issue, ['status']);
          note(side, issue, { ...fields, ...(after === 'gone' ? {} : { status: after.fields.status ?? '' }) });
          return ended;
        },
      };
      return noted;
    },
  };
  const handle = syncHandler({ ...world.ports, jira: recording }, SETTINGS);
  for (const issue of issues) {
    const ask = {
      kind: 'bring-under-sync',
      ...TENANTS.a,
      connection: CONNECTION,
      issue: issueId(issue),
      askedAt: 0,
    } as const;
    await handle(ask);
  }
  for (let message = world.queue.shift(); message !== undefined; message = world.queue.shift()) await handle(message);
  return writes;
}

/** One text for one value; documents in their canonical form. */
function textOf(value: FieldValue): string {
  const isDoc = typeof value === 'object' && value !== null && 'type' in value;
  return canonical(isDoc ? canonicalDoc(value) : value);
}

const sorted = (of: Iterable<readonly [string, FieldValue]>): string =>
  [...of]
    .map(([place, value]) => `${place} ${textOf(value)}`)
    .toSorted()
    .join('\n');

/** What a preview of one side said would be set there, by the issue that each of its issues is in step with afterwards. */
async function promised(side: Side, lines: readonly PreviewLine[], outcome: 'set' | 'later') {
  const twins = await world.twins();
  const to = otherSide(side);
  return lines.flatMap(({ issue, fields = [] }) => {
    const target = twins.find((twin) => twin[side] === issue)?.[to];
    return fields
      .filter((one) => one.to === to && one.outcome === outcome && one.value !== undefined)
      .map((one) => [`${to} ${target ?? ''} ${one.field}`, one.value as FieldValue] as const);
  });
}

/** Two pairs in step, edits on both sides that nobody has carried over, and new issues. */
async function history(): Promise<readonly string[]> {
  const one = alpha().createIssue({ project: 'ALPHA', summary: 'One', labels: ['x', 'secret'], priority: 'High' });
  const two = alpha().createIssue({ project: 'ALPHA', summary: 'Two', description: 'It *drips*.' });
  await world.settle();
  const twins = await world.twins();
  const copyOf = (id: string): string => twins.find(({ a }) => a === id)?.b ?? '';
  alpha().editIssue(one.id, { summary: 'One, better', labels: ['x', 'y', 'secret'], priority: 'Lowest' });
  alpha().transition(one.id, 'In Progress');
  beta().editIssue(copyOf(one.id), { description: 'Seen by *beta*' });
  beta().editIssue(copyOf(two.id), { summary: 'Two, by beta', labels: ['z'] });
  const three = alpha().createIssue({
    ...{ project: 'ALPHA', issuetype: 'Bug', summary: 'Three', description: 'With **text**', priority: 'Low' },
    labels: ['new', 'secret'],
  });
  alpha().transition(three.id, 'In Progress');
  const four = alpha().createIssue({ project: 'ALPHA', summary: 'Four' });
  world.clock.at += 60_000;
  world.queue.length = 0;
  return [one.id, two.id, three.id, four.id];
}

/** Everything of the sync and of the tenants; how full the pools of points are is no part of it. */
/** What is stored of customers, but for how often the API was used. */
const stored = (): string =>
  JSON.stringify(
    withoutUsage(world.store.everything('(default)')).filter(([path]) => /^(connections|tenants)\//.test(path)),
  );

describe('A16 preview truth', () => {
  test('U16 A16: what all previews say is what applying writes, byte for byte, and nothing else', async () => {
    const issues = await history();
    const [fromA, fromB] = [await previewAll('a'), await previewAll('b')];
    expect(fromA.map(({ issue }) => issue).toSorted()).toEqual([...issues].toSorted());
    expect(fromA.map(({ act }) => act).toSorted()).toEqual(['create', 'create', 'update', 'update']);
    const writes = await apply(issues);
    const set = [...(await promised('a', fromA, 'set')), ...(await promised('b', fromB, 'set'))];
    const later = [...(await promised('a', fromA, 'later')), ...(await promised('b', fromB, 'later'))];
    const laterPlaces = new Set<string>(later.map(([place]) => place));
    expect(set.length).toBeGreaterThan(10);
    expect(later.length).toBeGreaterThan(0);
    expect(sorted([...writes].filter(([place]) => !laterPlaces.has(place)))).toBe(sorted(set));
    for (const [place, value] of later) {
      const [side = '', issue = '', field = ''] = place.split(' ');
      const after = await world.jira.at(TENANTS[side as Side], 'test').readIssue(issueId(issue), [field as 'status']);
      expect([place, after === 'gone' ? after : after.fields[field as 'status']]).toEqual([place, value]);
    }
  });

  test('U16 afterwards a preview says that nothing is left to do', async () => {
    const issues = await history();
    await apply(issues);
    world.clock.at += 60_000;
    const lines = await previewAll('a');
    expect(lines.map(({ act }) => act)).toEqual(issues.map(() => 'none'));
    const outcomes = new Set(lines.flatMap(({ fields = [] }) => fields.map(({ outcome }) => outcome)));
    expect([...outcomes].filter((outcome) => outcome === 'set' || outcome === 'later')).toEqual([]);
  });
});

/** What was done with parts: `side part end` → how often, as the sites took it. */
async function applyParts(issues: readonly string[]): Promise<Record<string, number>> {
  const done: Record<string, number> = {};
  const noted = (side: Side, what: string): void => {
    done[`${side} ${what}`] = (done[`${side} ${what}`] ?? 0) + 1;
  };
  const recording: Jira = {
    at: (tenant, trace, priority) => {
      const side: Side = tenant.tenant === TENANTS.a.tenant ? 'a' : 'b';
      const site = world.jira.at(tenant, trace, priority);
      const also = async <R>(what: string, act: Promise<R>): Promise<R> => {
        const ended = await act;
        noted(side, what);
        return ended;
      };
      return {
        ...site,
        addComment: (...given) => also('comment create', site.addComment(...given)),
        editComment: (...given) => also('comment change', site.editComment(...given)),
        deleteComment: (...given) => also('comment delete', site.deleteComment(...given)),
        addWorklog: (...given) => also('worklog create', site.addWorklog(...given)),
        editWorklog: (...given) => also('worklog change', site.editWorklog(...given)),
        deleteWorklog: (...given) => also('worklog delete', site.deleteWorklog(...given)),
        addAttachment: (...given) => also('attachment create', site.addAttachment(...given)),
        deleteAttachment: (...given) => also('attachment delete', site.deleteAttachment(...given)),
        changeLink: async (issue, change) => {
          noted(side, `link ${change.act === 'add' ? 'create' : 'delete'}`);
          return site.changeLink(issue, change);
        },
      };
    },
  };
  const handle = syncHandler({ ...world.ports, jira: recording }, SETTINGS);
  for (const issue of issues) {
    const ask = { ...TENANTS.a, connection: CONNECTION, issue: issueId(issue), askedAt: 0 };
    await handle({ kind: 'bring-under-sync', ...ask });
  }
  for (let message = world.queue.shift(); message !== undefined; message = world.queue.shift()) await handle(message);
  return done;
}

/** What previews promise of parts on the side to which each of them looks. */
function promisedParts(side: Side, lines: readonly PreviewLine[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { to, part, counts } of lines.flatMap(({ parts = [] }) => parts)) {
    if (to !== otherSide(side)) continue;
    for (const end of ['create', 'change', 'delete'] as const) {
      const count = counts[end] ?? 0;
      if (count > 0) sums[`${to} ${part} ${end}`] = (sums[`${to} ${part} ${end}`] ?? 0) + count;
    }
  }
  return sums;
}

describe('A16 preview truth of comments, worklogs, files and links', () => {
  const whole: RuleDocument = {
    ...defaultRules(),
    fields: [...defaultRules().fields, { field: 'links', policy: 'newest' }],
    ...{ worklogs: true, attachments: { names: ['*.png', '*.txt'] } },
  };
  const picture = (id: string) => ({
    ...{ type: 'doc', version: 1 },
    content: [
      {
        ...{ type: 'mediaSingle', attrs: { layout: 'center' } },
        content: [{ type: 'media', attrs: { type: 'file', id, collection: '' } }],
      },
    ],
  });
  const file = (filename: string) => ({ filename, mimeType: 'text/plain', bytes: Buffer.from(`of ${filename}`) });

  /** A pair with parts of every kind in step, changes on both sides that nobody has carried over, and a new issue. */
  async function partHistory(): Promise<readonly string[]> {
    await world.close();
    const roles = { [ROLE]: ['712020:00000000-0000-4000-8000-00000000000a'] };
    const sites = [
      { name: 'alpha', projects: [{ key: 'ALPHA', roles }] },
      { name: 'beta', projects: [{ key: 'BETA' }] },
    ];
    world = await syncWorld({ rules: { a: whole, b: whole }, sites });
    const one = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
    const two = alpha().createIssue({ project: 'ALPHA', summary: 'Two' });
    const [edited, erased] = [alpha().comment(one.id, 'edited later'), alpha().comment(one.id, 'erased later')];
    alpha().comment(one.id, 'kept');
    const logged = alpha().logWork(one.id, { timeSpent: '1h' });
    const [old] = [alpha().attach(one.id, file('old.txt')), alpha().attach(one.id, file('kept.txt'))];
    await world.settle();
    const copyOf = async (id: string) => (await world.twins()).find(({ a }) => a === id)?.b ?? '';
    alpha().editComment(one.id, edited.id, 'edited');
    alpha().deleteComment(one.id, erased.id);
    const shown = alpha().attach(one.id, file('new.png'));
    alpha().attach(one.id, file('kept.back'));
    alpha().comment(one.id, picture(shown.mediaId));
    alpha().comment(one.id, 'after the picture');
    alpha().comment(one.id, 'not for all', { visibility: { type: 'role', value: ROLE } });
    alpha().editWork(one.id, logged.id, { timeSpent: '2h' });
    alpha().logWork(one.id, { timeSpent: '3h' });
    alpha().deleteAttachment(old.id);
    alpha().link(one.id, 'Relates', two.id);
    beta().comment(await copyOf(one.id), 'from beta');
    beta().logWork(await copyOf(one.id), { timeSpent: '5m' });
    const three = alpha().createIssue({ project: 'ALPHA', summary: 'Three' });
    alpha().comment(three.id, 'with a new issue');
    alpha().attach(three.id, file('three.txt'));
    alpha().editIssue(three.id, { description: picture(alpha().attach(three.id, file('three.png')).mediaId) });
    alpha().link(three.id, 'Relates', two.id);
    world.clock.at += 60_000;
    world.queue.length = 0;
    return [one.id, two.id, three.id];
  }

  test('U26 A16: what previews count is what applying does, kind by kind and side by side', async () => {
    const issues = await partHistory();
    const [fromA, fromB] = [await previewAll('a'), await previewAll('b')];
    const promised = { ...promisedParts('a', fromA), ...promisedParts('b', fromB) };
    expect(promised).toMatchObject({
      ...{ 'b comment create': 3, 'b comment change': 1, 'b comment delete': 1, 'a comment create': 1 },
      ...{ 'b worklog create': 1, 'b worklog change': 1, 'a worklog create': 1 },
      ...{ 'b attachment create': 3, 'b attachment delete': 1 },
    });
    const later = fromA.flatMap(({ parts = [] }) => parts.flatMap(({ part, counts }) => (counts.later ? [part] : [])));
    // That of the new issue, and the end of another that its own pair brings.
    expect(later).toEqual(['link', 'link']);
    const description = fromA.flatMap(({ fields = [] }) => fields).filter(({ field }) => field === 'description');
    expect(description.map(({ outcome }) => outcome)).toContain('later');
    const done = await applyParts(issues);
    // The link of the new issue is promised for later; both ends of one link are one.
    const { 'b link create': links = 0, ...rest } = done;
    const { 'b link create': _counted, ...sure } = promised;
    expect(rest).toEqual(sure);
    expect(links).toBeGreaterThan(0);
  });

  test('U26 counts what stays as it is, what the rules keep back and what is blocked, with its code, and quotes nothing', async () => {
    const [one = ''] = await partHistory();
    const page = await preview('a', { issues: [one] });
    const of = (part: string) => page.issues[0]?.parts?.find((row) => row.to === 'b' && row.part === part);
    expect(of('comment')).toEqual({
      ...{ to: 'b', part: 'comment', codes: ['comment-restricted'] },
      counts: { create: 2, change: 1, delete: 1, unchanged: 1, blocked: 1 },
    });
    expect(of('worklog')).toEqual({ to: 'b', part: 'worklog', counts: { create: 1, change: 1 } });
    expect(of('attachment')?.counts).toEqual({ create: 1, delete: 1, unchanged: 1, dropped: 1 });
    expect(page.totals.parts.comment).toMatchObject({ create: 3, unchanged: 1, blocked: 1, unsure: 0 });
    const text = JSON.stringify(page);
    for (const said of ['kept', 'picture', 'not for all', 'from beta', 'new.png']) expect(text).not.toContain(said);
    expect(text.length).toBeLessThan(6_000);
  });

  test('U26 afterwards nothing is left to do with any part', async () => {
    const issues = await partHistory();
    await applyParts(issues);
    await world.settle();
    const lines = [...(await previewAll('a')), ...(await previewAll('b'))];
    const open = lines.flatMap(({ parts = [] }) =>
      parts.flatMap(({ part, counts: { create = 0, change = 0, delete: gone = 0, later = 0 } }) =>
        create + change + gone + later > 0 ? [part] : [],
      ),
    );
    expect(open).toEqual([]);
  });
});

describe('a preview', () => {
  test('U15 writes nothing', async () => {
    const issues = await history();
    world.writes();
    const before = stored();
    await previewAll('a');
    await previewAll('b');
    await preview('a', { issues });
    expect(world.writes()).toEqual([]);
    expect(stored()).toBe(before);
    expect(world.queue).toEqual([]);
  });

  test('U17 tells each field once per direction, with what keeps it back', async () => {
    const [one = '', , three = ''] = await history();
    const page = await preview('a', { issues: [one, three, '99999'] });
    expect(page.issues[2]).toEqual({ issue: '99999', act: 'error', code: 'not-found' });
    for (const { fields = [] } of page.issues) {
      const places = fields.map(({ to, field }) => `${to} ${field}`);
      expect(new Set(places).size).toBe(places.length);
    }
    const outcomesOf = (line: PreviewLine | undefined, to: Side) =>
      Object.fromEntries(
        (line?.fields ?? []).filter((row) => row.to === to).map(({ field, outcome }) => [field, outcome]),
      );
    expect(outcomesOf(page.issues[0], 'b')).toMatchObject({
      ...{ summary: 'set', priority: 'set', labels: 'set', status: 'set' },
      ...{ issueType: 'unchanged', description: 'unchanged' },
    });
    expect(outcomesOf(page.issues[0], 'a')).toMatchObject({ description: 'set', summary: 'unchanged' });
    expect(outcomesOf(page.issues[1], 'b')).toMatchObject({
      summary: 'set',
      issueType: 'set',
      status: 'later',
      dueDate: 'dropped',
    });
    expect(page.totals.pairs).toEqual({ create: 1, update: 1, delete: 0, none: 0, blocked: 0, error: 1 });
    const value = page.issues[0]?.fields?.find(({ to, field }) => to === 'b' && field === 'labels')?.value;
    expect(value).toEqual(['x', 'y']);
  });

  test('U18 shows values only of what the own issues would send', async () => {
    const [one = ''] = await history();
    const page = await preview('a', { issues: [one] });
    const rows = page.issues[0]?.fields ?? [];
    expect(rows.filter(({ to, value }) => to === 'a' && value !== undefined)).toEqual([]);
    expect(rows.some(({ to, outcome }) => to === 'a' && outcome === 'set')).toBe(true);
    expect(JSON.stringify(page)).not.toContain('Seen by');
  });

  test('U17 refuses an issue of another project', async () => {
    const other = alpha().createIssue({ project: 'OTHER', summary: 'Elsewhere' });
    const page = await preview('a', { issues: [other.id] });
    expect(page.issues).toEqual([{ issue: other.id, act: 'error', code: 'not-under-sync' }]);
  });
});
