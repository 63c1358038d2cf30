/** What customers do, and what becomes known of it: calls of the lifecycle that may fail or never come, licences, requests. */
import { deleteForOperator, withdrawForOperator } from '../../../functions/console/deletion.ts';
import { setEnabled } from '../../../functions/lifecycle/enable.ts';
import { install } from '../../../functions/lifecycle/install.ts';
import { leave } from '../../../functions/lifecycle/leave.ts';
import type { LifecyclePorts } from '../../../functions/lifecycle/ports.ts';
import { ownerOf, tenantId } from '../../../shared/model/ids.ts';
import type { Verdict } from '../../../shared/verdict.ts';
import { between, pick, weighted } from '../chance.ts';
import type { Chance } from '../chance.ts';
import { DAY, HOUR } from './house.ts';
import { nameSomebody } from './beside.ts';
import { bounds } from './site.ts';
import type { Life } from './site.ts';
import type { End, Site } from './site.ts';
import type { World } from './world.ts';

const settings = { baseUrl: 'https://twinline.example', addonKey: 'app.twinline', liveDays: 120 };
/** Between two deeds of a site: long enough that its next state is seen, ten days without us included. */
const REST: readonly [number, number] = [15, 90];

/** The next deed of a site whose time has come. */
export async function act(world: World, site: Site): Promise<void> {
  const { life, again: once } = site;
  site.again = undefined;
  if (once !== undefined && life?.purgedAt === undefined) {
    // Its own trouble does not last until the next deed after this one.
    if (site.trouble !== undefined) endTrouble(world, site);
    return once();
  }
  if (site.trouble !== undefined) {
    endTrouble(world, site);
    return;
  }
  if (!site.isEnabled) return enable(world, site);
  if (life === undefined || life.purgedAt !== undefined || !site.isInstalled) return come(world, site);
  if (life.requested !== undefined) return takeBack(world, site, life);
  if (life.ended?.end === 'licence') return afterLicence(world, site, life);
  const deed = weighted(world.chance, {
    ...{ uninstall: 4, silent: 2, licence: 3, request: 2, trouble: 2, disable: 1, rotate: 1 },
  });
  world.count(deed);
  // Somebody has looked at the console: names were read.
  if (world.chance() < 0.5) await nameSomebody(world, life);
  switch (deed) {
    case 'uninstall':
      return go(world, site, life);
    case 'silent':
      site.isInstalled = false;
      {
        end(world, site, life, 'silent');
        return;
      }
    case 'licence':
      site.isPaid = false;
      {
        end(world, site, life, 'licence');
        return;
      }
    case 'request':
      return request(world, site, life);
    case 'trouble':
      site.trouble = pick(world.chance, ['jira-unavailable', 'jira-rate-limited', 'jira-answer-odd'] as const);
      life.unclear.push({ from: world.now });
      site.nextAt = world.now + between(world.chance, 1, 9 * 24) * HOUR;
      return;
    case 'disable':
      site.isEnabled = false;
      await flag(world, site, life, false);
      site.nextAt = world.now + between(world.chance, 1, 35 * 24) * HOUR;
      return;
    case 'rotate':
      return come(world, site);
  }
}

function rest(world: World, site: Site): void {
  const [from, to] = REST;
  site.nextAt = world.now + between(world.chance, from * 24, to * 24) * HOUR + between(world.chance, 0, HOUR);
}

function end(world: World, site: Site, life: Life, how: End): void {
  if (life.ended === undefined) life.ends.push({ from: world.now, end: how });
  world.look();
  const delay = returnDelay(world.chance);
  site.nextAt = world.now + delay;
  // Who pays right before the claim is seen by nobody but the last look.
  if (how !== 'licence' || world.chance() > 0.25) return;
  site.nextAt = world.now + ALMOST_MS;
  site.again = async () => {
    const dueAt = world.dueAtOf(life);
    if (dueAt !== undefined) site.nextAt = dueAt - bounds.leadMs - between(world.chance, 1, 20) * 600_000;
  };
}

/** Before any claim of a life that nobody has paid for. */
const ALMOST_MS = 116 * DAY;

