/** The life of one version of a rule document as a table: what may happen to it in which state. */

/**
 * Where a version stands. `waiting`: it lets more out than the partner has agreed to, and the partner has not answered yet.
 * `active`: the one that rules; there is always exactly one. `older`: it was active once.
 */
export const ruleStates = ['draft', 'checked', 'waiting', 'active', 'older', 'withdrawn'] as const;
export type RuleState = (typeof ruleStates)[number];

/**
 * What can happen to a version. `pass` and `fail`: how a check ended. `publish`: it takes effect at once. `ask`: it is published, but
 * widens what the partner has agreed to. `recall`: another version was published while this one waited. `restore`: a new version with
 * its content is made.
 */
export const ruleEvents = [
  'edit',
  'pass',
  'fail',
  'publish',
  'ask',
  'agree',
  'decline',
  'recall',
  'withdraw',
  'restore',
] as const;
export type RuleEvent = (typeof ruleEvents)[number];

/**
 * The next state of a version, or `refused`. What is so already is no refusal, so that a request whose answer was lost may be
 * repeated. That an active version becomes an older one is no event of its own: it happens when another one becomes active.
 *
 * ```
 *            pass               publish
 *   draft ────────▶ checked ──────────────────▶ active ──▶ older
 *     ▲ ◀───edit/fail──┘ └──ask──▶ waiting ──agree──┘
 *     └───────────decline────────────┘        withdraw: draft, checked, waiting ──▶ withdrawn
 * ```
 */
export const ruleLife: Readonly<Record<RuleState, Readonly<Record<RuleEvent, RuleState | 'refused'>>>> = {
  draft: {
    edit: 'draft',
    pass: 'checked',
    fail: 'draft',
    publish: 'refused',
    ask: 'refused',
    agree: 'refused',
    decline: 'draft',
    recall: 'refused',
    withdraw: 'withdrawn',
    restore: 'refused',
  },
  checked: {
    edit: 'draft',
    pass: 'checked',
    fail: 'draft',
    publish: 'active',
    ask: 'waiting',
    agree: 'refused',
    decline: 'refused',
    recall: 'checked',
    withdraw: 'withdrawn',
    restore: 'refused',
  },
  waiting: {
    edit: 'refused',
    pass: 'waiting',
    fail: 'waiting',
    publish: 'refused',
    ask: 'waiting',
    agree: 'active',
    decline: 'draft',
    recall: 'checked',
    withdraw: 'withdrawn',
    restore: 'refused',
  },
  active: {
    edit: 'refused',
    pass: 'active',
    fail: 'active',
    publish: 'active',
    ask: 'active',
    agree: 'active',
    decline: 'refused',
    recall: 'refused',
    withdraw: 'refused',
    restore: 'refused',
  },
  older: {
    edit: 'refused',
    pass: 'older',
    fail: 'older',
    publish: 'refused',
    ask: 'refused',
    agree: 'refused',
    decline: 'refused',
    recall: 'refused',
    withdraw: 'refused',
    restore: 'older',
  },
  withdrawn: {
    edit: 'refused',
    pass: 'refused',
    fail: 'refused',
    publish: 'refused',
    ask: 'refused',
    agree: 'refused',
    decline: 'refused',
    recall: 'refused',
    withdraw: 'withdrawn',
    restore: 'refused',
  },
};

/** How a version's own record tells where it stands; which of the published ones rules is said by the half alone. */
export type RuleStage = Exclude<RuleState, 'active' | 'older'> | 'published';

/** The state of a version from its own record and the version that rules. A record without a stage is a published one. */
export function ruleStateOf(version: number, stage: RuleStage | undefined, active: number): RuleState {
  if (version === active) return 'active';
  return stage === undefined || stage === 'published' ? 'older' : stage;
}

/** What a version's record holds of a state. */
export function stageOf(state: RuleState): RuleStage {
  return state === 'active' || state === 'older' ? 'published' : state;
}

/** What is written down of a version's way, each with its moment and the person, as far as it is one of the own side. */
export const ruleSteps = [
  'drafted',
  'edited',
  'checked',
  'failed',
  'published',
  'asked',
  'agreed',
  'declined',
  'recalled',
  'withdrawn',
] as const;
export type RuleStep = (typeof ruleSteps)[number];
