/** Worklogs, files and restricted comments through the real client, against two stand-in sites. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SiteSpec } from '../../infra/local/jira/http/serve.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

const rules: RuleDocument = {
  ...defaultRules(),
  worklogs: true,
  attachments: {},
  visibility: { 'role:atlassian-addons-project-access': 'role:atlassian-addons-project-access' },
};

/** The one role that apps are in; here some people are, too. */
const ROLE = 'atlassian-addons-project-access';
const ADA = '712020:00000000-0000-4000-8000-00000000000a';
const LIMIT = 10_000_000;

function sites(uploadLimit = LIMIT): readonly SiteSpec[] {
  const roles = { [ROLE]: [ADA] };
  return [
    { name: 'alpha', projects: [{ key: 'ALPHA', roles }], attachments: { uploadLimit: LIMIT } },
    { name: 'beta', projects: [{ key: 'BETA', roles }], attachments: { uploadLimit } },
  ];
}

let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };

async function start(own: RuleDocument = rules, uploadLimit = LIMIT): Promise<void> {
  world = await syncWorld({ rules: { a: own, b: own }, sites: sites(uploadLimit) });
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  ids = { a: id, b: world.issues('b')[0]?.id ?? '' };
  world.writes();
}

beforeEach(() => start());
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const issue = (side: 'a' | 'b') => world.issues(side)[0];
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const file = (filename: string, bytes: Buffer) => ({ filename, mimeType: 'text/plain', bytes });
const files = (side: 'a' | 'b') => issue(side)?.attachments.map(({ filename, sha256 }) => [filename, sha256]);
const work = (side: 'a' | 'b') => issue(side)?.worklogs.map(({ spentSeconds, text }) => [spentSeconds, text]);

async function recover(): Promise<void> {
  for (let minute = 0; minute < 4; minute += 1) await world.wait(60_000);
}

describe('worklogs', () => {
  test('C6 travel both ways, with their edits and deletions', async () => {
    const one = alpha().logWork(ids.a, { timeSpent: '1h', comment: 'dug' });
    const two = beta().logWork(ids.b, { timeSpent: '30m' });
    await world.settle();
    expect(work('a')).toEqual(
      expect.arrayContaining([
        [3_600, 'dug'],
        [1_800, ''],
      ]),
    );
    expect(work('b')).toEqual(
      expect.arrayContaining([
        [3_600, 'dug'],
        [1_800, ''],
      ]),
    );
    alpha().editWork(ids.a, one.id, { timeSpent: '2h', comment: 'dug deeper' });
    beta().deleteWork(ids.b, two.id);
    await world.settle();
    expect(work('b')).toEqual([[7_200, 'dug deeper']]);
    expect(work('a')).toEqual([[7_200, 'dug deeper']]);
  });

  test('write nothing for their echo', async () => {
    alpha().logWork(ids.a, { timeSpent: '1h' });
    await world.settle();
    expect(world.writes()).toHaveLength(1);
    await world.wait(3_600_000);
    expect(world.writes()).toEqual([]);
  });

  test('C5 are made once when the answer is lost', async () => {
    world.server.faults.apiErrors.push({ operation: 'addWorklog', status: 503, count: 1, when: 'after' });
    alpha().logWork(ids.a, { timeSpent: '1h' });
    await world.settle();
    await recover();
    expect(work('b')).toEqual([[3_600, '']]);
  });
});

describe('restricted comments', () => {
  const hidden = (value: string) => ({ visibility: { type: 'role', value } });

  test('arrive for the role that the rules name, and for nobody else', async () => {
    alpha().comment(ids.a, 'for some', hidden(ROLE));
    alpha().comment(ids.a, 'for admins', hidden('Administrators'));
    alpha().comment(ids.a, 'for agents', { internal: true });
    await world.settle();
    expect(issue('b')?.comments.map(({ text, visibility }) => [text, visibility])).toEqual([
      ['for some', { type: 'role', value: ROLE }],
    ]);
  });

  test('are not opened to all because the other site does not know the role', async () => {
    await world.close();
    await start({ ...rules, visibility: { [`role:${ROLE}`]: 'role:No such role' } });
    alpha().comment(ids.a, 'for some', hidden(ROLE));
    await world.settle();
    expect(issue('b')?.comments).toEqual([]);
    expect((await world.twins())[0]?.error?.code).toBe('visibility-unknown');
  });

  test('become restricted where they had been open, in place', async () => {
    const { id } = alpha().comment(ids.a, 'open');
    await world.settle();
    const copy = issue('b')?.comments[0]?.id;
    alpha().editComment(ids.a, id, 'closed', hidden(ROLE));
    await world.settle();
    expect(issue('b')?.comments).toMatchObject([
      { id: copy, text: 'closed', visibility: { type: 'role', value: ROLE } },
    ]);
  });
});

