/** What people are told about a twin. */
import type { Code } from '../verdict.ts';

/** The signs on a stored twin that decide its state. */
export interface TwinSigns {
  readonly error?: { readonly code: Code };
  readonly lease?: unknown;
  readonly dirty: boolean;
  readonly wakeAt?: number;
  readonly settledAt?: number;
  readonly pausedAt?: number;
  readonly troubles?: readonly { readonly code: Code }[];
  readonly fields: Readonly<Record<string, { readonly blocked?: Code }>>;
}

/** `paused`: by a person. `new`: never settled. `working`: a worker has it or will soon. `blocked`: something of it waits for a person or a site. */
export type TwinState = 'new' | 'in-step' | 'working' | 'blocked' | 'paused';

/** Every state, in the order in which pages show them. */
export const twinStates = ['in-step', 'working', 'blocked', 'paused', 'new'] as const satisfies readonly TwinState[];

/** A twin's state for people. What a person did is shown before trouble, and trouble before activity. */
export function twinStateOf(signs: TwinSigns): TwinState {
  if (signs.pausedAt !== undefined) return 'paused';
  if (twinErrorsOf(signs).length > 0) return 'blocked';
  if (signs.lease !== undefined || signs.dirty || signs.wakeAt !== undefined) return 'working';
  return signs.settledAt === undefined ? 'new' : 'in-step';
}

/** Every code that blocks the twin or one of its fields, without repeats. */
export function twinErrorsOf(signs: TwinSigns): readonly Code[] {
  const ofFields = Object.values(signs.fields).flatMap(({ blocked }) => (blocked === undefined ? [] : [blocked]));
  const ofParts = (signs.troubles ?? []).map(({ code }) => code);
  return [...new Set([...(signs.error === undefined ? [] : [signs.error.code]), ...ofFields, ...ofParts])];
}
