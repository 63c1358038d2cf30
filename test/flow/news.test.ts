/** News by mail over the real console and the real notify function: asked, confirmed, sent, ended by one click. */
import { beforeEach, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { consoleRoutes } from '../../functions/console/http.ts';
import { httpEdge } from '../../functions/edge.ts';
import { accountId, ownerOf } from '../../shared/model/ids.ts';
import { MemoryMail } from '../../shared/memory/mail.ts';
import { newsList } from '../../shared/wire/console.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';
import { AdminJira } from '../kit/adminJira.ts';
import { A, DAY } from '../kit/purgeWorld.ts';
import { keeperOf, NoticeWorld } from '../kit/noticeWorld.ts';

const FORM = 'List-Unsubscribe=One-Click';
const JO = 'jo@customer.example';
let world: NoticeWorld;

class NewsWorld extends NoticeWorld {
  mailKeys: readonly Uint8Array[] = [new Uint8Array(32).fill(9)];

  /** Calls the console: a path of its API as an admin of A, any other as nobody. */
  async web(method: string, path: string, body?: unknown): Promise<{ status: number; text: string; body: unknown }> {
    this.notifySettings = { ...this.notifySettings, mailKeys: this.mailKeys };
    const { clock, log } = this.ports;
    const principal = {
      kind: 'person',
      tenant: A,
      owner: ownerOf(A.tenant, 1),
      account: accountId('boss'),
      isActive: true,
    } as const;
    const door = { verifyPerson: async () => principal };
    const jira = new AdminJira();
    jira.open(A.tenant, 'boss', ['ALPHA']);
    const routes = consoleRoutes(
      { ...this.ports, jira } as never,
      { ...consoleSettings, mailKeys: this.mailKeys },
      {} as never,
    );
    const handle = httpEdge('console', { clock, log, doors: { connect: door } } as never, routes);
    const answer = { status: 0, text: '' };
    const rawBody =
      body === undefined ? new Uint8Array() : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    await handle(
      { method, originalUrl: path, headers: {}, rawBody },
      {
        status(code) {
          answer.status = code;
          return this;
        },
        set() {
          return this;
        },
        send: (text) => void (answer.text = String(text)),
      },
    );
    return { ...answer, body: path.startsWith('/console') ? (JSON.parse(answer.text) as unknown) : undefined };
  }

  api(method: string, path: string, body?: unknown) {
    return this.web(method, `/console/api${path}`, body);
  }

  /** The way in a letter: the path of the last link of ours in it. */
  pathIn(text: string): string {
    return /https:\/\/twinline\.example(\/mail\/\S+)/.exec(text)?.[1] ?? '';
  }

  async write(mailing: string): Promise<void> {
    const row = { subject: 'News', paragraphs: ['Something is new.'], writtenAt: this.now, sentAt: this.now };
    await this.store.create('mailing', { mailing }, row);
  }

  async send(consent: string, mailing: string): Promise<string> {
    try {
      return (await this.notify({ kind: 'news', ...A, consent, mailing, at: this.now })).code;
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : '';
    }
  }

  news(): readonly string[] {
    return this.letters()
      .filter(({ subject }) => subject === 'News')
      .map(({ to }) => to);
  }

  /** Enters an address; answers the id of the wish. */
  async enterAddress(address: string): Promise<string> {
    const { body } = await this.api('POST', '/news', { address });
    await this.deliver();
    return (body as { id: string }).id;
  }
}

let news: NewsWorld;
beforeEach(async () => {
  news = await new NewsWorld().open();
  world = news;
  await news.write('m-00000001');
  await news.write('m-00000002');
});

describe('who wants news', () => {
  test('M20 is asked by one mail without any news in it, gets none before it is confirmed, and is forgotten after 7 days', async () => {
    const wish = await news.enterAddress(JO);
    expect(world.letters().map(({ subject }) => subject)).toEqual(['Twinline: do you want news by mail?']);
    expect(await news.send(wish, 'm-00000001')).toBe('consent-missing');
    news.now += 7 * DAY;
    const path = news.pathIn(world.letters()[0]?.text ?? '');
    expect((await news.web('POST', path)).status).toBe(404);
    await news.tick();
    expect(newsList.parse((await news.api('GET', '/news')).body).wishes).toEqual([]);
    expect(news.news()).toEqual([]);
  });

  test('M20 confirms by the link: opening it changes nothing, and the page holds no script', async () => {
    const wish = await news.enterAddress(JO);
    const path = news.pathIn(world.letters()[0]?.text ?? '');
    const shown = await news.web('GET', path);
    expect(shown.status).toBe(200);
    expect(shown.text).not.toMatch(/<script|<img|<link|jo@/i);
    expect(await news.send(wish, 'm-00000001')).toBe('consent-missing');
    expect((await news.web('POST', path, FORM)).status).toBe(200);
    expect(await news.send(wish, 'm-00000002')).toBe('mail-sent');
    expect(await news.send(wish, 'm-00000002')).toBe('already-done');
    expect(news.news()).toEqual([JO]);
    expect(newsList.parse((await news.api('GET', '/news')).body).wishes).toMatchObject([
      { address: JO, liveSince: news.now },
    ]);
    expect([...news.everything().values()].join()).not.toContain(JO);
  });

  test('M3 gets none while news are switched off, which is the default', async () => {
    const wish = await news.enterAddress(JO);
    await news.web('POST', news.pathIn(world.letters()[0]?.text ?? ''));
    news.mail = new MemoryMail();
    expect(await news.send(wish, 'm-00000001')).toBe('marketing-off');
  });

  test('is entered in small numbers only, and as a plain mailbox', async () => {
    for (let n = 0; n < 20; n += 1)
      expect((await news.api('POST', '/news', { address: `n${n}@c.example` })).status).toBe(202);
    expect((await news.api('POST', '/news', { address: JO })).status).toBe(429);
    expect((await news.api('POST', '/news', { address: `${JO},x@y.example` })).status).toBe(422);
  });
});

describe('who does not want them any more', () => {
  async function subscribed(): Promise<{ wish: string; path: string }> {
    const wish = await news.enterAddress(JO);
    await news.web('POST', news.pathIn(world.letters()[0]?.text ?? ''));
    news.now += 1;
    await news.send(wish, 'm-00000001');
    return { wish, path: news.pathIn(world.letters().at(-1)?.text ?? '') };
  }

  test('M16 ends it with one POST, without a login, with the form that mail programs send; a GET changes nothing', async () => {
    const { wish, path } = await subscribed();
    expect(path).toMatch(/^\/mail\/unsubscribe\//);
    const before = news.everything();
    for (let times = 0; times < 3; times += 1) expect((await news.web('GET', path)).status).toBe(200);
    expect(news.everything()).toEqual(before);
    const answer = await news.web('POST', path, FORM);
    expect(answer.status).toBe(200);
    expect(await news.send(wish, 'm-00000002')).toBe('unsubscribed');
    expect((await news.web('POST', path, FORM)).status).toBe(200);
    expect(news.news()).toEqual([JO]);
  });

  test('M17 can do so with an old letter after the key has changed, and stays unsubscribed after it changed again', async () => {
    const { wish, path } = await subscribed();
    const [key] = news.mailKeys;
    news.mailKeys = [new Uint8Array(32).fill(8), ...(key === undefined ? [] : [key])];
    expect((await news.web('POST', path, FORM)).status).toBe(200);
    news.mailKeys = [new Uint8Array(32).fill(7), ...news.mailKeys];
    await news.web('GET', '/help/done');
    expect(await news.send(wish, 'm-00000002')).toBe('unsubscribed');
  });

  test('M17 cannot be unsubscribed by somebody who makes a link up', async () => {
    const { wish } = await subscribed();
    const before = news.everything();
    for (const token of ['x', `${'0'.repeat(64)}.${'0'.repeat(64)}`, JO])
      expect((await news.web('POST', `/mail/unsubscribe/${token}`, FORM)).status).toBe(404);
    expect(news.everything()).toEqual(before);
    expect(await news.send(wish, 'm-00000002')).toBe('mail-sent');
  });

  test('M18 is known by a hash alone, also after the customer and all its data are gone', async () => {
    const { path } = await subscribed();
    await news.web('POST', path, FORM);
    await news.leave(A);
    news.now += 120 * DAY;
    for (let hours = 0; hours < 7; hours += 1) await news.hour();
    expect(news.leftOf(A)).toEqual([]);
    const kept = [...news.everything()].filter(([name]) => name.includes('suppressions/'));
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toMatch(/jo|customer/);
  });

  test('M18 gets the notices of the contract all the same', async () => {
    await world.setContact(A, keeperOf(A));
    const wish = await news.enterAddress(keeperOf(A));
    await news.web('POST', news.pathIn(world.letters().at(-1)?.text ?? ''));
    news.now += 1;
    await news.send(wish, 'm-00000001');
    await news.web('POST', news.pathIn(world.letters().at(-1)?.text ?? ''), FORM);
    await news.leave(A);
    await news.deliver();
    expect(await news.stateOf(A)).toEqual({ marked: 'sent' });
  });
});

describe('any order', () => {
  const act = fc.constantFrom('enter', 'confirm', 'open', 'send', 'unsubscribe', 'rotate', 'end', 'wait', 'resend');

  test('M19 over the real functions: no news without consent, none after unsubscribing, none twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 14 }), async (acts) => {
        news = await new NewsWorld().open();
        world = news;
        let mailings = 10_000_000;
        let wish: string | undefined;
        let isWanted = false;
        for (const one of acts) {
          news.now += 1;
          const question = world
            .letters()
            .filter(({ text }) => text.includes('/mail/confirm/'))
            .at(-1);
          const letter = world
            .letters()
            .filter(({ text }) => text.includes('/mail/unsubscribe/'))
            .at(-1);
          if (one === 'enter' && wish === undefined) wish = await news.enterAddress(JO);
          if (one === 'confirm' && question !== undefined) {
            const { status } = await news.web('POST', news.pathIn(question.text), FORM);
            if (status === 200 && wish !== undefined) isWanted = isWanted || !(await wasUnsubscribedAfterConfirm());
          }
          if (one === 'open') {
            if (question !== undefined) await news.web('GET', news.pathIn(question.text));
            if (letter !== undefined) await news.web('GET', news.pathIn(letter.text));
          }
          if (one === 'send' && wish !== undefined) {
            const before = news.news().length;
            mailings += 1;
            await news.write(`m-${mailings}`);
            await news.send(wish, `m-${mailings}`);
            expect(news.news().length - before).toBe(isWanted ? 1 : 0);
          }
          if (one === 'resend' && wish !== undefined) {
            const before = news.news().length;
            await news.send(wish, `m-${mailings}`);
            expect(news.news().length).toBe(before);
          }
          if (one === 'unsubscribe' && letter !== undefined) {
            expect((await news.web('POST', news.pathIn(letter.text), FORM)).status).toBe(200);
            isWanted = false;
          }
          if (one === 'rotate') news.mailKeys = [new Uint8Array(32).fill(news.mailKeys.length + 20), ...news.mailKeys];
          if (one === 'end' && wish !== undefined) {
            await news.api('DELETE', `/news/${wish}`);
            wish = undefined;
            isWanted = false;
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  /** A wish that is live already keeps its day: confirming it again does not undo an unsubscribing. */
  async function wasUnsubscribedAfterConfirm(): Promise<boolean> {
    const { items } = await news.store.list('suppression', {}, { limit: 10 });
    const { items: wishes } = await news.store.list('consent', { tenant: A.tenant }, { limit: 10 });
    const since = wishes[0]?.row.liveSince ?? 0;
    return items.some(({ row }) => row.at >= since);
  }
});
