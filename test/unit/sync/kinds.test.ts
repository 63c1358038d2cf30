import { describe, expect, it } from 'vitest';
import type { FieldName } from '../../../shared/model/field.ts';
import { accountId, issueId } from '../../../shared/model/ids.ts';
import { linkElement } from '../../../shared/model/links.ts';
import type { FieldValue, Replica } from '../../../shared/model/replica.ts';
import type { FieldRule, RuleDocument } from '../../../shared/model/rules.ts';
import { hashOf } from '../../../shared/sync/echo.ts';
import { lanesOf } from '../../../shared/sync/lanes.ts';
import { namedIssues } from '../../../shared/sync/namedIssues.ts';
import { outgoing } from '../../../shared/sync/outgoing.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

const row = (field: FieldName, more: Partial<FieldRule> = {}): FieldRule => ({ field, policy: 'newest', ...more });
const rulesOf = (rows: readonly FieldRule[], more: Partial<RuleDocument> = {}): RuleDocument =>
  kit.rulesWith({ fields: [row('summary'), row('issueType'), ...rows], ...more });

interface Pair {
  readonly a: readonly FieldRule[];
  readonly b?: readonly FieldRule[];
  readonly more?: Partial<RuleDocument>;
  readonly fields?: Replica;
  readonly there?: Replica;
  readonly abilities?: Parameters<typeof kit.abilitiesWith>[0];
}

/** A pair whose sites can take every field that a rule names; B's issue was made from A's and nothing is left to do. */
function pairWith({ a, b = a, more = {}, fields = {}, abilities = {} }: Pair): World {
  const names: readonly FieldName[] = [
    'summary',
    'issueType',
    ...[...a, ...b].flatMap(({ field, target }) => (target === undefined ? [field] : [field, target])),
  ];
  const editable = names.filter((name) => name !== 'status');
  const creatable = editable.filter((name) => name !== 'links' && name !== 'remoteLinks');
  const site = { abilities: kit.abilitiesWith({ editable, creatable, ...abilities }) };
  const world = new World({ rules: { a: rulesOf(a, more), b: rulesOf(b) }, a: site, b: site, fields });
  world.quiesce();
  world.done.length = 0;
  return world;
}

const shown = (world: World, side: 'a' | 'b', field: FieldName): FieldValue | undefined =>
  world.issue(side).fields[field];
const codes = (world: World): readonly string[] => world.plan().blocked.map(({ code }) => code);

describe('lanes', () => {
  it('S31 keeps two fields of one kind in step under their two names', () => {
    const [here, there] = ['custom:option:Severity', 'custom:option:Impact'] as const;
    const world = pairWith({
      a: [row(here, { target: there })],
      b: [row(there, { target: here })],
      fields: { [here]: 'High' },
    });
    expect(shown(world, 'b', there)).toBe('High');
    world.set('b', { [there]: 'Low' });
    world.quiesce();
    expect(shown(world, 'a', here)).toBe('Low');
    expect(shown(world, 'b', here)).toBeUndefined();
    expect(world.plan().steps).toEqual([]);
  });

  it('S31 counts the first of two lanes that end in one field', () => {
    const rules = rulesOf([row('dueDate'), row('custom:date:Until', { target: 'dueDate' })]);
    expect(lanesOf({ a: rules, b: rulesOf([]) }).map(({ key }) => key)).toEqual(['summary', 'issueType', 'dueDate']);
  });

  it('S32 lets a field travel only into a new issue, or only into one that is there', () => {
    const world = pairWith({
      a: [row('dueDate', { when: 'create' }), row('custom:text:Note', { when: 'update' })],
      b: [],
      fields: { dueDate: '2026-01-01', 'custom:text:Note': 'born' },
    });
    expect([shown(world, 'b', 'dueDate'), shown(world, 'b', 'custom:text:Note')]).toEqual(['2026-01-01', undefined]);
    world.set('a', { dueDate: '2026-02-02', 'custom:text:Note': 'changed' });
    world.quiesce();
    expect([shown(world, 'b', 'dueDate'), shown(world, 'b', 'custom:text:Note')]).toEqual(['2026-01-01', 'changed']);
  });

  it.each<[string, Partial<FieldRule>, FieldValue, FieldValue]>([
    ['a prefix', { transform: { kind: 'prefix', text: 'X: ' } }, 'one', 'X: one'],
    ['capitals', { transform: { kind: 'upper' } }, 'one', 'ONE'],
    ['a cut', { transform: { kind: 'truncate', length: 2 } }, 'one', 'on'],
    ['a default', { default: 'none' }, null, 'none'],
  ])('S33 changes a text on its way: %s', (_title, more, value, arrives) => {
    const field = 'custom:text:Customer';
    const world = pairWith({ a: [row(field, more)], b: [], fields: { [field]: value } });
    expect(shown(world, 'b', field)).toBe(arrives);
    expect(world.plan().steps).toEqual([]);
  });

  it('S33 lets only chosen elements of a set leave', () => {
    const transform = { kind: 'without', values: ['internal'] } as const;
    const world = pairWith({ a: [row('labels', { transform })], b: [], fields: { labels: ['internal', 'public'] } });
    expect(shown(world, 'b', 'labels')).toEqual(['public']);
    expect(codes(world)).toEqual([]);
  });

  it('S33 does not take an echo of a transformed value for a change', () => {
    const field = 'custom:text:Customer';
    const world = pairWith({ a: [row(field, { transform: { kind: 'suffix', text: '!' } })], fields: { [field]: 'x' } });
    expect(world.round().steps).toEqual([]);
    expect([shown(world, 'a', field), shown(world, 'b', field)]).toEqual(['x', 'x!']);
  });
});

