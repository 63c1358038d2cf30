/** What every part of the notify function gets. */
import type { Ports } from '../../shared/ports.ts';

/** The ports that it uses. */
export type NotifyPorts = Pick<Ports, 'clock' | 'ids' | 'store' | 'keys' | 'mail' | 'desk' | 'bus' | 'log'>;

/** What it can be told. */
export interface NotifySettings {
  /** Our public address, for links and for the ids of letters. */
  readonly baseUrl: string;
  readonly copyDays: number;
  /** Keys of links in mails and of the list of those who want no news, the newest first. */
  readonly mailKeys: readonly Uint8Array[];
  /** The parties of which customers are told and whose day has not come. */
  readonly planned: () => readonly PlannedParty[];
}

/** A party of the register before its first day. */
export interface PlannedParty {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  readonly region: string;
  /** `YYYY-MM-DD` */
  readonly since: string;
}

export interface NotifyWork {
  readonly ports: NotifyPorts;
  readonly settings: NotifySettings;
}
