/** Texts that show files of their issue, through the real client, against two stand-in sites that take no file of another site. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mediaIn } from '../../shared/adf/media.ts';
import type { AdfDoc, AdfNode } from '../../shared/model/adf.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { halfOf, tenantKey } from '../../shared/model/ids.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { adfDoc } from '../../shared/wire/adf.ts';
import * as kit from '../kit/syncBuilders.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

const ROLE = 'Administrators';
const plain = defaultRules();
const { attachments: _, ...withoutFiles } = plain;
const rules: RuleDocument = {
  ...plain,
  fields: [...plain.fields, { field: 'environment', policy: 'newest' }],
  worklogs: true,
  attachments: {},
};

let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };

async function start(own: RuleDocument = rules): Promise<void> {
  world = await syncWorld({ rules: { a: own, b: rules } });
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
  world.writes();
  world.calls.length = 0;
}

beforeEach(() => start());
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const { doc } = kit;
/** A document as people of the stand-in hand it in. */
const docOf = (...content: readonly AdfNode[]) => ({ ...kit.docOf(...content) });
const p = (text: string): AdfNode => ({ type: 'paragraph', content: [{ type: 'text', text }] });
const shows = (id: string): AdfNode => ({
  type: 'mediaSingle',
  attrs: { layout: 'center' },
  content: [{ type: 'media', attrs: { type: 'file', id, collection: '', alt: 'a map' } }],
});
const attach = (side: 'a' | 'b', name: string): string =>
  (side === 'a' ? alpha() : beta()).attach(ids[side], {
    filename: name,
    mimeType: 'image/png',
    bytes: Buffer.from(`bytes of ${name}`),
  }).mediaId;
const issue = (side: 'a' | 'b') => world.issues(side).find(({ id }) => id === ids[side]);
/** The id under which a side's documents show the file of that name. */
const mediaOn = (side: 'a' | 'b', name: string): string =>
  issue(side)?.attachments.find(({ filename }) => filename === name)?.mediaId ?? 'none';
const field = (side: 'a' | 'b', name: string): AdfDoc => adfDoc.parse(issue(side)?.fields[name] ?? docOf());
const comments = (side: 'a' | 'b') => issue(side)?.comments.map(({ body }) => mediaIn(adfDoc.parse(body)));
const worklogs = (side: 'a' | 'b') => issue(side)?.worklogs.map(({ body }) => mediaIn(adfDoc.parse(body)));
/** Puts a document in charge, as publishing it does. */
async function rule(side: 'a' | 'b', document: RuleDocument): Promise<void> {
  const { tenant } = TENANTS[side];
  const half = halfOf(CONNECTION, side);
  await world.store.transact(async (transaction) => {
    const row = (await transaction.read('half', { tenant, half }))?.row;
    if (row === undefined) return;
    const { owners, createdAt } = row;
    const { version } = document;
    const context = contextOf('rules.document', tenant, half, version);
    const [owner] = owners;
    const sealed = await world.ports.keys.seal(tenantKey(owner ?? ('' as never)), context, document);
    transaction.put('half', { tenant, half }, { ...row, rulesVersion: version });
    transaction.put(
      'rules',
      { tenant, half, version: String(version) },
      { owners, version, createdAt, document: sealed },
    );
  });
}
const asked = () => world.calls.filter(({ url }) => /\/attachment\/content\/\d+$/.test(url)).length;

async function recover(): Promise<void> {
  for (let minute = 0; minute < 6; minute += 1) await world.wait(60_000);
}

