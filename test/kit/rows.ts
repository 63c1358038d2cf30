/** Small valid records for the contract suites. */
import { connectionId, issueId, ownerOf, sealed, tenantId, twinId } from '../../shared/model/ids.ts';
import type { Owner } from '../../shared/model/ids.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';

export const one: Owner = ownerOf(tenantId('t-00000001'), 1);
export const other: Owner = ownerOf(tenantId('t-00000002'), 1);
export const connection = connectionId('c-00000001');

/** An invitation that ends at `expiresAt`. */
export function invitationRow(over: Partial<RecordOf<'invitation'>> = {}): RecordOf<'invitation'> {
  return { owners: [one], connection, tenant: tenantId('t-00000001'), generation: 1, expiresAt: 1_000, ...over };
}

/** A door record. */
export function doorRow(over: Partial<RecordOf<'door'>> = {}): RecordOf<'door'> {
  return { owners: [one], tenant: tenantId('t-00000001'), generation: 1, ...over };
}

/** A link record. */
export function linkRow(over: Partial<RecordOf<'link'>> = {}): RecordOf<'link'> {
  return { owners: [one, other], twin: twinId(`w-${'0'.repeat(32)}`), connection, issue: issueId('10001'), ...over };
}

/** A settled twin with nested parts. */
export function twinRow(over: Partial<RecordOf<'twin'>> = {}): RecordOf<'twin'> {
  return {
    owners: [one, other],
    connection,
    twin: twinId(`w-${'0'.repeat(32)}`),
    originSide: 'a',
    dirty: false,
    attempts: 0,
    fields: { summary: { blocked: 'field-refused' }, labels: {} },
    ...over,
  };
}

/** A copy whose sealed part has `bytes` bytes. */
export function copyRow(bytes = 64): RecordOf<'copy'> {
  return { owners: [one, other], a: sealed('A'.repeat(bytes)), readAt: 1 };
}
