/**
 * The script of one run: what people do and what goes wrong, each at a step of the scheduler. It is all that a run takes from its
 * seed besides the order in which things happen, so it can be shrunk by taking decisions out.
 */
import type { Side } from '../../shared/model/connection.ts';
import type { Policy } from '../../shared/model/rules.ts';
import { between, chanceOf, mix, pick, weighted } from './chance.ts';
import type { Chance } from './chance.ts';
import { TIES } from './ties.ts';

/** What people may do. `edit` names a row of the table of fields by chance; the rest are acts of their own. */
export const deeds = {
  create: 10,
  edit: 46,
  comment: 14,
  'edit-comment': 8,
  'edit-copy': 5,
  'delete-comment': 4,
  'delete-copy': 2,
  'delete-issue': 1,
} as const;

/** What people do with worklogs and files, in runs whose rules share them. */
export const partDeeds = {
  worklogs: { 'log-work': 5, 'edit-work': 3, 'edit-work-copy': 2, 'delete-work': 1, 'delete-work-copy': 1 },
  files: { attach: 5, detach: 2, 'detach-copy': 1 },
} as const;
export type PartKind = keyof typeof partDeeds;
export type PartDeedName = { [K in PartKind]: keyof (typeof partDeeds)[K] }[PartKind];
export type Deed = keyof typeof deeds | PartDeedName;

/** What may go wrong, by kind. The number is how often, relative to the others. */
export const faults = {
  crash: 22,
  'store-unavailable': 4,
  'store-timeout': 10,
  'store-changed': 6,
  'jira-reset': 4,
  'jira-timeout': 12,
  'jira-slow': 3,
  'jira-401': 2,
  'jira-403': 2,
  'jira-404': 2,
  'jira-409': 2,
  'jira-413': 1,
  'jira-429': 4,
  'jira-500': 3,
  'jira-503': 3,
  'publish-failed': 3,
  'publish-timeout': 3,
  'key-unavailable': 2,
  'message-lost': 4,
  'message-twice': 6,
  'message-late': 4,
  'webhook-lost': 6,
  'webhook-twice': 4,
  'webhook-late': 4,
  stall: 6,
  'clock-jump': 2,
  'partner-leaves': 1,
  'licence-ends': 1,
  'rules-published': 2,
  'rules-not-agreed': 1,
  'permission-lost': 2,
  'site-restored': 1,
} as const;

/** What came later, with a chance of its own: what a seed was before, it stays beside it. */
export const laterFaults = {
  'stale-read': 1,
  'store-restored': 1,
  'site-back': 1,
  'site-back-late': 1,
  'site-purged': 1,
} as const;
/** A site leaves for days, for months, or for good: a part of the later faults. */
export const endings = ['site-back', 'site-back-late', 'site-purged'] as const;
export type FaultKind = keyof typeof faults | keyof typeof laterFaults;

/** What the faults bring about, and the index by itself; it is counted where it happens and not ordered by a script. */
export type Plight = 'lease-expired' | 'stale-search';

/** One decision. `seed` feeds the choices inside it, so that they do not depend on the other decisions. */
export type Decision =
  | { readonly at: number; readonly do: Deed; readonly side: Side; readonly seed: number }
  | { readonly at: number; readonly fault: FaultKind; readonly seed: number };

/** How the world of a run is made. */
export interface Setting {
  readonly seed: number;
  /** Per field: the policy that both sides' rules name; `newest` where it is absent. */
  readonly policies: Readonly<Record<string, Policy>>;
  /** Fields that a side does not send. */
  readonly kept: Readonly<Record<Side, readonly string[]>>;
  readonly workflows: Readonly<Record<Side, 'simple' | 'classic'>>;
  readonly indexLagMs: number;
  /** How many times a bot answers our writes. */
  readonly botAnswers: number;
  readonly processes: number;
  /** Fields that people change in this run; all of them when it is absent. */
  readonly fields?: readonly string[];
  /** Kinds of field that both sides share besides the usual ones. */
  readonly more?: readonly string[];
  /** What both sides share besides fields and comments. */
  readonly parts?: readonly PartKind[];
  /** Texts show files of their issue. */
  readonly pictures?: boolean;
  /** Restricted comments travel by a table, and people change who may read one. */
  readonly readers?: boolean;
  /** A field that automations of these sides set back to their own value whenever we change it. */
  readonly flips?: { readonly field: string; readonly sides: readonly Side[] };
  /** Keys are kept in the store and can be destroyed, as a purge does. */
  readonly hasKeys?: boolean;
  /** Share of webhooks that are never sent; none when it is absent. */
  readonly lostWebhooks?: number;
}

