/**
 * Puts the looks of `canaryWatch.ts` into the product's code as tests load it. At the places themselves, because the ports behind them are
 * many: a test that brings a log or a bus of its own is watched like any other. The files on disk stay what they are.
 */
import type { Plugin } from 'vitest/config';

const WATCH = 'globalThis.twinlineWatch';

/** Calls of ports: what stands before the dot is handed through the watch. */
const PORTS = [
  { port: 'log', methods: 'work|note|fault' },
  { port: 'bus', methods: 'publish' },
  { port: 'mail', methods: 'send' },
  { port: 'desk', methods: 'open' },
  { port: 'signer', methods: 'sign' },
  { port: 'append', methods: 'append' },
] as const;

/** Places of one file each: the line after which a look is put, or what is renamed. Each has to be there. */
const PLACES: Readonly<Record<string, readonly (readonly [found: string, put: string])[]>> = {
  'shared/verdict.ts': [['    this.facts = facts;\n', `    this.facts = facts; ${WATCH}?.fault(code, facts);\n`]],
  'functions/edge.ts': [
    [
      "  const text = status === 204 ? '' : textOf(answer.body ?? shortOf(code));\n",
      `  const text = status === 204 ? '' : textOf(answer.body ?? shortOf(code)); ${WATCH}?.answer(status, text);\n`,
    ],
  ],
  'shared/retention/check.ts': [
    [
      '  const odd = oddIn(category, row);\n',
      `  ${WATCH}?.row(category, rowOf(category).fields, row); const odd = oddIn(category, row);\n`,
    ],
    [
      "  return template.map((part) => (isName(part) ? idOf(category, nameIn(part), ids[nameIn(part)]) : part)).join('/');\n",
      `  const path = template.map((part) => (isName(part) ? idOf(category, nameIn(part), ids[nameIn(part)]) : part)).join('/'); ${WATCH}?.path(path); return path;\n`,
    ],
  ],
  'infra/local/jira/http/people.ts': [
    [
      'export function personActing(',
      `export const personActing = (...given) => ${WATCH}?.people(peopleActing(...given)) ?? peopleActing(...given); function peopleActing(`,
    ],
  ],
};

/** The code with looks in it. @throws when a place that is to be watched is not where it was */
export function withLooks(file: string, code: string): string {
  let watched = code;
  for (const [found, put] of PLACES[file] ?? []) {
    if (!watched.includes(found)) throw new Error(`${file} has no such place any more; see test/kit/canaryPlaces.ts`);
    watched = watched.replace(found, () => put);
  }
  if (!/^(functions|shared)\//.test(file)) return watched;
  for (const { port, methods } of PORTS)
    watched = watched.replaceAll(callsOf(port, methods), `${WATCH}.${port}($1).$2(`);
  return watched;
}

/** How a port is called: `log.note(`, `ports.log.note(`, `this.#work.ports.log.note(`. */
function callsOf(port: string, methods: string): RegExp {
  return new RegExp(`(?<![\\w.#$])((?:[A-Za-z_$][\\w$]*\\.#?)*${port})\\.(${methods})\\(`, 'g');
}

/** The plugin for the configuration of the tests. */
export function canaryPlaces(root: string): Plugin {
  return {
    name: 'canary-places',
    enforce: 'pre',
    transform(code, id) {
      const [path = ''] = id.split('?');
      if (!path.startsWith(root) || !path.endsWith('.ts')) return undefined;
      const watched = withLooks(path.slice(root.length), code);
      return watched === code ? undefined : { code: watched, map: null };
    },
  };
}
