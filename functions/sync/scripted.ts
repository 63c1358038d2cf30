import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import { kindOf } from '../../shared/model/field.ts';
import type { SyncInput } from '../../shared/model/plan.ts';
import type { JiraIssue, Replica } from '../../shared/model/replica.ts';
import type { ScriptEntry, ScriptIssue } from '../../shared/model/script.ts';
import { lanesOf, sendsLane } from '../../shared/sync/lanes.ts';
import { outgoing } from '../../shared/sync/outgoing.ts';
import { Fault } from '../../shared/verdict.ts';
import { fieldValue, isOfKind } from '../../shared/wire/stored.ts';
import type { Sync } from './context.ts';
import type { Hold } from './take.ts';

/**
 * What leaves each side by scripts: the sender's `outgoing` over what its rules let leave, then the receiver's `incoming`. Only fields
 * that a row sends come through, each with a value of its kind: a script narrows and changes, it never widens the allow-list.
 * Nothing when no document has a script.
 * @throws Fault `script-…`: the pair is parked with the code; the other pairs go on
 */
export async function scriptedOf(sync: Sync, hold: Hold, input: SyncInput): Promise<SyncInput['scripted']> {
  const { a, b } = input.rules;
  if (a.script === undefined && b.script === undefined) return undefined;
  const [fromA, fromB] = [await leavingBy(sync, hold, input, 'a'), await leavingBy(sync, hold, input, 'b')];
  return { ...(fromA === undefined ? {} : { a: fromA }), ...(fromB === undefined ? {} : { b: fromB }) };
}

async function leavingBy(sync: Sync, hold: Hold, input: SyncInput, from: Side): Promise<Replica | undefined> {
  const { issue } = input[from];
  if (typeof issue === 'string') return undefined;
  const to = otherSide(from);
  const there = input[to].issue;
  let replica: unknown = outgoing(issue, input.rules[from]);
  replica = await ranOn(sync, hold, input, from, { entry: 'outgoing', replica, issue: seen(issue) });
  const arrives = { entry: 'incoming', replica, issue: typeof there === 'string' ? null : seen(there) } as const;
  replica = await ranOn(sync, hold, input, to, { ...arrives, previous: input.base?.[to] ?? null });
  return allowed(input, from, replica);
}

interface Run {
  readonly entry: ScriptEntry;
  readonly replica: unknown;
  readonly issue: unknown;
  readonly previous?: unknown;
}

/** The replica after one document's script; as it was when the document has none. A script that sends nothing leaves no field. */
async function ranOn(sync: Sync, hold: Hold, input: SyncInput, side: Side, run: Run): Promise<unknown> {
  const source = input.rules[side].script;
  if (source === undefined) return run.replica;
  if (sync.script === undefined) throw new Fault('script-busy');
  const ending = await sync.script.run({ tenant: hold.connection[side].tenant, source, ...run });
  if (ending.code === 'done') return ending.value;
  if (ending.code === 'script-skipped') return {};
  const at = ending.at !== undefined ? { line: ending.at.line, column: ending.at.column } : {};
  throw new Fault(ending.code, { side, ...at });
}

function seen({ id, key, projectKey, isSubtask, fields }: JiraIssue): ScriptIssue {
  return { id, key, projectKey, isSubtask, fields };
}

/** What of a script's value may leave. @throws Fault `script-output-odd` for a value that its field cannot have */
function allowed(input: SyncInput, from: Side, value: unknown): Replica {
  if (typeof value !== 'object' || value === null) throw new Fault('script-output-odd', { side: from });
  const given = new Map(Object.entries(value));
  const replica: Record<string, unknown> = {};
  for (const lane of lanesOf(input.rules)) {
    const field = lane[otherSide(from)];
    const isSent = sendsLane(input.rules, from, lane) || sendsLane(input.rules, from, lane, 'create');
    if (!isSent || !given.has(field)) continue;
    const parsed = fieldValue.safeParse(given.get(field));
    if (!parsed.success || !isOfKind(parsed.data, kindOf(field))) throw new Fault('script-output-odd', { side: from });
    replica[field] = parsed.data;
  }
  return replica as Replica;
}
