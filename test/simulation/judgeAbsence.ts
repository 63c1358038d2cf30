/** What must hold when a site has left: nobody is bothered meanwhile, and of a life that was purged nothing is left and nothing comes back. */
import { ownerOf } from '../../shared/model/ids.ts';
import { otherSide } from '../../shared/model/connection.ts';
import { isExcuse } from './judging.ts';
import type { Tell, Violation } from './judging.ts';
import { CONNECTION } from './world.ts';
import type { SimWorld } from './world.ts';

/** While a side is away, the other's pairs wait without an error. */
export function judgeAbsence(world: SimWorld, tell: Tell): void {
  for (const code of new Set(world.absence.rude))
    if (!isExcuse(world, code)) tell('rude', `a pair showed ${code} because the other side was away`);
}

/** Of a purged life nothing is left but the proof; its next life begins empty; the partner has lost nothing that is its own. */
export async function judgePurged(world: SimWorld, tell: Tell): Promise<void> {
  const { absence, store, tenants } = world;
  const { life, side } = absence;
  if (life === undefined) return;
  if ((await absence.stage()) !== 'purged') tell('not-purged', 'the purge does not come to its end');
  const old = ownerOf(life.tenant, life.generation);
  for (const database of ['(default)', 'vault', 'identity'] as const)
    store.each(database, (path, row) => {
      const owners = (row as { readonly owners?: readonly string[] }).owners ?? [];
      if (owners.includes(old)) tell('left-behind', `${path} is of a life that was purged`);
      // The partner's own half and what it knows of it may name the connection.
      const isPartners = path.startsWith(`tenants/${tenants[otherSide(side)].tenant}/`);
      if (path.includes(CONNECTION) && !isPartners) tell('left-behind', `${path} is of a connection that has ended`);
      const isNew = path.startsWith(`tenants/${life.tenant}/`) && !path.includes('/licences/');
      if (isNew) tell('resurrected', `${path} is in a new life that has begun nothing`);
    });
  const next = (await store.read('tenant', { tenant: life.tenant }))?.row;
  if (next?.generation !== life.generation + 1 || next.state !== 'active')
    tell('no-new-life', `the site is back as generation ${next?.generation ?? 0}, ${next?.state ?? 'gone'}`);
  const partner = tenants[otherSide(side)];
  const kept = (await store.read('tenant', { tenant: partner.tenant }))?.row;
  if (kept?.state !== 'active' || kept.generation !== partner.generation) tell('live-purged', 'the partner is gone');
  const { items } = await store.list('half', { tenant: partner.tenant }, { limit: 10 });
  const states = items.map(({ row }) => row.state);
  if (states.join() !== 'partner-left') tell('live-purged', `the partner's half: ${states.join()}`);
  const twice = new Set<string>();
  for (const { token, by, verb, side: on } of world.history.issues) {
    const name = `${token} ${on}`;
    if (by === 'app' && verb === 'delete') tell('issue-lost', `${token} was deleted by the sync`);
    if (by !== 'app' || verb !== 'create') continue;
    if (twice.has(name) && !world.history.issues.some((deed) => deed.token === token && deed.verb === 'delete'))
      tell('duplicate-issue', `${token} was created twice on ${on}`);
    twice.add(name);
  }
}

/** What comes a month late changes nothing. */
export function judgeLate(world: SimWorld, before: ReadonlyMap<string, string>, known: number): readonly Violation[] {
  const after = world.absence.picture();
  const violations: Violation[] = world.history.wrongs.slice(known).map(({ what }) => ({ kind: 'late-written', what }));
  for (const path of new Set([...before.keys(), ...after.keys()]))
    if (before.get(path) !== after.get(path))
      violations.push({ kind: 'late-stored', what: `${path} by a late message` });
  return violations;
}
