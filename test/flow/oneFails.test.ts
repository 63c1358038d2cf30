/** One pair that fails among many: the rest comes to rest, and the failing one goes on in order when it can. */
import { afterEach, expect, test } from 'vitest';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { errorPage } from '../../shared/wire/inbox.ts';
import { consoleOver } from '../kit/consoleOver.ts';
import { syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

/** A fifth of the anchor's 1,000: the stand-in answers over HTTP, and what is shown does not depend on the number. */
const PAIRS = 200;
/** Pairs between two deliveries; a delivery has a bound of its own. */
const BATCH = 40;
const TIMEOUT_MS = 120_000;

let world: SyncWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

test(
  'A8 one of many fails: the others go on, its own changes keep their order behind the first, and it resumes',
  async () => {
    world = await syncWorld({ rules: { a: defaultRules(), b: defaultRules() } });
    const alpha = world.server.acts('alpha');
    const ids: string[] = [];
    for (let n = 0; n < PAIRS; n += 1) {
      ids.push(alpha.createIssue({ project: 'ALPHA', summary: `item ${n}` }).id);
      if (n % BATCH === BATCH - 1) await world.settle();
    }
    const twins = (await world.store.list('twin', { connection: 'c-00000001' }, { limit: 500 })).items;
    expect(twins).toHaveLength(PAIRS);
    const failing = ids[PAIRS / 2] ?? '';
    const copy = twins.find(({ row }) => row.a === failing)?.row.b ?? '';
    world.onSend = ({ method, url }) => {
      if (method !== 'GET' && new RegExp(`beta.*/issue/${copy}\\b`).test(url)) throw new Fault('jira-forbidden');
    };

    for (const [at, id] of ids.entries()) {
      alpha.editIssue(id, { summary: `changed ${at}` });
      if (id === failing) for (const text of ['first', 'second']) alpha.comment(id, text);
      if (at % BATCH === BATCH - 1) await world.settle();
    }
    const shown = () =>
      world
        .issues('b')
        .filter(({ fields: { summary } }) => typeof summary === 'string' && summary.startsWith('changed')).length;
    expect(shown()).toBe(PAIRS - 1);
    const broken = () => world.issues('b').find(({ id }) => id === copy);
    expect([broken()?.fields['summary'], broken()?.comments.length]).toEqual([`item ${PAIRS / 2}`, 0]);
    const { errors } = errorPage.parse((await consoleOver(world)('a', 'GET', '/errors')).body);
    expect(errors).toMatchObject([{ code: 'jira-forbidden', count: 1, heals: true, help: '/help/jira-forbidden' }]);

    world.onSend = undefined;
    const order: string[] = [];
    world.server.onEvent((told) => {
      if (told.kind === 'change' && told.site === 'beta' && told.issueId === copy) order.push(told.event);
    });
    await world.wait(6 * 3_600_000);
    expect(shown()).toBe(PAIRS);
    expect(broken()?.comments.map(({ text }) => text)).toEqual(['first', 'second']);
    expect(order[0]).toBe('jira:issue_updated');
    expect(errorPage.parse((await consoleOver(world)('a', 'GET', '/errors')).body).errors).toEqual([]);
  },
  TIMEOUT_MS,
);