describe('values by kind', () => {
  const meanings: readonly (readonly [FieldName, FieldValue, FieldValue, boolean])[] = [
    ['custom:dateTime:At', '2026-11-25T15:20:00.000Z', '2026-11-25T16:20:00+01:00', true],
    ['custom:cascade:Region', ['Europe', 'Berlin'], ['Berlin', 'Europe'], false],
    ['components', ['a', 'b'], ['b', 'a', 'a'], true],
    ['custom:text:Note', '', null, true],
    ['custom:number:Points', 0, null, false],
    ['summary', ' x ', 'x', true],
  ];

  it.each(meanings)('S62 compares %s by its meaning', (field, one, other, isSame) => {
    expect(hashOf(field, one) === hashOf(field, other)).toBe(isSame);
  });

  it('S63 sends a person by the table, and somebody in their place who is usable', () => {
    const [away, standIn] = [accountId('away'), kit.bob];
    const people = { away: 'elsewhere' };
    expect(outgoing({ reporter: away }, rulesOf([row('reporter')], { people })).reporter).toBe('elsewhere');
    const world = pairWith({
      a: [row('reporter')],
      more: { fallbackPerson: standIn },
      fields: { reporter: away },
    });
    expect(shown(world, 'b', 'reporter')).toBe(standIn);
    expect(world.round().steps).toEqual([]);
    expect(shown(world, 'a', 'reporter')).toBe(away);
  });
});

describe('sets', () => {
  it('S34 leaves out what the other site does not know, says so, and brings it when it does', () => {
    const options = { components: ['Core'] };
    const world = pairWith({ a: [row('components')], fields: { components: ['Core', 'Odd'] }, abilities: { options } });
    expect(shown(world, 'b', 'components')).toEqual(['Core']);
    expect(codes(world)).toEqual(['value-unknown']);
    world.sites.b.abilities = { ...world.sites.b.abilities, options: { components: ['Core', 'Odd'] } };
    world.quiesce();
    expect(shown(world, 'b', 'components')).toEqual(['Core', 'Odd']);
    expect(codes(world)).toEqual([]);
  });

  it('S34 removes only what the sync added, also of versions and people', () => {
    const world = pairWith({ a: [row('fixVersions')], fields: { fixVersions: ['1', '2'] } });
    world.set('b', { fixVersions: ['1', '2', 'own'] });
    world.quiesce();
    world.set('a', { fixVersions: ['2', 'own'] });
    world.quiesce();
    expect(shown(world, 'b', 'fixVersions')).toEqual(['2', 'own']);
    world.set('a', { fixVersions: ['2'] });
    world.quiesce();
    expect(shown(world, 'b', 'fixVersions')).toEqual(['2', 'own']);
  });
});

