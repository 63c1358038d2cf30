import { parseJql } from '../../model/jqlParse.ts';
import { structureOf } from '../../model/jqlStructure.ts';
import { JiraProblem } from '../../model/problem.ts';
import { checkJql } from '../../model/search.ts';
import type { Act } from '../../model/types.ts';
import { type Handlers, bodyOf, ok, textsIn } from '../call.ts';

/** What queries mean. Unlike a search, a query without a restriction is right here. */
export const jqlHandlers: Handlers = {
  parseJqlQueries: (call) => {
    const validation = call.query.get('validation') ?? 'strict';
    const queries = (textsIn(bodyOf(call)['queries']) ?? []).map((jql) => parsed(call.act, jql, validation));
    return ok({ queries });
  },
};

/** `strict` withholds the structure of a wrong query, `warn` gives both, `none` only looks at the syntax. */
function parsed(act: Act, jql: string, validation: string): unknown {
  const structure = attempt(() => structureOf(parseJql(jql)));
  if (structure.errors !== undefined) return { query: jql, errors: structure.errors };
  if (validation === 'none') return { query: jql, structure: structure.value };
  const { errors } = attempt(() => checkJql(act, jql));
  if (errors === undefined) return { query: jql, structure: structure.value };
  return validation === 'warn' ? { query: jql, structure: structure.value, warnings: errors } : { query: jql, errors };
}

function attempt<T>(work: () => T): { readonly value?: T; readonly errors?: readonly string[] } {
  try {
    return { value: work() };
  } catch (problem) {
    if (!(problem instanceof JiraProblem)) throw problem;
    return { errors: problem.body.errorMessages };
  }
}
