/** What the sandbox's worker says. It is ours, and it stands on the other side of a fence: it is read like any outside value. */
import { z } from 'zod';
import { scriptReasons } from '../model/script.ts';

const place = { line: z.number().int().min(1), column: z.number().int().min(1) };

const refusal = z.enum([
  'script-syntax',
  'script-error',
  'script-timeout',
  'script-memory',
  'script-output-odd',
  'script-output-large',
]);

const outcome = z.union([
  z.object({ code: z.literal('done'), json: z.string() }),
  z.object({ code: z.literal('script-skipped') }),
  z.object({
    code: refusal,
    at: z.object(place).exactOptional(),
    reason: z.enum(scriptReasons).exactOptional(),
  }),
]);

const problem = z.object({
  code: z.enum([
    'script-syntax',
    'script-too-large',
    'script-name-unknown',
    'script-field-unknown',
    'script-entry-missing',
    'script-entry-unknown',
    'script-entry-odd',
  ]),
  ...place,
  name: z.string().exactOptional(),
});

/** Processor time of the worker's thread since it began, in milliseconds. */
const totalMs = z.number().min(0);
/** True: the instance broke down, and the worker is not used again. */
const isSpent = z.boolean();

/** A worker's message to its pool. */
export const workerAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), totalMs }),
  z.object({ kind: z.literal('ran'), outcome, cpuMs: z.number().min(0), totalMs, isSpent }),
  z.object({ kind: z.literal('checked'), found: z.union([z.array(problem).readonly(), outcome]), totalMs, isSpent }),
]);

export type WorkerAnswer = z.infer<typeof workerAnswer>;

/** How a run ended inside the worker. */
export type Outcome = z.infer<typeof outcome>;