describe('links between issues', () => {
  const [mine, theirs, unknown] = [issueId('71'), issueId('82'), issueId('99')];
  const known = { a: new Map([[mine, theirs]]), b: new Map([[theirs, mine]]) };
  const link = (issue: typeof mine): string => linkElement({ type: 'Blocks', direction: 'outward', issue });

  function linked(links: readonly string[], more: Partial<RuleDocument> = {}): World {
    const world = pairWith({ a: [row('links')], more, fields: { links: [] } });
    world.counterparts = known;
    world.set('b', { links: [] });
    world.set('a', { links });
    world.quiesce();
    return world;
  }

  it('S35 travel to the twin of the linked issue, and wait for one that has none', () => {
    const world = linked([link(mine), link(unknown)].sort());
    expect(shown(world, 'b', 'links')).toEqual([link(theirs)]);
    expect(codes(world)).toEqual(['link-target-not-synced']);
    world.counterparts = { a: new Map([...known.a, [unknown, issueId('93')]]), b: known.b };
    world.quiesce();
    expect(shown(world, 'b', 'links')).toEqual([link(theirs), link(issueId('93'))].sort());
  });

  it('S35 that people made are never removed; ours go with their original', () => {
    const world = linked([link(mine)]);
    const own = link(issueId('55'));
    world.set('b', { links: [link(theirs), own].sort() });
    world.quiesce();
    world.set('a', { links: [] });
    world.quiesce();
    expect(shown(world, 'b', 'links')).toEqual([own]);
  });

  it('S35 stay when it cannot be told whether their original is there', () => {
    const world = linked([link(mine)]);
    world.counterparts = { a: new Map(), b: new Map() };
    world.set('a', { links: [link(unknown)] });
    world.round();
    expect(shown(world, 'b', 'links')).toEqual([link(theirs)]);
  });

  it('S125 belong to one of their two pairs, to that with the lower id on side a; the other one only wakes it', () => {
    const early = issueId('0');
    const world = linked([]);
    world.counterparts = { a: new Map([[early, theirs]]), b: new Map([[theirs, early]]) };
    world.set('a', { links: [link(early)] });
    const plan = world.round();
    expect(plan.wakes).toEqual([{ side: 'a', issue: early }]);
    expect(plan.steps).toEqual([]);
    // The other pair has brought it along, and a person takes the original away: here that is nobody's new link.
    world.set('b', { links: [link(theirs)] });
    world.quiesce();
    world.set('a', { links: [] });
    world.quiesce();
    expect([shown(world, 'a', 'links'), shown(world, 'b', 'links')]).toEqual([[], [link(theirs)]]);
  });

  it('S35 have their type translated', () => {
    const world = linked([link(mine)], { values: { linkType: { Blocks: 'Blockade' } } });
    expect(shown(world, 'b', 'links')).toEqual([
      linkElement({ type: 'Blockade', direction: 'outward', issue: theirs }),
    ]);
  });

  it('S64 are looked up only while they are not as they were settled', () => {
    const world = linked([link(mine)]);
    expect(namedIssues(world.input())).toEqual({ a: [], b: [] });
    world.set('a', { links: [link(unknown)] });
    expect(namedIssues(world.input())).toEqual({ a: [unknown], b: [theirs] });
  });
});

