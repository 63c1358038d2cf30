import type { Priority } from '../../shared/model/budget.ts';

/**
 * Whose work it is: a change of a person is carried over, or was asked for by hand, as long as its time is on the twin; without, a job
 * does it.
 */
export function priorityOf({ eventAt }: { readonly eventAt?: number }): Priority {
  return eventAt === undefined ? 'bulk' : 'people';
}
