import type { Side } from '../model/connection.ts';
import { twinId, type ConnectionId, type IssueId, type TwinId } from '../model/ids.ts';
import { digest } from './echo.ts';

/** The twin of an issue that comes under sync: two workers that meet the same new issue make the same twin. */
export function twinIdOf(connection: ConnectionId, side: Side, issue: IssueId): TwinId {
  return twinId(`w-${digest(['twin', connection, side, issue]).slice(0, 32)}`);
}
