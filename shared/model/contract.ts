import type { Side } from './connection.ts';
import { isFieldName, type FieldName } from './field.ts';
import type { When } from './rules.ts';
import type { Code } from '../verdict.ts';

/**
 * What one side may send, as both sides have agreed: stored with the connection, enforced by the sender's rules and looked at once
 * more where things arrive. It follows the active rule document of the side and names no values.
 */
export interface Contract {
  /** The version of the sender's rules that it was agreed with. */
  readonly version: number;
  /** The fields of the receiving side that may be written, and when. */
  readonly fields: Readonly<Partial<Record<FieldName, When>>>;
  readonly comments: boolean;
  /** Comments and worklogs that are restricted where they come from. */
  readonly restricted: boolean;
  readonly worklogs: boolean;
  readonly attachments: boolean;
  /** The receiving side's issue may be deleted when the sender's is. */
  readonly deletion: boolean;
}

/** The parts of a contract beside the fields. */
export const contractParts = ['comments', 'restricted', 'worklogs', 'attachments', 'deletion'] as const;
export type ContractPart = (typeof contractParts)[number];

/** What each side of a connection may send. Absent: nothing was agreed in this form yet, and the sender's rules alone count. */
export type Agreed = Readonly<Partial<Record<Side, Contract>>>;

/**
 * Why something that `from` sends must not arrive; `undefined` when it may. `field` is the receiving side's. The type of an issue that
 * is made always may: no issue can be made without one.
 */
export function refusedByContract(
  agreed: Agreed | undefined,
  from: Side,
  what: FieldName | ContractPart,
  act: Exclude<When, 'both'> = 'update',
): Extract<Code, 'contract-refused'> | undefined {
  const contract = agreed?.[from];
  if (contract === undefined) return undefined;
  if (!isFieldName(what)) return contract[what] ? undefined : 'contract-refused';
  if (what === 'issueType' && act === 'create') return undefined;
  const when = contract.fields[what];
  return when === 'both' || when === act ? undefined : 'contract-refused';
}
