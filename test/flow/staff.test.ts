/** Staff's access to customers' data, over memory ports with every category filled. */
import { beforeEach, describe, expect, test } from 'vitest';
import { deleteUnderGrant, keepUnderGrant } from '../../functions/console/deletionGrant.ts';
import {
  agreeGrant,
  askGrant,
  endGrant,
  exportTrail,
  readAsStaff,
  reportAccess,
} from '../../functions/console/staff.ts';
import { LIMITS } from '../../shared/config.ts';
import { verifySignedTrail, verifyTrail } from '../../shared/evidence/trail.ts';
import { grantId, operatorId } from '../../shared/model/ids.ts';
import type { GrantId } from '../../shared/model/ids.ts';
import { MemoryBackup } from '../../shared/memory/backup.ts';
import { GRANT_HOURS } from '../../shared/retention/grants.ts';
import { appendTrail, lastOfTrail, readTrail } from '../../shared/trail.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseManifest } from '../../shared/wire/backup.ts';
import { parseTrail } from '../../shared/wire/trail.ts';
import { CANARY } from '../kit/records.ts';
import { NoticeWorld } from '../kit/noticeWorld.ts';
import { A, B, C, DAY, HOUR, PurgeWorld } from '../kit/purgeWorld.ts';

const anna = operatorId('op-anna');
const ben = operatorId('op-ben');
const settings = { bait: [C.tenant] };
let world: PurgeWorld;
/** What the log was told of odd reads. */
let alarms: string[];
beforeEach(async () => {
  world = await new PurgeWorld().fill();
  // A Monday at noon.
  world.now += ((4 - ((world.now / DAY) % 7) + 7) % 7) * DAY + 12 * HOUR;
  alarms = world.faults;
});

const ask = async (more: Partial<Parameters<typeof askGrant>[1]> = {}): Promise<GrantId> =>
  grantId(
    (
      await askGrant(world.ports, {
        ...A,
        by: anna,
        purpose: 'support',
        ticket: 'SUP-7',
        categories: ['twin', 'half'],
        ...more,
      })
    ).grant,
  );
const granted = async (more: Partial<Parameters<typeof askGrant>[1]> = {}): Promise<GrantId> => {
  const grant = await ask(more);
  await agreeGrant(world.ports, { grant, by: ben });
  return grant;
};
const read = (grant: GrantId, category = 'twin', by = anna) =>
  readAsStaff(world.ports, settings, { grant, by, category });
const trail = () => readTrail(world.store);
const acts = async () => (await trail()).map(({ act }) => act);

