/**
 * Random histories of sets in which elements of people and of the sync are mixed, on two tiny sites, with the question of anchor
 * A5: was ever an element removed that a person had put there? Who owns what is written down here, beside the engine.
 * @see RIVALS.md §6, A5
 */
import { between, chanceOf, mix, pick } from '../simulation/chance.ts';
import type { Chance } from '../simulation/chance.ts';
import type { Side } from '../../shared/model/connection.ts';
import { issueId } from '../../shared/model/ids.ts';
import { linkElement, remoteLinkElement } from '../../shared/model/links.ts';
import type { Step, StepResult } from '../../shared/model/plan.ts';
import { abilitiesWith, plainFields, rulesWith } from './syncBuilders.ts';
import { World } from './twoSites.ts';
import type { Round } from './twoSites.ts';

/** The sets that people mix their own elements into. */
const SETS = ['links', 'remoteLinks', 'labels', 'components', 'fixVersions'] as const;
type SetName = (typeof SETS)[number];
/** Issues of each side that links lead to; the last one has no twin. */
const LINKED = { a: ['11', '12', '13'], b: ['21', '22', '23'] } as const;
const LINK_TYPES = ['Blocks', 'Relates'] as const;
/** Few names, so that both sides often have the same. */
const NAMES = ['red', 'green', 'blue'] as const;
/** Happenings of one history. */
const LENGTH = { low: 8, high: 24 } as const;

/** What some histories came to. */
export interface OwnedTally {
  readonly histories: number;
  /** Elements that people put there, and writes and removals of the sync. */
  readonly put: number;
  readonly removals: number;
  /** Elements of people that the sync removed: what must not be. */
  readonly unmanagedRemoved: number;
  /** Histories that did not come to rest. */
  readonly restless: number;
  /** The seed of the first history in which something was wrong. */
  readonly firstWrong?: number;
}

/** Two sites that know who put each element of a set there. */
class OwnedWorld extends World {
  readonly #owners = new Map<string, 'person' | 'sync'>();
  put = 0;
  removals = 0;
  unmanagedRemoved = 0;

  show(side: Side, field: SetName): readonly string[] {
    const { issue } = this.sites[side];
    return typeof issue === 'string' ? [] : (issue.fields[field] ?? []);
  }

  /** A person adds an element or takes one away, whoever put it there. */
  change(side: Side, field: SetName, element: string): void {
    const here = this.show(side, field);
    const isHere = here.includes(element);
    const next = isHere ? here.filter((one) => one !== element) : [...here, element].sort();
    // What a person puts there is no longer the sync's, also for these sites' own judgement.
    this.sites[side].syncElements.delete(element);
    this.put += isHere ? 0 : 1;
    if (field === 'labels') this.setLabels(side, next);
    else this.set(side, { [field]: next });
    this.#own(side, field, here, next, 'person');
  }

  override act(step: Step): StepResult {
    const before = SETS.map((field) => this.show(step.side, field));
    const result = super.act(step);
    SETS.forEach((field, at) => this.#own(step.side, field, before[at] ?? [], this.show(step.side, field), 'sync'));
    return result;
  }

  #own(side: Side, field: SetName, before: readonly string[], after: readonly string[], by: 'person' | 'sync'): void {
    const place = (element: string): string => `${side} ${field} ${element}`;
    for (const element of before.filter((one) => !after.includes(one))) {
      if (by === 'sync') this.removals += 1;
      if (by === 'sync' && this.#owners.get(place(element)) !== 'sync') this.unmanagedRemoved += 1;
      this.#owners.delete(place(element));
    }
    for (const element of after.filter((one) => !before.includes(one))) this.#owners.set(place(element), by);
  }
}

function worldOf(): OwnedWorld {
  const fields = ['summary', 'issueType', 'status', ...SETS] as const;
  const rules = rulesWith({ fields: fields.map((field) => ({ field, policy: 'newest' })) });
  // Links need both issues, and a status a transition.
  const creatable = fields.filter((field) => !['status', 'links', 'remoteLinks'].includes(field));
  const able = abilitiesWith({ editable: fields, creatable });
  const empty = { links: [], remoteLinks: [], labels: [], components: [], fixVersions: [] };
  const world = new OwnedWorld({
    ...{ rules: { a: rules, b: rules }, a: { abilities: able }, b: { abilities: able } },
    fields: { ...plainFields, ...empty },
  });
  const [a1, a2] = LINKED.a;
  const [b1, b2] = LINKED.b;
  const pairs = [
    [a1, b1],
    [a2, b2],
  ] as const;
  world.counterparts = {
    a: new Map(pairs.map(([a, b]) => [issueId(a), issueId(b)])),
    b: new Map(pairs.map(([a, b]) => [issueId(b), issueId(a)])),
  };
  return world;
}

function elementOf(chance: Chance, side: Side, field: SetName): string {
  if (field === 'links')
    return linkElement({
      type: pick(chance, LINK_TYPES),
      direction: pick(chance, ['inward', 'outward'] as const),
      issue: issueId(pick(chance, LINKED[side])),
    });
  const name = pick(chance, NAMES);
  return field === 'remoteLinks' ? remoteLinkElement({ url: `https://pages.example/${name}`, title: name }) : name;
}

function roundOf(chance: Chance): Round {
  if (chance() < 0.7) return { stop: 'none' };
  return { stop: pick(chance, ['soft', 'hard', 'blind'] as const), after: between(chance, 0, 2) };
}

/** Lives one history to its rest. */
function live(seed: number): OwnedWorld {
  const chance = chanceOf(mix(seed, 5));
  const world = worldOf();
  const isBornLate = chance() < 0.3;
  if (!isBornLate) world.quiesce();
  // Most deeds of a history are about one set: there they meet.
  const favourite = pick(chance, SETS);
  const count = between(chance, LENGTH.low, LENGTH.high);
  for (let number = 0; number < count; number += 1) {
    if (chance() < 0.35) {
      world.round(roundOf(chance));
      continue;
    }
    const side: Side = typeof world.sites.b.issue === 'string' || chance() < 0.5 ? 'a' : 'b';
    const field = chance() < 0.7 ? favourite : pick(chance, SETS);
    world.change(side, field, elementOf(chance, side, field));
  }
  world.quiesce();
  return world;
}

/** Lives histories from a seed on and says what became of the elements of people. */
export function ownedHistories(from: number, count: number): OwnedTally {
  let tally: OwnedTally = { histories: 0, put: 0, removals: 0, unmanagedRemoved: 0, restless: 0 };
  for (let seed = from; seed < from + count; seed += 1) {
    const world = lived(seed);
    const isWrong = world === undefined || world.unmanagedRemoved > 0;
    tally = {
      histories: tally.histories + 1,
      put: tally.put + (world?.put ?? 0),
      removals: tally.removals + (world?.removals ?? 0),
      unmanagedRemoved: tally.unmanagedRemoved + (world?.unmanagedRemoved ?? 0),
      restless: tally.restless + (world === undefined ? 1 : 0),
      ...(tally.firstWrong !== undefined || isWrong ? { firstWrong: tally.firstWrong ?? seed } : {}),
    };
  }
  return tally;
}

/** `undefined` when a site refused an act as one against people, or when there was no rest. */
function lived(seed: number): OwnedWorld | undefined {
  try {
    return live(seed);
  } catch {
    return undefined;
  }
}
