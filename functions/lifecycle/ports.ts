/** What the calls of a site's life need. */
import type { ConnectDoor, Ports } from '../../shared/ports.ts';

export type LifecyclePorts = Pick<Ports, 'clock' | 'ids' | 'store' | 'keys' | 'ledger' | 'bus'> & {
  readonly doors: { readonly connect: ConnectDoor };
};

export interface LifecycleSettings {
  readonly baseUrl: string;
  readonly addonKey: string;
  readonly liveDays: number;
}
