/**
 * The console function: the JSON API of the pages inside Jira and of the command line, and what anybody may fetch.
 * @see DESIGN.md §2
 */
import { sensitiveInAll } from '../../shared/retention/sensitive.ts';
import { consoleBodies } from '../../shared/wire/bodies.ts';
import { ourPlace } from '../../shared/wire/place.ts';
import { MAX_NAME_MS } from '../../shared/retention/people.ts';
import { Fault, meaningOf } from '../../shared/verdict.ts';
import type { Route } from '../edge.ts';
import { accept } from './accept.ts';
import { adminCheck } from './admins.ts';
import { agree, decline, showAgreement } from './agreement.ts';
import { answer, answered, askOf } from './ask.ts';
import type { Ask, ConsoleEyes, ConsolePorts } from './ask.ts';
import { showBudget, showHeld } from './budget.ts';
import { removeContact, setContact, showContact } from './contact.ts';
import { askDeletion, confirmDeletion, showDeletion, withdrawDeletion } from './deletion.ts';
import { changePeriods, listDrifts, listRuns, startRun } from './drift.ts';
import { explainField } from './explain.ts';
import { exportTenant } from './export.ts';
import { exportPairs } from './exportPairs.ts';
import { listErrors, listFailing, retryAll } from './errors.ts';
import { showHelp } from './help.ts';
import { listConflicts, resolveConflict, showConflict } from './inbox.ts';
import { invite } from './invite.ts';
import { changeJob, listFailures, listJobs, listLines, showJob, startJob } from './jobs.ts';
import { showLag } from './lag.ts';
import { licenceHints } from './licenceHint.ts';
import { changeLife } from './life.ts';
import { mailRoutes } from './mailPages.ts';
import { askForNews, endNews, listNews } from './news.ts';
import { exportPerson, findPerson, listRequests, openRequest, refreshPerson, settleRequest } from './people.ts';
import { showPreview } from './preview.ts';
import { listReports, sendReport, showReport } from './report.ts';
import { takeBundle } from './support.ts';
import { resolveRestored } from './restored.ts';
import { showReceipt, showReceiptKey } from './receipts.ts';
import {
  checkVersion,
  draftRules,
  editRules,
  publishVersion,
  replaceRules,
  restoreVersion,
  showRules,
  withdrawVersion,
} from './rules.ts';
import { showTwin } from './showTwin.ts';
import { syncIssue } from './syncIssue.ts';
import { resyncTwin, unlinkTwin } from './twins.ts';
import { pauseTwin, resumeTwin, retryTwin } from './twinActs.ts';
import { setTriggers, showTriggers } from './triggers.ts';
import { trustRoutes } from './trust.ts';
import type { TrustSettings } from './trust.ts';
import { countUse, showUsage } from './usage.ts';
import { listVersions, showDifference, showVersion } from './versions.ts';
import { listConnections, listTwins, showConnection } from './views.ts';

/** What the console's answers show of the running build, of its days and of its operator. */
export interface ConsoleSettings extends TrustSettings {
  readonly commit: string;
  /** Days after the mark by which live data are gone. */
  readonly liveDays: number;
  /** Keys of links in mails and of the list of those who want no news, the newest first. */
  readonly mailKeys: readonly Uint8Array[];
  /** How long names of people are kept; absent: as long as they may be. */
  readonly identityMs?: number;
}

type Work = (ask: Ask, settings: ConsoleSettings) => ReturnType<typeof invite>;

const API = '/console/api';
const CONNECTION = '/connections/{connection}';
const VERSION = `${CONNECTION}/rules/versions/{version}`;
/** The largest body is a rule document with full value tables and a long script. */
const MAX_BODY_BYTES = 262_144;
/** A list of pairs: `MAX_CSV_CHARACTERS` with room for JSON's own. */
const MAX_LIST_BYTES = 1_048_576;

