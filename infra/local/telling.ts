/** Turns what the stand-in and the functions say into lines of the timeline: ids, codes and milliseconds. */
import { z } from 'zod';
import { jsonIn } from '../../shared/wire/json.ts';
import type { JiraEvent } from './jira/http/events.ts';
import type { NewEvent } from './timeline.ts';

/** What the sites tell. Reads are left out: they would bury the rest. */
export function heardFrom(event: JiraEvent): NewEvent | undefined {
  switch (event.kind) {
    case 'change':
      return {
        at: event.at,
        source: 'jira',
        where: event.site,
        what: event.event,
        facts: { issue: event.issueKey, by: event.by, write: true },
        tone: event.by === 'app' ? 'good' : 'plain',
      };
    case 'webhook':
      return {
        at: event.at,
        source: 'jira',
        where: event.site,
        what: `webhook ${event.outcome}`,
        ms: event.ms,
        facts: {
          event: event.event,
          attempt: event.attempt,
          ...(event.status === undefined ? {} : { status: event.status }),
        },
        tone: event.outcome === 'delivered' ? 'plain' : 'warn',
      };
    case 'api':
      if (event.by !== 'app' || (event.method === 'GET' && event.status < 400)) return undefined;
      return {
        at: event.at,
        source: 'jira',
        where: event.site,
        what: event.operation,
        ms: event.ms,
        facts: { status: event.status, ...(event.issue === undefined ? {} : { issue: event.issue }) },
        tone: event.status >= 400 ? 'warn' : 'plain',
      };
    case 'lifecycle':
      return {
        at: event.at,
        source: 'jira',
        where: event.site,
        what: event.event,
        ms: event.ms,
        facts: { status: event.status, write: true },
        tone: event.status >= 200 && event.status < 300 ? 'good' : 'bad',
      };
  }
}

const fact = z.union([z.string(), z.number(), z.boolean()]);
const line = z.looseObject({
  kind: z.enum(['work', 'note', 'fault']),
  name: z.string(),
  code: z.string().optional(),
  facts: z.record(z.string(), fact).default({}),
});

/** Work that comes with every tick and every look; the timeline would hold nothing else. */
const NOISE = new Set(['wake', 'nothing-to-do']);

/** One log line of a function; nothing for lines that are not ours or say nothing new. */
export function heardFromLog(text: string, where: string, at: number): NewEvent | undefined {
  const parsed = line.safeParse(jsonIn(text));
  if (!parsed.success) return undefined;
  const { kind, name, code, facts } = parsed.data;
  const { ms, ...others } = facts;
  if (NOISE.has(String(others['kind'])) && kind === 'work') return undefined;
  return {
    at,
    source: 'function',
    where,
    what: kind === 'note' ? name : (code ?? name),
    ...(typeof ms === 'number' ? { ms } : {}),
    facts: others,
    tone: kind === 'fault' ? 'bad' : 'plain',
  };
}
