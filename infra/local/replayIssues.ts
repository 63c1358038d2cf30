/** Loads a dump of issues into one site, lets them sync, and compares every one with its twin. */
import { compareSites } from './compare.ts';
import type { Comparison } from './compare.ts';
import { connectSites, readIssues } from './opening.ts';
import type { ReplayResult } from './replayWebhooks.ts';
import type { Stack } from './stack.ts';
import { allOf } from './stored.ts';

/** A long dump has issues with hundreds of comments, and a site takes 100 writes to one issue in 30 s. */
const SETTLE_MS = 40 * 60_000;
const SHOWN_DIFFERENCES = 20;

/** Counts of equal, different (with the reason) and missing. */
export async function replayIssues(
  stack: Stack,
  { file, limit }: { readonly file: string; readonly limit?: number },
): Promise<ReplayResult> {
  const startedAt = Date.now();
  await stack.install('alpha');
  await stack.install('beta');
  await connectSites(stack);
  const issues = await readIssues(file, limit);
  // Both sites belong to people who know one another: the same accounts are members of both.
  stack.jira.join('beta', issues);
  stack.jira.adopt('beta', stack.site('beta').project, issues);
  const loaded = stack.jira.load('alpha', stack.site('alpha').project, issues, { announce: true });
  await stack.settled(SETTLE_MS);
  const inactive = new Set(
    stack
      .site('beta')
      .people()
      .filter((person) => !person.active)
      .map((person) => person.accountId),
  );
  const twins = await allOf(stack.ports.store, 'twin');
  const comparison = await compareSites({
    from: { person: stack.site('alpha').person, inactive },
    to: { person: stack.site('beta').person, inactive },
    twins: new Map(
      twins.flatMap(({ row }) => (row.a === undefined || row.b === undefined ? [] : [[row.a, row.b] as const])),
    ),
    ids: loaded.map(({ id }) => id),
  });
  return resultOf(comparison, {
    violations: stack.jira.violations().length,
    onBeta: stack.site('beta').issueIds().length,
    seconds: Math.round((Date.now() - startedAt) / 1000),
  });
}

function resultOf(
  comparison: Comparison,
  more: { readonly violations: number; readonly onBeta: number; readonly seconds: number },
): ReplayResult {
  const unexplained = comparison.differences.filter(({ reason }) => reason === undefined);
  const reasons: Record<string, number> = {};
  for (const { what, reason } of comparison.differences) {
    const name = `${what.replace(/ \d+$/, '')}: ${reason ?? 'unexplained'}`;
    reasons[name] = (reasons[name] ?? 0) + 1;
  }
  const present = comparison.compared - comparison.missing.length;
  const summary = {
    ok:
      comparison.compared > 0 &&
      comparison.missing.length === 0 &&
      unexplained.length === 0 &&
      comparison.comments.missing === 0 &&
      more.violations === 0,
    issues: comparison.compared,
    present,
    equal: comparison.equal,
    different: present - comparison.equal,
    reasons,
    unexplained: unexplained.length,
    missing: comparison.missing.length,
    comments: comparison.comments,
    duplicates: more.onBeta - present + comparison.comments.surplus,
    conformanceViolations: more.violations,
    seconds: more.seconds,
  };
  const lines = [
    `${present} of ${comparison.compared} issues are there, ${comparison.equal} equal in everything`,
    `comments: ${comparison.comments.equal} of ${comparison.comments.expected} equal, ${comparison.comments.missing} missing, ${comparison.comments.surplus} too many`,
    ...Object.entries(reasons).map(([name, count]) => `${String(count).padStart(6)} × ${name}`),
    ...unexplained.slice(0, SHOWN_DIFFERENCES).map(({ issue, what }) => `  unexplained: ${issue} ${what}`),
    ...comparison.missing.slice(0, SHOWN_DIFFERENCES).map((key) => `  missing: ${key}`),
  ];
  return { ok: summary.ok, lines, summary };
}
