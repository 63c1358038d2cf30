/** Registers that the law and our promises ask for: disclosures to authorities, incidents, and changes of who owns the service. */
import type { OperatorId, Owner } from './ids.ts';

export const registers = ['disclosure', 'incident', 'ownership'] as const;
export type Register = (typeof registers)[number];

/** What can happen in a case of each register, in the order in which it may. */
export const caseKinds = [
  'opened',
  'approved',
  'notified',
  'notice-barred',
  'acknowledged',
  'affected',
  'notices-drafted',
  'notices-sent',
  'closed',
] as const;
export type CaseKind = (typeof caseKinds)[number];

/** On what data may be handed over. A closed list. @see PROMISES.md */
export const disclosureBases = [
  'court-order',
  'law-enforcement',
  'supervisory-authority',
  'legal-claim',
  'breach-of-terms',
  'fraud-or-abuse',
  'danger-to-people',
] as const;

/** One step of a case. Append-only; instants are epoch milliseconds. Texts name organisations and codes, never people or content. */
export interface CaseStep {
  readonly number: number;
  readonly register: Register;
  readonly kind: CaseKind;
  readonly at: number;
  readonly by: OperatorId;
  readonly ticket: string;
  /** Of a disclosure its basis; of a notice that must not be given the reason. */
  readonly basis?: string;
  /** The authority, or the new controller. */
  readonly party?: string;
  /** What was handed over, or touched. */
  readonly lives: readonly Owner[];
  readonly categories: readonly string[];
  /** Of an incident: the time that it is about. Of a change: from when it holds. */
  readonly fromAt?: number;
  readonly untilAt?: number;
  /** Hash of the step before; empty for the first. */
  readonly previous: string;
}
