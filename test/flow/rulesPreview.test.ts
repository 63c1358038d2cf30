/** What a preview says is what the sync then does. The sites are stand-ins over HTTP; the console and the sync are the real ones. */
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
import { quietScript } from '../kit/quietScript.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

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
  const routes = consoleRoutes({ ...ports, signer, script: quietScript() }, { commit: 'c0ffee' }, eyes);
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
const stored = (): string =>
  JSON.stringify([...world.store.everything('(default)')].filter(([path]) => /^(connections|tenants)\//.test(path)));

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
    expect(page.totals.pairs).toEqual({ create: 1, update: 1, none: 0, blocked: 0, error: 1 });
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
