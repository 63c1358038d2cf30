/** Options of the programs that people start. What is not understood is told in a sentence, and the program ends with code 2. */
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** Ends the program before it has begun anything. */
export function refuse(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

/** What was typed, or the end of the program. */
export function optionsOf<const T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (thrown) {
    const [sentence = 'The options cannot be read'] = String(thrown instanceof Error ? thrown.message : thrown).split(
      /\. |\.?\n/,
    );
    return refuse(`${sentence.replace(/\.$/, '')}.`);
  }
}

/** A whole number of at least `least`, or the end of the program. */
export function wholeNumber(option: string, text: string, least = 1): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least) return number;
  return refuse(`--${option} is a whole number of at least ${least}.`);
}
