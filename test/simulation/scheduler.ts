/**
 * One scheduler owns every await. Whoever wants something of the outside passes a gate and stands there until the scheduler opens
 * it; between two steps all other code has come to a gate of its own. So the order of everything follows from the seed, and a
 * process can be ended at any await.
 */
import { between, chanceOf, mix } from './chance.ts';
import type { FaultKind, Plight } from './script.ts';

/** What somebody at a gate wants to do. */
export type GateKind = 'store-read' | 'store-write' | 'jira-read' | 'jira-write' | 'publish' | 'key' | 'sleep';

/** One process: code that ends together. */
export interface Process {
  readonly name: string;
  isDead: boolean;
  /** Frozen until this instant of the true time. */
  frozenUntil: number;
  /** How far its clock is off. */
  readonly skewMs: number;
  /** Nothing goes wrong in it. */
  readonly isSteady?: boolean;
}

/** What the scheduler says when it opens a gate. */
export interface Grant {
  /** Something goes wrong here. */
  readonly fault?: FaultKind;
  readonly seed: number;
}

interface Gate {
  readonly process: Process;
  readonly kind: GateKind;
  readonly readyAt: number;
  readonly open: (grant: Grant) => void;
}

/** A fault that waits for a gate that it fits. */
interface Armed {
  readonly fault: FaultKind;
  readonly seed: number;
}

/** Which gates a fault fits. */
const FITS: Readonly<Partial<Record<FaultKind, readonly GateKind[]>>> = {
  crash: ['store-read', 'store-write', 'jira-read', 'jira-write', 'publish', 'key', 'sleep'],
  'store-unavailable': ['store-read', 'store-write'],
  'store-timeout': ['store-write'],
  'store-changed': ['store-write'],
  'jira-reset': ['jira-read', 'jira-write'],
  'jira-timeout': ['jira-write'],
  'jira-slow': ['jira-read', 'jira-write'],
  'jira-401': ['jira-read', 'jira-write'],
  'jira-403': ['jira-read', 'jira-write'],
  'jira-404': ['jira-read', 'jira-write'],
  'jira-409': ['jira-write'],
  'jira-413': ['jira-write'],
  'jira-429': ['jira-read', 'jira-write'],
  'jira-500': ['jira-read', 'jira-write'],
  'jira-503': ['jira-read', 'jira-write'],
  'publish-failed': ['publish'],
  'publish-timeout': ['publish'],
  'key-unavailable': ['key'],
  stall: ['store-read', 'store-write', 'publish', 'key'],
};

/** What a step takes, in ms: a range for each kind. */
const TAKES: Readonly<Record<GateKind, readonly [number, number]>> = {
  'store-read': [1, 10],
  'store-write': [2, 20],
  'jira-read': [20, 250],
  'jira-write': [40, 400],
  publish: [2, 30],
  key: [1, 2],
  sleep: [0, 0],
};

/** Something that happens at an instant, whoever works. */
interface Timer {
  readonly readyAt: number;
  readonly run: () => void;
}

/** Something else that may happen next: a delivery. `readyAt` of the earliest tells how far time may leap. */
export interface Source {
  /** What may happen now. */
  ready(now: number): readonly (() => void)[];
  /** When the next thing of it is ready; `undefined` when there is none. */
  nextAt(): number | undefined;
}

/** More steps than any run needs; more is a loop. */
const MAX_STEPS = 20_000;

/** Thrown when a run does not come to rest. */
export class Restless extends Error {}

export class Scheduler {
  step = 0;
  now: number;
  /** What happened, for people to read. */
  readonly story: string[] = [];
  readonly startedAt: number;
  readonly faultCounts = new Map<FaultKind | Plight, number>();
  readonly #seed: number;
  readonly #gates: Gate[] = [];
  readonly #armed: Armed[] = [];
  readonly #timers: Timer[] = [];
  /** What follows from a decision some steps later, the next one first. */
  readonly #planned: { readonly at: number; readonly run: () => void }[] = [];
  readonly #sources: Source[] = [];
  readonly #onCrash: ((process: Process) => void)[] = [];
  /** Called before each step, for what the script has for it; true when something was done. */
  onStep: () => boolean = () => false;

  constructor(seed: number, now: number) {
    this.#seed = seed;
    this.now = now;
    this.startedAt = now;
  }

  addSource(source: Source): void {
    this.#sources.push(source);
  }

  whenCrashed(listener: (process: Process) => void): void {
    this.#onCrash.push(listener);
  }

  /** Stands until the scheduler lets it through. `afterMs`: not before that time has gone by. */
  gate(process: Process, kind: GateKind, afterMs = 0): Promise<Grant> {
    // Code of a process that has ended stands for ever, like code that is not there.
    if (process.isDead) return new Promise(() => undefined);
    return new Promise((open) => {
      this.#gates.push({ process, kind, readyAt: this.now + afterMs, open });
    });
  }

  /** Lets a fault wait for the next gate that it fits. */
  arm(fault: FaultKind, seed: number): void {
    this.#armed.push({ fault, seed });
  }

  /** Takes a fault of one of these kinds that waits; the caller is where it fits. */
  takeArmed(...kinds: readonly FaultKind[]): Armed | undefined {
    const index = this.#armed.findIndex(({ fault }) => kinds.includes(fault));
    if (index < 0) return undefined;
    const [armed] = this.#armed.splice(index, 1);
    if (armed !== undefined) this.count(armed.fault);
    return armed;
  }