/** A whole run. */
export interface Script {
  readonly setting: Setting;
  readonly decisions: readonly Decision[];
}

/** What a run may be asked to be. */
export interface ScriptAsk {
  readonly fields: readonly string[];
  /** Kinds that sites share by choice; a run takes a few of them, or none. */
  readonly more?: readonly string[];
  /** Decisions of people. */
  readonly deeds?: number;
  /** What the run is about; left to chance when it is absent. */
  readonly focus?: Focus;
}

/** Deeds of one run, and how far apart they are in steps. */
const DEEDS = { low: 4, high: 16 } as const;
const MAX_GAP = 60;
/** Faults for each deed, at most. */
const FAULT_RATE = 0.9;

/** A run that is about few things: where many of one kind meet, what is rare elsewhere happens often. */
export interface Focus {
  readonly deeds: Readonly<Partial<Record<Deed, number>>>;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly fields?: readonly string[];
  /** What both sides share besides the usual. */
  readonly shares?: Partial<Pick<Setting, 'more' | 'parts' | 'readers' | 'pictures'>>;
  /** Of all fields; left to chance when it is absent. */
  readonly policy?: Policy;
  /** Faults for each deed, at most. */
  readonly rate: number;
  readonly maxGap: number;
}

/** Share of runs with a focus. @see Groce et al., Swarm Testing, ISSTA 2012 */
const FOCUSED = 0.65;

function focusOf(chance: Chance, { fields, focus }: ScriptAsk): Focus {
  if (focus !== undefined) return focus;
  if (chance() >= FOCUSED) return { deeds, faults, rate: FAULT_RATE, maxGap: MAX_GAP };
  const some = <K extends string>(weights: Readonly<Record<K, number>>, most: number): Partial<Record<K, number>> => {
    const names = Object.keys(weights) as K[];
    const chosen = Array.from({ length: between(chance, 1, most) }, () => pick(chance, names));
    return Object.fromEntries(chosen.map((name) => [name, 1])) as Partial<Record<K, number>>;
  };
  const { create: _create, 'delete-issue': _delete, ...usual } = deeds;
  return {
    deeds: some(usual, 3),
    faults: some(faults, 3),
    fields: Array.from({ length: between(chance, 1, 2) }, () => pick(chance, fields)),
    rate: 2 * FAULT_RATE,
    maxGap: pick(chance, [4, 20, MAX_GAP, 4 * MAX_GAP]),
  };
}

/** Makes the script of a seed. */
export function scriptOf(seed: number, ask: ScriptAsk): Script {
  const chance = chanceOf(seed * 2 + 1);
  const focus = focusOf(chance, ask);
  const count = ask.deeds ?? between(chance, DEEDS.low, DEEDS.high);
  // Every seventh run is calm: there each call that is not needed counts as a violation.
  const rate = seed % 7 === 0 && ask.focus === undefined ? 0 : chance() * focus.rate;
  const decisions: Decision[] = [
    { at: 0, do: 'create', side: chance() < 0.7 ? 'a' : 'b', seed: between(chance, 1, 1e9) },
  ];
  let at = 0;
  for (let number = 1; number < count; number += 1) {
    // People often change several things at once, or one thing on both sides.
    at += chance() < 0.4 ? between(chance, 0, 3) : between(chance, 1, focus.maxGap);
    const side: Side = chance() < 0.5 ? 'a' : 'b';
    decisions.push({ at, do: weighted(chance, focus.deeds), side, seed: between(chance, 1, 1e9) });
  }
  const faultCount = Math.round(rate * count);
  for (let number = 0; number < faultCount; number += 1)
    decisions.push({
      at: between(chance, 0, at + MAX_GAP),
      fault: weighted(chance, focus.faults),
      seed: between(chance, 1, 1e9),
    });
  decisions.sort((one, other) => one.at - other.at);
  const setting = settingOf(seed, chance, ask);
  const script = { setting: focus.fields === undefined ? setting : { ...setting, fields: focus.fields }, decisions };
  const wide = widened(script, seed, ask.more ?? []);
  if (ask.more === undefined) return keyed({ ...wide, setting: { ...wide.setting, ...focus.shares } });
  const flips = flipped(wide, seed, [...ask.fields, ...(wide.setting.more ?? [])]);
  const whole = illustrated(read(tied(parted(flips, seed), seed), seed), seed);
  const run = troubled(whole, seed);
  return rate === 0 ? run : relived(run, seed);
}

