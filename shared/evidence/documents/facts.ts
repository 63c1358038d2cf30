/**
 * What the documents say exists. A test holds each line against the topology, the catalogue and the files, so that no
 * document tells of something that is not there, or keeps silent about something that is. Data only.
 */
import type { Residency } from '../../model/party.ts';

/** Parts of the product of which a document tells only when they are there. */
export interface Features {
  /** Sealed copies away from the live store. */
  readonly backups: boolean;
  /** Mails to the customer's contact. */
  readonly mail: boolean;
  /** Problem reports from within the app. */
  readonly support: boolean;
  /** Names of people, cached for hours. */
  readonly identity: boolean;
  /** Deletion ahead of time, asked for within the app. */
  readonly earlyDeletion: boolean;
  /** Everything of a customer as one archive. */
  readonly export: boolean;
  /** One person's data, found and erased across all stores, and Atlassian's report of closed accounts. */
  readonly people: boolean;
  /** Time-boxed grants for staff, with a trail of what was read. */
  readonly staffAccess: boolean;
}

export const features: Features = {
  backups: true,
  mail: true,
  support: true,
  identity: true,
  earlyDeletion: true,
  export: true,
  people: true,
  staffAccess: true,
};

/** What a document is made from, beside the catalogue, the register, the measures and the deadlines. */
export interface DocumentFacts {
  readonly residency: Residency;
  readonly features: Features;
}

/** Every residency of which documents are kept. */
export const residencies: readonly Residency[] = ['be+zrh', 'eu'];
