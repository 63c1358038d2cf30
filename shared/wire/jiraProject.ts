/** What Jira says of a whole project and of queries. */
import { z } from 'zod';
import { Fault } from '../verdict.ts';
import { placeIn } from './place.ts';

const statusesOfTypes = z.array(
  z.object({ name: z.string(), subtask: z.boolean(), statuses: z.array(z.object({ name: z.string() })) }),
);

/** Reads the statuses of a project's workflows, by the name of the issue type. @throws Fault `jira-answer-odd` */
export function parseProjectStatuses(body: unknown): ReadonlyMap<string, readonly string[]> {
  const parsed = statusesOfTypes.safeParse(body);
  if (!parsed.success) throw odd('project statuses', parsed.error, statusesOfTypes);
  return new Map(parsed.data.map(({ name, statuses }) => [name, [...new Set(statuses.map((one) => one.name))]]));
}

const parsedQueries = z.object({ queries: z.array(z.object({ errors: z.array(z.string()).optional() })).min(1) });

/** Whether Jira takes all of the queries that it was asked about. @throws Fault `jira-answer-odd` */
export function parseQueries(body: unknown): boolean {
  const parsed = parsedQueries.safeParse(body);
  if (!parsed.success) throw odd('queries', parsed.error, parsedQueries);
  return parsed.data.queries.every(({ errors = [] }) => errors.length === 0);
}

function odd(what: string, error: z.ZodError, schema: z.ZodType): Fault {
  return new Fault('jira-answer-odd', { what, path: placeIn(error, schema) });
}
