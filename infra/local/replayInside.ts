/** Loads files of issues into one site of a world on a virtual clock, lets them sync, and compares every one with its twin. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compareInside } from './compareInside.ts';
import type { Comparison, Difference, Said } from './compareInside.ts';
import { readIssues } from './opening.ts';
import { adoptPlaces, joinPeople, loadIssues } from './jira/model/load.ts';
import type { LoadedIssue } from './jira/model/load.ts';
import type { Site } from './jira/model/types.ts';
import { everythingRules } from './replayRules.ts';
import { CONNECTION, replayWorld, SIDES } from './replayWorld.ts';
import type { ReplayWorld } from './replayWorld.ts';
import type { ReplayResult } from './replayWebhooks.ts';
import { ADMIN, siteSpecs } from './world.ts';
import { issueId } from '../../shared/model/ids.ts';
import { Fault } from '../../shared/verdict.ts';

/** People who have something to do with issues at one time: as many new issues may be on their way. */
const AT_ONCE = 10;
const HOUR_MS = 3_600_000;
const SHOWN_DIFFERENCES = 20;
/** Files of the reference data that hold something else than whole issues. */
const NO_ISSUES = /remotelinks|sprints|changelog-pages|worklogs/;

/** What is replayed. */
export interface ReplayAsk {
  /** A file, or a folder whose issue files are replayed one after the other, the smallest first. */
  readonly path: string;
  readonly limit?: number;
  /** Hears each line as soon as it is known. */
  readonly tell: (line: string) => void;
}

/** Replays each file in a world of its own. */
export async function replayInside({ path, limit, tell }: ReplayAsk): Promise<ReplayResult> {
  const files: FileResult[] = [];
  for (const file of filesOf(path)) {
    const result = await replayFile(file, limit);
    files.push(result);
    for (const line of linesOf(result)) tell(line);
  }
  const summary = totalsOf(files);
  return { ok: summary.ok, lines: [], summary };
}

function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => /\.jsonl(?:\.gz)?$/.test(name) && !NO_ISSUES.test(name));
  return names.map((name) => join(path, name)).toSorted((one, other) => statSync(one).size - statSync(other).size);
}

interface FileResult {
  readonly file: string;
  readonly comparison: Comparison;
  readonly counts: ReplayWorld['counts'];
  readonly failures: ReplayWorld['failures'];
  readonly violations: readonly string[];
  readonly restless: number;
  readonly virtualHours: number;
  readonly seconds: number;
}

async function replayFile(file: string, limit: number | undefined): Promise<FileResult> {
  const startedAt = performance.now();
  const issues = await readIssues(file, limit);
  const specs = siteSpecs().filter(({ name }) => Object.values(SIDES).some(({ site }) => site === name));
  const world = await replayWorld(everythingRules(), specs);
  const began = world.clock.now();
  const [a, b] = [world.site('a'), world.site('b')];
  // The same company on both sites: whoever and whatever an issue names is there, too.
  joinPeople(world.jira.world, b, issues);
  adoptPlaces(b, projectOf(b, 'b'), issues);
  const options = { announce: false, now: world.clock.now() };
  const loaded = loadIssues(world.jira.world, a, projectOf(a, 'a'), issues, options);
  await announceAll(world, loaded);
  await world.rest();
  const restless: Set<string> = new Set();
  const comparison = await compareInside({
    ...{ world: world.jira.world, from: a, to: b, ids: loaded.map(({ id }) => id), digest: digestOf(world) },
    twins: new Map((await world.twins()).flatMap(({ a: one, b: other }) => (one && other ? [[one, other]] : []))),
    ask: (id) => saidOf(world, id, restless),
  });
  return {
    ...{ file: basename(file), comparison, counts: world.counts, failures: world.failures, restless: restless.size },
    violations: world.jira.serving.violations.map(({ operation, path, problem }) => `${operation} ${path} ${problem}`),
    virtualHours: Math.round((world.clock.now() - began) / HOUR_MS),
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  };
}

function projectOf(site: Site, side: keyof typeof SIDES) {
  const project = site.projects.get(SIDES[side].project);
  if (project === undefined) throw new Error(`${site.name} has no project ${SIDES[side].project}`);
  return project;
}

/** People create the issues, in the order of the dump, as fast as the sync takes them. */
async function announceAll(world: ReplayWorld, loaded: readonly LoadedIssue[]): Promise<void> {
  const site = world.site('a');
  for (const { id } of loaded) {
    const issue = site.issues.get(id)?.issue;
    if (issue === undefined) throw new Error('an issue was lost on the way in');
    const at = world.clock.now();
    world.jira.tell(site, {
      ...{ event: 'jira:issue_created', eventTypeName: 'issue_created', issue, at, actorId: ADMIN, flow: 'Primary' },
    });
    while ((await world.work()) || (world.owed() > AT_ONCE && (await world.pass())));
  }
}

