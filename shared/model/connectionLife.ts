/** A connection's life as tables: what a side may do in which state, and what both sides together amount to. */
import type { ConnectionState } from './connection.ts';

/** What can happen to a side's half. */
export type HalfEvent = 'accept' | 'pause' | 'resume' | 'end';

/**
 * The next state of a half, or `refused`. Asking for what is already so is no refusal, so that a request whose answer
 * was lost may be repeated.
 *
 * ```
 * pending ──accept──▶ active ◀──pause/resume──▶ paused
 *    └───────────end─────┴──────────end───────────┴────▶ ended
 * ```
 */
export const halfLife: Readonly<Record<ConnectionState, Readonly<Record<HalfEvent, ConnectionState | 'refused'>>>> = {
  pending: { accept: 'active', pause: 'refused', resume: 'refused', end: 'ended' },
  active: { accept: 'refused', pause: 'paused', resume: 'active', end: 'ended' },
  paused: { accept: 'refused', pause: 'paused', resume: 'active', end: 'ended' },
  ended: { accept: 'refused', pause: 'refused', resume: 'refused', end: 'ended' },
  'partner-left': { accept: 'refused', pause: 'refused', resume: 'refused', end: 'ended' },
};

/** From the most telling to the least: the first that one of the halves shows is the state of the whole. */
const order: readonly ConnectionState[] = ['ended', 'partner-left', 'pending', 'paused'];

/**
 * The state of a connection from its two halves: it syncs only while both sides want it to. A pause belongs to the side
 * that asked for it; the other side cannot lift it.
 */
export function connectionStateOf(a: ConnectionState, b: ConnectionState): ConnectionState {
  return order.find((state) => a === state || b === state) ?? 'active';
}
