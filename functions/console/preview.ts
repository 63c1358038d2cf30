/** What a version of the asker's rules would do to its issues; writes nothing and keeps nothing. */
import type { IssueId, IssueKey } from '../../shared/model/ids.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { Page } from '../../shared/ports.ts';
import { previewOf, totalsOf } from '../../shared/rules/preview.ts';
import type { PairPreview } from '../../shared/rules/preview.ts';
import { scopeJql } from '../../shared/rules/scope.ts';
import { toFault } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import { previewBody } from '../../shared/wire/rules.ts';
import type { PreviewLine, PreviewPage } from '../../shared/wire/rules.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { findHalf, openRules, openSettings } from './halves.ts';
import type { OwnHalf } from './halves.ts';

/** Each issue costs up to ten calls of the two sites; a page ends well within the function's minute. (Ours.) */
const ISSUES_PER_PAGE = 10;
/** Faults of the site's own limits and of ours end the page; all others are told per issue. */
const ENDING: ReadonlySet<Code> = new Set<Code>(['jira-rate-limited', 'store-unavailable', 'key-unavailable', 'bug']);

/**
 * Previews chosen issues, or one page of the whole scope, under a version of the own rules. Values are shown only of what the own
 * issues would send; what the partner's would bring is told without them.
 */
export async function showPreview(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { version = own.row.rulesVersion, issues, after } = parseAs(previewBody, ask.request.body ?? {});
  const document = await openRules(ask, own, version);
  const page: Page<IssueId | IssueKey> = issues === undefined ? await scopePage(ask, own, after) : { items: issues };
  const lines: PreviewLine[] = [];
  const previews: (PairPreview | undefined)[] = [];
  for (const issue of page.items) {
    const seen = await previewOne(ask, own, issue, document);
    lines.push(seen.line);
    previews.push(seen.preview);
  }
  const body: PreviewPage = {
    connection: own.connection,
    side: own.row.side,
    version,
    issues: lines,
    totals: totalsOf(previews),
    ...(page.next === undefined ? {} : { next: page.next }),
  };
  return answer(body);
}

async function scopePage(ask: Ask, own: OwnHalf, after: string | undefined): Promise<Page<IssueId>> {
  const { projectKey, scope } = await openSettings(ask, own);
  const page = { limit: ISSUES_PER_PAGE, ...(after === undefined ? {} : { after }) };
  return ask.site.search(scopeJql(projectKey, scope), page);
}

async function previewOne(
  ask: Ask,
  own: OwnHalf,
  named: IssueId | IssueKey,
  document: RuleDocument,
): Promise<{ readonly line: PreviewLine; readonly preview?: PairPreview }> {
  const failed = (code: Code) => ({ line: { issue: named, act: 'error' as const, code } });
  const { side } = own.row;
  try {
    const seen = await ask.pairs.look({ connection: own.connection, side, issue: named, rules: { [side]: document } });
    if ('code' in seen) return failed(seen.code);
    const preview = previewOf(seen.input, seen.plan);
    return { preview, line: { issue: seen.issue, ...shown(own, preview) } };
  } catch (thrown) {
    const { code } = toFault(thrown);
    if (ENDING.has(code)) throw thrown;
    return failed(code);
  }
}

function shown({ row: { side } }: OwnHalf, { act, fields, parts, codes }: PairPreview): Omit<PreviewLine, 'issue'> {
  return {
    act,
    fields: fields.map(({ value, ...rest }) => (value === undefined || rest.to === side ? rest : { ...rest, value })),
    parts: parts.map(({ codes: why, ...one }) => ({ ...one, ...(why.length === 0 ? {} : { codes: [...why] }) })),
    ...(codes.length === 0 ? {} : { codes: [...codes] }),
  };
}