/** What the sync says of an issue now; it must not want to do anything any more. */
async function saidOf(world: ReplayWorld, id: string, restless: Set<string>): Promise<readonly Said[]> {
  for (;;) {
    try {
      const look = await world.pairs.look({ connection: CONNECTION, side: 'a', issue: issueId(id), rules: {} });
      if ('code' in look) return [];
      if (look.plan.steps.length > 0) restless.add(id);
      return look.plan.blocked.map(({ field, comment, worklog, attachment, code }): Said => {
        const part = comment ?? worklog ?? attachment;
        if (part === undefined) return { what: field ?? 'issue', code };
        return { what: comment !== undefined ? 'comment' : worklog !== undefined ? 'worklog' : 'file', part, code };
      });
    } catch (thrown) {
      // To look costs points, too.
      const wait = thrown instanceof Fault ? thrown.facts['retryAfterMs'] : undefined;
      if (typeof wait !== 'number') throw thrown;
      await world.clock.sleep(wait);
    }
  }
}

function digestOf({ jira }: ReplayWorld): (site: Site, attachment: string) => Promise<string> {
  return async (site, id) => {
    const attachment = site.attachments.get(id);
    if (attachment === undefined) return 'gone';
    if (attachment.sha256 !== null) return attachment.sha256;
    // What is too large for the other site is not there to be compared.
    if (attachment.sizeBytes > site.attachmentSettings.uploadLimit) return 'not read';
    const hash = createHash('sha256');
    for await (const chunk of jira.serving.files.read(attachment, 0, attachment.sizeBytes) ?? [])
      hash.update(chunk as Buffer);
    return hash.digest('hex');
  };
}

function nameOf({ what, reason, untrue }: Difference): string {
  return `${what}: ${reason ?? (untrue === undefined ? 'unexplained' : `untrue ${untrue}`)}`;
}

function reasonsOf(differences: readonly Difference[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const difference of differences) {
    const name = nameOf(difference);
    reasons[name] = (reasons[name] ?? 0) + 1;
  }
  return reasons;
}

function isFine({ comparison, counts, failures, violations, restless }: FileResult): boolean {
  const { tally, differences, missing } = comparison;
  const isWhole = tally.compared > 0 && missing.length === 0 && tally.surplus === 0;
  const isExplained = differences.every(({ reason }) => reason !== undefined);
  return isWhole && isExplained && failures.length + violations.length + restless + counts.deadLetters === 0;
}

function linesOf(result: FileResult): readonly string[] {
  const { file, comparison, counts, failures, violations, restless } = result;
  const { tally, differences, missing } = comparison;
  const unexplained = differences.filter(({ reason }) => reason === undefined);
  return [
    `${isFine(result) ? 'ok    ' : 'NOT OK'} ${file}: ${tally.compared} issues, ${tally.equal} equal in everything; ` +
      `${tally.fields} fields, ${tally.comments} comments, ${tally.worklogs} worklogs, ${tally.files} files compared; ` +
      `${counts.calls} calls, ${counts.messages} messages, ${result.virtualHours} virtual hours in ${result.seconds} s`,
    ...Object.entries(reasonsOf(differences))
      .toSorted()
      .map(([name, count]) => `${String(count).padStart(8)} × ${name}`),
    ...unexplained
      .slice(0, SHOWN_DIFFERENCES)
      .map(({ issue, what, part, untrue }) =>
        `  unexplained: ${issue} ${what} ${part ?? ''} ${untrue ?? ''}`.trimEnd(),
      ),
    ...missing.slice(0, SHOWN_DIFFERENCES).map((key) => `  missing: ${key}`),
    ...failures.slice(0, SHOWN_DIFFERENCES).map(({ what, count }) => `  failed ${count} ×: ${what}`),
    ...violations.slice(0, SHOWN_DIFFERENCES).map((one) => `  breaks the contract: ${one}`),
    ...(tally.surplus === 0 ? [] : [`  ${tally.surplus} issues too many on the other site`]),
    ...(restless === 0 ? [] : [`  ${restless} issues are not at rest`]),
    ...(counts.deadLetters === 0 ? [] : [`  ${counts.deadLetters} messages that nobody could take`]),
  ];
}

function totalsOf(files: readonly FileResult[]) {
  const sum = (of: (file: FileResult) => number): number => files.reduce((total, file) => total + of(file), 0);
  const all = files.flatMap(({ comparison }) => comparison.differences);
  return {
    ok: files.length > 0 && files.every(isFine),
    files: files.length,
    issues: sum(({ comparison }) => comparison.tally.compared),
    equal: sum(({ comparison }) => comparison.tally.equal),
    fields: sum(({ comparison }) => comparison.tally.fields),
    comments: sum(({ comparison }) => comparison.tally.comments),
    worklogs: sum(({ comparison }) => comparison.tally.worklogs),
    attachments: sum(({ comparison }) => comparison.tally.files),
    reasons: reasonsOf(all),
    unexplained: all.filter(({ reason }) => reason === undefined).length,
    missing: sum(({ comparison }) => comparison.missing.length),
    duplicates: sum(({ comparison }) => comparison.tally.surplus),
    failures: sum(({ failures }) => failures.length),
    deadLetters: sum(({ counts }) => counts.deadLetters),
    conformanceViolations: sum(({ violations }) => violations.length),
    calls: sum(({ counts }) => counts.calls),
    refusedCalls: sum(({ counts }) => counts.refused),
    virtualHours: sum(({ virtualHours }) => virtualHours),
    seconds: Math.round(sum(({ seconds }) => seconds)),
  };
}
