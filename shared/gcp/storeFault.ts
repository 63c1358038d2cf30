/** What Firestore's errors mean here. */
import type { Category } from '../retention/catalogue.ts';
import { Fault } from '../verdict.ts';
import type { Code } from '../verdict.ts';

/** gRPC status → code; what is not named here is trouble that passes. @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const codeOfStatus = new Map<number, Code>([
  [3, 'bug'], // INVALID_ARGUMENT: we asked for something that cannot be.
  [5, 'store-changed'], // NOT_FOUND: the record to replace is gone.
  [6, 'store-exists'], // ALREADY_EXISTS
  [9, 'store-changed'], // FAILED_PRECONDITION: the record has another version.
  [10, 'store-changed'], // ABORTED: others were faster in each attempt.
]);

/** Translates whatever a call of the client threw; a fault of ours stays what it is. */
export function storeFault(thrown: unknown, category: Category | undefined): Fault {
  if (thrown instanceof Fault) return thrown;
  const status = statusOf(thrown);
  const facts = category === undefined ? { grpc: status } : { grpc: status, category };
  return new Fault(codeOfStatus.get(status) ?? 'store-unavailable', facts, thrown);
}

/** The gRPC status of an error; 2 (UNKNOWN) when it has none. */
function statusOf(thrown: unknown): number {
  const has = typeof thrown === 'object' && thrown !== null && 'code' in thrown;
  return has && typeof thrown.code === 'number' ? thrown.code : 2;
}