/** The API, for admins of the site only. */
const api: readonly (readonly [method: Route['method'], path: string, work: Work, maxBodyBytes?: number])[] = [
  ['POST', '/invitations', invite],
  ['POST', '/invitations/accept', accept],
  ['GET', '/contact', showContact],
  ['PUT', '/contact', setContact],
  ['DELETE', '/contact', removeContact],
  ['GET', '/deletion', showDeletion],
  ['POST', '/deletion', askDeletion],
  ['POST', '/deletion/confirm', confirmDeletion],
  ['POST', '/deletion/withdraw', withdrawDeletion],
  ['GET', '/news', listNews],
  ['POST', '/news', askForNews],
  ['DELETE', '/news/{consent}', endNews],
  ['GET', '/budget', showBudget],
  ['GET', '/export', exportTenant],
  ['GET', '/people/{account}', findPerson],
  ['GET', '/people/{account}/export', exportPerson],
  ['POST', '/people/{account}/refresh', refreshPerson],
  ['GET', '/usage', showUsage],
  ['GET', '/requests', listRequests],
  ['POST', '/requests', openRequest],
  ['POST', '/requests/{request}/acknowledge', (ask, settings) => settleRequest(ask, settings, 'acknowledge')],
  ['POST', '/requests/{request}/done', (ask, settings) => settleRequest(ask, settings, 'done')],
  ['GET', '/reports', listReports],
  ['POST', '/reports', showReport],
  ['POST', '/reports/{report}/send', sendReport],
  ['GET', '/connections', listConnections],
  ['GET', CONNECTION, showConnection],
  ['POST', `${CONNECTION}/pause`, (ask) => changeLife(ask, 'pause')],
  ['POST', `${CONNECTION}/resume`, (ask) => changeLife(ask, 'resume')],
  ['POST', `${CONNECTION}/end`, (ask) => changeLife(ask, 'end')],
  ['GET', `${CONNECTION}/rules`, showRules],
  ['PUT', `${CONNECTION}/rules`, replaceRules],
  ['GET', `${CONNECTION}/rules/versions`, listVersions],
  ['POST', `${CONNECTION}/rules/versions`, draftRules],
  ['GET', VERSION, showVersion],
  ['PUT', VERSION, editRules],
  ['GET', `${VERSION}/difference`, showDifference],
  ['POST', `${VERSION}/check`, checkVersion],
  ['POST', `${VERSION}/publish`, publishVersion],
  ['POST', `${VERSION}/withdraw`, withdrawVersion],
  ['POST', `${VERSION}/restore`, restoreVersion],
  ['POST', `${CONNECTION}/rules/preview`, showPreview],
  ['GET', `${CONNECTION}/rules/agreement`, showAgreement],
  ['POST', `${CONNECTION}/rules/agreement/agree`, agree],
  ['POST', `${CONNECTION}/rules/agreement/decline`, decline],
  ['GET', `${CONNECTION}/triggers`, showTriggers],
  ['PUT', `${CONNECTION}/triggers`, setTriggers],
  ['POST', `${CONNECTION}/sync`, syncIssue],
  ['GET', `${CONNECTION}/twins`, listTwins],
  ['GET', `${CONNECTION}/twins/{twin}`, showTwin],
  ['POST', `${CONNECTION}/twins/{twin}/retry`, retryTwin],
  ['POST', `${CONNECTION}/twins/{twin}/pause`, pauseTwin],
  ['POST', `${CONNECTION}/twins/{twin}/resume`, resumeTwin],
  ['GET', `${CONNECTION}/conflicts`, listConflicts],
  ['GET', `${CONNECTION}/conflicts/{twin}/{field}`, showConflict],
  ['POST', `${CONNECTION}/conflicts/{twin}/{field}`, resolveConflict],
  ['GET', `${CONNECTION}/errors`, listErrors],
  ['GET', `${CONNECTION}/errors/twins`, listFailing],
  ['POST', `${CONNECTION}/errors/retry`, retryAll],
  ['GET', `${CONNECTION}/twins/{twin}/explain`, explainField],
  ['GET', `${CONNECTION}/drift`, listRuns],
  ['GET', `${CONNECTION}/drift/{run}`, listDrifts],
  ['GET', `${CONNECTION}/lag`, showLag],
  ['GET', `${CONNECTION}/budget`, showHeld],
  ['POST', `${CONNECTION}/restored`, resolveRestored],
  ['POST', `${CONNECTION}/reconcile`, startRun],
  ['PUT', `${CONNECTION}/reconcile`, changePeriods],
  ['GET', `${CONNECTION}/pairs`, exportPairs],
  ['GET', `${CONNECTION}/jobs`, listJobs],
  ['GET', `${CONNECTION}/jobs/{job}`, showJob],
  ['POST', `${CONNECTION}/jobs/{job}`, startJob, MAX_LIST_BYTES],
  ['POST', `${CONNECTION}/jobs/{job}/pause`, (ask) => changeJob(ask, 'pause')],
  ['POST', `${CONNECTION}/jobs/{job}/resume`, (ask) => changeJob(ask, 'resume')],
  ['POST', `${CONNECTION}/jobs/{job}/cancel`, (ask) => changeJob(ask, 'cancel')],
  ['GET', `${CONNECTION}/jobs/{job}/failures`, listFailures],
  ['GET', `${CONNECTION}/jobs/{job}/lines`, listLines],
  ['POST', `${CONNECTION}/twins/{twin}/resync`, resyncTwin],
  ['POST', `${CONNECTION}/twins/{twin}/unlink`, unlinkTwin],
];

