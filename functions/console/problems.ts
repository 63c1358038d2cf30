/** Reads what the checks of a rule document need, and runs them all. */
import type { RuleDocument } from '../../shared/model/rules.ts';
import { checkPair } from '../../shared/rules/checkPair.ts';
import { checkRules } from '../../shared/rules/check.ts';
import type { RuleProblem } from '../../shared/rules/problems.ts';
import type { Ask } from './ask.ts';
import type { OwnHalf } from './halves.ts';
import { partnerOf, partnerRules } from './partner.ts';

/** Everything that is wrong with a document of the asker's side, in the order of its parts. */
export async function problemsOf(ask: Ask, own: OwnHalf, document: RuleDocument): Promise<readonly RuleProblem[]> {
  const partner = await partnerOf(ask, own);
  const theirs = partner === undefined ? undefined : await partnerRules(ask, partner);
  return [...checkRules(document), ...(theirs === undefined ? [] : checkPair(own.row.side, document, theirs))];
}
