import { refuse } from './problem.ts';

/** A value in a query: a text, quoted or not, or a function, whose name is in lower case. */
export interface Operand {
  readonly text: string;
  readonly isFunction: boolean;
  /** As it was written, without quotes. */
  readonly written: string;
  /** What a function was given. */
  readonly args: readonly string[];
}

/** One comparison of a query, field name in lower case except for `issue.property[...]`. */
export interface Term {
  readonly kind: 'term';
  readonly field: string;
  /** The field as it was written, without quotes. */
  readonly name: string;
  readonly operator: '=' | '!=' | '>' | '>=' | '<' | '<=' | '~' | '!~' | 'in' | 'not in' | 'is' | 'is not';
  readonly operands: readonly Operand[];
}

/** A condition of a query. */
export type Clause =
  | Term
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Clause[] }
  | { readonly kind: 'not'; readonly part: Clause };

/** A whole query. */
export interface Query {
  readonly where: Clause | undefined;
  readonly orderBy: readonly { readonly field: string; readonly name: string; readonly descending: boolean }[];
}

/** Longest query; the descriptor schema gives webhook filters the same bound. @see ATLASSIAN.md §2 */
const LENGTH_LIMIT = 10_000;
/** Deepest nesting of parentheses and NOT; far above what people write, below what the call stack holds. */
const DEPTH_LIMIT = 100;
const TOKEN =
  /\s*(?:(issue\.property\[(?:"[^"]*"|'[^']*'|[^\]]*)\](?:\.[\w.-]+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(>=|<=|!=|!~|&&|\|\||[=><~!(),])|([^\s=><~!(),"'&|]+))/giy;

interface Token {
  readonly text: string;
  readonly kind: 'property' | 'quoted' | 'symbol' | 'word';
}

/** Parses a query. @throws JiraProblem 400 */
export function parseJql(jql: string): Query {
  if (jql.length > LENGTH_LIMIT) throw syntax('the query is too long');
  return new Parser(tokens(jql)).query();
}

function syntax(what: string): Error {
  return refuse(400, `Error in the JQL Query: ${what}.`);
}

function tokens(jql: string): readonly Token[] {
  const found: Token[] = [];
  const scanner = new RegExp(TOKEN);
  const text = jql.trim();
  while (scanner.lastIndex < text.length) {
    const at = scanner.lastIndex;
    const match = scanner.exec(text);
    if (match === null) throw syntax(`unexpected character at position ${at}`);
    const [, property, quoted, symbol, word] = match;
    if (property !== undefined) found.push({ text: property, kind: 'property' });
    else if (quoted !== undefined) found.push({ text: unquote(quoted), kind: 'quoted' });
    else if (symbol !== undefined) found.push({ text: symbol, kind: 'symbol' });
    else found.push({ text: word ?? '', kind: 'word' });
  }
  return found;
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}

const COMPARISONS: ReadonlySet<string> = new Set(['=', '!=', '>', '>=', '<', '<=', '~', '!~']);

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(all: readonly Token[]) {
    this.#tokens = all;
  }

  query(): Query {
    const where = this.#tokens.length === 0 || this.#sees('order') ? undefined : this.#or(0);
    const orderBy = this.#orderBy();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) throw syntax(`expecting either 'OR' or 'AND' but got '${rest.text}'`);
    return { where, orderBy };
  }

  #or(depth: number): Clause {
    return this.#joined('or', '||', () => this.#and(depth));
  }

  #and(depth: number): Clause {
    return this.#joined('and', '&&', () => this.#unary(depth));
  }

  #joined(kind: 'and' | 'or', symbol: string, part: () => Clause): Clause {
    const parts = [part()];
    while (this.#take(kind) || this.#take(symbol)) parts.push(part());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind, parts };
  }

  #unary(depth: number): Clause {
    if (depth > DEPTH_LIMIT) throw syntax('the query is nested too deeply');
    if (this.#take('not') || this.#take('!')) return { kind: 'not', part: this.#unary(depth + 1) };
    if (!this.#take('(')) return this.#term();
    const inner = this.#or(depth + 1);
    this.#expect(')');
    return inner;
  }

  #term(): Term {
    const name = this.#value('a field name');
    const field = name.kind === 'property' ? name.text : name.text.toLowerCase();
    const operator = this.#operator();
    const many = operator === 'in' || operator === 'not in';
    const operands = many ? this.#list() : [this.#operand()];
    return { kind: 'term', field, name: name.text, operator, operands };
  }

  #operator(): Term['operator'] {
    const token = this.#tokens[this.#next];
    if (token?.kind === 'symbol' && COMPARISONS.has(token.text)) {
      this.#next += 1;
      return token.text as Term['operator'];
    }
    if (this.#take('in')) return 'in';
    if (this.#take('is')) return this.#take('not') ? 'is not' : 'is';
    if (this.#take('not')) {
      this.#expect('in');
      return 'not in';
    }
    throw syntax(`expecting an operator but got '${token?.text ?? 'the end of the query'}'`);
  }

  /** A list in parentheses, or a function that gives one. */
  #list(): readonly Operand[] {
    if (!this.#sees('(')) {
      const single = this.#operand();
      if (!single.isFunction) throw syntax(`the operator 'in' does not take the single value '${single.text}'`);
      return [single];
    }
    this.#expect('(');
    const operands = [this.#operand()];
    while (this.#take(',')) operands.push(this.#operand());
    this.#expect(')');
    return operands;
  }

  #operand(): Operand {
    const token = this.#value('a value');
    const plain = { text: token.text, isFunction: false, written: token.text, args: [] };
    if (token.kind !== 'word' || !this.#take('(')) return plain;
    const args: string[] = [];
    while (!this.#sees(')')) {
      args.push(this.#value('an argument').text);
      if (!this.#take(',')) break;
    }
    this.#expect(')');
    return { ...plain, text: token.text.toLowerCase(), isFunction: true, args };
  }

  #orderBy(): Query['orderBy'] {
    if (!this.#take('order')) return [];
    this.#expect('by');
    const keys = [this.#orderKey()];
    while (this.#take(',')) keys.push(this.#orderKey());
    return keys;
  }

  #orderKey(): Query['orderBy'][number] {
    const name = this.#value('a field name').text;
    const field = name.toLowerCase();
    if (this.#take('desc')) return { field, name, descending: true };
    this.#take('asc');
    return { field, name, descending: false };
  }

  #value(what: string): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.kind === 'symbol')
      throw syntax(`expecting ${what} but got '${token?.text ?? 'the end of the query'}'`);
    this.#next += 1;
    return token;
  }

  #sees(word: string): boolean {
    const token = this.#tokens[this.#next];
    return (
      token !== undefined && token.kind !== 'quoted' && token.kind !== 'property' && token.text.toLowerCase() === word
    );
  }

  #take(word: string): boolean {
    if (!this.#sees(word)) return false;
    this.#next += 1;
    return true;
  }

  #expect(word: string): void {
    if (!this.#take(word))
      throw syntax(`expecting '${word}' but got '${this.#tokens[this.#next]?.text ?? 'the end of the query'}'`);
  }
}