  disarm(): void {
    this.#armed.length = 0;
  }

  /** Who stands where, for the story of a run that does not come to rest. */
  standing(): readonly string[] {
    const gates = this.#gates.map(
      ({ process, kind, readyAt }) =>
        `${process.name} at ${kind}, ready in ${readyAt - this.now} ms, frozen for ${process.frozenUntil - this.now} ms`,
    );
    const next = this.#sources.map((source) => `next delivery in ${(source.nextAt() ?? Infinity) - this.now} ms`);
    return [...gates, ...next, `${this.#timers.length} timers`];
  }

  /** Adds a line to the story of the run. */
  note(text: string): void {
    this.story.push(`${String(this.step).padStart(5)} +${((this.now - this.startedAt) / 1_000).toFixed(2)}s ${text}`);
  }

  count(fault: FaultKind | Plight): void {
    this.note(`fault ${fault}`);
    this.faultCounts.set(fault, (this.faultCounts.get(fault) ?? 0) + 1);
  }

  at(readyAt: number, run: () => void): void {
    this.#timers.push({ readyAt, run });
  }

  /** Does something so many steps from now: between what goes on then, or as soon as nothing does. */
  afterSteps(steps: number, run: () => void): void {
    this.#planned.push({ at: this.step + steps, run });
    this.#planned.sort((one, other) => one.at - other.at);
  }

  /** The step of what is planned next. */
  nextPlanned(): number | undefined {
    return this.#planned[0]?.at;
  }

  /** Does what is planned for this step; false when nothing is. */
  perform(): boolean {
    if ((this.nextPlanned() ?? Infinity) > this.step) return false;
    this.#planned.shift()?.run();
    return true;
  }

  /** Runs everything that was planned for a later instant now. */
  hurry(): void {
    for (const { run } of this.#timers.splice(0)) run();
  }

  kill(process: Process): void {
    process.isDead = true;
    for (let index = this.#gates.length - 1; index >= 0; index -= 1)
      if (this.#gates[index]?.process === process) this.#gates.splice(index, 1);
    for (const listener of this.#onCrash) listener(process);
  }

  /** Works until nothing can happen any more, not even later. `leap` is asked when only time can bring something. */
  async run(leap: () => Promise<number | undefined>): Promise<void> {
    for (let turn = 0; ; turn += 1) {
      await settled();
      if (this.onStep()) continue;
      if (turn > MAX_STEPS) throw new Restless();
      const due = this.#timers.findIndex(({ readyAt }) => readyAt <= this.now);
      if (due >= 0) {
        const [timer] = this.#timers.splice(due, 1);
        timer?.run();
        continue;
      }
      const choices = this.#choices();
      if (choices.length > 0) {
        this.step += 1;
        choices[mix(this.#seed, this.step) % choices.length]?.();
        continue;
      }
      const next = this.#nextAt(await leap());
      if (next === undefined) return;
      this.now = Math.max(this.now, next);
    }
  }

  #choices(): (() => void)[] {
    const choices: (() => void)[] = [];
    for (const gate of this.#gates)
      if (gate.readyAt <= this.now && gate.process.frozenUntil <= this.now) choices.push(() => this.#pass(gate));
    for (const source of this.#sources) choices.push(...source.ready(this.now));
    return choices;
  }

  #pass(gate: Gate): void {
    const isSteady = gate.process.isSteady === true;
    const index = this.#armed.findIndex(({ fault }) => !isSteady && FITS[fault]?.includes(gate.kind) === true);
    const [armed] = index < 0 ? [] : this.#armed.splice(index, 1);
    const [low, high] = TAKES[gate.kind];
    this.now += between(chanceOf(mix(this.#seed, this.step + 7)), low, high);
    if (armed !== undefined) {
      this.note(`${gate.process.name} at ${gate.kind}:`);
      this.count(armed.fault);
    }
    if (armed?.fault === 'crash' && armed.seed % 2 === 0) {
      this.kill(gate.process);
      return;
    }
    if (armed?.fault === 'stall' && !this.#isWriting(gate.process)) {
      // The process stands still at this await, for longer than any lease or for a moment.
      gate.process.frozenUntil = this.now + (1 + (armed.seed % 12)) * 10_000;
      return;
    }
    this.#gates.splice(this.#gates.indexOf(gate), 1);
    gate.open(armed ?? { seed: 0 });
  }

  /**
   * True when a call that writes is on its way. It has a deadline that is shorter than what is left of the lease, so time does not
   * leap over it: Jira has no fence, and a call that were late by a whole lease could not be told from one that is in time.
   */
  #isWriting(process?: Process): boolean {
    return this.#gates.some((gate) => gate.kind === 'jira-write' && (process ?? gate.process) === gate.process);
  }

  /** Moves the time by so much at once; false when that must wait for a call. */
  jump(ms: number): boolean {
    if (this.#isWriting()) return false;
    this.now += ms;
    return true;
  }

  #nextAt(leap: number | undefined): number | undefined {
    const instants = [
      ...this.#gates.map(({ readyAt, process }) => Math.max(readyAt, process.frozenUntil)),
      ...this.#timers.map(({ readyAt }) => readyAt),
      ...this.#sources.flatMap((source) => source.nextAt() ?? []),
      ...(leap === undefined ? [] : [leap]),
    ];
    return instants.length === 0 ? undefined : Math.min(...instants);
  }
}

/** Resolves when all code stands at a gate: nothing here waits for anything but microtasks. */
function settled(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
