/** Whose word about a tenant's contact counts. Pure. @see SPEC.md M1 */
import type { ContactSource } from '../model/mail.ts';

/** Whether an address from `given` takes the place of the one that is there: an admin's own word stays until an admin changes it. */
export function takesPlace(have: ContactSource | undefined, given: ContactSource): boolean {
  return given === 'admin' || have !== 'admin';
}