/** Shares of runs in which our own store is put back to an older copy, and in which a site leaves. */
const STORE_RESTORED = 0.05;
const LEFT = 0.05;
const LIFE_STREAM = 7_010;
/** What is judged in another way than what a store put back or a long absence leaves. */
const APART: readonly FaultKind[] = [
  ...(['partner-leaves', 'licence-ends', 'rules-published', 'rules-not-agreed', 'site-restored'] as const),
];

/** Where a site leaves, keys are real. */
function keyed({ setting, decisions }: Script): Script {
  const isLeft = decisions.some((decision) => 'fault' in decision && endings.some((one) => one === decision.fault));
  return { setting: isLeft ? { ...setting, hasKeys: true } : setting, decisions };
}

/** Lets our own store be put back in a run, or a site leave, from a chance of its own. */
function relived({ setting, decisions }: Script, seed: number): Script {
  const chance = chanceOf(mix(seed, LIFE_STREAM));
  const isApart = decisions.some((decision) => 'fault' in decision && APART.includes(decision.fault));
  const drawn = chance();
  const fault: FaultKind | undefined =
    drawn < STORE_RESTORED ? 'store-restored' : drawn < STORE_RESTORED + LEFT ? pick(chance, endings) : undefined;
  if (isApart || fault === undefined) return { setting, decisions };
  const last = decisions.at(-1)?.at ?? 0;
  const decision: Decision = { at: between(chance, 0, last), fault, seed: between(chance, 1, 1e9) };
  return keyed({ setting, decisions: [...decisions, decision].sort((one, other) => one.at - other.at) });
}

/** Share of runs with a replica that lags, and how often it does there at most. */
const STALE = 0.16;
const MAX_STALE = 3;
const LATER_STREAM = 7_009;

/** Gives a run faults of the later kinds. */
function troubled({ setting, decisions }: Script, seed: number): Script {
  const chance = chanceOf(mix(seed, LATER_STREAM));
  // Calm runs stay calm.
  if (seed % 7 === 0 || chance() >= STALE) return { setting, decisions };
  const last = decisions.at(-1)?.at ?? 0;
  const stale = Array.from({ length: between(chance, 1, MAX_STALE) }, (): Decision => {
    return { at: between(chance, 0, last + MAX_GAP), fault: 'stale-read', seed: between(chance, 1, 1e9) };
  });
  return { setting, decisions: [...decisions, ...stale].sort((one, other) => one.at - other.at) };
}

/** Share of runs that are about more than what every issue has, and how many kinds those share at most. */
const WIDE = 0.7;
const MAX_MORE = 4;

