/** Reads what the checks of a rule document need, and runs them all. */
import { allEnded } from '../../shared/model/allEnded.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { checkPair } from '../../shared/rules/checkPair.ts';
import { checkRules } from '../../shared/rules/check.ts';
import { checkSites } from '../../shared/rules/checkSites.ts';
import { problem } from '../../shared/rules/problems.ts';
import type { RuleProblem } from '../../shared/rules/problems.ts';
import { scopeChecks } from '../../shared/rules/scope.ts';
import { Fault, meaningOf } from '../../shared/verdict.ts';
import type { Ask } from './ask.ts';
import { openSettings } from './halves.ts';
import type { OwnHalf } from './halves.ts';
import { partnerOf, partnerRules, partnerSettings } from './partner.ts';
import type { Partner } from './partner.ts';

/** Everything that is wrong with a document of the asker's side, in the order of its parts. @throws Fault `jira-…` */
export async function problemsOf(ask: Ask, own: OwnHalf, document: RuleDocument): Promise<readonly RuleProblem[]> {
  const partner = await partnerOf(ask, own);
  return [
    ...checkRules(document),
    ...(partner === undefined ? [] : await besidePartner(ask, own, partner, document)),
    ...(await scopeProblems(ask, own)),
    ...(document.script === undefined ? [] : await scriptProblems(ask, document.script)),
  ];
}

async function besidePartner(
  ask: Ask,
  own: OwnHalf,
  partner: Partner,
  document: RuleDocument,
): Promise<readonly RuleProblem[]> {
  const [theirs, mine, other] = await Promise.all([
    partnerRules(ask, partner),
    openSettings(ask, own),
    partnerSettings(ask, partner),
  ]);
  const site = ask.ports.jira.at(partner.tenant, own.connection);
  const [here, there] = await allEnded([ask.site.readProject(mine.projectKey), site.readProject(other.projectKey)]);
  return [
    ...(theirs === undefined ? [] : checkPair(own.row.side, document, theirs)),
    ...checkSites(document, { own: here, there }),
  ];
}

async function scopeProblems(ask: Ask, own: OwnHalf): Promise<readonly RuleProblem[]> {
  const { projectKey, scope } = await openSettings(ask, own);
  const queries = scopeChecks(projectKey, scope);
  const isTaken = queries.length === 0 || (await ask.site.isJql(queries));
  return isTaken ? [] : [problem('scope', 'scope-refused')];
}

/** Each with its place in the script; the words of the script are its author's own. */
async function scriptProblems(ask: Ask, source: string): Promise<readonly RuleProblem[]> {
  const checked = await ask.ports.script.check(ask.tenant.tenant, source);
  if (checked.code === 'script-busy') throw new Fault('script-busy');
  if (checked.code !== 'done') return [{ ...problem('script', 'script-problem'), says: meaningOf(checked.code).says }];
  return checked.problems.map(({ code, line, column, name }) => ({
    ...problem('script', 'script-problem', name === undefined ? [] : [name]),
    says: meaningOf(code).says,
    line,
    column,
  }));
}
