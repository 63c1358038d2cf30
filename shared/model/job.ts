/** Bulk work on the pairs of one connection: what there is, and how it goes on. */

/** What a job does: brings issues under sync, takes pairs afresh, ends pairs, or pairs issues that are there. One of each runs at a time. */
export const jobKinds = ['share', 'resync', 'unlink', 'connect'] as const;
export type JobKind = (typeof jobKinds)[number];

/**
 * ```
 * counting ──▶ running ◀──pause/resume──▶ paused        a dry run is done after counting
 *     └───────────┴──────cancel─────────────┴──▶ cancelled       running ──▶ done
 * ```
 * `counting`: looks at everything and writes nothing, so that the numbers are there before the work is.
 */
export const jobStates = ['counting', 'running', 'paused', 'done', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

/** What can happen to a job from outside. */
export type JobEvent = 'pause' | 'resume' | 'cancel';

/** The next state of a job, or `refused`. Asking for what is so already is no refusal. `resume` leads to where the pause began. */
export const jobLife: Readonly<Record<JobState, Readonly<Record<JobEvent, JobState | 'before' | 'refused'>>>> = {
  counting: { pause: 'paused', resume: 'counting', cancel: 'cancelled' },
  running: { pause: 'paused', resume: 'running', cancel: 'cancelled' },
  paused: { pause: 'paused', resume: 'before', cancel: 'cancelled' },
  done: { pause: 'refused', resume: 'refused', cancel: 'refused' },
  cancelled: { pause: 'refused', resume: 'refused', cancel: 'cancelled' },
};

/** True while a job has still something to do. */
export function isOpen(state: JobState): boolean {
  return state === 'counting' || state === 'running' || state === 'paused';
}

/** How one issue, pair or line of a job ended, or would end. */
export const jobEnds = ['made', 'connected', 'done', 'already', 'outside', 'refused'] as const;
/**
 * `made`: the issue came under sync and its other one is made. `connected`: two issues that were there are a pair. `done`: taken
 * afresh, or ended. `already`: it was so before. `outside`: not in the scope. `refused`: see the code.
 */
export type JobEnd = (typeof jobEnds)[number];

/** How many ended how. */
export type JobCounts = Readonly<Record<JobEnd, number>>;

/** Nothing has ended yet. */
export const noCounts: JobCounts = { made: 0, connected: 0, done: 0, already: 0, outside: 0, refused: 0 };

/** The counts with these ends added. */
export function counted(counts: JobCounts, ends: readonly JobEnd[]): JobCounts {
  return ends.reduce((sum, end) => ({ ...sum, [end]: sum[end] + 1 }), counts);
}

/** All that has ended. */
export function totalOf(counts: JobCounts): number {
  return jobEnds.reduce((sum, end) => sum + counts[end], 0);
}