describe('pictures in texts', () => {
  test('S55 arrive in description, environment, comment and worklog, and nothing comes back', async () => {
    const [one, two] = [attach('a', 'one.png'), attach('a', 'two.png')];
    alpha().editIssue(ids.a, { description: docOf(p('see'), shows(one), shows(two)), environment: docOf(shows(two)) });
    alpha().comment(ids.a, docOf(shows(one), p('there')));
    alpha().logWork(ids.a, { timeSpent: '1h', comment: docOf(shows(two)) });
    await world.settle();
    const there = [mediaOn('b', 'one.png'), mediaOn('b', 'two.png')];
    expect(mediaIn(field('b', 'description'))).toEqual(there);
    expect(mediaIn(field('b', 'environment'))).toEqual([there[1]]);
    expect(comments('b')).toEqual([[there[0]]]);
    expect(worklogs('b')).toEqual([[there[1]]]);
    expect(asked()).toBe(4);
    world.writes();
    await world.wait(3_600_000);
    beta().comment(ids.b, 'looked');
    await world.settle();
    expect(world.writes()).toHaveLength(1);
    expect(asked()).toBe(4);
  });

  test('S55 come home with an edit of the copy, and what is added there arrives', async () => {
    const one = attach('a', 'one.png');
    alpha().editIssue(ids.a, { description: docOf(p('see'), shows(one)) });
    await world.settle();
    const more = attach('b', 'more.png');
    const [, picture] = field('b', 'description').content;
    beta().editIssue(ids.b, { description: docOf(p('see both'), picture ?? p(''), shows(more)) });
    await world.settle();
    expect(field('a', 'description')).toEqual(docOf(p('see both'), shows(one), shows(mediaOn('a', 'more.png'))));
    expect((await world.twins())[0]?.error).toBeUndefined();
  });

  test('S108 come with a new issue, its comments in their order', async () => {
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Two' });
    ids = { ...ids, a: id };
    const one = attach('a', 'one.png');
    alpha().editIssue(id, { description: docOf(shows(one)) });
    alpha().comment(id, docOf(shows(one)));
    alpha().comment(id, 'after it');
    await world.settle();
    ids = { a: id, b: world.issues('b')[1]?.id ?? '' };
    expect(mediaIn(field('b', 'description'))).toEqual([mediaOn('b', 'one.png')]);
    expect(comments('b')).toEqual([[mediaOn('b', 'one.png')], []]);
  });

  test('S108 C20 wait two minutes for a file that does not come through, go with words, and are shown when it has', async () => {
    world.server.faults.apiErrors.push({ operation: 'addAttachment', status: 503, count: 5, when: 'before' });
    const one = attach('a', 'one.png');
    alpha().editIssue(ids.a, { description: docOf(p('see'), shows(one)), summary: 'at once' });
    alpha().comment(ids.a, docOf(shows(one)));
    const [change] = world.queue.splice(0);
    if (change !== undefined) await world.handle(change);
    expect(issue('b')).toMatchObject({ fields: { summary: 'at once' }, comments: [] });
    const seen: string[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      await world.wait(60_000);
      seen.push(
        JSON.stringify(field('b', 'description')).includes('[media: a map]')
          ? 'words'
          : String(mediaIn(field('b', 'description')).length),
      );
    }
    expect([...new Set(seen)]).toEqual(['0', 'words', '1']);
    expect(comments('b')).toEqual([[mediaOn('b', 'one.png')]]);
  });

  test('S109 S52 of a restricted comment stay private, whatever else the text shows', async () => {
    const [open, secret] = [attach('a', 'open.png'), attach('a', 'secret.png')];
    alpha().comment(ids.a, docOf(shows(secret)), { visibility: { type: 'role', value: ROLE } });
    alpha().comment(ids.a, docOf(shows(open)));
    await world.settle();
    expect(world.issues('b')[0]?.attachments.map(({ filename }) => filename)).toEqual(['open.png']);
    expect(comments('b')).toEqual([[mediaOn('b', 'open.png')]]);
  });

  test('S109 that the rule keeps back are words, and come home with an edit of the copy', async () => {
    await world.close();
    await start({ ...rules, attachments: { names: ['*.txt'] } });
    const one = attach('a', 'one.png');
    alpha().editIssue(ids.a, { description: docOf(p('see'), shows(one)) });
    await world.settle();
    expect(field('b', 'description')).toEqual(doc('see', '[media: a map]'));
    beta().editIssue(ids.b, { description: doc('see there', '[media: a map]') });
    await world.settle();
    expect(field('a', 'description')).toEqual(docOf(p('see there'), shows(one)));
  });

  test('S109 of another issue are words, and their site still shows them', async () => {
    const other = alpha().createIssue({ project: 'OTHER', summary: 'Elsewhere' });
    const foreign = alpha().attach(other.id, {
      filename: 'x.png',
      mimeType: 'image/png',
      bytes: Buffer.from('x'),
    }).mediaId;
    attach('a', 'one.png');
    alpha().editIssue(ids.a, { description: docOf(p('see'), shows(foreign)) });
    await world.settle();
    expect(field('b', 'description')).toEqual(doc('see', '[media: a map]'));
    beta().editIssue(ids.b, { description: doc('see there', '[media: a map]') });
    await world.settle();
    expect(field('a', 'description')).toEqual(docOf(p('see there'), shows(foreign)));
  });

  test('S109 stay what they are when no rule sends files any more', async () => {
    const one = attach('a', 'one.png');
    alpha().editIssue(ids.a, { description: docOf(p('see'), shows(one)) });
    await world.settle();
    for (const side of ['a', 'b'] as const) await rule(side, { ...withoutFiles, version: 2 });
    const later = attach('a', 'later.png');
    alpha().editIssue(ids.a, { description: docOf(p('see again'), shows(one), shows(later)) });
    await world.settle();
    const there = mediaOn('b', 'one.png');
    expect(field('b', 'description')).toEqual(docOf(p('see again'), shows(there), p('[media: a map]')));
    beta().editIssue(ids.b, { description: docOf(p('once more'), shows(there), p('[media: a map]')) });
    await world.settle();
    expect(field('a', 'description')).toEqual(docOf(p('once more'), shows(one), shows(later)));
  });

  test('S110 whose file is deleted afterwards: the next edit goes on with words', async () => {
    const one = attach('a', 'one.png');
    alpha().editIssue(ids.a, { description: docOf(p('see'), shows(one)) });
    await world.settle();
    alpha().deleteAttachment(issue('a')?.attachments[0]?.id ?? '');
    await world.settle();
    expect(world.issues('b')[0]?.attachments).toEqual([]);
    world.writes();
    beta().editIssue(ids.b, { description: doc('no picture any more') });
    await world.settle();
    expect(field('a', 'description')).toEqual(doc('no picture any more'));
    expect((await world.twins())[0]?.error).toBeUndefined();
  });

  test('S109 whose file goes in the moment before they are written are refused by name, and the other fields go on', async () => {
    attach('a', 'one.png');
    await world.settle();
    alpha().editIssue(ids.a, { description: docOf(shows(mediaOn('a', 'one.png'))), summary: 'goes on' });
    let isDone = false;
    world.onSend = ({ method, url }) => {
      if (isDone || method !== 'PUT' || !url.includes('beta')) return;
      isDone = true;
      beta().deleteAttachment(issue('b')?.attachments[0]?.id ?? '');
    };
    const [change] = world.queue.splice(0, 1);
    if (change !== undefined) await world.handle(change);
    expect(issue('b')).toMatchObject({ fields: { summary: 'goes on' } });
    expect((await world.twins())[0]?.fields['description']).toMatchObject({ blocked: 'rich-text-media' });
  });

  test('S108 end the same when a worker dies at any store call', async () => {
    for (let n = 1; n <= 120; n += 3) {
      await world.close();
      await start();
      const one = attach('a', 'one.png');
      alpha().editIssue(ids.a, { description: docOf(p('see'), shows(one)) });
      alpha().comment(ids.a, docOf(shows(one)));
      let count = 0;
      world.hooks.onCall = () => {
        count += 1;
        if (count === n) throw new Fault('store-unavailable');
      };
      await world.settle();
      world.hooks.onCall = () => undefined;
      await recover();
      const there = [mediaOn('b', 'one.png')];
      expect([n, mediaIn(field('b', 'description')), comments('b')]).toEqual([n, there, [there]]);
      expect(world.issues('b')[0]?.attachments).toHaveLength(1);
      if (count < n) return;
    }
    expect.fail('the history has more store calls than were tried');
  }, 300_000);
});
