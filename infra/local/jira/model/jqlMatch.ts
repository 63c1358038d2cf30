import { type Read, type Reference, account, customField, referenceOf } from './jqlFields.ts';
import { instantOf } from './jqlDates.ts';
import type { Clause, Term } from './jqlParse.ts';
import { refuse } from './problem.ts';
import { isRecord, plainText } from './richText.ts';
import { secondsOf } from './timeTracking.ts';
import type { Act, Field, IndexedProperty, Issue } from './types.ts';

/** Tells of one version of an issue whether a condition holds. */
export type Matches = (issue: Issue) => boolean;

/** Makes a condition ready to run for one actor. @throws JiraProblem 400 for unknown fields, values or functions */
export function compileClause(act: Act, clause: Clause): Matches {
  switch (clause.kind) {
    case 'and': {
      const parts = clause.parts.map((part) => compileClause(act, part));
      return (issue) => parts.every((matches) => matches(issue));
    }
    case 'or': {
      const parts = clause.parts.map((part) => compileClause(act, part));
      return (issue) => parts.some((matches) => matches(issue));
    }
    case 'not': {
      const part = compileClause(act, clause.part);
      return (issue) => !part(issue);
    }
    case 'term':
      return compileTerm(act, clause);
  }
}

function compileTerm(act: Act, term: Term): Matches {
  const property = /^issue\.property\[["']?(.*?)["']?\](?:\.([\w.-]+))?$/i.exec(term.field);
  if (property !== null) return compileProperty(act, term, property[1] ?? '', property[2] ?? '');
  const custom = customField(act.site, term.field);
  const date = custom === undefined ? DATES[term.field] : customDate(custom);
  if (date !== undefined) return compileDate(act, term, date);
  const quantity = quantityOf(act, term, custom);
  if (quantity !== undefined) return compileQuantity(term, quantity);
  const text = textOf(act, term.field);
  if (text !== undefined && (term.operator === '~' || term.operator === '!~')) return compileText(term, text);
  const reference = referenceOf(act, term.field);
  if (reference !== undefined) return compileReference(term, reference);
  if (text !== undefined && isEmptiness(term)) return emptiness(term, (issue) => text(issue) === '');
  if (text !== undefined) throw unsupported(term);
  throw refuse(400, `Field '${term.name}' does not exist or you do not have permission to view it.`);
}

/** How to read a date of a site's own; undefined for other fields. */
function customDate(field: Field): ((issue: Issue) => number | null) | undefined {
  if (field.kind !== 'date' && field.kind !== 'datetime') return undefined;
  return (issue) => {
    const held = issue.values[field.id] ?? null;
    if (typeof held === 'number') return held;
    return typeof held === 'string' ? Date.parse(held) : null;
  };
}

/** What queries call durations; all are held in seconds. */
const DURATIONS: Readonly<Record<string, string>> = {
  originalestimate: 'timeoriginalestimate',
  timeoriginalestimate: 'timeoriginalestimate',
  remainingestimate: 'timeestimate',
  timeestimate: 'timeestimate',
  timespent: 'timespent',
};

interface Quantity {
  readonly id: string;
  readonly parse: (text: string) => number | undefined;
}

function quantityOf(act: Act, term: Term, custom: Field | undefined): Quantity | undefined {
  if (custom?.kind === 'number')
    return { id: custom.id, parse: (text) => (/^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined) };
  const duration = custom === undefined ? DURATIONS[term.field] : undefined;
  if (duration === undefined) return undefined;
  return { id: duration, parse: (text) => secondsOf(text, act.site.workingTime) };
}

function compileQuantity(term: Term, { id, parse }: Quantity): Matches {
  const read = (issue: Issue): number | null => {
    const held = issue.values[id];
    return typeof held === 'number' ? held : null;
  };
  if (isEmptiness(term)) return emptiness(term, (issue) => read(issue) === null);
  const bounds = term.operands.map((operand) => {
    const bound = operand.isFunction ? undefined : parse(operand.text);
    if (bound === undefined)
      throw refuse(400, `The value '${operand.written}' is not valid for the field '${term.name}'.`);
    return bound;
  });
  demandComparison(term);
  return (issue) => {
    const held = read(issue);
    return held !== null && compare(term, held, bounds);
  };
}

/** A wrong operator is refused before an issue is looked at. */
function demandComparison(term: Term): void {
  if (['~', '!~', 'is', 'is not'].includes(term.operator)) throw unsupported(term);
}

function unsupported(term: Term): Error {
  return refuse(400, `The operator '${term.operator}' is not supported by the '${term.name}' field.`);
}

/** `is EMPTY`, `= EMPTY` and their opposites. */
function isEmptiness(term: Term): boolean {
  const [only] = term.operands;
  const named = only !== undefined && !only.isFunction && /^(?:empty|null)$/i.test(only.text);
  if ((term.operator === 'is' || term.operator === 'is not') && !named) throw unsupported(term);
  return named && ['is', 'is not', '=', '!='].includes(term.operator);
}

function emptiness(term: Term, isEmpty: (issue: Issue) => boolean): Matches {
  const wanted = term.operator === 'is' || term.operator === '=';
  return (issue) => isEmpty(issue) === wanted;
}

/** As in Jira, the negative operators never match an issue that has nothing in the field. */
function compileReference(term: Term, { read, resolve, nothing }: Reference): Matches {
  const hasNothing = (issue: Issue): boolean => read(issue).every((id) => id === nothing);
  if (isEmptiness(term)) return emptiness(term, hasNothing);
  const wanted = new Set(term.operands.flatMap(resolve));
  const holds = (issue: Issue): boolean => read(issue).some((id) => wanted.has(id));
  if (term.operator === '=' || term.operator === 'in') return holds;
  if (term.operator === '!=' || term.operator === 'not in') return (issue) => !hasNothing(issue) && !holds(issue);
  throw unsupported(term);
}

const DATES: Readonly<Record<string, (issue: Issue) => number | null>> = {
  created: (issue) => issue.createdAt,
  createddate: (issue) => issue.createdAt,
  updated: (issue) => issue.updatedAt,
  updateddate: (issue) => issue.updatedAt,
  resolved: (issue) => issue.resolvedAt,
  resolutiondate: (issue) => issue.resolvedAt,
  due: (issue) => dueAt(issue),
  duedate: (issue) => dueAt(issue),
};

function dueAt(issue: Issue): number | null {
  const due = issue.values['duedate'] ?? null;
  return typeof due === 'string' ? Date.parse(due) : null;
}

function compileDate(act: Act, term: Term, read: (issue: Issue) => number | null): Matches {
  if (isEmptiness(term)) return emptiness(term, (issue) => read(issue) === null);
  const bounds = term.operands.map((operand) => instantOf(term.name, operand, act.now));
  demandComparison(term);
  return (issue) => {
    const at = read(issue);
    return at !== null && compare(term, at, bounds);
  };
}

function compare(term: Term, held: number, bounds: readonly number[]): boolean {
  const bound = bounds[0] ?? 0;
  switch (term.operator) {
    case '=':
      return held === bound;
    case '!=':
      return held !== bound;
    case '>':
      return held > bound;
    case '>=':
      return held >= bound;
    case '<':
      return held < bound;
    case '<=':
      return held <= bound;
    case 'in':
      return bounds.includes(held);
    case 'not in':
      return !bounds.includes(held);
    case '~':
    case '!~':
    case 'is':
    case 'is not':
      throw unsupported(term);
  }
}

function textOf(act: Act, field: string): ((issue: Issue) => string) | undefined {
  const held =
    (id: string) =>
    (issue: Issue): string => {
      const value = issue.values[id] ?? '';
      return isRecord(value) ? plainText(value) : String(value);
    };
  const said = (issue: Issue): string =>
    (act.site.issues.get(issue.id)?.commentIds ?? [])
      .map((id) => plainText(act.site.comments.get(id)?.body))
      .join('\n');
  if (field === 'summary' || field === 'description' || field === 'environment') return held(field);
  if (field === 'comment') return said;
  const custom = customField(act.site, field);
  if (custom?.kind === 'string' || custom?.kind === 'richText') return held(custom.id);
  if (field !== 'text') return undefined;
  const texts = act.site.fields
    .filter((one) => one.kind === 'string' || one.kind === 'richText')
    .map((one) => held(one.id));
  return (issue) => [...texts.map((read) => read(issue)), said(issue)].join('\n');
}

/** Every word must occur; a trailing `*` asks for the start of a word only. */
function compileText(term: Term, read: (issue: Issue) => string): Matches {
  const words = (term.operands[0]?.text ?? '')
    .toLowerCase()
    .split(/[\s"]+/)
    .filter((word) => word !== '');
  const wanted = term.operator === '~';
  return (issue) => {
    const present = read(issue)
      .toLowerCase()
      .split(/[^\p{L}\p{N}_-]+/u);
    const holds = words.every((word) =>
      word.endsWith('*') ? present.some((one) => one.startsWith(word.slice(0, -1))) : present.includes(word),
    );
    return holds === wanted;
  };
}

/** Only properties that the installed descriptor declares are in Jira's index; all others are unknown fields. */
function compileProperty(act: Act, term: Term, key: string, path: string): Matches {
  const indexed = act.site.indexed.find((one) => one.propertyKey === key && one.path === path);
  if (indexed === undefined)
    throw refuse(
      400,
      `Field 'issue.property[${key}].${path}' does not exist or you do not have permission to view it.`,
    );
  const read = (issue: Issue): unknown => dig(issue.properties[key], path);
  if (isEmptiness(term)) return emptiness(term, (issue) => (read(issue) ?? null) === null);
  if (indexed.type === 'number' || indexed.type === 'date') return compileNumber(act, term, indexed, read);
  const words: Read = (issue) => {
    const held = read(issue) ?? [];
    return (Array.isArray(held) ? (held as unknown[]) : [held]).map((one) => scalar(one));
  };
  if (term.operator === '~' && indexed.type === 'text') return compileText(term, (issue) => words(issue).join(' '));
  return compileReference(term, { read: words, resolve: (operand) => account(act, operand) });
}

function compileNumber(act: Act, term: Term, indexed: IndexedProperty, read: (issue: Issue) => unknown): Matches {
  const isDate = indexed.type === 'date';
  const bounds = term.operands.map((operand) =>
    isDate ? instantOf(term.field, operand, act.now) : Number(operand.text),
  );
  return (issue) => {
    const held = read(issue);
    const number = typeof held === 'string' && isDate ? Date.parse(held) : held;
    return typeof number === 'number' && compare(term, number, bounds);
  };
}

function scalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : JSON.stringify(value);
}

function dig(value: unknown, path: string): unknown {
  let held = value;
  for (const step of path.split('.')) held = isRecord(held) ? held[step] : undefined;
  return held;
}
