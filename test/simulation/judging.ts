/** What all judges share: a pair, how a violation is told, and what the faults of a run explain. */
import type { Issue } from '../../infra/local/jira/model/types.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import type { FaultKind } from './script.ts';
import { rulesOf } from './world.ts';
import type { SimWorld } from './world.ts';

/** Something that does not hold. `what` names words of the run, never anything from outside. */
export interface Violation {
  readonly kind: string;
  readonly what: string;
}

/** Both issues of a pair, as far as they are there, and what the product says of them. */
export interface Pair {
  readonly token: string;
  readonly origin: Side;
  readonly issues: Readonly<Record<Side, Issue | undefined>>;
  readonly twin: RecordOf<'twin'> | undefined;
  /** A person deleted one of the two. */
  readonly isEnded: boolean;
  /** Whether the issue of this word is not on both sides: nothing can be tied to it there. */
  readonly isLone: (token: string) => boolean;
}

export type Tell = (kind: string, what: string) => void;

/** Codes that may stand at rest, and what must have been the case for it. */
export function isExcuse({ setting, scheduler, restore, storeRestore }: SimWorld, code: string): boolean {
  const happened = (...kinds: readonly FaultKind[]): boolean =>
    kinds.some((kind) => (scheduler.faultCounts.get(kind) ?? 0) > 0);
  switch (code) {
    case 'field-flipping':
      // One automation alone has nobody who answers it.
      return setting.flips?.sides.length === 2;
    case 'conflict-held':
      return Object.values(setting.policies).includes('hold') || [restore.keep, storeRestore.keep].includes('hold');
    case 'status-unreachable':
      return setting.workflows.a === 'classic' || setting.workflows.b === 'classic' || happened('permission-lost');
    case 'value-unknown':
    case 'user-not-assignable':
    case 'comment-restricted':
    case 'comment-copy-deleted':
      return true;
    case 'rich-text-media':
      return setting.pictures === true;
    case 'visibility-unknown':
      return setting.readers === true;
    // Of which issue it is true is judged with the field.
    case 'link-target-not-synced':
    case 'parent-not-synced':
      return true;
    case 'worklog-copy-deleted':
    case 'attachment-copy-deleted':
      return true;
    case 'comment-limit':
    case 'worklog-limit':
    case 'attachment-too-large':
    case 'link-limit':
      return happened('jira-413');
    case 'jira-refused':
    case 'field-refused':
    case 'field-not-on-screen':
      return happened('jira-413', 'permission-lost');
    case 'jira-forbidden':
    case 'jira-not-found':
      return false;
    default:
      return false;
  }
}

/** What the twin says of a field. */
export function blockedOf(twin: RecordOf<'twin'> | undefined, field: string): string | undefined {
  return (twin?.fields as Readonly<Record<string, { readonly blocked?: string }>> | undefined)?.[field]?.blocked;
}

export function sends(world: SimWorld, side: Side, field: string): boolean {
  return rulesOf(world.setting, side).fields.some((row) => row.field === field);
}

/** Faults after which a worker does not know what it has done. */
export const UNSURE: readonly FaultKind[] = [
  'crash',
  'jira-timeout',
  'store-timeout',
  'store-unavailable',
  'store-changed',
  'stall',
  'store-restored',
];

export function isUnsure({ scheduler }: SimWorld): boolean {
  return UNSURE.some((kind) => (scheduler.faultCounts.get(kind) ?? 0) > 0);
}