/** When somebody comes back: at once, within the month of the copies, within the mark, about the claim, or after the purge. */
function returnDelay(chance: Chance): number {
  const when = weighted(chance, { once: 1, copies: 3, mark: 3, claim: 2, after: 3 });
  const hours = {
    once: [0, 8],
    copies: [48, 29 * 24],
    mark: [30 * 24, 119 * 24],
    claim: [2_862, 2_882],
    after: [2_910, 4_300],
  };
  const [from = 0, to = 0] = hours[when];
  return between(chance, from, to) * HOUR + between(chance, 0, HOUR);
}

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** A site installs: for the first time, again, with another secret, or because we have lost it. */
export async function come(world: World, site: Site): Promise<void> {
  const { house } = world;
  const before = site.life;
  if (before?.ended !== undefined) world.expectReturn(before);
  const secret = `${site.name}-${(site.secrets += 1)}-${'s'.repeat(40)}`;
  let ended: Verdict | undefined;
  const failed = await house.attempt(async () => {
    ended = await install(lifecycle(world), settings, site.facts(world.now, secret));
  });
  if (failed !== undefined || ended === undefined) {
    if (before !== undefined) before.isComing = true;
    again(world, site);
    return;
  }
  const life = world.lifeOf(ended);
  site.isInstalled = true;
  site.isEnabled = true;
  // Who installs anew pays; the licence of a life that is still there is a matter of its own.
  if (life !== before) site.isPaid = true;
  if (life.ended !== undefined && life.ended.end !== 'licence') life.ended.to = world.now;
  // Of an install that came half way before, Jira says nothing more: nobody uninstalls what is not there.
  const wasHalf = life.isComing;
  life.isComing = false;
  const wasLost = life.isLost;
  life.isLost = false;
  life.lostAt = undefined;
  site.life = life;
  if (life !== before) await world.settleIn(life);
  if (before === life && !wasLost && !wasHalf && world.chance() < 0.2) await lateUninstall(world, site);
  rest(world, site);
}

/** An uninstall that was signed before this install, and comes after it. */
async function lateUninstall(world: World, site: Site): Promise<void> {
  world.count('uninstall-late');
  const facts = { ...site.facts(world.now), saidAt: Math.floor((world.now - 90_000) / 1_000) * 1_000 };
  await world.house.attempt(() => leave(lifecycle(world), settings, facts));
}

async function go(world: World, site: Site, life: Life): Promise<void> {
  site.isInstalled = false;
  const failed = await world.house.attempt(() => leave(lifecycle(world), settings, site.facts(world.now)));
  // Jira does not repeat it: then only the probes can tell.
  if (failed !== undefined) world.count('uninstall-failed');
  end(world, site, life, failed === undefined ? 'uninstalled' : 'silent');
}

async function afterLicence(world: World, site: Site, life: Life): Promise<void> {
  const open = life.ended;
  if (open === undefined) return;
  if (world.now - open.from > 3 * DAY && world.chance() < 0.2) {
    world.count('uninstall-unpaid');
    return go(world, site, life);
  }
  world.count('pay');
  world.expectReturn(life);
  site.isPaid = true;
  open.to = world.now;
  world.look();
  rest(world, site);
}

async function request(world: World, site: Site, life: Life): Promise<void> {
  const { house } = world;
  const asked = { tenant: life.ref, ticket: 'T-1', authority: 'site-admin' } as const;
  if (life.requested === undefined) life.requests.push({ from: world.now });
  const failed = await house.attempt(() => deleteForOperator(house.ports, settings, asked));
  if (failed !== undefined) {
    again(world, site, () => request(world, site, life));
    return;
  }
  world.look();
  const isWithdrawn = world.chance() < 0.5;
  site.nextAt = world.now + between(world.chance, 1, isWithdrawn ? 60 : 3_000) * HOUR;
  if (!isWithdrawn) site.nextAt += 80 * HOUR;
}

async function takeBack(world: World, site: Site, life: Life): Promise<void> {
  const { house } = world;
  world.count('withdraw');
  world.expectReturn(life);
  const failed = await house.attempt(() => withdrawForOperator(house.ports, settings, life.ref));
  const open = life.requested;
  if (failed === undefined && open !== undefined) {
    open.to = world.now;
    rest(world, site);
    return;
  }
  world.unexpect(life);
  if (failed !== 'state-refused' && failed !== 'not-found') {
    again(world, site, () => takeBack(world, site, life));
    return;
  }
  site.nextAt = world.now + between(world.chance, 80, 3_000) * HOUR;
}

async function enable(world: World, site: Site): Promise<void> {
  site.isEnabled = true;
  if (site.life !== undefined) await flag(world, site, site.life, true);
  rest(world, site);
}

/** A call that fails is not repeated: the next probe brings it in. */
async function flag(world: World, site: Site, { ref }: Life, isOn: boolean): Promise<void> {
  const principal = { tenant: ref, door: 'connect' } as never;
  await world.house.attempt(() => setEnabled(lifecycle(world), principal, { clientKey: `key-${site.name}` }, isOn));
  world.look();
}

function endTrouble(world: World, site: Site): void {
  site.trouble = undefined;
  const open = site.life?.unclear.at(-1);
  if (open !== undefined) open.to = world.now;
  world.look();
  rest(world, site);
}

/** People try once more within hours. */
function again(world: World, site: Site, what: () => Promise<void> = () => come(world, site)): void {
  world.count('call-failed');
  world.excuse(world.now, world.now + 3 * HOUR);
  site.nextAt = world.now + between(world.chance, 1, 3) * HOUR;
  site.again = what;
}

function lifecycle({ house }: World): LifecyclePorts {
  return { ...house.ports, doors: { connect: undefined as never } };
}

/** The life that a verdict names. */
export function refIn(ended: Verdict) {
  const { tenant, generation } = ended.facts as { tenant: string; generation: number };
  const ref = { tenant: tenantId(tenant), generation };
  return { ref, owner: ownerOf(ref.tenant, generation) };
}
