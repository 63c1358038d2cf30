/** The name of a life in evidence. Pure. @see shared/backup/SPEC.md B12 */
import { hashOf } from './canonical.ts';

/**
 * The name of one life in manifests of backups: a hash over its keyed pseudonym and its generation, which both stand in its receipts.
 * Who has the receipt can look the life up in any manifest; nobody else learns anything.
 */
export function lifeName(subject: string, generation: number): string {
  return hashOf({ subject, generation });
}
