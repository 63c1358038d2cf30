/**
 * What staff do on this computer: the same functions of the product, without the sign-in that production puts before them. Here everybody
 * is who they say.
 */
import type { z } from 'zod';
import { draftNotices, listCases, openCase, sendNotices, stepCase } from '../../../functions/console/cases.ts';
import { deleteUnderGrant, keepUnderGrant } from '../../../functions/console/deletionGrant.ts';
import type { LifePorts } from '../../../functions/life.ts';
import { LIMITS } from '../../../shared/config.ts';
import { ownerOf } from '../../../shared/model/ids.ts';
import { agreeHold, askHold, renewHold } from '../../../functions/console/hold.ts';
import {
  agreeGrant,
  askGrant,
  endGrant,
  exportTrail,
  readAsStaff,
  reportAccess,
} from '../../../functions/console/staff.ts';
import { recordSpokenConsent } from '../../../functions/console/spokenConsent.ts';
import { endCopy, linkToBundle, openCopies } from '../../../functions/console/support.ts';
import type { StaffPorts } from '../../../functions/console/staff.ts';
import {
  caseNext,
  caseOpen,
  caseSend,
  deletionOrder,
  grantAgree,
  grantAsk,
  grantEnd,
  holdAct,
  holdAsk,
  reportAsk,
  staffRead,
} from '../../../shared/wire/trail.ts';
import { spokenConsentBody } from '../../../shared/wire/mailing.ts';
import { endCopyBody, linkBody } from '../../../shared/wire/report.ts';
import type { Site } from '../stack.ts';
import { BASE_URL } from '../world.ts';
import { Unfit } from './answers.ts';
import { tenantOf } from './operator.ts';

const DAY_MS = 86_400_000;
/** A local world has no tenant that nobody may look at. */
const settings = { bait: [] };

type SiteOf = (name: string) => Pick<Site, 'baseUrl'>;
/** What of the stack staff need. */
interface Desk {
  readonly ports: StaffPorts & LifePorts;
}
type Work = (desk: Desk, body: unknown, siteOf: SiteOf) => Promise<unknown>;

/** A route whose body has a schema. */
export function route<T>(schema: z.ZodType<T>, work: (desk: Desk, body: T, siteOf: SiteOf) => Promise<unknown>): Work {
  return async (desk, body, siteOf) => work(desk, parsedBody(schema, body), siteOf);
}

/** A body of an operator's call. @throws Unfit */
export function parsedBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new Unfit(400, 'body-invalid', `Something is missing or wrong: ${read.error.issues[0]?.path.join('.') ?? ''}`);
}

/** All of them are posted. */
export const staffRoutes: readonly (readonly [path: RegExp, work: Work])[] = [
  [
    /^\/operator\/grants$/,
    route(grantAsk, async (desk, { site, ...ask }, siteOf) =>
      askGrant(desk.ports, { ...ask, ...(await tenantOf(desk, siteOf(site))) }),
    ),
  ],
  [/^\/operator\/grants\/agree$/, route(grantAgree, async ({ ports }, ask) => agreeGrant(ports, ask))],
  [/^\/operator\/grants\/end$/, route(grantEnd, async ({ ports }, ask) => endGrant(ports, ask))],
  [/^\/operator\/read$/, route(staffRead, async ({ ports }, ask) => readAsStaff(ports, settings, ask))],
  [/^\/operator\/deletion$/, route(deletionOrder, async ({ ports }, ask) => deleteUnderGrant(ports, LIMITS, ask))],
  [/^\/operator\/withdrawal$/, route(grantEnd, async ({ ports }, ask) => keepUnderGrant(ports, LIMITS, ask))],
  [
    /^\/operator\/access$/,
    route(reportAsk, async ({ ports }, { by, days }) =>
      reportAccess(ports, settings, { by, since: ports.clock.now() - days * DAY_MS }),
    ),
  ],
  [
    /^\/operator\/holds$/,
    route(holdAsk, async (desk, { site, ...ask }, siteOf) =>
      askHold(desk.ports, { ...ask, ...(await tenantOf(desk, siteOf(site))) }),
    ),
  ],
  [/^\/operator\/holds\/agree$/, route(holdAct, async ({ ports }, ask) => agreeHold(ports, ask))],
  [/^\/operator\/holds\/renew$/, route(holdAct, async ({ ports }, ask) => renewHold(ports, ask))],
  [
    /^\/operator\/cases$/,
    route(caseOpen, async (desk, { register, site, ...ask }, siteOf) => {
      const ref = site === undefined ? undefined : await tenantOf(desk, siteOf(site));
      const lives = ref === undefined ? [] : [ownerOf(ref.tenant, ref.generation)];
      return openCase(desk.ports, register, { ...ask, kind: 'opened', lives });
    }),
  ],
  [
    /^\/operator\/cases\/step$/,
    route(caseNext, async ({ ports }, { case: id, ...ask }) =>
      stepCase(ports, id, { ...ask, lives: [], categories: [] }),
    ),
  ],
  [
    /^\/operator\/cases\/drafts$/,
    route(caseNext, async ({ ports }, { case: id, ...ask }) =>
      draftNotices(ports, id, { ...ask, lives: [], categories: [] }),
    ),
  ],
  [
    /^\/operator\/cases\/send$/,
    route(caseSend, async ({ ports }, { case: id, ...ask }) =>
      sendNotices(ports, id, { ...ask, kind: 'notices-sent', lives: [], categories: [], baseUrl: BASE_URL }),
    ),
  ],
  [/^\/operator\/cases\/list$/, async ({ ports }) => listCases(ports)],
  [
    /^\/operator\/support\/link$/,
    route(linkBody, async (desk, { site, ...ask }, siteOf) =>
      linkToBundle(desk.ports, { ...ask, ...(await tenantOf(desk, siteOf(site))) }),
    ),
  ],
  [/^\/operator\/support\/copies$/, async ({ ports }) => openCopies(ports)],
  [
    /^\/operator\/support\/deleted$/,
    route(endCopyBody, async ({ ports }, { copy }) => {
      await endCopy(ports, copy);
      return openCopies(ports);
    }),
  ],
  [
    /^\/operator\/consents$/,
    route(spokenConsentBody, async (desk, { site, ...ask }, siteOf) =>
      recordSpokenConsent(desk.ports, { ...ask, ...(await tenantOf(desk, siteOf(site))) }),
    ),
  ],
  [/^\/operator\/trail$/, async ({ ports }) => exportTrail(ports)],
];
