/** Names of people in the console: told by the site, kept for a day at most, and only where they may be. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import { ownerOf } from '../../shared/model/ids.ts';
import type { TenantId } from '../../shared/model/ids.ts';
import { catalogue, categories, rowOf } from '../../shared/retention/catalogue.ts';
import { isNameFresh, MAX_NAME_MS, nameEndsAt } from '../../shared/retention/people.ts';
import { invitationMade } from '../../shared/wire/console.ts';
import { versionPage, versionView } from '../../shared/wire/rules.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';
import { A, DAY, HOUR, PurgeWorld } from '../kit/purgeWorld.ts';

const NAME = 'Ada Canary Berg';

let world: ConsoleWorld;
let alpha: Caller;
let connection: string;

beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA']);
  const made = await world.api('POST', '/invitations', alpha, { name: 'One', projectKey: 'ALPHA' });
  connection = invitationMade.parse(made.body).connection;
  site().names.set('boss', NAME);
});

function site(tenant: TenantId = alpha.tenant) {
  const found = world.jira.sites.get(tenant);
  if (found === undefined) throw new Error('no site');
  return found;
}

async function shown(by: Caller = alpha): Promise<string | undefined> {
  const { status, body } = await world.api('GET', `/connections/${connection}/rules/versions`, by);
  expect(status).toBe(200);
  return versionPage.parse(body).names?.['boss'];
}

const stored = (): readonly string[] => [...world.store.everything('identity').keys()];

describe('a name', () => {
  test('R44 is asked for once and shown from the cache until its day is over, then asked for again', async () => {
    expect(await shown()).toBe(NAME);
    expect(await shown()).toBe(NAME);
    expect(site().namesAsked).toBe(1);
    site().names.set('boss', 'Ada Newname');
    world.now += DAY - 1;
    expect(await shown()).toBe(NAME);
    world.now += 1;
    // No sweep has run: the old record is still there, and is not shown.
    expect(stored()).toEqual([`tenants/${alpha.tenant}/people/boss`]);
    expect(await shown()).toBe('Ada Newname');
    expect(site().namesAsked).toBe(2);
    const one = await world.api('GET', `/connections/${connection}/rules/versions/1`, alpha);
    expect(versionView.parse(one.body).names).toEqual({ boss: 'Ada Newname' });
  });

  test('R44 is never shown at or after its end, before it was read, or past a setting that was shortened since', () => {
    const at = fc.integer({ min: 0, max: 10 * DAY });
    const setting = fc.integer({ min: 0, max: 10 * DAY });
    fc.assert(
      fc.property(at, at, setting, setting, (readAt, now, then, today) => {
        const isFresh = isNameFresh({ readAt, expiresAt: nameEndsAt(readAt, then) }, now, today);
        if (isFresh) expect(now - readAt).toBeLessThan(Math.min(then, today, MAX_NAME_MS, 24 * HOUR));
        if (isFresh) expect(now).toBeGreaterThanOrEqual(readAt);
      }),
    );
    expect(isNameFresh({ readAt: 5, expiresAt: nameEndsAt(5, DAY) }, 5 + HOUR, DAY)).toBe(true);
  });

  test('R44 has a setting that may only shorten the day', () => {
    const base = { TWINLINE_MODE: 'local', TWINLINE_BASE_URL: 'https://x.example' };
    expect(readConfig(base).identityMs).toBe(MAX_NAME_MS);
    expect(readConfig({ ...base, TWINLINE_IDENTITY_HOURS: '2' }).identityMs).toBe(2 * HOUR);
    expect(() => readConfig({ ...base, TWINLINE_IDENTITY_HOURS: '25' })).toThrow('config-invalid');
  });

  test('R45 is sealed, in its own database, and nowhere else', async () => {
    await shown();
    const row = JSON.stringify([...world.store.everything('identity').values()]);
    expect(row).not.toContain(NAME);
    for (const database of ['(default)', 'vault', 'ledger'] as const)
      expect(JSON.stringify([...world.store.everything(database)])).not.toContain(NAME);
    expect(world.traces()).not.toContain(NAME);
    const direct = categories.filter((category) => rowOf(category).statement === 'identity');
    expect(direct).toEqual(['person']);
    expect(catalogue.person).toMatchObject({ database: 'identity', inExport: false, inSupportBundle: false });
    expect(catalogue.person.retention.days).toBe(1);
  });

  test('R46 is shown to the tenant whose site told it, and kept of none that is not active', async () => {
    await shown();
    const owner = ownerOf(alpha.tenant, 2);
    await world.keys.make(owner as never, [owner]);
    await world.change(alpha.tenant, { generation: 2, owners: [owner] });
    const place = { tenant: alpha.tenant, account: 'boss' };
    expect((await world.store.read('person', place))?.row.owners).toEqual([ownerOf(alpha.tenant, 1)]);
    await world.store.remove('person', place);
    await world.change(alpha.tenant, { generation: 1, owners: [ownerOf(alpha.tenant, 1)], state: 'marked' });
    expect(await shown()).toBe(NAME);
    expect(stored()).toEqual([]);
  });

  test('R46 that Jira does not tell leaves the id, and the page', async () => {
    site().names.clear();
    expect(await shown()).toBeUndefined();
    expect(stored()).toEqual([]);
  });
});

describe('the sweep', () => {
  test('R45 removes names that have ended, those of a tenant with its mark, and the purge the rest', async () => {
    const purge = await new PurgeWorld().fill();
    const people = (): readonly string[] =>
      [...purge.everything().keys()].filter((path) => path.startsWith('identity:')).toSorted();
    expect(people().length).toBe(6);
    const place = { tenant: A.tenant, account: 'x' };
    const [filled] = (await purge.store.scan('person', { limit: 1 })).items;
    if (filled === undefined) throw new Error('nobody is filled in');
    await purge.store.create('person', place, { ...filled.row, expiresAt: purge.now + DAY });
    await purge.tick();
    expect(people().length).toBe(7);
    purge.now += DAY;
    await purge.tick();
    expect(people().length).toBe(6);
    await purge.mark(A);
    await purge.tick();
    expect(people().filter((path) => path.includes(`/${A.tenant}/`))).toEqual([]);
    expect(people().length).toBe(4);
    await purge.store.create('person', place, { ...filled.row, expiresAt: Number.MAX_SAFE_INTEGER });
    purge.now += 120 * DAY;
    await purge.ticks(5);
    expect(purge.leftOf(A)).toEqual([]);
  });
});