describe('access', () => {
  test('R80 is asked for by one person, agreed to by another, and over after four hours', async () => {
    const grant = await ask();
    await expect(read(grant)).rejects.toThrow('grant-open');
    await expect(agreeGrant(world.ports, { grant, by: anna })).rejects.toThrow('second-person');
    const agreed = await agreeGrant(world.ports, { grant, by: ben, hours: 100 });
    expect(agreed.until - world.now).toBe(GRANT_HOURS * HOUR);
    expect((await read(grant)).records.length).toBeGreaterThan(0);
    world.now += GRANT_HOURS * HOUR - 1;
    await read(grant);
    world.now += 1;
    await expect(read(grant)).rejects.toThrow('grant-ended');
    await expect(agreeGrant(world.ports, { grant, by: ben })).rejects.toThrow('state-refused');
  });

  test('R80 nobody agrees a day late, and an end counts at once', async () => {
    const late = await ask();
    world.now += DAY;
    await expect(agreeGrant(world.ports, { grant: late, by: ben })).rejects.toThrow('grant-ended');
    const grant = await granted();
    await endGrant(world.ports, { grant, by: ben });
    await endGrant(world.ports, { grant, by: ben });
    await expect(read(grant)).rejects.toThrow('grant-ended');
    expect((await acts()).filter((act) => act === 'grant-ended')).toHaveLength(1);
  });

  test.each([
    ['no such grant', async () => read(grantId('g-00000000')), 'grant-missing'],
    ['somebody else’s grant', async () => read(await granted(), 'twin', ben), 'grant-missing'],
    ['a grant without the second person', async () => read(await ask()), 'grant-open'],
    ['another category', async () => read(await granted(), 'copy'), 'grant-scope'],
    ['no category', async () => read(await granted(), 'nothing'), 'grant-scope'],
  ])('R81 refuses a read with %s, and the trail has it', async (_what, work, code) => {
    await expect(work()).rejects.toThrow(code);
    expect((await trail()).at(-1)).toMatchObject({ act: 'read-refused', code, by: expect.stringMatching(/^op-/) });
  });

  test.each([['key'], ['receipt'], ['grant'], ['nothing']])('R81 nobody can even ask for %s', async (category) => {
    await expect(ask({ categories: ['twin', category] })).rejects.toThrow('body-invalid');
  });

  test('R81 content is opened, secrets stay closed', async () => {
    const grant = await granted({ categories: ['tenant', 'half'] });
    const [tenant] = (await read(grant, 'tenant')).records;
    expect(Object.keys(tenant!.row)).toContain('baseUrl');
    expect(Object.keys(tenant!.row).filter((name) => name.endsWith('Secret'))).toEqual([]);
    const [half] = (await read(grant, 'half')).records;
    expect(JSON.stringify(half!.row['settings'])).toContain(CANARY);
  });

  test('R82 the trail has the read first, with the partner whose data are in it', async () => {
    const grant = await granted();
    await read(grant);
    const entry = (await trail()).at(-1);
    expect(entry).toMatchObject({ act: 'read', by: anna, about: grant, purpose: 'support', ticket: 'SUP-7' });
    expect(entry?.lives).toEqual([`${A.tenant}#1`, `${B.tenant}#1`]);
    expect(entry?.categories).toEqual(['twin']);
    expect(JSON.stringify(await trail())).not.toContain(CANARY);
  });

  test('R82 nothing is shown when the trail cannot be read or written', async () => {
    const grant = await granted();
    for (const category of ['trail', 'trailEnd'] as const) {
      world.onCall = (call) => {
        if (call.category === category) throw new Fault('store-unavailable');
      };
      await expect(read(grant)).rejects.toThrow('store-unavailable');
    }
    world.onCall = undefined;
    expect((await acts()).filter((act) => act === 'read')).toEqual([]);
  });

  test('R82 a grant that ends while somebody reads shows nothing', async () => {
    const grant = await granted();
    let isFirst = true;
    world.onCall = async (call) => {
      if (call.op !== 'owned' || !isFirst) return;
      isFirst = false;
      await endGrant(world.ports, { grant, by: ben });
    };
    await expect(read(grant)).rejects.toThrow('store-changed');
  });

  test.each([
    ['on a Sunday', async () => void (world.now += 6 * DAY), A, 'hours'],
    ['at night', async () => void (world.now += 11 * HOUR), A, 'hours'],
    ['of a tenant that is bait', async () => undefined, C, 'bait'],
  ])('R83 a read %s wakes somebody at once', async (_when, wait, of, why) => {
    await wait();
    await read(await granted(of), 'twin');
    expect(alarms).toEqual(['staff-read-odd']);
    const { reads } = await reportAccess(world.ports, settings, { by: ben, since: 0 });
    expect(reads[0]?.odd).toEqual([why]);
  });

  test('R83 a usual read wakes nobody; the twenty-first does', async () => {
    const grant = await granted();
    for (let n = 0; n < 20; n += 1) await read(grant);
    expect(alarms).toEqual([]);
    await read(grant);
    expect(alarms).toEqual(['staff-read-odd']);
  });

  test('R84 the report says who, when, why, with whose consent, and what is open', async () => {
    const grant = await granted();
    await read(grant);
    await expect(read(grant, 'copy')).rejects.toThrow('grant-scope');
    const report = await reportAccess(world.ports, settings, { by: ben, since: 0 });
    expect(report).toMatchObject({ refused: 1, uncovered: 0, trail: 'done' });
    expect(report.reads).toMatchObject([
      { by: anna, agreedBy: ben, purpose: 'support', ticket: 'SUP-7', categories: ['twin'], odd: [] },
    ]);
    expect(report.live.map(({ grant: id }) => id)).toEqual([grant]);
    world.now += GRANT_HOURS * HOUR;
    expect((await reportAccess(world.ports, settings, { by: ben, since: 0 })).live).toEqual([]);
  });

  test('R84 the report finds a read that no grant covers, and a trail that is not whole', async () => {
    await appendTrail(world.ports, { act: 'read', by: anna, about: 'g-00000000', lives: [], categories: ['twin'] });
    await read(await granted());
    const before = await reportAccess(world.ports, settings, { by: ben, since: 0 });
    expect(before).toMatchObject({ uncovered: 1, trail: 'done' });
    await world.store.remove('trail', { number: '0000000002' });
    expect((await reportAccess(world.ports, settings, { by: ben, since: 0 })).trail).toBe('trail-broken');
  });
});

