/** Where a request carries its token. Pure. @see ATLASSIAN.md §4.1 */
import { Fault } from '../verdict.ts';

/** A token and the place it came from. */
export interface PlacedToken {
  readonly text: string;
  readonly place: 'header' | 'query';
}

/**
 * The one token of a request. A request with two could be judged by one and carry out the other, so it is refused.
 * @throws Fault `token-missing`, `token-twice`, `token-malformed` for an `Authorization` of another scheme
 */
export function findToken(request: {
  readonly target: string;
  readonly authorization: string | undefined;
}): PlacedToken {
  const at = request.target.indexOf('?');
  const inQuery = at < 0 ? [] : new URLSearchParams(request.target.slice(at + 1)).getAll('jwt');
  const count = inQuery.length + (request.authorization === undefined ? 0 : 1);
  if (count > 1) throw new Fault('token-twice');
  if (request.authorization !== undefined) {
    const text = /^JWT +(\S+)$/i.exec(request.authorization)?.[1];
    if (text === undefined) throw new Fault('token-malformed', { part: 'scheme' });
    return { text, place: 'header' };
  }
  const [text] = inQuery;
  if (text === undefined || text === '') throw new Fault('token-missing');
  return { text, place: 'query' };
}
