/** Looks through a script's names: pure, over the tree of a parser. */
import { parse } from 'acorn';
import type { AnyNode, Function as FunctionNode, Identifier, Pattern, Program } from 'acorn';
import { isFieldName } from '../model/field.ts';
import { scriptEntries } from '../model/script.ts';
import type { ScriptProblem } from '../model/script.ts';

/** What exists in the sandbox: asked of the sandbox itself, so that the two never differ. */
export interface KnownNames {
  readonly globals: readonly string[];
  /** Of the globals that only hold functions. */
  readonly members: Readonly<Record<string, readonly string[]>>;
}

/** Problems told at most; a text that has more is not a script. */
const MAX_PROBLEMS = 50;

/** A function, or the script itself. Blocks are not told apart: a name of a sister block is overlooked, never a good one refused. */
interface Scope {
  readonly names: Set<string>;
  readonly above: Scope | undefined;
  /** What the parameters of an entry point are, by their names. */
  readonly given?: ReadonlyMap<string, Given>;
}

/** What an entry point is given: fields that travel, or an issue. */
type Given = 'replica' | 'issue';

const givenTo: Readonly<Record<string, readonly Given[]>> = {
  outgoing: ['issue', 'replica'],
  incoming: ['replica', 'issue', 'replica'],
};
/** The members of a `ScriptIssue`. */
const issueMembers = ['id', 'key', 'projectKey', 'isSubtask', 'fields', 'comments', 'people'];

/**
 * Names that nothing declares, members that do not exist, functions that nobody calls, and entry points that cannot work; by place.
 * The engine has compiled the text before: what this parser cannot read is left to it.
 */
export function namesAmiss(source: string, known: KnownNames): readonly ScriptProblem[] {
  const program = treeOf(source);
  if (program === undefined) return [];
  const finder = new Finder(known);
  finder.script(program);
  return finder.problems
    .sort((one, other) => one.line - other.line || one.column - other.column)
    .slice(0, MAX_PROBLEMS);
}

