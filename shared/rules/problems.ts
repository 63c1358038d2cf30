/** What can be wrong with a rule document: the closed list, each with its weight and its sentence. */

/** `error` keeps a version from being published, `warning` does not. */
export type Severity = 'error' | 'warning';

interface ProblemRow {
  readonly severity: Severity;
  readonly says: string;
}

const error = (says: string): ProblemRow => ({ severity: 'error', says });
const warning = (says: string): ProblemRow => ({ severity: 'warning', says });

/** Every problem. The sentences hold no names: those are in a problem's `names`, for the admin whose own they are. */
export const problemRows = {
  // Of the document alone.
  'nothing-shared': error('The document lets nothing leave; end or pause the connection instead.'),
  'field-unknown': error('This field is not one that can be synced.'),
  'field-doubled': error('The field has a row already.'),
  'target-doubled': error('Another row ends in the same field of the other side.'),
  'kind-mismatch': error('The field of the other side is of another kind.'),
  'form-odd': error('This is not of the form that is asked for.'),
  'policy-unknown': error('The policy is none of newest, a, b and hold.'),
  'transform-unfit': error('This transform does not suit a field of this kind.'),
  'default-unfit': error('The default is no value of this kind.'),
  'table-too-large': error('The value table has more rows than the limit.'),
  'table-unused': error('The value table belongs to a field that this document does not share.'),
  'table-unfit': error('A field of this kind has no names to translate.'),
  'name-empty': error('The name is empty.'),
  'name-too-long': error('The name is longer than Jira allows.'),
  'visibility-odd': error('This is none of public, internal, role:NAME and group:NAME.'),
  'visibility-public': warning('What is restricted here becomes public there.'),
  'filter-odd': error('This is no media type such as image/png or image/*.'),
  'personal-data': warning('Who did what leaves the site: the field holds people.'),
  'personal-script': warning('The script reads people; what it makes of them leaves the site.'),

  // Of both sides' documents together.
  'lane-collides': error('The partner keeps one of the two fields in step with another one.'),
  'two-way-grows': error('The partner sends the field back, and the text would be added again each time.'),
  'two-way-loses': warning('The partner sends the field back: what this transform takes away is lost here as well.'),
  'one-way-conflict': warning(
    'Only this side sends the field, and the policy lets the other side win or stop it: after a double change it stays different.',
  ),

  // Of the sites.
  'field-missing': error('This site has no such field.'),
  'target-missing': error('The other site has no such field.'),
  'target-not-on-screen': warning('No create screen of the other project has the field.'),
  'value-unmapped': warning('The other project does not know these names and no row translates them.'),
  'value-target-unknown': error('The other project does not know the name that the row leads to.'),
  'value-source-unknown': warning('This project does not know the name that the row begins with.'),
  'status-unreachable': warning('No way through the workflow of the other project leads to this status.'),
  'transition-field-missing': error('A transition of the other project asks for fields that no row gives.'),
  // A side that shares a few fields of issues that are connected by hand makes none.
  'required-missing': warning(
    'The other project asks for fields at creation that no row gives: no issue can be made there.',
  ),
  'type-fallback-unknown': error('The other project has no such issue type.'),
  'link-type-unmapped': warning('The other site does not know these link types and no row translates them.'),
  'scope-refused': error('Jira does not take the scope as JQL.'),

  // Of the script.
  'script-problem': error('The script is not accepted.'),
} as const satisfies Record<string, ProblemRow>;

/** The closed list of problems. */
export type ProblemCode = keyof typeof problemRows;

/** One thing that is wrong with a document. `path` leads to it, for example `fields.3.policy`. */
export interface RuleProblem {
  readonly path: string;
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly says: string;
  /** What it is about, in the words of the asker's own site; never of the partner's. */
  readonly names?: readonly string[];
  /** Of a script: where in its text, from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** Names that one problem lists; the rest is a matter of looking again. (Ours.) */
const MAX_NAMES = 20;

/** Builds a problem. */
export function problem(path: string, code: ProblemCode, names: readonly string[] = []): RuleProblem {
  const { severity, says } = problemRows[code];
  return { path, code, severity, says, ...(names.length === 0 ? {} : { names: names.slice(0, MAX_NAMES) }) };
}

/** True when nothing keeps the document from being published. */
export function isPublishable(problems: readonly RuleProblem[]): boolean {
  return !problems.some(({ severity }) => severity === 'error');
}