describe('the hierarchy', () => {
  const [parent, twin] = [issueId('11'), issueId('12')];
  const subtask = (more: Partial<Parameters<typeof pairWith>[0]> = {}): World => {
    const rules = rulesOf([row('parent')]);
    const world = new World({
      rules: { a: rules, b: rules },
      b: { abilities: kit.abilitiesWith({ creatable: ['summary', 'issueType', 'parent'] }) },
      fields: { issueType: 'Sub-task', parent, ...more.fields },
    });
    world.sites.a.issue = { ...world.issue('a'), isSubtask: true };
    return world;
  };

  it('S36 a sub-task waits for its parent and is made beneath its twin', () => {
    const world = subtask();
    expect(world.round().blocked).toContainEqual({ side: 'b', field: 'parent', code: 'parent-not-synced' });
    expect(world.sites.b.issue).toBe('absent');
    world.counterparts = { a: new Map([[parent, twin]]), b: new Map([[twin, parent]]) };
    world.quiesce();
    expect(world.issue('b').fields).toMatchObject({ issueType: 'Sub-task', parent: twin });
  });

  it('S36 a new parent travels as its twin', () => {
    const world = pairWith({ a: [row('parent')], fields: { parent: null } });
    world.set('b', { parent: null });
    world.counterparts = { a: new Map([[parent, twin]]), b: new Map([[twin, parent]]) };
    world.set('a', { parent });
    world.quiesce();
    expect(shown(world, 'b', 'parent')).toBe(twin);
  });
});

describe('a status', () => {
  const workflow = [
    { from: 'To Do', to: 'In Progress' },
    { from: 'In Progress', to: 'In Review' },
    { from: 'In Review', to: 'Done' },
    { from: 'In Progress', to: 'Done' },
  ];
  /** Site B offers only what leads on from where its issue stands. */
  function stepwise(world: World): void {
    const { abilities } = world.sites.b;
    const from = world.issue('b').fields.status;
    const ways = workflow.filter((move) => move.from === from).map(({ to }) => ({ id: to, to }));
    world.sites.b.abilities = { ...abilities, transitions: ways, workflow };
  }

  it('S37 takes the shortest known way, one move at a time, and no move on it counts as a change', () => {
    const world = pairWith({ a: [row('status')], fields: { status: 'To Do' } });
    world.set('a', { status: 'Done' });
    const seen: (FieldValue | undefined)[] = [];
    for (let round = 0; round < 4; round += 1) {
      stepwise(world);
      const plan = world.round();
      if (plan.steps.length > 0) seen.push(shown(world, 'b', 'status'));
      expect(shown(world, 'a', 'status')).toBe('Done');
    }
    expect(seen).toEqual(['In Progress', 'Done']);
  });

  it('S37 goes on after a stop between two moves', () => {
    const world = pairWith({ a: [row('status')], fields: { status: 'To Do' } });
    world.set('a', { status: 'Done' });
    stepwise(world);
    world.round({ stop: 'hard', after: 1 });
    stepwise(world);
    world.round();
    stepwise(world);
    world.round();
    expect([shown(world, 'a', 'status'), shown(world, 'b', 'status')]).toEqual(['Done', 'Done']);
  });

  it('S37 gives a transition what its screen asks for: the rule’s value, else the issue’s own', () => {
    const done = { id: '9', to: 'Done', fields: ['resolution'], required: ['resolution'] } as const;
    const transitions = [done];
    const lane = [row('status'), row('resolution')];
    const world = pairWith({ a: lane, fields: { status: 'To Do', resolution: null }, abilities: { transitions } });
    world.set('a', { status: 'Done', resolution: 'Fixed' });
    expect(world.plan().steps.find(({ kind }) => kind === 'transition')).toMatchObject({
      to: 'Done',
      fields: { resolution: 'Fixed' },
    });
    const bare = pairWith({ a: [row('status')], fields: { status: 'To Do' }, abilities: { transitions } });
    bare.set('a', { status: 'Done' });
    expect(codes(bare)).toEqual(['transition-field-missing']);
    const told = pairWith({
      a: [row('status')],
      more: { transitionFields: { Done: { resolution: 'Declined' } } },
      fields: { status: 'To Do' },
      abilities: { transitions },
    });
    told.set('a', { status: 'Done' });
    expect(told.plan().steps).toMatchObject([{ kind: 'transition', fields: { resolution: 'Declined' } }]);
  });
});

