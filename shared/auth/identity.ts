/** How a client key becomes the address of its record. Pure. */
import { createHash } from 'node:crypto';
import { doorId } from '../model/ids.ts';
import type { DoorId } from '../model/ids.ts';

/** Client keys are anything that Atlassian likes, slashes included; a hash fits into a path. */
export function connectDoorId(clientKey: string): DoorId {
  return doorId(`connect-${createHash('sha256').update(clientKey).digest('hex')}`);
}
