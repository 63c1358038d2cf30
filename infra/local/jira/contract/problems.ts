import type { z } from 'zod';

/** Something that a schema refuses: where it is, and what was expected there. */
export interface Problem {
  path: string;
  problem: string;
}

type Issue = z.core.$ZodIssue;

/** A document can break a contract in a thousand places; the first few tell what is wrong. */
const MAX_PROBLEMS = 20;
/** A member's name comes from outside and ends up in a log line. */
const MAX_NAME_CHARACTERS = 60;

/** All that a schema finds wrong with a value, told without the value. */
export function problemsOf(schema: z.ZodType, value: unknown, root: string): Problem[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => toProblems(issue, root)).slice(0, MAX_PROBLEMS);
}

function toProblems(issue: Issue, root: string): Problem[] {
  const path = [root, ...issue.path.map(nameOf)].join('/');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: `${path}/${nameOf(key)}`, problem: 'is not known here' }));
    case 'invalid_union':
      return unionProblems(issue, path);
    case 'invalid_type':
      return [{ path, problem: `expected ${issue.expected}` }];
    case 'invalid_value':
      return [{ path, problem: `expected one of ${issue.values.map(String).join(', ')}` }];
    case 'too_big':
      return [{ path, problem: `expected at most ${issue.maximum}` }];
    case 'too_small':
      return [{ path, problem: `expected at least ${issue.minimum}` }];
    case 'invalid_format':
      return [{ path, problem: issue.format === 'regex' ? issue.message : `expected ${issue.format}` }];
    case 'custom':
      return [{ path, problem: issue.message }];
    default:
      return [{ path, problem: issue.code }];
  }
}

/** The alternative with the fewest objections is the one the writer meant. */
function unionProblems(issue: Extract<Issue, { code: 'invalid_union' }>, path: string): Problem[] {
  const closest = issue.errors.toSorted((a, b) => a.length - b.length)[0];
  if (closest === undefined) return [{ path, problem: 'fits none of the allowed shapes' }];
  return closest.flatMap((inner) => toProblems(inner, path));
}

function nameOf(key: PropertyKey): string {
  return String(key).slice(0, MAX_NAME_CHARACTERS);
}
