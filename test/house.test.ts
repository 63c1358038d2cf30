import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../infra/cli/commands.ts';
import { functions } from '../infra/topology.ts';

const root = resolve(import.meta.dirname, '..');

/** All our source files, as paths from the project's top. */
function sources(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(join(root, path)).isDirectory()) return name === 'node_modules' ? [] : sources(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

const files = ['functions', 'shared', 'infra', 'test'].flatMap(sources);
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
/** The text without comments, so that prose may name what code may not. */
const codeOf = (file: string): string =>
  textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');

interface Import {
  readonly file: string;
  /** A path from the top for our own files, a package name for others. */
  readonly target: string;
  readonly isOurs: boolean;
}

function importsOf(file: string): Import[] {
  const found = codeOf(file).matchAll(/(?:from\s+|import\s+|import\(\s*)'([^']+)'/g);
  return [...found].map(([, target = '']) =>
    target.startsWith('.')
      ? { file, target: relative(root, resolve(root, dirname(file), target)), isOurs: true }
      : { file, target, isOurs: false },
  );
}

const imports = files.flatMap(importsOf);

const pure = ['model', 'adf', 'sync', 'rules', 'budget', 'retention', 'evidence', 'mail', 'auth', 'wire', 'backup'].map(
  (name) => `shared/${name}/`,
);
const pureFiles = [...pure, 'shared/verdict.ts', 'shared/seal.ts'];
const adapterMay = [
  'shared/ports.ts',
  'shared/model/',
  'shared/wire/',
  'shared/auth/',
  'shared/adf/',
  'shared/budget/',
  'shared/mail/',
  'shared/seal.ts',
  'shared/http.ts',
  'shared/verdict.ts',
  'shared/retention/catalogue.ts',
  'shared/retention/fields.ts',
  'shared/retention/check.ts',
  'shared/retention/residency.ts',
  'shared/config.ts',
];

/**
 * STYLE.md §3, first table, from the most special row to the most general; the first that fits a file rules it.
 * `shared/config.ts` is open to adapters for its type only. `keyring`, `ledger` and `purse` are the Keys, the Ledger and the
 * Budget over any Store: one version for memory and cloud alike, so they belong to no adapter folder. `holdings` opens what is
 * stored, over any Store and Keys: functions that look into everything of a customer use it. `pulse` is
 * the sweep's heartbeat, which other functions listen to. `trail` appends to the trail of staff, over
 * any Store: whoever does something that has to be in it uses it.
 */
const mayImport: readonly (readonly [where: string, what: readonly string[]])[] = [
  ['shared/verdict.ts', []],
  ['shared/model/', ['shared/model/', 'shared/verdict.ts']],
  ['shared/adf/', ['shared/adf/', 'shared/model/', 'shared/verdict.ts']],
  ['shared/seal.ts', ['shared/model/', 'shared/verdict.ts']],
  ['shared/config.ts', ['shared/model/', 'shared/verdict.ts']],
  ['shared/sync/', ['shared/sync/', 'shared/model/', 'shared/adf/', 'shared/verdict.ts']],
  ['shared/rules/', ['shared/rules/', 'shared/sync/', 'shared/model/', 'shared/adf/', 'shared/verdict.ts']],
  ['shared/budget/', ['shared/budget/', 'shared/model/', 'shared/verdict.ts']],
  ['shared/retention/', ['shared/retention/', 'shared/model/', 'shared/adf/', 'shared/verdict.ts']],
  [
    'shared/evidence/',
    ['shared/evidence/', 'shared/retention/', 'shared/rules/', 'shared/model/', 'shared/adf/', 'shared/verdict.ts'],
  ],
  ['shared/mail/', ['shared/mail/', 'shared/model/', 'shared/retention/', 'shared/verdict.ts']],
  [
    'shared/backup/',
    [
      ...['shared/backup/', 'shared/retention/', 'shared/model/', 'shared/seal.ts', 'shared/verdict.ts'],
      'shared/evidence/',
    ],
  ],
  ['shared/auth/', ['shared/auth/', 'shared/model/', 'shared/adf/', 'shared/verdict.ts']],
  ['shared/wire/', ['shared/wire/', 'shared/model/', 'shared/adf/', 'shared/verdict.ts']],
  ['shared/ports.ts', ['shared/model/', 'shared/verdict.ts', 'shared/retention/catalogue.ts']],
  ['shared/http.ts', ['shared/verdict.ts', 'shared/retention/processors.ts']],
  ['shared/keyring.ts', adapterMay],
  ['shared/ledger.ts', adapterMay],
  ['shared/purse.ts', adapterMay],
  ['shared/holdings.ts', adapterMay],
  ['shared/trail.ts', [...adapterMay, 'shared/evidence/']],
  ['shared/pulse.ts', [...adapterMay, 'shared/retention/pulse.ts']],
  ...['doors', 'jira', 'script', 'gcp', 'outside', 'disk', 'memory'].map(
    (name) => [`shared/${name}/`, [`shared/${name}/`, ...adapterMay]] as const,
  ),
  ['functions/edge.ts', ['shared/ports.ts', 'shared/model/', 'shared/wire/', 'shared/verdict.ts']],
  // What several functions do with a tenant's record and the ledger, over ports; no function imports another.
  ...['functions/life.ts', 'functions/tenantRecord.ts', 'functions/wishes.ts', 'functions/caseSteps.ts'].map(
    (file) => [file, ['functions/tenantRecord.ts', 'shared/ports.ts', ...pureFiles]] as const,
  ),
  ['functions/compose.ts', ['shared/', 'infra/topology.ts']],
  ['functions/index.ts', ['functions/', 'infra/topology.ts', 'shared/config.ts']],
  ['functions/console/ui/', ['functions/console/ui/', 'shared/model/', 'shared/rules/', 'shared/wire/']],
  ...functions.map(
    ({ name }) =>
      [
        `functions/${name}/`,
        [
          `functions/${name}/`,
          ...[
            'functions/edge.ts',
            'functions/life.ts',
            'functions/tenantRecord.ts',
            'functions/wishes.ts',
            'functions/caseSteps.ts',
            'shared/ports.ts',
            'shared/holdings.ts',
            'shared/trail.ts',
            'shared/pulse.ts',
          ],
          ...pureFiles,
        ],
      ] as const,
  ),
  ['infra/topology.ts', ['shared/retention/catalogue.ts']],
  [
    'infra/plan.ts',
    ['infra/topology.ts', 'shared/model/', 'shared/retention/processors.ts', 'shared/retention/deadlines.ts'],
  ],
  ['infra/local/jira/', ['infra/local/jira/']],
  ['infra/local/', ['infra/', 'functions/', 'shared/']],
  ['infra/cli/', ['infra/', 'functions/', 'shared/']],
  ['test/', ['']],
];

const ruleFor = (file: string) =>
  mayImport.find(([where]) => file === where || (where.endsWith('/') && file.startsWith(where)));

/** STYLE.md §3, second table: calls and packages that have one home. Tests may do what they need. */
const singleHomes: readonly (readonly [what: string, pattern: RegExp, homes: readonly string[]])[] = [
  ['process.env', /process\.env\b/, ['shared/config.ts', 'infra/local/', 'infra/cli/']],
  ['the clock', /\bDate\.now\b|new Date\(\s*\)/, ['shared/gcp/clock.ts', 'infra/local/', 'infra/cli/']],
  ['chance', /Math\.random|randomUUID|randomBytes/, ['shared/gcp/clock.ts', 'infra/local/', 'shared/disk/keyFile.ts']],
  [
    'timers',
    /\bset(Timeout|Interval|Immediate)\b|AbortSignal\.timeout/,
    ['shared/gcp/clock.ts', 'shared/gcp/deadline.ts', 'shared/http.ts', 'shared/script/', 'infra/local/'],
  ],
  ['fetch', /(?<![.\w])fetch\(/, ['shared/http.ts', 'infra/local/', 'infra/cli/']],
  ['the name of the region', /europe-west1/, ['infra/topology.ts', 'shared/retention/processors.ts']],
];

const packageHomes: readonly (readonly [name: string, homes: readonly string[]])[] = [
  ['@google-cloud/firestore', ['shared/gcp/firestore.ts', 'test/']],
  ['@google-cloud/firestore-api', ['shared/gcp/firestore.ts', 'shared/gcp/places.ts']],
  ['google-gax', ['shared/gcp/firestore.ts']],
  ['@google-cloud/pubsub', ['shared/gcp/pubsub.ts', 'infra/deploy.ts', 'infra/local/', 'test/']],
  ['@google-cloud/kms', ['shared/gcp/kms.ts', 'test/']],
  ['@google-cloud/scheduler', ['infra/deploy.ts']],
  ['nodemailer', ['shared/outside/smtp.ts', 'test/']],
  ['smtp-server', ['infra/local/', 'test/']],
  ['quickjs-emscripten', ['shared/script/']],
  ['ssh2', ['shared/outside/sftp.ts']],
  ['node-diff3', ['shared/adf/']],
  ['pdfkit', ['shared/evidence/documents/pdf.ts']],
  ['@google-cloud/functions-framework', ['functions/index.ts', 'infra/local/', 'test/system/']],
  ['jsonwebtoken', ['shared/auth/jwt.ts', 'infra/local/jira/', 'test/']],
  ['preact', ['infra/local/page/', 'functions/console/ui/']],
];

const isIn = (file: string, homes: readonly string[]): boolean =>
  homes.some((home) => file === home || (home.endsWith('/') && file.startsWith(home)));

describe('the house', () => {
  test('the top level holds what STYLE.md §2 names and nothing else', () => {
    const allowed = new Set([
      'package.json',
      'tsconfig.json',
      'firebase.json',
      'README.md',
      'functions',
      'shared',
      'infra',
      'test',
      'package-lock.json',
      'LICENSE',
      'node_modules',
    ]);
    const odd = readdirSync(root).filter((name) => !allowed.has(name) && !name.startsWith('.'));
    expect(odd).toEqual([]);
  });

  test('every source file is ruled by a row of the import table', () => {
    expect(files.filter((file) => ruleFor(file) === undefined && file.startsWith('shared/'))).toEqual([]);
  });

  test('imports run only the way the table allows', () => {
    const wrong = imports
      .filter(({ isOurs }) => isOurs)
      .filter(({ file, target }) => {
        const rule = ruleFor(file);
        return (
          rule !== undefined &&
          !rule[1].some((may) => target === may || may === '' || (may.endsWith('/') && target.startsWith(may)))
        );
      })
      .map(({ file, target }) => `${file} → ${target}`);
    expect(wrong).toEqual([]);
  });

  test('nothing outside the tests imports a test', () => {
    expect(
      imports
        .filter(({ file, target }) => !file.startsWith('test/') && target.startsWith('test/'))
        .map(({ file }) => file),
    ).toEqual([]);
  });

  test('the page’s and the console’s files import nothing of Node', () => {
    const browser = imports.filter(
      ({ file }) => file.startsWith('functions/console/ui/') || file.startsWith('infra/local/page/ui/'),
    );
    expect(
      browser.filter(({ target }) => target.startsWith('node:')).map(({ file, target }) => `${file} → ${target}`),
    ).toEqual([]);
  });

  test.each(singleHomes)('%s has one home', (_what, pattern, homes) => {
    const elsewhere = files.filter(
      (file) => !file.startsWith('test/') && !isIn(file, homes) && pattern.test(codeOf(file)),
    );
    expect(elsewhere).toEqual([]);
  });

  test.each(packageHomes)('the package %s has one home', (name, homes) => {
    const elsewhere = imports.filter(
      ({ file, target }) => (target === name || target.startsWith(`${name}/`)) && !isIn(file, homes),
    );
    expect(elsewhere.map(({ file }) => file)).toEqual([]);
  });

  test('no file only hands on what others export', () => {
    const hollow = files.filter((file) => {
      const code = codeOf(file).trim();
      return (
        code !== '' &&
        code.split(';').every((line) => line.trim() === '' || /^\s*export\s+(\*|type\s*\{|\{)[\s\S]*from/.test(line))
      );
    });
    expect(hollow).toEqual([]);
  });

  test('each function of the topology has its folder, and each folder its function', () => {
    const folders = readdirSync(join(root, 'functions')).filter((name) =>
      statSync(join(root, 'functions', name)).isDirectory(),
    );
    expect(folders.sort()).toEqual(functions.map(({ name }) => name).sort());
  });

  test('each id of a SPEC has a test, and each id in a title is in its SPEC', () => {
    // S sync, R retention, D the document format, U rules, X scripts, G the governor, M mail, B backups, P what is published.
    const specs = [...new Set(['shared/sync', ...files.map((file) => dirname(file))])]
      .map((folder) => `${folder}/SPEC.md`)
      .filter((spec) => existsSync(join(root, spec)));
    const named = new Set(
      specs.flatMap((spec) =>
        [...textOf(spec).matchAll(/^(?:[-*] |#+ |\| )?\**([SRDUXGMBP]\d+[a-z]?)\b/gm)].map(([, id]) => id),
      ),
    );
    const tested = new Set(
      files
        .filter((file) => file.endsWith('.test.ts'))
        .flatMap((file) =>
          [
            ...textOf(file).matchAll(
              /(?:test|it)(?:\.each\([^)]*\)|\.prop\([^)]*\))?\(\s*['"`]([SRDUXGMBP]\d+[a-z]?) /g,
            ),
          ].map(([, id]) => id),
        ),
    );
    expect([...named].filter((id) => !tested.has(id))).toEqual([]);
    expect([...tested].filter((id) => !named.has(id))).toEqual([]);
  });

  test('each command of the command line is typed by a test', () => {
    const typed = files.filter((file) => file.endsWith('.test.ts')).map(textOf);
    const isTyped = ({ words: [first = '', second] }: (typeof commands)[number]): boolean =>
      typed.some((text) => {
        const says = (...words: readonly string[]): boolean =>
          new RegExp(`[([]\\s*${words.map((word) => `'${word}'`).join(',\\s*')}`).test(text);
        if (second === undefined) return says(first);
        // Or behind a helper of the test that types the first word.
        return says(first, second) || (text.includes(`'${first}', ...typed`) && says(second));
      });
    const missing = commands.filter((command) => !isTyped(command)).map(({ words }) => words.join(' '));
    expect(missing).toEqual([]);
  });

  test('no file names a machine’s own path or a package registry', () => {
    const odd = files.filter(
      (file) => file !== 'test/house.test.ts' && /\/work\/|\/root\/|registry\.npmjs/.test(textOf(file)),
    );
    expect(odd).toEqual([]);
  });
});