/** What tells of Jira's limits and of the work that waits for them: numbers, codes and times. */
const ofLimits: ReadonlySet<Work> = new Set<Work>([showBudget, showHeld, listJobs, showJob]);

/** What takes an issue's own content: it goes where it came from, and is nothing that people configure. */
const ofContent: ReadonlySet<Work> = new Set<Work>([resolveConflict]);

/** @throws Fault `card-number-refused`, `sensitive-refused` with the place. @see PROMISES.md */
function refuseSensitive(body: unknown): void {
  const found = sensitiveInAll(body);
  if (found !== undefined) throw new Fault(found.code, { path: ourPlace(found.path, consoleBodies) });
}

/**
 * The routes of the console. Each API route is for a verified person who administers the site, and speaks of nothing
 * but the token's own tenant: another tenant's id ends like one that never was.
 */
export function consoleRoutes(ports: ConsolePorts, settings: ConsoleSettings, eyes: ConsoleEyes): Route[] {
  const check = adminCheck();
  const hear = licenceHints();
  const { identityMs = MAX_NAME_MS } = settings;
  return [
    ...api.map(
      ([method, path, work, maxBodyBytes = MAX_BODY_BYTES]): Route => ({
        method,
        path: `${API}${path}`,
        policy: 'person',
        maxBodyBytes,
        handle: (request, principal) =>
          answered(async () => {
            const ask = askOf(ports, { ...eyes, identityMs }, request, principal);
            await hear(ports, principal);
            await check(ask, { isOfLimits: ofLimits.has(work) });
            if (!ofContent.has(work)) refuseSensitive(request.body);
            const done = await work(ask, settings);
            if (meaningOf(done.verdict.code).kind === 'done') await countUse(ask, method, path);
            return done;
          }),
      }),
    ),
    {
      method: 'GET',
      path: '/console/health',
      policy: 'public',
      handle: async () => answer({ code: 'done', commit: settings.commit }),
    },
    ...trustRoutes(settings),
    ...mailRoutes(ports, settings.mailKeys),
    {
      method: 'GET',
      path: '/console/support/{tenant}/{generation}/{token}',
      policy: 'public',
      handle: (request) => takeBundle(ports, request),
    },
    { method: 'GET', path: '/help/{code}', policy: 'public', handle: showHelp },
    { method: 'GET', path: '/receipts/key', policy: 'public', handle: () => showReceiptKey(ports) },
    { method: 'GET', path: '/receipts/{receipt}', policy: 'public', handle: (request) => showReceipt(ports, request) },
  ];
}
