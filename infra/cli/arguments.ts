/** The words and options of one call of the command line. */
import { parseArgs } from 'node:util';

/** A call that the command line does not understand; the message is for the person who typed it. */
export class Misused extends Error {}

const options = {
  site: { type: 'string' },
  account: { type: 'string' },
  project: { type: 'string' },
  name: { type: 'string' },
  scope: { type: 'string' },
  connection: { type: 'string' },
  side: { type: 'string' },
  key: { type: 'string' },
  version: { type: 'string' },
  revision: { type: 'string' },
  over: { type: 'string' },
  issues: { type: 'string' },
  with: { type: 'string' },
  'on-create': { type: 'string' },
  'on-update': { type: 'string' },
  on: { type: 'boolean', default: false },
  off: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  again: { type: 'boolean', default: false },
  errors: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  jql: { type: 'string' },
  file: { type: 'string' },
  field: { type: 'string' },
  'other-field': { type: 'string' },
  start: { type: 'string' },
  pick: { type: 'string' },
  value: { type: 'string' },
  code: { type: 'string' },
  where: { type: 'string' },
  ticket: { type: 'string' },
  authority: { type: 'string' },
  part: { type: 'string' },
  folder: { type: 'string' },
  set: { type: 'string' },
  into: { type: 'string' },
  switch: { type: 'boolean', default: false },
  by: { type: 'string' },
  basis: { type: 'string' },
  party: { type: 'string' },
  from: { type: 'string' },
  until: { type: 'string' },
  role: { type: 'string' },
  only: { type: 'string' },
  purpose: { type: 'string' },
  category: { type: 'string' },
  hours: { type: 'string' },
  days: { type: 'string' },
  after: { type: 'string' },
  head: { type: 'string' },
  hash: { type: 'string' },
  url: { type: 'string', default: 'http://127.0.0.1:8080' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type TextOption = {
  [N in keyof typeof options]: (typeof options)[N]['type'] extends 'string' ? N : never;
}[keyof typeof options];

/** What was typed: words in order, and options by name. */
export interface Arguments {
  readonly words: readonly string[];
  readonly options: Readonly<Partial<Record<TextOption, string>>> & { readonly url: string };
  readonly json: boolean;
  readonly help: boolean;
  readonly on: boolean;
  readonly off: boolean;
  readonly force: boolean;
  readonly again: boolean;
  readonly errors: boolean;
  readonly dryRun: boolean;
  readonly switch: boolean;
}

/** Reads the arguments. @throws Misused for an unknown option or one without its value */
export function readArguments(typed: readonly string[]): Arguments {
  try {
    const { positionals, values } = parseArgs({ args: [...typed], options, allowPositionals: true, strict: true });
    const { json, help, on, off, force, again, errors, 'dry-run': dryRun, switch: isSwitch, ...rest } = values;
    return { words: positionals, options: rest, json, help, on, off, force, again, errors, dryRun, switch: isSwitch };
  } catch (cause) {
    throw new Misused(cause instanceof Error ? cause.message : 'The arguments cannot be read.', { cause });
  }
}

/** The value of an option that the command needs. @throws Misused */
export function need(given: Arguments, option: TextOption): string {
  const value = given.options[option];
  if (value === undefined || value === '') throw new Misused(`This command needs --${option}.`);
  return value;
}