describe('files', () => {
  const large = Buffer.alloc(3_000_000, 'twinline ');

  test('keep their media type with its parameters', async () => {
    const mimeType = 'text/plain; charset=ISO-8859-1';
    alpha().attach(ids.a, { filename: 'old.log', mimeType, bytes: Buffer.from('old') });
    await world.settle();
    expect(issue('b')?.attachments.map((one) => one.mimeType)).toEqual([mimeType]);
  });

  test('arrive byte for byte, whatever their name and size, and go with their original', async () => {
    const odd = 'a "quoted"\u2028 näme.txt';
    const one = alpha().attach(ids.a, file('large.bin', large));
    alpha().attach(ids.a, file(odd, Buffer.from('small')));
    beta().attach(ids.b, file('empty.txt', Buffer.alloc(0)));
    await world.settle();
    expect(files('b')).toEqual(expect.arrayContaining([['large.bin', sha(large)]]));
    expect(issue('b')?.attachments).toHaveLength(3);
    expect(files('a')).toHaveLength(3);
    alpha().deleteAttachment(one.id);
    await world.settle();
    expect(issue('b')?.attachments).toHaveLength(2);
    expect(issue('a')?.attachments).toHaveLength(2);
  });

  test('come with a new issue, before anything shows them', async () => {
    const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'Two' });
    alpha().attach(id, file('new.txt', Buffer.from('new')));
    await world.settle();
    expect(world.issues('b')[1]?.attachments.map(({ filename }) => filename)).toEqual(['new.txt']);
  });

  test('C20 that are too large for the other site are said, and the rest of the issue goes on', async () => {
    await world.close();
    await start(rules, 1_000);
    const id = ids.a;
    alpha().attach(id, file('large.bin', large));
    alpha().comment(id, 'see there');
    await world.settle();
    expect(issue('b')).toMatchObject({ attachments: [], comments: [{ text: 'see there' }] });
    expect((await world.twins())[0]?.error?.code).toBe('attachment-too-large');
  });

  test.each([408, 503])('C20 A11 that meet a %d do not keep the rest waiting, and arrive later', async (status) => {
    alpha().attach(ids.a, file('one.txt', Buffer.from('first')));
    alpha().attach(ids.a, file('two.txt', Buffer.from('second')));
    alpha().comment(ids.a, 'still here');
    world.server.faults.apiErrors.push({ operation: 'addAttachment', status, count: 1, when: 'before' });
    const [change] = world.queue.splice(0);
    expect(change === undefined ? undefined : (await world.handle(change)).code).toBe('twin-parked');
    expect(issue('b')).toMatchObject({ attachments: [{ filename: 'two.txt' }], comments: [{ text: 'still here' }] });
    await recover();
    expect(
      issue('b')
        ?.attachments.map(({ filename }) => filename)
        .sort(),
    ).toEqual(['one.txt', 'two.txt']);
  });

  test('are uploaded once when the answer is lost: the bytes tell', async () => {
    world.server.faults.apiErrors.push({ operation: 'addAttachment', status: 503, count: 1, when: 'after' });
    alpha().attach(ids.a, file('one.txt', Buffer.from('first')));
    await world.settle();
    await recover();
    expect([files('a')?.length, files('b')?.length]).toEqual([1, 1]);
  });

  test('never follow a redirect: no call leaves for another host', async () => {
    alpha().attach(ids.a, file('one.txt', Buffer.from('first')));
    await world.settle();
    expect(
      world.calls.filter(({ url }) => url.includes('/attachment/content/')).map(({ url }) => new URL(url).host),
    ).toEqual(['alpha.atlassian.net']);
  });

  test('of a restricted comment stay, and those beside it travel', async () => {
    const secret = alpha().attach(ids.a, file('secret.txt', Buffer.from('secret')));
    const media = { type: 'media', attrs: { type: 'file', id: secret.mediaId, collection: '' } };
    alpha().attach(ids.a, file('open.txt', Buffer.from('open')));
    const body = { type: 'doc', version: 1, content: [{ type: 'mediaGroup', content: [media] }] } as never;
    alpha().comment(ids.a, body, { visibility: { type: 'role', value: ROLE } });
    await world.settle();
    expect(issue('b')?.attachments.map(({ filename }) => filename)).toEqual(['open.txt']);
  });

  test('that a person deletes on the other side stay away', async () => {
    alpha().attach(ids.a, file('one.txt', Buffer.from('first')));
    await world.settle();
    beta().deleteAttachment(issue('b')?.attachments[0]?.id ?? '');
    await world.settle();
    await world.wait(3_600_000);
    expect([files('a')?.length, files('b')?.length]).toEqual([1, 0]);
  });
});

describe('a worker that dies at any store call', () => {
  test.each(['onCall', 'onDone'] as const)(
    'neither loses nor doubles a worklog, a file, a comment (%s)',
    async (when) => {
      for (let n = 1; n <= 200; n += 2) {
        await world.close();
        await start();
        alpha().logWork(ids.a, { timeSpent: '1h' });
        alpha().attach(ids.a, file('one.txt', Buffer.from('first')));
        alpha().comment(ids.a, 'for some', { visibility: { type: 'role', value: ROLE } });
        let count = 0;
        world.hooks[when] = () => {
          count += 1;
          if (count === n) throw new Fault('store-unavailable');
        };
        await world.settle();
        world.hooks[when] = () => undefined;
        await recover();
        for (const side of ['a', 'b'] as const) {
          expect([n, side, work(side)]).toEqual([n, side, [[3_600, '']]]);
          expect([n, side, files(side)]).toEqual([n, side, [['one.txt', sha(Buffer.from('first'))]]]);
          expect([n, side, issue(side)?.comments.map(({ visibility }) => visibility?.value)]).toEqual([
            n,
            side,
            [ROLE],
          ]);
        }
        if (count < n) return;
      }
      expect.fail('the history has more store calls than were tried');
    },
    300_000,
  );
});