function treeOf(source: string): Program | undefined {
  try {
    return parse(source, { ecmaVersion: 'latest', sourceType: 'script', locations: true });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class Finder {
  readonly problems: ScriptProblem[] = [];
  private readonly used = new Set<string>();
  /** Functions at the top, and their names. */
  private readonly topNames = new Map<object, string>();
  private readonly known: KnownNames;

  constructor(known: KnownNames) {
    this.known = known;
  }

  script(program: Program): void {
    const names = new Set<string>();
    for (const node of program.body) declare(node, names);
    const top: Scope = { names, above: undefined };
    const functions = functionsAt(program);
    for (const { id, node } of functions) this.topNames.set(node, id.name);
    for (const node of program.body) this.visit(node, top);
    for (const { id, node } of functions) this.entry(id, node);
    if (!functions.some(({ id }) => isEntry(id.name))) {
      this.problems.push({ code: 'script-entry-missing', line: 1, column: 1 });
    }
  }

  private entry(id: Identifier, node: FunctionNode): void {
    if (isEntry(id.name)) {
      if (node.async || node.generator) this.tell('script-entry-odd', id, id.name);
    } else if (!this.used.has(id.name)) this.tell('script-entry-unknown', id, id.name);
  }

  private visit(node: AnyNode, scope: Scope): void {
    switch (node.type) {
      case 'Identifier':
        this.reference(node, scope);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.children(node, within(node, scope, givenTo[this.topNames.get(node) ?? ''] ?? []), new Set(['id']));
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.children(node, { names: new Set(node.id ? [node.id.name] : []), above: scope }, new Set(['id']));
        return;
      case 'MemberExpression':
        this.member(node, scope);
        return;
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
        this.children(node, scope, new Set(node.computed ? [] : ['key']));
        return;
      case 'UnaryExpression':
        // `typeof name` is how a script may ask whether there is such a name.
        if (node.operator !== 'typeof' || node.argument.type !== 'Identifier') this.children(node, scope);
        return;
      case 'LabeledStatement':
      case 'BreakStatement':
      case 'ContinueStatement':
        this.children(node, scope, new Set(['label']));
        return;
      case 'ImportExpression':
        this.tell('script-name-unknown', node, 'import');
        this.children(node, scope);
        return;
      case 'MetaProperty':
        return;
      default:
        this.children(node, scope);
    }
  }

  private member(node: AnyNode & { type: 'MemberExpression' }, scope: Scope): void {
    this.children(node, scope, new Set(node.computed ? [] : ['property']));
    this.field(node, scope);
    const { object, property } = node;
    if (node.computed || object.type !== 'Identifier' || property.type !== 'Identifier') return;
    const members = Object.hasOwn(this.known.members, object.name) ? this.known.members[object.name] : undefined;
    if (members === undefined || isDeclared(object.name, scope) || isOfAll(property.name)) return;
    if (!members.includes(property.name)) this.tell('script-name-unknown', property, `${object.name}.${property.name}`);
  }

  /** A field or member that no issue has, where it is named outright: `replica.sumary`, `issue.fields['sumary']`. */
  private field(node: AnyNode & { type: 'MemberExpression' }, scope: Scope): void {
    const name = nameIn(node);
    const given = givenAs(node.object, scope);
    if (name === undefined || given === undefined || isOfAll(name)) return;
    const isKnown = given === 'issue' ? issueMembers.includes(name) : isFieldName(name) || name === 'comments';
    if (!isKnown) this.tell('script-field-unknown', node.property, name);
  }

  private reference(node: Identifier, scope: Scope): void {
    this.used.add(node.name);
    if (isDeclared(node.name, scope) || this.known.globals.includes(node.name)) return;
    this.tell('script-name-unknown', node, node.name);
  }

  private children(node: AnyNode, scope: Scope, except: ReadonlySet<string> = new Set()): void {
    for (const [key, value] of Object.entries(node) as [string, unknown][]) {
      if (except.has(key)) continue;
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (isNode(child)) this.visit(child, scope);
      }
    }
  }

  private tell(code: ScriptProblem['code'], node: AnyNode, name: string): void {
    const { line, column } = node.loc?.start ?? { line: 1, column: 0 };
    this.problems.push({ code, line, column: column + 1, name });
  }
}

const isEntry = (name: string): boolean => (scriptEntries as readonly string[]).includes(name);
const isNode = (value: unknown): value is AnyNode => typeof value === 'object' && value !== null && 'type' in value;
/** What every function and object has. */
const isOfAll = (name: string): boolean => name in Object.prototype || name in Function.prototype;

function isDeclared(name: string, scope: Scope | undefined): boolean {
  return scope !== undefined && (scope.names.has(name) || isDeclared(name, scope.above));
}

interface Named {
  readonly id: Identifier;
  readonly node: FunctionNode;
}

/** The member's name, when it stands there. */
function nameIn({ computed, property }: AnyNode & { type: 'MemberExpression' }): string | undefined {
  if (!computed) return property.type === 'Identifier' ? property.name : undefined;
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined;
}

/** What an expression is of what the entry point was given: a parameter itself, or the fields of the issue. */
function givenAs(node: AnyNode, scope: Scope | undefined): Given | undefined {
  if (node.type === 'MemberExpression') {
    return nameIn(node) === 'fields' && givenAs(node.object, scope) === 'issue' ? 'replica' : undefined;
  }
  if (node.type !== 'Identifier' || scope === undefined) return undefined;
  return scope.names.has(node.name) ? scope.given?.get(node.name) : givenAs(node, scope.above);
}

/** Functions with a name at the top of the script. */
function functionsAt(program: Program): readonly Named[] {
  return program.body.flatMap((node): Named[] => {
    if (node.type === 'FunctionDeclaration') return [{ id: node.id, node }];
    if (node.type !== 'VariableDeclaration') return [];
    return node.declarations.flatMap(({ id, init }) =>
      id.type === 'Identifier' && (init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression')
        ? [{ id, node: init }]
        : [],
    );
  });
}

/** The scope inside a function: its own name, what it is given, and what it declares anywhere but in functions of its own. */
function within(node: FunctionNode, above: Scope, given: readonly Given[]): Scope {
  const names = new Set<string>(node.type === 'ArrowFunctionExpression' ? [] : ['arguments']);
  if (node.type === 'FunctionExpression' && node.id) names.add(node.id.name);
  for (const param of node.params) bind(param, names);
  declare(node.body, names);
  const inner = new Set<string>();
  declare(node.body, inner);
  const named = node.params.flatMap((param, at): [string, Given][] => {
    const what = given[at];
    return param.type === 'Identifier' && what !== undefined && !inner.has(param.name) ? [[param.name, what]] : [];
  });
  return { names, above, given: new Map(named) };
}

/** Adds what a statement declares, blocks inside it included, functions inside it not. */
function declare(node: AnyNode, names: Set<string>): void {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      if (node.id) names.add(node.id.name);
      return;
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ClassExpression':
      return;
    case 'VariableDeclarator':
      bind(node.id, names);
      break;
    case 'CatchClause':
      if (node.param) bind(node.param, names);
      break;
    default:
  }
  for (const value of Object.values(node) as unknown[]) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) declare(child, names);
  }
}

/** Adds the names that a pattern binds. */
function bind(pattern: Pattern, names: Set<string>): void {
  switch (pattern.type) {
    case 'Identifier':
      names.add(pattern.name);
      return;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        bind(property.type === 'RestElement' ? property.argument : property.value, names);
      }
      return;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) bind(element, names);
      return;
    case 'RestElement':
      bind(pattern.argument, names);
      return;
    case 'AssignmentPattern':
      bind(pattern.left, names);
      return;
    case 'MemberExpression':
  }
}
