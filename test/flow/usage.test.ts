/** Usage in numbers: counted by day, added up by month, of nobody in person, and gone in time. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { connectionId, ownerOf } from '../../shared/model/ids.ts';
import { noLag, withLag } from '../../shared/model/lag.ts';
import { addedUse, monthOf, useOfChange, useOfRoute } from '../../shared/model/usage.ts';
import { catalogue, categories, rowOf } from '../../shared/retention/catalogue.ts';
import { usageView } from '../../shared/wire/usage.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';
import { A, AB, DAY, DAY_0, HOUR, PurgeWorld } from '../kit/purgeWorld.ts';

let world: ConsoleWorld;
let alpha: Caller;
beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA']);
});

describe('use', () => {
  test('R57 is counted by route and day, of calls that were served, and names no person', async () => {
    for (let n = 0; n < 3; n += 1) await world.api('GET', '/connections', alpha);
    await world.api('GET', '/connections/c-00000009', alpha);
    await world.api('GET', '/connections', { ...alpha, account: 'stranger' });
    const { days, months } = usageView.parse((await world.api('GET', '/usage', alpha)).body);
    expect(days).toEqual([{ day: '2026-01-15', counts: { 'api.get.connections': 3 } }]);
    expect(months).toEqual([]);
    const stored = JSON.stringify(await world.store.read('usage', { tenant: alpha.tenant, day: '2026-01-15' }));
    expect(stored).not.toContain('boss');
  });

  test('R57 is kept apart: session data hold counts and days of ours, and nothing of anybody', () => {
    const session = categories.filter((category) => rowOf(category).statement === 'session');
    expect(session).toEqual(['lag', 'usage', 'usageMonth']);
    for (const category of ['usage', 'usageMonth'] as const)
      for (const field of Object.values(rowOf(category).fields))
        expect([field.origin, field.personal, field.isAccount]).toEqual(['ours', 'none', undefined]);
    expect(useOfRoute('GET', '/connections/{connection}/twins/{twin}')).toBe('api.get.connections.twins');
  });

  test('R57 that cannot be counted fails no call, and none is counted of a tenant that is not active', async () => {
    await world.change(alpha.tenant, { state: 'marked' });
    expect((await world.api('GET', '/connections', alpha)).status).toBe(200);
    expect([...world.store.everything('(default)').keys()].filter((path) => path.includes('usages'))).toEqual([]);
  });

  test('R58 sums are the same in any order and in any parts', () => {
    const counts = fc.dictionary(
      fc.constantFrom('api.get.x', useOfChange('comment')),
      fc.record({ count: fc.nat() }, { noNullPrototype: true }),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(counts, counts, counts, (one, two, three) => {
        expect(addedUse(one, two)).toEqual(addedUse(two, one));
        expect(addedUse(addedUse(one, two), three)).toEqual(addedUse(one, addedUse(two, three)));
        expect(addedUse(one, {})).toEqual(addedUse({}, one));
      }),
    );
    expect(monthOf('2026-11-25')).toBe('2026-11');
  });

  test('R58 each day is added to its month once, with its changes; R59 days and months end', async () => {
    const purge = await new PurgeWorld().fill();
    const owner = ownerOf(A.tenant, 1);
    const day = new Date(DAY_0).toISOString().slice(0, 10);
    const lag = { owners: [owner], day, kinds: { comment: withLag(withLag(noLag, 5), 5) }, removeAt: DAY_0 + 30 * DAY };
    await purge.store.create('lag', { connection: connectionId(AB.id), day }, lag);
    const counts = { 'api.get.usage': { count: 4 } };
    await purge.store.create(
      'usage',
      { tenant: A.tenant, day },
      { owners: [owner], day, counts, removeAt: DAY_0 + 30 * DAY },
    );
    await purge.ticks(50);
    const month = { tenant: A.tenant, month: monthOf(day) };
    const sum = { 'api.get.usage': { count: 4 }, 'change.comment': { count: 2 } };
    expect((await purge.store.read('usageMonth', month))?.row.counts).toEqual(sum);
    expect((await purge.store.read('usage', { tenant: A.tenant, day }))?.row.counts).toEqual(sum);
    purge.now = DAY_0 + 30 * DAY;
    await purge.tick();
    expect(await purge.store.read('usage', { tenant: A.tenant, day })).toBeUndefined();
    expect(await purge.store.read('usageMonth', month)).toBeDefined();
    purge.now += 396 * DAY;
    await purge.tick();
    expect(await purge.store.read('usageMonth', month)).toBeUndefined();
  });

  test('R59 is thirty days and thirteen months at most, and goes with the tenant', () => {
    expect([catalogue.usage.retention.days, catalogue.usageMonth.retention.days]).toEqual([30, 396]);
    expect(396).toBeLessThanOrEqual(13 * 31);
    for (const category of ['usage', 'usageMonth'] as const)
      expect(rowOf(category)).toMatchObject({ owner: 'tenant', purge: 'delete' });
    expect(HOUR).toBe(3_600_000);
  });
});
