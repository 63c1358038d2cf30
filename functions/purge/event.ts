/** The purge function: what it does with each message of `purge-jobs`. */
import type { Message } from '../../shared/model/message.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { verdict } from '../../shared/verdict.ts';
import { overtaken } from '../edge.ts';
import type { PurgePorts, PurgeSettings, Work } from './progress.ts';
import { probeTenant } from './probe.ts';
import { purgeTenant } from './purgeTenant.ts';
import { reportPeople } from './reportPeople.ts';
import { sweep } from './sweep.ts';
import { walkPeople } from './walkPeople.ts';

/**
 * How long a purge waits after its fence and between its verifications: the longest function (sync, 60 s) and the
 * longest lease (30 s). Whoever read the old tenancy has ended by then. @see infra/topology.ts, shared/config.ts
 */
export const FENCE_MS = (60 + 30) * 1000;

/**
 * How long the deletion waits at most for the last notice to the contact. A purge begins 12 hours before its due day; the
 * waits between its steps and another try fit into the rest. (Ours.) @see shared/retention/clocks.ts
 */
export const FAREWELL_MS = 4 * 3_600_000;

/** How long the receipt waits at most for the desk to erase the customer's tickets: with the wait before it, within the 12 hours. (Ours.) */
export const TICKET_MS = 4 * 3_600_000;

/** How long one message works before it publishes itself: a third of the function's time-out. (Ours.) */
const TURN_MS = 20_000;

/**
 * Handles `sweep`, `probe-tenant`, `purge-tenant`, `walk-people` and `report-people`; other kinds are ignored. Every message may come twice, late, in parallel or for a
 * life that is over: it does what is due by the ledger at that time, or nothing.
 */
export function purgeHandler(ports: PurgePorts, settings: PurgeSettings): (message: Message) => Promise<Verdict> {
  return async (message) => {
    const work: Work = { ports, settings, untilAt: ports.clock.now() + TURN_MS };
    switch (message.kind) {
      case 'sweep':
        return sweep(work, message.after);
      case 'purge-tenant':
        return overtaken(purgeTenant(work, message));
      case 'probe-tenant':
        return probeTenant(work, message, message.isHint === true);
      case 'walk-people':
        return overtaken(walkPeople(work, message));
      case 'report-people':
        return reportPeople(work);
      default:
        return verdict('event-unknown', { kind: message.kind });
    }
  };
}
