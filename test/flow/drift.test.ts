/** What no event has told of is found by the scheduled runs, repaired, and told of: what, why, and what the look cost. */
import { afterEach, describe, expect, test } from 'vitest';
import { FULL_EVERY_MS, LIGHT_EVERY_MS } from '../../shared/model/drift.ts';
import type { DriftThing } from '../../shared/model/drift.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { CONNECTION, syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld, WorldOptions } from '../kit/syncWorld.ts';
import { dropEvents, driftsOf, runsOf, scheduleRuns } from '../kit/driftWorld.ts';

const HOUR = 3_600_000;

let world: SyncWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

async function open(options: WorldOptions = {}): Promise<void> {
  world = await syncWorld(options);
  await scheduleRuns(world);
}

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');

/** Issues under sync, as pairs of ids. */
async function pairs(count: number): Promise<readonly { readonly a: string; readonly b: string }[]> {
  for (let n = 0; n < count; n += 1) alpha().createIssue({ project: 'ALPHA', summary: `Issue ${n}` });
  await world.settle();
  return (await world.twins()).map(({ a = '', b = '' }) => ({ a, b }));
}

/** Rules that ask a person when both sides have changed a field. */
function holding(): RuleDocument {
  const rules = defaultRules();
  return { ...rules, fields: rules.fields.map((row) => ({ ...row, policy: 'hold' as const })) };
}

/** What both sides show of each pair, in the fields that these tests write. */
async function shown() {
  const show = (side: 'a' | 'b', id: string | undefined) => {
    const issue = world.issues(side).find((one) => one.id === id);
    const { summary, priority } = issue?.fields ?? {};
    const labels = labelsOf(side, id ?? '').toSorted();
    return {
      summary,
      labels,
      priority,
      status: issue?.status,
      comments: issue?.comments.map(({ text }) => text).sort(),
    };
  };
  return (await world.twins()).map(({ twin, a, b }) => ({ twin, a: show('a', a), b: show('b', b) }));
}

type Shown = Awaited<ReturnType<typeof shown>>[number];

/** Names of what differs within a pair. */
function differences({ a, b }: Shown): readonly string[] {
  const names = ['summary', 'labels', 'priority', 'status', 'comments'] as const;
  return names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}

/** Sets are merged element by element, so these people only add. */
function labelsOf(side: 'a' | 'b', id: string): readonly string[] {
  const labels = world.issues(side).find((one) => one.id === id)?.fields['labels'];
  return Array.isArray(labels) ? (labels as readonly string[]) : [];
}

/** A small generator, so that each seed is one history. */
function chance(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 4_294_967_296;
  };
}

const SEEDS = [
  [1, 0.01, 1],
  [2, 0.1, 2],
  [3, 0.25, 3],
  [4, 0.5, 6],
  [5, 0.75, 9],
  [6, 1, 12],
] as const;

describe('A6 webhooks that were lost', () => {
  test.each(SEEDS)(
    'A6 seed %i: a share of %f lost for %i h is repaired by one run, which lists every field',
    async (seed, share, hours) => {
      await open();
      const next = chance(seed);
      const known = await pairs(4);
      world.clock.at += 120_000;
      await world.wait(0);
      for (let edit = 0; edit < 24; edit += 1) {
        world.clock.at += (hours * HOUR) / 24;
        const pair = known[Math.floor(next() * known.length)];
        if (pair === undefined) throw new Error('no pair');
        const isAlpha = next() < 0.5;
        const [who, id] = isAlpha ? [alpha(), pair.a] : [beta(), pair.b];
        const kind = Math.floor(next() * 4);
        if (kind === 0) who.editIssue(id, { summary: `Edit ${edit}` });
        if (kind === 1) who.editIssue(id, { labels: [...labelsOf(isAlpha ? 'a' : 'b', id), `label${edit}`] });
        if (kind === 2) who.editIssue(id, { priority: ['High', 'Low', 'Medium'][edit % 3] ?? 'Low' });
        if (kind === 3) who.comment(id, `Comment ${edit}`);
        dropEvents(world, () => next() < share);
        await world.settle();
      }
      world.clock.at += 120_000;
      const before = (await shown()).map((pair) => ({ twin: pair.twin, names: differences(pair) }));
      if (share === 1) expect(before.flatMap(({ names }) => names).length).toBeGreaterThan(0);
      await world.wait(LIGHT_EVERY_MS);
      expect((await shown()).flatMap(differences)).toEqual([]);
      const listed = await driftsOf(world);
      for (const { twin, names } of before) {
        const things = listed.filter((one) => one.twin === twin).flatMap((one) => one.things);
        expect(new Set(things.map(({ what }) => (what === 'comment' ? 'comments' : what)))).toEqual(new Set(names));
        expect(things.every(({ code, why }) => code === undefined && why === 'webhook-lost')).toBe(true);
      }
      expect(listed.every(({ repairedAt }) => repairedAt !== undefined)).toBe(true);
    },
  );

  test('A6 a created issue whose event was lost arrives with the next run and is told of', async () => {
    await open();
    alpha().createIssue({ project: 'ALPHA', summary: 'Unheard' });
    dropEvents(world, () => true);
    await world.wait(LIGHT_EVERY_MS);
    expect(world.issues('b').map(({ fields }) => fields['summary'])).toEqual(['Unheard']);
    const [drift] = await driftsOf(world);
    expect(drift?.things.filter(({ what }) => what === 'issue')).toMatchObject([{ side: 'b', why: 'webhook-lost' }]);
  });
});

