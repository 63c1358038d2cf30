/** The commands about taking everything of a site away, and about looking whether such a file is whole. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Fault, meaningOf } from '../../shared/verdict.ts';
import { exportPage, readExport } from '../../shared/wire/exportFile.ts';
import type { ReadExport } from '../../shared/wire/exportFile.ts';
import { need, Misused } from './arguments.ts';
import type { Command, Done } from './commands.ts';
import { withQuery } from './paths.ts';

/** Pages of 4 MiB that one call follows: 400 GiB. */
const MAX_PAGES = 100_000;

/** Every command about exports, in the order of the help. */
export const exportCommands: readonly Command[] = [
  {
    words: ['export', 'tenant'],
    takes: '',
    options: '--site SITE --file FILE',
    says: 'Writes everything that is stored of a site into a file of JSON lines, and checks it.',
    run: async (api, given) => {
      const site = need(given, 'site');
      const file = need(given, 'file');
      const to = await newFile(file);
      try {
        let after: string | undefined;
        for (let page = 0; page < MAX_PAGES; page += 1) {
          const path = withQuery('/export', given, { after });
          const { lines, next } = await api.asAdmin(site, { method: 'GET', path, reads: exportPage });
          await to.appendFile(lines);
          after = next;
          if (after === undefined) break;
        }
      } finally {
        await to.close();
      }
      return checked(file);
    },
  },
  {
    words: ['export', 'check'],
    takes: 'FILE',
    options: '',
    says: 'Reads such a file on this computer: whole, unchanged, and as its schema says.',
    run: (_api, _given, [file = '']) => checked(file),
  },
];

/** Exit code 1 for a file that is not whole. */
async function checked(file: string): Promise<Done> {
  try {
    const { counts, hash, header } = await readExport(linesOf(file));
    return { data: { counts, hash }, lines: told(file, { counts, hash, header }) };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const { code, facts } = thrown;
    return {
      data: { code, ...facts },
      lines: [`NOT WHOLE  ${meaningOf(code).says} Line ${facts['line']} (${code}).`],
      exit: 1,
    };
  }
}

async function newFile(file: string): ReturnType<typeof open> {
  try {
    // Not over a file that is there, and for nobody else's eyes.
    return await open(file, 'wx', 0o600);
  } catch (cause) {
    throw new Misused(`${file} cannot be written, or is there already.`, { cause });
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8');
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (cause) {
    throw new Misused(`${file} cannot be read.`, { cause });
  }
}

function told(file: string, { counts, hash, header }: ReadExport): readonly string[] {
  const all = Object.values(counts).reduce((sum, some) => sum + some, 0);
  return [
    `${file}: ${all} records of ${header.tenant}, begun ${new Date(header.at).toISOString()}, whole.`,
    ...Object.entries(counts).map(([category, some]) => `  ${category}  ${some}`),
    `hash ${hash}`,
  ];
}
