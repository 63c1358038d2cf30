/** Which sets may hold a life that is over. Pure. @see SPEC.md B13 */
/** A set as the register knows it. Instants are epoch milliseconds. */
export interface KnownSet {
  readonly beganAt: number;
  /** Absent: it is being made, or never became whole. */
  readonly endedAt?: number;
  /** When it was seen to be gone from its place. */
  readonly goneAt?: number;
}

/** A worker that was slow may still have a page in memory so long after it read it: twice a function's longest time. (Ours.) */
const IN_FLIGHT_MS = 600_000;

/**
 * May a set hold data of a life that was verified to be gone from the live stores? Never one that began after that. Of a set that was
 * whole before, what it names counts; of one that was being made then, or never became whole, the worst is assumed.
 */
export function mayHold(set: KnownSet, verifiedAt: number, isNamed: boolean): boolean {
  if (set.goneAt !== undefined || set.beganAt > verifiedAt) return false;
  const isSettled = set.endedAt !== undefined && set.endedAt + IN_FLIGHT_MS < verifiedAt;
  return isNamed || !isSettled;
}
