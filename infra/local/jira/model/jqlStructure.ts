import type { Clause, Operand, Query, Term } from './jqlParse.ts';

/** A query as a tree, in the words of `POST jql/parse`. */
export function structureOf(query: Query): Readonly<Record<string, unknown>> {
  return {
    ...(query.where === undefined ? {} : { where: clauseOf(query.where) }),
    ...(query.orderBy.length === 0
      ? {}
      : {
          orderBy: {
            fields: query.orderBy.map(({ name, descending }) => ({
              field: { name, encodedName: encoded(name) },
              direction: descending ? 'desc' : 'asc',
            })),
          },
        }),
  };
}

function clauseOf(clause: Clause): unknown {
  switch (clause.kind) {
    case 'and':
    case 'or':
      return { operator: clause.kind, clauses: clause.parts.map(clauseOf) };
    case 'not':
      return { operator: 'not', clauses: [clauseOf(clause.part)] };
    case 'term':
      return termOf(clause);
  }
}

function termOf(term: Term): unknown {
  const property = /^issue\.property\[["']?(.*?)["']?\](?:\.([\w.-]+))?$/i.exec(term.name);
  const field =
    property === null
      ? { name: term.name, encodedName: encoded(term.name) }
      : {
          name: term.name,
          encodedName: term.name,
          property: [{ entity: 'issue', key: property[1] ?? '', path: property[2] ?? '' }],
        };
  const [first] = term.operands;
  const isList = term.operator.endsWith('in') && first?.isFunction !== true;
  return {
    field,
    operator: term.operator,
    operand: isList
      ? { values: term.operands.map(operandOf), encodedOperand: `(${term.operands.map(encodedOperand).join(', ')})` }
      : first === undefined
        ? {}
        : operandOf(first),
  };
}

function operandOf(operand: Operand): unknown {
  if (operand.isFunction)
    return { function: operand.written, arguments: operand.args, encodedOperand: encodedOperand(operand) };
  if (/^(?:empty|null)$/i.test(operand.written)) return { keyword: 'empty' };
  return { value: operand.written, encodedValue: encoded(operand.written) };
}

function encodedOperand(operand: Operand): string {
  if (!operand.isFunction) return encoded(operand.written);
  return `${operand.written}(${operand.args.map(encoded).join(', ')})`;
}

/** In quotes where a query needs them. */
function encoded(text: string): string {
  return /^[\w.[\]-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