describe('two issues that were connected', () => {
  const met = (start: 'baseline' | 'newest' | 'hold' | 'a' | 'b'): World => {
    const world = new World({
      b: { issue: kit.issueWith({ summary: 'B' }, { id: issueId('2') }) },
      fields: { summary: 'A' },
    });
    world.memory = { ...world.memory, b: issueId('2'), start };
    world.set('a', { summary: 'A' });
    world.set('b', { summary: 'B' });
    return world;
  };

  it.each([
    ['a', 'A', 'A'],
    ['b', 'B', 'B'],
    ['newest', 'B', 'B'],
    ['hold', 'A', 'B'],
    ['baseline', 'A', 'B'],
  ] as const)('S60 begin as was chosen: %s', (start, a, b) => {
    const world = met(start);
    world.quiesce();
    expect([shown(world, 'a', 'summary'), shown(world, 'b', 'summary')]).toEqual([a, b]);
    expect(codes(world)).toEqual(start === 'hold' ? ['conflict-held'] : []);
  });

  /** The intent is stored, and nothing is written. */
  const BEFORE = { stop: 'hard', after: -1 } as const;

  it('S133 keep to what was chosen when the end of the first write is not known', () => {
    const world = met('a');
    world.round(BEFORE);
    world.quiesce();
    expect([shown(world, 'a', 'summary'), shown(world, 'b', 'summary')]).toEqual(['A', 'A']);
  });

  it('S133 take for a change what a person has changed since the first write, whose end is not known', () => {
    const world = met('a');
    world.round(BEFORE);
    world.set('b', { summary: 'C' });
    world.quiesce();
    expect([shown(world, 'a', 'summary'), shown(world, 'b', 'summary')]).toEqual(['C', 'C']);
  });

  it('S133 do not take for their own what an app wrote there in a life that is forgotten', () => {
    const world = met('b');
    world.sites.a.issue = { ...world.issue('a'), appChangedAt: { summary: Number.MAX_SAFE_INTEGER - 1 } };
    world.round(BEFORE);
    world.quiesce();
    expect([shown(world, 'a', 'summary'), shown(world, 'b', 'summary')]).toEqual(['B', 'B']);
  });

  it('S60 of a baseline only what changes later travels', () => {
    const world = met('baseline');
    world.quiesce();
    world.set('a', { summary: 'New' });
    world.quiesce();
    expect([shown(world, 'a', 'summary'), shown(world, 'b', 'summary')]).toEqual(['New', 'New']);
  });
});

describe('automations of both sides', () => {
  it('S61 a field that they send to and fro rests after ten flips; others go on, and a person sets it free', () => {
    const world = pairWith({ a: [row('custom:option:Flag')], fields: { 'custom:option:Flag': 'x' } });
    const byApp = (side: 'a' | 'b', value: string): void => {
      world.set(side, { 'custom:option:Flag': value });
      world.sites[side].issue = { ...world.issue(side), changedByApp: ['custom:option:Flag'] };
    };
    let travelled = 0;
    for (let turn = 0; turn < 30; turn += 1) {
      byApp(turn % 2 === 0 ? 'a' : 'b', `value ${turn}`);
      travelled += world.round().steps.length;
    }
    expect(travelled).toBe(11);
    expect(codes(world)).toEqual(['field-flipping']);
    world.set('a', { summary: 'goes on' });
    world.round();
    expect(shown(world, 'b', 'summary')).toBe('goes on');
    world.set('a', { 'custom:option:Flag': 'a person' });
    world.sites.a.issue = { ...world.issue('a'), changedByApp: [] };
    world.quiesce();
    expect(shown(world, 'b', 'custom:option:Flag')).toBe('a person');
    expect(codes(world)).toEqual([]);
  });

  it('S61 an automation of one side alone may change a field as often as it likes', () => {
    const world = pairWith({ a: [row('custom:option:Flag')], fields: { 'custom:option:Flag': 'x' } });
    for (let turn = 0; turn < 30; turn += 1) {
      world.set('a', { 'custom:option:Flag': `value ${turn}` });
      world.sites.a.issue = { ...world.issue('a'), changedByApp: ['custom:option:Flag'] };
      world.round();
    }
    expect(shown(world, 'b', 'custom:option:Flag')).toBe('value 29');
  });
});