test('brings every issue of more than a page that an import has changed in one instant', {
  timeout: 60_000,
}, async () => {
  await open();
  const importedAt = world.clock.at;
  for (let number = 0; number < 130; number += 1) {
    alpha().createIssue({ project: 'ALPHA', summary: `Imported ${number}` });
    world.clock.at = importedAt;
  }
  dropEvents(world, () => true);
  await world.wait(LIGHT_EVERY_MS);
  await world.settle();
  expect(new Set(world.issues('b').map(({ fields }) => fields['summary'])).size).toBe(130);
});

describe('A11b changes that raise no webhook', () => {
  test('A11b links are found and repaired within one scan period, and the cost of the scan is told in points', async () => {
    const rules = {
      ...defaultRules(),
      fields: [...defaultRules().fields, { field: 'links' as const, policy: 'newest' as const }],
    };
    await open({ rules: { a: rules, b: rules } });
    const known = await pairs(3);
    world.clock.at += 120_000;
    alpha().link(known[0]?.a ?? '', 'Blocks', known[1]?.a ?? '');
    // Not lost: the site tells us of links and files as little as of properties.
    dropEvents(world, () => true);
    await world.wait(FULL_EVERY_MS);
    const linked = world.issues('b').filter(({ links }) => links.length > 0);
    expect(linked.length).toBe(2);
    const things = (await driftsOf(world)).flatMap((drift): readonly DriftThing[] => drift.things);
    expect(things.length).toBeGreaterThan(0);
    expect(things.every(({ what, why, code }) => what === 'links' && why === 'no-webhook' && code === undefined)).toBe(
      true,
    );
    const [run] = await runsOf(world);
    expect(run).toMatchObject({ how: 'full', stage: 'done', twins: 3 });
    // Per pair and side: the issue 2, its comments 1, markers at most 1; the site's list of fields, the searches and repairs on top.
    expect(run?.aPoints).toBeGreaterThanOrEqual(3 * 3);
    expect(run?.aPoints).toBeLessThanOrEqual(200);
    expect(run?.bPoints).toBeGreaterThanOrEqual(3 * 3);
  });
});