describe('the trail in the store', () => {
  test('R75 writers that meet make one chain', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_none, n) =>
        appendTrail(world.ports, { act: 'read', by: anna, about: `g-0000000${n}`, lives: [], categories: [] }),
      ),
    );
    const { entries, head } = parseTrail(JSON.stringify(await exportTrail(world.ports)));
    expect(entries).toHaveLength(12);
    expect(verifySignedTrail(entries, head, world.publicKey, world.now)).toEqual({ ok: true, unsigned: 0 });
  });

  test('R77 entries go at their age, and the newest stays', async () => {
    const tell = () =>
      appendTrail(world.ports, { act: 'read', by: anna, about: 'g-00000000', lives: [], categories: [] });
    await tell();
    world.now += 200 * DAY;
    await tell();
    world.now += 196 * DAY - 1;
    await world.tick();
    expect(await trail()).toHaveLength(2);
    world.now += 1;
    await world.tick();
    expect((await trail()).map(({ number }) => number)).toEqual([2]);
    world.now += 400 * DAY;
    await world.tick();
    expect((await trail()).map(({ number }) => number)).toEqual([2]);
    expect((await tell()).number).toBe(3);
    const { entries, head } = await exportTrail(world.ports);
    expect(verifySignedTrail(entries, head, world.publicKey, world.now)).toEqual({ ok: true, unsigned: 0 });
  });

  test('R78 the manifest of a backup names the end of the trail', async () => {
    const place = new MemoryBackup();
    world = await new PurgeWorld(place).fill();
    await read(await granted());
    await world.backup();
    const [set] = (await world.store.scan('backupSet', { limit: 1 })).items;
    const file = await place.restore.read(set!.place.set as never, set!.row.manifest ?? '');
    const { manifest } = parseManifest(Buffer.from(file).toString());
    expect(manifest.trail?.number).toBe(3);
    const entries = await trail();
    expect(verifyTrail(entries, manifest.trail!, world.now)).toEqual({ ok: true, unsigned: 0 });
    expect(verifyTrail(entries.slice(0, 2), manifest.trail!, world.now)).toMatchObject({ code: 'trail-cut' });
  });

  test('R78 a trail whose end is missing takes nothing more, and the backup is made all the same', async () => {
    world = await new PurgeWorld(new MemoryBackup()).fill();
    const grant = await granted();
    const last = await lastOfTrail(world.store);
    await world.store.remove('trail', { number: `${last!.number}`.padStart(10, '0') });
    await expect(read(grant)).rejects.toThrow('trail-cut');
    await world.backup();
    expect(world.faults).toContain('trail-lost');
    const [set] = (await world.store.scan('backupSet', { limit: 1 })).items;
    expect(set!.row.endedAt).toBeDefined();
  });
});