/** Gives a run kinds that sites share by choice. From a chance of its own: what a seed was before, it stays beside them. */
function widened({ setting, decisions }: Script, seed: number, kinds: readonly string[]): Script {
  const chance = chanceOf(mix(seed, WIDE_STREAM));
  if (kinds.length === 0 || chance() >= WIDE) return { setting, decisions };
  const more = [...new Set(Array.from({ length: between(chance, 1, MAX_MORE) }, () => pick(chance, kinds)))];
  const policies: Record<string, Policy> = { ...setting.policies };
  for (const field of more) if (chance() < 0.2) policies[field] = pick(chance, ['a', 'b', 'hold'] as const);
  const keptOn = (side: Side): readonly string[] =>
    chance() < 0.1 ? [...setting.kept[side], pick(chance, more)] : setting.kept[side];
  const kept = { a: keptOn('a'), b: keptOn('b') };
  const isAboutMore = setting.fields !== undefined && chance() < 0.7;
  const fields = isAboutMore ? { fields: more.slice(0, 2) } : {};
  return { setting: { ...setting, more, policies, kept, ...fields }, decisions };
}

const WIDE_STREAM = 7_001;

/** Share of runs with automations that set a field back, and of those the share with one on both sides. */
const FLIPPED = 0.06;
const FLIPPED_ON_BOTH = 0.7;
const FLIP_STREAM = 7_002;

/** Gives a run automations that insist on a value. */
function flipped({ setting, decisions }: Script, seed: number, fields: readonly string[]): Script {
  const chance = chanceOf(mix(seed, FLIP_STREAM));
  if (chance() >= FLIPPED) return { setting, decisions };
  const known = fields.filter((field) => Object.hasOwn(INSISTED, field));
  const sides: readonly Side[] = chance() < FLIPPED_ON_BOTH ? ['a', 'b'] : [pick(chance, ['a', 'b'])];
  return { setting: { ...setting, flips: { field: pick(chance, known), sides } }, decisions };
}

/** Share of runs that share worklogs, and of those that share files; of their deeds the share that is about them. */
const PARTED: Readonly<Record<PartKind, number>> = { worklogs: 0.12, files: 0.12 };
const ABOUT_PARTS = 0.5;
const PART_STREAM = 7_003;
const NEVER_PARTS: readonly Deed[] = ['create', 'delete-issue'];

/** Gives a run worklogs, files or both. Logged work changes the remaining estimate by itself: that one is not shared then. */
function parted({ setting, decisions }: Script, seed: number): Script {
  const chance = chanceOf(mix(seed, PART_STREAM));
  const parts = (Object.keys(PARTED) as PartKind[]).filter((kind) => chance() < PARTED[kind]);
  if (parts.length === 0) return { setting, decisions };
  const weights: Partial<Record<PartDeedName, number>> = Object.assign({}, ...parts.map((kind) => partDeeds[kind]));
  const about = decisions.map((decision): Decision => {
    if (!('do' in decision) || NEVER_PARTS.includes(decision.do) || chance() >= ABOUT_PARTS) return decision;
    return { ...decision, do: weighted(chance, weights) };
  });
  const more = setting.more?.filter((kind) => kind !== 'remainingEstimate');
  return { setting: { ...setting, parts, ...(more === undefined ? {} : { more }) }, decisions: about };
}

/** Share of runs whose issues are tied to others, and of their deeds the shares that make an issue and that tie one. */
const TIED = 0.2;
const BORN_TIED = 0.2;
const ABOUT_TIES = 0.4;
const TIE_STREAM = 7_004;

/** Gives a run links, links to elsewhere and parents. */
function tied({ setting, decisions }: Script, seed: number): Script {
  const chance = chanceOf(mix(seed, TIE_STREAM));
  if (chance() >= TIED) return { setting, decisions };
  const ties = [...new Set([pick(chance, TIES), pick(chance, TIES)])];
  const policies: Record<string, Policy> = { ...setting.policies };
  for (const field of ties) if (chance() < 0.2) policies[field] = pick(chance, ['a', 'b', 'hold'] as const);
  // A sub-task whose parent is kept back arrives as a plain issue: another kind of pair.
  const keepable = ties.filter((field) => field !== 'parent');
  const keptOn = (side: Side): readonly string[] =>
    keepable.length > 0 && chance() < 0.1 ? [...setting.kept[side], pick(chance, keepable)] : setting.kept[side];
  const about = decisions.map((decision): Decision => {
    if (!('do' in decision) || NEVER_PARTS.includes(decision.do)) return decision;
    const drawn = chance();
    if (drawn < BORN_TIED) return { ...decision, do: 'create' };
    return drawn < BORN_TIED + ABOUT_TIES ? { ...decision, do: 'edit' } : decision;
  });
  const more = [...(setting.more ?? []), ...ties];
  const kept = { a: keptOn('a'), b: keptOn('b') };
  const fields = chance() < 0.6 ? { fields: ties } : {};
  return { setting: { ...setting, more, policies, kept, ...fields }, decisions: about };
}