describe('a scheduled run', () => {
  test('looks at nothing twice that an event has brought, and costs two searches', async () => {
    await open();
    await pairs(3);
    await world.wait(LIGHT_EVERY_MS);
    const before = world.calls.length;
    await world.wait(LIGHT_EVERY_MS);
    expect(world.calls.slice(before).map(({ url }) => new URL(url).pathname)).toEqual([
      '/rest/api/3/search/jql',
      '/rest/api/3/search/jql',
    ]);
    expect(await driftsOf(world)).toEqual([]);
  });

  test('goes on where a dead worker stopped, when the tick brings it back', async () => {
    await open();
    const known = await pairs(6);
    for (const { a } of known) alpha().editIssue(a, { summary: 'Unheard' });
    dropEvents(world, () => true);
    world.clock.at += LIGHT_EVERY_MS;
    let dies = true;
    world.hooks.onCall = (call) => {
      if (dies && call.op === 'replace' && call.category === 'run') {
        dies = false;
        world.queue.length = 0;
        throw new Error('killed');
      }
    };
    await world.wait(0).catch(() => undefined);
    world.hooks = {};
    world.queue.length = 0;
    await world.wait(300_000);
    await world.wait(60_000);
    expect(world.issues('b').map(({ fields }) => fields['summary'])).toEqual(known.map(() => 'Unheard'));
    expect((await runsOf(world)).every(({ stage }) => stage === 'done')).toBe(true);
  });

  test('says of a pair without a difference when it was verified, and of another one not', async () => {
    await open({ rules: { a: holding(), b: holding() } });
    const [one] = await pairs(2);
    await world.wait(FULL_EVERY_MS);
    const verified = (await world.twins()).map(({ verifiedAt }) => verifiedAt ?? 0);
    expect(verified.every((at) => at > world.clock.at - HOUR)).toBe(true);
    alpha().editIssue(one?.a ?? '', { summary: 'of alpha' });
    beta().editIssue(one?.b ?? '', { summary: 'of beta' });
    dropEvents(world, () => true);
    await world.wait(FULL_EVERY_MS);
    const things = (await driftsOf(world)).flatMap((drift): readonly DriftThing[] => drift.things);
    expect(things).toEqual([{ side: 'b', what: 'summary', why: 'conflict', code: 'conflict-held' }]);
    const later = await world.twins();
    expect(later.find(({ a }) => a === one?.a)?.verifiedAt ?? 0).toBeLessThanOrEqual(world.clock.at - FULL_EVERY_MS);
    expect(later.find(({ a }) => a !== one?.a)?.verifiedAt ?? 0).toBeGreaterThan(world.clock.at - HOUR);
  });

  test('tells of an issue that is not visible any more, and deletes nothing', async () => {
    await open();
    const [one] = await pairs(2);
    beta().deleteIssue(one?.b ?? '');
    dropEvents(world, () => true);
    await world.wait(FULL_EVERY_MS);
    expect(world.issues('a').length).toBe(2);
    const things = (await driftsOf(world)).flatMap((drift): readonly DriftThing[] => drift.things);
    expect(things).toEqual([{ side: 'b', what: 'issue', why: 'permission', code: 'issue-gone' }]);
  });

  test('finds the issue again that a lost twin has made, and makes no second one', async () => {
    await open();
    await pairs(1);
    for (const { twin, a, b } of await world.twins()) {
      await world.store.remove('twin', { connection: CONNECTION, twin });
      await world.store.remove('link', { tenant: 't-00000001', issue: a ?? '', connection: CONNECTION });
      await world.store.remove('link', { tenant: 't-00000002', issue: b ?? '', connection: CONNECTION });
    }
    await world.wait(FULL_EVERY_MS);
    expect(world.issues('b').length).toBe(1);
    const [twin] = await world.twins();
    expect(twin).toMatchObject({ a: world.issues('a')[0]?.id, b: world.issues('b')[0]?.id });
  });

  test('tells of an issue with our mark whose twin nobody knows', async () => {
    await open();
    await pairs(1);
    const [{ twin, a, b } = {}] = await world.twins();
    await world.store.remove('twin', { connection: CONNECTION, twin: twin ?? '' });
    await world.store.remove('link', { tenant: 't-00000001', issue: a ?? '', connection: CONNECTION });
    await world.store.remove('link', { tenant: 't-00000002', issue: b ?? '', connection: CONNECTION });
    alpha().deleteIssue(a ?? '');
    dropEvents(world, () => true);
    await world.wait(FULL_EVERY_MS);
    expect(world.issues('b').length).toBe(1);
    expect(await world.twins()).toEqual([]);
    const things = (await driftsOf(world)).flatMap((drift): readonly DriftThing[] => drift.things);
    expect(things).toEqual([{ side: 'b', what: 'issue', why: 'orphan', code: 'not-under-sync' }]);
  });
});

describe('A11 the lag', () => {
  test('A11 is counted from the person’s change by its own time, also when the webhook was lost, and stored by kind and day', async () => {
    await open();
    const [one] = await pairs(1);
    world.clock.at += 60_000;
    alpha().editIssue(one?.a ?? '', { summary: 'Soon' });
    world.clock.at += 2_000;
    await world.settle();
    beta().comment(one?.b ?? '', 'Unheard');
    dropEvents(world, () => true);
    await world.wait(LIGHT_EVERY_MS);
    await world.wait(60_000);
    const { items } = await world.store.list('lag', { connection: CONNECTION }, { limit: 10 });
    const kinds = items[0]?.row.kinds ?? {};
    expect(items.length).toBe(1);
    expect(Object.keys(kinds).toSorted()).toEqual(['comment', 'field', 'issue']);
    expect(kinds['field']).toMatchObject({ count: 1 });
    expect(kinds['field']?.maxMs).toBeGreaterThanOrEqual(2_000);
    expect(kinds['field']?.maxMs).toBeLessThan(5_000);
    expect(kinds['comment']?.maxMs).toBeGreaterThanOrEqual(LIGHT_EVERY_MS);
  });
});
