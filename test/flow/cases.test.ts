/** The registers of disclosures, incidents and changes of owner. */
import { beforeEach, describe, expect, test } from 'vitest';
import { draftNotices, listCases, openCase, showCase, stepCase } from '../../functions/console/cases.ts';
import { agreeGrant, askGrant, readAsStaff } from '../../functions/console/staff.ts';
import type { StepAsk } from '../../shared/evidence/cases.ts';
import { caseId, grantId, operatorId, ownerOf } from '../../shared/model/ids.ts';
import type { CaseKind } from '../../shared/model/case.ts';
import { readTrail } from '../../shared/trail.ts';
import { CANARY } from '../kit/records.ts';
import { A, B, DAY, HOUR, PurgeWorld } from '../kit/purgeWorld.ts';

const anna = operatorId('op-anna');
const ben = operatorId('op-ben');
const life = ownerOf(A.tenant, A.generation);
let world: PurgeWorld;
beforeEach(async () => {
  world = await new PurgeWorld().fill();
});

const said = (kind: CaseKind, more: Partial<StepAsk> = {}): StepAsk => ({
  ...{ kind, by: anna, ticket: 'LEGAL-1', lives: [], categories: [] },
  ...more,
});
const disclosure = { basis: 'court-order', party: 'District court', lives: [life], categories: ['twin'] };
const opened = async (register: Parameters<typeof openCase>[1], more: Partial<StepAsk>) =>
  caseId((await openCase(world.ports, register, said('opened', more))).case);
const step = (id: Awaited<ReturnType<typeof opened>>, kind: CaseKind, more: Partial<StepAsk> = {}) =>
  stepCase(world.ports, id, said(kind, more));

describe('a register', () => {
  test('R88 takes each step once and in its order, and the trail has its hash', async () => {
    const id = await opened('disclosure', disclosure);
    await expect(step(id, 'notified')).rejects.toThrow('state-refused');
    await step(id, 'approved', { by: ben });
    await expect(step(id, 'approved', { by: ben })).rejects.toThrow('state-refused');
    await expect(step(id, 'acknowledged')).rejects.toThrow('state-refused');
    await step(id, 'notified');
    const view = await step(id, 'closed');
    expect(view).toMatchObject({ isWhole: true, due: [], affected: [life] });
    await expect(step(id, 'notice-barred', { basis: 'x' })).rejects.toThrow('state-refused');
    const told = (await readTrail(world.store)).filter(({ about }) => about === id);
    expect(told.map(({ act, step: hash }) => [act, hash?.length])).toEqual([
      ['case-opened', 64],
      ...[1, 2, 3].map(() => ['case-step', 64]),
    ]);
  });

  test('R88 an edited step is found, and all steps of a case go together after three years', async () => {
    const id = await opened('disclosure', disclosure);
    world.now += DAY;
    await step(id, 'approved', { by: ben });
    const place = { case: id, step: '0001' };
    const first = await world.store.read('caseStep', place);
    const version = await world.store.replace('caseStep', place, { ...first!.row, party: 'Nobody' }, first!.version);
    expect((await listCases(world.ports)).map(({ isWhole }) => isWhole)).toEqual([false]);
    await world.store.replace('caseStep', place, first!.row, version);
    expect(await showCase(world.ports, id)).toMatchObject({ isWhole: true });
    world.now += 1_095 * DAY;
    await world.tick();
    expect(await listCases(world.ports)).toEqual([]);
  });

  test.each([
    ['a basis that is not on the list', { ...disclosure, basis: 'curiosity' }],
    ['no authority', { ...disclosure, party: '' }],
    ['no tenant', { ...disclosure, lives: [] }],
    ['no categories', { ...disclosure, categories: [] }],
  ])('R89 a disclosure with %s is refused', async (_what, more) => {
    await expect(opened('disclosure', more)).rejects.toThrow('body-invalid');
    expect(await listCases(world.ports)).toEqual([]);
  });

  test('R89 a disclosure needs a second person; the customer is told in 72 hours, or it is written why not', async () => {
    const id = await opened('disclosure', disclosure);
    await expect(step(id, 'approved')).rejects.toThrow('second-person');
    const { due } = await step(id, 'approved', { by: ben });
    expect(due).toEqual([{ what: 'notified', byAt: world.now + 72 * HOUR, isLate: false }]);
    await expect(step(id, 'notice-barred')).rejects.toThrow('body-invalid');
    expect((await step(id, 'notice-barred', { basis: 'gag order' })).due).toEqual([]);
  });

  test('R90 whose data an incident touched follows from the trail alone, with partners, and letters are drafted from it', async () => {
    const asked = await askGrant(world.ports, {
      ...A,
      by: anna,
      purpose: 'support',
      ticket: 'SUP-1',
      categories: ['twin'],
    });
    const grant = grantId(asked.grant);
    await agreeGrant(world.ports, { grant, by: ben });
    const readAt = world.now;
    await readAsStaff(world.ports, { bait: [] }, { grant, by: anna, category: 'twin' });
    world.now += HOUR;
    const id = await opened('incident', { ticket: 'INC-1', fromAt: readAt, untilAt: world.now });
    const before = await opened('incident', { ticket: 'INC-2', fromAt: 0, untilAt: readAt - 1 });
    expect(await step(id, 'affected')).toMatchObject({
      affected: [life, ownerOf(B.tenant, B.generation)],
      categories: ['twin'],
    });
    expect((await step(before, 'affected')).affected).toEqual([]);
    await step(id, 'acknowledged');
    const drafts = await draftNotices(world.ports, id, said('notices-drafted'));
    expect(drafts.map((draft) => draft.life)).toEqual([life, ownerOf(B.tenant, B.generation)]);
    expect(drafts[0]?.text).toContain('Kinds of data: twin.');
    expect(JSON.stringify([drafts, await listCases(world.ports)])).not.toContain(CANARY);
    expect((await step(id, 'closed')).due).toEqual([]);
  });

  test('R91 a change of owner is told at least 30 days before it holds', async () => {
    const id = await opened('ownership', { party: 'New Ltd', fromAt: world.now + 30 * DAY });
    await step(id, 'approved', { by: ben });
    world.now += 1;
    await expect(step(id, 'notified')).rejects.toThrow('state-refused');
    world.now -= 1;
    expect((await step(id, 'notified')).due).toEqual([]);
  });

  test.each([
    ['an incident nobody acknowledged', 'incident', { fromAt: 0, untilAt: 1 }, DAY],
    ['a change of owner nobody told of', 'ownership', { party: 'New Ltd', fromAt: 21_000 * DAY }, 970 * DAY],
  ] as const)('R92 wakes somebody for %s', async (_what, register, more, wait) => {
    await opened(register, more);
    world.now += wait;
    await world.tick();
    expect(world.faults).not.toContain('case-late');
    world.now += 1;
    await world.tick();
    expect(world.faults).toContain('case-late');
  });

  test('R92 wakes somebody for a disclosure of which the customer was not told', async () => {
    const id = await opened('disclosure', disclosure);
    await step(id, 'approved', { by: ben });
    world.now += 72 * HOUR + 1;
    await world.tick();
    expect(world.faults).toContain('case-late');
  });
});
