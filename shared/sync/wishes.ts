/** What an issue without a twin waits for while its site cannot be asked, and how long things wait for a site. */

/** What is wanted of one issue. Instants are epoch milliseconds. */
export interface Wish {
  /** Told as made; told as changed. */
  readonly isNew: boolean;
  readonly isChanged: boolean;
  /** Asked for by its id, and by whom. */
  readonly asked?: 'person' | 'job';
  /** Of the first change for which somebody waits. */
  readonly eventAt?: number;
}

/** One wish for all that was wanted of an issue: the earliest moment, everything that was told, and a person before a job. */
export function joinedWish(one: Wish, other: Wish): Wish {
  const instants = [one.eventAt, other.eventAt].filter((at) => at !== undefined);
  const asked = [one.asked, other.asked].includes('person') ? 'person' : (one.asked ?? other.asked);
  return {
    ...{ isNew: one.isNew || other.isNew, isChanged: one.isChanged || other.isChanged },
    ...(asked === undefined ? {} : { asked }),
    ...(instants.length === 0 ? {} : { eventAt: Math.min(...instants) }),
  };
}

/** True when carrying out `done` has done all that `now` wants. */
export function isGranted(now: Wish, done: Wish): boolean {
  const { isNew, isChanged, asked } = joinedWish(now, done);
  return isNew === done.isNew && isChanged === done.isChanged && asked === done.asked;
}

/** The first wait after trouble, doubled with each try up to the last. */
const FIRST_WAIT_MS = 30_000;
const LAST_WAIT_MS = 6 * 3_600_000;
/** Beyond this the last wait has long been reached, and the power would leave the numbers. */
const MAX_DOUBLINGS = 16;

/** How long a pair, or an issue without one, waits for a site after so many tries: never less than the site asks. */
export function waitMs(attempts: number, askedMs: number): number {
  return askedMs > 0 ? askedMs : Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, MAX_DOUBLINGS));
}

/**
 * The first `limit` of a list in which all shelves take turns, each in its own order: a shelf with many things delays the first of
 * another one by as many things as there are shelves.
 */
export function inTurns<T>(items: readonly T[], shelfOf: (item: T) => string, limit: number): readonly T[] {
  const shelves = [...Map.groupBy(items, shelfOf).values()];
  const longest = Math.max(0, ...shelves.map(({ length }) => length));
  const turns = Array.from({ length: longest }, (_, at) => shelves.flatMap((shelf) => shelf.slice(at, at + 1)));
  return turns.flat().slice(0, limit);
}