/** Share of runs in which people change who may read a comment, and of their deeds the share that is about comments. */
const READ = 0.12;
const ABOUT_READERS = 0.6;
const READER_STREAM = 7_005;
const readerDeeds = { comment: 5, 'edit-comment': 6, 'edit-copy': 3, 'delete-comment': 1, 'delete-copy': 1 } as const;

/** Gives a run comments for some. */
function read({ setting, decisions }: Script, seed: number): Script {
  const chance = chanceOf(mix(seed, READER_STREAM));
  if (chance() >= READ) return { setting, decisions };
  const about = decisions.map((decision): Decision => {
    if (!('do' in decision) || NEVER_PARTS.includes(decision.do) || chance() >= ABOUT_READERS) return decision;
    return { ...decision, do: weighted(chance, readerDeeds) };
  });
  return { setting: { ...setting, readers: true }, decisions: about };
}

/** Share of runs whose texts show files, and of their deeds the share that is about files and texts. */
const ILLUSTRATED = 0.12;
const ABOUT_PICTURES = 0.7;
const PICTURE_STREAM = 7_006;
const pictureDeeds = {
  ...{ attach: 4, detach: 1, 'detach-copy': 1, edit: 5, comment: 3, 'edit-comment': 2, 'edit-copy': 2 },
} as const;

/** Gives a run texts that show files. What only some may read shows none here. */
function illustrated({ setting, decisions }: Script, seed: number): Script {
  const chance = chanceOf(mix(seed, PICTURE_STREAM));
  if (chance() >= ILLUSTRATED || setting.readers === true) return { setting, decisions };
  const about = decisions.map((decision): Decision => {
    if (!('do' in decision) || NEVER_PARTS.includes(decision.do) || chance() >= ABOUT_PICTURES) return decision;
    return { ...decision, do: weighted(chance, pictureDeeds) };
  });
  const parts = [...new Set<PartKind>([...(setting.parts ?? []), 'files'])];
  const fields = chance() < 0.7 ? { fields: ['description'] } : {};
  return { setting: { ...setting, parts, pictures: true, ...fields }, decisions: about };
}

/** What an automation of each side insists on, as people speak of fields. */
export const INSISTED: Readonly<Record<string, Readonly<Record<Side, Readonly<Record<string, unknown>>>>>> = {
  priority: { a: { priority: 'High' }, b: { priority: 'Low' } },
  dueDate: { a: { duedate: '2026-12-01' }, b: { duedate: '2026-12-24' } },
  'custom:text:Customer': { a: { Customer: 'ours' }, b: { Customer: 'theirs' } },
  'custom:option:Risk': { a: { Risk: 'Low' }, b: { Risk: 'High' } },
};

function settingOf(seed: number, chance: Chance, { fields, focus }: ScriptAsk): Setting {
  const policies: Record<string, Policy> = {};
  for (const field of fields) if (chance() < 0.2) policies[field] = pick(chance, ['a', 'b', 'hold'] as const);
  if (focus?.policy !== undefined) for (const field of fields) policies[field] = focus.policy;
  const keptOn = (share: number): readonly string[] => (chance() < share ? [pick(chance, fields)] : []);
  return {
    seed,
    policies,
    kept: { a: keptOn(0.1), b: keptOn(0.1) },
    workflows: { a: chance() < 0.15 ? 'classic' : 'simple', b: chance() < 0.15 ? 'classic' : 'simple' },
    indexLagMs: pick(chance, [0, 1_000, 5_000, 30_000, 60_000]),
    botAnswers: chance() < 0.2 ? between(chance, 1, 4) : 0,
    processes: between(chance, 1, 3),
  };
}
