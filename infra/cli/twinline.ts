/**
 * `npm run twinline -- COMMAND …`: the console's API from a terminal, against the running local stack.
 * Exit code 0: done. 1: refused, or a receipt is not genuine. 2: not understood, or nobody answers.
 */
import './guard.ts';
import { helpLines } from '../../shared/evidence/codeHelp.ts';
import { Fault, isCode, meaningOf } from '../../shared/verdict.ts';
import { Api, Refused, Unreachable } from './api.ts';
import { Misused, readArguments } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { commands } from './commands.ts';
import type { Command } from './commands.ts';
import { failureText } from './texts.ts';

/** Runs one call and prints its result. Answers the exit code. */
export async function main(typed: readonly string[]): Promise<number> {
  let isJson = false;
  try {
    const given = readArguments(typed);
    isJson = given.json;
    if (given.help || given.words.length === 0 || given.words[0] === 'help') {
      for (const line of helpOf(given.words[1])) console.log(line);
      return 0;
    }
    return await run(given);
  } catch (thrown) {
    return explain(thrown, isJson);
  }
}

async function run(given: Arguments): Promise<number> {
  const command = commands.find(({ words }) => words.every((word, index) => given.words[index] === word));
  if (command === undefined) throw new Misused(`There is no command "${given.words.join(' ')}".`);
  const rest = given.words.slice(command.words.length);
  const takes = command.takes === '' ? [] : command.takes.split(' ');
  // What stands in brackets may be left out.
  const needed = takes.filter((word) => !word.startsWith('[')).length;
  if (rest.length < needed || rest.length > takes.length) throw new Misused(`Usage: ${usageOf(command)}`);
  const done = await command.run(new Api(given.options.url), given, rest);
  if (given.json) console.log(JSON.stringify(done.data, undefined, 2));
  else for (const line of done.lines) console.log(line);
  return done.exit ?? 0;
}

function explain(thrown: unknown, isJson: boolean): number {
  if (thrown instanceof Refused) {
    if (isJson) console.log(JSON.stringify(thrown.failure, undefined, 2));
    else for (const line of failureText(thrown.failure)) console.error(line);
    return 1;
  }
  if (thrown instanceof Misused || thrown instanceof Unreachable) {
    console.error(thrown.message);
    if (thrown instanceof Misused) console.error('See: npm run twinline -- help');
    return 2;
  }
  if (thrown instanceof Fault) {
    console.error(`${meaningOf(thrown.code).says} (${thrown.code})`);
    return 1;
  }
  throw thrown;
}

function usageOf({ words, options, takes }: Command): string {
  return [...words, options, takes].filter(Boolean).join(' ');
}

/** All commands, or what a code means. @throws Misused for a code that does not exist */
function helpOf(code: string | undefined): readonly string[] {
  if (code === undefined) return helpText();
  if (!isCode(code)) throw new Misused(`There is no code "${code}".`);
  return [code, '', ...helpLines(code).map(([heading, text]) => `${heading}. ${text}`)];
}

function helpText(): readonly string[] {
  return [
    'npm run twinline -- COMMAND …',
    '',
    ...commands.flatMap((command) => [`  ${usageOf(command)}`, `      ${command.says}`]),
    '',
    '  help CODE',
    '      Says what a code means, why it happens and what to do.',
    '  Everywhere: [--url http://127.0.0.1:8080] [--json]',
  ];
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