describe('an early deletion by an operator', () => {
  beforeEach(async () => {
    world = await new NoticeWorld().open();
  });
  const forDeletion = { purpose: 'deletion-request', categories: ['deletion'], ticket: 'PRIV-7' } as const;
  const remove = (grant: GrantId, by = anna) =>
    deleteUnderGrant(world.ports, LIMITS, { grant, by, authority: 'signed-letter' });
  const states = async () =>
    [A, B].map(async ({ tenant }) => (await world.store.read('tenant', { tenant }))?.row.state);
  const all = async () => Promise.all(await states());
  const active = ['active', 'active'];

  test('R100 needs a grant for just that, of that person, that another agreed to, and in time; each refusal is in the trail', async () => {
    const open = await ask(forDeletion);
    await expect(remove(open)).rejects.toThrow('grant-open');
    await expect(remove(grantId('g-none00000000'))).rejects.toThrow('grant-missing');
    await expect(remove(await granted())).rejects.toThrow('grant-scope');
    await expect(remove(await granted({ ...forDeletion, purpose: 'support' }))).rejects.toThrow('grant-scope');
    await expect(remove(await granted({ ...forDeletion, categories: ['twin'] }))).rejects.toThrow('grant-scope');
    const grant = await granted(forDeletion);
    await expect(remove(grant, ben)).rejects.toThrow('grant-missing');
    world.now += GRANT_HOURS * HOUR;
    await expect(remove(grant)).rejects.toThrow('grant-ended');
    expect(await all()).toEqual(active);
    const refused = (await trail()).filter(({ act }) => act === 'deed-refused');
    expect(refused.map(({ code }) => code)).toEqual([
      ...['grant-open', 'grant-missing', 'grant-scope', 'grant-scope', 'grant-scope', 'grant-missing', 'grant-ended'],
    ]);
  });

  test('R100 marks the tenant of the grant and no other, with its ticket; the way back is under a grant, too', async () => {
    const grant = await granted(forDeletion);
    expect(await remove(grant)).toMatchObject({ state: 'counting', mayWithdraw: true });
    expect(await all()).toEqual(['marked', 'active']);
    const asked = await world.store.read('deletion', { tenant: A.tenant, generation: '1' });
    expect(asked?.row).toMatchObject({ state: 'confirmed', ticket: 'PRIV-7', authority: 'signed-letter' });
    const [order] = (await trail()).filter(({ act }) => act === 'deletion-ordered');
    expect(order).toMatchObject({ by: anna, about: grant, lives: [`${A.tenant}#1`], ticket: 'PRIV-7' });
    await expect(keepUnderGrant(world.ports, LIMITS, { grant, by: ben })).rejects.toThrow('grant-missing');
    expect(await keepUnderGrant(world.ports, LIMITS, { grant, by: anna })).toMatchObject({ state: 'none' });
    expect(await all()).toEqual(active);
  });

  test('R100 is in the trail before it is done: a stop in between leaves an order, and never a deed without one', async () => {
    for (let at = 0; at < 100; at += 1) {
      world = await new NoticeWorld().open();
      const grant = await granted(forDeletion);
      world.calls = 0;
      world.crash = { at, when: 'before' };
      const ending = await remove(grant).then(
        () => 'done',
        () => 'stopped',
      );
      world.crash = undefined;
      const isOrdered = (await trail()).some(({ act }) => act === 'deletion-ordered');
      const [state] = await all();
      if (state !== 'active') expect(isOrdered).toBe(true);
      if (ending === 'done') break;
    }
    expect(await all()).toEqual(['marked', 'active']);
  });

  test('R101 is in the report with whose consent; one that no grant covers is found', async () => {
    const grant = await granted(forDeletion);
    await remove(grant);
    const report = await reportAccess(world.ports, settings, { by: ben, since: 0 });
    expect(report.deeds).toMatchObject([{ act: 'deletion-ordered', by: anna, agreedBy: ben, grant, ticket: 'PRIV-7' }]);
    expect(report.uncovered).toBe(0);
    const told = {
      act: 'deletion-ordered',
      by: anna,
      about: 'g-none00000000',
      lives: [],
      categories: ['deletion'],
    } as const;
    await appendTrail(world.ports, told);
    expect((await reportAccess(world.ports, settings, { by: ben, since: 0 })).uncovered).toBe(1);
  });
});
